#include "role/reader/letter_json.h"

#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "document/file_name.h"
#include "document/pool.h"
#include "role/reader/letter_json_internal.h"

#define AT(type, member) offsetof(struct type, member)
#define FIELD(kind, type, name, member)                                       \
	{                                                                     \
		name, LETTER_FIELD_##kind, AT(type, member), 0, 0, NULL, NULL \
	}
#define TEXT(type, name, member) FIELD(TEXT, type, name, member)
#define TEXTS(type, name, member, count)                                     \
	{                                                                    \
		name, LETTER_FIELD_TEXTS, AT(type, member), AT(type, count), \
		    0, NULL, NULL                                            \
	}
#define LIST(type, name, member, count, item, shape)                        \
	{                                                                   \
		name, LETTER_FIELD_LIST, AT(type, member), AT(type, count), \
		    sizeof(struct item), NULL, shape                        \
	}
#define WORD(type, name, member, words)                                      \
	{                                                                    \
		name, LETTER_FIELD_WORD, AT(type, member), 0, 0, words, NULL \
	}
#define SHAPE(fields)                                    \
	{                                                \
		fields, sizeof(fields) / sizeof(*fields) \
	}

/* What the JSON says, before it is put together. */
struct form {
	const char *format;
	const char *name;
	int kind; /* position in `kinds` */
	int speed;
	struct document document;
	struct roster_form *rosters;
	size_t roster_count;
	struct message_form *message;
};

struct roster_form {
	const struct roster_entry *entries;
	size_t count;
};

struct message_form {
	int code;
	const char *remark;
};

static const char *const kinds[] = { "letter", "order", "notice",
	"meeting_notice", "survey_notice", "memo", NULL };
static const enum doc_kind kind_values[] = { DOC_KIND_LETTER, DOC_KIND_ORDER,
	DOC_KIND_NOTICE, DOC_KIND_MEETING, DOC_KIND_SURVEY, DOC_KIND_MEMO };

/* As enum document_speed and enum reader_kind. */
static const char *const speeds[] = { "", "normal", "fast", "fastest", NULL };
static const char *const readers[] = { "org", "unit", "person", "group", NULL };

static const struct letter_field sender_fields[] = {
	TEXT(document_sender, "name", name),
	FIELD(CODE, document_sender, "code", code),
};
static const struct letter_shape sender_shape = SHAPE(sender_fields);

static const struct letter_field ref_no_fields[] = {
	TEXT(ref_no, "prefix", prefix),
	TEXT(ref_no, "year", year),
	TEXT(ref_no, "seq", seq),
	TEXT(ref_no, "branch", branch),
	TEXT(ref_no, "text", text),
};
static const struct letter_shape ref_no_shape = SHAPE(ref_no_fields);

/* Items lie in items; the reader of JSON bounds how deep. */
static const struct letter_shape item_shape;
static const struct letter_field item_fields[] = {
	TEXT(document_item, "number", number),
	TEXT(document_item, "text", text),
	LIST(document_item, "items", items, item_count, document_item,
	    &item_shape),
};
static const struct letter_shape item_shape = SHAPE(item_fields);

static const struct letter_field section_fields[] = {
	TEXT(document_section, "label", label),
	TEXT(document_section, "text", text),
	LIST(document_section, "items", items, item_count, document_item,
	    &item_shape),
};
static const struct letter_shape section_shape = SHAPE(section_fields);

static const struct letter_field reader_fields[] = {
	WORD(document_reader, "kind", kind, readers),
	TEXT(document_reader, "name", name),
	TEXT(document_reader, "title", title),
	FIELD(BOOL, document_reader, "with_attachments", with_attachments),
};
static const struct letter_shape reader_shape = SHAPE(reader_fields);

/* Only 副本 says who gets attachments. */
static const struct letter_shape original_shape = { reader_fields, 3 };

static const struct letter_field entry_fields[] = {
	TEXT(roster_entry, "name", name),
	FIELD(CODE, roster_entry, "code", code),
	FIELD(BOOL, roster_entry, "person", is_person),
	FIELD(BOOL, roster_entry, "with_attachments", with_attachments),
	TEXT(roster_entry, "body_file", body_file),
	TEXT(roster_entry, "copy", copy),
};
static const struct letter_shape entry_shape = SHAPE(entry_fields);

