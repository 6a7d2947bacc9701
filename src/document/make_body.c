/*
 * The lower half of a document: what it is about, and who gets it.
 */
#include "base/bytes.h"
#include "base/text.h"
#include "document/letter.h"
#include "document/make_internal.h"

enum { ENTITY_SIZE = 256 };

void
make_attachments(struct maker *maker, const struct document *document)
{
	char entity[ENTITY_SIZE];

	make_open(maker, "附件", 0);
	make_element(maker, "文字", 0, document->attachment_note);
	if (document->attachment_count > 0)
		bytes_put_text(maker->out, "<附件檔名 附件名=\"");
	for (size_t i = 0; i < document->attachment_count; i++) {
		make_entity(&document->attachments[i], MAKE_ATTACHMENT, i,
		    entity, sizeof(entity));
		bytes_put_format(maker->out, "%s%s", i > 0 ? " " : "", entity);
	}
	if (document->attachment_count > 0)
		bytes_put_text(maker->out, "\"/>");
	make_close(maker, "附件");
}

static void
put_worded(struct maker *maker, const char *name, const char *text)
{
	make_open(maker, name, 0);
	make_needed(maker, "文字", 0, text);
	make_close(maker, name);
}

void
make_subject(struct maker *maker, const struct document *document)
{
	const char *name = "主旨";

	if (document->kind == DOC_KIND_MEETING)
		name = "開會事由";
	else if (document->kind == DOC_KIND_SURVEY)
		name = "會勘事由";
	put_worded(maker, name, document->subject);
}

void
make_venue(struct maker *maker, const struct document *document)
{
	bool is_meeting = document->kind == DOC_KIND_MEETING;

	put_worded(maker, is_meeting ? "開會地點" : "會勘地點",
	    document->venue);
}

void
make_times(struct maker *maker, const struct document *document)
{
	const char *name =
	    document->kind == DOC_KIND_MEETING ? "開會時間" : "會勘時間";

	for (size_t i = 0; i < document->time_count; i++) {
		const struct document_time *time = &document->times[i];

		make_open(maker, name, i + 1);
		make_needed(maker, "年月日", 0, time->date);
		make_element(maker, "星期", 0, time->weekday);
		make_element(maker, "時分", 0, time->clock);
		make_close(maker, name);
	}
}

void
make_chairs(struct maker *maker, const struct document *document)
{
	make_open(maker, "主持人", 0);
	for (size_t i = 0; i < document->chair_count; i++) {
		const struct document_person *chair = &document->chairs[i];

		make_element(maker, "姓名", i + 1, chair->name);
		if (*chair->title != '\0')
			make_element(maker, "職稱", 0, chair->title);
		if (*chair->phone != '\0')
			make_report(maker, "E2174", "電話");
	}
	make_close(maker, "主持人");
}

/* The office comes first here, and its holder may be left out. */
void
make_superiors(struct maker *maker, const struct document *document)
{
	make_open(maker, "敬陳", 0);
	for (size_t i = 0; i < document->superior_count; i++) {
		const struct document_person *superior =
		    &document->superiors[i];

		make_element(maker, "職稱", i + 1, superior->title);
		if (*superior->name != '\0')
			make_element(maker, "姓名", 0, superior->name);
		if (*superior->phone != '\0')
			make_report(maker, "E2174", "電話");
	}
	make_close(maker, "敬陳");
}

void
make_sections(struct maker *maker, const struct document *document)
{
	for (size_t i = 0; i < document->section_count; i++)
		make_section(maker, &document->sections[i], i + 1);
}

void
make_remarks(struct maker *maker, const struct document *document)
{
	make_open(maker, "備註", 0);
	make_section(maker, document->remarks, 0);
	make_close(maker, "備註");
}

/* `is_copies`: of 副本, which alone says who gets the attachments. */
static void
put_readers(struct maker *maker, const char *list,
    const struct document_reader *readers, size_t count, bool is_copies)
{
	static const char *const names[] = { "全銜", "單位名", "姓名", "總稱" };
	size_t counts[sizeof(names) / sizeof(names[0])] = { 0 };

	make_open(maker, list, 0);
	for (size_t i = 0; i < count; i++) {
		const struct document_reader *reader = &readers[i];
		size_t kind = (size_t)reader->kind;

		if (kind > READER_GROUP) {
			make_report(maker, "E2174", reader->name);
			continue;
		}
		make_needed(maker, names[kind], ++counts[kind], reader->name);
		if (*reader->title != '\0' && kind == READER_PERSON)
			make_element(maker, "職稱", 0, reader->title);
		else if (*reader->title != '\0')
			make_report(maker, "E2174", "職稱");
		if (is_copies && reader->with_attachments)
			make_element(maker, "含附件", 0, "含附件");
	}
	make_close(maker, list);
}

void
make_originals(struct maker *maker, const struct document *document)
{
	put_readers(maker, "正本", document->originals,
	    document->original_count, false);
}

void
make_copies(struct maker *maker, const struct document *document)
{
	put_readers(maker, "副本", document->copies, document->copy_count,
	    true);
}

void
make_attendees(struct maker *maker, const struct document *document)
{
	put_readers(maker, "出席者", document->attendees,
	    document->attendee_count, false);
}

void
make_observers(struct maker *maker, const struct document *document)
{
	put_readers(maker, "列席者", document->observers,
	    document->observer_count, false);
}

/* A memo is signed once, and has the element before anybody signed. */
void
make_signatures(struct maker *maker, const struct document *document)
{
	bool is_memo = document->kind == DOC_KIND_MEMO;

	if (is_memo && document->signature_count > 1)
		make_report(maker, "E2174", "署名");
	if (is_memo && document->signature_count == 0)
		make_element(maker, "署名", 0, "");
	for (size_t i = 0; i < document->signature_count; i++)
		make_element(maker, "署名", i + 1, document->signatures[i]);
}
