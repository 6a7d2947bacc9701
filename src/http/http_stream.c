#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "http/http_client.h"
#include "http/http_client_internal.h"
#include "sys/loop.h"

/* Bytes in less time than a stream has for nothing: fewer are no progress. */
enum { PROGRESS_LEN = 4096 };

static const struct http_stream_events no_events = { 0 };

static nghttp2_session *
session_of(const struct http_stream *stream)
{
	return stream->client->conn->session;
}

static bool
is_open(const struct http_client *client)
{
	return !client->is_closed && client->conn->state <= HTTP_CONN_OPEN;
}

/* NULL once the client was freed inside a callback. */
static struct http_client *
client_of(void *user_data)
{
	struct http_conn *conn = user_data;

	return conn->ctx;
}

/* What a callback of nghttp2 returns after one of ours ran. */
static int
go_on(void *user_data)
{
	return client_of(user_data) == NULL ? NGHTTP2_ERR_CALLBACK_FAILURE : 0;
}

void
http_stream_end(struct http_stream *stream, const struct error *err)
{
	struct http_client *client = stream->client;
	const struct http_stream_events *events = stream->events;

	if (stream->previous != NULL)
		stream->previous->next = stream->next;
	else
		client->streams = stream->next;
	if (stream->next != NULL)
		stream->next->previous = stream->previous;
	if (is_open(client) && stream->unconsumed > 0)
		(void)nghttp2_session_consume_connection(client->conn->session,
		    stream->unconsumed);
	stream->unconsumed = 0;
	if (!stream->is_cancelled) {
		client->stream_count--;
		stream->is_cancelled = true;
		events->on_end(stream->ctx, stream, err);
	}
	/* The client may be gone: nothing of it is touched here. */
	http_fields_free(&stream->fields);
	http_outbody_free(&stream->body);
	free(stream);
}

static int
reset(struct http_stream *stream, uint32_t code)
{
	http_conn_wake(stream->client->conn);
	return nghttp2_submit_rst_stream(session_of(stream), NGHTTP2_FLAG_NONE,
	    stream->id, code);
}

/* Whether the next move is the peer's. */
static bool
is_waiting_for_peer(const struct http_stream *stream)
{
	const struct http_limits *limits = &stream->client->limits;

	return !stream->body.is_waiting &&
	    stream->unconsumed <= limits->stream_window / 2;
}

void
http_stream_check_time(struct http_stream *stream, uint64_t now_ms)
{
	uint64_t total = stream->received + stream->body.total;

	if (stream->is_cancelled || stream->is_too_slow)
		return;
	if (!is_waiting_for_peer(stream) ||
	    total - stream->progress_total >= PROGRESS_LEN) {
		stream->progress_total = total;
		stream->progress_at_ms = now_ms;
		return;
	}
	if (now_ms - stream->progress_at_ms <= stream->timeout_ms)
		return;
	stream->is_too_slow = true;
	(void)reset(stream, NGHTTP2_CANCEL);
}

static int
submit(struct http_stream *stream, const struct http_outgoing *request,
    bool has_body, struct error *err)
{
	struct http_client *client = stream->client;
	nghttp2_nv list[HTTP_HEADERS_MAX + 4];
	nghttp2_data_provider provider = http_outbody_provider(&stream->body);
	size_t count = 0;

	assert(request->header_count <= HTTP_HEADERS_MAX);
	list[count++] = http_fields_pair(":method", request->method);
	list[count++] =
	    http_fields_pair(":scheme", client->is_tls ? "https" : "http");
	list[count++] = http_fields_pair(":authority", client->authority);
	list[count++] = http_fields_pair(":path", request->target);
	for (size_t i = 0; i < request->header_count; i++)
		list[count++] = http_fields_pair(request->headers[i].name,
		    request->headers[i].value);
	stream->id = nghttp2_submit_request(client->conn->session, NULL, list,
	    count, has_body ? &provider : NULL, stream);
	if (stream->id == NGHTTP2_ERR_STREAM_ID_NOT_AVAILABLE)
		return error_set_id(err, "E6005", ERROR_BUSY,
		    "the connection has had all its streams");
	if (stream->id < 0)
		return error_set_memory(err);
	return 0;
}

int
http_client_send(struct http_client *client,
    const struct http_outgoing *request,
    const struct http_stream_events *events, void *ctx,
    struct http_stream **ret_stream, struct error *err)
{
	struct http_stream *stream;
	bool has_body;

