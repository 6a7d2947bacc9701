#include "gateway/outbox/outbox_findings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/text.h"
#include "document/finding.h"
#include "gateway/outbox/outbox_names.h"
#include "json/json_check.h"
#include "json/json_raw.h"
#include "json/json_read.h"
#include "json/json_write.h"
#include "policy/verdict.h"
#include "service/catalogue.h"

enum { REPORT_MAX = 32 * 1024 * 1024 };

void
outbox_findings_free(struct outbox_findings *findings)
{
	free(findings->list);
	free(findings->explained);
	memset(findings, 0, sizeof(*findings));
}

int
outbox_findings_add(struct outbox_findings *findings,
    const struct verdict *verdict, const struct outbox_place *place,
    const char *code, const char *name, struct error *err)
{
	bool is_error =
	    verdict->kind == VERDICT_REFUSE || verdict->kind == VERDICT_PAPER;
	struct outbox_finding *finding;
	struct bytes text = { 0 };

	if (verdict->kind == VERDICT_ALLOW)
		return 0;
	findings->has_error = findings->has_error || is_error;
	if (findings->count == OUTBOX_FINDINGS_MAX)
		return 0;
	if (findings->list == NULL)
		findings->list =
		    calloc(OUTBOX_FINDINGS_MAX, sizeof(*findings->list));
	if (findings->list == NULL)
		return error_set_memory(err);
	finding = &findings->list[findings->count];
	finding->is_error = is_error;
	text_copy(finding->rule, sizeof(finding->rule), verdict->id);
	text_copy(finding->file, sizeof(finding->file), place->file);
	finding->line = place->line;
	finding->column = place->column;
	bytes_put_format(&text, "%s%s%s", code, name[0] != '\0' ? " " : "",
	    name);
	if (bytes_failed(&text, err) < 0) {
		bytes_free(&text);
		return -1;
	}
	text_copy_len(finding->text, sizeof(finding->text),
	    (const char *)text.data, text.len);
	bytes_free(&text);
	findings->count++;
	return 0;
}

/* ---- writing --------------------------------------------------------- */

/* Everything that the catalogue says of a rule comes from the catalogue. */
static void
write_words(struct json_writer *writer, const char *rule, bool is_english)
{
	const struct message *message = catalogue_find(rule);
	const struct message_text *words;

	if (message == NULL)
		return;
	words = is_english ? &message->en : &message->zh;
	json_write_text(writer, "title", words->title);
	json_write_text(writer, "remedy", words->next);
}

/* Whether somebody has to accept it, and whether the sender did. */
static void
write_accept(struct json_writer *writer, const char *rule,
    const struct outbox_accept *accept)
{
	const char *state = "";

	if (finding_rule_needs_accept(rule))
		state = outbox_accept_has(accept, rule) ? "given" : "needed";
	json_write_text(writer, "accept", state);
}

static void
write_own(struct json_writer *writer, const struct outbox_finding *finding,
    const struct outbox_accept *accept, bool is_english)
{
	json_write_begin_object(writer, NULL);
	json_write_text(writer, "severity",
	    finding->is_error ? "error" : "warning");
	json_write_text(writer, "file", finding->file);
	json_write_int(writer, "line", finding->line);
	json_write_int(writer, "column", finding->column);
	json_write_text(writer, "element", "");
	json_write_text(writer, "rule", finding->rule);
	json_write_text(writer, "text", finding->text);
	write_accept(writer, finding->rule, accept);
	write_words(writer, finding->rule, is_english);
	json_write_end(writer);
}

static void
copy_text(struct json_writer *writer, const struct json_value *from,
    const char *key)
{
	const char *text = json_value_text(json_value_member(from, key));

	json_write_text(writer, key, text != NULL ? text : "");
}

static void
copy_int(struct json_writer *writer, const struct json_value *from,
    const char *key)
{
	int64_t number = 0;

	if (!json_value_integer(json_value_member(from, key), &number))
		number = 0;
	json_write_int(writer, key, number);
}

