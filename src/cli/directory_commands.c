/*
 * yizhan directory search, show, history and notices: the directory of any host,
 * now and as of a past serial, and what was changed about the organisations of a
 * gateway (docs/directory.md).
 */
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "cli/answer.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "http/http_path.h"

/* ---- asking ------------------------------------------------------------------ */

/* Append "&name=value" of an option that was given. */
static void
put_option(const struct cli *cli, const char *option, struct bytes *target)
{
	const char *value = cli_value(cli, option);

	if (value == NULL)
		return;
	bytes_put_format(target,
	    "%s%s=", memchr(target->data, '?', target->len) != NULL ? "&" : "?",
	    option);
	http_path_put(target, value);
}

static int
get(struct answer *answer, const struct cli *cli, struct bytes *target,
    struct error *err)
{
	bytes_put_u8(target, '\0');
	if (bytes_failed(target, err) < 0 || answer_open(answer, cli, err) < 0)
		return -1;
	return answer_get(answer, (const char *)target->data, err);
}

static int
get_entry(struct answer *answer, const struct cli *cli, const char *end,
    struct error *err)
{
	const char *code = cli_argument(cli, 0);
	struct bytes target = { 0 };
	int rc = -1;

	if (code == NULL)
		return cli_refuse(err, "the code of which organisation?");
	bytes_put_text(&target, "/v1/directory/");
	http_path_put(&target, code);
	bytes_put_text(&target, end);
	put_option(cli, "serial", &target);
	rc = get(answer, cli, &target, err);
	bytes_free(&target);
	return rc;
}

/* ---- words --------------------------------------------------------------------- */

static const char *
word_of(const struct cli *cli, const char *value)
{
	static const char *const words[][2] = {
		{ "active", "使用中" },
		{ "paper", "紙本" },
		{ "suspended", "中止服務" },
		{ "dissolved", "裁撤" },
		{ "agency", "機關" },
		{ "school", "學校" },
		{ "enterprise", "事業" },
		{ "corporation", "法人" },
		{ "group", "團體" },
		{ "firm", "公司" },
	};

	for (size_t i = 0; cli->is_chinese && i < ARRAY_LEN(words); i++)
		if (text_equal(words[i][0], value))
			return words[i][1];
	return value;
}

static void
put_word(const struct cli *cli, const struct json_value *entry, const char *key,
    struct bytes *to)
{
	cli_put(to, word_of(cli, answer_text(entry, key)));
}

static void
put_line(const struct cli *cli, const struct json_value *entry,
    struct bytes *to)
{
	answer_put(entry, "code", to);
	bytes_put_text(to, "  ");
	answer_put(entry, "name", to);
	bytes_put_text(to, "  ");
	put_word(cli, entry, "status", to);
	if (answer_text(entry, "successor")[0] != '\0') {
		bytes_put_text(to, cli_text(cli, "，承接：", ", successor: "));
		answer_put(entry, "successor", to);
	}
	bytes_put_u8(to, '\n');
}

static void
put_field(const struct cli *cli, const struct json_value *entry,
    const char *chinese, const char *english, const char *key, struct bytes *to)
{
	const char *text = answer_text(entry, key);

	if (text[0] == '\0')
		return;
	bytes_put_text(to, cli_text(cli, chinese, english));
	cli_put(to, word_of(cli, text));
	bytes_put_u8(to, '\n');
}

static void
put_entry(const struct cli *cli, const struct json_value *entry,
    struct bytes *to)
{
	const struct json_value *keys = json_value_member(entry, "keys");

	put_field(cli, entry, "代碼：    ", "Code:          ", "code", to);
	put_field(cli, entry, "名稱：    ", "Name:          ", "name", to);
	put_field(cli, entry, "類別：    ", "Kind:          ", "kind", to);
	put_field(cli, entry, "狀態：    ", "Status:        ", "status", to);
	put_field(cli, entry, "承接機關：", "Successor:     ", "successor", to);
	put_field(cli, entry, "上級機關：", "Supervised by: ", "supervisor",
	    to);
	put_field(cli, entry, "交換中心：", "Served by:     ", "center", to);
	put_field(cli, entry, "主機：    ", "Host:          ", "host", to);
	for (size_t i = 0; i < json_value_count(keys); i++) {
		const struct json_value *key = json_value_item(keys, i);

		bytes_put_text(to,
		    cli_text(cli, "金鑰：    ", "Key:           "));
		answer_put(key, "use", to);
		bytes_put_u8(to, ' ');
		answer_put(key, "state", to);
		bytes_put_text(to, cli_text(cli, "，到期 ", ", until "));
		answer_put(key, "not_after", to);
		bytes_put_u8(to, '\n');
	}
}

/* ---- search ---------------------------------------------------------------------- */

