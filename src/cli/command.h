/*
 * What a subcommand is.  Each lives in a file of its own; src/main.c has the
 * table of all.
 */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

struct cli;
struct error;

struct command_option {
	const char *name;  /* "config" is --config; NULL ends a table */
	char letter;       /* 'c' is -c; 0 for none */
	const char *value; /* "FILE" in the help; NULL: takes no value */
	const char *help;
};

struct command {
	const char *name; /* one word or two: "explain", "config show" */
	const char *summary;
	const char *summary_zh;
	const char *arguments; /* "[ID]" in the help; "" takes none */
	int arguments_max;     /* -1: any number */
	const char *examples;  /* lines, shown first by --help */
	const struct command_option *options; /* NULL: only the common ones */

	/*
	 * 0 or -1 with `err` filled in, which is then shown and decides the
	 * exit status.  Data goes to standard output, talk to standard error.
	 */
	int (*run)(struct cli *cli, struct error *err);
};

#endif
