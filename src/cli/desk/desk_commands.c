/*
 * yizhan desk show and set: how an organisation receives letters; yizhan unit:
 * to which units they are assigned.
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/answer.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "json/json_write.h"

enum { TARGET_SIZE = 96 };

/* GET `path` of the organisation. */
static int
get(struct answer *answer, struct cli *cli, const char *path, struct error *err)
{
	char target[TARGET_SIZE];
	char code[ANSWER_CODE_SIZE];

	if (answer_open(answer, cli, err) < 0 ||
	    answer_organisation(answer, code, err) < 0)
		return -1;
	snprintf(target, sizeof(target), "%s?organisation=%s", path, code);
	return answer_get(answer, target, err);
}

/* ---- how letters are received -------------------------------------------- */

static void
put_desk(const struct cli *cli, const struct json_value *root, struct bytes *to)
{
	const char *times = answer_text(root, "receive_times");

	answer_put(root, "organisation", to);
	bytes_put_format(to, "\n  %s ",
	    cli_text(cli, "收文號格式：", "receive numbers:"));
	answer_put(root, "receive_number", to);
	bytes_put_format(to, "\n  %s ",
	    cli_text(cli, "收文時間：", "received:"));
	if (times[0] == '\0')
		bytes_put_text(to, cli_text(cli, "即時", "at once"));
	else
		answer_put(root, "receive_times", to);
	if (times[0] != '\0' && answer_is_true(root, "urgent_at_once"))
		bytes_put_text(to,
		    cli_text(cli, "（最速件即時）", " (urgent ones at once)"));
	bytes_put_format(to, "\n  %s %s\n",
	    cli_text(cli, "單位人員可見：", "persons of a unit see:"),
	    text_equal(answer_text(root, "unit_sees"), "all")
		? cli_text(cli, "全部公文", "all letters")
		: cli_text(cli, "分給該單位的公文", "those assigned to it"));
}

static int
run_desk_show(struct cli *cli, struct error *err)
{
	struct answer answer = { 0 };
	int rc = get(&answer, cli, "/v1/desk", err);

	if (rc == 0)
		rc = answer_say(&answer, put_desk, err);
	answer_close(&answer);
	return rc;
}

static void
write_option(struct cli *cli, const char *option, const char *key,
    struct json_writer *writer)
{
	if (cli_has(cli, option))
		json_write_text(writer, key, cli_value(cli, option));
}

static int
run_desk_set(struct cli *cli, struct error *err)
{
	const char *urgent = cli_value(cli, "urgent");
	struct answer answer = { 0 };
	struct bytes body = { 0 };
	struct json_writer writer = json_writer_to(&body);
	char code[ANSWER_CODE_SIZE];
	int rc = -1;

	if (urgent != NULL && !text_equal(urgent, "at-once") &&
	    !text_equal(urgent, "in-time"))
		return cli_refuse(err, "--urgent is at-once or in-time");
	if (answer_open(&answer, cli, err) == 0 &&
	    answer_organisation(&answer, code, err) == 0) {
		json_write_begin_object(&writer, NULL);
		json_write_text(&writer, "organisation", code);
		write_option(cli, "unit-sees", "unit_sees", &writer);
		write_option(cli, "number", "receive_number", &writer);
		write_option(cli, "times", "receive_times", &writer);
		if (urgent != NULL)
			json_write_bool(&writer, "urgent_at_once",
			    text_equal(urgent, "at-once"));
		json_write_end(&writer);
		rc = answer_post_body(&answer, "/v1/desk", &body, err);
	}
	if (rc == 0)
		rc = answer_say(&answer, put_desk, err);
	bytes_free(&body);
	answer_close(&answer);
	return rc;
}

/* ---- units --------------------------------------------------------------- */

static void
put_unit(const struct cli *cli, const struct json_value *unit, struct bytes *to)
{
	answer_put(unit, "code", to);
	bytes_put_text(to, "  ");
	answer_put(unit, "name", to);
	if (!answer_is_true(unit, "open"))
		bytes_put_text(to, cli_text(cli, "  已停用", "  closed"));
	if (text_equal(answer_text(unit, "source"), "directory"))
		bytes_put_text(to, cli_text(cli, "  通訊錄", "  directory"));
	bytes_put_text(to, "\n");
}

static void
put_units(const struct cli *cli, const struct json_value *root,
    struct bytes *to)
{
	const struct json_value *units = json_value_member(root, "units");
	const struct json_value *persons = json_value_member(root, "persons");

	for (size_t i = 0; i < json_value_count(units); i++)
		put_unit(cli, json_value_item(units, i), to);
	for (size_t i = 0; i < json_value_count(persons); i++) {
		const struct json_value *person = json_value_item(persons, i);
		const char *unit = answer_text(person, "unit");

		bytes_put_format(to, "  %" PRId64 "  ",
		    answer_integer(person, "id"));
		answer_put(person, "name", to);
		bytes_put_text(to, "  ");
		if (unit[0] == '\0')
			bytes_put_text(to,
			    cli_text(cli, "登記桌", "registry desk"));
		else
			answer_put(person, "unit", to);
		bytes_put_text(to, "\n");
	}
}

static int
run_unit_list(struct cli *cli, struct error *err)
{
	struct answer answer = { 0 };
	int rc = get(&answer, cli, "/v1/units", err);

	if (rc == 0)
		rc = answer_say(&answer, put_units, err);
	answer_close(&answer);
	return rc;
}

