/*
 * What a role finds when it starts: its configuration, its loop, its log, the
 * channels to the roles that it talks to, and listening sockets.  The parent
 * hands them over as descriptors.
 *
 * A role's life: role_env_open(); open what it needs (keys, folders); then
 * role_env_run(), which closes the sandbox, tells the parent that the role is
 * ready, and runs the loop until the parent says stop.
 */
#ifndef ROLE_ENV_H
#define ROLE_ENV_H

#include <stdbool.h>

#include "base/attr.h"
#include "service/log.h"
#include "service/roles.h"

struct config;
struct error;
struct loop;
struct peer;
struct peer_handler;

struct role_env {
	enum role role;
	struct config *config;
	struct loop *loop;
	struct log log;
	struct peer *parent;
	int peer_fds[ROLE_COUNT]; /* -1: no such channel, or taken */
	int hosts_fd;             /* listening sockets, -1 for none */
	int people_fd;
	int operators_fd;
	int control_fd;
	void (*on_drain)(void *ctx); /* ends with role_env_drained(); or NULL */
	void *ctx;
};

/*
 * `words` are what the parent put behind `yizhan role NAME`: "config=3",
 * "parent=4", "spooler=5", "hosts=7" ...
 */
int role_env_open(enum role role, char *const *words, struct role_env *env,
    struct error *err) MUST_CHECK;

/*
 * Talk to another role.  When it goes, this one ends too, and the parent
 * starts them all again.  `*ret_peer` stays NULL, with success, when this host
 * has no such role.
 */
int role_env_peer(struct role_env *env, enum role role,
    const struct peer_handler *handlers, void *ctx, struct peer **ret_peer,
    struct error *err) MUST_CHECK;

/* Returns 0 after a stop, -1 when the role cannot go on. */
int role_env_run(struct role_env *env, struct error *err) MUST_CHECK;

/* Tell the parent that what it wanted finished is. */
void role_env_drained(struct role_env *env);

/* The time of day, with the offset that a test configured. */
int64_t role_env_now(const struct role_env *env);

#endif
