/*
 * A decrypted package becomes an entry of the inbox: the reader takes it
 * apart, the verifier checks its signature, the directory says whose it is.
 */
#include <string.h>

#include "base/attr.h"
#include "base/text.h"
#include "directory/directory.h"
#include "exchange/duplicate.h"
#include "gateway/gateway_status.h"
#include "gateway/inbox/inbox_events.h"
#include "gateway/inbox/inbox_judge.h"
#include "gateway/inbox/inbox_open_internal.h"
#include "gateway/inbox/inbox_place.h"
#include "gateway/inbox/inbox_review.h"
#include "gateway/outbox/attachment_policy.h"
#include "role/status/status_watch.h"
#include "store/store.h"
#include "sys/ipc.h"

/* ---- what becomes durable -------------------------------------------- */

static struct duplicate_letter
letter_of(const struct inbox_row *row)
{
	return (struct duplicate_letter){ row->sender, row->document_id,
		row->package };
}

static int
write_files(struct inbox_job *job, struct error *err)
{
	struct rows *rows = inbox_rows(job->inbox);
	struct blob list = job->opening->unpacked.files;
	struct message_packed_file file;
	unsigned index = 0;
	int more;

	if (job->opening->shared.letter != 0)
		return inbox_share_files(rows, &job->row, &job->opening->shared,
		    err);

	while ((more = codec_next(message_fields(MESSAGE_PACKED_FILE), &list,
		    &file, err)) > 0)
		if (inbox_file_add(rows, job->row.row, index++, &file, err) < 0)
			return -1;
	return more;
}

/* It is there still: what was found may have been undone since. */
static int
take_shared(struct inbox_job *job, struct error *err)
{
	const struct inbox_shared *before = &job->opening->shared;
	struct inbox_shared now;
	int found = inbox_share_find(inbox_rows(job->inbox), &job->row,
	    &job->opening->part.package, &now, err);

	if (found < 0)
		return -1;
	if (found == 0 || now.letter != before->letter ||
	    now.payload != before->payload)
		return error_set(err, ERROR_BUSY,
		    "the package is not here any more");
	job->row.payload = now.payload;
	return 0;
}

/* The package becomes a payload, and those who wait for it are offered it. */
static int
write_package(struct inbox_job *job, struct error *err)
{
	struct inbox_opening *opening = job->opening;
	struct store *store = job->inbox->gateway->spool.store;
	struct segment_writer *writer = opening->writer;
	struct payload payload = { 0 };

	if (opening->shared.letter != 0)
		return take_shared(job, err);
	if (job->row.recipients > 1 &&
	    inbox_share_offer(inbox_rows(job->inbox), &job->row,
		opening->unpacked.recipients, err) < 0)
		return -1;
	opening->writer = NULL;
	if (store_payload_add(store, writer, &payload, err) < 0)
		return -1;
	job->row.payload = job->added = payload.number;
	payload_free(&payload);
	return 0;
}

static int
write_entry(struct inbox_job *job, struct error *err)
{
	struct rows *rows = inbox_rows(job->inbox);
	struct inbox_opening *opening = job->opening;

	if (write_files(job, err) < 0 ||
	    inbox_row_set_letter(rows, job->row.row, opening->unpacked.subject,
		opening->unpacked.reference, err) < 0 ||
	    inbox_row_set_signer(rows, job->row.row, &opening->signer, err) <
		0 ||
	    inbox_row_next_place(rows, &job->row.shown, err) < 0 ||
	    inbox_number_next(rows, &job->row.recipient, job->row.received_at,
		job->row.receive_number, err) < 0 ||
	    inbox_review_enter(job->inbox->gateway, &job->row, &opening->signer,
		err) < 0)
		return -1;
	return write_package(job, err);
}

static int
write_repeat(struct inbox_job *job, const struct inbox_row *known,
    struct error *err)
{
	struct duplicate_letter before = letter_of(known);
	struct duplicate_letter now = letter_of(&job->row);
	struct error clash = { 0 };

