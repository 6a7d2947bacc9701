#include <string.h>

#include "base/text.h"
#include "directory/directory_pages.h"
#include "http/http_client.h"
#include "model/times.h"
#include "role/courier/courier_internal.h"
#include "role/env.h"
#include "role/filler.h"
#include "role/query/puller.h"
#include "service/config.h"

enum {
	CONTENT_EXTRA = 1024 * 1024, /* what encryption adds to a package */
	BULLETINS_MAX = 48 * 1024 * 1024,
};

static void
on_taken(void *ctx, size_t len)
{
	struct courier_call *call = ctx;

	/* The stream is gone once the answer has come to its end. */
	if (call->stream != NULL)
		http_stream_consume(call->stream, len);
}

static void
on_sent(void *ctx)
{
	courier_call_finish(ctx);
}

static const struct filler_events filler_events = { on_taken, on_sent };

static int
on_begin(void *ctx, enum bundle_kind kind, uint64_t len, struct error *err)
{
	struct courier_call *call = ctx;

	call->kind = kind;
	if (kind == BUNDLE_CONTENT) {
		if (filler_begin(call->courier->filler, len, NULL,
			&filler_events, call, &call->upload, err) < 0)
			return -1;
		filler_set_ticket(call->upload, call->spec.ticket);
		return 0;
	}
	bundle_put_head(&call->answer, kind, len);
	if (call->answer.len + len > BULLETINS_MAX)
		return error_set_id(err, "E6303", ERROR_MALFORMED,
		    "records of more than %d bytes", BULLETINS_MAX);
	return 0;
}

static int
on_data(void *ctx, const uint8_t *data, size_t len, struct error *err)
{
	struct courier_call *call = ctx;

	if (call->kind == BUNDLE_CONTENT) {
		call->streamed += len;
		return filler_put(call->upload, data, len, err);
	}
	bytes_put(&call->answer, data, len);
	return bytes_failed(&call->answer, err);
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

/* What a host answers with, by what was asked of it. */
static enum bundle_type
bundle_type_of(const struct courier_call *call)
{
	if (text_starts(call->spec.path, "/v1/bulletins"))
		return BUNDLE_BULLETINS;
	return BUNDLE_DELIVERY;
}

static void
copy_header(struct http_stream *stream, const char *name, char *to, size_t size)
{
	const char *value = http_stream_header(stream, name);

	/* One that does not fit is as good as none. */
	text_copy(to, size, value != NULL ? value : "");
}

static void
on_headers(void *ctx, struct http_stream *stream, int status)
{
	struct courier_call *call = ctx;
	struct message_called *called = &call->called;
	const struct config *config = call->courier->env->config;
	const char *time = http_stream_header(stream, "yizhan-time");
	const char *later = http_stream_header(stream, "retry-after");
	uint64_t later_s;

	called->status = (uint16_t)status;
	copy_header(stream, "content-type", called->type, sizeof(called->type));
	copy_header(stream, "yizhan-serials", called->serials,
	    sizeof(called->serials));
	if (time == NULL || !times_parse(time, &called->peer_time))
		called->peer_time = 0;
	if (later != NULL && text_parse_u64(later, UINT32_MAX, &later_s))
		called->retry_after_s = (uint32_t)later_s;
	call->is_bundle = call->spec.is_bundle && status == 200;
	if (!call->is_bundle)
		return;
	call->reader = bundle_reader_of(bundle_type_of(call),
	    (uint64_t)config->limits.letter_bytes + CONTENT_EXTRA,
	    &bundle_handler, call);
	if (call->reader.type == BUNDLE_BULLETINS)
		call->reader.content_max = BULLETINS_MAX;
}

/* Of a log: its own, or another center's through ours. */
static bool
asks_for_status(const char *path)
{
	return text_starts(path, "/v1/log") && strstr(path, "/status/") != NULL;
}

/*
 * Parts of the directory are long, and few at a time; so are lists of what an
 * authority has revoked.
 */
static size_t
answer_max(const struct courier_call *call)
{
	if (text_starts(call->spec.path, "/v1/directory/pages"))
		return DIRECTORY_ANSWER_MAX;
	return asks_for_status(call->spec.path) ? COURIER_FETCH_MAX
						: COURIER_ANSWER_MAX;
}

static int
take_body(struct courier_call *call, const uint8_t *data, size_t len,
    struct error *err)
{
	if (call->is_bundle)
		return bundle_reader_push(&call->reader, data, len, err);
	if (call->answer.len + len > answer_max(call))
		return error_set_id(err, "E6303", ERROR_MALFORMED,
		    "%s %s: answer of more than %zu bytes", call->spec.method,
		    call->spec.path, answer_max(call));
	bytes_put(&call->answer, data, len);
	return bytes_failed(&call->answer, err);
}

static void
on_body(void *ctx, struct http_stream *stream, const uint8_t *data, size_t len)
{
	struct courier_call *call = ctx;
	struct error err = { 0 };

	call->streamed = 0;
	if (take_body(call, data, len, &err) < 0)
		courier_call_fail(call, &err);
	else
		http_stream_consume(stream, len - call->streamed);
}

static void
on_end(void *ctx, struct http_stream *stream, const struct error *failure)
{
	struct courier_call *call = ctx;
	struct error err = { 0 };

	(void)stream;
	call->stream = NULL;
	if (failure != NULL && call->pull != NULL &&
	    pull_has_failed(call->pull)) {
		error_set_id(&err, "E6304", ERROR_BUSY,
		    "%s %s: payload %llu cannot be read", call->spec.method,
		    call->spec.path, (unsigned long long)call->spec.payload);
		failure = &err;
	}
	if (failure != NULL) {
		courier_call_fail(call, failure);
		return;
	}
	if (call->is_bundle && bundle_reader_finish(&call->reader, &err) < 0) {
		courier_call_fail(call, &err);
		return;
	}
	/* The content has to leave for the spooler before its name can. */
	if (call->upload != NULL) {
		struct courier_peer *peer = call->peer;

		courier_call_leave(call);
		courier_call_move(call, &call->courier->finishing);
		filler_finish(call->upload);
		courier_peer_next(peer);
	} else {
		courier_call_finish(call);
	}
}

const struct http_stream_events courier_answer_events = {
	.on_headers = on_headers,
	.on_body = on_body,
	.on_end = on_end,
};
