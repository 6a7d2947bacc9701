/*
 * The program: a table of commands.
 */
#include "cli/cli.h"
#include "cli/commands.h"

static const struct command *const commands[] = {
	&config_check_command,
	&config_show_command,
	&explain_command,
	NULL,
};

int
main(int argc, char **argv)
{
	return cli_main(commands, argc, argv);
}