static void
write_readers(struct json_writer *writer, const struct json_value *finding,
    const struct outbox_accept *accept, bool is_english)
{
	const char *rule = json_value_text(json_value_member(finding, "rule"));

	json_write_begin_object(writer, NULL);
	copy_text(writer, finding, "severity");
	copy_text(writer, finding, "file");
	copy_int(writer, finding, "line");
	copy_int(writer, finding, "column");
	copy_text(writer, finding, "element");
	copy_text(writer, finding, "rule");
	copy_text(writer, finding, "text");
	if (rule != NULL) {
		write_accept(writer, rule, accept);
		write_words(writer, rule, is_english);
	}
	json_write_end(writer);
}

static int
read_report(struct blob report, struct json_document **ret_document,
    struct error *err)
{
	*ret_document = NULL;
	if (report.len == 0)
		return 0;
	return json_read(report.data, report.len, REPORT_MAX, ret_document,
	    err);
}

int
outbox_findings_read(struct blob report, struct json_document **ret_document,
    struct error *err)
{
	struct json_raw list;

	*ret_document = NULL;
	if (report.len == 0)
		return 0;
	if (json_check(report.data, report.len, REPORT_MAX, err) < 0)
		return -1;
	if (json_raw_member(json_raw_of(report.data, report.len), "findings",
		&list) &&
	    list.len == 2 && list.data[0] == '[')
		return 0;
	return read_report(report, ret_document, err);
}

/* A member of the report; NULL if there is no report. */
static const struct json_value *
member_of(const struct json_document *document, const char *key)
{
	return document == NULL ? NULL
				: json_value_member(json_root(document), key);
}

static bool
is_explained(const struct outbox_findings *findings, size_t index)
{
	return index < findings->explained_count && findings->explained[index];
}

/* Add `rule` to a list of those that nobody accepted, once. */
static void
put_missing(const struct outbox_accept *accept, const char *rule, char *to,
    size_t size)
{
	size_t len = strlen(to);

	if (rule == NULL || !finding_rule_needs_accept(rule) ||
	    outbox_accept_has(accept, rule) || strstr(to, rule) != NULL ||
	    len + strlen(rule) + 2 > size)
		return;
	snprintf(to + len, size - len, "%s%s", len > 0 ? "," : "", rule);
}

int
outbox_findings_accepted(const struct outbox_findings *findings,
    struct blob report, struct error *err)
{
	char missing[OUTBOX_ACCEPT_MAX * ERROR_ID_SIZE] = "";
	struct json_document *document;
	const struct json_value *list;

	if (outbox_findings_read(report, &document, err) < 0)
		return -1;
	list = member_of(document, "findings");
	for (size_t i = 0; list != NULL && i < json_value_count(list); i++)
		if (!is_explained(findings, i))
			put_missing(&findings->accept,
			    json_value_text(
				json_value_member(json_value_item(list, i),
				    "rule")),
			    missing, sizeof(missing));
	for (size_t i = 0; i < findings->count; i++)
		put_missing(&findings->accept, findings->list[i].rule, missing,
		    sizeof(missing));
	json_document_free(document);
	if (missing[0] != '\0')
		return error_set_id(err, "E4219", ERROR_MALFORMED,
		    "not accepted: %s", missing);
	return 0;
}

int
outbox_findings_write(const struct outbox_findings *findings,
    struct blob report, bool is_english, const char *key,
    struct json_writer *writer, struct error *err)
{
	struct json_document *document;
	const struct json_value *list;

	if (outbox_findings_read(report, &document, err) < 0)
		return -1;
	list = member_of(document, "findings");
	json_write_begin_array(writer, key);
	for (size_t i = 0; list != NULL && i < json_value_count(list); i++)
		if (!is_explained(findings, i))
			write_readers(writer, json_value_item(list, i),
			    &findings->accept, is_english);
	for (size_t i = 0; i < findings->count; i++)
		write_own(writer, &findings->list[i], &findings->accept,
		    is_english);
	json_write_end(writer);
	json_document_free(document);
	return 0;
}

static int copy_value(const char *key, const struct json_value *value,
    void *context, struct error *err);

