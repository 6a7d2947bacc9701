#include "http/http_server.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/error.h"
#include "http/http_server_internal.h"
#include "sys/loop.h"
#include "sys/net.h"

enum {
	ACCEPTS_PER_TURN = 64,
	CLOSES_PER_TURN = 16,
	SWEEP_MS_MIN = 10,
	SWEEP_MS_MAX = 2000,
	DRAIN_SWEEP_MS = 25,
	/* So long a connection may hold up a drain that asks for nothing. */
	DRAIN_HANDSHAKE_MS = 1000,
	DRAIN_LINGER_MS = 250,
	/*
	 * Streams that a peer may reset, in a row and a second: who is answered
	 * before its body (429, 503) resets its own.
	 */
	RESETS_BURST = 2000,
	RESETS_PER_S = 500,
};

static void
pause_accepting(struct http_server *server)
{
	struct error err = { 0 };

	if (server->watch == NULL || !server->is_accepting)
		return;
	server->is_accepting = loop_watch_set(server->watch, 0, &err) < 0;
}

static void
resume_accepting(struct http_server *server)
{
	struct error err = { 0 };

	if (server->watch == NULL || server->is_accepting ||
	    server->is_draining ||
	    server->counts.connections >= server->limits.connections_max)
		return;
	/* If it fails the next sweep tries again. */
	server->is_accepting =
	    loop_watch_set(server->watch, LOOP_READ, &err) == 0;
}

static void
forget_place(struct http_session *session)
{
	http_order_remove(&session->place);
	http_order_remove(&session->own_place);
}

void
http_session_touch(struct http_session *session)
{
	enum http_standing standing =
	    session->requests != NULL ? HTTP_STANDING_BUSY : HTTP_STANDING_IDLE;

	/* What a stranger does makes it no less a stranger. */
	if (!session->is_known)
		return;
	http_order_touch(&session->place, standing);
	http_order_touch(&session->own_place, standing);
}

static void
take_standing(struct http_session *session, enum http_standing standing)
{
	http_order_touch(&session->place, standing);
	http_order_touch(&session->own_place, standing);
}

/* Break it off; its descriptor is free at the end of this turn. */
static void
close_session(struct http_session *session)
{
	struct error err = { 0 };

	error_set_id(&err, "E6212", ERROR_BUSY,
	    "closed to make room for other connections");
	forget_place(session);
	session->server->counts.closed++;
	http_conn_fail(session->conn, &err);
}

/* Make room for one; false: those that are here stay. */
static bool
close_one(const struct http_order *order, size_t max)
{
	struct http_order_entry *victim = http_order_victim(order, max);

	if (victim == NULL)
		return false;
	close_session(victim->owner);
	return true;
}

static void
remove_session(struct http_session *session)
{
	struct http_server *server = session->server;

	forget_place(session);
	if (session->source != NULL)
		http_source_leave(server->sources, session->source);
	session->source = NULL;
	if (session->previous != NULL)
		session->previous->next = session->next;
	else
		server->sessions = session->next;
	if (session->next != NULL)
		session->next->previous = session->previous;
	server->counts.connections--;
}

static void
free_session(struct http_session *session)
{
	while (session->requests != NULL)
		http_request_end(session->requests);
	http_conn_free(session->conn);
	http1_free(session->http1);
	free(session);
}

static void
session_begins(void *ctx)
{
	struct http_session *session = ctx;
	struct http_conn *conn = session->conn;
	bool is_http1 = conn->link != NULL ? tls_link_is_http1(conn->link)
					   : session->server->is_http1;
	struct error err = { 0 };

	if ((is_http1 ? http1_session_begin(session)
		      : http_session_begin(session)) == 0)
		return;
	error_set_memory(&err);
	http_conn_fail(conn, &err);
}

