/* yizhan deputy: who acts for whom, and when. */
#include <inttypes.h>
#include <stdio.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/answer.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "http/http_path.h"
#include "json/json_write.h"

enum { TARGET_SIZE = 96 };

static const char *
state_word(const struct cli *cli, const char *state)
{
	if (text_equal(state, "later"))
		return cli_text(cli, "未開始", "later");
	return text_equal(state, "now") ? cli_text(cli, "代理中", "now")
					: cli_text(cli, "已結束", "over");
}

static void
put_deputy(const struct cli *cli, const struct json_value *deputy,
    const struct json_value *who, const struct json_value *whom,
    struct bytes *to)
{
	bytes_put_format(to, "%" PRId64 "  ", answer_integer(deputy, "id"));
	cli_put(to, json_value_text(who));
	bytes_put_text(to, cli_text(cli, " 代理 ", " for "));
	cli_put(to, json_value_text(whom));
	bytes_put_text(to, "  ");
	answer_put_time(deputy, "from", to);
	bytes_put_text(to, " - ");
	answer_put_time(deputy, "until", to);
	bytes_put_format(to, "  %s\n",
	    state_word(cli, answer_text(deputy, "state")));
}

static void
put_one(const struct cli *cli, const struct json_value *root, struct bytes *to)
{
	put_deputy(cli, root, json_value_member(root, "deputy"),
	    json_value_member(root, "for"), to);
}

static void
put_list(const struct cli *cli, const struct json_value *root, struct bytes *to)
{
	const struct json_value *list = json_value_member(root, "deputies");

	for (size_t i = 0; i < json_value_count(list); i++) {
		const struct json_value *item = json_value_item(list, i);

		put_deputy(cli, item,
		    json_value_member(json_value_member(item, "deputy"),
			"name"),
		    json_value_member(json_value_member(item, "for"), "name"),
		    to);
	}
}

static int
run_list(struct cli *cli, struct error *err)
{
	const char *cursor = cli_value(cli, "cursor");
	struct answer answer = { 0 };
	struct bytes target = { 0 };
	int rc = -1;

	bytes_put_text(&target, "/v1/deputies?limit=200&cursor=");
	http_path_put(&target, cursor != NULL ? cursor : "");
	bytes_put_u8(&target, '\0');
	if (bytes_failed(&target, err) == 0 &&
	    answer_open(&answer, cli, err) == 0 &&
	    answer_get(&answer, (const char *)target.data, err) == 0)
		rc = answer_say(&answer, put_list, err);
	bytes_free(&target);
	answer_close(&answer);
	return rc;
}

static int
write_naming(struct answer *answer, struct cli *cli, struct json_writer *writer,
    struct error *err)
{
	const char *from = cli_value(cli, "from");
	const char *reason = cli_value(cli, "reason");
	int64_t deputy;
	int64_t principal;

	if (answer_find_person(answer, cli_argument(cli, 0), &deputy, err) <
		0 ||
	    answer_find_person(answer, cli_value(cli, "for"), &principal, err) <
		0)
		return -1;
	json_write_begin_object(writer, NULL);
	json_write_int(writer, "deputy", deputy);
	json_write_int(writer, "for", principal);
	if (from != NULL)
		json_write_text(writer, "from", from);
	json_write_text(writer, "until", cli_value(cli, "until"));
	json_write_text(writer, "reason", reason != NULL ? reason : "");
	json_write_end(writer);
	return 0;
}

static int
run_add(struct cli *cli, struct error *err)
{
	struct answer answer = { 0 };
	struct bytes body = { 0 };
	struct json_writer writer = json_writer_to(&body);
	int rc = -1;

	if (cli_argument(cli, 0) == NULL || !cli_has(cli, "for") ||
	    !cli_has(cli, "until"))
		return cli_refuse(err,
		    "NAME, --for NAME and --until TIME say who acts for whom "
		    "until when");
	if (answer_open(&answer, cli, err) == 0 &&
	    write_naming(&answer, cli, &writer, err) == 0 &&
	    answer_post_body(&answer, "/v1/deputies", &body, err) == 0)
		rc = answer_say(&answer, put_one, err);
	bytes_free(&body);
	answer_close(&answer);
	return rc;
}

static int
run_end(struct cli *cli, struct error *err)
{
	const char *text = cli_argument(cli, 0);
	struct answer answer = { 0 };
	char target[TARGET_SIZE];
	uint64_t id;
	int rc = -1;

	if (text == NULL || !text_parse_u64(text, INT64_MAX, &id))
		return cli_refuse(err,
		    "which one? A number of yizhan deputy list");
	snprintf(target, sizeof(target), "/v1/deputies/%" PRIu64 ":end", id);
	if (answer_open(&answer, cli, err) == 0 &&
	    answer_post(&answer, target, "{}", err) == 0)
		rc = answer_say(&answer, put_one, err);
	answer_close(&answer);
	return rc;
}

static const struct command_option host_options[] = {
	{ "config", 'c', "FILE", "configuration of the gateway" },
	{ "cursor", 0, "TEXT", "go on where \"next\" of a list says" },
	{ NULL, 0, NULL, NULL },
};

static const struct command_option add_options[] = {
	{ "config", 'c', "FILE", "configuration of the gateway" },
	{ "for", 0, "NAME", "for whom" },
	{ "from", 0, "TIME",
	    "RFC 3339, such as 2026-11-30T01:00:00.000Z; now" },
	{ "until", 0, "TIME", "the same; 366 days at most" },
	{ "reason", 0, "TEXT", "why" },
	{ NULL, 0, NULL, NULL },
};

static const struct command_option end_options[] = {
	{ "config", 'c', "FILE", "configuration of the gateway" },
	{ NULL, 0, NULL, NULL },
};

const struct command deputy_list_command = {
	.name = "deputy list",
	.summary = "list who acts for whom",
	.summary_zh = "列出代理人",
	.arguments = "",
	.examples = "yizhan deputy list\n",
	.options = host_options,
	.run = run_list,
};

const struct command deputy_add_command = {
	.name = "deputy add",
	.summary = "name a deputy, with an end",
	.summary_zh = "指定代理人（含起訖時間）",
	.arguments = "NAME",
	.arguments_max = 1,
	.examples = "yizhan deputy add 李大同 --for 王小明 --until "
		    "2026-12-04T10:00:00.000Z\n",
	.options = add_options,
	.run = run_add,
};

const struct command deputy_end_command = {
	.name = "deputy end",
	.summary = "end a deputy before its time",
	.summary_zh = "提前結束代理",
	.arguments = "NUMBER",
	.arguments_max = 1,
	.examples = "yizhan deputy end 3\n",
	.options = end_options,
	.run = run_end,
};
