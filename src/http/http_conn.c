#include "http/http_conn.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/text.h"
#include "sys/loop.h"
#include "sys/net.h"

enum {
	FRAME_HEADER_LEN = 9,
	FRAME_LEN_MAX = 16384,
	FRAME_ROOM = FRAME_LEN_MAX + 2 * FRAME_HEADER_LEN,
	/* So much may one connection move before the others have their turn. */
	TURN_BYTES = 256 * 1024,
	LINGER_MS = 2000,
};

void
http_buffers_free(struct http_buffers *buffers)
{
	for (size_t i = 0; i < buffers->spare_count; i++)
		free(buffers->spare[i]);
	free(buffers->input);
	buffers->input = NULL;
	buffers->spare_count = 0;
}

static uint8_t *
take_buffer(struct http_buffers *buffers)
{
	if (buffers->spare_count > 0)
		return buffers->spare[--buffers->spare_count];
	return malloc(HTTP_OUTPUT_SIZE);
}

static void
give_buffer(struct http_buffers *buffers, uint8_t *buffer)
{
	if (buffer != NULL && buffers->spare_count < HTTP_SPARE_MAX)
		buffers->spare[buffers->spare_count++] = buffer;
	else
		free(buffer);
}

static void
set_state(struct http_conn *conn, enum http_conn_state state)
{
	conn->state = state;
	conn->since_ms = loop_now_ms(conn->loop);
}

void
http_conn_fail(struct http_conn *conn, const struct error *err)
{
	if (conn->state == HTTP_CONN_CLOSED)
		return;
	conn->err = *err;
	set_state(conn, HTTP_CONN_CLOSED);
	/* The owner hears of it at the end of the turn, never inside a call. */
	loop_soon_start(conn->soon);
}

static void
destroy(struct http_conn *conn)
{
	loop_watch_free(conn->watch);
	loop_soon_free(conn->soon);
	if (conn->session != NULL)
		nghttp2_session_del(conn->session);
	tls_link_free(conn->link);
	if (conn->buffers != NULL)
		give_buffer(conn->buffers, conn->out);
	else
		free(conn->out);
	free(conn->orphan);
	if (conn->fd >= 0)
		close(conn->fd);
	free(conn);
}

void
http_conn_leave(struct http_conn *conn)
{
	if (--conn->depth > 0)
		return;
	if (conn->events == NULL) {
		destroy(conn);
		return;
	}
	if (conn->state != HTTP_CONN_CLOSED || conn->is_reported)
		return;
	conn->is_reported = true;
	loop_watch_free(conn->watch);
	conn->watch = NULL;
	if (conn->link != NULL)
		tls_link_shutdown(conn->link);
	close(conn->fd);
	conn->fd = -1;
	conn->events->on_closed(conn->ctx, &conn->err);
}

void
http_conn_free(struct http_conn *conn)
{
	if (conn == NULL)
		return;
	conn->events = NULL;
	conn->ctx = NULL;
	if (conn->depth > 0) {
		/* nghttp2 may be reading it: it goes with the connection. */
		conn->orphan = conn->buffers->input;
		conn->buffers->input = NULL;
		conn->buffers = NULL;
		return;
	}
	if (conn->link != NULL && conn->fd >= 0)
		tls_link_shutdown(conn->link);
	destroy(conn);
}

static ssize_t
read_some(struct http_conn *conn, struct error *err)
{
	uint8_t *input = conn->buffers->input;

	if (conn->link != NULL)
		return tls_link_read(conn->link, input, HTTP_INPUT_SIZE, err);
	return net_read(conn->fd, input, HTTP_INPUT_SIZE, err);
}

static ssize_t
write_some(struct http_conn *conn, const uint8_t *data, size_t len,
    struct error *err)
{
	if (conn->link != NULL)
		return tls_link_write(conn->link, data, len, err);
	return net_write(conn->fd, data, len, err);
}

static int
set_session_error(struct error *err, ssize_t rc)
{
	if (rc == NGHTTP2_ERR_NOMEM)
		return error_set_memory(err);
	return error_set_id(err, "E6007", ERROR_MALFORMED, "HTTP/2: %s",
	    nghttp2_strerror((int)rc));
}

