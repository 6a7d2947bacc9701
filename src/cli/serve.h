/*
 * `yizhan serve`: run a host; and the roles that it starts for itself.
 */
#ifndef CLI_SERVE_H
#define CLI_SERVE_H

#include "cli/command.h"

extern const struct command serve_command;

/* `yizhan role NAME ...`, which only the parent uses.  Returns an exit code. */
int serve_role(int argc, char **argv);

#endif
