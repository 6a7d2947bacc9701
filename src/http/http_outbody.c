/*
 * The bodies that we send, and what else is alike in the sessions of servers
 * and clients.
 */
#include <string.h>

#include "http/http_conn.h"
#include "http/http_conn_internal.h"

/* The header was made by nghttp2; the payload is in its place already. */
static int
send_data(nghttp2_session *session, nghttp2_frame *frame,
    const uint8_t *frame_header, size_t len, nghttp2_data_source *source,
    void *user_data)
{
	struct http_conn *conn = user_data;

	(void)session;
	(void)frame;
	(void)source;
	memcpy(conn->out + conn->out_len, frame_header, HTTP_FRAME_HEADER_LEN);
	conn->out_len += HTTP_FRAME_HEADER_LEN + len;
	return HTTP_OUTPUT_SIZE - conn->out_len < HTTP_FRAME_ROOM
	    ? NGHTTP2_ERR_PAUSE
	    : 0;
}

nghttp2_session_callbacks *
http_conn_callbacks_new(void)
{
	nghttp2_session_callbacks *callbacks;

	if (nghttp2_session_callbacks_new(&callbacks) != 0)
		return NULL;
	nghttp2_session_callbacks_set_send_data_callback(callbacks, send_data);
	return callbacks;
}

nghttp2_option *
http_conn_option_new(void)
{
	nghttp2_option *option;

	if (nghttp2_option_new(&option) != 0)
		return NULL;
	nghttp2_option_set_no_auto_window_update(option, 1);
	nghttp2_option_set_no_closed_streams(option, 1);
	return option;
}

int
http_conn_submit_settings(nghttp2_session *session,
    const struct http_limits *limits, bool is_server)
{
	const nghttp2_settings_entry entries[] = {
		{ NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, limits->stream_window },
		{ NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE,
		    limits->header_list_max },
		{ NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS,
		    is_server ? limits->streams_max : 0 },
		{ NGHTTP2_SETTINGS_ENABLE_PUSH, 0 },
	};
	/* Only a client may speak of push. */
	size_t count = ARRAY_LEN(entries) - (is_server ? 1 : 0);

	if (nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, entries,
		count) != 0 ||
	    nghttp2_session_set_local_window_size(session, NGHTTP2_FLAG_NONE, 0,
		(int32_t)limits->connection_window) != 0)
		return -1;
	return 0;
}

static enum http_pull
pull_bytes(struct http_outbody *out, uint8_t *to, size_t size, size_t *ret_len)
{
	size_t left = out->bytes.len - out->sent;
	size_t len = left < size ? left : size;

	if (len > 0)
		memcpy(to, out->bytes.data + out->sent, len);
	out->sent += len;
	*ret_len = len;
	return len == left ? HTTP_PULL_END : HTTP_PULL_MORE;
}

enum http_pull
http_outbody_pull(struct http_outbody *out, uint8_t *to, size_t size,
    size_t *ret_len)
{
	enum http_pull pull;

	*ret_len = 0;
	if (out->pull == NULL)
		pull = pull_bytes(out, to, size, ret_len);
	else
		pull = out->pull(out->ctx, to, size, ret_len);
	out->is_waiting = pull == HTTP_PULL_WAIT;
	if (pull == HTTP_PULL_WAIT)
		return pull;
	if (pull == HTTP_PULL_FAIL || *ret_len > size ||
	    (pull == HTTP_PULL_MORE && *ret_len == 0))
		return HTTP_PULL_FAIL;
	out->total += *ret_len;
	out->is_done = pull == HTTP_PULL_END;
	return pull;
}

/*
 * Puts the payload where send_data() expects it, behind the room for the
 * frame's header, so that it is copied only once on its way to the socket.
 */
static ssize_t
read_body(nghttp2_session *session, int32_t stream_id, uint8_t *unused,
    size_t size, uint32_t *flags, nghttp2_data_source *source, void *user_data)
{
	struct http_conn *conn = user_data;
	struct http_outbody *out = source->ptr;
	uint8_t *to = conn->out + conn->out_len + HTTP_FRAME_HEADER_LEN;
	enum http_pull pull;
	size_t len = 0;

	(void)session;
	(void)stream_id;
	(void)unused;
	if (conn->ctx == NULL)
		return NGHTTP2_ERR_CALLBACK_FAILURE;
	if (size > HTTP_FRAME_LEN_MAX)
		size = HTTP_FRAME_LEN_MAX;
	pull = http_outbody_pull(out, to, size, &len);
	if (pull == HTTP_PULL_WAIT)
		return NGHTTP2_ERR_DEFERRED;
	if (pull == HTTP_PULL_FAIL)
		return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
	*flags |= NGHTTP2_DATA_FLAG_NO_COPY;
	if (pull == HTTP_PULL_END)
		*flags |= NGHTTP2_DATA_FLAG_EOF;
	return (ssize_t)len;
}

bool
http_outbody_init(struct http_outbody *out, const struct http_body *body)
{
	memset(out, 0, sizeof(*out));
	if (body == NULL || (body->pull == NULL && body->bytes == NULL)) {
		out->is_done = true;
		return false;
	}
	out->pull = body->pull;
	out->ctx = body->ctx;
	if (body->bytes != NULL) {
		out->bytes = *body->bytes;
		memset(body->bytes, 0, sizeof(*body->bytes));
	}
	return true;
}

void
http_outbody_free(struct http_outbody *out)
{
	bytes_free(&out->bytes);
}

nghttp2_data_provider
http_outbody_provider(struct http_outbody *out)
{
	nghttp2_data_provider provider = {
		.source.ptr = out,
		.read_callback = read_body,
	};

	return provider;
}
