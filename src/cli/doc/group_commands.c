/*
 * yizhan group: groups of recipients.
 */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/answer.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/doc/recipient_word.h"
#include "cli/trust/trust_files.h"
#include "http/http_path.h"
#include "json/json_write.h"

enum { CSV_MAX = 4 * 1024 * 1024, VERSION_SIZE = 24 };

/* ---- groups ---------------------------------------------------------- */

static void
put_group(const struct cli *cli, const struct json_value *group,
    struct bytes *to)
{
	const struct json_value *members = json_value_member(group, "members");

	answer_put(group, "code", to);
	bytes_put_text(to, "  ");
	answer_put(group, "title", to);
	bytes_put_format(to, "  v%lld  %lld",
	    (long long)answer_integer(group, "version"),
	    (long long)answer_integer(group, "count"));
	if (answer_integer(group, "changed") > 0)
		bytes_put_format(to, "  %s %lld",
		    cli_text(cli, "異動", "changed"),
		    (long long)answer_integer(group, "changed"));
	bytes_put_u8(to, '\n');
	for (size_t i = 0; i < json_value_count(members); i++) {
		const struct json_value *member = json_value_item(members, i);
		const struct json_value *heir =
		    json_value_member(member, "successor");

		bytes_put_text(to, "    ");
		answer_put(member, "code", to);
		bytes_put_u8(to, ' ');
		answer_put(member, "name", to);
		bytes_put_text(to, "  ");
		cli_put(to, recipient_word(cli, answer_text(member, "status")));
		if (json_value_is_object(heir)) {
			bytes_put_text(to, " → ");
			answer_put(heir, "code", to);
			bytes_put_u8(to, ' ');
			answer_put(heir, "name", to);
		}
		bytes_put_u8(to, '\n');
	}
}

static void
show_groups(const struct answer *answer)
{
	const struct json_value *list =
	    json_value_member(answer_root(answer), "groups");
	struct bytes text = { 0 };

	if (answer->cli->json) {
		answer_print(answer);
		return;
	}
	for (size_t i = 0; i < json_value_count(list); i++)
		put_group(answer->cli, json_value_item(list, i), &text);
	if (list == NULL)
		put_group(answer->cli, answer_root(answer), &text);
	cli_print(&text);
	bytes_free(&text);
}

/* "/v1/groups", "/CODE" if there is one, `tail`, and whose. */
static int
put_target(const struct cli *cli, const char *tail, const char *version,
    struct bytes *to, struct error *err)
{
	const char *code = cli_argument(cli, 0);
	const char *organisation = cli_value(cli, "organisation");

	bytes_clear(to);
	bytes_put_text(to, "/v1/groups");
	if (code != NULL) {
		bytes_put_u8(to, '/');
		http_path_put(to, code);
	}
	bytes_put_text(to, tail);
	bytes_put_text(to, strchr(tail, '?') != NULL ? "&" : "?");
	if (organisation != NULL) {
		bytes_put_text(to, "organisation=");
		http_path_put(to, organisation);
		bytes_put_u8(to, '&');
	}
	bytes_put_format(to, "version=%s", version);
	bytes_put_u8(to, '\0');
	return bytes_failed(to, err);
}

static int
run_list(struct cli *cli, struct error *err)
{
	struct answer answer = { 0 };
	struct bytes target = { 0 };
	const char *version = cli_value(cli, "version");
	int rc = -1;

	if (put_target(cli, "", version != NULL ? version : "", &target, err) ==
		0 &&
	    answer_open(&answer, cli, err) == 0)
		rc = answer_get(&answer, (const char *)target.data, err);
	if (rc == 0)
		show_groups(&answer);
	answer_close(&answer);
	bytes_free(&target);
	return rc;
}

/* {"code","title","members":[...],"by"}: as far as they are given. */
static int
put_body(const struct cli *cli, bool has_code, struct bytes *to,
    struct error *err)
{
	struct json_writer writer = json_writer_to(to);

	json_write_begin_object(&writer, NULL);
	if (has_code)
		json_write_text(&writer, "code", cli_argument(cli, 0));
	if (cli_value(cli, "title") != NULL)
		json_write_text(&writer, "title", cli_value(cli, "title"));
	if (cli_value(cli, "by") != NULL)
		json_write_text(&writer, "by", cli_value(cli, "by"));
	if (has_code && cli_value(cli, "organisation") != NULL)
		json_write_text(&writer, "organisation",
		    cli_value(cli, "organisation"));
	if (cli_argument(cli, 1) != NULL) {
		json_write_begin_array(&writer, "members");
		for (int i = 1; cli_argument(cli, i) != NULL; i++)
			json_write_text(&writer, NULL, cli_argument(cli, i));
		json_write_end(&writer);
	}
	json_write_end(&writer);
	bytes_put_u8(to, '\0');
	return json_write_done(&writer, err);
}

static int
run_add(struct cli *cli, struct error *err)
{
	struct answer answer = { 0 };
	struct bytes body = { 0 };
	int rc = -1;

	if (cli_argument(cli, 1) == NULL)
		rc = cli_refuse(err, "a code for the group, then its members");
	else if (put_body(cli, true, &body, err) == 0 &&
	    answer_open(&answer, cli, err) == 0)
		rc = answer_post(&answer, "/v1/groups", (const char *)body.data,
		    err);
	if (rc == 0)
		show_groups(&answer);
	answer_close(&answer);
	bytes_free(&body);
	return rc;
}

