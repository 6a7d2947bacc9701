/*
 * A letter from its model: which elements its kind has, in which order.
 */
#include "document/make.h"

#include <assert.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "document/document.h"
#include "document/finding.h"
#include "document/make_internal.h"
#include "document/pool.h"

enum part_id {
	PART_END,
	PART_SENDERS,
	PART_UNIT,
	PART_CLASS,
	PART_ADDRESS,
	PART_CONTACTS,
	PART_ADDRESSEE,
	PART_CALLERS,
	PART_ISSUED,
	PART_REF_NOS,
	PART_SPEED,
	PART_SECRECY,
	PART_HANDLING,
	PART_ATTACHMENTS,
	PART_SUBJECT,
	PART_TIMES,
	PART_VENUE,
	PART_CHAIRS,
	PART_SECTIONS,
	PART_ORIGINALS,
	PART_COPIES,
	PART_ATTENDEES,
	PART_OBSERVERS,
	PART_REMARKS,
	PART_SUPERIORS,
	PART_SIGNATURES,
	PART_SIGNED,
	PART_COUNT
};

enum need {
	OPTIONAL, /* written if there is something to write */
	NEEDED,   /* a finding if there is nothing */
	ALWAYS,   /* written in any case */
};

struct step {
	enum part_id part;
	enum need need;
};

struct part {
	const char *element; /* for findings */
	void (*write)(struct maker *maker, const struct document *document);
};

static const struct part parts[PART_COUNT] = {
	[PART_SENDERS] = { "發文機關", make_senders },
	[PART_UNIT] = { "單位", make_unit },
	[PART_CLASS] = { "函類別", make_class },
	[PART_ADDRESS] = { "地址", make_address },
	[PART_CONTACTS] = { "聯絡方式", make_contacts },
	[PART_ADDRESSEE] = { "受文者", make_addressee },
	[PART_CALLERS] = { "聯絡人及電話", make_callers },
	[PART_ISSUED] = { "發文日期", make_issued },
	[PART_REF_NOS] = { "發文字號", make_ref_nos },
	[PART_SPEED] = { "速別", make_speed },
	[PART_SECRECY] = { "密等及解密條件或保密期限", make_secrecy },
	[PART_HANDLING] = { "擬辦方式", make_handling },
	[PART_ATTACHMENTS] = { "附件", make_attachments },
	[PART_SUBJECT] = { "主旨", make_subject },
	[PART_TIMES] = { "開會時間", make_times },
	[PART_VENUE] = { "開會地點", make_venue },
	[PART_CHAIRS] = { "主持人", make_chairs },
	[PART_SECTIONS] = { "段落", make_sections },
	[PART_ORIGINALS] = { "正本", make_originals },
	[PART_COPIES] = { "副本", make_copies },
	[PART_ATTENDEES] = { "出席者", make_attendees },
	[PART_OBSERVERS] = { "列席者", make_observers },
	[PART_REMARKS] = { "備註", make_remarks },
	[PART_SUPERIORS] = { "敬陳", make_superiors },
	[PART_SIGNATURES] = { "署名", make_signatures },
	[PART_SIGNED] = { "年月日", make_signed },
};

/* ---- the order, by the DTDs ------------------------------------------ */

static const struct step letter_steps[] = { { PART_SENDERS, NEEDED },
	{ PART_CLASS, ALWAYS }, { PART_ADDRESS, ALWAYS },
	{ PART_CONTACTS, NEEDED }, { PART_ADDRESSEE, ALWAYS },
	{ PART_ISSUED, NEEDED }, { PART_REF_NOS, NEEDED },
	{ PART_SPEED, OPTIONAL }, { PART_SECRECY, ALWAYS },
	{ PART_ATTACHMENTS, OPTIONAL }, { PART_SUBJECT, ALWAYS },
	{ PART_SECTIONS, OPTIONAL }, { PART_ORIGINALS, NEEDED },
	{ PART_COPIES, OPTIONAL }, { PART_SIGNATURES, OPTIONAL },
	{ PART_END, OPTIONAL } };

static const struct step order_steps[] = { { PART_SENDERS, NEEDED },
	{ PART_CLASS, ALWAYS }, { PART_ADDRESSEE, ALWAYS },
	{ PART_ISSUED, NEEDED }, { PART_REF_NOS, NEEDED },
	{ PART_SPEED, OPTIONAL }, { PART_SECRECY, ALWAYS },
	{ PART_ATTACHMENTS, OPTIONAL }, { PART_SUBJECT, OPTIONAL },
	{ PART_SECTIONS, OPTIONAL }, { PART_ORIGINALS, NEEDED },
	{ PART_COPIES, OPTIONAL }, { PART_SIGNATURES, OPTIONAL },
	{ PART_END, OPTIONAL } };

