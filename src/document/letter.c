#include "document/letter.h"

#include "base/error.h"
#include "base/text.h"
#include "document/document.h"
#include "document/file_name.h"
#include "document/finding.h"
#include "document/letter_internal.h"
#include "document/pool.h"
#include "document/xml_file.h"

void
letter_report_missing(const struct xml_file *file,
    const struct _xmlNode *parent, const char *name)
{
	if (!file->is_strict)
		xml_report(file, parent, "E2108", name);
}

const char *
letter_needed_text(const struct xml_file *file, const struct _xmlNode *parent,
    const char *name)
{
	const struct _xmlNode *node = xml_child(parent, name);
	const char *text = xml_text(file, node);

	if (node == NULL)
		letter_report_missing(file, parent, name);
	else if (*text == '\0')
		xml_report(file, node, "E2114", name);
	return text;
}

const char *
letter_text_of(const struct xml_file *file, const struct _xmlNode *node)
{
	const struct _xmlNode *text = xml_child(node, "文字");

	return text != NULL ? xml_text(file, text) : xml_own_text(file, node);
}

const char *const *
letter_texts(const struct xml_file *file, const struct _xmlNode *parent,
    const char *name, size_t *ret_count)
{
	size_t count = xml_count(parent, name);
	const struct _xmlNode *node = xml_child(parent, name);
	const char **to = pool_alloc(file->pool, count, sizeof(*to));

	*ret_count = 0;
	if (to == NULL)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		to[i] = xml_text(file, node);
		node = xml_next(node, name);
	}
	*ret_count = count;
	return to;
}

const char *
document_kind_name(enum doc_kind kind)
{
	switch (kind) {
	case DOC_KIND_LETTER:
		return "函";
	case DOC_KIND_MEMO:
		return "簽";
	case DOC_KIND_ORDER:
		return "令";
	case DOC_KIND_NOTICE:
		return "公告";
	case DOC_KIND_MEETING:
		return "開會通知單";
	case DOC_KIND_SURVEY:
		return "會勘通知單";
	case DOC_KIND_ROSTER:
	case DOC_KIND_MESSAGE:
	case DOC_KIND_OTHER:
		break;
	}
	return "";
}

static void
read_all(const struct xml_file *file, struct document *document)
{
	letter_read_head(file, document);
	letter_read_body(file, document);
	letter_read_people(file, document);
	if (document->kind == DOC_KIND_MEETING ||
	    document->kind == DOC_KIND_SURVEY)
		letter_read_meeting(file, document);
	letter_read_files(file, document);
}

static bool
is_letter(enum doc_kind kind)
{
	return kind != DOC_KIND_ROSTER && kind != DOC_KIND_MESSAGE &&
	    kind != DOC_KIND_OTHER;
}

static int
read_parsed(struct xml_file *file, const struct dtd_set *dtds,
    struct document *document, struct error *err)
{
	struct finding_place place = { .file = file->name };
	struct doc_form form;

	if (!doc_form_of(&file->prolog, &place, file->findings, &form))
		return 0;
	if (!is_letter(form.info->kind)) {
		xml_report(file, xml_file_root(file), "E2023", form.info->root);
		return 0;
	}
	if (xml_file_validate(file, dtds, &form, err) < 0)
		return -1;
	document->kind = form.info->kind;
	document->model = form.model;
	read_all(file, document);
	return file->pool->failed ? error_set_memory(err) : 1;
}

/* Also for a file that is refused: all of its faults at once. */
static void
check_declared_names(const struct xml_file *file)
{
	for (size_t i = 0; i < file->prolog.entity_count; i++) {
		const struct prolog_entity *entity = &file->prolog.entities[i];
		const char *rule = file_name_broken_rule(entity->file);
		struct finding_place place = { file->name, entity->line,
			entity->column, NULL };

		if (rule != NULL)
			findings_add(file->findings, &place, rule,
			    entity->file);
	}
}

int
letter_read(const struct document_input *input, const struct dtd_set *dtds,
    struct pool *pool, struct findings *findings, struct document *ret_document,
    struct error *err)
{
	struct xml_source source = { .name = input->name,
		.data = input->data,
		.len = input->len,
		.max = LETTER_LEN_MAX };
	struct xml_file file;
	int rc;

	*ret_document = (struct document){ .name = input->name,
		.class_name = "",
		.issued_text = "",
		.secrecy = "",
		.declassify = "",
		.subject = "",
		.address = "",
		.addressee = "",
		.attachment_note = "",
		.venue = "",
		.unit = "",
		.handling = "",
		.signed_text = "" };
	rc = xml_file_open(&source, pool, findings, &file, err);
	check_declared_names(&file);
	if (rc > 0)
		rc = read_parsed(&file, dtds, ret_document, err);
	xml_file_close(&file);
	return rc;
}
