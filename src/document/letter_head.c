/*
 * Who a letter is from, its number and date, and its marks.
 */
#include <string.h>

#include "base/text.h"
#include "document/letter_internal.h"
#include "document/pool.h"
#include "document/xml_file.h"

enum {
	REF_YEAR_MAX = 3,
	REF_SEQ_MAX = 10,
	REF_SEQ_USUAL = 7,
	REF_BRANCH_MAX = 4,
};

/* ---- sender ---------------------------------------------------------- */

static void
read_sender_code(const struct xml_file *file, const struct _xmlNode *node,
    struct org_code *to)
{
	const struct _xmlNode *code = xml_child(node, "機關代碼");
	const char *org = xml_text(file, code);
	const char *unit = xml_child_text(file, node, "單位代碼");

	if (org_code_join(org, unit, to))
		return;
	to->text[0] = '\0';
	if (code == NULL)
		letter_report_missing(file, node, "機關代碼");
	else
		xml_report(file, code, "E2110",
		    strlen(org) == ORG_LEN ? unit : org);
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
		to[i].name = letter_needed_text(file, node,
		    xml_child(node, "單位名") != NULL ? "單位名" : "全銜");
		read_sender_code(file, node, &to[i].code);
		node = xml_next(node, "發文機關");
	}
	document->senders = to;
	document->sender_count = count;
	if (count == 0 && document->kind != DOC_KIND_MEMO)
		letter_report_missing(file, root, "發文機關");
}

/* ---- number ---------------------------------------------------------- */

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

/* 字 and 文號, or free text. */
static void
read_ref_no(const struct xml_file *file, const struct _xmlNode *node,
    struct ref_no *to)
{
	const struct _xmlNode *number = xml_child(node, "文號");

	to->text = to->prefix = "";
	if (number == NULL && xml_child(node, "字") == NULL)
		to->text = letter_needed_text(file, node, "文字");
	else
		to->prefix = letter_needed_text(file, node, "字");
	read_number(file, number, to);
	if (number != NULL)
		check_number(file, number, to);
	else if (*to->text == '\0')
		letter_report_missing(file, node, "文號");
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
	if (count == 0)
		letter_report_missing(file, root, "發文字號");
}

/* ---- date ------------------------------------------------------------ */

static void
read_issued(const struct xml_file *file, struct document *document)
{
	const struct _xmlNode *root = xml_file_root(file);
	const struct _xmlNode *node = xml_child(root, "發文日期");
	const struct _xmlNode *date = xml_child(node, "年月日");

	if (node == NULL) {
		letter_report_missing(file, root, "發文日期");
		return;
	}
	if (date == NULL)
		date = node;
	document->issued_text = xml_text(file, date);
	if (!roc_date_parse(document->issued_text, &document->issued))
		xml_report(file, date, "E2112", document->issued_text);
}

/* ---- of 簽 ----------------------------------------------------------- */

/* A memo is a draft: its number and its date may still be empty. */
static void
read_memo(const struct xml_file *file, struct document *document)
{
	const struct _xmlNode *root = xml_file_root(file);
	const struct _xmlNode *number = xml_child(root, "文號");
	const struct _xmlNode *date = xml_child(root, "年月日");
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
	document->signed_text = document->issued_text = xml_text(file, date);
	if (*document->signed_text != '\0' &&
	    !roc_date_parse(document->signed_text, &document->issued))
		xml_report(file, date, "E2112", document->signed_text);
	document->unit =
	    xml_child_text(file, xml_child(root, "單位"), "單位名");
	document->handling =
	    xml_attribute(file, xml_child(root, "擬辦方式"), "代碼");
}

/* ---- marks ----------------------------------------------------------- */

static const char *
class_of(const struct xml_file *file, const struct document *document)
{
	const struct _xmlNode *root = xml_file_root(file);

	if (document->kind == DOC_KIND_LETTER)
		return xml_attribute(file, xml_child(root, "函類別"), "代碼");
	if (document->kind == DOC_KIND_ORDER)
		return xml_attribute(file, xml_child(root, "令類別"), "代碼");
	if (document->kind == DOC_KIND_MEMO && xml_is(root, "便簽"))
		return "便簽";
	return "";
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

/*
 * 密件不得電子交換.  An empty 密等 is how a letter says that it is none; the
 * mark counts also where it was written as text.
 */
static void
read_secrecy(const struct xml_file *file, struct document *document)
{
	const struct _xmlNode *root = xml_file_root(file);
	const struct _xmlNode *parent =
	    xml_child(root, "密等及解密條件或保密期限");
	const struct _xmlNode *node =
	    xml_child(parent == NULL ? root : parent, "密等");

	document->secrecy = xml_attribute(file, node, "代碼");
	if (*document->secrecy == '\0')
		document->secrecy = xml_text(file, node);
	document->declassify =
	    xml_child_text(file, parent, "解密條件或保密期限");
	if (*document->secrecy != '\0')
		xml_report(file, node, "E2201", document->secrecy);
}

void
letter_read_head(const struct xml_file *file, struct document *document)
{
	const struct _xmlNode *root = xml_file_root(file);

	read_senders(file, document);
	document->class_name = class_of(file, document);
	if (document->kind == DOC_KIND_MEMO) {
		read_memo(file, document);
	} else {
		read_ref_nos(file, document);
		read_issued(file, document);
	}
	read_speed(file, document);
	read_secrecy(file, document);
	document->address = xml_child_text(file, root, "地址");
	document->contacts =
	    letter_texts(file, root, "聯絡方式", &document->contact_count);
}