/* At most so many that could be anybody cost us memory at the same time. */
static void
take_costly(struct http_session *session, enum http_standing standing)
{
	struct http_server *server = session->server;
	struct http_order_entry *oldest =
	    http_order_first(&server->order, standing);

	if (oldest != NULL &&
	    http_order_count(&server->order, standing) >=
		server->limits.unproven_max)
		close_session(oldest->owner);
	take_standing(session, standing);
}

static void
session_hello(void *ctx)
{
	take_costly(ctx, HTTP_STANDING_SHAKING);
}

static void
session_opened(void *ctx)
{
	struct http_session *session = ctx;
	struct http_server *server = session->server;
	struct http_conn *conn = session->conn;

	session->idle_at_ms = loop_now_ms(server->loop);
	if (conn->link != NULL)
		session->peer.has_cert = tls_link_fingerprint(conn->link,
		    &session->peer.fingerprint);
	session->is_known = conn->link == NULL ||
	    server->events->is_known == NULL ||
	    server->events->is_known(server->ctx, &session->peer);
	if (session->is_known)
		take_standing(session, HTTP_STANDING_IDLE);
	else
		take_costly(session, HTTP_STANDING_STRANGER);
}

static void
session_closed(void *ctx, const struct error *err)
{
	struct http_session *session = ctx;
	struct http_server *server = session->server;

	remove_session(session);
	if (!session->has_asked) {
		server->counts.refused++;
		if (server->events->on_refused != NULL)
			server->events->on_refused(server->ctx, &session->peer,
			    err);
	}
	free_session(session);
	resume_accepting(server);
}

static const struct http_conn_events conn_events = {
	.on_hello = session_hello,
	.on_open = session_opened,
	.on_begin = session_begins,
	.on_closed = session_closed,
};

static bool
judge_certificate(void *ctx, const struct digest *fingerprint,
    const uint8_t *der, size_t der_len)
{
	struct http_session *session = ctx;
	struct http_server *server = session->server;

	return server->events->may_trust == NULL ||
	    server->events->may_trust(server->ctx, fingerprint, der, der_len);
}

static int
start_session(struct http_session *session, int fd, struct error *err)
{
	struct http_server *server = session->server;
	struct http_conn_options options = {
		.loop = server->loop,
		.buffers = &server->buffers,
		.fd = fd,
		.is_server = true,
		.tls = server->tls,
		.judge = judge_certificate,
		.events = &conn_events,
		.ctx = session,
	};

	if (http_conn_new(&options, &session->conn, err) < 0)
		return -1;
	return http_conn_start(session->conn, NULL, err);
}

/* Count it with those of its address. */
static int
enter_source(struct http_session *session, struct error *err)
{
	struct http_server *server = session->server;

	if (session->peer.net.is_local)
		return 0;
	session->source =
	    http_source_enter(server->sources, session->peer.net.host);
	if (session->source == NULL)
		return error_set_memory(err);
	http_order_add(&session->source->order, &session->own_place,
	    HTTP_STANDING_SILENT, session);
	return 0;
}

int
http_server_serve(struct http_server *server, int fd,
    const struct net_peer *peer, struct error *err)
{
	struct http_session *session = calloc(1, sizeof(*session));

	if (session == NULL) {
		close(fd);
		return error_set_memory(err);
	}
	session->server = server;
	session->peer.net = *peer;
	if (start_session(session, fd, err) < 0 ||
	    enter_source(session, err) < 0) {
		free_session(session);
		return -1;
	}
	http_order_add(&server->order, &session->place, HTTP_STANDING_SILENT,
	    session);
	if (server->is_draining)
		session->drain = HTTP_SESSION_LEAVES_SOON;
	session->next = server->sessions;
	if (session->next != NULL)
		session->next->previous = session;
	server->sessions = session;
	server->counts.connections++;
	server->counts.accepted++;
	return 0;
}

/*
 * Room for a newcomer.  Whoever is closed is gone at the end of this turn, so
 * several go at once: accepting goes on then.
 */
