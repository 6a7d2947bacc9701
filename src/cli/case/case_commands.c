/*
 * yizhan case list, show, definitions and save: what there is of casework.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "case/case_definition.h"
#include "cli/answer.h"
#include "cli/case/case_words.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/trust/trust_files.h"
#include "http/http_path.h"
#include "json/json_read.h"
#include "service/config.h"

typedef void (*put_fn)(const struct cli *cli, const struct json_value *root,
    struct bytes *to);

/* The same at a gateway or center: of what it asks management for. */
struct above {
	const struct bytes *target; /* NULL: as at management */
	put_fn put;
};

/* Ask, and print the answer as JSON, or by `put`. */
static int
show(struct cli *cli, const struct bytes *target, put_fn put,
    const struct above *above, struct error *err)
{
	struct answer answer = { 0 };
	struct bytes text = { 0 };
	int rc = -1;

	if (bytes_failed(target, err) == 0 &&
	    answer_open(&answer, cli, err) == 0) {
		if (!config_has_kind(answer.config, CONFIG_MANAGEMENT) &&
		    above->target != NULL) {
			put = above->put;
			target = above->target;
			rc = bytes_failed(target, err);
		} else {
			rc = 0;
		}
	}
	if (rc == 0)
		rc = answer_get(&answer, (const char *)target->data, err);
	if (rc == 0 && cli->json) {
		answer_print(&answer);
	} else if (rc == 0) {
		put(cli, answer_root(&answer), &text);
		rc = bytes_failed(&text, err);
		cli_print(&text);
	}
	bytes_free(&text);
	answer_close(&answer);
	return rc;
}

/* ---- list ------------------------------------------------------------------------ */

static void
put_list(const struct cli *cli, const struct json_value *root, struct bytes *to)
{
	const struct json_value *cases = json_value_member(root, "cases");

	for (size_t i = 0; i < json_value_count(cases); i++)
		case_words_put_line(cli, json_value_item(cases, i), to);
	if (json_value_count(cases) == 0)
		bytes_put_text(to, cli_text(cli, "沒有案件\n", "no cases\n"));
}

static void
put_request(const struct cli *cli, const struct json_value *one,
    struct bytes *to)
{
	const struct json_value *refused = json_value_member(one, "refused");
	const char *about = answer_text(one, "about");
	bool is_taken = false, is_open = false, is_up = false;

	(void)json_value_bool(json_value_member(one, "taken"), &is_taken);
	(void)json_value_bool(json_value_member(one, "open"), &is_open);
	(void)json_value_bool(json_value_member(one, "handed_up"), &is_up);
	answer_put(one, "id", to);
	bytes_put_text(to, "  ");
	if (about[0] == '\0') {
		answer_put(one, "definition", to);
		bytes_put_text(to, "  ");
		answer_put(one, "organisation", to);
	} else {
		bytes_put_text(to, cli_text(cli, "就 ", "about "));
		answer_put(one, "about", to);
		bytes_put_text(to, "  ");
		answer_put(one, "move", to);
		answer_put(one, "evidence", to);
	}
	bytes_put_text(to, "  ");
	if (json_value_is_object(refused))
		bytes_put_format(to, "%s%s %s",
		    cli_text(cli, "不予受理：", "refused: "),
		    answer_text(refused, "code"),
		    answer_text(refused, "detail"));
	else if (!is_up)
		bytes_put_text(to,
		    cli_text(cli, "待送上層", "waits to be handed up"));
	else if (!is_taken)
		bytes_put_text(to, cli_text(cli, "傳送中", "on its way"));
	else
		bytes_put_text(to,
		    is_open ? cli_text(cli, "管理層辦理中", "at management")
			    : cli_text(cli, "已結束", "over"));
	if (answer_text(one, "case_id")[0] != '\0') {
		bytes_put_text(to, "  ");
		answer_put(one, "case_id", to);
	}
	bytes_put_text(to, "\n");
}

static void
put_requests(const struct cli *cli, const struct json_value *root,
    struct bytes *to)
{
	const struct json_value *list = json_value_member(root, "requests");

