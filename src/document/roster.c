#include "document/roster.h"

#include "base/error.h"
#include "base/text.h"
#include "document/doc_kind.h"
#include "document/document.h"
#include "document/finding.h"
#include "document/pool.h"
#include "document/xml_file.h"

static bool
begins_entry(const struct _xmlNode *node)
{
	return xml_is(node, "全銜") || xml_is(node, "單位名") ||
	    xml_is(node, "姓名");
}

/*
 * An original goes with the attachments unless the list says otherwise, any
 * other copy only if it says so.
 */
static bool
gets_attachments(const struct xml_file *file, const struct _xmlNode *node,
    const char *text, const char *copy)
{
	if (text_equal(text, "含附件"))
		return true;
	if (text_equal(text, "不含附件"))
		return false;
	if (*text != '\0')
		xml_report(file, node, "E2132", text);
	return text_equal(copy, "正本");
}

static void
read_code(const struct xml_file *file, const struct _xmlNode *node,
    const char *org, const char *unit, struct roster_entry *entry)
{
	char text[64];

	if (org_code_join(org, unit, &entry->code))
		return;
	entry->code.text[0] = '\0';
	if (!text_copy(text, sizeof(text), org))
		text[0] = '\0';
	xml_report(file, node, "E2110", *unit == '\0' ? text : unit);
}

const struct _xmlNode *
roster_entry_read(const struct xml_file *file, const struct _xmlNode *first,
    struct roster_entry *ret_entry)
{
	const struct _xmlNode *attachments = NULL;
	const struct _xmlNode *code = first;
	const struct _xmlNode *at = first;
	const char *org = "";
	const char *unit = "";
	const char *with = "";
	struct roster_entry entry = { .copy = "正本",
		.body_file = "",
		.file = file->name,
		.line = xml_line(first),
		.column = xml_column(first),
		.is_unit = xml_is(first, "單位名") };

	entry.name = xml_text(file, first);
	entry.is_person = xml_is(first, "姓名");
	while ((at = xml_next(at, NULL)) != NULL && !begins_entry(at)) {
		if (xml_is(at, "機關代碼")) {
			org = xml_text(file, at);
			code = at;
		} else if (xml_is(at, "單位代碼")) {
			unit = xml_text(file, at);
		} else if (xml_is(at, "含附件")) {
			with = xml_text(file, at);
			attachments = at;
		} else if (xml_is(at, "內含本文與附件之可攜式文件檔名")) {
			entry.body_file = xml_text(file, at);
		} else if (xml_is(at, "本別")) {
			entry.copy = xml_attribute(file,
			    xml_child(at, "收發處理本別"), "代碼");
		}
	}
	read_code(file, code, org, unit, &entry);
	if (*entry.name == '\0')
		xml_report(file, first, "E2114", (const char *)"");
	entry.with_attachments =
	    gets_attachments(file, attachments, with, entry.copy);
	*ret_entry = entry;
	return at;
}

static size_t
count_entries(const struct _xmlNode *root)
{
	size_t count = 0;

	for (const struct _xmlNode *at = xml_child(root, NULL); at != NULL;
	     at = xml_next(at, NULL))
		count += begins_entry(at);
	return count;
}

static enum reader_kind
kind_of(const struct roster_entry *entry)
{
	if (entry->is_person)
		return READER_PERSON;
	return entry->is_unit ? READER_UNIT : READER_ORG;
}

static int
read_entries(const struct xml_file *file, struct roster *roster,
    struct error *err)
{
	const struct _xmlNode *root = xml_file_root(file);
	const struct _xmlNode *at = xml_child(root, NULL);
	size_t count = count_entries(root);
	unsigned seen[READER_GROUP] = { 0 };
	struct roster_entry *entries;

	entries = pool_alloc(file->pool, count, sizeof(*entries));
	if (entries == NULL)
		return error_set_memory(err);
	while (at != NULL && !begins_entry(at))
		at = xml_next(at, NULL);
	for (size_t i = 0; i < count && at != NULL; i++) {
		at = roster_entry_read(file, at, &entries[i]);
		entries[i].position = ++seen[kind_of(&entries[i])];
	}
	roster->entries = entries;
	roster->count = count;
	return file->pool->failed ? error_set_memory(err) : 0;
}

static int
read_parsed(struct xml_file *file, const struct dtd_set *dtds,
    struct roster *roster, struct error *err)
{
	struct finding_place place = { .file = file->name };
	struct doc_form form;

	if (!doc_form_of(&file->prolog, &place, file->findings, &form))
		return 0;
	if (form.info->kind != DOC_KIND_ROSTER) {
		xml_report(file, xml_file_root(file), "E2023", form.info->root);
		return 0;
	}
	roster->model = form.model;
	if (xml_file_validate(file, dtds, &form, err) < 0 ||
	    read_entries(file, roster, err) < 0)
		return -1;
	return 1;
}

int
roster_read(const struct document_input *input, const struct dtd_set *dtds,
    struct pool *pool, struct findings *findings, struct roster *ret_roster,
    struct error *err)
{
	struct xml_source source = { .name = input->name,
		.data = input->data,
		.len = input->len,
		.max = ROSTER_LEN_MAX };
	struct xml_file file;
	int rc;

	*ret_roster = (struct roster){ .name = input->name };
	rc = xml_file_open(&source, pool, findings, &file, err);
	if (rc > 0)
		rc = read_parsed(&file, dtds, ret_roster, err);
	xml_file_close(&file);
	return rc;
}
