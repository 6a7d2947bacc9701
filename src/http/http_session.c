/*
 * HTTP/2 at a server: what nghttp2 tells about its streams, passed on to the
 * requests, and their answers.
 */
#include <stdio.h>

#include "http/http_memory.h"
#include "http/http_server_internal.h"
#include "sys/loop.h"

enum { FRAME_LEN_MAX = 16384 };

static struct http_session *
session_of(void *user_data)
{
	struct http_conn *conn = user_data;

	return conn->ctx;
}

static int
on_begin_headers(nghttp2_session *ng, const nghttp2_frame *frame,
    void *user_data)
{
	struct http_session *session = session_of(user_data);
	struct http_request *request;

	session->headers_at_ms = loop_now_ms(session->server->loop);
	session->headers_stream_id = frame->hd.stream_id;
	if (frame->headers.cat != NGHTTP2_HCAT_REQUEST)
		return 0;
	request = http_request_new(session, frame->hd.stream_id);
	if (request == NULL)
		return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
	(void)nghttp2_session_set_stream_user_data(ng, frame->hd.stream_id,
	    request);
	return 0;
}

static int
on_header(nghttp2_session *ng, const nghttp2_frame *frame, nghttp2_rcbuf *name,
    nghttp2_rcbuf *value, uint8_t flags, void *user_data)
{
	struct http_session *session = session_of(user_data);
	struct http_request *request =
	    nghttp2_session_get_stream_user_data(ng, frame->hd.stream_id);

	(void)flags;
	/* Trailers mean nothing to us. */
	if (request == NULL || frame->headers.cat != NGHTTP2_HCAT_REQUEST ||
	    request->is_too_large)
		return 0;
	request->is_too_large = !http_fields_add(&request->fields, name, value,
	    session->server->limits.header_list_max);
	return 0;
}

/* Left alone, nghttp2 would drop the field and go on. */
static int
on_invalid_header(nghttp2_session *ng, const nghttp2_frame *frame,
    const uint8_t *name, size_t name_len, const uint8_t *value,
    size_t value_len, uint8_t flags, void *user_data)
{
	(void)ng;
	(void)frame;
	(void)name;
	(void)name_len;
	(void)value;
	(void)value_len;
	(void)flags;
	(void)user_data;
	return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
}

static int
on_frame_recv(nghttp2_session *ng, const nghttp2_frame *frame, void *user_data)
{
	struct http_session *session = session_of(user_data);
	bool is_end = frame->hd.flags & NGHTTP2_FLAG_END_STREAM;
	struct http_request *request;

	if (frame->hd.type != NGHTTP2_HEADERS && frame->hd.type != NGHTTP2_DATA)
		return 0;
	session->headers_at_ms = 0;
	request = nghttp2_session_get_stream_user_data(ng, frame->hd.stream_id);
	if (request == NULL)
		return 0;
	if (frame->hd.type == NGHTTP2_HEADERS &&
	    frame->headers.cat == NGHTTP2_HCAT_REQUEST)
		http_request_dispatch(request, is_end);
	else if (is_end)
		http_request_body_end(request);
	return 0;
}

static int
on_data(nghttp2_session *ng, uint8_t flags, int32_t stream_id,
    const uint8_t *data, size_t len, void *user_data)
{
	struct http_request *request =
	    nghttp2_session_get_stream_user_data(ng, stream_id);

	(void)flags;
	(void)user_data;
	if (request != NULL)
		http_request_receive(request, data, len);
	return 0;
}

static int
on_frame_send(nghttp2_session *ng, const nghttp2_frame *frame, void *user_data)
{
	struct http_request *request;

	(void)user_data;
	if ((frame->hd.type != NGHTTP2_HEADERS &&
		frame->hd.type != NGHTTP2_DATA) ||
	    !(frame->hd.flags & NGHTTP2_FLAG_END_STREAM))
		return 0;
	request = nghttp2_session_get_stream_user_data(ng, frame->hd.stream_id);
	if (request == NULL)
		return 0;
	request->is_sent = true;
	/* RFC 9113 8.1: answered early, the rest of the body is not wanted. */
	if (!request->is_body_complete)
		(void)nghttp2_submit_rst_stream(ng, NGHTTP2_FLAG_NONE,
		    frame->hd.stream_id, NGHTTP2_NO_ERROR);
	return 0;
}

