/*
 * yizhan hold add, list and lift: what an operator of a center holds back.
 */
#include "model/hold.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/answer.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "json/json_write.h"

enum { TARGET_SIZE = 64, SECONDS_MAX = 1 << 30 };

/* A state, an action, a scope or a direction in words. */
static const char *
word(const struct cli *cli, const char *name)
{
	static const struct {
		const char *name, *zh, *en;
	} words[] = {
		{ "active", "生效中", "in force" },
		{ "lifted", "已解除", "lifted" },
		{ "over", "已期滿", "over" },
		{ "add", "暫停", "held" },
		{ "renew", "延長", "renewed" },
		{ "lift", "解除", "lifted" },
		{ "organisation", "機關", "organisation" },
		{ "unit", "單位", "unit" },
		{ "host", "主機", "host" },
		{ "waybill", "運單", "waybill" },
		{ "sending", "發文", "sending" },
		{ "receiving", "收文", "receiving" },
		{ "both", "收發文", "sending and receiving" },
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (text_equal(words[i].name, name))
			return cli_text(cli, words[i].zh, words[i].en);
	return "";
}

static void
put_word(const struct cli *cli, const struct json_value *value, const char *key,
    struct bytes *to)
{
	bytes_put_text(to, word(cli, answer_text(value, key)));
}

/* What both a hold of the list and the answer to an addition say. */
static void
put_what(const struct cli *cli, const struct json_value *hold, struct bytes *to)
{
	put_word(cli, hold, "scope", to);
	bytes_put_u8(to, ' ');
	answer_put(hold, "name", to);
	bytes_put_text(to, "  ");
	put_word(cli, hold, "direction", to);
	bytes_put_text(to, cli_text(cli, "  至 ", "  until "));
	answer_put_time(hold, "until", to);
	bytes_put_u8(to, '\n');
}

static void
put_changes(const struct cli *cli, const struct json_value *changes,
    struct bytes *to)
{
	for (size_t i = 0; i < json_value_count(changes); i++) {
		const struct json_value *change = json_value_item(changes, i);

		bytes_put_text(to, "    ");
		answer_put_time(change, "time", to);
		bytes_put_text(to, "  ");
		put_word(cli, change, "action", to);
		bytes_put_text(to, "  ");
		answer_put(change, "by", to);
		bytes_put_text(to, "  ");
		answer_put(change, "reason", to);
		bytes_put_format(to, "  #%" PRId64 "\n",
		    answer_integer(change, "entry"));
	}
}

static void
put_list(const struct cli *cli, const struct json_value *root, struct bytes *to)
{
	const struct json_value *holds = json_value_member(root, "holds");

	for (size_t i = 0; i < json_value_count(holds); i++) {
		const struct json_value *hold = json_value_item(holds, i);

		bytes_put_format(to, "%" PRId64 "  ",
		    answer_integer(hold, "id"));
		put_word(cli, hold, "state", to);
		bytes_put_text(to, "  ");
		put_what(cli, hold, to);
		put_changes(cli, json_value_member(hold, "changes"), to);
	}
	bytes_put_format(to, "%s %" PRId64 "\n",
	    cli_text(cli, "暫停中的投遞", "deliveries that are held:"),
	    answer_integer(root, "waiting"));
}

static int
run_list(struct cli *cli, struct error *err)
{
	struct answer answer = { 0 };
	struct bytes text = { 0 };
	int rc = -1;

	if (answer_open(&answer, cli, err) == 0)
		rc = answer_get(&answer, "/v1/holds", err);
	if (rc == 0 && cli->json) {
		answer_print(&answer);
	} else if (rc == 0) {
		put_list(cli, answer_root(&answer), &text);
		rc = bytes_failed(&text, err);
		cli_print(&text);
	}
	bytes_free(&text);
	answer_close(&answer);
	return rc;
}

/* ---- adding ---------------------------------------------------------- */

/* "90m", "24h", "3d" or seconds. */
static bool
parse_length(const char *text, uint64_t *ret_seconds)
{
	static const struct {
		char letter;
		uint64_t seconds;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 } };
	size_t len = strlen(text);
	uint64_t unit = 1;
	char digits[16];

	for (size_t i = 0; len > 0 && i < ARRAY_LEN(units); i++) {
		if (text[len - 1] == units[i].letter) {
			unit = units[i].seconds;
			len--;
			break;
		}
	}
	if (!text_copy_len(digits, sizeof(digits), text, len) ||
	    !text_parse_u64(digits, SECONDS_MAX / unit, ret_seconds) ||
	    *ret_seconds == 0)
		return false;
	*ret_seconds *= unit;
	return true;
}

/* The one scope that was given. */
static int
find_scope(const struct cli *cli, enum hold_scope *ret_scope,
    const char **ret_name, struct error *err)
{
	int count = 0;

	for (int i = 0; i < HOLD_SCOPE_COUNT; i++) {
		const char *name =
		    cli_value(cli, hold_scope_name((enum hold_scope)i));

		if (name == NULL)
			continue;
		*ret_scope = (enum hold_scope)i;
		*ret_name = name;
		count++;
	}
	if (count != 1)
		return cli_refuse(err,
		    "one of --organisation, --unit, --host and --waybill says "
		    "what is held");
	return 0;
}