static const struct step notice_steps[] = { { PART_SENDERS, NEEDED },
	{ PART_ADDRESSEE, OPTIONAL }, { PART_ISSUED, NEEDED },
	{ PART_REF_NOS, NEEDED }, { PART_SPEED, OPTIONAL },
	{ PART_SECRECY, OPTIONAL }, { PART_ATTACHMENTS, OPTIONAL },
	{ PART_SUBJECT, ALWAYS }, { PART_SECTIONS, OPTIONAL },
	{ PART_ORIGINALS, OPTIONAL }, { PART_COPIES, OPTIONAL },
	{ PART_SIGNATURES, OPTIONAL }, { PART_END, OPTIONAL } };

/* 開會通知單 and 會勘通知單. */
static const struct step invitation_steps[] = { { PART_SENDERS, NEEDED },
	{ PART_ADDRESSEE, ALWAYS }, { PART_CALLERS, OPTIONAL },
	{ PART_ISSUED, NEEDED }, { PART_REF_NOS, NEEDED },
	{ PART_SPEED, OPTIONAL }, { PART_SECRECY, ALWAYS },
	{ PART_ATTACHMENTS, OPTIONAL }, { PART_SUBJECT, ALWAYS },
	{ PART_TIMES, NEEDED }, { PART_VENUE, ALWAYS },
	{ PART_CHAIRS, OPTIONAL }, { PART_ATTENDEES, NEEDED },
	{ PART_OBSERVERS, OPTIONAL }, { PART_COPIES, OPTIONAL },
	{ PART_REMARKS, OPTIONAL }, { PART_SIGNATURES, OPTIONAL },
	{ PART_END, OPTIONAL } };

static const struct step memo_steps[] = { { PART_SENDERS, OPTIONAL },
	{ PART_UNIT, OPTIONAL }, { PART_ADDRESSEE, OPTIONAL },
	{ PART_REF_NOS, ALWAYS }, { PART_SPEED, OPTIONAL },
	{ PART_SECRECY, OPTIONAL }, { PART_HANDLING, OPTIONAL },
	{ PART_ATTACHMENTS, OPTIONAL }, { PART_SUBJECT, ALWAYS },
	{ PART_SECTIONS, OPTIONAL }, { PART_SUPERIORS, OPTIONAL },
	{ PART_SIGNATURES, ALWAYS }, { PART_SIGNED, ALWAYS },
	{ PART_END, OPTIONAL } };

