#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "center/listener/center_listener_internal.h"
#include "envelope/bundle.h"
#include "json/json_write.h"
#include "model/event.h"
#include "role/env.h"
#include "role/filler.h"
#include "role/listener/listener_request.h"
#include "role/peer.h"
#include "service/config.h"
#include "sys/ipc.h"

/* What encryption adds to a package: a header, and a tag a MiB. */
enum { CONTENT_EXTRA = 1024 * 1024 };

/*
 * A waybill on its way in.  Its records gather here; its content streams into
 * the store while the verifier looks at the rest.
 *
 * Much content, or what goes on behind an offset, waits until the verifier and
 * the spooler are content with the waybill: then it becomes a partial, which
 * outlives this request.  What came of it meanwhile, at most the stream's
 * window, is `early`.
 */
struct submission {
	struct listener_request *request;
	enum bundle_type type;
	struct bundle_reader reader;
	enum bundle_kind kind; /* of the record at hand */
	struct bytes waybill;
	struct bytes receipt; /* of relays; of submissions that come again */
	struct bytes records; /* L K P, as they stand in the bundle */
	struct bytes link;    /* the M at hand */
	struct bytes links;   /* of moves: list of message_verify_receipt */
	uint64_t reached, flags, held_ms; /* ... and where it stands */
	struct filler_upload *upload;
	uint64_t offset;      /* of the content in this request */
	uint64_t content_len; /* from there on */
	size_t streamed;      /* bytes of this piece that the upload has */
	struct bytes early;
	bool is_resumable;
	bool is_ended;      /* the body is here */
	struct bytes facts; /* struct message_waybill, as the verifier told */
	bool is_verified;
	bool is_sent;
};

static void
on_submitted(struct listener_request *request, struct ipc_message *message)
{
	struct message_submitted submitted;
	struct bytes body = { 0 };
	struct error err = { 0 };

	if (message_read(message, MESSAGE_SUBMITTED, &submitted, &err) < 0) {
		listener_refuse(request, &err);
		return;
	}
	bytes_put(&body, submitted.receipt.data, submitted.receipt.len);
	if (bytes_failed(&body, &err) < 0)
		listener_refuse(request, &err);
	else
		listener_answer(request, submitted.is_repeat ? 200 : 201,
		    "application/json", &body);
	bytes_free(&body);
}

/* `upload` NULL: an offer. */
static int
ask_spooler(struct submission *submission, struct filler_upload *upload,
    listener_answer_fn fn, struct error *err)
{
	struct listener_request *request = submission->request;
	struct message_submit submit = {
		.kind = (uint8_t)submission->type,
		.fingerprint = request->fingerprint,
		.upload = upload != NULL ? filler_number(upload) : 0,
		.offset = submission->offset,
		.content_len = submission->content_len,
		.waybill = blob_of_bytes(&submission->facts),
		.cms = blob_of_bytes(&submission->waybill),
		.receipt = blob_of_bytes(&submission->receipt),
		.moved = blob_of_bytes(&submission->links),
		.reached = (uint8_t)submission->reached,
		.flags = (uint8_t)submission->flags,
		.held_ms = (int64_t)submission->held_ms,
	};

	memcpy(submit.host, request->host, sizeof(submit.host));
	return listener_ask(request, request->listener->spooler, MESSAGE_SUBMIT,
	    &submit, MESSAGE_NONE, fn, err);
}

/* Once the verifier is content and the content is with the spooler. */
static void
submit(struct submission *submission)
{
	struct listener_request *request = submission->request;
	struct filler_upload *upload = submission->upload;
	struct error err = { 0 };

	if (ask_spooler(submission, upload, on_submitted, &err) < 0) {
		listener_refuse(request, &err);
		return;
	}
	/* The message names the upload, so it is the spooler's now. */
	submission->upload = NULL;
	filler_release(upload);
}

static void
on_taken(void *ctx, size_t len)
{
	struct submission *submission = ctx;

	listener_consume(submission->request, len);
}

static void
on_sent(void *ctx)
{
	struct submission *submission = ctx;

	submission->is_sent = true;
	if (submission->is_verified)
		submit(submission);
}

static const struct filler_events filler_events = { on_taken, on_sent };

/* ---- content that is gone on with ------------------------------------ */

static int
begin_upload(struct submission *submission, struct error *err)
{
	return filler_begin(submission->request->listener->filler,
	    submission->content_len, NULL, &filler_events, submission,
	    &submission->upload, err);
}