static bool
has_room(struct http_server *server)
{
	size_t max = server->limits.connections_max;

	if (server->counts.connections < max)
		return true;
	for (int i = 0; i < CLOSES_PER_TURN; i++)
		if (!close_one(&server->order, max))
			break;
	pause_accepting(server);
	return false;
}

/* One address has its share: its own connections make room. */
static void
check_source(const struct http_session *session)
{
	const struct http_source *source = session->source;
	size_t max = session->server->limits.source_max;

	if (source != NULL && source->count > max)
		(void)close_one(&source->order, max);
}

/* False when there is no point in accepting another one in this turn. */
static bool
accept_one(struct http_server *server)
{
	struct error err = { 0 };
	struct net_peer peer;
	int fd;
	int rc;

	if (!has_room(server))
		return false;
	rc = net_accept(server->listen_fd, &fd, &peer, &err);
	if (rc < 0) {
		/*
		 * Short of descriptors or memory: until somebody has left, or
		 * the next sweep.
		 */
		(void)close_one(&server->order, server->limits.connections_max);
		pause_accepting(server);
		return false;
	}
	if (rc == 0)
		return false;
	if (server->events->may_connect != NULL &&
	    !server->events->may_connect(server->ctx, &peer)) {
		server->counts.accepted++;
		server->counts.refused++;
		close(fd);
		return true;
	}
	if (http_server_serve(server, fd, &peer, &err) < 0)
		return false;
	check_source(server->sessions);
	return true;
}

static void
accept_waiting(void *ctx, unsigned events)
{
	struct http_server *server = ctx;

	(void)events;
	for (int i = 0; i < ACCEPTS_PER_TURN; i++)
		if (!accept_one(server))
			return;
}

int
http_server_listen(struct http_server *server, int listen_fd, struct error *err)
{
	server->listen_fd = listen_fd;
	if (loop_watch_new(server->loop, listen_fd, LOOP_READ, accept_waiting,
		server, &server->watch, err) < 0)
		return -1;
	server->is_accepting = true;
	return 0;
}

static void
say_goodbye(struct http_session *session, uint64_t now_ms)
{
	if (session->conn->state != HTTP_CONN_OPEN ||
	    now_ms < session->leave_at_ms)
		return;
	/* It has said nothing yet, but perhaps is about to. */
	if (session->way == NULL)
		session_begins(session);
	if (session->conn->state != HTTP_CONN_OPEN)
		return;
	session->way->leave(session, now_ms);
	http_conn_wake(session->conn);
}

static void
check_requests(struct http_session *session, uint64_t now_ms)
{
	for (struct http_request *request = session->requests; request != NULL;
	     request = request->next)
		if (http_request_is_stalled(request, now_ms))
			http_request_reset(request);
}

static void
check_session(struct http_session *session, uint64_t now_ms)
{
	const struct http_limits *limits = &session->server->limits;
	struct error err = { 0 };

	http_conn_check_time(session->conn, limits, now_ms);
	if (session->conn->state != HTTP_CONN_OPEN)
		return;
	if (session->headers_at_ms != 0 &&
	    now_ms - session->headers_at_ms > limits->headers_ms) {
		error_set_id(&err, "E6006", ERROR_BUSY, "slow header fields");
		http_conn_fail(session->conn, &err);
		return;
	}
	check_requests(session, now_ms);
	if (session->requests == NULL &&
	    session->drain == HTTP_SESSION_SERVES &&
	    now_ms - session->idle_at_ms >
		(session->is_known ? limits->idle_ms : limits->first_ms))
		session->drain = HTTP_SESSION_LEAVES_SOON;
	if (session->drain != HTTP_SESSION_SERVES)
		say_goodbye(session, now_ms);
}

/* Whether the end of a drain waits for this connection. */
static bool
holds_drain(const struct http_session *session, uint64_t now_ms)
{
	const struct http_conn *conn = session->conn;
	uint64_t for_ms = now_ms - conn->since_ms;

	if (conn->state <= HTTP_CONN_HANDSHAKE)
		return for_ms <= DRAIN_HANDSHAKE_MS;
	return conn->state != HTTP_CONN_LINGERING || for_ms <= DRAIN_LINGER_MS;
}