	for (size_t i = 0; i < json_value_count(list); i++)
		put_request(cli, json_value_item(list, i), to);
	if (json_value_count(list) == 0)
		bytes_put_text(to,
		    cli_text(cli, "沒有案件申請\n", "no requests of cases\n"));
}

/* A request, and the case that management made of it. */
static void
put_request_whole(const struct cli *cli, const struct json_value *root,
    struct bytes *to)
{
	const struct json_value *file = json_value_member(root, "case");

	put_request(cli, root, to);
	if (json_value_is_object(file)) {
		bytes_put_text(to, "\n");
		case_words_put(cli, file, to);
	}
}

static int
run_list(struct cli *cli, struct error *err)
{
	static const char *const names[] = { "definition", "state",
		"organisation", "limit", "cursor" };
	struct bytes target = { 0 };
	struct bytes requests = { 0 };
	const struct above above = { &requests, put_requests };
	int rc;

	bytes_put_text(&requests, "/v1/case-requests?limit=");
	http_path_put(&requests,
	    cli_value(cli, "limit") != NULL ? cli_value(cli, "limit") : "100");
	if (cli_value(cli, "cursor") != NULL) {
		bytes_put_text(&requests, "&cursor=");
		http_path_put(&requests, cli_value(cli, "cursor"));
	}
	bytes_put_u8(&requests, '\0');

	bytes_put_text(&target, "/v1/cases?");
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (cli_value(cli, names[i]) == NULL)
			continue;
		bytes_put_format(&target, "%s=", names[i]);
		http_path_put(&target, cli_value(cli, names[i]));
		bytes_put_u8(&target, '&');
	}
	if (cli_has(cli, "overdue"))
		bytes_put_text(&target, "overdue=1&");
	bytes_put_text(&target, cli_has(cli, "all") ? "open=0" : "open=1");
	bytes_put_u8(&target, '\0');
	rc = show(cli, &target, put_list, &above, err);
	bytes_free(&requests);
	bytes_free(&target);
	return rc;
}

static const struct command_option list_options[] = {
	{ "config", 'c', "FILE", "configuration of the host" },
	{ "overdue", 0, NULL, "those whose deadline is over" },
	{ "all", 0, NULL, "those that have ended too" },
	{ "definition", 0, "NAME", "of one procedure" },
	{ "state", 0, "NAME", "in one state" },
	{ "organisation", 0, "CODE", "of one organisation" },
	{ "limit", 0, "N", "at most so many" },
	{ "cursor", 0, "TEXT", "what follows a list before" },
	{ NULL, 0, NULL, NULL },
};

const struct command case_list_command = {
	.name = "case list",
	.summary = "list cases, or what a host asks management for",
	.summary_zh = "列出案件，或本主機向管理層提出的申請",
	.arguments = "",
	.arguments_max = 0,
	.examples = "yizhan case list --overdue -c management.conf\n",
	.options = list_options,
	.run = run_list,
};

/* ---- show ---------------------------------------------------------------------------- */

static int
run_show(struct cli *cli, struct error *err)
{
	struct bytes target = { 0 };
	struct bytes request = { 0 };
	const struct above above = { &request, put_request_whole };
	int rc;

	if (cli_argument(cli, 0) == NULL)
		return cli_refuse(err, "which case? See yizhan case list");
	bytes_put_text(&target, "/v1/cases/");
	http_path_put(&target, cli_argument(cli, 0));
	bytes_put_u8(&target, '\0');
	bytes_put_text(&request, "/v1/case-requests/");
	http_path_put(&request, cli_argument(cli, 0));
	bytes_put_u8(&request, '\0');
	rc = show(cli, &target, case_words_put, &above, err);
	bytes_free(&request);
	bytes_free(&target);
	return rc;
}

static const struct command_option config_options[] = {
	{ "config", 'c', "FILE", "configuration of the host" },
	{ NULL, 0, NULL, NULL },
};

const struct command case_show_command = {
	.name = "case show",
	.summary = "show a case: what can be done, what is there, its history",
	.summary_zh = "顯示案件：可辦步驟、附件與歷程",
	.arguments = "CASE",
	.arguments_max = 1,
	.examples = "yizhan case show 115-000012-7K2M -c management.conf\n",
	.options = config_options,
	.run = run_show,
};