/* Values of the reader are written anew, so that nothing else slips in. */
static int
copy_value(const char *key, const struct json_value *value, void *context,
    struct error *err)
{
	struct json_writer *writer = context;
	const char *text = json_value_text(value);
	int64_t number;
	bool truth;
	int rc = 0;

	if (text != NULL) {
		json_write_text(writer, key, text);
	} else if (json_value_integer(value, &number)) {
		json_write_int(writer, key, number);
	} else if (json_value_bool(value, &truth)) {
		json_write_bool(writer, key, truth);
	} else if (json_value_is_object(value)) {
		json_write_begin_object(writer, key);
		rc = json_value_each(value, copy_value, writer, err);
		json_write_end(writer);
	} else if (json_value_is_array(value)) {
		json_write_begin_array(writer, key);
		for (size_t i = 0; rc == 0 && i < json_value_count(value); i++)
			rc = copy_value(NULL, json_value_item(value, i), writer,
			    err);
		json_write_end(writer);
	} else {
		json_write_null(writer, key);
	}
	return rc;
}

int
outbox_findings_write_document(struct blob report, struct json_writer *writer,
    struct error *err)
{
	struct json_document *document;
	const struct json_value *value;
	int rc = 0;

	if (read_report(report, &document, err) < 0)
		return -1;
	value = member_of(document, "document");
	if (value == NULL)
		json_write_null(writer, "document");
	else
		rc = copy_value("document", value, writer, err);
	value = member_of(document, "envelopes");
	if (rc == 0 && json_value_count(value) > 0)
		rc = copy_value("envelopes", value, writer, err);
	json_document_free(document);
	return rc;
}

static void
take_mark(const struct json_value *document, const char *key, char *to,
    size_t size)
{
	const char *text = json_value_text(json_value_member(document, key));

	/* What does not fit is no known word, and no word is no mark. */
	if (text != NULL && !text_copy(to, size, text))
		text_copy(to, size, "?");
}

int
outbox_findings_marks(struct blob report, struct outbox_marks *ret_marks,
    struct error *err)
{
	struct json_document *document;
	const struct json_value *value;

	memset(ret_marks, 0, sizeof(*ret_marks));
	if (read_report(report, &document, err) < 0)
		return -1;
	value = member_of(document, "document");
	if (value != NULL && json_value_is_object(value)) {
		take_mark(value, "kind", ret_marks->kind,
		    sizeof(ret_marks->kind));
		take_mark(value, "secrecy", ret_marks->secrecy,
		    sizeof(ret_marks->secrecy));
	}
	json_document_free(document);
	return 0;
}

int
outbox_findings_other_reader(struct blob report, const char *name,
    char ret_other[MESSAGE_NAME_SIZE], struct error *err)
{
	static const char *const lists[] = { "originals", "copies", "attendees",
		"observers" };
	struct json_document *document;
	const struct json_value *value;

	ret_other[0] = '\0';
	if (read_report(report, &document, err) < 0)
		return -1;
	value = member_of(document, "document");
	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		const struct json_value *list =
		    json_value_member(value, lists[i]);

		for (size_t j = 0; j < json_value_count(list); j++) {
			const char *other = json_value_text(
			    json_value_member(json_value_item(list, j),
				"name"));

			if (other != NULL && !outbox_names_equal(other, name))
				text_copy(ret_other, MESSAGE_NAME_SIZE, other);
		}
	}
	json_document_free(document);
	return 0;
}

int
outbox_findings_missing(struct blob report, outbox_findings_name_fn take,
    void *ctx, struct error *err)
{
	struct json_document *document;
	const struct json_value *list;
	int rc = 0;

	if (read_report(report, &document, err) < 0)
		return -1;
	list = member_of(document, "findings");
	for (size_t i = 0; rc == 0 && i < json_value_count(list); i++) {
		const struct json_value *item = json_value_item(list, i);
		const char *rule =
		    json_value_text(json_value_member(item, "rule"));
		const char *name =
		    json_value_text(json_value_member(item, "text"));

		if (rule != NULL && text_equal(rule, "E2123") && name != NULL)
			rc = take(ctx, name, err);
	}
	json_document_free(document);
	return rc;
}