static int
put_request(const struct cli *cli, struct bytes *body, struct error *err)
{
	struct json_writer writer = json_writer_to(body);
	const char *direction = cli_value(cli, "direction");
	const char *until = cli_value(cli, "for");
	const char *reason = cli_value(cli, "reason");
	enum hold_direction parsed = HOLD_BOTH;
	enum hold_scope scope = HOLD_WAYBILL;
	const char *name = "";
	uint64_t seconds;

	if (find_scope(cli, &scope, &name, err) < 0)
		return -1;
	if (direction != NULL && !hold_direction_parse(direction, &parsed))
		return cli_refuse(err,
		    "--direction is sending, receiving or both");
	if (reason == NULL || reason[0] == '\0')
		return cli_refuse(err, "--reason is kept in the log");
	if (until == NULL || !parse_length(until, &seconds))
		return cli_refuse(err, "--for is a time such as 90m or 24h");
	json_write_begin_object(&writer, NULL);
	json_write_text(&writer, "scope", hold_scope_name(scope));
	json_write_text(&writer, "name", name);
	json_write_text(&writer, "direction", hold_direction_name(parsed));
	json_write_bool(&writer, "wait", cli_has(cli, "wait"));
	json_write_text(&writer, "reason", reason);
	json_write_int(&writer, "seconds", (int64_t)seconds);
	json_write_end(&writer);
	bytes_put_u8(body, '\0');
	return json_write_done(&writer, err);
}

/* Post it and say what came of it. */
static int
post(struct cli *cli, const char *target, const struct bytes *body,
    struct error *err)
{
	struct answer answer = { 0 };
	struct bytes text = { 0 };
	int rc = -1;

	if (answer_open(&answer, cli, err) == 0)
		rc =
		    answer_post(&answer, target, (const char *)body->data, err);
	if (rc == 0 && cli->json) {
		answer_print(&answer);
	} else if (rc == 0) {
		bytes_put_format(&text, "%" PRId64 "  ",
		    answer_integer(answer_root(&answer), "id"));
		put_word(cli, answer_root(&answer), "action", &text);
		bytes_put_text(&text, "  ");
		put_what(cli, answer_root(&answer), &text);
		rc = bytes_failed(&text, err);
		cli_print(&text);
	}
	bytes_free(&text);
	answer_close(&answer);
	return rc;
}

static int
run_add(struct cli *cli, struct error *err)
{
	struct bytes body = { 0 };
	int rc = put_request(cli, &body, err);

	if (rc == 0)
		rc = post(cli, "/v1/holds", &body, err);
	bytes_free(&body);
	return rc;
}

/* ---- lifting --------------------------------------------------------- */

static int
run_lift(struct cli *cli, struct error *err)
{
	const char *name = cli_argument(cli, 0);
	const char *reason = cli_value(cli, "reason");
	struct bytes body = { 0 };
	struct json_writer writer = json_writer_to(&body);
	char target[TARGET_SIZE];
	uint64_t id;
	int rc = -1;

	if (name == NULL || !text_parse_u64(name, INT64_MAX, &id))
		return cli_refuse(err, "which hold? See yizhan hold list");
	if (reason == NULL || reason[0] == '\0')
		return cli_refuse(err, "--reason is kept in the log");
	snprintf(target, sizeof(target), "/v1/holds/%" PRIu64 ":lift", id);
	json_write_begin_object(&writer, NULL);
	json_write_text(&writer, "reason", reason);
	json_write_end(&writer);
	bytes_put_u8(&body, '\0');
	if (json_write_done(&writer, err) == 0)
		rc = post(cli, target, &body, err);
	bytes_free(&body);
	return rc;
}

/* ---- the commands ---------------------------------------------------- */

static const struct command_option add_options[] = {
	{ "config", 'c', "FILE", "configuration of the center" },
	{ "organisation", 0, "CODE", "an organisation and its units" },
	{ "unit", 0, "CODE", "one unit" },
	{ "host", 0, "NAME", "whatever a gateway sends or fetches" },
	{ "waybill", 0, "ID[/CODE]", "one letter, or its delivery to one" },
	{ "direction", 0, "WORD", "sending, receiving or both (the default)" },
	{ "wait", 0, NULL, "what it sent before and nobody fetched waits too" },
	{ "for", 0, "TIME", "how long: 90m, 24h; 72 hours at most" },
	{ "reason", 0, "TEXT", "why; kept in the log" },
	{ NULL, 0, NULL, NULL },
};

static const struct command_option list_options[] = {
	{ "config", 'c', "FILE", "configuration of the center" },
	{ NULL, 0, NULL, NULL },
};

static const struct command_option lift_options[] = {
	{ "config", 'c', "FILE", "configuration of the center" },
	{ "reason", 0, "TEXT", "why; kept in the log" },
	{ NULL, 0, NULL, NULL },
};

const struct command hold_add_command = {
	.name = "hold add",
	.summary = "hold back what somebody sends or receives, or renew that",
	.summary_zh = "暫停投遞，或延長暫停",
	.arguments = "",
	.arguments_max = 0,
	.examples = "yizhan hold add --organisation 376470000A "
		    "--direction receiving --for 24h --reason REASON\n",
	.options = add_options,
	.run = run_add,
};

const struct command hold_list_command = {
	.name = "hold list",
	.summary = "show what a center holds back, and who said so",
	.summary_zh = "列出暫停投遞的紀錄",
	.arguments = "",
	.arguments_max = 0,
	.examples = "yizhan hold list -c center-a.conf\n",
	.options = list_options,
	.run = run_list,
};

const struct command hold_lift_command = {
	.name = "hold lift",
	.summary = "end a hold; what waited goes on",
	.summary_zh = "解除暫停投遞",
	.arguments = "HOLD",
	.arguments_max = 1,
	.examples = "yizhan hold lift 3 --reason REASON\n",
	.options = lift_options,
	.run = run_lift,
};