static void
set_watch(struct http_conn *conn, unsigned events)
{
	struct error err = { 0 };

	if (loop_watch_set(conn->watch, events, &err) < 0)
		http_conn_fail(conn, &err);
}

/*
 * Let the peer read our last words before the socket is torn down: closing it
 * with input unread would take them back.
 */
static void
end_gently(struct http_conn *conn, const struct error *err)
{
	if (!conn->is_server) {
		http_conn_fail(conn, err);
		return;
	}
	conn->err = *err;
	if (conn->link != NULL)
		tls_link_shutdown(conn->link);
	shutdown(conn->fd, SHUT_WR);
	set_state(conn, HTTP_CONN_LINGERING);
	set_watch(conn, LOOP_READ);
}

static void
linger(struct http_conn *conn)
{
	struct error err = { 0 };
	struct error why = conn->err;

	if (net_read(conn->fd, conn->buffers->input, HTTP_INPUT_SIZE, &err) < 0)
		http_conn_fail(conn, &why);
}

/* False when nothing more is to be had now. */
static bool
receive_once(struct http_conn *conn, size_t *ret_count)
{
	struct error err = { 0 };
	ssize_t count = read_some(conn, &err);
	ssize_t rc;

	*ret_count = 0;
	if (count == 0)
		return false;
	if (count < 0) {
		if (err.code == ERROR_NOT_FOUND || err.id[0] == '\0')
			error_set_id(&err, "E6005", ERROR_BUSY,
			    "the peer closed the connection");
		http_conn_fail(conn, &err);
		return false;
	}
	conn->read_at_ms = loop_now_ms(conn->loop);
	rc = nghttp2_session_mem_recv(conn->session, conn->buffers->input,
	    (size_t)count);
	if (conn->ctx == NULL || conn->state == HTTP_CONN_CLOSED)
		return false;
	if (rc < 0) {
		set_session_error(&err, rc);
		http_conn_fail(conn, &err);
		return false;
	}
	*ret_count = (size_t)count;
	/* Small and nothing behind it: the loop will tell when more comes. */
	return count >= FRAME_LEN_MAX / 2 ||
	    (conn->link != NULL && tls_link_has_pending(conn->link));
}

static void
receive(struct http_conn *conn)
{
	size_t total = 0;
	size_t count;

	conn->has_more_input = false;
	while (receive_once(conn, &count)) {
		total += count;
		if (total >= TURN_BYTES) {
			conn->has_more_input = true;
			break;
		}
	}
	if (conn->ctx != NULL)
		loop_soon_start(conn->soon);
}

/* Gather frames from the session; false when the connection failed. */
static bool
fill_output(struct http_conn *conn)
{
	struct error err = { 0 };

	conn->out_from = 0;
	conn->out_len = 0;
	if (!nghttp2_session_want_write(conn->session))
		return true;
	if (conn->out == NULL)
		conn->out = take_buffer(conn->buffers);
	if (conn->out == NULL) {
		error_set_memory(&err);
		http_conn_fail(conn, &err);
		return false;
	}
	while (HTTP_OUTPUT_SIZE - conn->out_len >= FRAME_ROOM) {
		const uint8_t *data;
		ssize_t count = nghttp2_session_mem_send(conn->session, &data);

		if (conn->ctx == NULL || conn->state == HTTP_CONN_CLOSED)
			return false;
		if (count < 0) {
			set_session_error(&err, count);
			http_conn_fail(conn, &err);
			return false;
		}
		if (count == 0)
			break;
		assert((size_t)count <= HTTP_OUTPUT_SIZE - conn->out_len);
		memcpy(conn->out + conn->out_len, data, (size_t)count);
		conn->out_len += (size_t)count;
	}
	return true;
}

static void
output_is_empty(struct http_conn *conn)
{
	struct error err = { 0 };

	give_buffer(conn->buffers, conn->out);
	conn->out = NULL;
	conn->write_at_ms = loop_now_ms(conn->loop);
	set_watch(conn, LOOP_READ);
	if (nghttp2_session_want_read(conn->session) ||
	    nghttp2_session_want_write(conn->session))
		return;
	error_set_id(&err, "E6005", ERROR_BUSY, "the connection was ended");
	end_gently(conn, &err);
}

