#include "role/reader/reader_report.h"

#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "document/document.h"
#include "json/json_write.h"
#include "service/catalogue.h"

static void
put_words(struct json_writer *json, const char *key, const char *zh,
    const char *en)
{
	json_write_begin_object(json, key);
	json_write_text(json, "zh", zh);
	json_write_text(json, "en", en);
	json_write_end(json);
}

static void
put_finding(struct json_writer *json, const struct finding *finding)
{
	const struct message *message = catalogue_find(finding->rule);

	json_write_begin_object(json, NULL);
	json_write_text(json, "severity",
	    finding->severity == FINDING_ERROR ? "error" : "warning");
	json_write_text(json, "file", finding->file);
	json_write_int(json, "line", finding->line);
	json_write_int(json, "column", finding->column);
	json_write_text(json, "element", finding->path);
	json_write_text(json, "rule", finding->rule);
	json_write_text(json, "text", finding->argument);
	if (message != NULL) {
		put_words(json, "title", message->zh.title, message->en.title);
		put_words(json, "cause", message->zh.cause, message->en.cause);
		put_words(json, "remedy", message->zh.next, message->en.next);
	}
	json_write_end(json);
}

static const char *
speed_words(enum document_speed speed)
{
	switch (speed) {
	case LETTER_SPEED_NORMAL:
		return "普通件";
	case LETTER_SPEED_FAST:
		return "速件";
	case LETTER_SPEED_FASTEST:
		return "最速件";
	case LETTER_SPEED_NONE:
		break;
	}
	return "";
}

/* Nothing for a draft that has no number yet. */
static void
put_reference(const struct ref_no *ref_no, struct bytes *to)
{
	if (ref_no->text[0] != '\0')
		bytes_put_text(to, ref_no->text);
	else if (ref_no->prefix[0] != '\0' || ref_no->year[0] != '\0' ||
	    ref_no->seq[0] != '\0' || ref_no->branch[0] != '\0')
		bytes_put_format(to, "%s第%s%s%s號", ref_no->prefix,
		    ref_no->year, ref_no->seq, ref_no->branch);
}

static void
put_senders(struct json_writer *json, const struct document *document)
{
	json_write_begin_array(json, "senders");
	for (size_t i = 0; i < document->sender_count; i++) {
		json_write_begin_object(json, NULL);
		json_write_text(json, "code", document->senders[i].code.text);
		json_write_text(json, "name", document->senders[i].name);
		json_write_end(json);
	}
	json_write_end(json);
}

static void
put_references(struct json_writer *json, const struct document *document)
{
	struct bytes text = { 0 };

	json_write_begin_array(json, "references");
	for (size_t i = 0; i < document->ref_no_count; i++) {
		bytes_clear(&text);
		put_reference(&document->ref_nos[i], &text);
		if (text.len > 0)
			json_write_text_len(json, NULL, (const char *)text.data,
			    text.len);
	}
	json_write_end(json);
	bytes_free(&text);
}

static void
put_readers(struct json_writer *json, const char *key,
    const struct document_reader *readers, size_t count)
{
	json_write_begin_array(json, key);
	for (size_t i = 0; i < count; i++) {
		json_write_begin_object(json, NULL);
		json_write_text(json, "name", readers[i].name);
		json_write_bool(json, "with_attachments",
		    readers[i].with_attachments);
		json_write_end(json);
	}
	json_write_end(json);
}

static void
put_attachments(struct json_writer *json, const struct document *document)
{
	json_write_begin_array(json, "attachments");
	for (size_t i = 0; i < document->attachment_count; i++)
		json_write_text(json, NULL, document->attachments[i].name);
	json_write_end(json);
}

static void
put_rosters(struct json_writer *json, const struct document_report *report)
{
	json_write_begin_array(json, "rosters");
	for (size_t i = 0; i < report->roster_count; i++) {
		json_write_begin_object(json, NULL);
		json_write_text(json, "file", report->rosters[i].name);
		json_write_text(json, "model",
		    doc_model_name(report->rosters[i].model));
		json_write_int(json, "recipients",
		    (int64_t)report->rosters[i].count);
		json_write_end(json);
	}
	json_write_end(json);
}