static void
on_arriving(struct listener_request *request, struct ipc_message *message)
{
	struct submission *submission = request->ctx;
	struct bytes early = submission->early;
	struct message_arriving arriving;
	struct error err = { 0 };

	/* All of it was accepted before: the first answer again. */
	if (message->type == MESSAGE_SUBMITTED) {
		on_submitted(request, message);
		return;
	}
	if (message_read(message, MESSAGE_ARRIVING, &arriving, &err) < 0 ||
	    begin_upload(submission, &err) < 0) {
		listener_refuse(request, &err);
		return;
	}
	submission->early = (struct bytes){ 0 };
	filler_set_ticket(submission->upload, arriving.ticket);
	if (early.len > 0 &&
	    filler_put(submission->upload, early.data, early.len, &err) < 0)
		listener_refuse(request, &err);
	else if (submission->is_ended)
		filler_finish(submission->upload);
	bytes_free(&early);
}

static void
after_verified(struct submission *submission)
{
	struct error err = { 0 };

	if (submission->is_resumable) {
		if (ask_spooler(submission, NULL, on_arriving, &err) < 0)
			listener_refuse(submission->request, &err);
	} else if (submission->is_sent) {
		submit(submission);
	}
}

/* ---- the verifier ---------------------------------------------------- */

static int
check_facts(const struct submission *submission,
    const struct message_waybill *waybill, struct error *err)
{
	if (submission->offset > waybill->content_len ||
	    waybill->content_len - submission->offset !=
		submission->content_len)
		return error_set_id(err, "E6211", ERROR_MALFORMED,
		    "content of %llu bytes from %llu on where the waybill says "
		    "%llu",
		    (unsigned long long)submission->content_len,
		    (unsigned long long)submission->offset,
		    (unsigned long long)waybill->content_len);
	if (submission->type == BUNDLE_SUBMISSION)
		return listener_check_code(submission->request, waybill->sender,
		    err);
	return 0;
}

static void
on_verified(struct listener_request *request, struct ipc_message *message)
{
	struct submission *submission = request->ctx;
	struct message_waybill waybill;
	struct error err = { 0 };

	if (message_read(message, MESSAGE_WAYBILL, &waybill, &err) < 0 ||
	    check_facts(submission, &waybill, &err) < 0) {
		listener_refuse(request, &err);
		return;
	}
	bytes_put(&submission->facts, message->body, message->len);
	if (bytes_failed(&submission->facts, &err) < 0 ||
	    listener_reserve(request, message->len, &err) < 0) {
		listener_refuse(request, &err);
		return;
	}
	submission->is_verified = true;
	after_verified(submission);
}

static int
verify(struct submission *submission, struct error *err)
{
	struct listener_request *request = submission->request;
	struct message_verify_waybill verify = {
		.kind = (uint8_t)submission->type,
		.waybill = blob_of_bytes(&submission->waybill),
		.records = blob_of_bytes(&submission->records),
	};

	return listener_ask(request, request->listener->verifier,
	    MESSAGE_VERIFY_WAYBILL, &verify, MESSAGE_NONE, on_verified, err);
}

/* Where the bytes of the record at hand gather; NULL for content. */
static struct bytes *
place_of(struct submission *submission)
{
	if (submission->kind == BUNDLE_CONTENT)
		return NULL;
	if (submission->kind == BUNDLE_WAYBILL)
		return &submission->waybill;
	if (submission->kind == BUNDLE_RECEIPT)
		return &submission->receipt;
	if (submission->kind == BUNDLE_MOVED)
		return &submission->link;
	return &submission->records;
}

static int
begin_content(struct submission *submission, uint64_t len, struct error *err)
{
	const struct config *config =
	    submission->request->listener->env->config;

	submission->content_len = len;
	submission->is_resumable = submission->offset > 0 ||
	    len > (uint64_t)config->limits.resume_bytes;
	if (!submission->is_resumable && begin_upload(submission, err) < 0)
		return -1;
	return verify(submission, err);
}

static int
on_begin(void *ctx, enum bundle_kind kind, uint64_t len, struct error *err)
{
	struct submission *submission = ctx;

	submission->kind = kind;
	if (kind == BUNDLE_CONTENT)
		return begin_content(submission, len, err);
	if (kind != BUNDLE_WAYBILL && kind != BUNDLE_RECEIPT &&
	    kind != BUNDLE_MOVED)
		bundle_put_head(&submission->records, kind, len);
	return listener_reserve(submission->request,
	    (size_t)len + BUNDLE_RECORD_HEAD_LEN, err);
}

static int
on_data(void *ctx, const uint8_t *data, size_t len, struct error *err)
{
	struct submission *submission = ctx;
	struct bytes *place = place_of(submission);

	if (place != NULL) {
		bytes_put(place, data, len);
		return bytes_failed(place, err);
	}
	submission->streamed += len;
	if (submission->upload != NULL)
		return filler_put(submission->upload, data, len, err);
	bytes_put(&submission->early, data, len);
	return bytes_failed(&submission->early, err);
}