static int
run_unit_add(struct cli *cli, struct error *err)
{
	const char *code = cli_argument(cli, 0);
	const char *name = cli_argument(cli, 1);
	struct answer answer = { 0 };
	struct bytes body = { 0 };
	struct json_writer writer = json_writer_to(&body);
	char organisation[ANSWER_CODE_SIZE];
	int rc = -1;

	if (code == NULL || name == NULL)
		return cli_refuse(err, "CODE and NAME say which unit it is");
	if (answer_open(&answer, cli, err) == 0 &&
	    answer_organisation(&answer, organisation, err) == 0) {
		json_write_begin_object(&writer, NULL);
		json_write_text(&writer, "organisation", organisation);
		json_write_text(&writer, "code", code);
		json_write_text(&writer, "name", name);
		json_write_end(&writer);
		rc = answer_post_body(&answer, "/v1/units", &body, err);
	}
	if (rc == 0)
		rc = answer_say(&answer, put_unit, err);
	bytes_free(&body);
	answer_close(&answer);
	return rc;
}

static int
find_unit(const struct answer *answer, const char *code, int64_t *ret_id,
    struct error *err)
{
	const struct json_value *units =
	    json_value_member(answer_root(answer), "units");

	for (size_t i = 0; i < json_value_count(units); i++) {
		const struct json_value *unit = json_value_item(units, i);

		*ret_id = answer_integer(unit, "id");
		if (text_equal(answer_text(unit, "code"), code) && *ret_id != 0)
			return 0;
	}
	return error_set_id(err, "E6711", ERROR_MALFORMED,
	    "%.40s is no unit of the organisation's own list", code);
}

static int
act_on_unit(struct cli *cli, const char *verb, struct error *err)
{
	const char *code = cli_argument(cli, 0);
	struct answer answer = { 0 };
	char target[TARGET_SIZE];
	int64_t id = 0;
	int rc = -1;

	if (code == NULL)
		return cli_refuse(err, "which unit? See yizhan unit list");
	if (get(&answer, cli, "/v1/units", err) == 0 &&
	    find_unit(&answer, code, &id, err) == 0) {
		snprintf(target, sizeof(target), "/v1/units/%" PRId64 ":%s", id,
		    verb);
		rc = answer_post(&answer, target, "{}", err);
	}
	if (rc == 0)
		rc = answer_say(&answer, put_unit, err);
	answer_close(&answer);
	return rc;
}

static int
run_unit_close(struct cli *cli, struct error *err)
{
	return act_on_unit(cli, "close", err);
}

static int
run_unit_open(struct cli *cli, struct error *err)
{
	return act_on_unit(cli, "open", err);
}

static const struct command_option options[] = {
	{ "config", 'c', "FILE", "configuration of the gateway" },
	{ "organisation", 0, "CODE",
	    "of which organisation, where several are" },
	{ NULL, 0, NULL, NULL },
};

static const struct command_option set_options[] = {
	{ "config", 'c', "FILE", "configuration of the gateway" },
	{ "organisation", 0, "CODE",
	    "of which organisation, where several are" },
	{ "unit-sees", 0, "WHAT",
	    "what a person of a unit sees: all, assigned" },
	{ "number", 0, "FORM", "receive numbers, such as {year}{serial:7}" },
	{ "times", 0, "TIMES", "such as 09:00,13:30; \"\": at once" },
	{ "urgent", 0, "WHEN", "最速件 at-once or in-time" },
	{ NULL, 0, NULL, NULL },
};

const struct command desk_show_command = {
	.name = "desk show",
	.summary = "show how an organisation receives letters",
	.summary_zh = "顯示收文設定",
	.arguments = "",
	.examples = "yizhan desk show\n",
	.options = options,
	.run = run_desk_show,
};

const struct command desk_set_command = {
	.name = "desk set",
	.summary = "set how an organisation receives letters",
	.summary_zh = "設定收文方式",
	.arguments = "",
	.examples = "yizhan desk set --times 09:00,13:30\n"
		    "yizhan desk set --number '府收{year}{serial:6}'\n",
	.options = set_options,
	.run = run_desk_set,
};

const struct command unit_list_command = {
	.name = "unit list",
	.summary = "list units and persons to whom letters can be assigned",
	.summary_zh = "列出可分文的單位與人員",
	.arguments = "",
	.examples = "yizhan unit list\n",
	.options = options,
	.run = run_unit_list,
};

const struct command unit_add_command = {
	.name = "unit add",
	.summary = "add a unit to the organisation's own list",
	.summary_zh = "新增單位",
	.arguments = "CODE NAME",
	.arguments_max = 2,
	.examples = "yizhan unit add TAX 稅務科\n",
	.options = options,
	.run = run_unit_add,
};

const struct command unit_close_command = {
	.name = "unit close",
	.summary = "assign nothing to a unit any more",
	.summary_zh = "停用單位",
	.arguments = "CODE",
	.arguments_max = 1,
	.examples = "yizhan unit close TAX\n",
	.options = options,
	.run = run_unit_close,
};

const struct command unit_open_command = {
	.name = "unit open",
	.summary = "open a unit again",
	.summary_zh = "重新啟用單位",
	.arguments = "CODE",
	.arguments_max = 1,
	.examples = "yizhan unit open TAX\n",
	.options = options,
	.run = run_unit_open,
};
