#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "base/error.h"
#include "harness/http_pair.h"
#include "http/http_call.h"
#include "sys/loop.h"
#include "sys/net.h"

enum { MIB = 1024 * 1024 };

/* Most tests must pass with TLS and without. */
static int
set_up(void **state, bool is_tls)
{
	struct pair *pair = calloc(1, sizeof(*pair));

	if (pair == NULL)
		return -1;
	pair_init(pair, is_tls);
	*state = pair;
	return 0;
}

static int
set_up_plain(void **state)
{
	return set_up(state, false);
}

static int
set_up_tls(void **state)
{
	return set_up(state, true);
}

static int
tear_down(void **state)
{
	pair_free(*state);
	free(*state);
	return 0;
}

static void
an_answer_has_status_headers_and_body(void **state)
{
	struct pair *pair = *state;
	char fingerprint[DIGEST_TEXT_SIZE] = "none";
	struct http_client *client;
	struct pair_ask ask;

	pair_serve(pair, TLS_PEER_REQUIRED);
	client = pair_connect(pair);
	pair_ask(pair, client, "GET", "/hello", 0, &ask);
	pair_run_until(pair, &ask.has_headers);
	if (pair->is_tls)
		digest_format(&pair->client_identity.fingerprint, fingerprint);
	if (ask.stream != NULL) {
		assert_string_equal(http_stream_header(ask.stream,
					"yizhan-fingerprint"),
		    fingerprint);
		assert_string_equal(http_stream_header(ask.stream,
					"yizhan-host"),
		    pair->is_tls ? "127.0.0.9" : "");
		assert_string_equal(http_stream_header(ask.stream,
					"content-length"),
		    "5");
	}
	pair_run_until(pair, &ask.is_done);

	assert_int_equal(ask.err.code, ERROR_NONE);
	assert_int_equal(ask.status, 200);
	assert_string_equal(ask.text, "hello");
	pair_ask_wait(pair, client, "GET", "/nowhere", 0, &ask);
	assert_int_equal(ask.status, 404);
	assert_int_equal(http_server_counts(pair->server).requests, 2);
	assert_int_equal(pair->closed_answered, 2);
	http_client_free(client);
}

static void
a_long_body_goes_up_in_constant_memory(void **state)
{
	struct pair *pair = *state;
	uint64_t len = (uint64_t)(pair->is_tls ? 64 : 256) * MIB;
	struct http_client *client;
	struct pair_ask ask;
	char text[32];

	pair_serve(pair, TLS_PEER_REQUIRED);
	client = pair_connect(pair);
	pair_ask_wait(pair, client, "POST", "/swallow", len, &ask);

	snprintf(text, sizeof(text), "%llu", (unsigned long long)len);
	assert_int_equal(ask.status, 200);
	assert_string_equal(ask.text, text);
	assert_int_equal(pair->swallowed, len);
	assert_true(pair->held_max <= 256 * 1024);
	http_client_free(client);
}

static void
a_long_body_comes_down_in_constant_memory(void **state)
{
	struct pair *pair = *state;
	struct http_client *client;
	struct pair_ask ask;

	pair_serve(pair, TLS_PEER_REQUIRED);
	client = pair_connect(pair);
	pair_ask_wait(pair, client, "GET", "/stream?size=67108864", 0, &ask);

	assert_int_equal(ask.err.code, ERROR_NONE);
	assert_int_equal(ask.received, 64 * MIB);
	assert_true(ask.held_max <= 256 * 1024);
	http_client_free(client);
}

static void
a_consumer_that_stops_stops_the_sender(void **state)
{
	struct pair *pair = *state;
	struct http_client *client;
	struct pair_ask ask;
	struct pair_ask other;

	pair_serve(pair, TLS_PEER_REQUIRED);
	pair->holds = true;
	client = pair_connect(pair);
	pair_ask(pair, client, "POST", "/swallow", 8 * MIB, &ask);
	pair_run_for(pair, 50);

	assert_int_equal(pair->held_max, 256 * 1024);
	assert_int_equal(ask.sent, 256 * 1024);
	/* Another stream of the same connection does not suffer. */
	pair_ask_wait(pair, client, "GET", "/hello", 0, &other);
	assert_int_equal(other.status, 200);
	assert_false(ask.is_done);

	http_client_free(client);
	pair_run_for(pair, 20);
	assert_int_equal(pair->closed_broken, 1);
}

