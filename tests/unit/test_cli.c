#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/error.h"
#include "cli/cli.h"
#include "cli/help.h"

static int
fail_busy(struct cli *cli, struct error *err)
{
	(void)cli;
	return error_set(err, ERROR_BUSY, "down");
}

static int
find_two(struct cli *cli, struct error *err)
{
	(void)err;
	cli->exit_status = 2;
	return 0;
}

static const struct command_option options[] = {
	{ "config", 'c', "FILE", "the file" },
	{ NULL, 0, NULL, NULL },
};

static const struct command busy = {
	.name = "busy",
	.summary = "always busy",
	.summary_zh = "忙碌",
	.arguments = "[ID]",
	.arguments_max = 1,
	.examples = "yizhan busy 1\n",
	.options = options,
	.run = fail_busy,
};
static const struct command doctor = {
	.name = "doctor",
	.summary = "well?",
	.summary_zh = "檢查",
	.arguments = "",
	.examples = "",
	.run = find_two,
};
static const struct command *const commands[] = { &busy, &doctor, NULL };

static const char *
formatted(const struct cli *cli, const struct error *err)
{
	static struct bytes text;

	bytes_clear(&text);
	cli_format_error(cli, err, &text);
	bytes_put_u8(&text, '\0');
	assert_false(text.failed);
	return (const char *)text.data;
}

static void
a_failure_says_what_why_and_what_next(void **state)
{
	struct cli cli = { .commands = commands };
	struct error err = { 0 };

	(void)state;
	error_set_id(&err, "E1204", ERROR_NOT_FOUND, "\"E9\"");

	assert_string_equal(formatted(&cli, &err),
	    "yizhan: E1204 No such message id: \"E9\"\n"
	    "  why:  The message catalogue has no entry of that id.\n"
	    "  next: yizhan explain lists all of them.\n");
	cli.is_chinese = true;
	assert_non_null(strstr(formatted(&cli, &err), "沒有這個訊息編號"));
	cli.json = true;
	assert_ptr_equal(strstr(formatted(&cli, &err),
			     "{\"error\":{\"id\":\"E1204\",\"title\":"),
	    formatted(&cli, &err));
}

static void
hostile_text_does_not_steer_the_terminal(void **state)
{
	struct cli cli = { .commands = commands };
	struct error err = { 0 };

	(void)state;
	error_set(&err, ERROR_MALFORMED, "name \"\033[2J\n\" is bad");

	assert_null(strchr(formatted(&cli, &err), '\033'));
	assert_non_null(
	    strstr(formatted(&cli, &err), "name \"\\x1b[2J\\x0a\" is bad\n"));
}

static void
the_exit_status_is_the_catalogues(void **state)
{
	char *argv[] = { (char[]){ "yizhan" }, (char[]){ "busy" }, NULL };

	(void)state;
	assert_int_equal(cli_main(commands, 2, argv), 75);
}

static void
a_command_may_choose_its_exit_status(void **state)
{
	char *argv[] = { (char[]){ "yizhan" }, (char[]){ "doctor" }, NULL };

	(void)state;
	assert_int_equal(cli_main(commands, 2, argv), 2);
}

static void
help_begins_with_examples(void **state)
{
	struct cli cli = { .commands = commands, .command = &busy };
	struct bytes help = { 0 };
	const char *text;

	(void)state;
	help_format(&cli, NULL, &help);
	bytes_put_u8(&help, '\0');
	text = (const char *)help.data;

	assert_true(strstr(text, "yizhan busy 1") < strstr(text, "Usage"));
	assert_non_null(strstr(text, "yizhan busy [OPTIONS] [ID]\n"));
	assert_non_null(strstr(text, "-c, --config FILE"));
	assert_non_null(strstr(text, "--json"));
	bytes_free(&help);
}

static void
overview(bool is_chinese, const char *group, struct bytes *to)
{
	struct cli cli = { .commands = commands, .is_chinese = is_chinese };

	help_format(&cli, group, to);
	bytes_put_u8(to, '\0');
}

static void
the_overview_goes_by_who_does_it(void **state)
{
	struct bytes english = { 0 };
	struct bytes chinese = { 0 };
	const char *text;

	(void)state;
	overview(false, NULL, &english);
	overview(true, NULL, &chinese);
	text = (const char *)english.data;
	assert_non_null(strstr(text, "\nClerks (yizhan help clerk)\n  doc "));
	assert_true(strstr(text, "\n  doctor ") >
	    strstr(text, "\nOperators (yizhan help operator)\n"));
	assert_non_null(strstr((const char *)chinese.data,
	    "\n收發人員 (yizhan help clerk)\n  doc          公文："));
	bytes_free(&english);
	bytes_free(&chinese);
}

static void
an_audience_has_its_commands_alone(void **state)
{
	struct bytes operator= { 0 };
	struct bytes clerk = { 0 };

	(void)state;
	overview(false, "operator", &operator);
	overview(false, "clerk", &clerk);
	assert_non_null(strstr((const char *)operator.data, "\n  doctor "));
	assert_null(strstr((const char *)clerk.data, "\n  doctor "));
	bytes_free(&operator);
	bytes_free(&clerk);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_failure_says_what_why_and_what_next),
		cmocka_unit_test(hostile_text_does_not_steer_the_terminal),
		cmocka_unit_test(the_exit_status_is_the_catalogues),
		cmocka_unit_test(a_command_may_choose_its_exit_status),
		cmocka_unit_test(help_begins_with_examples),
		cmocka_unit_test(the_overview_goes_by_who_does_it),
		cmocka_unit_test(an_audience_has_its_commands_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