static void
put_message(struct json_writer *json, const struct doc_message *message)
{
	if (message == NULL) {
		json_write_null(json, "message");
		return;
	}
	json_write_begin_object(json, "message");
	json_write_text(json, "model", doc_model_name(message->model));
	json_write_int(json, "code", message->code);
	json_write_text(json, "remark", message->remark);
	json_write_end(json);
}

static void
put_texts(struct json_writer *json, const char *key, const char *const *texts,
    size_t count)
{
	json_write_begin_array(json, key);
	for (size_t i = 0; i < count; i++)
		json_write_text(json, NULL, texts[i]);
	json_write_end(json);
}

static void
put_persons(struct json_writer *json, const char *key,
    const struct document_person *persons, size_t count)
{
	json_write_begin_array(json, key);
	for (size_t i = 0; i < count; i++) {
		json_write_begin_object(json, NULL);
		json_write_text(json, "name", persons[i].name);
		json_write_text(json, "title", persons[i].title);
		json_write_text(json, "phone", persons[i].phone);
		json_write_end(json);
	}
	json_write_end(json);
}

/* Of 開會通知單 and 會勘通知單. */
static void
put_meeting(struct json_writer *json, const struct document *document)
{
	if (document->time_count == 0)
		return;
	json_write_begin_array(json, "times");
	for (size_t i = 0; i < document->time_count; i++) {
		json_write_begin_object(json, NULL);
		json_write_text(json, "date", document->times[i].date);
		json_write_text(json, "weekday", document->times[i].weekday);
		json_write_text(json, "clock", document->times[i].clock);
		json_write_end(json);
	}
	json_write_end(json);
	json_write_text(json, "venue", document->venue);
	put_persons(json, "chairs", document->chairs, document->chair_count);
	put_persons(json, "callers", document->callers, document->caller_count);
}

static void
put_document(struct json_writer *json, const struct document_report *report)
{
	const struct document *document = report->document;

	if (document == NULL) {
		json_write_null(json, "document");
		return;
	}
	json_write_begin_object(json, "document");
	json_write_text(json, "file", document->name);
	json_write_text(json, "kind", document_kind_name(document->kind));
	json_write_text(json, "class", document->class_name);
	json_write_text(json, "model", doc_model_name(document->model));
	put_senders(json, document);
	put_references(json, document);
	json_write_text(json, "issued", document->issued_text);
	json_write_text(json, "speed", speed_words(document->speed));
	json_write_text(json, "secrecy", document->secrecy);
	json_write_text(json, "declassify", document->declassify);
	json_write_text(json, "subject", document->subject);
	json_write_text(json, "address", document->address);
	json_write_text(json, "addressee", document->addressee);
	json_write_text(json, "attachment_note", document->attachment_note);
	put_attachments(json, document);
	put_rosters(json, report);
	put_message(json, report->message);
	put_readers(json, "originals", document->originals,
	    document->original_count);
	put_readers(json, "copies", document->copies, document->copy_count);
	put_readers(json, "attendees", document->attendees,
	    document->attendee_count);
	put_readers(json, "observers", document->observers,
	    document->observer_count);
	put_meeting(json, document);
	put_texts(json, "contacts", document->contacts,
	    document->contact_count);
	put_texts(json, "signatures", document->signatures,
	    document->signature_count);
	json_write_end(json);
}

static void
put_party(struct json_writer *json, const char *key,
    const struct old_envelope_party *party)
{
	json_write_begin_object(json, key);
	json_write_text(json, "code", party->code.text);
	json_write_text(json, "name", party->name);
	json_write_end(json);
}

static void
put_envelope_files(struct json_writer *json,
    const struct old_envelope *envelope)
{
	json_write_begin_array(json, "files");
	for (size_t i = 0; i < envelope->file_count; i++) {
		const struct old_envelope_file *file = &envelope->files[i];

		json_write_begin_object(json, NULL);
		json_write_text(json, "name", file->name);
		json_write_bool(json, "needs_signature", file->needs_signature);
		json_write_text(json, "algorithm", file->algorithm);
		json_write_text(json, "hash", file->hash);
		json_write_text(json, "note", file->note);
		json_write_end(json);
	}
	json_write_end(json);
}