static void
a_client_that_stops_reading_stops_the_server(void **state)
{
	struct pair *pair = *state;
	struct http_client *client;
	struct pair_ask ask;

	pair_serve(pair, TLS_PEER_REQUIRED);
	client = pair_connect(pair);
	pair_ask(pair, client, "GET", "/stream?size=8388608", 0, &ask);
	ask.holds = true;
	pair_run_for(pair, 50);
	assert_int_equal(ask.received, 256 * 1024);

	ask.holds = false;
	http_stream_consume(ask.stream, ask.held);
	ask.held = 0;
	pair_run_until(pair, &ask.is_done);
	assert_int_equal(ask.received, 8 * MIB);
	http_client_free(client);
}

static void
a_parked_request_is_answered_later(void **state)
{
	struct pair *pair = *state;
	struct http_client *client;
	struct pair_ask ask;

	pair_serve(pair, TLS_PEER_REQUIRED);
	client = pair_connect(pair);
	pair_ask(pair, client, "GET", "/park", 0, &ask);
	pair_run_for(pair, 30);
	assert_int_equal(pair->parked_count, 1);
	assert_false(ask.is_done);

	pair_wake(pair);
	pair_run_until(pair, &ask.is_done);
	assert_string_equal(ask.text, "woken");
	http_client_free(client);
}

static void
a_source_that_waits_is_resumed(void **state)
{
	struct pair *pair = *state;
	struct http_client *client;
	struct pair_ask ask;

	pair_serve(pair, TLS_PEER_REQUIRED);
	client = pair_connect(pair);
	pair_ask(pair, client, "POST", "/swallow", 1000, &ask);
	ask.is_stuck = true;
	pair_run_for(pair, 30);
	assert_int_equal(pair->swallowed, 0);

	ask.is_stuck = false;
	http_stream_resume(ask.stream);
	pair_run_until(pair, &ask.is_done);
	assert_string_equal(ask.text, "1000");
	http_client_free(client);
}

static void
a_cancelled_request_is_closed_at_the_server(void **state)
{
	struct pair *pair = *state;
	struct http_client *client;
	struct pair_ask ask;
	struct pair_ask upload;
	struct pair_ask after;

	pair_serve(pair, TLS_PEER_REQUIRED);
	client = pair_connect(pair);
	pair_ask(pair, client, "GET", "/park", 0, &ask);
	pair_ask(pair, client, "POST", "/swallow", 64 * MIB, &upload);
	pair_run_for(pair, 20);
	http_stream_cancel(ask.stream);
	if (!upload.is_done)
		http_stream_cancel(upload.stream);
	pair_ask_wait(pair, client, "GET", "/hello", 0, &after);

	assert_int_equal(after.status, 200);
	assert_int_equal(pair->parked_count, 0);
	assert_true(pair->closed_broken >= 1);
	assert_false(ask.is_done);
	assert_int_equal(http_client_stream_count(client), 0);
	http_client_free(client);
}

static void
a_request_cancelled_before_it_left_never_arrives(void **state)
{
	struct pair *pair = *state;
	struct http_client *client;
	struct pair_ask ask;
	struct pair_ask after;

	pair_serve(pair, TLS_PEER_REQUIRED);
	client = pair_connect(pair);
	pair_ask(pair, client, "POST", "/swallow", 100, &ask);
	http_stream_cancel(ask.stream);
	pair_ask_wait(pair, client, "GET", "/hello", 0, &after);

	assert_int_equal(after.status, 200);
	assert_int_equal(http_server_counts(pair->server).requests, 1);
	http_client_free(client);
}