/* What the peer said before it closed tells more than that it did. */
static void
write_failed(struct http_conn *conn)
{
	struct error err = { 0 };

	receive(conn);
	if (conn->ctx == NULL)
		return;
	error_set_id(&err, "E6005", ERROR_BUSY,
	    "the peer closed the connection");
	http_conn_fail(conn, &err);
}

static void
flush_output(struct http_conn *conn)
{
	struct error err = { 0 };
	size_t total = 0;

	while (total < TURN_BYTES) {
		ssize_t count;

		if (conn->out == NULL || conn->out_from == conn->out_len) {
			if (!fill_output(conn))
				return;
			if (conn->out_len == 0) {
				output_is_empty(conn);
				return;
			}
		}
		count = write_some(conn, conn->out + conn->out_from,
		    conn->out_len - conn->out_from, &err);
		if (count < 0) {
			write_failed(conn);
			return;
		}
		if (count == 0) {
			set_watch(conn, LOOP_READ | LOOP_WRITE);
			return;
		}
		conn->out_from += (size_t)count;
		conn->write_at_ms = loop_now_ms(conn->loop);
		total += (size_t)count;
	}
	loop_soon_start(conn->soon);
}

static void
open_now(struct http_conn *conn)
{
	set_state(conn, HTTP_CONN_OPEN);
	conn->read_at_ms = conn->since_ms;
	conn->write_at_ms = conn->since_ms;
	set_watch(conn, LOOP_READ);
	loop_soon_start(conn->soon);
	if (conn->events->on_open != NULL)
		conn->events->on_open(conn->ctx);
}

static void
shake_hands(struct http_conn *conn)
{
	struct error err = { 0 };
	int rc;

	if (conn->link == NULL) {
		open_now(conn);
		return;
	}
	rc = tls_link_handshake(conn->link, &err);
	if (rc < 0) {
		end_gently(conn, &err);
	} else if (rc == 0) {
		set_watch(conn,
		    tls_link_wants_write(conn->link) ? LOOP_READ | LOOP_WRITE
						     : LOOP_READ);
	} else {
		open_now(conn);
		/* The first request often comes with the last of the hello. */
		if (conn->ctx != NULL && conn->state == HTTP_CONN_OPEN)
			receive(conn);
	}
}

static void
connected(struct http_conn *conn)
{
	struct error err = { 0 };

	if (net_connect_result(conn->fd, &err) < 0) {
		text_copy(err.id, sizeof(err.id), "E6004");
		http_conn_fail(conn, &err);
		return;
	}
	set_state(conn, HTTP_CONN_HANDSHAKE);
	shake_hands(conn);
}

static void
on_ready(void *ctx, unsigned events)
{
	struct http_conn *conn = ctx;

	conn->depth++;
	switch (conn->state) {
	case HTTP_CONN_CONNECTING:
		connected(conn);
		break;
	case HTTP_CONN_HANDSHAKE:
		shake_hands(conn);
		break;
	case HTTP_CONN_OPEN:
		if (events & LOOP_READ)
			receive(conn);
		if (events & LOOP_WRITE && conn->ctx != NULL)
			loop_soon_start(conn->soon);
		break;
	case HTTP_CONN_LINGERING:
		linger(conn);
		break;
	case HTTP_CONN_CLOSED:
		break;
	}
	http_conn_leave(conn);
}

static void
on_soon(void *ctx)
{
	struct http_conn *conn = ctx;

	conn->depth++;
	if (conn->state == HTTP_CONN_HANDSHAKE && conn->link == NULL)
		shake_hands(conn);
	if (conn->state == HTTP_CONN_OPEN && conn->has_more_input)
		receive(conn);
	if (conn->ctx != NULL && conn->state == HTTP_CONN_OPEN)
		flush_output(conn);
	http_conn_leave(conn);
}

void
http_conn_wake(struct http_conn *conn)
{
	if (conn->state == HTTP_CONN_OPEN)
		loop_soon_start(conn->soon);
}

