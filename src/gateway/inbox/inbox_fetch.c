/*
 * The first step: waybill, receipt, leaf and content part come from the center
 * and are checked before anything of them is stored.
 *
 * Much content stays away the first time: when the rest is checked and
 * durable, the step begins again, and the content becomes a partial that goes
 * on where it was cut.  Content that another delivery of the waybill has here
 * already stays away as well, and is shared (inbox_content.h).
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "envelope/bundle.h"
#include "gateway/evidence/log_watch.h"
#include "gateway/evidence/status_fetch.h"
#include "gateway/inbox/inbox_content.h"
#include "gateway/inbox/inbox_events.h"
#include "gateway/inbox/inbox_internal.h"
#include "gateway/inbox/inbox_judge.h"
#include "gateway/inbox/inbox_place.h"
#include "gateway/inbox/inbox_review.h"
#include "role/bulletins/serials.h"
#include "role/spool/partials.h"
#include "role/spool/uploads.h"
#include "service/config.h"
#include "store/store.h"
#include "sys/ipc.h"

/* A letter of 2 GiB at 5 MB/s. */
enum { CONTENT_TIMEOUT_MS = 450 * 1000 };

/* ---- what becomes durable -------------------------------------------- */

static int
store_content(struct inbox_job *job, struct error *err)
{
	struct upload *upload = job->upload;
	struct payload payload = { 0 };

	job->upload = NULL;
	if (upload_store(upload, &job->row.content_digest, &payload, err) < 0) {
		if (err->code == ERROR_UNTRUSTED)
			error_set_id(err, "E4309", ERROR_UNTRUSTED,
			    "the content part is not the one that the waybill "
			    "names");
		return -1;
	}
	job->row.content = job->added = payload.number;
	payload_free(&payload);
	return 0;
}

/* What is said of the letter. */
static int
take_waybill(struct inbox_job *job, struct error *err)
{
	const struct message_waybill *waybill = &job->waybill;
	struct inbox_row *row = &job->row;

	row->waybill = waybill->waybill;
	row->head = waybill->head;
	row->commitment = waybill->commitment;
	row->content_digest = waybill->content;
	row->content_len = waybill->content_len;
	row->leaf = job->leaf.leaf;
	row->key_digest = job->leaf.key_part;
	row->seal = job->leaf.seal;
	row->document_id = waybill->document_id;
	row->speed = (enum speed)waybill->speed;
	row->message = waybill->message;
	row->recipients = waybill->count;
	row->earlier = waybill->earlier;
	if (!org_code_parse(waybill->sender, &row->sender))
		return error_set(err, ERROR_MALFORMED, "sender %s",
		    waybill->sender);
	return 0;
}

static int
write_waybill(struct inbox_job *job, struct error *err)
{
	struct rows *rows = inbox_rows(job->inbox);
	struct inbox_row *row = &job->row;
	const struct inbox_taken taken = { .module = &job->waybill.signer,
		.at_ms = job->receipt.time,
		.directory = job->receipt.directory };

	if (take_waybill(job, err) < 0 ||
	    inbox_event_receipt(rows, row->row, &job->receipt, job->json, err) <
		0 ||
	    inbox_row_set_waybill(rows, row->row, job->cms, job->records, err) <
		0 ||
	    log_watch_add(job->inbox->gateway->log_watch, &job->receipt,
		job->json, err) < 0 ||
	    status_fetch_add(job->inbox->gateway->status_fetch, &job->receipt,
		err) < 0 ||
	    inbox_review_add(rows, row->row, &taken, err) < 0)
		return -1;
	return 0;
}

/* Content of a waybill that was verified: two steps become durable as one. */
static int
write_content(struct inbox_job *job, struct error *err)
{
	job->row.step = JOB_RECEIVE_VERIFY;
	return inbox_content_drop(job, err) < 0 ? -1 : store_content(job, err);
}

