#include "random_document.h"

#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/text.h"
#include "document/doc_message.h"
#include "document/letter.h"
#include "document/make.h"
#include "document/pool.h"
#include "document/roster.h"
#include "document/utf8.h"

enum { TEXT_MAX = 40, LIST_MAX = 4, SMALL_SIZE = 64 };

struct random
random_from(uint64_t seed)
{
	return (struct random){ seed * UINT64_C(0x9e3779b97f4a7c15) + 1 };
}

/* splitmix64. */
static uint64_t
next(struct random *random)
{
	uint64_t z = random->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

size_t
random_below(struct random *random, size_t below)
{
	return (size_t)(next(random) % below);
}

static bool
one_in(struct random *random, size_t n)
{
	return random_below(random, n) == 0;
}

static uint32_t
random_point(struct random *random, bool is_end)
{
	static const char markup[] = "&<>'\"%;]/!?-=#";
	static const uint32_t odd[] = { 0xfffd, 0xe000, 0xf8ff, 0xfeff, 0x200b,
		0x2028, 0x85, 0x1f600, 0x10fffd, 0x30, 0x26c };

	switch (random_below(random, is_end ? 6 : 8)) {
	case 0:
	case 1:
		return 0x4e00 + (uint32_t)random_below(random, 0x5000);
	case 2: /* Extension B */
		return 0x20000 + (uint32_t)random_below(random, 0xa6d0);
	case 3: /* full width */
		return 0xff01 + (uint32_t)random_below(random, 94);
	case 4:
		return 0x21 + (uint32_t)random_below(random, 94);
	case 5:
		return (uint32_t)(unsigned char)
		    markup[random_below(random, sizeof(markup) - 1)];
	case 6:
		return (
		    uint32_t)(unsigned char)"\n\n\r\t  "[random_below(random,
		    6)];
	default:
		return odd[random_below(random, sizeof(odd) / sizeof(odd[0]))];
	}
}

const char *
random_text(struct random *random, struct pool *pool, size_t max)
{
	size_t len = 1 + random_below(random, max);
	struct bytes bytes = { 0 };
	const char *text;

	for (size_t i = 0; i < len; i++)
		utf8_put(&bytes, random_point(random, i == 0 || i + 1 == len));
	text = pool_text_len(pool, (const char *)bytes.data, bytes.len);
	bytes_free(&bytes);
	return text;
}

static const char *
maybe_text(struct random *random, struct pool *pool)
{
	return one_in(random, 3) ? "" : random_text(random, pool, TEXT_MAX);
}

static const char *
some_text(struct random *random, struct pool *pool)
{
	return random_text(random, pool, TEXT_MAX);
}

static const char *
digits_of(struct random *random, struct pool *pool, size_t len)
{
	char text[SMALL_SIZE] = "";

	for (size_t i = 0; i < len; i++)
		text[i] = (char)('0' + random_below(random, 10));
	return pool_text_len(pool, text, len);
}

static struct org_code
random_code(struct random *random)
{
	static const char letters[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	size_t len = one_in(random, 3) ? ORG_UNIT_LEN : ORG_LEN;
	struct org_code code = { "" };

	for (size_t i = 0; i < len; i++)
		code.text[i] = letters[random_below(random, 36)];
	return code;
}

static const char *
file_name(struct random *random, struct pool *pool, size_t number,
    const char *extension)
{
	static const char *const stems[] = { "附件", "𠀋報告", "A & B's",
		"100%", "１１５年度" };
	char name[SMALL_SIZE];

	snprintf(name, sizeof(name), "%s %zu%s",
	    stems[random_below(random, sizeof(stems) / sizeof(stems[0]))],
	    number, extension);
	return pool_text(pool, name);
}

static const char *const *
random_texts(struct random *random, struct pool *pool, size_t count)
{
	const char **texts = pool_alloc(pool, count, sizeof(*texts));

	for (size_t i = 0; i < count; i++)
		texts[i] = some_text(random, pool);
	return (const char *const *)texts;
}

static const struct document_item *
random_items(struct random *random, struct pool *pool, size_t depth,
    size_t *ret_count)
{
	size_t count = random_below(random, LIST_MAX);
	struct document_item *items = pool_alloc(pool, count, sizeof(*items));

	for (size_t i = 0; i < count; i++) {
		items[i].number =
		    one_in(random, 8) ? some_text(random, pool) : "";
		items[i].text = maybe_text(random, pool);
		if (depth + 1 < MAKE_ITEM_DEPTH_MAX)
			items[i].items = random_items(random, pool, depth + 1,
			    &items[i].item_count);
	}
	*ret_count = count;
	return items;
}

static const struct document_section *
random_sections(struct random *random, struct pool *pool, size_t count)
{
	struct document_section *sections =
	    pool_alloc(pool, count, sizeof(*sections));

	for (size_t i = 0; i < count; i++) {
		sections[i].label = maybe_text(random, pool);
		sections[i].text = maybe_text(random, pool);
		sections[i].items =
		    random_items(random, pool, 2, &sections[i].item_count);
	}
	if (count > 0 && one_in(random, 20))
		sections[0].items =
		    random_items(random, pool, 0, &sections[0].item_count);
	return sections;
}

static const struct document_reader *
random_readers(struct random *random, struct pool *pool, size_t count,
    bool is_copies)
{
	struct document_reader *readers =
	    pool_alloc(pool, count, sizeof(*readers));

	for (size_t i = 0; i < count; i++) {
		readers[i].kind =
		    (enum reader_kind)random_below(random, READER_GROUP + 1);
		readers[i].name = some_text(random, pool);
		readers[i].title = readers[i].kind == READER_PERSON
		    ? maybe_text(random, pool)
		    : "";
		readers[i].with_attachments = !is_copies || one_in(random, 2);
	}
	return readers;
}

static const struct document_person *
random_persons(struct random *random, struct pool *pool, size_t count,
    bool has_phone)
{
	struct document_person *persons =
	    pool_alloc(pool, count, sizeof(*persons));

	for (size_t i = 0; i < count; i++) {
		persons[i].name = some_text(random, pool);
		persons[i].title = maybe_text(random, pool);
		persons[i].phone = has_phone ? some_text(random, pool) : "";
	}
	return persons;
}

static void
fill_files(struct random *random, struct pool *pool, struct document *to)
{
	size_t count = random_below(random, LIST_MAX);
	struct document_file *files = pool_alloc(pool, count, sizeof(*files));
	struct document_file *roster = pool_alloc(pool, 1, sizeof(*roster));
	struct document_file *message = pool_alloc(pool, 1, sizeof(*message));

	for (size_t i = 0; i < count; i++) {
		files[i].entity = one_in(random, 4) ? ""
		    : i == 0                        ? "attch1"
		    : i == 1                        ? "附件二"
						    : "_a-3.x";
		files[i].name = file_name(random, pool, i, ".pdf");
	}
	to->attachments = files;
	to->attachment_count = count;
	to->attachment_note = maybe_text(random, pool);
	*roster = (struct document_file){ "", file_name(random, pool, 7, ".sw"),
		0, 0 };
	to->rosters = roster;
	to->roster_count = 1;
	if (one_in(random, 3)) {
		*message = (struct document_file){ "",
			file_name(random, pool, 8, ".dm"), 0, 0 };
		to->message = message;
	}
}

static struct roster_entry
random_entry(struct random *random, struct pool *pool)
{
	return (struct roster_entry){ .name = some_text(random, pool),
		.code = random_code(random),
		.is_person = one_in(random, 5),
		.with_attachments = one_in(random, 2),
		.copy = "正本",
		.body_file =
		    one_in(random, 4) ? file_name(random, pool, 9, ".pdf") : "",
		.file = "" };
}

static void
fill_addressee(struct random *random, struct pool *pool, struct document *to)
{
	struct roster_entry *entry;

	if (to->kind == DOC_KIND_MEMO || !one_in(random, 4)) {
		if (to->kind != DOC_KIND_MEMO || one_in(random, 2))
			to->addressee = some_text(random, pool);
		return;
	}
	entry = pool_alloc(pool, 1, sizeof(*entry));
	*entry = random_entry(random, pool);
	to->recipient = entry;
}

static const char *
random_date(struct random *random, struct pool *pool)
{
	char text[SMALL_SIZE];

	snprintf(text, sizeof(text), "中華民國%zu年%zu月%zu日",
	    1 + random_below(random, 199), 1 + random_below(random, 12),
	    1 + random_below(random, 28));
	return pool_text(pool, text);
}

static void
fill_ref_nos(struct random *random, struct pool *pool, struct document *to)
{
	bool is_memo = to->kind == DOC_KIND_MEMO;
	size_t count = is_memo ? 1 : 1 + random_below(random, 2);
	struct ref_no *ref_nos = pool_alloc(pool, count, sizeof(*ref_nos));

	for (size_t i = 0; i < count; i++) {
		struct ref_no *ref_no = &ref_nos[i];

		*ref_no = (struct ref_no){ "", "", "", "", "" };
		if (!is_memo && one_in(random, 4)) {
			ref_no->text = some_text(random, pool);
			continue;
		}
		if (!is_memo)
			ref_no->prefix = some_text(random, pool);
		ref_no->year = digits_of(random, pool, 3);
		ref_no->seq =
		    digits_of(random, pool, one_in(random, 4) ? 5 : 7);
		ref_no->branch =
		    one_in(random, 3) ? digits_of(random, pool, 2) : "";
	}
	to->ref_nos = ref_nos;
	to->ref_no_count = count;
}

static void
fill_head(struct random *random, struct pool *pool, struct document *to)
{
	size_t count =
	    1 + (to->kind == DOC_KIND_MEMO ? 0 : random_below(random, 2));
	struct document_sender *senders =
	    pool_alloc(pool, count, sizeof(*senders));

	for (size_t i = 0; i < count; i++) {
		senders[i].name = some_text(random, pool);
		senders[i].code = random_code(random);
	}
	to->senders = senders;
	to->sender_count = count;
	fill_ref_nos(random, pool, to);
	to->speed = (enum document_speed)random_below(random, 4);
	if (one_in(random, 3))
		to->declassify = some_text(random, pool);
	to->subject = some_text(random, pool);
	fill_files(random, pool, to);
	fill_addressee(random, pool, to);
	if (to->kind != DOC_KIND_MEMO)
		to->issued_text = random_date(random, pool);
}

static void
fill_letter(struct random *random, struct pool *pool, struct document *to)
{
	static const char *const letters[] = { "", "函", "書函", "移文單",
		"執行命令", "獎懲建議函", "機密文書機密等級變更或註銷通知單" };
	static const char *const orders[] = { "", "令", "獎懲令" };

	if (to->kind == DOC_KIND_LETTER) {
		to->class_name = letters[random_below(random, 7)];
		to->address = maybe_text(random, pool);
		to->contact_count = 1 + random_below(random, LIST_MAX);
		to->contacts = random_texts(random, pool, to->contact_count);
	} else if (to->kind == DOC_KIND_ORDER) {
		to->class_name = orders[random_below(random, 3)];
	}
	to->original_count = 1 + random_below(random, LIST_MAX);
	to->originals = random_readers(random, pool, to->original_count, false);
	to->copy_count = random_below(random, LIST_MAX);
	to->copies = random_readers(random, pool, to->copy_count, true);
}

static void
fill_invitation(struct random *random, struct pool *pool, struct document *to)
{
	size_t count = 1 + random_below(random, 3);
	struct document_time *times = pool_alloc(pool, count, sizeof(*times));

	for (size_t i = 0; i < count; i++)
		times[i] = (struct document_time){ random_date(random, pool),
			"星期二", "上午9時30分" };
	to->times = times;
	to->time_count = count;
	to->venue = some_text(random, pool);
	to->chair_count = random_below(random, 3);
	to->chairs = random_persons(random, pool, to->chair_count, false);
	to->caller_count = random_below(random, 3);
	to->callers = random_persons(random, pool, to->caller_count, true);
	to->attendee_count = 1 + random_below(random, LIST_MAX);
	to->attendees = random_readers(random, pool, to->attendee_count, false);
	to->observer_count = random_below(random, LIST_MAX);
	to->observers = random_readers(random, pool, to->observer_count, false);
	to->copy_count = random_below(random, LIST_MAX);
	to->copies = random_readers(random, pool, to->copy_count, true);
	if (one_in(random, 2))
		to->remarks = random_sections(random, pool, 1);
}

static void
fill_memo(struct random *random, struct pool *pool, struct document *to)
{
	if (one_in(random, 3)) {
		to->sender_count = 0;
		to->unit = some_text(random, pool);
	}
	to->handling = one_in(random, 2) ? "" : "3";
	to->superior_count = random_below(random, 3);
	to->superiors = random_persons(random, pool, to->superior_count, false);
	for (size_t i = 0; i < to->superior_count; i++)
		if (to->superiors[i].title[0] == '\0')
			to->superior_count = i;
	if (one_in(random, 2))
		to->signed_text = random_date(random, pool);
}

void
random_document(struct random *random, struct pool *pool, enum doc_kind kind,
    struct document *ret_document)
{
	bool is_memo = kind == DOC_KIND_MEMO;

	*ret_document = (struct document){ .name = "1.di",
		.kind = kind,
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
	fill_head(random, pool, ret_document);
	if (kind == DOC_KIND_MEETING || kind == DOC_KIND_SURVEY) {
		fill_invitation(random, pool, ret_document);
	} else {
		ret_document->section_count = random_below(random, LIST_MAX);
		ret_document->sections =
		    random_sections(random, pool, ret_document->section_count);
		if (is_memo)
			fill_memo(random, pool, ret_document);
		else
			fill_letter(random, pool, ret_document);
	}
	/* A memo has the element in any case. */
	ret_document->signature_count = is_memo ? 1 : random_below(random, 3);
	ret_document->signatures =
	    random_texts(random, pool, ret_document->signature_count);
}

void
random_roster(struct random *random, struct pool *pool,
    struct roster *ret_roster)
{
	static const char *const copies[] = { "正本", "副本", "抄本", "影本" };
	size_t count = 1 + random_below(random, 10);
	struct roster_entry *entries =
	    pool_alloc(pool, count, sizeof(*entries));

	for (size_t i = 0; i < count; i++) {
		entries[i] = random_entry(random, pool);
		entries[i].copy = copies[random_below(random, 4)];
	}
	*ret_roster = (struct roster){ .name = "1.sw",
		.entries = entries,
		.count = count };
}

void
random_doc_message(struct random *random, struct pool *pool,
    struct doc_message *ret_message)
{
	*ret_message = (struct doc_message){
		.name = "1.dm",
		.code = (enum doc_message_code)(1 + random_below(random, 6)),
		.remark = some_text(random, pool),
	};
}

/* ---- comparing ------------------------------------------------------- */

static bool
same(const char *a, const char *b)
{
	return text_equal(a, b);
}

static const char *
or_else(const char *text, const char *otherwise)
{
	return *text != '\0' ? text : otherwise;
}

static bool
same_number(const struct document_item *made, const char *read, size_t depth,
    size_t nth)
{
	struct bytes number = { 0 };
	bool is_same;

	if (*made->number != '\0')
		return same(made->number, read);
	is_same = make_item_number(depth, nth, &number) &&
	    number.len == strlen(read) &&
	    memcmp(number.data, read, number.len) == 0;
	bytes_free(&number);
	return is_same;
}

static bool
same_items(const struct document_item *made, size_t count,
    const struct document_item *read, size_t read_count, size_t depth)
{
	if (count != read_count)
		return false;
	for (size_t i = 0; i < count; i++)
		if (!same_number(&made[i], read[i].number, depth, i + 1) ||
		    !same(made[i].text, read[i].text) ||
		    !same_items(made[i].items, made[i].item_count,
			read[i].items, read[i].item_count, depth + 1))
			return false;
	return true;
}

static bool
same_sections(const struct document_section *made, size_t count,
    const struct document_section *read, size_t read_count)
{
	if (count != read_count)
		return false;
	for (size_t i = 0; i < count; i++)
		if (!same(made[i].label, read[i].label) ||
		    !same(made[i].text, read[i].text) ||
		    !same_items(made[i].items, made[i].item_count,
			read[i].items, read[i].item_count, 0))
			return false;
	return true;
}

static bool
same_texts(const char *const *made, size_t count, const char *const *read,
    size_t read_count)
{
	if (count != read_count)
		return false;
	for (size_t i = 0; i < count; i++)
		if (!same(made[i], read[i]))
			return false;
	return true;
}

static bool
same_files(const struct document_file *made, size_t count,
    const struct document_file *read, size_t read_count, const char *entity)
{
	char number[SMALL_SIZE];

	if (count != read_count)
		return false;
	for (size_t i = 0; i < count; i++) {
		snprintf(number, sizeof(number), "ATTCH%zu", i + 1);
		if (!same(or_else(made[i].entity,
			      entity != NULL ? entity : number),
			read[i].entity) ||
		    !same(made[i].name, read[i].name))
			return false;
	}
	return true;
}

static bool
same_readers(const struct document_reader *made, size_t count,
    const struct document_reader *read, size_t read_count, bool is_copies)
{
	if (count != read_count)
		return false;
	for (size_t i = 0; i < count; i++)
		if (made[i].kind != read[i].kind ||
		    !same(made[i].name, read[i].name) ||
		    !same(made[i].title, read[i].title) ||
		    (is_copies &&
			made[i].with_attachments != read[i].with_attachments))
			return false;
	return true;
}

static bool
same_persons(const struct document_person *made, size_t count,
    const struct document_person *read, size_t read_count)
{
	if (count != read_count)
		return false;
	for (size_t i = 0; i < count; i++)
		if (!same(made[i].name, read[i].name) ||
		    !same(made[i].title, read[i].title) ||
		    !same(made[i].phone, read[i].phone))
			return false;
	return true;
}

static bool
same_entry(const struct roster_entry *made, const struct roster_entry *read)
{
	return same(made->name, read->name) &&
	    org_code_equal(&made->code, &read->code) &&
	    made->is_person == read->is_person &&
	    made->with_attachments == read->with_attachments &&
	    same(made->copy, read->copy) &&
	    same(made->body_file, read->body_file);
}

static bool
same_senders(const struct document *made, const struct document *read)
{
	if (made->sender_count != read->sender_count)
		return false;
	for (size_t i = 0; i < made->sender_count; i++)
		if (!same(made->senders[i].name, read->senders[i].name) ||
		    !org_code_equal(&made->senders[i].code,
			&read->senders[i].code))
			return false;
	return true;
}

static bool
same_ref_nos(const struct document *made, const struct document *read)
{
	if (made->ref_no_count != read->ref_no_count)
		return false;
	for (size_t i = 0; i < made->ref_no_count; i++) {
		const struct ref_no *a = &made->ref_nos[i];
		const struct ref_no *b = &read->ref_nos[i];

		if (!same(a->prefix, b->prefix) || !same(a->year, b->year) ||
		    !same(a->seq, b->seq) || !same(a->branch, b->branch) ||
		    !same(a->text, b->text))
			return false;
	}
	return true;
}

static bool
same_times(const struct document *made, const struct document *read)
{
	if (made->time_count != read->time_count)
		return false;
	for (size_t i = 0; i < made->time_count; i++)
		if (!same(made->times[i].date, read->times[i].date) ||
		    !same(made->times[i].weekday, read->times[i].weekday) ||
		    !same(made->times[i].clock, read->times[i].clock))
			return false;
	return true;
}

static bool
same_recipient(const struct document *made, const struct document *read)
{
	if (made->recipient == NULL || read->recipient == NULL)
		return made->recipient == read->recipient;
	return same_entry(made->recipient, read->recipient);
}

static bool
same_message(const struct document *made, const struct document *read)
{
	if (made->message == NULL || read->message == NULL)
		return made->message == read->message;
	return same_files(made->message, 1, read->message, 1, "文書訊息表單");
}

static const char *
class_of(const struct document *made)
{
	if (made->kind == DOC_KIND_LETTER)
		return or_else(made->class_name, "函");
	return made->kind == DOC_KIND_ORDER ? or_else(made->class_name, "令")
					    : made->class_name;
}

static const char *
head_difference(const struct document *made, const struct document *read)
{
	if (made->kind != read->kind)
		return "kind";
	if (!same(class_of(made), read->class_name))
		return "class_name";
	if (!same_senders(made, read))
		return "senders";
	if (!same_ref_nos(made, read))
		return "ref_nos";
	if (made->kind != DOC_KIND_MEMO &&
	    !same(made->issued_text, read->issued_text))
		return "issued_text";
	if (made->speed != read->speed)
		return "speed";
	if (!same(made->secrecy, read->secrecy) ||
	    !same(made->declassify, read->declassify))
		return "secrecy";
	if (!same(made->subject, read->subject))
		return "subject";
	if (!same_sections(made->sections, made->section_count, read->sections,
		read->section_count))
		return "sections";
	if (!same(made->address, read->address))
		return "address";
	if (!same_texts(made->contacts, made->contact_count, read->contacts,
		read->contact_count))
		return "contacts";
	if (made->recipient == NULL && *made->addressee != '\0' &&
	    !same(made->addressee, read->addressee))
		return "addressee";
	return same_texts(made->signatures, made->signature_count,
		   read->signatures, read->signature_count)
	    ? NULL
	    : "signatures";
}

static const char *
body_difference(const struct document *made, const struct document *read)
{
	if (!same(made->attachment_note, read->attachment_note))
		return "attachment_note";
	if (!same_files(made->attachments, made->attachment_count,
		read->attachments, read->attachment_count, NULL))
		return "attachments";
	if (!same_files(made->rosters, made->roster_count, read->rosters,
		read->roster_count, "表單"))
		return "rosters";
	if (!same_message(made, read))
		return "message";
	if (!same_readers(made->originals, made->original_count,
		read->originals, read->original_count, false))
		return "originals";
	if (!same_readers(made->copies, made->copy_count, read->copies,
		read->copy_count, true))
		return "copies";
	return same_recipient(made, read) ? NULL : "recipient";
}

static const char *
special_difference(const struct document *made, const struct document *read)
{
	if (!same_times(made, read))
		return "times";
	if (!same(made->venue, read->venue))
		return "venue";
	if (!same_persons(made->chairs, made->chair_count, read->chairs,
		read->chair_count))
		return "chairs";
	if (!same_persons(made->callers, made->caller_count, read->callers,
		read->caller_count))
		return "callers";
	if (!same_readers(made->attendees, made->attendee_count,
		read->attendees, read->attendee_count, false))
		return "attendees";
	if (!same_readers(made->observers, made->observer_count,
		read->observers, read->observer_count, false))
		return "observers";
	if (!same_sections(made->remarks, made->remarks != NULL, read->remarks,
		read->remarks != NULL))
		return "remarks";
	if (!same(made->unit, read->unit) ||
	    !same(made->handling, read->handling))
		return "unit";
	if (!same_persons(made->superiors, made->superior_count,
		read->superiors, read->superior_count))
		return "superiors";
	return same(made->signed_text, read->signed_text) ? NULL
							  : "signed_text";
}

const char *
document_difference(const struct document *made, const struct document *read)
{
	const char *found = head_difference(made, read);

	if (found == NULL)
		found = body_difference(made, read);
	return found != NULL ? found : special_difference(made, read);
}

const char *
roster_difference(const struct roster *made, const struct roster *read)
{
	if (made->count != read->count)
		return "count";
	for (size_t i = 0; i < made->count; i++)
		if (!same_entry(&made->entries[i], &read->entries[i]))
			return made->entries[i].name;
	return NULL;
}
