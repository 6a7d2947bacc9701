/*
 * The upper half of a document: who writes to whom, when, under which number.
 */
#include <stdint.h>
#include <stdio.h>

#include "base/bytes.h"
#include "base/text.h"
#include "document/letter.h"
#include "document/make_internal.h"

enum { ENTITY_SIZE = 256, DATE_SIZE = 64 };

void
make_senders(struct maker *maker, const struct document *document)
{
	for (size_t i = 0; i < document->sender_count; i++) {
		const struct document_sender *sender = &document->senders[i];

		make_open(maker, "發文機關", i + 1);
		make_needed(maker,
		    org_code_is_unit(&sender->code) ? "單位名" : "全銜", 0,
		    sender->name);
		make_code(maker, &sender->code);
		make_close(maker, "發文機關");
	}
}

void
make_unit(struct maker *maker, const struct document *document)
{
	make_open(maker, "單位", 0);
	make_needed(maker, "單位名", 0, document->unit);
	make_close(maker, "單位");
}

void
make_class(struct maker *maker, const struct document *document)
{
	static const char *const letters[] = { "函", "書函", "交辦案件通知單",
		"交議案件通知單", "催辦案件通知單", "移文單",
		"機密文書機密等級變更或註銷建議單",
		"機密文書機密等級變更或註銷通知單", "執行命令", "獎懲建議函",
		NULL };
	static const char *const orders[] = { "令", "獎懲令", NULL };
	bool is_order = document->kind == DOC_KIND_ORDER;
	const char *name = document->class_name;

	if (*name == '\0')
		name = is_order ? "令" : "函";
	make_word(maker, is_order ? "令類別" : "函類別", name,
	    is_order ? orders : letters);
}

void
make_address(struct maker *maker, const struct document *document)
{
	make_element(maker, "地址", 0, document->address);
}

void
make_contacts(struct maker *maker, const struct document *document)
{
	for (size_t i = 0; i < document->contact_count; i++)
		make_element(maker, "聯絡方式", i + 1, document->contacts[i]);
}

static void
put_table(struct maker *maker, const struct document *document)
{
	bool is_invitation = document->kind == DOC_KIND_MEETING ||
	    document->kind == DOC_KIND_SURVEY;
	const char *text = document->addressee;
	char entity[ENTITY_SIZE];

	make_entity(&document->rosters[0], MAKE_ROSTER, 0, entity,
	    sizeof(entity));
	if (*text == '\0')
		text = is_invitation ? "如出列席單位" : "如正副本行文單位";
	bytes_put_format(maker->out, "<交換表 交換表單=\"%s\">", entity);
	make_text(maker, text);
	bytes_put_text(maker->out, "</交換表>");
}

void
make_addressee(struct maker *maker, const struct document *document)
{
	make_open(maker, "受文者", 0);
	if (document->recipient != NULL)
		make_entry(maker, document->recipient, 0);
	else if (document->roster_count > 0)
		put_table(maker, document);
	else
		make_report(maker, "E2130", "");
	make_close(maker, "受文者");
}

void
make_callers(struct maker *maker, const struct document *document)
{
	make_open(maker, "聯絡人及電話", 0);
	for (size_t i = 0; i < document->caller_count; i++) {
		const struct document_person *caller = &document->callers[i];

		make_element(maker, "姓名", i + 1, caller->name);
		if (*caller->title != '\0')
			make_element(maker, "職稱", 0, caller->title);
		make_element(maker, "電話", 0, caller->phone);
	}
	make_close(maker, "聯絡人及電話");
}

/* Both ways of giving the date, if both are used, must mean one day. */
static void
put_date(struct maker *maker, const struct document *document, const char *text)
{
	const struct roc_date *issued = &document->issued;
	struct roc_date date;
	char made[DATE_SIZE] = "";

	if (issued->year != 0)
		snprintf(made, sizeof(made), "中華民國%d年%d月%d日",
		    issued->year, issued->month, issued->day);
	if (*text != '\0' && issued->year != 0 &&
	    (!roc_date_parse(text, &date) || date.year != issued->year ||
		date.month != issued->month || date.day != issued->day))
		make_report(maker, "E2112", made);
	make_element(maker, "年月日", 0, *text != '\0' ? text : made);
}

void
make_issued(struct maker *maker, const struct document *document)
{
	make_open(maker, "發文日期", 0);
	put_date(maker, document, document->issued_text);
	make_close(maker, "發文日期");
}

/* At the end of a memo. */
void
make_signed(struct maker *maker, const struct document *document)
{
	const char *text = document->signed_text;

	if (*text == '\0')
		text = document->issued_text;
	else if (*document->issued_text != '\0' &&
	    !text_equal(document->issued_text, text))
		make_report(maker, "E2112", document->issued_text);
	put_date(maker, document, text);
}

static void
put_number(struct maker *maker, const struct ref_no *ref_no)
{
	make_open(maker, "文號", 0);
	make_element(maker, "年度", 0, ref_no->year);
	make_element(maker, "流水號", 0, ref_no->seq);
	make_element(maker, "支號", 0, ref_no->branch);
	make_close(maker, "文號");
}

static bool
is_numbered(const struct ref_no *ref_no)
{
	return *ref_no->year != '\0' || *ref_no->seq != '\0' ||
	    *ref_no->branch != '\0';
}

/* A memo has a number without 字, which may still be empty. */
static void
put_memo_number(struct maker *maker, const struct document *document)
{
	static const struct ref_no none = { "", "", "", "", "" };
	const struct ref_no *ref_no =
	    document->ref_no_count > 0 ? &document->ref_nos[0] : &none;

	if (document->ref_no_count > 1 || *ref_no->prefix != '\0' ||
	    *ref_no->text != '\0')
		make_report(maker, "E2174", "文號");
	put_number(maker, ref_no);
}

void
make_ref_nos(struct maker *maker, const struct document *document)
{
	if (document->kind == DOC_KIND_MEMO) {
		put_memo_number(maker, document);
		return;
	}
	for (size_t i = 0; i < document->ref_no_count; i++) {
		const struct ref_no *ref_no = &document->ref_nos[i];

		make_open(maker, "發文字號", i + 1);
		if (*ref_no->text == '\0') {
			make_needed(maker, "字", 0, ref_no->prefix);
			put_number(maker, ref_no);
		} else {
			if (*ref_no->prefix != '\0' || is_numbered(ref_no))
				make_report(maker, "E2174", "文字");
			make_element(maker, "文字", 0, ref_no->text);
		}
		make_close(maker, "發文字號");
	}
}

void
make_speed(struct maker *maker, const struct document *document)
{
	static const char *const words[] = { "", "普通件", "速件", "最速件",
		NULL };
	size_t speed = (size_t)document->speed;

	make_word(maker, "速別",
	    speed <= LETTER_SPEED_FASTEST ? words[speed] : "?", words + 1);
}

/* Also where there is none, as other systems write it. */
void
make_secrecy(struct maker *maker, const struct document *document)
{
	static const char *const words[] = { "密", "機密", "極機密", "絕對機密",
		NULL };

	make_open(maker, "密等及解密條件或保密期限", 0);
	if (*document->secrecy == '\0')
		make_empty(maker, "密等", NULL);
	else
		make_word(maker, "密等", document->secrecy, words);
	make_element(maker, "解密條件或保密期限", 0, document->declassify);
	make_close(maker, "密等及解密條件或保密期限");
}

void
make_handling(struct maker *maker, const struct document *document)
{
	static const char *const words[] = { "1", "2", "3", "4", "5", "6",
		NULL };

	make_word(maker, "擬辦方式", document->handling, words);
}
