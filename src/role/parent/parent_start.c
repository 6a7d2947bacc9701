#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "role/parent/parent_internal.h"
#include "role/peer.h"
#include "service/config.h"
#include "sys/loop.h"
#include "sys/process.h"

enum { WORDS_MAX = ROLE_COUNT + 8 };

/* The descriptors of a role and what they are called on its command line. */
struct hand_over {
	int fds[WORDS_MAX];
	char words[WORDS_MAX][32];
	size_t count;
};

static void
hand(struct hand_over *to, const char *name, int fd)
{
	if (fd < 0)
		return;
	to->fds[to->count] = fd;
	snprintf(to->words[to->count], sizeof(to->words[0]), "%s=%zu", name,
	    to->count + 3);
	to->count++;
}

/* A socket pair for every two roles that talk; [i][j] is i's end. */
static int
make_channels(struct parent *parent, int fds[ROLE_COUNT][ROLE_COUNT],
    struct error *err)
{
	int64_t kinds = parent->config->host.kinds;

	for (int i = 0; i < ROLE_COUNT; i++) {
		for (int j = 0; j < i; j++) {
			int pair[2];

			if (!role_is_needed((enum role)i, kinds) ||
			    !role_is_needed((enum role)j, kinds) ||
			    !role_talks_to((enum role)i, (enum role)j))
				continue;
			if (process_socketpair(pair, err) < 0)
				return -1;
			fds[i][j] = pair[0];
			fds[j][i] = pair[1];
		}
	}
	return 0;
}

static int
start_child(struct parent *parent, enum role role, const int fds[ROLE_COUNT],
    struct error *err)
{
	struct hand_over over = { 0 };
	char program[] = "yizhan";
	char command[] = "role";
	char name[32];
	char *argv[WORDS_MAX + 4] = { program, command, name };

	snprintf(name, sizeof(name), "%s", role_name(role));
	hand(&over, "config", parent->config_fd);
	for (int i = 0; i < ROLE_COUNT; i++)
		hand(&over, role_name((enum role)i), fds[i]);
	if (role == ROLE_LISTENER) {
		hand(&over, "hosts", parent->sockets.hosts_fd);
		hand(&over, "people", parent->sockets.people_fd);
		hand(&over, "operators", parent->sockets.operators_fd);
		hand(&over, "control", parent->sockets.control_fd);
	}
	for (size_t i = 0; i < over.count; i++)
		argv[i + 3] = over.words[i];
	return process_spawn(argv, over.fds, over.count,
	    &parent->children[role].pid, err);
}

/* SIGCHLD tells the same, and knows why. */
static void
on_gone(void *ctx)
{
	(void)ctx;
}

int
parent_start_roles(struct parent *parent, const struct peer_handler *handlers,
    struct error *err)
{
	int fds[ROLE_COUNT][ROLE_COUNT];
	int rc = -1;

	memset(fds, -1, sizeof(fds));
	parent->started_at = loop_now_ms(parent->loop);
	if (make_channels(parent, fds, err) < 0)
		goto done;
	for (int i = 1; i < ROLE_COUNT; i++) {
		struct child *child = &parent->children[i];
		int mine = fds[ROLE_PARENT][i];

		if (!role_is_needed((enum role)i, parent->config->host.kinds))
			continue;
		fds[ROLE_PARENT][i] = -1;
		child->is_ready = false;
		if (peer_open(parent->loop, mine, role_name((enum role)i),
			handlers, child, on_gone, &parent->log, &child->peer,
			err) < 0 ||
		    start_child(parent, (enum role)i, fds[i], err) < 0)
			goto done;
	}
	rc = 0;
done:
	for (int i = 0; i < ROLE_COUNT; i++)
		for (int j = 0; j < ROLE_COUNT; j++)
			if (fds[i][j] >= 0)
				close(fds[i][j]);
	return rc;
}
