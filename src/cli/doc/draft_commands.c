/*
 * yizhan draft: letters that are written and proofread before they are sent.
 */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/answer.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/doc/doc_findings.h"
#include "cli/doc/draft_show.h"
#include "http/http_path.h"
#include "json/json_write.h"
#include "model/id.h"

enum { EXIT_DATA = 65, TARGET_SIZE = 512, VERSION_SIZE = 24 };

/* ---- which ----------------------------------------------------------- */

/* "/v1/drafts/ID" and what follows it. */
static int
target_of(const struct cli *cli, const char *tail, char to[TARGET_SIZE],
    struct error *err)
{
	const char *name = cli_argument(cli, 0);
	struct id id;

	if (name == NULL || !id_parse(name, &id))
		return cli_refuse(err, "which draft?  Give its id");
	snprintf(to, TARGET_SIZE, "/v1/drafts/%s%s", name, tail);
	return 0;
}

/* The version that is there now, which the change is about. */
static int
find_version(struct answer *answer, char to[VERSION_SIZE], struct error *err)
{
	char target[TARGET_SIZE];

	if (target_of(answer->cli, "", target, err) < 0 ||
	    answer_get(answer, target, err) < 0)
		return -1;
	snprintf(to, VERSION_SIZE, "%lld",
	    (long long)answer_integer(answer_root(answer), "version"));
	return 0;
}

static void
put_param(struct bytes *to, const char *name, const char *value)
{
	if (value == NULL)
		return;
	bytes_put_format(to, "&%s=", name);
	http_path_put(to, value);
}

/* ---- files ----------------------------------------------------------- */

static int
run_add(struct cli *cli, struct error *err)
{
	const char *key = cli_value(cli, "key");
	struct answer answer = { 0 };
	struct bytes target = { 0 };
	int rc = -1;

	bytes_put_text(&target, "/v1/drafts?title=");
	http_path_put(&target,
	    cli_value(cli, "title") != NULL ? cli_value(cli, "title") : "");
	put_param(&target, "by", cli_value(cli, "by"));
	put_param(&target, "organisation", cli_value(cli, "organisation"));
	bytes_put_u8(&target, '\0');
	if (bytes_failed(&target, err) == 0 &&
	    answer_open(&answer, cli, err) == 0 &&
	    answer_send_files(&answer, (const char *)target.data,
		key != NULL ? key : "", err) == 0)
		rc = answer_read(&answer, err);
	if (rc == 0)
		draft_show(&answer);
	answer_close(&answer);
	bytes_free(&target);
	return rc;
}

static int
run_put(struct cli *cli, struct error *err)
{
	struct answer answer = { 0 };
	struct bytes target = { 0 };
	char version[VERSION_SIZE];
	int rc = -1;

	if (answer_open(&answer, cli, err) == 0 &&
	    find_version(&answer, version, err) == 0) {
		bytes_put_format(&target, "/v1/drafts/%s:files?version=%s",
		    cli_argument(cli, 0), version);
		put_param(&target, "by", cli_value(cli, "by"));
		bytes_put_u8(&target, '\0');
		if (bytes_failed(&target, err) == 0 &&
		    answer_send_rest(&answer, (const char *)target.data, "", 1,
			err) == 0)
			rc = answer_read(&answer, err);
	}
	if (rc == 0)
		draft_show(&answer);
	answer_close(&answer);
	bytes_free(&target);
	return rc;
}

/* ---- acts ------------------------------------------------------------ */

/* POST `body` to the draft's `verb`, about the version that is there. */
static int
act(struct answer *answer, const char *verb, const char *more,
    struct bytes *body, struct error *err)
{
	char target[TARGET_SIZE], tail[TARGET_SIZE], version[VERSION_SIZE];

	bytes_put_u8(body, '\0');
	if (bytes_failed(body, err) < 0 ||
	    find_version(answer, version, err) < 0)
		return -1;
	snprintf(tail, sizeof(tail), ":%s?version=%s%s", verb, version, more);
	if (target_of(answer->cli, tail, target, err) < 0)
		return -1;
	return answer_post(answer, target, (const char *)body->data, err);
}