	if (duplicate_check(duplicate_letter(&before, &now), &clash) == 0) {
		job->row.first = known->row;
		job->row.step = JOB_RECEIVE_OPEN;
		job->result = JOB_DUPLICATE;
		return 0;
	}
	inbox_log(job->inbox, &job->row, LOG_LEVEL_ERROR, "E4103", &clash);
	job->row.state = INBOX_FETCHED;
	job->row.reason = ACT_REASON_OTHER;
	job->result = JOB_UNUSABLE;
	return inbox_row_set_failure(inbox_rows(job->inbox), job->row.row,
	    &clash, err);
}

/* `opened`, if it was signed already: unless the package is not to be opened. */
static int
write_act(struct inbox_job *job, struct error *err)
{
	return job->other.len == 0 ||
		(job->result != JOB_OK && job->result != JOB_DUPLICATE)
	    ? 0
	    : inbox_event_add(inbox_rows(job->inbox), job->row.row,
		  EVENT_OPENED, blob_of_bytes(&job->other), err);
}

static int
write_opened(struct inbox_job *job, struct error *err)
{
	struct inbox_row *row = &job->row;
	struct inbox_row known;
	int found;

	row->package = job->opening->part.package;
	row->package_len = job->opening->package_len;
	row->state = INBOX_OPENED;
	row->received_at = spool_now(&job->inbox->gateway->spool);
	/* What is opened is scanned as well: two steps become one. */
	row->step = JOB_RECEIVE_SCAN;
	found = inbox_row_find_letter(inbox_rows(job->inbox), row, &known, err);
	if (found < 0 ||
	    (found > 0 ? write_repeat(job, &known, err)
		       : write_entry(job, err)) < 0)
		return -1;
	return write_act(job, err);
}

/* What states that it was opened is signed to become durable with the entry. */
static void
end_opened(struct inbox_job *job)
{
	job->row.package = job->opening->part.package;
	inbox_act_end_with(job, EVENT_OPENED, write_opened);
}

/* ---- signature and contents ------------------------------------------ */

/* As of the time when our center took it; later ones are for people to read. */
static void
on_standing(void *ctx)
{
	struct inbox_job *job = ctx;
	struct gateway *gateway = job->inbox->gateway;
	int64_t at = spool_now(&gateway->spool);
	struct verdict verdict = verdict_allow();
	struct error err = { 0 };

	if (inbox_event_accepted_at(inbox_rows(job->inbox), job->row.row, &at,
		&err) < 0 ||
	    gateway_status_judge(gateway, &job->opening->signer, at, &verdict,
		&err) < 0) {
		inbox_job_later(job, &err);
		return;
	}
	if (verdict.kind == VERDICT_WARN)
		inbox_log(job->inbox, &job->row, LOG_LEVEL_WARNING, verdict.id,
		    NULL);
	if (verdict_check(&verdict, job->row.sender.text, &err) < 0)
		inbox_open_fail(job, ACT_REASON_UNREADABLE, &err);
	else
		end_opened(job);
}

/* It is registered for the sender, as was judged a moment ago. */
static void
ask_standing(struct inbox_job *job, struct blob signers)
{
	struct gateway *gateway = job->inbox->gateway;
	const struct directory *directory = spool_directory(&gateway->spool);
	struct directory_org org;
	struct directory_key key;

	memcpy(job->opening->signer.bytes, signers.data, DIGEST_LEN);
	if (directory_find_org(directory, &job->row.sender, &org) &&
	    directory_find_org_key(directory, &org, KEY_SIGN,
		&job->opening->signer, &key))
		status_watch_ask(gateway->status, &org, &key, on_standing, job);
	else
		on_standing(job);
}

static void
on_signed(void *ctx, struct ipc_message *message)
{
	struct inbox_job *job = ctx;
	struct inbox_place place = inbox_place_of(job->inbox->gateway);
	struct message_signed answer;
	int64_t at = spool_now(&job->inbox->gateway->spool);
	struct error err = { 0 };

	if (message_read(message, MESSAGE_SIGNED, &answer, &err) < 0 ||
	    inbox_event_accepted_at(inbox_rows(job->inbox), job->row.row, &at,
		&err) < 0 ||
	    inbox_judge_signer(&place, &job->row, answer.signers, at, &err) < 0)
		inbox_open_fail(job, ACT_REASON_UNREADABLE, &err);
	else
		ask_standing(job, answer.signers);
}