static void
a_client_that_vanishes_closes_its_requests(void **state)
{
	struct pair *pair = *state;
	struct http_client *client;
	struct pair_ask ask;

	pair_serve(pair, TLS_PEER_REQUIRED);
	client = pair_connect(pair);
	pair_ask(pair, client, "GET", "/park", 0, &ask);
	pair_run_for(pair, 30);
	assert_int_equal(pair->parked_count, 1);
	http_client_free(client);
	pair_run_for(pair, 30);

	assert_int_equal(pair->parked_count, 0);
	assert_int_equal(pair->closed_broken, 1);
	assert_int_equal(http_server_counts(pair->server).connections, 0);
}

static void
a_server_that_vanishes_is_temporary(void **state)
{
	struct pair *pair = *state;
	struct http_client *client;
	struct pair_ask ask;

	pair_serve(pair, TLS_PEER_REQUIRED);
	client = pair_connect(pair);
	pair_ask(pair, client, "GET", "/park", 0, &ask);
	pair_run_for(pair, 30);
	http_server_free(pair->server);
	pair->server = NULL;
	pair_run_until(pair, &ask.is_done);

	assert_true(error_is_temporary(&ask.err));
	assert_string_equal(ask.err.id, "E6005");
	assert_false(http_client_is_usable(client));
	http_client_free(client);
}

static void
a_thousand_streams_live_side_by_side(void **state)
{
	enum { CLIENTS = 10, PER_CLIENT = 100 };
	struct pair *pair = *state;
	struct http_client *clients[CLIENTS];
	struct pair_ask *asks = calloc(CLIENTS * PER_CLIENT, sizeof(*asks));
	bool all_parked = false;

	pair_serve(pair, TLS_PEER_REQUIRED);
	for (int i = 0; i < CLIENTS; i++) {
		clients[i] = pair_connect(pair);
		for (int k = 0; k < PER_CLIENT; k++)
			pair_ask(pair, clients[i], "GET", "/park", 0,
			    &asks[i * PER_CLIENT + k]);
	}
	for (int i = 0; i < 1000 && !all_parked; i++) {
		pair_run_for(pair, 5);
		all_parked = pair->parked_count == CLIENTS * PER_CLIENT;
	}
	assert_true(all_parked);
	assert_int_equal(http_server_counts(pair->server).streams,
	    CLIENTS * PER_CLIENT);
	pair_wake(pair);
	for (int i = 0; i < CLIENTS * PER_CLIENT; i++) {
		pair_run_until(pair, &asks[i].is_done);
		assert_int_equal(asks[i].status, 200);
		assert_string_equal(asks[i].text, "woken");
	}
	for (int i = 0; i < CLIENTS; i++)
		http_client_free(clients[i]);
	free(asks);
}

static void
streams_beyond_the_limit_wait_for_their_turn(void **state)
{
	struct pair *pair = *state;
	struct http_client *client;
	struct pair_ask asks[6];

	pair->limits.streams_max = 2;
	pair_serve(pair, TLS_PEER_REQUIRED);
	client = pair_connect(pair);
	pair_ask_wait(pair, client, "GET", "/hello", 0, &asks[0]);
	for (int i = 0; i < 6; i++)
		pair_ask(pair, client, "GET", "/park", 0, &asks[i]);
	pair_run_for(pair, 30);
	assert_int_equal(pair->parked_count, 2);
	for (int i = 0; i < 3; i++) {
		pair_wake(pair);
		pair_run_for(pair, 20);
	}
	for (int i = 0; i < 6; i++)
		assert_int_equal(asks[i].status, 200);
	http_client_free(client);
}

static void
draining_finishes_what_runs(void **state)
{
	struct pair *pair = *state;
	struct http_client *client;
	struct http_client *idle;
	struct pair_ask parked;
	struct pair_ask upload;
	struct pair_ask first;

	pair_serve(pair, TLS_PEER_REQUIRED);
	client = pair_connect(pair);
	idle = pair_connect(pair);
	pair_ask_wait(pair, idle, "GET", "/hello", 0, &first);
	pair_ask(pair, client, "GET", "/park", 0, &parked);
	pair_ask(pair, client, "POST", "/swallow", 4 * MIB, &upload);
	upload.is_stuck = true;
	pair_run_for(pair, 20);

	http_server_drain(pair->server, 40);
	pair_run_for(pair, 500);
	assert_false(http_client_is_usable(client));
	assert_false(http_client_is_usable(idle));
	assert_false(pair->is_drained);
	upload.is_stuck = false;
	http_stream_resume(upload.stream);
	pair_run_until(pair, &upload.is_done);
	assert_string_equal(upload.text, "4194304");
	pair_wake(pair);
	pair_run_until(pair, &parked.is_done);
	assert_int_equal(parked.status, 200);
	pair_run_until(pair, &pair->is_drained);
	assert_int_equal(pair->closed_broken, 0);

	http_client_free(client);
	http_client_free(idle);
}

