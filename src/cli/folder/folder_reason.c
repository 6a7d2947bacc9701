/* What people read about a letter that was refused: both languages, as text. */
#include "cli/folder/folder.h"

#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "cli/cli.h"
#include "json/json_read.h"
#include "service/catalogue.h"

int
folder_problem(const struct folder *folder, struct error *err)
{
	const struct yizhan_problem *problem = yizhan_problem(folder->api);
	enum error_code code = ERROR_SYSTEM;

	if (problem->code[0] == '\0' && problem->result == YIZHAN_BUSY)
		return error_set_id(err, "E6807", ERROR_BUSY, "%.240s",
		    problem->detail);
	if (strcmp(problem->code, "E6806") == 0)
		return error_set_id(err, "E6806", ERROR_BUSY, "%.240s",
		    problem->detail);

	if (problem->result == YIZHAN_BUSY ||
	    problem->result == YIZHAN_DENIED ||
	    (problem->result == YIZHAN_LOCAL && problem->status == 0))
		code = ERROR_BUSY;
	return error_set_id(err, problem->code, code, "%.200s%s%.80s",
	    problem->detail, problem->title[0] != '\0' ? "; " : "",
	    problem->title);
}

static void
put_words(const struct message *message, struct bytes *to)
{
	bytes_put_format(to, "%s %s\n原因：%s\n處理：%s\n\n", message->id,
	    message->zh.title, message->zh.cause, message->zh.next);
	bytes_put_format(to, "%s %s\nWhy: %s\nNext: %s\n", message->id,
	    message->en.title, message->en.cause, message->en.next);
}

static void
put_detail(const char *detail, struct bytes *to)
{
	if (detail[0] == '\0')
		return;
	bytes_put_text(to, "\n細節 Detail: ");
	cli_put(to, detail);
	bytes_put_text(to, "\n");
}

static const char *
text_of(const struct json_value *value, const char *name)
{
	const char *text = json_value_text(json_value_member(value, name));

	return text != NULL ? text : "";
}

/* A finding: where, and its words in both languages. */
static void
put_finding(const struct json_value *finding, struct bytes *to)
{
	const char *rule = text_of(finding, "rule");
	const struct message *message = catalogue_find(rule);
	int64_t line = 0;

	if (!json_value_integer(json_value_member(finding, "line"), &line))
		line = 0;
	bytes_put_text(to, "\n- ");
	cli_put(to, text_of(finding, "file"));
	if (line > 0)
		bytes_put_format(to, ":%lld", (long long)line);
	bytes_put_text(to, " ");
	cli_put(to, text_of(finding, "element"));
	bytes_put_text(to, "\n  ");
	cli_put(to, rule);
	if (message != NULL)
		bytes_put_format(to, " %s；%s\n  %s; %s", message->zh.title,
		    message->zh.next, message->en.title, message->en.next);
	bytes_put_text(to, "\n  ");
	cli_put(to, text_of(finding, "text"));
	bytes_put_text(to, "\n");
}

static void
put_findings(const char *json, struct bytes *to)
{
	struct json_document *document = NULL;
	const struct json_value *list;
	struct error none = { 0 };

	if (json_read(json, strlen(json), FOLDER_TEXT_MAX, &document, &none) <
	    0)
		return;
	list = json_value_member(json_root(document), "errors");
	for (size_t i = 0; i < json_value_count(list); i++)
		put_finding(json_value_item(list, i), to);
	json_document_free(document);
}

void
folder_reason_of_problem(const struct yizhan_problem *problem, struct bytes *to)
{
	const struct message *message = catalogue_find(problem->code);

	if (message != NULL)
		put_words(message, to);
	else
		bytes_put_format(to, "%s\n%s\n", problem->title, problem->next);
	put_detail(problem->detail, to);
	if (problem->trace_id[0] != '\0') {
		bytes_put_text(to, "追蹤碼 Trace: ");
		cli_put(to, problem->trace_id);
		bytes_put_text(to, "\n");
	}
	put_findings(problem->json, to);
}

void
folder_reason_of_error(const struct error *failure, struct bytes *to)
{
	put_words(catalogue_of_error(failure), to);
	put_detail(failure->text, to);
}