/* ---- definitions ---------------------------------------------------------------------- */

static void
put_definitions(const struct cli *cli, const struct json_value *root,
    struct bytes *to)
{
	const struct json_value *list = json_value_member(root, "definitions");
	const char *wanted = cli_argument(cli, 0);

	for (size_t i = 0; i < json_value_count(list); i++) {
		const struct json_value *item = json_value_item(list, i);

		if (wanted == NULL ||
		    text_equal(wanted, answer_text(item, "name")))
			case_words_put_definition(cli, item, to);
	}
}

/* A definition that somebody writes, before it is built in. */
static int
check_file(const struct cli *cli, const char *path, struct error *err)
{
	struct case_definition *definition = calloc(1, sizeof(*definition));
	struct case_findings *findings = calloc(1, sizeof(*findings));
	struct bytes text = { 0 };
	int rc = -1;

	if (definition == NULL || findings == NULL)
		error_set_memory(err);
	else if (trust_read(path, CASE_DEFINITION_MAX, &text, err) == 0)
		rc = case_definition_read((const char *)text.data, text.len,
		    definition, findings);
	for (size_t i = 0; findings != NULL && i < findings->count; i++)
		cli_say(cli, "%s:%d: %s (%s)\n", path, findings->items[i].line,
		    findings->items[i].text, findings->items[i].remedy);
	if (findings != NULL && findings->count > 0)
		error_set(err, ERROR_MALFORMED, "%s: %zu findings", path,
		    findings->count);
	bytes_free(&text);
	free(findings);
	free(definition);
	return rc;
}

static int
run_definitions(struct cli *cli, struct error *err)
{
	const char *name = cli_argument(cli, 0);
	struct bytes target = { 0 };
	int rc;

	if (name != NULL && text_ends(name, ".ini"))
		return check_file(cli, name, err);
	bytes_put_text(&target, "/v1/case-definitions");
	bytes_put_u8(&target, '\0');
	rc = show(cli, &target, put_definitions, &(struct above){ NULL, NULL },
	    err);
	bytes_free(&target);
	return rc;
}

const struct command case_definitions_command = {
	.name = "case definitions",
	.summary = "show the procedures, or check one that is written",
	.summary_zh = "列出案件定義，或檢查撰寫中的定義",
	.arguments = "[NAME|FILE.ini]",
	.arguments_max = 1,
	.examples = "yizhan case definitions dissolve -c management.conf\n"
		    "yizhan case definitions new.ini\n",
	.options = config_options,
	.run = run_definitions,
};

/* ---- save ------------------------------------------------------------------------------- */

static int
run_save(struct cli *cli, struct error *err)
{
	const char *id = cli_argument(cli, 0);
	const char *number = cli_argument(cli, 1);
	struct answer answer = { 0 };
	struct bytes target = { 0 };
	int rc = -1;

	if (id == NULL || number == NULL || cli_value(cli, "to") == NULL)
		return cli_refuse(err,
		    "which attachment of which case, --to which file?");
	bytes_put_text(&target, "/v1/cases/");
	http_path_put(&target, id);
	bytes_put_text(&target, "/attachments/");
	http_path_put(&target, number);
	bytes_put_u8(&target, '\0');
	if (bytes_failed(&target, err) == 0 &&
	    answer_open(&answer, cli, err) == 0 &&
	    answer_fetch(&answer, (const char *)target.data, err) == 0)
		rc = trust_write(cli_value(cli, "to"), answer.http.body.data,
		    answer.http.body.len, err);
	bytes_free(&target);
	answer_close(&answer);
	return rc;
}

static const struct command_option save_options[] = {
	{ "config", 'c', "FILE", "configuration of the host" },
	{ "to", 'o', "FILE", "the file to write" },
	{ NULL, 0, NULL, NULL },
};

const struct command case_save_command = {
	.name = "case save",
	.summary = "save what was attached to a case",
	.summary_zh = "存出案件的附件",
	.arguments = "CASE NUMBER",
	.arguments_max = 2,
	.examples = "yizhan case save 115-000012-7K2M 0 --to letter.pdf\n",
	.options = save_options,
	.run = run_save,
};