static void
draining_an_idle_server_ends_at_once(void **state)
{
	struct pair *pair = *state;

	pair_serve(pair, TLS_PEER_REQUIRED);
	http_server_drain(pair->server, 1000);
	pair_run_until(pair, &pair->is_drained);
}

static void
an_early_answer_stops_the_upload(void **state)
{
	struct pair *pair = *state;
	struct http_client *client;
	struct pair_ask ask;

	pair_serve(pair, TLS_PEER_REQUIRED);
	client = pair_connect(pair);
	pair_ask_wait(pair, client, "POST", "/early", 64 * MIB, &ask);
	assert_int_equal(ask.err.code, ERROR_NONE);
	assert_int_equal(ask.status, 413);
	assert_string_equal(ask.text, "too long");
	assert_true(ask.sent < 64 * MIB);
	pair_ask_wait(pair, client, "GET", "/hello", 0, &ask);
	assert_int_equal(ask.status, 200);
	http_client_free(client);
}

static void
bad_requests_never_reach_the_handler(void **state)
{
	static const char *const targets[] = { "/a/../b", "/%00", "/a//b",
		"/%2e%2e/etc" };
	struct pair *pair = *state;
	struct http_client *client;
	struct pair_ask ask;

	pair_serve(pair, TLS_PEER_REQUIRED);
	client = pair_connect(pair);
	for (size_t i = 0; i < ARRAY_LEN(targets); i++) {
		pair_ask_wait(pair, client, "GET", targets[i], 0, &ask);
		assert_int_equal(ask.status, 400);
		assert_non_null(strstr(ask.text, "E6101"));
	}
	assert_int_equal(pair->closed_answered + pair->closed_broken, 0);
	http_client_free(client);
}

static void
too_many_header_bytes_are_refused(void **state)
{
	struct pair *pair = *state;
	struct http_client *client;
	enum { LEN = 16500 };
	char *value = calloc(1, LEN + 1);
	struct http_header header = { "x-long", value };
	struct http_outgoing request = {
		.method = "GET",
		.target = "/hello",
		.headers = &header,
		.header_count = 1,
	};
	struct pair_ask ask = { 0 };
	struct error err = { 0 };

	memset(value, 'v', LEN);
	pair_serve(pair, TLS_PEER_REQUIRED);
	client = pair_connect(pair);
	assert_int_equal(http_client_send(client, &request, &pair_ask_events,
			     &ask, &ask.stream, &err),
	    0);
	pair_run_until(pair, &ask.is_done);
	assert_int_equal(ask.status, 431);
	assert_non_null(strstr(ask.text, "E6102"));
	free(value);
	http_client_free(client);
}

static void
a_body_that_drips_is_cut_off(void **state)
{
	struct pair *pair = *state;
	struct http_client *client;
	struct pair_ask ask;
	struct pair_ask parked;

	pair->limits.body_ms = 60;
	pair_serve(pair, TLS_PEER_REQUIRED);
	client = pair_connect(pair);
	pair_ask(pair, client, "GET", "/park", 0, &parked);
	pair_ask(pair, client, "POST", "/swallow", 1000, &ask);
	ask.is_stuck = true;
	pair_run_until(pair, &ask.is_done);

	assert_int_equal(ask.err.code, ERROR_BUSY);
	assert_int_equal(pair->closed_broken, 1);
	/* A long poll waits for us, not for the peer. */
	assert_false(parked.is_done);
	http_client_free(client);
}