/* And `fetched`, if it is signed already: then that is done as well. */
static int
write_all(struct inbox_job *job, struct error *err)
{
	if (write_waybill(job, err) < 0 ||
	    (job->other.len > 0 &&
		inbox_event_add(inbox_rows(job->inbox), job->row.row,
		    EVENT_FETCHED, blob_of_bytes(&job->other), err) < 0) ||
	    write_content(job, err) < 0)
		return -1;
	if (job->other.len > 0)
		job->row.step = JOB_RECEIVE_FETCHED;
	return 0;
}

/* That of another delivery, unless it has left meanwhile. */
static int
write_shared(struct inbox_job *job, struct error *err)
{
	struct inbox_row *row = &job->row;
	uint64_t content = 0;
	int found =
	    inbox_content_find(inbox_rows(job->inbox), row, &content, err);

	if (found <= 0) {
		job->result = JOB_LATER;
		return found;
	}
	if (row->content != content && inbox_content_drop(job, err) < 0)
		return -1;
	row->content = content;
	row->step = JOB_RECEIVE_VERIFY;
	return 0;
}

static int
write_waybill_shared(struct inbox_job *job, struct error *err)
{
	return write_waybill(job, err) < 0 ? -1 : write_shared(job, err);
}

/* ---- the answers ----------------------------------------------------- */

/* The newest directory that the center is known to go by. */
static uint64_t
directory_of(const struct inbox_job *job)
{
	return job->told > job->receipt.directory ? job->told
						  : job->receipt.directory;
}

static void
end(struct inbox_job *job, const struct error *failure)
{
	if (inbox_place_is_final(job->inbox->gateway, job->row.failures,
		directory_of(job), failure))
		inbox_job_refuse(job, JOB_REFUSED, failure);
	else
		inbox_job_later(job, failure);
}

/* All of it is here: what states that is signed to become durable with it. */
static void
end_fetched(struct inbox_job *job)
{
	struct error ignored = { 0 };

	inbox_log(job->inbox, &job->row, LOG_LEVEL_NOTICE, "letter.content",
	    NULL);
	if (take_waybill(job, &ignored) < 0)
		inbox_job_end(job, JOB_OK, write_all);
	else
		inbox_act_end_with(job, EVENT_FETCHED, write_all);
}

static void
on_receipt(void *ctx, struct ipc_message *message)
{
	struct inbox_job *job = ctx;
	struct inbox_place place = inbox_place_of(job->inbox->gateway);
	struct error err = { 0 };

	if (message_read(message, MESSAGE_RECEIPT, &job->receipt, &err) < 0 ||
	    inbox_judge_origin(&place, &job->waybill, &job->receipt, &err) <
		0) {
		/* Our directory may lag behind: the letter is not at fault. */
		inbox_job_later(job, &err);
		return;
	}
	/* Revoked since, it still counts (docs/protocol.md 2). */
	if (inbox_judge_module(&place, &job->waybill, job->receipt.time, &err) <
	    0) {
		end(job, &err);
		return;
	}
	if (job->upload == NULL) {
		if (job->is_fetching)
			inbox_job_end(job, JOB_LATER, write_waybill);
		else
			inbox_job_end(job, JOB_OK, write_waybill_shared);
		return;
	}
	end_fetched(job);
}

static uint64_t
resume_bytes(const struct inbox_job *job)
{
	const struct spool *spool = &job->inbox->gateway->spool;

	return (uint64_t)spool->env->config->limits.resume_bytes;
}

/* All of the content is here, or it is so much that none of it came. */
static int
check_content_len(const struct inbox_job *job,
    const struct message_waybill *waybill, struct error *err)
{
	bool is_good = job->upload == NULL
	    ? !job->is_fetching || waybill->content_len > resume_bytes(job)
	    : waybill->content_len == job->upload_len;

	return is_good ? 0
		       : error_set_id(err, "E4309", ERROR_UNTRUSTED,
			     "the content part is not the one that the "
			     "waybill names");
}

static int
read_waybill(struct inbox_job *job, struct ipc_message *message,
    struct error *err)
{
	struct inbox_place place = inbox_place_of(job->inbox->gateway);
	struct blob leaves;

