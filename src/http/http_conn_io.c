/*
 * The bytes of a connection: from the socket into the session, and back.
 */
#include "http/http_conn.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "http/http_conn_internal.h"
#include "sys/loop.h"
#include "sys/net.h"

/* So much may one connection move before the others have their turn. */
enum { TURN_BYTES = 256 * 1024 };

/* A slow reader must take so much, or all there is, in limits.write_ms. */
enum { WRITE_PROGRESS_LEN = 4096 };

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

void
http_conn_give_buffer(struct http_buffers *buffers, uint8_t *buffer)
{
	if (buffer != NULL && buffers->spare_count < HTTP_SPARE_MAX)
		buffers->spare[buffers->spare_count++] = buffer;
	else
		free(buffer);
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

void
http_conn_watch(struct http_conn *conn, unsigned events)
{
	struct error err = { 0 };

	conn->watched = events;
	if (conn->is_paused)
		events &= ~(unsigned)LOOP_READ;
	if (loop_watch_set(conn->watch, events, &err) < 0)
		http_conn_fail(conn, &err);
}

/*
 * Let the peer read our last words before the socket is torn down: closing it
 * with input unread would take them back.
 */
void
http_conn_end_gently(struct http_conn *conn, const struct error *err)
{
	if (!conn->is_server) {
		http_conn_fail(conn, err);
		return;
	}
	conn->err = *err;
	if (conn->link != NULL)
		tls_link_shutdown(conn->link);
	shutdown(conn->fd, SHUT_WR);
	conn->is_paused = false;
	http_conn_enter(conn, HTTP_CONN_LINGERING);
	http_conn_watch(conn, LOOP_READ);
}

void
http_conn_linger(struct http_conn *conn)
{
	struct error err = { 0 };
	struct error why = conn->err;

	if (net_read(conn->fd, conn->buffers->input, HTTP_INPUT_SIZE, &err) < 0)
		http_conn_fail(conn, &why);
}

/* To what is spoken.  -1: break off with `err`. */
static int
hand_on(struct http_conn *conn, size_t len, struct error *err)
{
	const uint8_t *input = conn->buffers->input;
	ssize_t rc;

	if (conn->talk != NULL)
		return conn->talk->take(conn, input, len, err);
	rc = nghttp2_session_mem_recv(conn->session, input, len);
	return rc < 0 ? set_session_error(err, rc) : 0;
}

/* False when nothing more is to be had now. */
static bool
receive_once(struct http_conn *conn, size_t *ret_count)
{
	struct error err = { 0 };
	ssize_t count = read_some(conn, &err);
	int rc;

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
	if (!http_conn_has_begun(conn))
		conn->events->on_begin(conn->ctx);
	if (!http_conn_has_begun(conn) || conn->state == HTTP_CONN_CLOSED)
		return false;
	rc = hand_on(conn, (size_t)count, &err);
	if (conn->ctx == NULL || conn->state == HTTP_CONN_CLOSED)
		return false;
	if (rc < 0) {
		http_conn_fail(conn, &err);
		return false;
	}
	*ret_count = (size_t)count;
	/* Small and nothing behind it: the loop will tell when more comes. */
	return count >= HTTP_FRAME_LEN_MAX / 2 ||
	    (conn->link != NULL && tls_link_has_pending(conn->link));
}

void
http_conn_receive(struct http_conn *conn)
{
	size_t total = 0;
	size_t count;

	conn->has_more_input = false;
	while (!conn->is_paused && receive_once(conn, &count)) {
		total += count;
		if (total >= TURN_BYTES) {
			conn->has_more_input = true;
			break;
		}
	}
	if (conn->ctx != NULL)
		loop_soon_start(conn->soon);
}

static bool
has_output(const struct http_conn *conn)
{
	if (conn->talk != NULL)
		return conn->talk->has_output(conn);
	return conn->session != NULL &&
	    nghttp2_session_want_write(conn->session);
}

/* Gather frames from the session.  -1: break off with `err`. */
static int
gather(struct http_conn *conn, struct error *err)
{
	while (HTTP_OUTPUT_SIZE - conn->out_len >= HTTP_FRAME_ROOM) {
		const uint8_t *data;
		ssize_t count = nghttp2_session_mem_send(conn->session, &data);

		if (conn->ctx == NULL || conn->state == HTTP_CONN_CLOSED)
			return 0;
		if (count < 0)
			return set_session_error(err, count);
		if (count == 0)
			break;
		assert((size_t)count <= HTTP_OUTPUT_SIZE - conn->out_len);
		memcpy(conn->out + conn->out_len, data, (size_t)count);
		conn->out_len += (size_t)count;
	}
	return 0;
}

/* False when the connection failed. */
static bool
fill_output(struct http_conn *conn)
{
	struct error err = { 0 };
	int rc;

	conn->out_from = 0;
	conn->out_len = 0;
	if (!has_output(conn))
		return true;
	if (conn->out == NULL) {
		conn->out = take_buffer(conn->buffers);
		conn->written = 0;
		conn->write_at_ms = loop_now_ms(conn->loop);
	}
	if (conn->out == NULL) {
		error_set_memory(&err);
		http_conn_fail(conn, &err);
		return false;
	}
	rc = conn->talk != NULL ? conn->talk->fill(conn, &err)
				: gather(conn, &err);
	if (conn->ctx == NULL || conn->state == HTTP_CONN_CLOSED)
		return false;
	if (rc < 0)
		http_conn_fail(conn, &err);
	return rc == 0;
}

static bool
is_over(const struct http_conn *conn, struct error *ret_why)
{
	if (conn->talk != NULL)
		return conn->talk->is_over(conn, ret_why);
	if (conn->session == NULL || nghttp2_session_want_read(conn->session) ||
	    nghttp2_session_want_write(conn->session))
		return false;
	error_set_id(ret_why, "E6005", ERROR_BUSY, "the connection was ended");
	return true;
}

static void
output_is_empty(struct http_conn *conn)
{
	struct error err = { 0 };

	http_conn_give_buffer(conn->buffers, conn->out);
	conn->out = NULL;
	conn->write_at_ms = loop_now_ms(conn->loop);
	http_conn_watch(conn, LOOP_READ);
	if (is_over(conn, &err))
		http_conn_end_gently(conn, &err);
}

/* What the peer said before it closed tells more than that it did. */
static void
write_failed(struct http_conn *conn)
{
	struct error err = { 0 };

	http_conn_receive(conn);
	if (conn->ctx == NULL)
		return;
	error_set_id(&err, "E6005", ERROR_BUSY,
	    "the peer closed the connection");
	http_conn_fail(conn, &err);
}

static void
count_written(struct http_conn *conn, size_t len)
{
	conn->written += len;
	if (conn->written < WRITE_PROGRESS_LEN)
		return;
	conn->written = 0;
	conn->write_at_ms = loop_now_ms(conn->loop);
}

void
http_conn_flush(struct http_conn *conn)
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
			http_conn_watch(conn, LOOP_READ | LOOP_WRITE);
			return;
		}
		conn->out_from += (size_t)count;
		total += (size_t)count;
		count_written(conn, (size_t)count);
	}
	loop_soon_start(conn->soon);
}