int
http_conn_new(const struct http_conn_options *options,
    struct http_conn **ret_conn, struct error *err)
{
	struct http_conn *conn = calloc(1, sizeof(*conn));

	if (conn == NULL) {
		close(options->fd);
		return error_set_memory(err);
	}
	conn->loop = options->loop;
	conn->buffers = options->buffers;
	conn->fd = options->fd;
	conn->is_server = options->is_server;
	conn->events = options->events;
	conn->ctx = options->ctx;
	set_state(conn,
	    options->is_connecting ? HTTP_CONN_CONNECTING
				   : HTTP_CONN_HANDSHAKE);
	if (conn->buffers->input == NULL)
		conn->buffers->input = malloc(HTTP_INPUT_SIZE);
	if (conn->buffers->input == NULL) {
		error_set_memory(err);
		goto failed;
	}
	if (options->tls != NULL &&
	    tls_link_new(options->tls, conn->fd, options->judge, options->ctx,
		&conn->link, err) < 0)
		goto failed;
	if (loop_soon_new(conn->loop, on_soon, conn, &conn->soon, err) < 0)
		goto failed;
	*ret_conn = conn;
	return 0;
failed:
	http_conn_free(conn);
	return -1;
}

int
http_conn_start(struct http_conn *conn, nghttp2_session *session,
    struct error *err)
{
	bool must_wait = conn->state == HTTP_CONN_CONNECTING;
	unsigned events = must_wait ? LOOP_WRITE : LOOP_READ;

	conn->session = session;
	if (loop_watch_new(conn->loop, conn->fd, events, on_ready, conn,
		&conn->watch, err) < 0)
		return -1;
	/* On a local socket there is no handshake to wait for. */
	if (!must_wait)
		loop_soon_start(conn->soon);
	return 0;
}

void
http_conn_check_time(struct http_conn *conn, const struct http_limits *limits,
    uint64_t now_ms)
{
	struct error err = { 0 };

	if (conn->state <= HTTP_CONN_HANDSHAKE &&
	    now_ms - conn->since_ms > limits->handshake_ms)
		error_set_id(&err, "E6006", ERROR_BUSY, "slow handshake");
	else if (conn->state == HTTP_CONN_OPEN && conn->out != NULL &&
	    now_ms - conn->write_at_ms > limits->write_ms)
		error_set_id(&err, "E6006", ERROR_BUSY,
		    "the peer reads nothing");
	else if (conn->state == HTTP_CONN_LINGERING &&
	    now_ms - conn->since_ms > LINGER_MS)
		err = conn->err;
	if (err.code != ERROR_NONE)
		http_conn_fail(conn, &err);
}

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
	memcpy(conn->out + conn->out_len, frame_header, FRAME_HEADER_LEN);
	conn->out_len += FRAME_HEADER_LEN + len;
	return HTTP_OUTPUT_SIZE - conn->out_len < FRAME_ROOM ? NGHTTP2_ERR_PAUSE
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
	uint8_t *to = conn->out + conn->out_len + FRAME_HEADER_LEN;
	enum http_pull pull;
	size_t len = 0;

	(void)session;
	(void)stream_id;
	(void)unused;
	if (conn->ctx == NULL)
		return NGHTTP2_ERR_CALLBACK_FAILURE;
	if (size > FRAME_LEN_MAX)
		size = FRAME_LEN_MAX;
	pull = out->pull != NULL ? out->pull(out->ctx, to, size, &len)
				 : pull_bytes(out, to, size, &len);
	out->is_waiting = pull == HTTP_PULL_WAIT;
	if (pull == HTTP_PULL_WAIT)
		return NGHTTP2_ERR_DEFERRED;
	if (pull == HTTP_PULL_FAIL || len > size ||
	    (pull == HTTP_PULL_MORE && len == 0))
		return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
	out->total += len;
	*flags |= NGHTTP2_DATA_FLAG_NO_COPY;
	if (pull == HTTP_PULL_END) {
		out->is_done = true;
		*flags |= NGHTTP2_DATA_FLAG_EOF;
	}
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
