#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "cli/cli_parse.h"

static int
run(struct cli *cli, struct error *err)
{
	(void)cli;
	(void)err;
	return 0;
}

static const struct command_option options[] = {
	{ "config", 'c', "FILE", "the file" },
	{ "effective", 'e', NULL, "all" },
	{ NULL, 0, NULL, NULL },
};

static const struct command show = {
	.name = "config show",
	.arguments = "",
	.options = options,
	.run = run,
};
static const struct command check = {
	.name = "config check",
	.arguments = "",
	.run = run,
};
static const struct command explain = {
	.name = "explain",
	.arguments = "[ID]",
	.arguments_max = 1,
	.run = run,
};
static const struct command demo = {
	.name = "demo",
	.arguments = "...",
	.arguments_max = -1,
	.options = options,
	.run = run,
};
static const struct command *const commands[] = { &show, &check, &explain,
	&demo, NULL };

/* The words of `line`, which are kept until the next call. */
static int
parse(const char *line, struct cli *cli, struct cli_parse *ret_parse,
    struct error *err)
{
	static char text[256];
	static char *words[32];
	int count = 0;
	char *rest = text;
	char *word;

	assert_true(strlen(line) < sizeof(text));
	memcpy(text, line, strlen(line) + 1);
	while ((word = strtok_r(rest, " ", &rest)) != NULL)
		words[count++] = word;
	*cli = (struct cli){ .commands = commands };
	*err = (struct error){ 0 };
	return cli_parse(cli, count, words, ret_parse, err);
}

static void
refused(const char *line, const char *id, const char *why)
{
	struct cli cli;
	struct cli_parse ret;
	struct error err;

	assert_int_equal(parse(line, &cli, &ret, &err), -1);
	assert_string_equal(error_message_id(&err), id);
	if (strstr(err.text, why) == NULL)
		fail_msg("\"%s\" lacks \"%s\"", err.text, why);
}

static void
options_may_stand_anywhere(void **state)
{
	static const char *const lines[] = {
		"yizhan demo a b -c x.conf -e",
		"yizhan demo --config=x.conf a --effective b",
		"yizhan --json -v demo -cx.conf a -e -- b",
		"yizhan demo a --config x.conf -e b -v",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct cli cli;
		struct cli_parse ret;
		struct error err;

		assert_int_equal(parse(lines[i], &cli, &ret, &err), 0);
		assert_ptr_equal(cli.command, &demo);
		assert_int_equal(cli.argument_count, 2);
		assert_string_equal(cli_argument(&cli, 0), "a");
		assert_string_equal(cli_argument(&cli, 1), "b");
		assert_null(cli_argument(&cli, 2));
		assert_string_equal(cli_value(&cli, "config"), "x.conf");
		assert_true(cli_has(&cli, "effective"));
		assert_false(ret.wants_help);
	}
}

static void
after_two_dashes_nothing_is_an_option(void **state)
{
	struct cli cli;
	struct cli_parse ret;
	struct error err;

	(void)state;
	assert_int_equal(parse("yizhan demo -- -c --what", &cli, &ret, &err),
	    0);
	assert_int_equal(cli.argument_count, 2);
	assert_string_equal(cli.arguments[0], "-c");
	assert_string_equal(cli.arguments[1], "--what");
	assert_false(cli_has(&cli, "config"));
}

static void
a_command_may_have_two_words(void **state)
{
	struct cli cli;
	struct cli_parse ret;
	struct error err;

	(void)state;
	assert_int_equal(parse("yizhan config check -q", &cli, &ret, &err), 0);
	assert_ptr_equal(cli.command, &check);
	assert_int_equal(cli.verbosity, -1);
}

static void
what_does_not_exist_is_refused_with_a_suggestion(void **state)
{
	(void)state;
	refused("yizhan exlpain", "E1201", "did you mean \"explain\"");
	refused("yizhan config shwo", "E1201", "did you mean \"config show\"");
	refused("yizhan config", "E1201", "needs a second word");
	refused("yizhan qqqqq", "E1201", "no command \"qqqqq\"");
	refused("yizhan config show --efective", "E1202",
	    "did you mean --effective");
	refused("yizhan explain --config x", "E1202", "--config");
	refused("yizhan -x explain", "E1202", "no option -x");
}

static void
wrong_arguments_are_refused(void **state)
{
	(void)state;
	refused("yizhan explain a b", "E1203", "at most 1");
	refused("yizhan config check a", "E1203", "takes no arguments");
	refused("yizhan demo --config", "E1203", "--config needs FILE");
	refused("yizhan demo --effective=1", "E1203", "takes no value");
	refused("yizhan clerk", "E1201", "no command");
	refused("yizhan demo --json=1", "E1203", "takes no value");
}

static void
help_is_found_in_every_way(void **state)
{
	static const struct {
		const char *line;
		const struct command *command;
		const char *group;
	} cases[] = {
		{ "yizhan", NULL, NULL },
		{ "yizhan help", NULL, NULL },
		{ "yizhan --help", NULL, NULL },
		{ "yizhan help explain", &explain, NULL },
		{ "yizhan explain --help", &explain, NULL },
		{ "yizhan explain a b c -h", &explain, NULL },
		{ "yizhan help config show", &show, NULL },
		{ "yizhan help config", NULL, "config" },
		{ "yizhan help clerk", NULL, "clerk" },
		{ "yizhan --json help operator", NULL, "operator" },
		{ "yizhan config --help", NULL, "config" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct cli cli;
		struct cli_parse ret;
		struct error err;

		assert_int_equal(parse(cases[i].line, &cli, &ret, &err), 0);
		assert_true(ret.wants_help);
		assert_ptr_equal(cli.command, cases[i].command);
		if (cases[i].group == NULL)
			assert_null(ret.group);
		else
			assert_string_equal(ret.group, cases[i].group);
	}
}

static void
the_version_is_asked_for_without_a_command(void **state)
{
	struct cli cli;
	struct cli_parse ret;
	struct error err;

	(void)state;
	assert_int_equal(parse("yizhan --version", &cli, &ret, &err), 0);
	assert_true(ret.wants_version);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_may_stand_anywhere),
		cmocka_unit_test(after_two_dashes_nothing_is_an_option),
		cmocka_unit_test(a_command_may_have_two_words),
		cmocka_unit_test(
		    what_does_not_exist_is_refused_with_a_suggestion),
		cmocka_unit_test(wrong_arguments_are_refused),
		cmocka_unit_test(help_is_found_in_every_way),
		cmocka_unit_test(the_version_is_asked_for_without_a_command),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