/* 受文者 has no 本別. */
static const struct letter_shape recipient_shape = { entry_fields, 5 };

static const struct letter_field roster_fields[] = {
	LIST(roster_form, "entries", entries, count, roster_entry,
	    &entry_shape),
};
static const struct letter_shape roster_shape = SHAPE(roster_fields);

static const struct letter_field message_fields_of_form[] = {
	FIELD(NUMBER, message_form, "code", code),
	TEXT(message_form, "remark", remark),
};
static const struct letter_shape message_shape = SHAPE(message_fields_of_form);

static const struct letter_field time_fields[] = {
	FIELD(DATE, document_time, "date", date),
	TEXT(document_time, "weekday", weekday),
	TEXT(document_time, "clock", clock),
};
static const struct letter_shape time_shape = SHAPE(time_fields);

static const struct letter_field person_fields[] = {
	TEXT(document_person, "name", name),
	TEXT(document_person, "title", title),
	TEXT(document_person, "phone", phone),
};
static const struct letter_shape person_shape = SHAPE(person_fields);

static const struct letter_field form_fields[] = {
	TEXT(form, "format", format),
	TEXT(form, "name", name),
	WORD(form, "kind", kind, kinds),
	TEXT(form, "class", document.class_name),
	LIST(form, "senders", document.senders, document.sender_count,
	    document_sender, &sender_shape),
	LIST(form, "ref_nos", document.ref_nos, document.ref_no_count, ref_no,
	    &ref_no_shape),
	FIELD(DATE, form, "issue_date", document.issued_text),
	WORD(form, "speed", speed, speeds),
	TEXT(form, "secrecy", document.secrecy),
	TEXT(form, "declass_condition", document.declassify),
	TEXT(form, "subject", document.subject),
	LIST(form, "sections", document.sections, document.section_count,
	    document_section, &section_shape),
	TEXT(form, "address", document.address),
	TEXTS(form, "contacts", document.contacts, document.contact_count),
	TEXT(form, "addressee", document.addressee),
	TEXTS(form, "signature_lines", document.signatures,
	    document.signature_count),
	TEXT(form, "attachment_note", document.attachment_note),
	{ "attachments", LETTER_FIELD_FILES, AT(form, document.attachments),
	    AT(form, document.attachment_count), 0, NULL, NULL },
	LIST(form, "originals", document.originals, document.original_count,
	    document_reader, &original_shape),
	LIST(form, "copies", document.copies, document.copy_count,
	    document_reader, &reader_shape),
	{ "recipient", LETTER_FIELD_OBJECT, AT(form, document.recipient), 0,
	    sizeof(struct roster_entry), NULL, &recipient_shape },
	LIST(form, "rosters", rosters, roster_count, roster_form,
	    &roster_shape),
	{ "message", LETTER_FIELD_OBJECT, AT(form, message), 0,
	    sizeof(struct message_form), NULL, &message_shape },
	LIST(form, "times", document.times, document.time_count, document_time,
	    &time_shape),
	TEXT(form, "venue", document.venue),
	LIST(form, "chairs", document.chairs, document.chair_count,
	    document_person, &person_shape),
	LIST(form, "callers", document.callers, document.caller_count,
	    document_person, &person_shape),
	LIST(form, "attendees", document.attendees, document.attendee_count,
	    document_reader, &original_shape),
	LIST(form, "observers", document.observers, document.observer_count,
	    document_reader, &original_shape),
	{ "remarks", LETTER_FIELD_OBJECT, AT(form, document.remarks), 0,
	    sizeof(struct document_section), NULL, &section_shape },
	TEXT(form, "unit", document.unit),
	TEXT(form, "handling", document.handling),
	LIST(form, "submit_to", document.superiors, document.superior_count,
	    document_person, &person_shape),
	FIELD(DATE, form, "signed_date", document.signed_text),
};
static const struct letter_shape form_shape = SHAPE(form_fields);

/* ---- putting it together --------------------------------------------- */

