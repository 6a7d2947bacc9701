/*
 * Words of the command line into a command, its options and its arguments.
 * Pure: nothing is printed, nothing is run.
 */
#ifndef CLI_CLI_PARSE_H
#define CLI_CLI_PARSE_H

#include <stdbool.h>

#include "base/attr.h"
#include "cli/cli.h"

struct cli_parse {
	bool wants_help; /* of cli->command; if that is NULL, of everything */
	bool wants_version;
	const char *group; /* ... or of the commands of a group, see help.h */
};

/* Options of every command. */
extern const struct command_option cli_common_options[];

/*
 * Fill in `cli`; its `arguments` point into `argv`, which is reordered.
 * Options may stand anywhere, "--" ends them.
 *
 * Fails with E1201 (no such command), E1202 (no such option), each with the
 * nearest one that exists, or E1203 (wrong arguments).
 */
int cli_parse(struct cli *cli, int argc, char **argv,
    struct cli_parse *ret_parse, struct error *err) MUST_CHECK;

#endif