static void
a_handler_may_take_its_time_with_a_body(void **state)
{
	struct pair *pair = *state;
	struct http_client *client;
	struct pair_ask ask;

	pair->limits.body_ms = 40;
	pair_serve(pair, TLS_PEER_REQUIRED);
	pair->holds = true;
	client = pair_connect(pair);
	pair_ask(pair, client, "POST", "/swallow", MIB, &ask);
	pair_run_for(pair, 200);
	assert_false(ask.is_done);
	assert_int_equal(pair->closed_broken, 0);
	http_client_free(client);
}

static void
a_connection_that_never_asks_is_closed(void **state)
{
	struct pair *pair = *state;
	struct http_client *client;

	pair->limits.idle_ms = 40;
	pair_serve(pair, TLS_PEER_REQUIRED);
	client = pair_connect(pair);
	pair_run_for(pair, 800);
	assert_int_equal(http_server_counts(pair->server).connections, 0);
	assert_int_equal(pair->refused, 1);
	assert_false(http_client_is_usable(client));
	http_client_free(client);
}

static void
a_silent_connection_does_not_hold_its_place(void **state)
{
	struct pair *pair = *state;
	struct net_peer peer = { .is_local = true };
	struct error err = { 0 };
	int fds[2];

	pair->limits.handshake_ms = 40;
	pair->limits.idle_ms = 40;
	pair_serve(pair, TLS_PEER_REQUIRED);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0,
			     fds),
	    0);
	assert_int_equal(http_server_serve(pair->server, fds[1], &peer, &err),
	    0);
	for (int i = 0; i < 30 && pair->refused == 0; i++) {
		char drain[1024];

		pair_run_for(pair, 20);
		(void)!read(fds[0], drain, sizeof(drain));
		if (i == 20)
			shutdown(fds[0], SHUT_RDWR);
	}
	assert_int_equal(pair->refused, 1);
	assert_int_equal(http_server_counts(pair->server).connections, 0);
	close(fds[0]);
}

static void
a_peer_that_says_nothing_is_given_up(void **state)
{
	struct pair *pair = *state;
	struct http_client_options options;
	struct http_client *client;
	struct pair_ask ask;
	struct error err = { 0 };
	int fds[2];

	pair->limits.ping_ms = 40;
	options = pair_client_options(pair);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	options.tls = NULL;
	options.fd = fds[0];
	assert_int_equal(http_client_new(&options, &client, &err), 0);
	pair_ask_wait(pair, client, "GET", "/hello", 0, &ask);

	assert_int_equal(ask.err.code, ERROR_BUSY);
	assert_string_equal(ask.err.id, "E6006");
	http_client_free(client);
	close(fds[1]);
}

static void
an_answer_that_does_not_come_is_given_up(void **state)
{
	struct pair *pair = *state;
	struct http_client *client;
	struct pair_ask ask;

	pair->limits.request_ms = 40;
	pair_serve(pair, TLS_PEER_REQUIRED);
	client = pair_connect(pair);
	pair_ask_wait(pair, client, "GET", "/park", 0, &ask);
	assert_int_equal(ask.err.code, ERROR_BUSY);
	assert_string_equal(ask.err.id, "E6006");
	pair_run_for(pair, 20);
	assert_int_equal(pair->closed_broken, 1);
	pair_ask_wait(pair, client, "GET", "/hello", 0, &ask);
	assert_int_equal(ask.status, 200);
	http_client_free(client);
}

/* A client freed at the worst moments: inside its own callbacks. */
struct farewell {
	struct http_client *client;
	bool is_gone;
};

static void
leave_at_body(void *ctx, struct http_stream *stream, const uint8_t *data,
    size_t len)
{
	struct farewell *farewell = ctx;

	(void)stream;
	(void)data;
	(void)len;
	http_client_free(farewell->client);
	farewell->is_gone = true;
}

static void
leave_at_end(void *ctx, struct http_stream *stream, const struct error *err)
{
	struct farewell *farewell = ctx;

	(void)stream;
	(void)err;
	http_client_free(farewell->client);
	farewell->is_gone = true;
}

static void
leave_at_closed(void *ctx, const struct error *err)
{
	leave_at_end(ctx, NULL, err);
}