static int
run_search(struct cli *cli, struct error *err)
{
	struct answer answer = { 0 };
	struct bytes target = { 0 };
	struct bytes text = { 0 };
	int rc;

	bytes_put_text(&target, "/v1/directory");
	if (cli_argument(cli, 0) != NULL) {
		bytes_put_text(&target, "?q=");
		http_path_put(&target, cli_argument(cli, 0));
	}
	put_option(cli, "limit", &target);
	put_option(cli, "offset", &target);
	rc = get(&answer, cli, &target, err);
	if (rc == 0 && cli->json) {
		answer_print(&answer);
	} else if (rc == 0) {
		const struct json_value *root = answer_root(&answer);
		const struct json_value *list =
		    json_value_member(root, "organisations");

		for (size_t i = 0; i < json_value_count(list); i++)
			put_line(cli, json_value_item(list, i), &text);
		cli_print(&text);
		cli_say(cli, "%s%lld%s%lld\n", cli_text(cli, "共 ", ""),
		    (long long)answer_integer(root, "total"),
		    cli_text(cli, " 筆，地址簿第 ", " found, directory "),
		    (long long)answer_integer(root, "serial"));
	}
	bytes_free(&text);
	bytes_free(&target);
	answer_close(&answer);
	return rc;
}

static const struct command_option search_options[] = {
	{ "config", 'c', "FILE", "configuration of the host" },
	{ "limit", 0, "N", "how many at most, up to 200" },
	{ "offset", 0, "N", "how many to pass over" },
	{ NULL, 0, NULL, NULL },
};

const struct command directory_search_command = {
	.name = "directory search",
	.summary = "find organisations by a part of the name or a code",
	.summary_zh = "以名稱的一部分或代碼查詢機關",
	.arguments = "[TEXT]",
	.arguments_max = 1,
	.examples = "yizhan directory search 台北市政府 -c gateway.conf\n",
	.options = search_options,
	.run = run_search,
};

/* ---- show ------------------------------------------------------------------------- */

static int
run_show(struct cli *cli, struct error *err)
{
	struct answer answer = { 0 };
	struct bytes text = { 0 };
	int rc = get_entry(&answer, cli, "", err);

	if (rc == 0 && cli->json) {
		answer_print(&answer);
	} else if (rc == 0) {
		const struct json_value *root = answer_root(&answer);

		put_entry(cli, json_value_member(root, "entry"), &text);
		bytes_put_format(&text, "%s%lld%s%lld%s\n",
		    cli_text(cli, "地址簿第 ", "Directory "),
		    (long long)answer_integer(root, "serial"),
		    cli_text(cli, " 號（自第 ", " (so since "),
		    (long long)answer_integer(root, "since"),
		    cli_text(cli, " 號起如此）", ")"));
		cli_print(&text);
	}
	bytes_free(&text);
	answer_close(&answer);
	return rc;
}

static const struct command_option show_options[] = {
	{ "config", 'c', "FILE", "configuration of the host" },
	{ "serial", 0, "N", "as of this directory, instead of now" },
	{ NULL, 0, NULL, NULL },
};

const struct command directory_show_command = {
	.name = "directory show",
	.summary = "show one organisation, now or as of a past directory",
	.summary_zh = "顯示一個機關，可指定過去的地址簿序號",
	.arguments = "CODE",
	.arguments_max = 1,
	.examples = "yizhan directory show 376490000A --serial 12 "
		    "-c gateway.conf\n",
	.options = show_options,
	.run = run_show,
};

/* ---- history ----------------------------------------------------------------------- */

static void
put_version(const struct cli *cli, const struct json_value *version,
    struct bytes *to)
{
	bytes_put_format(to, "%s%lld%s", cli_text(cli, "自第 ", "Since "),
	    (long long)answer_integer(version, "since"),
	    cli_text(cli, " 號", ""));
	if (answer_integer(version, "until") > 0)
		bytes_put_format(to, "%s%lld%s",
		    cli_text(cli, "，至第 ", ", until before "),
		    (long long)answer_integer(version, "until"),
		    cli_text(cli, " 號前", ""));
	bytes_put_text(to, "  ");
	answer_put(version, "issued", to);
	bytes_put_u8(to, '\n');
	put_entry(cli, json_value_member(version, "entry"), to);
	bytes_put_u8(to, '\n');
}

