#include "http/http_conn.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/text.h"
#include "http/http_conn_internal.h"
#include "sys/loop.h"
#include "sys/net.h"

/* How long a peer may take to hear our last words. */
enum { LINGER_MS = 2000 };

void
http_conn_enter(struct http_conn *conn, enum http_conn_state state)
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
	http_conn_enter(conn, HTTP_CONN_CLOSED);
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
		http_conn_give_buffer(conn->buffers, conn->out);
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

static void
open_now(struct http_conn *conn)
{
	http_conn_enter(conn, HTTP_CONN_OPEN);
	conn->read_at_ms = conn->since_ms;
	conn->write_at_ms = conn->since_ms;
	http_conn_watch(conn, LOOP_READ);
	loop_soon_start(conn->soon);
	if (conn->events->on_open != NULL)
		conn->events->on_open(conn->ctx);
}

static void
shake_hands(struct http_conn *conn)
{
	struct error err = { 0 };
	int rc;

	if (conn->tls == NULL) {
		open_now(conn);
		return;
	}
	rc = tls_link_handshake(conn->link, &err);
	if (rc < 0) {
		http_conn_end_gently(conn, &err);
	} else if (rc == 0) {
		http_conn_watch(conn,
		    tls_link_wants_write(conn->link) ? LOOP_READ | LOOP_WRITE
						     : LOOP_READ);
	} else {
		open_now(conn);
		/* The first request often comes with the last of the hello. */
		if (conn->ctx != NULL && conn->state == HTTP_CONN_OPEN)
			http_conn_receive(conn);
	}
}

/*
 * Until the first record is there in full the peer holds a socket and no memory
 * of ours: TLS takes some 40 KiB from its first byte on.
 */
static void
await_hello(struct http_conn *conn)
{
	uint8_t head[TLS_RECORD_HEAD_LEN];
	struct error err = { 0 };
	ssize_t count = net_peek(conn->fd, head, sizeof(head), &err);
	size_t len;

	if (count == 0)
		return;
	if (count < 0) {
		error_set_id(&err, "E6005", ERROR_BUSY,
		    "the peer closed the connection");
		http_conn_fail(conn, &err);
		return;
	}
	len = tls_hello_len(head, (size_t)count);
	/* Woken for what was waited for already: nothing more will come. */
	if (net_available(conn->fd) < len && len != conn->hello_len) {
		conn->hello_len = len;
		net_wake_at(conn->fd, len);
		return;
	}
	net_wake_at(conn->fd, 1);
	conn->state = HTTP_CONN_HANDSHAKE;
	if (tls_link_new(conn->tls, conn->fd, conn->judge, conn->ctx,
		&conn->link, &err) < 0) {
		http_conn_fail(conn, &err);
		return;
	}
	if (conn->events->on_hello != NULL)
		conn->events->on_hello(conn->ctx);
	shake_hands(conn);
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
	http_conn_enter(conn, HTTP_CONN_HANDSHAKE);
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
	case HTTP_CONN_HELLO:
		await_hello(conn);
		break;
	case HTTP_CONN_HANDSHAKE:
		shake_hands(conn);
		break;
	case HTTP_CONN_OPEN:
		if (events & LOOP_READ)
			http_conn_receive(conn);
		if (events & LOOP_WRITE && conn->ctx != NULL)
			loop_soon_start(conn->soon);
		break;
	case HTTP_CONN_LINGERING:
		http_conn_linger(conn);
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
	if (conn->state == HTTP_CONN_HANDSHAKE && conn->tls == NULL)
		shake_hands(conn);
	if (conn->state == HTTP_CONN_OPEN && conn->has_more_input)
		http_conn_receive(conn);
	if (conn->ctx != NULL && conn->state == HTTP_CONN_OPEN)
		http_conn_flush(conn);
	http_conn_leave(conn);
}

void
http_conn_wake(struct http_conn *conn)
{
	if (conn->state == HTTP_CONN_OPEN)
		loop_soon_start(conn->soon);
}

bool
http_conn_has_begun(const struct http_conn *conn)
{
	return conn->session != NULL || conn->talk != NULL;
}

void
http_conn_pause(struct http_conn *conn, bool is_paused)
{
	if (conn->is_paused == is_paused || conn->state != HTTP_CONN_OPEN)
		return;
	conn->is_paused = is_paused;
	/* What TLS has read already is announced by nobody. */
	conn->has_more_input = !is_paused;
	http_conn_watch(conn, conn->watched);
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
	conn->tls = options->tls;
	conn->judge = options->judge;
	http_conn_enter(conn,
	    options->is_connecting ? HTTP_CONN_CONNECTING
		: options->is_server && options->tls != NULL
		? HTTP_CONN_HELLO
		: HTTP_CONN_HANDSHAKE);
	if (conn->buffers->input == NULL)
		conn->buffers->input = malloc(HTTP_INPUT_SIZE);
	if (conn->buffers->input == NULL) {
		error_set_memory(err);
		goto failed;
	}
	if (options->tls != NULL && !options->is_server &&
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
