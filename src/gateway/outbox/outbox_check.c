/*
 * The check of a draft: what the reader says of its files, then what we say of
 * its sender and recipients.
 */
#include <stdlib.h>

#include "base/text.h"
#include "gateway/outbox/outbox_internal.h"
#include "gateway/outbox/outbox_series.h"
#include "model/resend.h"
#include "store/payload.h"
#include "store/segment.h"
#include "store/store.h"
#include "sys/ipc.h"

enum { CHECK_BYTES_MAX = 48 * 1024 * 1024, READER_DEATHS_MAX = 3 };

bool
outbox_check_may_ask_again(struct outbox_letter *letter,
    const struct error *failure)
{
	static const char *const deaths[] = { "E2290", "E2291", "E2292" };

	if (text_find(deaths, ARRAY_LEN(deaths), failure->id) < 0)
		return false;
	log_failure(&letter->outbox->gateway->spool.env->log, LOG_LEVEL_WARNING,
	    "check.again", failure);
	return ++letter->reader_deaths < READER_DEATHS_MAX;
}

/* ---- asking the reader ----------------------------------------------- */

static int
read_head(struct store *store, uint64_t number, size_t limit, struct bytes *to,
    struct error *err)
{
	struct payload payload = { 0 };
	struct segment_reader *reader = NULL;
	const uint8_t *data;
	size_t len;
	int more = -1;

	if (store_payload_find(store, number, &payload, err) < 0 ||
	    segment_reader_new(store_segments(store), &payload, &reader, err) <
		0)
		goto done;
	while (to->len < limit &&
	    (more = segment_reader_next(reader, &data, &len, err)) > 0)
		bytes_put(to, data,
		    len < limit - to->len ? len : limit - to->len);
	if (to->len >= limit)
		more = 0;
	if (more == 0)
		more = bytes_failed(to, err);
done:
	segment_reader_free(reader);
	payload_free(&payload);
	return more;
}

static int
put_files(const struct outbox_letter *letter, struct bytes *list,
    struct error *err)
{
	struct store *store = letter->outbox->gateway->spool.store;
	struct message_check_file item;
	struct bytes data = { 0 };
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < letter->files.count; i++) {
		const struct outbox_file *file = &letter->files.list[i];

		bytes_clear(&data);
		rc = read_head(store, file->payload,
		    document_input_max(file->kind), &data, err);
		text_copy(item.name, sizeof(item.name), file->name);
		item.len = file->len;
		item.data = blob_of_bytes(&data);
		if (rc == 0)
			message_list_add(list, MESSAGE_CHECK_FILE, &item);
		if (rc == 0 && list->len > CHECK_BYTES_MAX)
			rc = error_set_id(err, "E4205", ERROR_MALFORMED,
			    "letter and rosters are longer than %d bytes",
			    CHECK_BYTES_MAX);
	}
	bytes_free(&data);
	return rc < 0 ? -1 : bytes_failed(list, err);
}

/* ---- its report ------------------------------------------------------ */

static int
count_entries(struct blob list, size_t *ret_count, struct error *err)
{
	struct message_roster_entry entry;
	int more;

	*ret_count = 0;
	while ((more = codec_next(message_fields(MESSAGE_ROSTER_ENTRY), &list,
		    &entry, err)) > 0)
		++*ret_count;
	return more;
}

/* Entries without a code have their finding already. */
static int
read_entries(struct outbox_letter *letter, struct blob list, struct error *err)
{
	struct message_roster_entry entry;
	size_t count;
	int more;

	if (count_entries(list, &count, err) < 0)
		return -1;
	letter->recipients = calloc(count + 1, sizeof(*letter->recipients));
	if (letter->recipients == NULL)
		return error_set_memory(err);
	while ((more = codec_next(message_fields(MESSAGE_ROSTER_ENTRY), &list,
		    &entry, err)) > 0) {
		struct outbox_recipient *recipient =
		    &letter->recipients[letter->recipient_count];

		if (entry.roster >= letter->files.count ||
		    !org_code_parse(entry.recipient, &recipient->code))
			continue;
		text_copy(recipient->name, sizeof(recipient->name), entry.name);
		recipient->roster = entry.roster;
		recipient->with_attachments = entry.with_attachments;
		recipient->is_copy = entry.is_copy;
		recipient->is_person = entry.is_person;
		recipient->line = entry.line;
		recipient->column = entry.column;
		letter->recipient_count++;
	}
	return more;
}

