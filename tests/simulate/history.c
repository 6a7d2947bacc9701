#include "simulate/history.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/bytes.h"
#include "simulate/bugs.h"
#include "simulate/check.h"
#include "simulate/clerk.h"
#include "simulate/faults.h"
#include "simulate/letters.h"
#include "simulate/sim.h"
#include "simulate/sim_crypto.h"
#include "simulate/sim_disk.h"
#include "simulate/world.h"

enum {
	PREPARE_S = 20,
	CALM_MAX_S = 25 * 60,
	BUSY_MAX = 13 * 1000, /* events in a second */
	LONG_IN = 31,         /* odd: what bugs.c does goes by 4 and 8 */
};

static const struct shape {
	size_t letters;
	int faults_s;
	int look_s; /* between one look at everything and the next */
	int pace;   /* of the faults */
} short_shape = { 6, 20, 3, 3 }, long_shape = { 10, 180, 15, 1 };

static bool is_published;

static void
on_published(void *ctx, int status, const char *body, size_t len)
{
	(void)ctx;
	(void)len;
	if (status != 200) {
		fprintf(stderr, "simulate: bulletins: %d %s\n", status, body);
		exit(2);
	}
	is_published = true;
}

static void
publish(void *arg)
{
	struct bytes body = { 0 };
	struct clerk_request request = { .host = SIM_MANAGEMENT,
		.method = "POST",
		.target = "/v1/bulletins",
		.type = "application/vnd.yizhan.bundle",
		.body = &body };

	(void)arg;
	world_first_bulletins(&body);
	clerk_ask(&request, on_published, NULL);
	bytes_free(&body);
}

void
history_prepare(void)
{
	sim.folder = "/proc/self/cwd";
	sim.is_calm = true;
	sim_vfs_register();
	sim_crypto_start();
	world_make();
	for (int i = 0; i < SIM_HOSTS; i++)
		sim_host_start(&sim.hosts[i]);
	sim_at(SIM_S, &sim.clerks, publish, NULL);
	sim_run(PREPARE_S * (int64_t)SIM_S);
	if (!is_published || sim.has_failed) {
		fprintf(stderr, "simulate: the network did not start: %s\n",
		    sim.why);
		exit(2);
	}
	check_directory_made(world.directory_serial, 0);
	/* Once for all histories: what a look opens and compiles is kept. */
	check_now(false);
}

/* Run for a while, looking at everything now and then. */
static bool
watch(const struct shape *shape, int span_s, bool until_ended)
{
	int64_t end = sim.now + span_s * (int64_t)SIM_S;

	while (sim.now < end) {
		int64_t next = sim.now + shape->look_s * (int64_t)SIM_S;

		uint64_t before = sim.events;

		if (!sim_run(next < end ? next : end))
			return false;
		if (sim.events - before > BUSY_MAX * (uint64_t)shape->look_s)
			sim_broken("I11", "%llu events in %d s: someone spins",
			    (unsigned long long)(sim.events - before),
			    shape->look_s);
		check_now(until_ended);
		if (sim.has_failed)
			return false;
		if (until_ended && check_has_ended())
			return true;
	}
	return true;
}

bool
history_is_long(const struct history_options *options)
{
	if (options->length == HISTORY_BY_SEED)
		return options->seed % LONG_IN == 0;
	return options->length == HISTORY_LONG;
}

bool
history_run(const struct history_options *options)
{
	const struct shape *shape =
	    history_is_long(options) ? &long_shape : &short_shape;
	int64_t faults_us = shape->faults_s * (int64_t)SIM_S;

	sim.seed = options->seed;
	sim.random = options->seed * 0xd1342543de82ef95U + 1;
	sim.hash = options->seed;
	sim.events_max = options->steps;
	sim.is_calm = false;
	sim_disk_lies = bug == BUG_LYING_SYNC;
	letters_plan(options->letters > 0 ? options->letters : shape->letters,
	    faults_us * 8 / 10);
	faults_begin(sim.now + faults_us, shape->pace);
	if (!watch(shape, shape->faults_s, false))
		return false;
	check_note_heal();
	faults_heal();
	if (!watch(shape, CALM_MAX_S, true))
		return false;
	check_now(true);
	check_end();
	return !sim.has_failed;
}