static void
put_cards(struct json_writer *json, const struct old_envelope *envelope)
{
	json_write_begin_array(json, "cards");
	for (size_t i = 0; i < envelope->card_count; i++) {
		const struct old_envelope_card *card = &envelope->cards[i];

		json_write_begin_object(json, NULL);
		json_write_text(json, "code", card->code.text);
		json_write_text(json, "type", card->type);
		json_write_text(json, "number", card->number);
		json_write_text(json, "method", card->method);
		json_write_int(json, "key_length", (int64_t)card->key_len);
		json_write_end(json);
	}
	json_write_end(json);
}

static void
put_envelope(struct json_writer *json, const struct old_envelope *envelope)
{
	bool is_en = envelope->kind == OLD_ENVELOPE_EN;

	json_write_begin_object(json, NULL);
	json_write_text(json, "file", envelope->name);
	json_write_text(json, "kind", is_en ? "EN" : "ESW");
	json_write_text(json, "model", doc_model_name(DOC_MODEL_NONE));
	if (is_en) {
		put_party(json, "sender", &envelope->sender);
		json_write_begin_array(json, "receivers");
		for (size_t i = 0; i < envelope->receiver_count; i++)
			put_party(json, NULL, &envelope->receivers[i]);
		json_write_end(json);
		json_write_text(json, "service", envelope->service);
		json_write_text(json, "application", envelope->application);
		json_write_text(json, "subject", envelope->subject);
		json_write_text(json, "expires", envelope->expires);
		put_envelope_files(json, envelope);
	} else {
		put_cards(json, envelope);
	}
	json_write_end(json);
}

int
reader_report_json(const struct document_report *report, struct bytes *to,
    struct error *err)
{
	struct json_writer json = json_writer_to(to);

	json_write_begin_object(&json, NULL);
	put_document(&json, report);
	json_write_begin_array(&json, "envelopes");
	for (size_t i = 0; i < report->envelope_count; i++)
		put_envelope(&json, &report->envelopes[i]);
	json_write_end(&json);
	json_write_begin_array(&json, "findings");
	for (size_t i = 0; i < report->finding_count; i++)
		put_finding(&json, &report->findings[i]);
	json_write_end(&json);
	json_write_int(&json, "left_out", (int64_t)report->finding_left_out);
	json_write_end(&json);
	return json_write_done(&json, err);
}

/* Whole characters only; the text is UTF-8. */
static void
copy_cut(char *to, size_t size, const char *text, size_t len)
{
	if (len >= size)
		len = size - 1;
	while (len > 0 && !text_is_utf8(text, len))
		len--;
	memcpy(to, text, len);
	to[len] = '\0';
}

/* Orders may have no 主旨: what they say first tells them apart as well. */
static const char *
subject_of(const struct document *document)
{
	if (document == NULL)
		return "";
	if (document->subject[0] != '\0')
		return document->subject;
	for (size_t i = 0; i < document->section_count; i++) {
		const struct document_section *section = &document->sections[i];

		if (section->text[0] != '\0')
			return section->text;
		if (section->item_count > 0)
			return section->items[0].text;
	}
	return "";
}

void
reader_report_cut(const char *text, char *to, size_t size)
{
	copy_cut(to, size, text, strlen(text));
}

void
reader_report_subject(const struct document *document, char *to, size_t size)
{
	const char *text = subject_of(document);

	copy_cut(to, size, text, strlen(text));
}

void
reader_report_reference(const struct document *document, char *to, size_t size)
{
	struct bytes text = { 0 };

	to[0] = '\0';
	if (document == NULL || document->ref_no_count == 0)
		return;
	put_reference(&document->ref_nos[0], &text);
	if (!text.failed && text.len > 0)
		copy_cut(to, size, (const char *)text.data, text.len);
	bytes_free(&text);
}

uint8_t
reader_report_speed(const struct document *document)
{
	if (document == NULL || document->speed == LETTER_SPEED_NONE)
		return 0;
	return (uint8_t)(document->speed - LETTER_SPEED_NORMAL);
}
