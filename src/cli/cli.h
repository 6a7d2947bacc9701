/*
 * The command line: finding the subcommand, its options, help, and showing
 * failures in three lines (what, why, what next) with the exit status of the
 * message catalogue.
 *
 * Options that every command has: --help, --json, -q, -v.  Language follows
 * LC_ALL, LC_MESSAGES and LANG: Chinese when it begins with zh, else English.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "cli/command.h"

struct bytes;

enum { CLI_OPTIONS_MAX = 24 };

/* What a running command knows. */
struct cli {
	const struct command *const *commands; /* all, ends with NULL */
	const struct command *command;
	char **arguments; /* without the options */
	int argument_count;
	const char *values[CLI_OPTIONS_MAX]; /* by the option's index */
	const char *program;                 /* argv[0], to run it again */
	bool json;     /* --json: one JSON value on standard output */
	int verbosity; /* -1 for -q, 0, 1 or more for -v */
	bool is_chinese;
	bool has_color;  /* of standard output; never with NO_COLOR */
	int exit_status; /* of a run() that returned 0 */
};

/* Run argv's command of the table; returns the exit status. */
int cli_main(const struct command *const *commands, int argc, char **argv);

/* The value of --`name`, NULL if it was not given; "" for one without value. */
const char *cli_value(const struct cli *cli, const char *name);
bool cli_has(const struct cli *cli, const char *name);

/* The argument at `index`, or NULL. */
const char *cli_argument(const struct cli *cli, int index);

/* E1203: the arguments are wrong, for the reason that the text gives. */
int cli_refuse(struct error *err, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* One of two texts, by language. */
const char *cli_text(const struct cli *cli, const char *chinese,
    const char *english);

/*
 * Append text that others wrote, for a terminal: without what could steer it,
 * quotes and backslashes as they are.
 */
void cli_put(struct bytes *to, const char *text);

/* Write to standard output; failures are found at the end, by cli_main(). */
void cli_print(const struct bytes *text);

/* Talk to the user on standard error, unless -q was given. */
void cli_say(const struct cli *cli, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* The three lines of a failure, also as a JSON object; for a terminal. */
void cli_format_error(const struct cli *cli, const struct error *err,
    struct bytes *to);

#endif
