#include "document/letter.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "document/document.h"
#include "document/file_name.h"
#include "document/finding.h"
#include "document/letter_internal.h"
#include "document/pool.h"
#include "document/roster.h"
#include "document/xml_file.h"

enum {
	REF_YEAR_MAX = 3,
	REF_SEQ_MAX = 10,
	REF_SEQ_USUAL = 7,
	REF_BRANCH_MAX = 4,
};

/* A text that must not be empty. */
static const char *
needed_text(const struct xml_file *file, const struct _xmlNode *parent,
    const char *name)
{
	const struct _xmlNode *node = xml_child(parent, name);
	const char *text = xml_text(file, node);

	/* An element that is not there at all is the DTD's finding. */
	if (node != NULL && *text == '\0')
		xml_report(file, node, "E2114", name);
	return text;
}

static void
read_sender(const struct xml_file *file, const struct _xmlNode *node,
    struct document_sender *to)
{
	const struct _xmlNode *code = xml_child(node, "機關代碼");
	const char *org = xml_text(file, code);
	const char *unit = xml_child_text(file, node, "單位代碼");

	to->name = needed_text(file, node,
	    xml_child(node, "單位名") != NULL ? "單位名" : "全銜");
	if (!org_code_join(org, unit, &to->code)) {
		to->code.text[0] = '\0';
		if (code != NULL)
			xml_report(file, code, "E2110",
			    strlen(org) == ORG_LEN ? unit : org);
	}
}

static void
read_senders(const struct xml_file *file, struct document *document)
{
	const struct _xmlNode *root = xml_file_root(file);
	const struct _xmlNode *node = xml_child(root, "發文機關");
	size_t count = xml_count(root, "發文機關");
	struct document_sender *to;

	to = pool_alloc(file->pool, count, sizeof(*to));
	if (to == NULL)
		return;
	for (size_t i = 0; i < count; i++) {
		read_sender(file, node, &to[i]);
		node = xml_next(node, "發文機關");
	}
	document->senders = to;
	document->sender_count = count;
}

static bool
is_digits(const char *text)
{
	return *text != '\0' && text[strspn(text, "0123456789")] == '\0';
}

static bool
is_alphanumeric(const char *text)
{
	return text[strspn(text,
		   "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
		   "abcdefghijklmnopqrstuvwxyz-")] == '\0';
}

/* 年度 of up to 3 digits, 流水號 of 7 as a rule, 支號 if there is one. */
static void
check_number(const struct xml_file *file, const struct _xmlNode *node,
    const struct ref_no *ref_no)
{
	const char *year = ref_no->year;
	const char *seq = ref_no->seq;

	if (!is_digits(year) || strlen(year) > REF_YEAR_MAX)
		xml_report(file, node, "E2111", year);
	if (*seq == '\0' || !is_alphanumeric(seq) || strlen(seq) > REF_SEQ_MAX)
		xml_report(file, node, "E2111", seq);
	else if (!is_digits(seq) || strlen(seq) != REF_SEQ_USUAL)
		xml_report(file, node, "E2118", seq);
	if (!is_alphanumeric(ref_no->branch) ||
	    strlen(ref_no->branch) > REF_BRANCH_MAX)
		xml_report(file, node, "E2111", ref_no->branch);
}

static void
read_number(const struct xml_file *file, const struct _xmlNode *node,
    struct ref_no *to)
{
	to->year = xml_child_text(file, node, "年度");
	to->seq = xml_child_text(file, node, "流水號");
	to->branch = xml_child_text(file, node, "支號");
}

static void
read_ref_no(const struct xml_file *file, const struct _xmlNode *node,
    struct ref_no *to)
{
	const struct _xmlNode *number = xml_child(node, "文號");

	to->text = needed_text(file, node, "文字");
	to->prefix = needed_text(file, node, "字");
	read_number(file, number, to);
	if (number != NULL)
		check_number(file, number, to);
}

static void
read_ref_nos(const struct xml_file *file, struct document *document)
{
	const struct _xmlNode *root = xml_file_root(file);
	const struct _xmlNode *node = xml_child(root, "發文字號");
	size_t count = xml_count(root, "發文字號");
	struct ref_no *to;

	to = pool_alloc(file->pool, count, sizeof(*to));
	if (to == NULL)
		return;
	for (size_t i = 0; i < count; i++) {
		read_ref_no(file, node, &to[i]);
		node = xml_next(node, "發文字號");
	}
	document->ref_nos = to;
	document->ref_no_count = count;
}

/* A memo is a draft: its number and its date may still be empty. */
static void
read_memo_head(const struct xml_file *file, struct document *document)
{
	const struct _xmlNode *root = xml_file_root(file);
	const struct _xmlNode *number = xml_child(root, "文號");
	struct ref_no *to = pool_alloc(file->pool, 1, sizeof(*to));

	if (to == NULL)
		return;
	to->prefix = to->text = "";
	read_number(file, number, to);
	if (number != NULL &&
	    (*to->year != '\0' || *to->seq != '\0' || *to->branch != '\0'))
		check_number(file, number, to);
	document->ref_nos = to;
	document->ref_no_count = number == NULL ? 0 : 1;
	document->issued_text = xml_child_text(file, root, "年月日");
	if (*document->issued_text != '\0' &&
	    !roc_date_parse(document->issued_text, &document->issued))
		xml_report(file, xml_child(root, "年月日"), "E2112",
		    document->issued_text);
}