	if (message_read(message, MESSAGE_WAYBILL, &job->waybill, err) < 0)
		return -1;
	leaves = job->waybill.leaves;
	if (codec_next(message_fields(MESSAGE_LEAF), &leaves, &job->leaf, err) <
	    1)
		return error_set(err, ERROR_MALFORMED, "waybill without leaf");
	/* They point into the message. */
	job->waybill.leaves = (struct blob){ 0 };
	job->leaf.leaf_json = (struct blob){ 0 };
	job->leaf.key = (struct blob){ 0 };
	job->leaf.path = (struct blob){ 0 };
	if (check_content_len(job, &job->waybill, err) < 0)
		return -1;
	return inbox_judge_waybill(&place, &job->row, &job->waybill, &job->leaf,
	    err);
}

static void
on_waybill(void *ctx, struct ipc_message *message)
{
	struct inbox_job *job = ctx;
	struct message_verify_receipt ask = { .receipt = job->json };
	struct error err = { 0 };

	if (read_waybill(job, message, &err) < 0)
		end(job, &err);
	else if (peer_ask(job->inbox->gateway->spool.verifier,
		     MESSAGE_VERIFY_RECEIPT, &ask, -1, on_receipt, job, NULL,
		     &err) < 0)
		inbox_job_later(job, &err);
}

/* The next record, of this kind. */
static int
take_record(struct cursor *cursor, enum bundle_kind kind, struct blob *ret_data,
    struct error *err)
{
	uint8_t found = cursor_u8(cursor);
	uint64_t len = cursor_u64(cursor);
	const uint8_t *data =
	    len <= BUNDLE_RECORD_MAX ? cursor_take(cursor, (size_t)len) : NULL;

	if (found != kind || data == NULL)
		return error_set_id(err, "E3105", ERROR_MALFORMED,
		    "a delivery without its record %c", kind);
	*ret_data = blob_of(data, (size_t)len);
	return 0;
}

static int
take_content(struct inbox_job *job, const struct message_called *called,
    struct message_verify_waybill *ask, struct error *err)
{
	struct spool *spool = &job->inbox->gateway->spool;
	struct cursor cursor;

	job->upload_len = called->upload_len;
	if (called->upload != 0 &&
	    uploads_take(spool->from_courier, called->upload,
		called->upload_len, &job->upload, err) < 0)
		return -1;
	bytes_put(&job->body, called->body.data, called->body.len);
	if (bytes_failed(&job->body, err) < 0)
		return -1;
	cursor = cursor_of(job->body.data, job->body.len);
	if (take_record(&cursor, BUNDLE_WAYBILL, &ask->waybill, err) < 0 ||
	    take_record(&cursor, BUNDLE_RECEIPT, &job->json, err) < 0)
		return -1;
	ask->kind = BUNDLE_DELIVERY;
	ask->records = blob_of(cursor.data, cursor.left);
	job->cms = ask->waybill;
	job->records = ask->records;
	return 0;
}

static void
on_content(void *ctx, struct ipc_message *message)
{
	struct inbox_job *job = ctx;
	struct message_verify_waybill ask = { 0 };
	struct message_called called;
	struct error err = { 0 };
	enum job_result result;

	if (message_read(message, MESSAGE_CALLED, &called, &err) < 0) {
		inbox_job_later(job, &err);
		return;
	}
	if (called.status != 200) {
		result = inbox_judge_answer(job, &called, &err);
		if (result == JOB_OVER)
			inbox_job_refuse(job, JOB_OVER, &err);
		else
			inbox_job_later(job, &err);
		return;
	}
	job->told = serials_told_directory(called.serials);
	/* A broken transfer is no word about the letter. */
	if (take_content(job, &called, &ask, &err) < 0 ||
	    peer_ask(job->inbox->gateway->spool.verifier,
		MESSAGE_VERIFY_WAYBILL, &ask, -1, on_waybill, job, NULL,
		&err) < 0)
		inbox_job_later(job, &err);
}