	if (!http_client_is_usable(client))
		return error_set_id(err, "E6005", ERROR_BUSY,
		    "the connection takes no more requests");
	stream = calloc(1, sizeof(*stream));
	if (stream == NULL)
		return error_set_memory(err);
	stream->client = client;
	stream->events = events;
	stream->ctx = ctx;
	stream->timeout_ms = request->timeout_ms != 0
	    ? request->timeout_ms
	    : client->limits.request_ms;
	stream->progress_at_ms = loop_now_ms(client->loop);
	has_body = http_outbody_init(&stream->body, &request->body);
	if (submit(stream, request, has_body, err) < 0) {
		http_outbody_free(&stream->body);
		free(stream);
		return -1;
	}
	stream->next = client->streams;
	if (stream->next != NULL)
		stream->next->previous = stream;
	client->streams = stream;
	client->stream_count++;
	http_conn_wake(client->conn);
	*ret_stream = stream;
	return 0;
}

static enum http_pull
pull_nothing(void *ctx, uint8_t *to, size_t size, size_t *ret_len)
{
	(void)ctx;
	(void)to;
	(void)size;
	(void)ret_len;
	return HTTP_PULL_FAIL;
}

/*
 * The stream stays until nghttp2 has done with it, since it may look at the
 * body once more.
 */
void
http_stream_cancel(struct http_stream *stream)
{
	if (stream->is_cancelled)
		return;
	stream->is_cancelled = true;
	stream->events = &no_events;
	stream->body.pull = pull_nothing;
	stream->client->stream_count--;
	if (is_open(stream->client))
		(void)reset(stream, NGHTTP2_CANCEL);
}

void
http_stream_resume(struct http_stream *stream)
{
	if (stream->is_cancelled || !is_open(stream->client))
		return;
	stream->body.is_waiting = false;
	stream->progress_at_ms = loop_now_ms(stream->client->loop);
	(void)nghttp2_session_resume_data(session_of(stream), stream->id);
	http_conn_wake(stream->client->conn);
}

void
http_stream_consume(struct http_stream *stream, size_t len)
{
	if (stream->is_cancelled)
		return;
	assert(len <= stream->unconsumed);
	stream->unconsumed -= len;
	if (!is_open(stream->client) || len == 0)
		return;
	(void)nghttp2_session_consume(session_of(stream), stream->id, len);
	http_conn_wake(stream->client->conn);
}

int
http_stream_status(const struct http_stream *stream)
{
	return stream->status;
}

const char *
http_stream_header(const struct http_stream *stream, const char *name)
{
	return http_fields_get(&stream->fields, name);
}

static int
on_header(nghttp2_session *ng, const nghttp2_frame *frame, nghttp2_rcbuf *name,
    nghttp2_rcbuf *value, uint8_t flags, void *user_data)
{
	struct http_client *client = client_of(user_data);
	struct http_stream *stream =
	    nghttp2_session_get_stream_user_data(ng, frame->hd.stream_id);

	(void)flags;
	if (client == NULL)
		return NGHTTP2_ERR_CALLBACK_FAILURE;
	/* Trailers mean nothing to us. */
	if (stream == NULL || stream->is_cancelled || stream->status != 0)
		return 0;
	if (http_fields_add(&stream->fields, name, value,
		client->limits.header_list_max))
		return 0;
	stream->is_broken = true;
	return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
}

static int
on_invalid_header(nghttp2_session *ng, const nghttp2_frame *frame,
    const uint8_t *name, size_t name_len, const uint8_t *value,
    size_t value_len, uint8_t flags, void *user_data)
{
	struct http_stream *stream =
	    nghttp2_session_get_stream_user_data(ng, frame->hd.stream_id);

	(void)name;
	(void)name_len;
	(void)value;
	(void)value_len;
	(void)flags;
	(void)user_data;
	if (stream != NULL)
		stream->is_broken = true;
	return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
}

static void
headers_complete(struct http_stream *stream)
{
	const char *status = http_fields_get(&stream->fields, ":status");
	uint64_t value = 0;

	/* nghttp2 has checked that it is three digits; interim ones pass. */
	if (status != NULL && text_parse_u64(status, 999, &value) &&
	    value < 200) {
		http_fields_free(&stream->fields);
		return;
	}
	stream->status = (int)value;
	stream->progress_at_ms = loop_now_ms(stream->client->loop);
	if (stream->events->on_headers != NULL)
		stream->events->on_headers(stream->ctx, stream, stream->status);
}

static int
on_goaway(struct http_client *client)
{
	client->is_leaving = true;
	return 0;
}

