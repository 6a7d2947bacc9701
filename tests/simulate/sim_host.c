#define _GNU_SOURCE
/*
 * Stands in for the parent of a host: gives each role its channels and starts
 * it.  A role's start runs on a stack of its own, which stays, as the role's
 * structures refer to it; its callbacks run on the simulator's.
 */
#include "simulate/sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "center/center.h"
#include "center/center_query.h"
#include "center/listener/center_listener.h"
#include "gateway/gateway.h"
#include "gateway/gateway_listener.h"
#include "management/management.h"
#include "management/management_listener.h"
#include "role/courier/courier.h"
#include "role/env.h"
#include "role/parent/no_printer.h"
#include "role/role.h"
#include "service/config.h"
#include "simulate/bugs.h"
#include "simulate/world.h"
#include "sys/process.h"

enum { WORDS_MAX = ROLE_COUNT + 4, WORD_SIZE = 32, CONFIG_FD = 899 };

struct starting {
	struct sim_host *host;
	struct bytes config;
	int fds[ROLE_COUNT][ROLE_COUNT]; /* [i][j]: i's end; -1: none */
};

/* What starts; read by the function that runs on the new stack. */
static struct {
	struct sim_role *role;
	char words[WORDS_MAX][WORD_SIZE];
	size_t word_count;
} now;

static role_fn
start_of(const struct sim_host *host, enum role role)
{
	static const role_fn tiers[3][3] = {
		{ management_listener_start, management_spooler_start,
		    management_query_start },
		{ center_listener_start, center_spooler_start,
		    center_query_start },
		{ gateway_listener_start, gateway_spooler_start,
		    gateway_query_start },
	};
	int tier = host->index == SIM_MANAGEMENT ? 0
	    : host->index < SIM_GATEWAY          ? 1
						 : 2;

	switch (role) {
	case ROLE_LISTENER:
		return tiers[tier][0];
	case ROLE_SPOOLER:
		return tiers[tier][1];
	case ROLE_QUERY:
		return tiers[tier][2];
	case ROLE_KEEPER:
		return keeper_start;
	case ROLE_VERIFIER:
		return verifier_start;
	case ROLE_COURIER:
		return courier_start;
	case ROLE_READER:
		return reader_start;
	case ROLE_PRINTER: /* nothing is drawn here */
		return no_printer_start;
	case ROLE_PARENT:
	case ROLE_COUNT:
		break;
	}
	abort();
}

static void
put_word(const char *name, int fd)
{
	if (fd >= 0)
		snprintf(now.words[now.word_count++], WORD_SIZE, "%s=%d", name,
		    fd);
}

/* On the new stack: comes back only when the role could not start. */
static void
live(void)
{
	struct sim_role *role = now.role;
	char *words[WORDS_MAX + 1] = { 0 };
	struct role_env *env = calloc(1, sizeof(*env));
	struct error err = { 0 };

	for (size_t i = 0; i < now.word_count; i++)
		words[i] = now.words[i];
	if (env == NULL)
		abort();
	role->env = env;
	if (role_env_open(role->role, words, env, &err) == 0)
		(void)start_of(role->host, role->role)(env, &err);
	sim_note("%s %s did not start: %s", role->host->name,
	    role_name(role->role), err.text);
	sim_host_die(role->host, false);
}

static void
start_role(struct starting *starting, enum role number)
{
	struct sim_host *host = starting->host;
	struct sim_role *role = &host->roles[number];
	struct error err = { 0 };
	int config_fd = -1;

	if (process_seal(starting->config.data, starting->config.len,
		&config_fd, &err) < 0 ||
	    dup2(config_fd, CONFIG_FD) < 0)
		abort();
	close(config_fd);
	now.role = role;
	now.word_count = 0;
	put_word("config", CONFIG_FD);
	for (int i = 0; i < ROLE_COUNT; i++)
		put_word(role_name((enum role)i), starting->fds[number][i]);
	if (number == ROLE_LISTENER) {
		if (host->index < SIM_GATEWAY)
			put_word("hosts", sim_http_door(host, false));
		put_word("control", sim_http_door(host, true));
	}
	if (role->stack == NULL)
		role->stack = mmap(NULL, SIM_STACK, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
	if (role->stack == MAP_FAILED || getcontext(&role->context) < 0)
		abort();
	role->context.uc_stack.ss_sp = role->stack;
	role->context.uc_stack.ss_size = SIM_STACK;
	role->context.uc_link = NULL;
	makecontext(&role->context, live, 0);
	role->is_running = true;
	sim.role = role;
	sim_role_enter(role);
	sim.role = NULL;
	role->free_at = sim.now + role->spent;
	role->spent = 0;
}

static bool
is_needed(const struct sim_host *host, int role)
{
	int64_t kind = host->index == SIM_MANAGEMENT ? CONFIG_MANAGEMENT
	    : host->index < SIM_GATEWAY              ? CONFIG_CENTER
						     : CONFIG_GATEWAY;

	return role_is_needed((enum role)role, kind);
}

static void
make_channels(struct starting *starting)
{
	memset(starting->fds, -1, sizeof(starting->fds));
	for (int i = 0; i < ROLE_COUNT; i++) {
		for (int j = 0; j < i; j++) {
			int pair[2];

			if (!is_needed(starting->host, i) ||
			    !is_needed(starting->host, j) ||
			    !role_talks_to((enum role)i, (enum role)j))
				continue;
			sim_ipc_pair(pair);
			starting->fds[i][j] = pair[0];
			starting->fds[j][i] = pair[1];
		}
	}
}

void
sim_host_start(struct sim_host *host)
{
	struct starting starting = { .host = host };

	if (host->is_up)
		return;
	sim_note("%s starts", host->name);
	host->is_up = true;
	host->wants_restart = false;
	host->started_at = sim.now;
	bug_at_start(host);
	world_config(host->index, &starting.config);
	make_channels(&starting);
	for (int i = 1; i < ROLE_COUNT && host->is_up; i++) {
		host->roles[i].host = host;
		host->roles[i].role = (enum role)i;
		if (is_needed(host, i))
			start_role(&starting, (enum role)i);
	}
	/* Nobody plays the parent. */
	sim_ipc_forget(host);
	bytes_free(&starting.config);
}
