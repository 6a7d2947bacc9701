#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "document/document.h"
#include "role/reader_report.h"
#include "role/reader_work.h"

/* The request's files, decoded; names must live as long as the inputs. */
struct inputs {
	struct message_check_file *files;
	struct document_input *items;
	size_t count;
};

static void
inputs_free(struct inputs *inputs)
{
	free(inputs->files);
	free(inputs->items);
}

static int
count_files(struct blob list, size_t *ret_count, struct error *err)
{
	struct message_check_file *file = malloc(sizeof(*file));
	size_t count = 0;
	int rc;

	if (file == NULL)
		return error_set_memory(err);
	while ((rc = codec_next(message_fields(MESSAGE_CHECK_FILE), &list, file,
		    err)) > 0)
		count++;
	free(file);
	*ret_count = count;
	return rc;
}

static int
read_inputs(struct blob list, struct inputs *inputs, struct error *err)
{
	if (count_files(list, &inputs->count, err) < 0)
		return -1;
	inputs->files = calloc(inputs->count + 1, sizeof(*inputs->files));
	inputs->items = calloc(inputs->count + 1, sizeof(*inputs->items));
	if (inputs->files == NULL || inputs->items == NULL)
		return error_set_memory(err);
	for (size_t i = 0; i < inputs->count; i++) {
		struct message_check_file *file = &inputs->files[i];

		if (codec_next(message_fields(MESSAGE_CHECK_FILE), &list, file,
			err) <= 0)
			return -1;
		inputs->items[i] = (struct document_input){
			.name = file->name,
			.kind = document_kind_of_name(file->name),
			.data = file->data.data,
			.len = file->data.len,
		};
	}
	return 0;
}

static uint16_t
position_of(const struct inputs *inputs, const char *name)
{
	for (size_t i = 0; i < inputs->count; i++)
		if (text_equal(inputs->files[i].name, name))
			return (uint16_t)i;
	return 0;
}

static void
add_entry(const struct inputs *inputs, const char *file,
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
put_rosters(const struct inputs *inputs, const struct document_report *report,
    struct bytes *list)
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
put_answer(const struct inputs *inputs, const struct document_report *report,
    struct bytes *answer, struct error *err)
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
	struct inputs inputs = { 0 };
	int rc = -1;

	if (read_inputs(request->files, &inputs, err) == 0 &&
	    document_check(inputs.items, inputs.count, dtds, &report, err) == 0)
		rc = put_answer(&inputs, report, answer, err);
	document_report_free(report);
	inputs_free(&inputs);
	return rc;
}