static int
on_stream_close(nghttp2_session *ng, int32_t stream_id, uint32_t error_code,
    void *user_data)
{
	struct http_request *request =
	    nghttp2_session_get_stream_user_data(ng, stream_id);

	(void)error_code;
	(void)user_data;
	if (request != NULL)
		http_request_end(request);
	return 0;
}

nghttp2_session_callbacks *
http_session_callbacks_new(void)
{
	nghttp2_session_callbacks *callbacks = http_conn_callbacks_new();

	if (callbacks == NULL)
		return NULL;
	nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks,
	    on_begin_headers);
	nghttp2_session_callbacks_set_on_header_callback2(callbacks, on_header);
	nghttp2_session_callbacks_set_on_invalid_header_callback(callbacks,
	    on_invalid_header);
	nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks,
	    on_frame_recv);
	nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks,
	    on_data);
	nghttp2_session_callbacks_set_on_frame_send_callback(callbacks,
	    on_frame_send);
	nghttp2_session_callbacks_set_on_stream_close_callback(callbacks,
	    on_stream_close);
	return callbacks;
}

/* ---- the way of answers -------------------------------------------------- */

static nghttp2_session *
ng_of(const struct http_request *request)
{
	return request->session->conn->session;
}

static void
give_back(struct http_request *request, size_t len)
{
	(void)nghttp2_session_consume(ng_of(request), request->stream_id, len);
}

static bool
has_room(const struct http_request *request)
{
	return nghttp2_session_get_local_window_size(ng_of(request)) >=
	    FRAME_LEN_MAX;
}

static int
answer(struct http_request *request, int status,
    const struct http_header *headers, size_t header_count, bool has_body)
{
	nghttp2_nv list[HTTP_HEADERS_MAX + 2];
	nghttp2_data_provider provider = http_outbody_provider(&request->body);
	char status_text[16];
	size_t count = 0;

	snprintf(status_text, sizeof(status_text), "%d", status);
	list[count++] = http_fields_pair(":status", status_text);
	for (size_t i = 0; i < header_count; i++)
		list[count++] =
		    http_fields_pair(headers[i].name, headers[i].value);
	return nghttp2_submit_response(ng_of(request), request->stream_id, list,
		   count, has_body ? &provider : NULL) == 0
	    ? 0
	    : -1;
}

static void
resume(struct http_request *request)
{
	(void)nghttp2_session_resume_data(ng_of(request), request->stream_id);
}

static void
reset(struct http_request *request)
{
	(void)nghttp2_submit_rst_stream(ng_of(request), NGHTTP2_FLAG_NONE,
	    request->stream_id, NGHTTP2_CANCEL);
}

/* The stream's window ends with it; the connection's is given back. */
static void
end(struct http_request *request, size_t len)
{
	if (len > 0)
		(void)nghttp2_session_consume_connection(ng_of(request), len);
}

static void
leave(struct http_session *session, uint64_t now_ms)
{
	nghttp2_session *ng = session->conn->session;

	if (session->drain == HTTP_SESSION_LEAVES_SOON) {
		(void)nghttp2_submit_shutdown_notice(ng);
		session->drain = HTTP_SESSION_LEAVING;
		session->leave_at_ms = now_ms + HTTP_NOTICE_MS;
	} else if (session->drain == HTTP_SESSION_LEAVING) {
		(void)nghttp2_submit_goaway(ng, NGHTTP2_FLAG_NONE,
		    nghttp2_session_get_last_proc_stream_id(ng),
		    NGHTTP2_NO_ERROR, NULL, 0);
		session->drain = HTTP_SESSION_LEFT;
	}
}

const struct http_way http2_way = { give_back, has_room, answer, resume, reset,
	end, leave };

int
http_session_begin(struct http_session *session)
{
	struct http_server *server = session->server;
	struct http_conn *conn = session->conn;

	session->way = &http2_way;
	return nghttp2_session_server_new3(&conn->session, server->callbacks,
		   conn, server->option, &http_memory) == 0 &&
		http_conn_submit_settings(conn->session, &server->limits,
		    true) == 0
	    ? 0
	    : -1;
}