static void
put_texts(const struct cli *cli, struct json_writer *writer)
{
	static const char *const names[] = { "title", "note", "by" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (cli_value(cli, names[i]) != NULL)
			json_write_text(writer, names[i],
			    cli_value(cli, names[i]));
}

static int
run_act(struct cli *cli, const char *verb, struct error *err)
{
	struct answer answer = { 0 };
	struct bytes body = { 0 };
	struct json_writer writer = json_writer_to(&body);
	int rc = -1;

	json_write_begin_object(&writer, NULL);
	put_texts(cli, &writer);
	if (text_equal(verb, "proofread"))
		json_write_bool(&writer, "passed", !cli_has(cli, "back"));
	if (text_equal(verb, "edit") && cli_argument(cli, 1) != NULL) {
		json_write_begin_array(&writer, "remove");
		for (int i = 1; cli_argument(cli, i) != NULL; i++)
			json_write_text(&writer, NULL, cli_argument(cli, i));
		json_write_end(&writer);
	}
	json_write_end(&writer);
	if (json_write_done(&writer, err) == 0 &&
	    answer_open(&answer, cli, err) == 0)
		rc = act(&answer, verb, "", &body, err);
	if (rc == 0 && !text_equal(verb, "discard"))
		draft_show(&answer);
	answer_close(&answer);
	bytes_free(&body);
	return rc;
}

static int
run_edit(struct cli *cli, struct error *err)
{
	return run_act(cli, "edit", err);
}

static int
run_submit(struct cli *cli, struct error *err)
{
	return run_act(cli, "submit", err);
}

static int
run_proofread(struct cli *cli, struct error *err)
{
	return run_act(cli, "proofread", err);
}

static int
run_discard(struct cli *cli, struct error *err)
{
	return run_act(cli, "discard", err);
}

/* One that was sent is not sent again: its letter is shown. */
static int
run_send(struct cli *cli, struct error *err)
{
	struct answer answer = { 0 };
	struct bytes more = { 0 };
	struct bytes body = { 0 };
	int rc = -1;

	put_param(&more, "accept", cli_value(cli, "accept"));
	put_param(&more, "undo", cli_value(cli, "undo"));
	bytes_put_u8(&more, '\0');
	bytes_put_text(&body, "{}");
	if (bytes_failed(&more, err) == 0 &&
	    answer_open(&answer, cli, err) == 0) {
		rc = act(&answer, "send", (const char *)more.data, &body, err);
		if (rc < 0)
			doc_findings_print_refusal(&answer);
	}
	if (rc == 0)
		answer_show(&answer);
	answer_close(&answer);
	bytes_free(&more);
	bytes_free(&body);
	return rc;
}

static int
run_check(struct cli *cli, struct error *err)
{
	struct answer answer = { 0 };
	char target[TARGET_SIZE];
	bool is_accepted = false;
	int rc = -1;

	if (target_of(cli, ":check", target, err) == 0 &&
	    answer_open(&answer, cli, err) == 0)
		rc = answer_post(&answer, target, "{}", err);
	if (rc == 0) {
		json_value_bool(json_value_member(answer_root(&answer),
				    "accepted"),
		    &is_accepted);
		if (cli->json)
			answer_print(&answer);
		else
			doc_findings_print(cli,
			    json_value_member(answer_root(&answer),
				"findings"));
		cli->exit_status = is_accepted ? 0 : EXIT_DATA;
	}
	answer_close(&answer);
	return rc;
}

/* ---- reading --------------------------------------------------------- */

static int
run_show(struct cli *cli, struct error *err)
{
	struct answer answer = { 0 };
	char target[TARGET_SIZE];
	int rc = -1;

	if (target_of(cli, "", target, err) == 0 &&
	    answer_open(&answer, cli, err) == 0)
		rc = answer_get(&answer, target, err);
	if (rc == 0)
		draft_show(&answer);
	answer_close(&answer);
	return rc;
}

static void
show_list(const struct answer *answer)
{
	const struct json_value *list =
	    json_value_member(answer_root(answer), "drafts");
	struct bytes text = { 0 };

	for (size_t i = 0; i < json_value_count(list); i++)
		draft_put_line(answer->cli, json_value_item(list, i), &text);
	cli_print(&text);
	bytes_free(&text);
}

static int
run_list(struct cli *cli, struct error *err)
{
	struct answer answer = { 0 };
	struct bytes target = { 0 };
	int rc = -1;

	bytes_put_text(&target, "/v1/drafts?limit=200");
	put_param(&target, "state", cli_value(cli, "state"));
	put_param(&target, "cursor", cli_value(cli, "cursor"));
	bytes_put_u8(&target, '\0');
	if (bytes_failed(&target, err) == 0 &&
	    answer_open(&answer, cli, err) == 0)
		rc = answer_get(&answer, (const char *)target.data, err);
	if (rc == 0 && cli->json)
		answer_print(&answer);
	else if (rc == 0)
		show_list(&answer);
	answer_close(&answer);
	bytes_free(&target);
	return rc;
}

/* ---- the table ------------------------------------------------------- */

#define CONFIG                                                            \
	{                                                                 \
		"config", 'c', "FILE", "configuration of the host to ask" \
	}
#define BY                                     \
	{                                      \
		"by", 0, "NAME", "who does it" \
	}
#define NOTE                                  \
	{                                     \
		"note", 0, "TEXT", "a remark" \
	}
#define END                         \
	{                           \
		NULL, 0, NULL, NULL \
	}

static const struct command_option add_options[] = { CONFIG, BY,
	{ "title", 0, "TEXT", "what it is called here" },
	{ "organisation", 0, "CODE", "whose, where there are several" },
	{ "key", 0, "KEY", "idempotency key" }, END };
static const struct command_option put_options[] = { CONFIG, BY, END };
static const struct command_option edit_options[] = { CONFIG, BY, NOTE,
	{ "title", 0, "TEXT", "what it is called here" }, END };
static const struct command_option submit_options[] = { CONFIG, BY, NOTE, END };
static const struct command_option proofread_options[] = { CONFIG, BY, NOTE,
	{ "back", 0, NULL, "it did not pass: back to who wrote it" }, END };
static const struct command_option send_options[] = { CONFIG,
	{ "accept", 0, "RULES", "warnings to accept: E2133,E2134" },
	{ "undo", 0, "SECONDS", "keep it back so long, to be undone" }, END };
static const struct command_option list_options[] = { CONFIG,
	{ "state", 0, "STATE", "draft, proofreading, proofread, sent" },
	{ "cursor", 0, "TEXT", "go on where \"next\" of a list says" }, END };
static const struct command_option plain_options[] = { CONFIG, END };

const struct command draft_add_command = {
	.name = "draft add",
	.summary = "keep the files of a letter as a draft",
	.summary_zh = "將公文檔案存為草稿",
	.arguments = "FILE...",
	.arguments_max = -1,
	.examples = "yizhan draft add --by 王小明 letter.di letter.sw\n",
	.options = add_options,
	.run = run_add,
};

const struct command draft_put_command = {
	.name = "draft put",
	.summary =
	    "add files to a draft, or put them in place of the same name",
	.summary_zh = "為草稿加入或更換檔案",
	.arguments = "ID FILE...",
	.arguments_max = -1,
	.examples = "yizhan draft put ID --by 王小明 letter.di\n",
	.options = put_options,
	.run = run_put,
};

const struct command draft_edit_command = {
	.name = "draft edit",
	.summary = "change title or remark of a draft, or remove files",
	.summary_zh = "變更草稿名稱、備註，或移除檔案",
	.arguments = "ID [FILE...]",
	.arguments_max = -1,
	.examples = "yizhan draft edit ID --title 開會通知 annex.pdf\n",
	.options = edit_options,
	.run = run_edit,
};

const struct command draft_list_command = {
	.name = "draft list",
	.summary = "list drafts",
	.summary_zh = "列出草稿",
	.arguments = "",
	.examples = "yizhan draft list --state proofreading\n",
	.options = list_options,
	.run = run_list,
};

const struct command draft_show_command = {
	.name = "draft show",
	.summary = "show a draft with what was done with it",
	.summary_zh = "顯示草稿與其歷程",
	.arguments = "ID",
	.arguments_max = 1,
	.examples = "yizhan draft show ID\n",
	.options = plain_options,
	.run = run_show,
};

const struct command draft_check_command = {
	.name = "draft check",
	.summary = "check a draft as it would be checked on sending",
	.summary_zh = "檢核草稿",
	.arguments = "ID",
	.arguments_max = 1,
	.examples = "yizhan draft check ID\n",
	.options = plain_options,
	.run = run_check,
};

const struct command draft_submit_command = {
	.name = "draft submit",
	.summary = "hand a draft to somebody else to be proofread",
	.summary_zh = "將草稿送校對",
	.arguments = "ID",
	.arguments_max = 1,
	.examples = "yizhan draft submit ID --by 王小明\n",
	.options = submit_options,
	.run = run_submit,
};

const struct command draft_proofread_command = {
	.name = "draft proofread",
	.summary = "record that a draft was proofread, or send it back",
	.summary_zh = "登錄校對完成或退回",
	.arguments = "ID",
	.arguments_max = 1,
	.examples =
	    "yizhan draft proofread ID --by 李大華\n"
	    "yizhan draft proofread ID --by 李大華 --back --note 日期有誤\n",
	.options = proofread_options,
	.run = run_proofread,
};

const struct command draft_send_command = {
	.name = "draft send",
	.summary = "send a draft, once",
	.summary_zh = "寄送草稿（只會寄送一次）",
	.arguments = "ID",
	.arguments_max = 1,
	.examples = "yizhan draft send ID --undo 30\n",
	.options = send_options,
	.run = run_send,
};

const struct command draft_discard_command = {
	.name = "draft discard",
	.summary = "discard a draft with its files",
	.summary_zh = "捨棄草稿與其檔案",
	.arguments = "ID",
	.arguments_max = 1,
	.examples = "yizhan draft discard ID\n",
	.options = plain_options,
	.run = run_discard,
};