static int
on_frame_recv(nghttp2_session *ng, const nghttp2_frame *frame, void *user_data)
{
	struct http_client *client = client_of(user_data);
	int32_t id = frame->hd.stream_id;
	struct http_stream *stream;

	if (client == NULL)
		return NGHTTP2_ERR_CALLBACK_FAILURE;
	if (frame->hd.type == NGHTTP2_GOAWAY)
		return on_goaway(client);
	if (frame->hd.type != NGHTTP2_HEADERS && frame->hd.type != NGHTTP2_DATA)
		return 0;
	stream = nghttp2_session_get_stream_user_data(ng, id);
	if (stream == NULL)
		return 0;
	if (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) {
		stream->is_complete = true;
		/* Answered early: what is left of our body is not wanted. */
		if (!stream->body.is_done)
			(void)reset(stream, NGHTTP2_NO_ERROR);
	}
	if (frame->hd.type == NGHTTP2_HEADERS && stream->status == 0 &&
	    !stream->is_cancelled)
		headers_complete(stream);
	return go_on(user_data);
}

static int
on_data(nghttp2_session *ng, uint8_t flags, int32_t stream_id,
    const uint8_t *data, size_t len, void *user_data)
{
	struct http_stream *stream =
	    nghttp2_session_get_stream_user_data(ng, stream_id);

	(void)flags;
	if (client_of(user_data) == NULL)
		return NGHTTP2_ERR_CALLBACK_FAILURE;
	if (stream == NULL)
		return 0;
	stream->received += len;
	stream->unconsumed += len;
	if (!stream->is_cancelled && stream->events->on_body != NULL) {
		stream->events->on_body(stream->ctx, stream, data, len);
		return go_on(user_data);
	}
	stream->unconsumed -= len;
	return nghttp2_session_consume(ng, stream_id, len) == 0
	    ? 0
	    : NGHTTP2_ERR_CALLBACK_FAILURE;
}

/* Why a stream ended that has no complete answer. */
static void
set_reason(struct error *err, const struct http_stream *stream,
    uint32_t error_code)
{
	if (stream->is_too_slow)
		error_set_id(err, "E6006", ERROR_BUSY, "no progress in time");
	else if (stream->is_broken || error_code == NGHTTP2_PROTOCOL_ERROR)
		error_set_id(err, "E6007", ERROR_MALFORMED,
		    "the answer breaks the rules of HTTP/2");
	else
		error_set_id(err, "E6005", ERROR_BUSY,
		    "the peer ended the stream: %s",
		    nghttp2_http2_strerror(error_code));
}

static int
on_stream_close(nghttp2_session *ng, int32_t stream_id, uint32_t error_code,
    void *user_data)
{
	struct http_stream *stream =
	    nghttp2_session_get_stream_user_data(ng, stream_id);
	struct error err = { 0 };

	if (client_of(user_data) == NULL)
		return NGHTTP2_ERR_CALLBACK_FAILURE;
	if (stream == NULL)
		return 0;
	if (stream->is_complete) {
		http_stream_end(stream, NULL);
	} else {
		set_reason(&err, stream, error_code);
		http_stream_end(stream, &err);
	}
	return go_on(user_data);
}

/* A request that was still queued when it was cancelled, or the peer left. */
static int
on_frame_not_send(nghttp2_session *ng, const nghttp2_frame *frame,
    int error_code, void *user_data)
{
	struct http_client *client = client_of(user_data);
	struct http_stream *stream;
	struct error err = { 0 };

	(void)error_code;
	if (client == NULL)
		return NGHTTP2_ERR_CALLBACK_FAILURE;
	if (frame->hd.type != NGHTTP2_HEADERS)
		return 0;
	for (stream = client->streams; stream != NULL; stream = stream->next)
		if (stream->id == frame->hd.stream_id)
			break;
	if (stream == NULL)
		return 0;
	(void)nghttp2_session_set_stream_user_data(ng, stream->id, NULL);
	set_reason(&err, stream, NGHTTP2_REFUSED_STREAM);
	http_stream_end(stream, &err);
	return go_on(user_data);
}

nghttp2_session_callbacks *
http_stream_callbacks_new(void)
{
	nghttp2_session_callbacks *callbacks = http_conn_callbacks_new();

	if (callbacks == NULL)
		return NULL;
	nghttp2_session_callbacks_set_on_header_callback2(callbacks, on_header);
	nghttp2_session_callbacks_set_on_invalid_header_callback(callbacks,
	    on_invalid_header);
	nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks,
	    on_frame_recv);
	nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks,
	    on_data);
	nghttp2_session_callbacks_set_on_stream_close_callback(callbacks,
	    on_stream_close);
	nghttp2_session_callbacks_set_on_frame_not_send_callback(callbacks,
	    on_frame_not_send);
	return callbacks;
}