static int
on_record_end(void *ctx, struct error *err)
{
	struct submission *submission = ctx;
	const struct message_verify_receipt link = {
		.receipt = blob_of_bytes(&submission->link),
	};

	if (submission->kind != BUNDLE_MOVED)
		return 0;
	message_list_add(&submission->links, MESSAGE_VERIFY_RECEIPT, &link);
	bytes_clear(&submission->link);
	return bytes_failed(&submission->links, err);
}

static const struct bundle_handler bundle_handler = { on_begin, on_data,
	on_record_end };

static void
on_body(struct listener_request *request, const uint8_t *data, size_t len)
{
	struct submission *submission = request->ctx;
	struct error err = { 0 };

	submission->streamed = 0;
	if (bundle_reader_push(&submission->reader, data, len, &err) < 0)
		listener_refuse(request, &err);
	else
		listener_consume(request, len - submission->streamed);
}

static void
on_body_end(struct listener_request *request)
{
	struct submission *submission = request->ctx;
	struct error err = { 0 };

	submission->is_ended = true;
	if (bundle_reader_finish(&submission->reader, &err) < 0)
		listener_refuse(request, &err);
	else if (submission->upload != NULL)
		filler_finish(submission->upload);
}

static const struct listener_stream stream = { on_body, on_body_end };

static void
release(struct listener_request *request)
{
	struct submission *submission = request->ctx;

	filler_abort(submission->upload);
	bytes_free(&submission->waybill);
	bytes_free(&submission->receipt);
	bytes_free(&submission->records);
	bytes_free(&submission->link);
	bytes_free(&submission->links);
	bytes_free(&submission->facts);
	bytes_free(&submission->early);
	free(submission);
}

static void
begin(struct listener_request *request, enum bundle_type type)
{
	const struct config *config = request->listener->env->config;
	uint64_t content_max =
	    (uint64_t)config->limits.letter_bytes + CONTENT_EXTRA;
	struct submission *submission = calloc(1, sizeof(*submission));
	struct error err = { 0 };

	if (submission == NULL) {
		error_set_memory(&err);
		listener_refuse(request, &err);
		return;
	}
	submission->request = request;
	submission->type = type;
	submission->reader =
	    bundle_reader_of(type, content_max, &bundle_handler, submission);
	request->ctx = submission;
	request->release = release;
	request->stream = &stream;
	if (listener_number(request, "offset", content_max, 0,
		&submission->offset, &err) < 0 ||
	    listener_number(request, "reached", DELIVERY_STATE_COUNT, 0,
		&submission->reached, &err) < 0 ||
	    listener_number(request, "flags", UINT8_MAX, 0, &submission->flags,
		&err) < 0 ||
	    listener_number(request, "held_ms", INT64_MAX, 0,
		&submission->held_ms, &err) < 0)
		listener_refuse(request, &err);
	else
		submission->reader.content_max -= submission->offset;
}

/* ---- how much is here ------------------------------------------------ */

static void
on_offset(struct listener_request *request, struct ipc_message *message)
{
	struct json_writer writer;
	struct message_offset offset;
	struct bytes body = { 0 };
	struct error err = { 0 };

	writer = json_writer_to(&body);
	if (message_read(message, MESSAGE_OFFSET, &offset, &err) == 0) {
		json_write_begin_object(&writer, NULL);
		json_write_int(&writer, "offset", (int64_t)offset.offset);
		json_write_bool(&writer, "accepted", offset.is_accepted);
		json_write_end(&writer);
	}
	if (err.code != ERROR_NONE || json_write_done(&writer, &err) < 0)
		listener_refuse(request, &err);
	else
		listener_answer(request, 200, "application/json", &body);
	bytes_free(&body);
}

void
center_get_offset(struct listener_request *request)
{
	struct message_offset_read read = { 0 };
	struct error err = { 0 };

	memcpy(read.host, request->host, sizeof(read.host));
	read.is_move = text_starts(request->route->pattern, "/v1/moves/");
	if (!digest_parse(request->segments.text[0], &read.waybill)) {
		error_set_id(&err, "E6204", ERROR_MALFORMED,
		    "content is named by the digest of its waybill");
		listener_refuse(request, &err);
	} else if (listener_ask(request, request->listener->spooler,
		       MESSAGE_OFFSET_READ, &read, MESSAGE_NONE, on_offset,
		       &err) < 0) {
		listener_refuse(request, &err);
	}
}

/* ---- routes ---------------------------------------------------------- */

void
center_post_waybill(struct listener_request *request)
{
	begin(request, BUNDLE_SUBMISSION);
}

void
center_post_relay(struct listener_request *request)
{
	begin(request, BUNDLE_RELAY);
}

void
center_post_move(struct listener_request *request)
{
	begin(request, BUNDLE_MOVE);
}
