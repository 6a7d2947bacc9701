/*
 * Where each role begins.  A start function opens what the role needs, calls
 * role_env_run(), and returns 0 after a stop.
 *
 * The roles that are the same on every host are here.  What a listener, a
 * spooler and a query answer depends on the host's kind, so those begin in
 * center/, gateway/ and management/; cli/serve.c has the whole table.
 */
#ifndef ROLE_ROLE_H
#define ROLE_ROLE_H

#include "service/roles.h"

struct error;
struct role_env;

typedef int (*role_fn)(struct role_env *env, struct error *err);

int keeper_start(struct role_env *env, struct error *err);
int verifier_start(struct role_env *env, struct error *err);
int courier_start(struct role_env *env, struct error *err);
int reader_start(struct role_env *env, struct error *err);

/*
 * The command `yizhan role NAME WORDS`, for the parent alone.  `starts` has a
 * function for every role but the parent.  Returns an exit code.
 */
int role_command(int argc, char **argv, const role_fn starts[ROLE_COUNT]);

#endif