/* NULL for a kind that is not made here. */
static const struct step *
steps_of(enum doc_kind kind, const char **ret_root)
{
	static const struct {
		enum doc_kind kind;
		const char *root;
		const struct step *steps;
	} kinds[] = {
		{ DOC_KIND_LETTER, "函", letter_steps },
		{ DOC_KIND_ORDER, "令", order_steps },
		{ DOC_KIND_NOTICE, "公告", notice_steps },
		{ DOC_KIND_MEETING, "開會通知單", invitation_steps },
		{ DOC_KIND_SURVEY, "會勘通知單", invitation_steps },
		{ DOC_KIND_MEMO, "簽", memo_steps },
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (kinds[i].kind == kind) {
			*ret_root = kinds[i].root;
			return kinds[i].steps;
		}
	return NULL;
}

/* ---- what the model holds -------------------------------------------- */

static bool
has_addressee(const struct document *document)
{
	/* A memo may name its roster in the DOCTYPE alone. */
	return document->recipient != NULL || *document->addressee != '\0' ||
	    (document->kind != DOC_KIND_MEMO && document->roster_count > 0);
}

static bool
has_date(const struct document *document)
{
	return *document->issued_text != '\0' || document->issued.year != 0;
}

/* Texts and lists of the head. */
static bool
has_head(const struct document *d, enum part_id part)
{
	bool is_memo = d->kind == DOC_KIND_MEMO;

	switch ((int)part) {
	case PART_SENDERS:
		return d->sender_count > 0;
	case PART_UNIT:
		return *d->unit != '\0';
	case PART_CLASS:
		/* 簽 or 便簽 is the root of a memo, not an element. */
		return !is_memo && *d->class_name != '\0';
	case PART_ADDRESS:
		return *d->address != '\0';
	case PART_CONTACTS:
		return d->contact_count > 0;
	case PART_ADDRESSEE:
		return has_addressee(d);
	case PART_CALLERS:
		return d->caller_count > 0;
	case PART_ISSUED:
		return !is_memo && has_date(d);
	case PART_REF_NOS:
		return d->ref_no_count > 0;
	case PART_SPEED:
		return d->speed != LETTER_SPEED_NONE;
	case PART_SECRECY:
		return *d->secrecy != '\0' || *d->declassify != '\0';
	case PART_HANDLING:
		return *d->handling != '\0';
	default:
		return *d->attachment_note != '\0' || d->attachment_count > 0;
	}
}

static bool
has_body(const struct document *d, enum part_id part)
{
	switch ((int)part) {
	case PART_SUBJECT:
		return *d->subject != '\0';
	case PART_TIMES:
		return d->time_count > 0;
	case PART_VENUE:
		return *d->venue != '\0';
	case PART_CHAIRS:
		return d->chair_count > 0;
	case PART_SECTIONS:
		return d->section_count > 0;
	case PART_ORIGINALS:
		return d->original_count > 0;
	case PART_COPIES:
		return d->copy_count > 0;
	case PART_ATTENDEES:
		return d->attendee_count > 0;
	case PART_OBSERVERS:
		return d->observer_count > 0;
	case PART_REMARKS:
		return d->remarks != NULL;
	case PART_SUPERIORS:
		return d->superior_count > 0;
	case PART_SIGNATURES:
		return d->signature_count > 0;
	default:
		return *d->signed_text != '\0';
	}
}

static bool
has_part(const struct document *document, enum part_id part)
{
	return part <= PART_ATTACHMENTS ? has_head(document, part)
					: has_body(document, part);
}

/* ---- writing --------------------------------------------------------- */

static const char *
element_of(enum doc_kind kind, enum part_id part)
{
	if (part == PART_TIMES && kind == DOC_KIND_SURVEY)
		return "會勘時間";
	if (part == PART_CLASS && kind == DOC_KIND_ORDER)
		return "令類別";
	return parts[part].element;
}

static bool
is_in(const struct step *steps, enum part_id part)
{
	while (steps->part != PART_END && steps->part != part)
		steps++;
	return steps->part == part;
}

/* What no element could hold would be lost without a word. */
static void
check_strays(struct maker *maker, const struct document *document,
    const struct step *steps)
{
	for (int part = PART_END + 1; part < PART_COUNT; part++)
		if (!is_in(steps, (enum part_id)part) &&
		    has_part(document, (enum part_id)part))
			make_report(maker, "E2174", parts[part].element);
	if (document->recipient != NULL && *document->addressee != '\0')
		make_report(maker, "E2174", document->addressee);
}

static void
put_parts(struct maker *maker, const struct document *document,
    const struct step *steps)
{
	for (; steps->part != PART_END; steps++) {
		bool has = has_part(document, steps->part);

		if (!has && steps->need == NEEDED)
			make_report(maker, "E2108",
			    element_of(document->kind, steps->part));
		if (has || steps->need == ALWAYS)
			parts[steps->part].write(maker, document);
	}
}

/* A memo's class is its root: 簽 or 便簽. */
static const char *
root_of_memo(struct maker *maker, const struct document *document)
{
	static const char note[] = "便簽";

	if (text_equal(document->class_name, note))
		return note;
	if (*document->class_name != '\0' &&
	    !text_equal(document->class_name, "簽"))
		make_report(maker, "E2105", document->class_name);
	return "簽";
}

static void
put_document(struct maker *maker, const struct document *document)
{
	const char *root = "";
	const struct step *steps = steps_of(document->kind, &root);

	if (steps == NULL) {
		make_report(maker, "E2020", "");
		return;
	}
	if (document->kind == DOC_KIND_MEMO)
		root = root_of_memo(maker, document);
	make_prolog(maker, root);
	make_subset(maker, document);
	make_open(maker, root, 0);
	bytes_put_u8(maker->out, '\n');
	put_parts(maker, document, steps);
	check_strays(maker, document, steps);
	make_close(maker, root);
	if (maker->out->len > LETTER_LEN_MAX)
		make_report(maker, "E2001", document->name);
}

int
document_write(const struct document *document, const struct dtd_set *dtds,
    struct pool *pool, struct findings *findings, struct bytes *to,
    struct error *err)
{
	size_t errors = findings->error_total;
	struct bytes made = { 0 };
	struct maker maker = { .file = document->name,
		.findings = findings,
		.out = &made };
	struct document_input input = { .name = document->name,
		.kind = DOCUMENT_DI };
	struct document again;
	int rc = 0;

	make_check_name(&maker, ".di");
	put_document(&maker, document);
	input.data = made.data;
	input.len = made.len;
	if (!made.failed && findings->error_total == errors)
		rc = letter_read(&input, dtds, pool, findings, &again, err);
	rc = make_finish(&made, rc, findings->error_total == errors, to, err);
	bytes_free(&made);
	return rc;
}