static void
ignore_end(void *ctx, struct http_stream *stream, const struct error *err)
{
	(void)ctx;
	(void)stream;
	(void)err;
}

static void
leave_by(struct pair *pair, const char *target,
    const struct http_stream_events *events)
{
	struct http_outgoing request = { .method = "GET", .target = target };
	struct farewell farewell = { .client = pair_connect(pair) };
	struct http_stream *stream;
	struct error err = { 0 };

	for (int i = 0; i < 3; i++)
		assert_int_equal(http_client_send(farewell.client, &request,
				     events, &farewell, &stream, &err),
		    0);
	pair_run_until(pair, &farewell.is_gone);
}

static void
a_client_may_be_freed_in_its_callbacks(void **state)
{
	static const struct http_stream_events at_body = {
		.on_body = leave_at_body,
		.on_end = ignore_end,
	};
	static const struct http_stream_events at_end = {
		.on_end = leave_at_end,
	};
	static const struct http_client_events at_closed = {
		.on_closed = leave_at_closed,
	};
	struct pair *pair = *state;
	struct http_client_options options;
	struct farewell farewell = { 0 };
	struct error err = { 0 };
	int fds[2];

	pair_serve(pair, TLS_PEER_REQUIRED);
	leave_by(pair, "/stream?size=100000", &at_body);
	leave_by(pair, "/stream?size=100000", &at_end);
	leave_by(pair, "/hello", &at_end);

	options = pair_client_options(pair);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	options.tls = NULL;
	options.fd = fds[0];
	options.events = &at_closed;
	options.ctx = &farewell;
	assert_int_equal(http_client_new(&options, &farewell.client, &err), 0);
	close(fds[1]);
	pair_run_until(pair, &farewell.is_gone);
}

static void
what_is_not_http2_is_refused(void **state)
{
	static const char old[] = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
	struct pair *pair = *state;
	struct net_peer peer = { .is_local = true };
	struct error err = { 0 };
	int fds[2];

	pair_serve(pair, TLS_PEER_REQUIRED);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0,
			     fds),
	    0);
	assert_int_equal(write(fds[0], old, sizeof(old)), sizeof(old));
	assert_int_equal(http_server_serve(pair->server, fds[1], &peer, &err),
	    0);
	pair_run_for(pair, 30);
	assert_int_equal(pair->refused, 1);
	assert_int_equal(pair->refusal.code, ERROR_MALFORMED);
	close(fds[0]);
}

/* A client made of plain bytes: preface, empty settings, then `frames`. */
static int
raw_client(struct pair *pair, const void *frames, size_t len)
{
	static const uint8_t preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
					 "\0\0\0\4\0\0\0\0";
	struct net_peer peer = { .is_local = true };
	struct error err = { 0 };
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0,
			     fds),
	    0);
	assert_int_equal(http_server_serve(pair->server, fds[1], &peer, &err),
	    0);
	assert_int_equal(write(fds[0], preface, sizeof(preface)),
	    sizeof(preface));
	assert_int_equal(write(fds[0], frames, len), len);
	return fds[0];
}

static void
a_peer_that_takes_nothing_is_cut_off(void **state)
{
	/* GET /stream, of more bytes than any buffer holds. */
	static const uint8_t request[] = "\0\0\x1f\1\5\0\0\0\1"
					 "\x82\x86\1\1h\4\x18"
					 "/stream?size=99999999999";
	struct pair *pair = *state;
	int fd;

	pair->limits.write_ms = 40;
	pair_serve(pair, TLS_PEER_REQUIRED);
	fd = raw_client(pair, request, sizeof(request) - 1);
	pair_run_for(pair, 20);
	assert_int_equal(http_server_counts(pair->server).streams, 1);
	pair_run_for(pair, 300);
	assert_int_equal(pair->closed_broken, 1);
	close(fd);
}

static void
header_fields_that_never_end_are_cut_off(void **state)
{
	/* Some fields, without END_HEADERS. */
	static const uint8_t request[] = "\0\0\5\1\1\0\0\0\1"
					 "\x82\x86\1\1h";
	struct pair *pair = *state;
	int fd;

	pair->limits.headers_ms = 40;
	pair_serve(pair, TLS_PEER_REQUIRED);
	fd = raw_client(pair, request, sizeof(request) - 1);
	pair_run_for(pair, 200);
	assert_int_equal(http_server_counts(pair->server).connections, 0);
	assert_int_equal(http_server_counts(pair->server).requests, 0);
	assert_string_equal(pair->refusal.id, "E6006");
	close(fd);
}