static void
check_drained(struct http_server *server, uint64_t now_ms)
{
	if (!server->is_draining || server->is_drained)
		return;
	for (struct http_session *session = server->sessions; session != NULL;
	     session = session->next)
		if (holds_drain(session, now_ms))
			return;
	server->is_drained = true;
	loop_timer_cancel(server->sweep);
	if (server->events->on_drained != NULL)
		server->events->on_drained(server->ctx);
}

static void
sweep(void *ctx)
{
	struct http_server *server = ctx;
	uint64_t now_ms = loop_now_ms(server->loop);

	resume_accepting(server);
	for (struct http_session *session = server->sessions; session != NULL;
	     session = session->next)
		check_session(session, now_ms);
	check_drained(server, now_ms);
}

/* A quarter of the shortest limit is precise enough. */
static uint64_t
sweep_interval(const struct http_limits *limits)
{
	const uint32_t spans[] = { limits->handshake_ms, limits->headers_ms,
		limits->body_ms, limits->write_ms, limits->idle_ms,
		limits->first_ms };
	uint32_t least = SWEEP_MS_MAX * 4;

	for (size_t i = 0; i < ARRAY_LEN(spans); i++)
		if (spans[i] < least)
			least = spans[i];
	return least / 4 < SWEEP_MS_MIN ? SWEEP_MS_MIN : least / 4;
}

int
http_server_new(const struct http_server_options *options,
    struct http_server **ret_server, struct error *err)
{
	struct http_server *server = calloc(1, sizeof(*server));

	if (server == NULL)
		return error_set_memory(err);
	server->loop = options->loop;
	server->tls = options->tls;
	server->is_http1 = options->is_http1;
	server->limits = http_limits_of(&options->limits);
	server->events = options->events;
	server->ctx = options->ctx;
	server->listen_fd = -1;
	server->callbacks = http_session_callbacks_new();
	server->option = http_conn_option_new();
	server->sources = http_sources_new();
	if (server->callbacks == NULL || server->option == NULL ||
	    server->sources == NULL) {
		http_server_free(server);
		return error_set_memory(err);
	}
	nghttp2_option_set_stream_reset_rate_limit(server->option, RESETS_BURST,
	    RESETS_PER_S);
	if (loop_timer_new(server->loop, sweep, server, &server->sweep, err) <
	    0) {
		http_server_free(server);
		return -1;
	}
	loop_timer_repeat(server->sweep, sweep_interval(&server->limits));
	*ret_server = server;
	return 0;
}

void
http_server_free(struct http_server *server)
{
	if (server == NULL)
		return;
	while (server->sessions != NULL) {
		struct http_session *session = server->sessions;

		remove_session(session);
		free_session(session);
	}
	loop_watch_free(server->watch);
	loop_timer_free(server->sweep);
	nghttp2_session_callbacks_del(server->callbacks);
	nghttp2_option_del(server->option);
	http_buffers_free(&server->buffers);
	http_sources_free(server->sources);
	free(server);
}

void
http_server_drain(struct http_server *server, uint32_t spread_ms)
{
	uint64_t now_ms = loop_now_ms(server->loop);
	uint64_t index = 0;

	if (server->is_draining)
		return;
	pause_accepting(server);
	loop_watch_free(server->watch);
	server->watch = NULL;
	server->is_draining = true;
	for (struct http_session *session = server->sessions; session != NULL;
	     session = session->next, index++) {
		session->drain = HTTP_SESSION_LEAVES_SOON;
		session->leave_at_ms =
		    now_ms + index * spread_ms / server->counts.connections;
	}
	loop_timer_repeat(server->sweep, DRAIN_SWEEP_MS);
}

struct http_server_counts
http_server_counts(const struct http_server *server)
{
	return server->counts;
}