/* `name` and `value`: the parameter; `ticket` 0: not for a partial. */
static void
call_center(struct inbox_job *job, const char *name, uint64_t value,
    uint64_t ticket, peer_answer_fn answer)
{
	struct gateway *gateway = job->inbox->gateway;
	struct message_call call = { .method = "GET",
		.ticket = ticket,
		.timeout_ms = CONTENT_TIMEOUT_MS,
		.is_bundle = true };
	char id[ID_TEXT_SIZE];
	struct error err = { 0 };

	id_format(&job->row.waybill_id, id);
	snprintf(call.path, sizeof(call.path),
	    "/v1/deliveries/%s/%s?%s=%" PRIu64, id, job->row.recipient.text,
	    name, value);
	text_copy(call.peer, sizeof(call.peer), gateway->center);
	if (peer_ask(gateway->spool.courier, MESSAGE_CALL, &call, -1, answer,
		job, NULL, &err) < 0)
		inbox_job_later(job, &err);
}

/* ---- much content ---------------------------------------------------- */

/* What came is durable by now; if there is any, the pauses begin anew. */
static void
on_left(void *ctx, uint64_t offset)
{
	struct inbox_job *job = ctx;
	struct error why = job->failure;

	job->has_moved = offset > job->offset;
	inbox_job_later(job, &why);
}

static void
transfer_failed(struct inbox_job *job, const struct error *why)
{
	struct gateway *gateway = job->inbox->gateway;

	job->failure = *why;
	partials_offset(gateway->spool.partials, gateway->center,
	    &job->row.leaf, on_left, job);
}

static void
on_part(void *ctx, struct ipc_message *message)
{
	struct inbox_job *job = ctx;
	struct gateway *gateway = job->inbox->gateway;
	struct message_called called;
	struct error err = { 0 };

	if (message_read(message, MESSAGE_CALLED, &called, &err) < 0) {
		transfer_failed(job, &err);
		return;
	}
	if (called.status != 200) {
		if (inbox_judge_answer(job, &called, &err) != JOB_OVER) {
			transfer_failed(job, &err);
			return;
		}
		partials_drop(gateway->spool.partials, gateway->center,
		    &job->row.leaf);
		inbox_job_refuse(job, JOB_OVER, &err);
		return;
	}
	if (uploads_take(gateway->spool.from_courier, called.upload,
		job->row.content_len - job->offset, &job->upload, &err) < 0) {
		transfer_failed(job, &err);
		return;
	}
	inbox_log(job->inbox, &job->row, LOG_LEVEL_NOTICE, "letter.content",
	    NULL);
	inbox_job_end(job, JOB_OK, write_content);
}

static void
on_open(void *ctx, uint64_t ticket, const struct error *failure)
{
	struct inbox_job *job = ctx;

	if (failure != NULL)
		inbox_job_later(job, failure);
	else
		call_center(job, "offset", job->offset, ticket, on_part);
}

static void
on_held(void *ctx, uint64_t offset)
{
	struct inbox_job *job = ctx;
	struct gateway *gateway = job->inbox->gateway;
	struct partials_content content = {
		.host = gateway->center,
		.name = job->row.leaf, /* one waybill may have several here */
		.label = job->row.waybill_id,
		.total = job->row.content_len,
		.ends_at = INT64_MAX, /* the center tells */
	};

	job->offset = offset;
	partials_open(gateway->spool.partials, &content, offset, on_open, job);
}

static void
fetch_content(struct inbox_job *job)
{
	struct gateway *gateway = job->inbox->gateway;

	job->is_fetching = true;
	/* Its waybill is verified and durable: only content is missing. */
	if (job->row.content_len > resume_bytes(job))
		partials_offset(gateway->spool.partials, gateway->center,
		    &job->row.leaf, on_held, job);
	else
		call_center(job, "most", resume_bytes(job), 0, on_content);
}

void
inbox_fetch_start(struct inbox_job *job)
{
	struct error err = { 0 };
	uint64_t content;
	int found = inbox_content_find(inbox_rows(job->inbox), &job->row,
	    &content, &err);

	job->has_moved = false;
	job->is_fetching = false;
	if (found < 0)
		inbox_job_later(job, &err);
	else if (found > 0 && job->row.content_len > 0)
		inbox_job_end(job, JOB_OK, write_shared);
	else if (found > 0)
		call_center(job, "most", 0, 0, on_content);
	else if (inbox_content_is_coming(job))
		inbox_content_wait(job);
	else
		fetch_content(job);
}