static const char *
name_of(struct pool *pool, const char *stem, size_t number,
    const char *extension)
{
	struct bytes name = { 0 };
	const char *kept;

	if (number == 0)
		bytes_put_format(&name, "%s%s", stem, extension);
	else
		bytes_put_format(&name, "%s-%zu%s", stem, number + 1,
		    extension);
	if (name.failed)
		pool->failed = true;
	kept = pool_text_len(pool, (const char *)name.data, name.len);
	bytes_free(&name);
	return kept;
}

static const struct document_file *
file_of(struct pool *pool, const char *name)
{
	struct document_file *file = pool_alloc(pool, 1, sizeof(*file));

	if (file != NULL)
		*file = (struct document_file){ .entity = "", .name = name };
	return file;
}

static void
take_rosters(struct letter_reader *reader, const struct form *form,
    struct letter_json *to)
{
	struct pool *pool = reader->pool;

	if (form->roster_count > DOCUMENT_ROSTERS_MAX) {
		letter_reader_report(reader, "rosters");
		return;
	}
	to->rosters =
	    pool_alloc(pool, form->roster_count, sizeof(*to->rosters));
	if (to->rosters == NULL)
		return;
	to->roster_count = form->roster_count;
	for (size_t i = 0; i < form->roster_count; i++)
		to->rosters[i] = (struct roster){
			.name = name_of(pool, to->name, i, ".sw"),
			.entries = form->rosters[i].entries,
			.count = form->rosters[i].count,
		};
	if (to->roster_count == 0)
		return;
	to->document.rosters = file_of(pool, to->rosters[0].name);
	to->document.roster_count = to->document.rosters != NULL;
}

static void
take_message(struct letter_reader *reader, const struct form *form,
    struct letter_json *to)
{
	struct doc_message *message;

	if (form->message == NULL)
		return;
	message = pool_alloc(reader->pool, 1, sizeof(*message));
	if (message == NULL)
		return;
	message->name = name_of(reader->pool, to->name, 0, ".dm");
	message->code = (enum doc_message_code)form->message->code;
	message->remark = form->message->remark;
	to->message = message;
	to->document.message = file_of(reader->pool, message->name);
}

static void
take_form(struct letter_reader *reader, const struct form *form,
    struct letter_json *to)
{
	to->name = *form->name != '\0' ? form->name : "1";
	if (strlen(to->name) > LETTER_JSON_STEM_MAX)
		letter_reader_report(reader, "name");
	to->document = form->document;
	to->document.kind = kind_values[form->kind];
	to->document.speed = (enum document_speed)form->speed;
	to->document.name = name_of(reader->pool, to->name, 0, ".di");
	take_rosters(reader, form, to);
	take_message(reader, form, to);
}

/* What the reader of JSON says may end in the middle of a character. */
static void
report_json(struct letter_reader *reader, const char *text)
{
	struct bytes escaped = { 0 };

	text_put_escaped(&escaped, text, strlen(text));
	if (escaped.failed)
		reader->pool->failed = true;
	letter_reader_report(reader,
	    pool_text_len(reader->pool, (const char *)escaped.data,
		escaped.len));
	bytes_free(&escaped);
}

int
letter_json_read(const void *data, size_t len, struct pool *pool,
    struct findings *findings, struct letter_json *ret_letter,
    struct error *err)
{
	struct letter_reader reader = { .pool = pool, .findings = findings };
	size_t errors = findings->error_total;
	struct json_document *json = NULL;
	struct error failure = { 0 };
	struct form form = { 0 };

	if (json_read(data, len, LETTER_JSON_MAX, &json, &failure) < 0) {
		if (failure.code == ERROR_BUSY) {
			*err = failure;
			return -1;
		}
		report_json(&reader, failure.text);
		return pool->failed ? error_set_memory(err) : 0;
	}
	letter_reader_object(&reader, json_root(json), &form_shape, &form);
	json_document_free(json);
	if (!text_equal(form.format, "yizhan-letter-1"))
		letter_reader_report(&reader, "format: yizhan-letter-1");
	*ret_letter = (struct letter_json){ .name = "" };
	take_form(&reader, &form, ret_letter);
	if (pool->failed)
		return error_set_memory(err);
	return findings->error_total == errors;
}