static void
read_letter_head(const struct xml_file *file, struct document *document)
{
	const struct _xmlNode *root = xml_file_root(file);
	const struct _xmlNode *date =
	    xml_child(xml_child(root, "發文日期"), "年月日");

	read_ref_nos(file, document);
	document->class_name =
	    xml_attribute(file, xml_child(root, "函類別"), "代碼");
	document->issued_text = xml_text(file, date);
	if (date != NULL &&
	    !roc_date_parse(document->issued_text, &document->issued))
		xml_report(file, date, "E2112", document->issued_text);
}

static void
read_speed(const struct xml_file *file, struct document *document)
{
	const char *speed =
	    xml_attribute(file, xml_child(xml_file_root(file), "速別"), "代碼");

	if (text_equal(speed, "普通件"))
		document->speed = LETTER_SPEED_NORMAL;
	else if (text_equal(speed, "速件"))
		document->speed = LETTER_SPEED_FAST;
	else if (text_equal(speed, "最速件"))
		document->speed = LETTER_SPEED_FASTEST;
}

/* 密件不得電子交換.  An empty 密等 is how a letter says that it is none. */
static void
read_secrecy(const struct xml_file *file, struct document *document)
{
	const struct _xmlNode *parent =
	    xml_child(xml_file_root(file), "密等及解密條件或保密期限");
	const struct _xmlNode *node = xml_child(parent, "密等");

	document->secrecy = xml_attribute(file, node, "代碼");
	document->declassify =
	    xml_child_text(file, parent, "解密條件或保密期限");
	if (*document->secrecy != '\0')
		xml_report(file, node, "E2201", document->secrecy);
}

static bool
reader_kind_of(const struct _xmlNode *node, enum reader_kind *ret_kind)
{
	static const struct {
		const char *name;
		enum reader_kind kind;
	} kinds[] = {
		{ "全銜", READER_ORG },
		{ "單位名", READER_UNIT },
		{ "姓名", READER_PERSON },
		{ "總稱", READER_GROUP },
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (xml_is(node, kinds[i].name)) {
			*ret_kind = kinds[i].kind;
			return true;
		}
	return false;
}

/* The readers named in 正本 or 副本; `with` says whether all get attachments. */
static size_t
read_readers(const struct xml_file *file, const char *list, bool with,
    const struct document_reader **ret_readers)
{
	const struct _xmlNode *parent = xml_child(xml_file_root(file), list);
	size_t room = xml_count(parent, NULL);
	size_t count = 0;
	struct document_reader *to;

	to = pool_alloc(file->pool, room, sizeof(*to));
	if (to == NULL)
		return 0;
	for (const struct _xmlNode *at = xml_child(parent, NULL); at != NULL;
	     at = xml_next(at, NULL)) {
		if (reader_kind_of(at, &to[count].kind)) {
			to[count].name = xml_text(file, at);
			to[count].with_attachments = with;
			to[count].line = xml_line(at);
			if (*to[count].name == '\0')
				xml_report(file, at, "E2114", list);
			count++;
		} else if (count > 0 && xml_is(at, "含附件")) {
			to[count - 1].with_attachments =
			    text_equal(xml_text(file, at), "含附件");
		}
	}
	*ret_readers = to;
	return count;
}

static void
read_recipient(const struct xml_file *file, struct document *document)
{
	const struct _xmlNode *node =
	    xml_child(xml_child(xml_file_root(file), "受文者"), NULL);
	struct roster_entry *entry;
	enum reader_kind kind;

	if (document->kind != DOC_KIND_LETTER || node == NULL ||
	    !reader_kind_of(node, &kind))
		return;
	entry = pool_alloc(file->pool, 1, sizeof(*entry));
	if (entry == NULL)
		return;
	roster_entry_read(file, node, entry);
	document->recipient = entry;
}

static void
read_all(const struct xml_file *file, struct document *document)
{
	read_senders(file, document);
	if (document->kind == DOC_KIND_MEMO)
		read_memo_head(file, document);
	else
		read_letter_head(file, document);
	read_speed(file, document);
	read_secrecy(file, document);
	document->subject =
	    needed_text(file, xml_child(xml_file_root(file), "主旨"), "文字");
	document->original_count =
	    read_readers(file, "正本", true, &document->originals);
	document->copy_count =
	    read_readers(file, "副本", false, &document->copies);
	read_recipient(file, document);
	letter_read_files(file, document);
}

static int
read_parsed(struct xml_file *file, const struct dtd_set *dtds,
    struct document *document, struct error *err)
{
	struct finding_place place = { .file = file->name };
	const struct doc_kind_info *info;

	info = doc_kind_of(&file->prolog, &place, file->findings);
	if (info == NULL)
		return 0;
	if (info->kind != DOC_KIND_LETTER && info->kind != DOC_KIND_MEMO) {
		xml_report(file, xml_file_root(file), "E2023", info->root);
		return 0;
	}
	if (xml_file_validate(file, dtds, info->dtd, err) < 0)
		return -1;
	document->kind = info->kind;
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
	struct xml_file file;
	int rc;

	*ret_document = (struct document){ .name = input->name,
		.class_name = "",
		.issued_text = "",
		.secrecy = "",
		.declassify = "",
		.subject = "",
		.attachment_note = "" };
	rc = xml_file_open(input->name, input->data, input->len, LETTER_LEN_MAX,
	    pool, findings, &file, err);
	check_declared_names(&file);
	if (rc > 0)
		rc = read_parsed(&file, dtds, ret_document, err);
	xml_file_close(&file);
	return rc;
}