static int
run_history(struct cli *cli, struct error *err)
{
	struct answer answer = { 0 };
	struct bytes text = { 0 };
	int rc = get_entry(&answer, cli, "/history", err);

	if (rc == 0 && cli->json) {
		answer_print(&answer);
	} else if (rc == 0) {
		const struct json_value *root = answer_root(&answer);
		const struct json_value *list =
		    json_value_member(root, "versions");

		for (size_t i = 0; i < json_value_count(list); i++)
			put_version(cli, json_value_item(list, i), &text);
		cli_print(&text);
		cli_say(cli, "%s%lld%s\n",
		    cli_text(cli, "這台主機保留第 ", "This host keeps "),
		    (long long)answer_integer(root, "oldest"),
		    cli_text(cli, " 號以後的地址簿", " and later"));
	}
	bytes_free(&text);
	answer_close(&answer);
	return rc;
}

static const struct command_option history_options[] = {
	{ "config", 'c', "FILE", "configuration of the host" },
	{ NULL, 0, NULL, NULL },
};

const struct command directory_history_command = {
	.name = "directory history",
	.summary = "show what an organisation's entry was, and from when",
	.summary_zh = "顯示一個機關在地址簿中的異動歷程",
	.arguments = "CODE",
	.arguments_max = 1,
	.examples = "yizhan directory history 376490000A -c center.conf\n",
	.options = history_options,
	.run = run_history,
};

/* ---- notices ------------------------------------------------------------------------ */

static int
put_json(const struct json_value *value, struct bytes *to, struct error *err)
{
	struct bytes json = { 0 };
	int rc = 0;

	if (value == NULL)
		return 0;
	rc = json_value_put(value, &json, err);
	bytes_put_u8(&json, '\0');
	if (rc == 0 && !json.failed)
		cli_put(to, (const char *)json.data);
	bytes_free(&json);
	return rc;
}

static int
put_notice(const struct cli *cli, const struct json_value *notice,
    struct bytes *to, struct error *err)
{
	const struct json_value *what = json_value_member(notice, "what");

	bytes_put_format(to, "%lld  ", (long long)answer_integer(notice, "id"));
	answer_put(notice, "code", to);
	bytes_put_text(to, "  ");
	answer_put(notice, "action", to);
	bytes_put_format(to, "%s%lld  ",
	    cli_text(cli, "  地址簿第 ", "  directory "),
	    (long long)answer_integer(notice, "serial"));
	answer_put(notice, "at", to);
	bytes_put_text(to, "  ");
	answer_put(notice, "signers", to);
	bytes_put_u8(to, '\n');
	for (size_t i = 0; i < json_value_count(what); i++) {
		const struct json_value *one = json_value_item(what, i);

		bytes_put_text(to, "    ");
		answer_put(one, "field", to);
		bytes_put_text(to, ": ");
		if (put_json(json_value_member(one, "before"), to, err) < 0)
			return -1;
		bytes_put_text(to, " → ");
		if (put_json(json_value_member(one, "after"), to, err) < 0)
			return -1;
		bytes_put_u8(to, '\n');
	}
	return 0;
}

static int
show_notices(const struct cli *cli, struct answer *answer, struct error *err)
{
	const struct json_value *list;
	struct bytes text = { 0 };
	int rc = answer_get(answer,
	    cli_has(cli, "all") ? "/v1/notices?all=1" : "/v1/notices", err);

	if (rc < 0)
		return -1;
	if (cli->json) {
		answer_print(answer);
		return 0;
	}
	list = json_value_member(answer_root(answer), "notices");
	for (size_t i = 0; i < json_value_count(list) && rc == 0; i++)
		rc = put_notice(cli, json_value_item(list, i), &text, err);
	cli_print(&text);
	bytes_free(&text);
	return rc;
}

static int
run_notices(struct cli *cli, struct error *err)
{
	const char *read = cli_value(cli, "read");
	struct answer answer = { 0 };
	struct bytes target = { 0 };
	int rc = -1;

	if (answer_open(&answer, cli, err) == 0) {
		bytes_put_text(&target, "/v1/notices/");
		http_path_put(&target, read != NULL ? read : "");
		bytes_put_text(&target, ":read");
		bytes_put_u8(&target, '\0');
		rc = bytes_failed(&target, err);
	}
	if (rc == 0)
		rc = read != NULL
		    ? answer_post(&answer, (const char *)target.data, "{}", err)
		    : show_notices(cli, &answer, err);
	bytes_free(&target);
	answer_close(&answer);
	return rc;
}

static const struct command_option notices_options[] = {
	{ "config", 'c', "FILE", "configuration of the gateway" },
	{ "all", 0, NULL, "those that were read, too" },
	{ "read", 0, "ID", "this one was read: tell it no more" },
	{ NULL, 0, NULL, NULL },
};

const struct command directory_notices_command = {
	.name = "directory notices",
	.summary = "what was changed about the organisations of this gateway",
	.summary_zh = "列出本閘道機關的地址簿異動通知",
	.arguments = "",
	.arguments_max = 0,
	.examples = "yizhan directory notices -c gateway.conf\n",
	.options = notices_options,
	.run = run_notices,
};