static void
forbidden_header_fields_reset_the_stream(void **state)
{
	/* "connection: close" has no place in HTTP/2. */
	static const uint8_t request[] = "\0\0\x18\1\5\0\0\0\1"
					 "\x82\x86\x84\1\1h"
					 "\0\x0a"
					 "connection\5close";
	struct pair *pair = *state;
	int fd;

	pair_serve(pair, TLS_PEER_REQUIRED);
	fd = raw_client(pair, request, sizeof(request) - 1);
	pair_run_for(pair, 30);
	assert_int_equal(http_server_counts(pair->server).requests, 0);
	assert_int_equal(http_server_counts(pair->server).streams, 0);
	close(fd);
}

/* The command line's way: a local socket, files on both ends. */
static void
a_call_sends_and_keeps_files(void **state)
{
	struct pair *pair = *state;
	char folder[] = "/tmp/test_http.XXXXXX";
	char path[64];
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int listen_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	struct http_client_options options;
	struct http_answer answer = { 0 };
	struct http_call call = {
		.method = "POST",
		.target = "/swallow",
		.answer_fd = -1,
	};
	struct error err = { 0 };
	FILE *file = tmpfile();

	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/control.sock", folder);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	assert_int_equal(bind(listen_fd, (struct sockaddr *)&address,
			     sizeof(address)),
	    0);
	assert_int_equal(listen(listen_fd, 4), 0);
	pair_serve(pair, TLS_PEER_REQUIRED);
	assert_int_equal(http_server_listen(pair->server, listen_fd, &err), 0);
	options = pair_client_options(pair);
	options.unix_path = path;

	for (int i = 0; i < 100000; i++)
		fputs("0123456789", file);
	rewind(file);
	call.body_fd = fileno(file);
	assert_int_equal(http_call(&options, &call, &answer, &err), 0);
	assert_int_equal(answer.status, 200);
	assert_string_equal(answer.content_type, "text/plain");
	assert_int_equal(answer.body.len, 7);
	assert_memory_equal(answer.body.data, "1000000", 7);
	http_answer_free(&answer);

	call = (struct http_call){
		.method = "GET",
		.target = "/stream?size=3000000",
		.body_fd = -1,
		.answer_fd = fileno(file),
	};
	assert_int_equal(http_call(&options, &call, &answer, &err), 0);
	assert_int_equal(lseek(fileno(file), 0, SEEK_CUR), 4000000);
	http_answer_free(&answer);

	call.target = "/nowhere";
	assert_int_equal(http_call(&options, &call, &answer, &err), 0);
	assert_int_equal(answer.status, 404);
	assert_memory_equal(answer.body.data, "no", 2);
	assert_int_equal(lseek(fileno(file), 0, SEEK_CUR), 4000000);
	http_answer_free(&answer);

	http_server_free(pair->server);
	pair->server = NULL;
	close(listen_fd);
	assert_int_equal(http_call(&options, &call, &answer, &err), -1);
	assert_int_equal(err.code, ERROR_BUSY);
	assert_string_equal(err.id, "E6004");

	fclose(file);
	unlink(path);
	rmdir(folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    forbidden_header_fields_reset_the_stream, set_up_plain,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    header_fields_that_never_end_are_cut_off, set_up_plain,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    a_peer_that_takes_nothing_is_cut_off, set_up_plain,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    an_answer_has_status_headers_and_body, set_up_plain,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    a_long_body_goes_up_in_constant_memory, set_up_plain,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    a_long_body_comes_down_in_constant_memory, set_up_plain,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    a_consumer_that_stops_stops_the_sender, set_up_plain,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    a_client_that_stops_reading_stops_the_server, set_up_plain,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    a_parked_request_is_answered_later, set_up_plain,
		    tear_down),
		cmocka_unit_test_setup_teardown(a_source_that_waits_is_resumed,
		    set_up_plain, tear_down),
		cmocka_unit_test_setup_teardown(
		    a_cancelled_request_is_closed_at_the_server, set_up_plain,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    a_request_cancelled_before_it_left_never_arrives,
		    set_up_plain, tear_down),
		cmocka_unit_test_setup_teardown(
		    a_client_that_vanishes_closes_its_requests, set_up_plain,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    a_server_that_vanishes_is_temporary, set_up_plain,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    a_thousand_streams_live_side_by_side, set_up_plain,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    streams_beyond_the_limit_wait_for_their_turn, set_up_plain,
		    tear_down),
		cmocka_unit_test_setup_teardown(draining_finishes_what_runs,
		    set_up_plain, tear_down),
		cmocka_unit_test_setup_teardown(
		    draining_an_idle_server_ends_at_once, set_up_plain,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    an_early_answer_stops_the_upload, set_up_plain, tear_down),
		cmocka_unit_test_setup_teardown(
		    bad_requests_never_reach_the_handler, set_up_plain,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    too_many_header_bytes_are_refused, set_up_plain, tear_down),
		cmocka_unit_test_setup_teardown(a_body_that_drips_is_cut_off,
		    set_up_plain, tear_down),
		cmocka_unit_test_setup_teardown(
		    a_handler_may_take_its_time_with_a_body, set_up_plain,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    a_connection_that_never_asks_is_closed, set_up_plain,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    a_silent_connection_does_not_hold_its_place, set_up_plain,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    a_peer_that_says_nothing_is_given_up, set_up_plain,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    an_answer_that_does_not_come_is_given_up, set_up_plain,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    a_client_may_be_freed_in_its_callbacks, set_up_plain,
		    tear_down),
		cmocka_unit_test_setup_teardown(what_is_not_http2_is_refused,
		    set_up_plain, tear_down),
		cmocka_unit_test_setup_teardown(a_call_sends_and_keeps_files,
		    set_up_plain, tear_down),
		cmocka_unit_test_setup_teardown(
		    an_answer_has_status_headers_and_body, set_up_tls,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    a_long_body_goes_up_in_constant_memory, set_up_tls,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    a_long_body_comes_down_in_constant_memory, set_up_tls,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    a_consumer_that_stops_stops_the_sender, set_up_tls,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    a_client_that_stops_reading_stops_the_server, set_up_tls,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    a_parked_request_is_answered_later, set_up_tls, tear_down),
		cmocka_unit_test_setup_teardown(a_source_that_waits_is_resumed,
		    set_up_tls, tear_down),
		cmocka_unit_test_setup_teardown(
		    a_cancelled_request_is_closed_at_the_server, set_up_tls,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    a_request_cancelled_before_it_left_never_arrives,
		    set_up_tls, tear_down),
		cmocka_unit_test_setup_teardown(
		    a_client_that_vanishes_closes_its_requests, set_up_tls,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    a_server_that_vanishes_is_temporary, set_up_tls, tear_down),
		cmocka_unit_test_setup_teardown(
		    a_thousand_streams_live_side_by_side, set_up_tls,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    streams_beyond_the_limit_wait_for_their_turn, set_up_tls,
		    tear_down),
		cmocka_unit_test_setup_teardown(draining_finishes_what_runs,
		    set_up_tls, tear_down),
		cmocka_unit_test_setup_teardown(
		    an_early_answer_stops_the_upload, set_up_tls, tear_down),
		cmocka_unit_test_setup_teardown(
		    bad_requests_never_reach_the_handler, set_up_tls,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    too_many_header_bytes_are_refused, set_up_tls, tear_down),
		cmocka_unit_test_setup_teardown(a_body_that_drips_is_cut_off,
		    set_up_tls, tear_down),
		cmocka_unit_test_setup_teardown(
		    a_handler_may_take_its_time_with_a_body, set_up_tls,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    a_connection_that_never_asks_is_closed, set_up_tls,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    an_answer_that_does_not_come_is_given_up, set_up_tls,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    a_client_may_be_freed_in_its_callbacks, set_up_tls,
		    tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
