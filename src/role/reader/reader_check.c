#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "document/document.h"
#include "role/reader/check_files.h"
#include "role/reader/reader_report.h"
#include "role/reader/reader_work.h"

static uint16_t
position_of(const struct check_files *inputs, const char *name)
{
	for (size_t i = 0; i < inputs->count; i++)
		if (text_equal(inputs->files[i].name, name))
			return (uint16_t)i;
	return 0;
}

static void
add_entry(const struct check_files *inputs, const char *file,
    const struct roster_entry *from, struct bytes *list)
{
	struct message_roster_entry entry = {
		.roster = position_of(inputs, file),
		.with_attachments = from->with_attachments,
		.is_copy = text_starts(from->copy, "副"),
		.is_person = from->is_person,
		.line = from->line,
		.column = from->column,
	};

	memcpy(entry.recipient, from->code.text, sizeof(entry.recipient));
	/* A name that is too long is shown without. */
	if (!text_copy(entry.name, sizeof(entry.name), from->name))
		entry.name[0] = '\0';
	message_list_add(list, MESSAGE_ROSTER_ENTRY, &entry);
}

static void
put_rosters(const struct check_files *inputs,
    const struct document_report *report, struct bytes *list)
{
	const struct document *document = report->document;

	for (size_t i = 0; i < report->roster_count; i++) {
		const struct roster *roster = &report->rosters[i];

		for (size_t j = 0; j < roster->count; j++)
			add_entry(inputs, roster->name, &roster->entries[j],
			    list);
	}
	if (document != NULL && document->recipient != NULL)
		add_entry(inputs, document->name, document->recipient, list);
}

static int
put_answer(const struct check_files *inputs,
    const struct document_report *report, struct bytes *answer,
    struct error *err)
{
	struct message_report body = { .is_accepted = report->accepted };
	struct bytes json = { 0 };
	struct bytes rosters = { 0 };
	int rc = -1;

	put_rosters(inputs, report, &rosters);
	if (reader_report_json(report, &json, err) < 0 ||
	    bytes_failed(&rosters, err) < 0)
		goto done;
	body.json = blob_of_bytes(&json);
	body.rosters = blob_of_bytes(&rosters);
	reader_report_subject(report->document, body.subject,
	    sizeof(body.subject));
	reader_report_reference(report->document, body.reference,
	    sizeof(body.reference));
	if (report->document != NULL && report->document->sender_count > 0)
		memcpy(body.sender, report->document->senders[0].code.text,
		    sizeof(body.sender));
	body.speed = reader_report_speed(report->document);
	body.message =
	    report->message != NULL ? (uint8_t)report->message->code : 0;
	codec_encode(message_fields(MESSAGE_REPORT), &body, answer);
	rc = bytes_failed(answer, err);
done:
	bytes_free(&json);
	bytes_free(&rosters);
	return rc;
}

int
reader_check(const struct message_check *request, const struct dtd_set *dtds,
    struct bytes *answer, struct error *err)
{
	struct document_report *report = NULL;
	struct check_files inputs = { 0 };
	int rc = -1;

	if (check_files_read(request->files, &inputs, err) == 0 &&
	    document_check(inputs.inputs, inputs.count, dtds, &report, err) ==
		0)
		rc = put_answer(&inputs, report, answer, err);
	document_report_free(report);
	check_files_free(&inputs);
	return rc;
}