/* Of the version that is there now. */
static int
run_verb(struct cli *cli, const char *verb, struct error *err)
{
	struct answer answer = { 0 };
	struct bytes target = { 0 };
	struct bytes body = { 0 };
	char version[VERSION_SIZE];
	int rc = -1;

	if (cli_argument(cli, 0) == NULL)
		return cli_refuse(err, "which group?  Give its code");
	if (put_body(cli, false, &body, err) == 0 &&
	    put_target(cli, "", "", &target, err) == 0 &&
	    answer_open(&answer, cli, err) == 0 &&
	    answer_get(&answer, (const char *)target.data, err) == 0) {
		snprintf(version, sizeof(version), "%lld",
		    (long long)answer_integer(answer_root(&answer), "version"));
		if (put_target(cli, verb, version, &target, err) == 0)
			rc = answer_post(&answer, (const char *)target.data,
			    (const char *)body.data, err);
	}
	if (rc == 0 && !text_equal(verb, ":remove"))
		show_groups(&answer);
	answer_close(&answer);
	bytes_free(&target);
	bytes_free(&body);
	return rc;
}

static int
run_change(struct cli *cli, struct error *err)
{
	return run_verb(cli, ":change", err);
}

static int
run_remove(struct cli *cli, struct error *err)
{
	return run_verb(cli, ":remove", err);
}

static int
run_export(struct cli *cli, struct error *err)
{
	struct answer answer = { 0 };
	struct bytes target = { 0 };
	int rc = -1;

	if (put_target(cli, "?as=csv", "", &target, err) == 0 &&
	    answer_open(&answer, cli, err) == 0)
		rc = answer_fetch(&answer, (const char *)target.data, err);
	if (rc == 0)
		cli_print(&answer.http.body);
	answer_close(&answer);
	bytes_free(&target);
	return rc;
}

static int
run_import(struct cli *cli, struct error *err)
{
	const char *path = cli_argument(cli, 0);
	struct answer answer = { 0 };
	struct bytes target = { 0 };
	struct bytes table = { 0 };
	int rc = -1;

	if (path == NULL)
		return cli_refuse(err, "which file?");
	bytes_put_text(&target, "/v1/groups:import?organisation=");
	http_path_put(&target,
	    cli_value(cli, "organisation") != NULL
		? cli_value(cli, "organisation")
		: "");
	bytes_put_u8(&target, '\0');
	if (bytes_failed(&target, err) == 0 &&
	    trust_read(path, CSV_MAX, &table, err) == 0 &&
	    answer_open(&answer, cli, err) == 0 &&
	    local_post_bytes(&answer.local, (const char *)target.data,
		"text/csv", table.data, table.len, &answer.http, err) == 0)
		rc = answer_read(&answer, err);
	if (rc == 0)
		show_groups(&answer);
	answer_close(&answer);
	bytes_free(&target);
	bytes_free(&table);
	return rc;
}

/* ---- the table ------------------------------------------------------- */

#define CONFIG                                                            \
	{                                                                 \
		"config", 'c', "FILE", "configuration of the host to ask" \
	}
#define WHOSE                                                               \
	{                                                                   \
		"organisation", 0, "CODE", "whose, where there are several" \
	}
#define END                         \
	{                           \
		NULL, 0, NULL, NULL \
	}

static const struct command_option list_options[] = { CONFIG, WHOSE,
	{ "version", 0, "N", "as of an earlier version" }, END };
static const struct command_option change_options[] = { CONFIG, WHOSE,
	{ "title", 0, "TEXT", "its short name" },
	{ "by", 0, "NAME", "who does it" }, END };
static const struct command_option plain_options[] = { CONFIG, WHOSE, END };
const struct command group_list_command = {
	.name = "group list",
	.summary = "list groups of recipients, or the members of one",
	.summary_zh = "列出行文群組或其成員",
	.arguments = "[CODE]",
	.arguments_max = 1,
	.examples = "yizhan group list\nyizhan group list G01\n",
	.options = list_options,
	.run = run_list,
};

const struct command group_add_command = {
	.name = "group add",
	.summary = "make a group of recipients",
	.summary_zh = "新增行文群組",
	.arguments = "CODE MEMBER...",
	.arguments_max = -1,
	.examples =
	    "yizhan group add G01 --title 縣市政府 376470000A 376530000A\n",
	.options = change_options,
	.run = run_add,
};

const struct command group_change_command = {
	.name = "group change",
	.summary = "change name or members of a group",
	.summary_zh = "變更行文群組的名稱或成員",
	.arguments = "CODE [MEMBER...]",
	.arguments_max = -1,
	.examples = "yizhan group change G01 376470000A\n",
	.options = change_options,
	.run = run_change,
};

const struct command group_remove_command = {
	.name = "group remove",
	.summary = "remove a group",
	.summary_zh = "刪除行文群組",
	.arguments = "CODE",
	.arguments_max = 1,
	.examples = "yizhan group remove G01\n",
	.options = plain_options,
	.run = run_remove,
};

const struct command group_export_command = {
	.name = "group export",
	.summary = "print all groups as a table (CSV)",
	.summary_zh = "匯出行文群組（CSV）",
	.arguments = "",
	.examples = "yizhan group export > groups.csv\n",
	.options = plain_options,
	.run = run_export,
};

const struct command group_import_command = {
	.name = "group import",
	.summary = "take groups from a table, all or none",
	.summary_zh = "匯入行文群組（全部成功或全部不動）",
	.arguments = "FILE",
	.arguments_max = 1,
	.examples = "yizhan group import groups.csv\n",
	.options = plain_options,
	.run = run_import,
};
