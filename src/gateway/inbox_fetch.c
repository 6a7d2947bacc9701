/*
 * The first step: waybill, receipt, leaf and content part come from the center
 * and are checked before anything of them is stored.
 */
#include <string.h>

#include "base/text.h"
#include "envelope/bundle.h"
#include "gateway/inbox_events.h"
#include "gateway/inbox_internal.h"
#include "gateway/inbox_judge.h"
#include "gateway/inbox_place.h"
#include "gateway/log_watch.h"
#include "role/uploads.h"
#include "store/segment.h"
#include "store/store.h"
#include "sys/ipc.h"

/* A letter of 2 GiB at 5 MB/s. */
enum { CONTENT_TIMEOUT_MS = 450 * 1000 };

/* ---- what becomes durable -------------------------------------------- */

static int
store_content(struct inbox_job *job, struct error *err)
{
	struct store *store = job->inbox->gateway->spool.store;
	struct upload *upload = job->upload;
	struct payload payload = { 0 };
	int rc = 0;

	job->upload = NULL;
	if (upload_store(upload, &payload, err) < 0)
		return -1;
	job->row.content = payload.number;
	if (!digest_equal(&payload.digest, &job->waybill.content) ||
	    payload.length != job->waybill.content_len)
		rc = error_set_id(err, "E4309", ERROR_UNTRUSTED,
		    "the content part is not the one that the waybill names");
	if (rc == 0)
		rc = inbox_row_save(store_rows(store), &job->row, err);
	/* Undone with the rows, but not by them. */
	if (rc < 0)
		segments_free(store_segments(store), &payload);
	payload_free(&payload);
	return rc;
}

/* A content that was lost here is fetched again: the old one goes. */
static int
drop_content(struct inbox_job *job, struct error *err)
{
	struct error ignored = { 0 };

	if (job->row.content == 0)
		return 0;
	if (store_payload_remove(job->inbox->gateway->spool.store,
		job->row.content, &ignored) < 0 &&
	    ignored.code != ERROR_NOT_FOUND) {
		*err = ignored;
		return -1;
	}
	job->row.content = 0;
	return 0;
}

static int
write_content(struct inbox_job *job, struct error *err)
{
	struct rows *rows = inbox_rows(job->inbox);
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
	/* Verified before: two steps become durable as one. */
	row->step = JOB_RECEIVE_VERIFY;
	if (inbox_event_receipt(rows, row->row, &job->receipt, job->json, err) <
		0 ||
	    inbox_row_set_waybill(rows, row->row, job->cms, job->records, err) <
		0 ||
	    log_watch_add(job->inbox->gateway->log_watch, &job->receipt,
		job->json, err) < 0 ||
	    drop_content(job, err) < 0)
		return -1;
	return store_content(job, err);
}

/* ---- the answers ----------------------------------------------------- */

static void
end(struct inbox_job *job, const struct error *failure)
{
	if (inbox_place_is_final(job->inbox->gateway, job->row.failures,
		failure))
		inbox_job_refuse(job, JOB_REFUSED, failure);
	else
		inbox_job_later(job, failure);
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
	inbox_log(job->inbox, &job->row, LOG_LEVEL_NOTICE, "letter.content",
	    NULL);
	inbox_job_end(job, JOB_OK, write_content);
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

	if (uploads_take(spool->from_courier, called->upload,
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
		result = inbox_judge_answer(&called, &err);
		if (result == JOB_OVER)
			inbox_job_refuse(job, JOB_OVER, &err);
		else
			inbox_job_later(job, &err);
		return;
	}
	/* A broken transfer is no word about the letter. */
	if (take_content(job, &called, &ask, &err) < 0 ||
	    peer_ask(job->inbox->gateway->spool.verifier,
		MESSAGE_VERIFY_WAYBILL, &ask, -1, on_waybill, job, NULL,
		&err) < 0)
		inbox_job_later(job, &err);
}

void
inbox_fetch_start(struct inbox_job *job)
{
	struct gateway *gateway = job->inbox->gateway;
	struct message_call call = { .method = "GET",
		.timeout_ms = CONTENT_TIMEOUT_MS,
		.is_bundle = true };
	char id[ID_TEXT_SIZE];
	struct bytes path = { 0 };
	struct error err = { 0 };
	int rc = -1;

	id_format(&job->row.waybill_id, id);
	bytes_put_format(&path, "/v1/deliveries/%s/%s", id,
	    job->row.recipient.text);
	bytes_put_u8(&path, '\0');
	if (bytes_failed(&path, &err) == 0 &&
	    text_copy(call.path, sizeof(call.path), (const char *)path.data) &&
	    text_copy(call.peer, sizeof(call.peer), gateway->center))
		rc = peer_ask(gateway->spool.courier, MESSAGE_CALL, &call, -1,
		    on_content, job, NULL, &err);
	bytes_free(&path);
	if (rc < 0)
		inbox_job_later(job, &err);
}