/*
 * A resend replaces, and a message of an error is about, the letter that was
 * sent under the same reference before.  One that was sent elsewhere is none of
 * ours to name.
 */
static int
find_earlier(struct outbox_letter *letter, struct error *err)
{
	struct outbox_document *document = &letter->document;

	if (!resend_names_earlier(document->message) ||
	    document->reference[0] == '\0')
		return 0;
	return outbox_document_find_reference(store_rows(letter->outbox->gateway
							     ->spool.store),
		   &document->sender, document->reference, &document->earlier,
		   err) < 0
	    ? -1
	    : 0;
}

static int
read_report(struct outbox_letter *letter, const struct message_report *report,
    struct error *err)
{
	struct outbox_document *document = &letter->document;

	bytes_put(&letter->report, report->json.data, report->json.len);
	if (bytes_failed(&letter->report, err) < 0)
		return -1;
	if (!report->is_accepted)
		letter->findings.has_error = true;
	text_copy(document->subject, sizeof(document->subject),
	    report->subject);
	text_copy(document->reference, sizeof(document->reference),
	    report->reference);
	letter->speed = report->speed < SPEED_COUNT ? (enum speed)report->speed
						    : SPEED_NORMAL;
	document->message = report->message;
	if (!org_code_parse(report->sender, &document->sender))
		document->sender.text[0] = '\0';
	if (find_earlier(letter, err) < 0)
		return -1;
	return read_entries(letter, report->rosters, err);
}

static int
plan(struct outbox_letter *letter, struct error *err)
{
	return outbox_plan_split(letter->recipients, letter->recipient_count,
	    letter->has_attachments, &letter->plan, err);
}

static void
on_report(void *ctx, struct ipc_message *message)
{
	struct outbox_letter *letter = ctx;
	struct message_report *report = malloc(sizeof(*report));
	struct error err = { 0 };
	int rc = -1;

	if (report == NULL)
		error_set_memory(&err);
	else if (message->type == MESSAGE_FAILED &&
	    message_read(message, MESSAGE_REPORT, report, &err) < 0 &&
	    outbox_check_may_ask_again(letter, &err)) {
		free(report);
		outbox_check_start(letter);
		return;
	} else if (message_read(message, MESSAGE_REPORT, report, &err) == 0 &&
	    read_report(letter, report, &err) == 0)
		/* A document that cannot be read has no recipients to judge. */
		rc = report->is_accepted ? outbox_judge(letter, &err) : 0;
	free(report);
	if (rc == 0 && !letter->is_only_check && letter->findings.has_error)
		rc = error_set_id(&err, "E4201", ERROR_MALFORMED,
		    "the letter was refused for what `errors` lists");
	if (rc == 0 && !letter->is_only_check)
		rc = outbox_findings_accepted(&letter->findings,
		    blob_of_bytes(&letter->report), &err);
	if (rc == 0 && !letter->is_only_check)
		rc = outbox_draft_is_needed(letter, &err);
	if (rc == 0 && !letter->is_only_check)
		rc = plan(letter, &err);
	if (rc < 0)
		outbox_letter_fail(letter, &err);
	else if (letter->is_only_check)
		outbox_letter_report(letter);
	else if (letter->series != NULL)
		outbox_series_checked(letter);
	else
		outbox_letter_stage(letter, OUTBOX_WAITS_PACK);
}

int
outbox_check_ask(struct outbox_letter *letter, peer_answer_fn done,
    struct error *err)
{
	struct message_check check;
	struct bytes list = { 0 };
	int rc = put_files(letter, &list, err);

	check.files = blob_of_bytes(&list);
	if (rc == 0)
		rc = peer_ask(letter->outbox->gateway->spool.reader,
		    MESSAGE_CHECK, &check, -1, done, letter, NULL, err);
	bytes_free(&list);
	return rc;
}

/* What it will look like the printer says, all else the reader. */
static int
ask_preview(struct outbox_letter *letter, struct error *err)
{
	struct bytes list = { 0 };
	int rc = put_files(letter, &list, err);

	if (rc == 0)
		rc = outbox_preview_ask(letter, blob_of_bytes(&list), err);
	bytes_free(&list);
	return rc;
}

void
outbox_check_start(struct outbox_letter *letter)
{
	struct error err = { 0 };

	if ((letter->preview != 0
		    ? ask_preview(letter, &err)
		    : outbox_check_ask(letter, on_report, &err)) < 0)
		outbox_letter_fail(letter, &err);
}
