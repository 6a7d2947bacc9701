#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "center/center_listener_internal.h"
#include "envelope/bundle.h"
#include "role/env.h"
#include "role/filler.h"
#include "role/listener_request.h"
#include "role/peer.h"
#include "service/config.h"
#include "sys/ipc.h"

/* What encryption adds to a package: a header, and a tag a MiB. */
enum { CONTENT_EXTRA = 1024 * 1024 };

/*
 * A waybill on its way in.  Its records gather here; its content streams into
 * the store while the verifier looks at the rest.
 */
struct submission {
	struct listener_request *request;
	enum bundle_type type;
	struct bundle_reader reader;
	enum bundle_kind kind; /* of the record at hand */
	struct bytes waybill;
	struct bytes receipt; /* relays only */
	struct bytes records; /* L K P, as they stand in the bundle */
	struct filler_upload *upload;
	uint64_t content_len;
	size_t streamed;    /* bytes of this piece that the upload has */
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

/* Once the verifier is content and the content is with the spooler. */
static void
submit(struct submission *submission)
{
	struct listener_request *request = submission->request;
	struct filler_upload *upload = submission->upload;
	struct message_submit submit = {
		.kind = (uint8_t)submission->type,
		.fingerprint = request->fingerprint,
		.upload = filler_number(upload),
		.content_len = submission->content_len,
		.waybill = blob_of_bytes(&submission->facts),
		.cms = blob_of_bytes(&submission->waybill),
		.receipt = blob_of_bytes(&submission->receipt),
	};
	struct error err = { 0 };

	memcpy(submit.host, request->host, sizeof(submit.host));
	if (listener_ask(request, request->listener->spooler, MESSAGE_SUBMIT,
		&submit, MESSAGE_NONE, on_submitted, &err) < 0) {
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

static int
check_facts(const struct submission *submission,
    const struct message_waybill *waybill, struct error *err)
{
	if (waybill->content_len != submission->content_len)
		return error_set_id(err, "E6211", ERROR_MALFORMED,
		    "content of %llu bytes where the waybill says %llu",
		    (unsigned long long)submission->content_len,
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
	if (submission->is_sent)
		submit(submission);
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
	return &submission->records;
}

static int
on_begin(void *ctx, enum bundle_kind kind, uint64_t len, struct error *err)
{
	struct submission *submission = ctx;
	struct listener *listener = submission->request->listener;

	submission->kind = kind;
	if (kind == BUNDLE_CONTENT) {
		submission->content_len = len;
		if (filler_begin(listener->filler, len, NULL, &filler_events,
			submission, &submission->upload, err) < 0)
			return -1;
		return verify(submission, err);
	}
	if (kind != BUNDLE_WAYBILL && kind != BUNDLE_RECEIPT)
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
	return filler_put(submission->upload, data, len, err);
}

static int
on_record_end(void *ctx, struct error *err)
{
	(void)ctx;
	(void)err;
	return 0;
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

	if (bundle_reader_finish(&submission->reader, &err) < 0)
		listener_refuse(request, &err);
	else
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
	bytes_free(&submission->facts);
	free(submission);
}

static void
begin(struct listener_request *request, enum bundle_type type)
{
	const struct config *config = request->listener->env->config;
	struct submission *submission = calloc(1, sizeof(*submission));
	struct error err = { 0 };

	if (submission == NULL) {
		error_set_memory(&err);
		listener_refuse(request, &err);
		return;
	}
	submission->request = request;
	submission->type = type;
	submission->reader = bundle_reader_of(type,
	    (uint64_t)config->limits.letter_bytes + CONTENT_EXTRA,
	    &bundle_handler, submission);
	request->ctx = submission;
	request->release = release;
	request->stream = &stream;
}

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