/*
 * Of the same waybill and package, whose signature was verified and covers this
 * recipient: only what may have changed since is judged once more.
 */
void
inbox_open_shared(struct inbox_job *job)
{
	struct inbox_place place = inbox_place_of(job->inbox->gateway);
	struct inbox_opening *opening = job->opening;
	const struct inbox_shared *shared = &opening->shared;
	const struct blob signers =
	    blob_of(shared->signer.bytes, sizeof(shared->signer.bytes));
	int64_t at = spool_now(&job->inbox->gateway->spool);
	struct error err = { 0 };

	opening->package_len = shared->package_len;
	text_copy(opening->unpacked.subject, sizeof(opening->unpacked.subject),
	    shared->subject);
	text_copy(opening->unpacked.reference,
	    sizeof(opening->unpacked.reference), shared->reference);
	if (inbox_event_accepted_at(inbox_rows(job->inbox), job->row.row, &at,
		&err) < 0 ||
	    inbox_judge_signer(&place, &job->row, signers, at, &err) < 0)
		inbox_open_fail(job, ACT_REASON_UNREADABLE, &err);
	else
		ask_standing(job, signers);
}

static enum act_reason
reason_of(const struct error *err)
{
	/* Programs by name or content, also inside archives. */
	static const char *const programs[] = { "E2121", "E2125", "E2181",
		"E2182" };

	for (size_t i = 0; i < ARRAY_LEN(programs); i++)
		if (text_equal(err->id, programs[i]))
			return ACT_REASON_MALWARE;
	return ACT_REASON_UNREADABLE;
}

static int
read_unpacked(struct inbox_job *job, struct ipc_message *message,
    struct error *err)
{
	struct inbox_place place = inbox_place_of(job->inbox->gateway);
	struct message_unpacked *unpacked = &job->opening->unpacked;

	if (message_read(message, MESSAGE_UNPACKED, unpacked, err) < 0)
		return -1;
	/* Once more from a copy: its blobs live as long as what they are in. */
	bytes_put(&job->body, message->body, message->len);
	if (bytes_failed(&job->body, err) < 0 ||
	    codec_decode(message_fields(MESSAGE_UNPACKED), job->body.data,
		job->body.len, unpacked, err) < 0)
		return -1;
	return inbox_judge_package(&place, &job->row, unpacked, err);
}

static void
on_unpacked(void *ctx, struct ipc_message *message)
{
	struct inbox_job *job = ctx;
	struct message_verify_signed ask = { .signers_max = 1 };
	struct error err = { 0 };

	scratch_file_close(&job->opening->scratch);
	if (read_unpacked(job, message, &err) < 0) {
		inbox_open_fail(job, reason_of(&err), &err);
		return;
	}
	ask.cms = job->opening->unpacked.signature;
	ask.content = job->opening->unpacked.signed_text;
	if (ask.content.len == 0)
		error_set_id(&err, "E4307", ERROR_MALFORMED,
		    "a package without manifest");
	if (err.code != ERROR_NONE ||
	    peer_ask(job->inbox->gateway->spool.verifier, MESSAGE_VERIFY_SIGNED,
		&ask, -1, on_signed, job, NULL, &err) < 0)
		inbox_open_fail(job, ACT_REASON_UNREADABLE, &err);
}

void
inbox_open_unpack(struct inbox_job *job)
{
	struct spool *spool = &job->inbox->gateway->spool;
	struct message_unpack ask = { .package = job->opening->part.package,
		.policy = attachment_policy(spool->env->config) };
	struct error err = { 0 };

	if (peer_ask(spool->reader, MESSAGE_UNPACK, &ask,
		job->opening->scratch.read_fd, on_unpacked, job, NULL,
		&err) < 0)
		inbox_job_later(job, &err);
}
