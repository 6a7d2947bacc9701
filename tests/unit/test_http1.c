/*
 * HTTP/1.1 (T-WEB-01): what two readers could take for different things is
 * refused, and from one connection there are never two requests where there
 * should be one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "http/http1_parse.h"
#include "http/http_request.h"
#include "http/http_server.h"
#include "sys/loop.h"
#include "sys/net.h"

#define HEAD "GET /hello HTTP/1.1\r\nHost: a\r\n"
#define POST "POST /swallow HTTP/1.1\r\nHost: a\r\n"

/* One line of the table of security.md 3.5 each. */
static const char *const refused[] = {
	/* Line ends. */
	"GET /hello HTTP/1.1\nHost: a\n\n",
	"GET /hello HTTP/1.1\nHost: a\r\n\r\n",
	"GET /hello HTTP/1.1\r\nHost: a\n\r\n",
	"GET /hello HTTP/1.1\r\nHost: a\r\n\n",
	"GET /hello HTTP/1.1\rHost: a\r\r",
	"GET /hello HTTP/1.1\r\nHost: a\r\rX: y\r\n\r\n",
	HEAD "X: a\rb\r\n\r\n",
	HEAD "X: a\nb: c\r\n\r\n",
	HEAD "X: a\r\r\nb: c\r\n\r\n",
	HEAD "\rX: a\r\n\r\n",
	"\r\nGET /hello HTTP/1.1\r\nHost: a\r\n\r\n",
	"\nGET /hello HTTP/1.1\r\nHost: a\r\n\r\n",
	"\r\n\r\n",
	/* The request line. */
	" GET /hello HTTP/1.1\r\nHost: a\r\n\r\n",
	"GET  /hello HTTP/1.1\r\nHost: a\r\n\r\n",
	"GET /hello  HTTP/1.1\r\nHost: a\r\n\r\n",
	"GET\t/hello HTTP/1.1\r\nHost: a\r\n\r\n",
	"GET /hello\tHTTP/1.1\r\nHost: a\r\n\r\n",
	"GET /hello HTTP/1.1 \r\nHost: a\r\n\r\n",
	"GET /hello\r\nHost: a\r\n\r\n",
	"GET\r\nHost: a\r\n\r\n",
	"GET /hello HTTP/1.0\r\nHost: a\r\n\r\n",
	"GET /hello HTTP/0.9\r\nHost: a\r\n\r\n",
	"GET /hello HTTP/1.2\r\nHost: a\r\n\r\n",
	"GET /hello HTTP/2.0\r\nHost: a\r\n\r\n",
	"GET /hello HTTP/01.1\r\nHost: a\r\n\r\n",
	"GET /hello HTTP/1.10\r\nHost: a\r\n\r\n",
	"GET /hello http/1.1\r\nHost: a\r\n\r\n",
	"GET /hello HTTPS/1.1\r\nHost: a\r\n\r\n",
	"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
	"get /hello HTTP/1.1\r\nHost: a\r\n\r\n",
	"G3T /hello HTTP/1.1\r\nHost: a\r\n\r\n",
	"GET,POST /hello HTTP/1.1\r\nHost: a\r\n\r\n",
	"ABCDEFGHIJKLMNOPQ /hello HTTP/1.1\r\nHost: a\r\n\r\n",
	"GET hello HTTP/1.1\r\nHost: a\r\n\r\n",
	"GET http://a/hello HTTP/1.1\r\nHost: a\r\n\r\n",
	"GET https://b/hello HTTP/1.1\r\nHost: a\r\n\r\n",
	"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
	"CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n",
	"GET /hel\x01lo HTTP/1.1\r\nHost: a\r\n\r\n",
	"GET /\xe9 HTTP/1.1\r\nHost: a\r\n\r\n",
	/* The host. */
	"GET /hello HTTP/1.1\r\n\r\n",
	"GET /hello HTTP/1.1\r\nHost:\r\n\r\n",
	"GET /hello HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
	"GET /hello HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
	"GET /hello HTTP/1.1\r\nHost: a\r\nhost: b\r\n\r\n",
	"GET /hello HTTP/1.1\r\nHost: a, b\r\n\r\n",
	"GET /hello HTTP/1.1\r\nHost: a b\r\n\r\n",
	"GET /hello HTTP/1.1\r\nHost: a/b\r\n\r\n",
	"GET /hello HTTP/1.1\r\nHost: a@b\r\n\r\n",
	"GET /hello HTTP/1.1\r\nHost: a?b\r\n\r\n",
	"GET /hello HTTP/1.1\r\nHost : a\r\n\r\n",
	"GET /hello HTTP/1.1\r\n Host: a\r\n\r\n",
	/* Fields. */
	HEAD " X: folded\r\n\r\n",
	HEAD "X: a\r\n b\r\n\r\n",
	HEAD "X: a\r\n\tb\r\n\r\n",
	HEAD "X : a\r\n\r\n",
	HEAD "X\t: a\r\n\r\n",
	HEAD ": a\r\n\r\n",
	HEAD "X\r\n\r\n",
	HEAD "X y: a\r\n\r\n",
	HEAD "X(y): a\r\n\r\n",
	HEAD "X[y]: a\r\n\r\n",
	HEAD "X/y: a\r\n\r\n",
	HEAD "\"X\": a\r\n\r\n",
	HEAD ":path: /other\r\n\r\n",
	HEAD "X\x7f: a\r\n\r\n",
	HEAD "X\xc3\xa9: a\r\n\r\n",
	HEAD "X: a\x01\r\n\r\n",
	HEAD "X: a\x0b\r\n\r\n",
	HEAD "X: a\x1b[2J\r\n\r\n",
	HEAD "X: a\x7f\r\n\r\n",
	HEAD "X: \xc3\xa9\r\n\r\n",
	HEAD "X: a\r\nX: b\r\n\r\n",
	HEAD "X: a\r\nx: a\r\n\r\n",
	/* Transfer-Encoding, in every dress. */
	POST "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
	POST "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\nabc",
	POST "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nabc",
	POST "transfer-encoding: chunked\r\n\r\n0\r\n\r\n",
	POST "TRANSFER-ENCODING: CHUNKED\r\n\r\n0\r\n\r\n",
	POST "Transfer-Encoding: xchunked\r\nContent-Length: 3\r\n\r\nabc",
	POST "Transfer-Encoding: identity\r\nContent-Length: 3\r\n\r\nabc",
	POST "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
	POST "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
	POST "Transfer-Encoding:\r\nContent-Length: 3\r\n\r\nabc",
	POST "Transfer-Encoding:\tchunked\r\n\r\n0\r\n\r\n",
	POST "Transfer-Encoding: \x0b"
	     "chunked\r\n\r\n0\r\n\r\n",
	POST "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
	POST " Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
	POST "X: a\r\n Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
	POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n",
	POST "Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n",
	POST "Transfer\r\n-Encoding: chunked\r\n\r\n0\r\n\r\n",
	POST "Trailer: x\r\nContent-Length: 3\r\n\r\nabc",
	/* Of chunks nothing is read, whatever their sizes and extensions. */
	POST "Transfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n0\r\n\r\n",
	POST "Transfer-Encoding: chunked\r\n\r\n3;\n\nabc\r\n0\r\n\r\n",
	POST "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nabc",
	POST "Transfer-Encoding: chunked\r\n\r\n10000000000000003\r\nabc\r\n0",
	POST "Transfer-Encoding: chunked\r\n\r\n-1\r\nabc\r\n0\r\n\r\n",
	POST "Transfer-Encoding: chunked\r\n\r\n+3\r\nabc\r\n0\r\n\r\n",
	POST "Transfer-Encoding: chunked\r\n\r\n0x3\r\nabc\r\n0\r\n\r\n",
	POST "Transfer-Encoding: chunked\r\n\r\n00000000000000003\r\nabc\r\n0",
	POST "Transfer-Encoding: chunked\r\n\r\n3 \r\nabc\r\n0\r\n\r\n",
	POST "Transfer-Encoding: chunked\r\n\r\n3\nabc\n0\n\n",
	POST "Transfer-Encoding: chunked\r\n\r\n0\r\nX: y\r\n\r\n",
	/* Content-Length. */
	POST "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
	POST "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
	POST "Content-Length: 3\r\ncontent-length: 0\r\n\r\nabc",
	POST "Content-Length: 3, 3\r\n\r\nabc",
	POST "Content-Length: +3\r\n\r\nabc",
	POST "Content-Length: -3\r\n\r\nabc",
	POST "Content-Length: -0\r\n\r\n",
	POST "Content-Length: 0x3\r\n\r\nabc",
	POST "Content-Length: 03\r\n\r\nabc",
	POST "Content-Length: 00\r\n\r\n",
	POST "Content-Length: 3.0\r\n\r\nabc",
	POST "Content-Length: 3e0\r\n\r\nabc",
	POST "Content-Length: 3 \x0b\r\n\r\nabc",
	POST "Content-Length: 3 3\r\n\r\nabc",
	POST "Content-Length: 1_0\r\n\r\nabc",
	POST "Content-Length: three\r\n\r\nabc",
	POST "Content-Length:\r\n\r\nabc",
	POST "Content-Length: \"3\"\r\n\r\nabc",
	POST "Content-Length: 9223372036854775808\r\n\r\nabc",
	POST "Content-Length: 18446744073709551619\r\n\r\nabc",
	POST "Content-Length: 99999999999999999999999999\r\n\r\nabc",
	POST "Content_Length : 3\r\n\r\nabc",
	/* What would make it another protocol, or hide a field. */
	HEAD "Upgrade: h2c\r\n\r\n",
	HEAD "Upgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
	HEAD "HTTP2-Settings: AAMAAABk\r\n\r\n",
	HEAD "Connection: Upgrade, HTTP2-Settings\r\n\r\n",
	HEAD "Connection: cookie\r\n\r\n",
	HEAD "Connection: close, content-length\r\n\r\n",
	HEAD "Connection: close;\r\n\r\n",
	POST "Expect: 200-maybe\r\nContent-Length: 3\r\n\r\nabc",
	POST "Expect: 100-continue, x\r\nContent-Length: 3\r\n\r\nabc",
	/* More than one request at a time. */
	HEAD "\r\nGET /hello HTTP/1.1\r\nHost: a\r\n\r\n",
	HEAD "\r\n\r\n",
	HEAD "\r\nx",
	HEAD "Content-Length: 0\r\n\r\nGET /hello HTTP/1.1\r\n",
	POST "Content-Length: 3\r\n\r\nabcGET /hello HTTP/1.1\r\n",
	POST "Content-Length: 0\r\n\r\nGET /hello HTTP/1.1\r\nHost: a\r\n\r\n",
	POST "\r\nGET /hello HTTP/1.1\r\nHost: a\r\n\r\n",
};

/* ---- a server at one end of a socket pair -------------------------------- */

struct world {
	struct loop *loop;
	struct http_server *server;
	int fd; /* the client's end */
	int requests;
	int ends;
	uint64_t received;
	bool holds; /* consumes nothing */
	struct http_request *parked;
	char said[65536]; /* what came from the server */
	size_t said_len;
	bool is_closed; /* by the server */
};

static void
on_body(void *ctx, struct http_request *request, const uint8_t *data,
    size_t len)
{
	struct world *world = ctx;

	(void)data;
	world->received += len;
	if (!world->holds)
		http_request_consume(request, len);
}

static void
answer(struct http_request *request, int status, const char *text)
{
	struct bytes bytes = { 0 };
	struct http_body body = { .bytes = &bytes };

	bytes_put_text(&bytes, text);
	http_request_answer(request, status, NULL, 0, &body);
	bytes_free(&bytes);
}

static void
on_body_end(void *ctx, struct http_request *request)
{
	struct world *world = ctx;
	char text[32];

	world->ends++;
	snprintf(text, sizeof(text), "%llu",
	    (unsigned long long)world->received);
	answer(request, 200, text);
}

static const struct http_request_events events = {
	.on_body = on_body,
	.on_body_end = on_body_end,
};

static enum http_pull
pull_once(void *ctx, uint8_t *to, size_t size, size_t *ret_len)
{
	(void)ctx;
	assert_true(size >= 4);
	memcpy(to, "tick", 4);
	*ret_len = 4;
	return HTTP_PULL_END;
}

static void
on_request(void *ctx, struct http_request *request)
{
	struct world *world = ctx;
	const char *path = http_request_target(request)->path;
	struct http_body body = { .pull = pull_once };

	world->requests++;
	http_request_handle(request, &events, world);
	if (text_equal(path, "/hello")) {
		assert_string_equal(http_request_authority(request), "a");
		answer(request, 200, "hello");
	} else if (text_equal(path, "/park"))
		world->parked = request;
	else if (text_equal(path, "/early"))
		answer(request, 413, "no");
	else if (text_equal(path, "/empty"))
		http_request_answer(request, 204, NULL, 0, NULL);
	else if (text_equal(path, "/unknown-length"))
		http_request_answer(request, 200, NULL, 0, &body);
	else if (http_request_is_bodiless(request))
		answer(request, 200, "0");
}

static const struct http_server_events server_events = {
	.on_request = on_request,
};

static void
connect_world(struct world *world)
{
	struct net_peer peer = { .is_local = true };
	struct error err = { 0 };
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0,
			     fds),
	    0);
	assert_int_equal(http_server_serve(world->server, fds[1], &peer, &err),
	    0);
	world->fd = fds[0];
	world->said_len = 0;
	world->said[0] = '\0';
	world->is_closed = false;
	world->requests = world->ends = 0;
	world->received = 0;
}

static int
set_up(void **state)
{
	struct world *world = calloc(1, sizeof(*world));
	struct http_server_options options = {
		.is_http1 = true,
		.events = &server_events,
		.ctx = world,
	};
	struct error err = { 0 };

	assert_int_equal(loop_new(&world->loop, &err), 0);
	options.loop = world->loop;
	assert_int_equal(http_server_new(&options, &world->server, &err), 0);
	connect_world(world);
	*state = world;
	return 0;
}

static int
tear_down(void **state)
{
	struct world *world = *state;

	http_server_free(world->server);
	loop_free(world->loop);
	close(world->fd);
	free(world);
	return 0;
}

static void
listen_to(struct world *world)
{
	struct error err = { 0 };

	for (int i = 0; i < 8; i++) {
		ssize_t count;

		assert_int_equal(loop_run_once(world->loop, &err), 0);
		count = read(world->fd, world->said + world->said_len,
		    sizeof(world->said) - 1 - world->said_len);
		world->is_closed = world->is_closed || count == 0;
		if (count > 0)
			world->said_len += (size_t)count;
		world->said[world->said_len] = '\0';
	}
}

static void
say(struct world *world, const char *text)
{
	size_t len = strlen(text);

	assert_int_equal(write(world->fd, text, len), (ssize_t)len);
	listen_to(world);
}

static bool
has_said(const struct world *world, const char *text)
{
	return strstr(world->said, text) != NULL;
}

static size_t
count_answers(const struct world *world)
{
	size_t count = 0;

	for (const char *at = world->said;
	     (at = strstr(at, "HTTP/1.1 ")) != NULL; at++)
		count++;
	return count;
}

/* ---- tests ----------------------------------------------------------------- */

static void
every_line_of_the_table_is_refused_and_ends_the_connection(void **state)
{
	struct world *world = *state;

	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		close(world->fd);
		connect_world(world);
		say(world, refused[i]);
		if (world->requests != 0 || !world->is_closed ||
		    !text_starts(world->said, "HTTP/1.1 400 ") ||
		    count_answers(world) != 1)
			fail_msg("line %zu was not refused: %s", i, refused[i]);
	}
	assert_true(ARRAY_LEN(refused) >= 120);
}

/* The same bytes, one at a time: where they are cut changes nothing. */
static void
cuts_change_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		struct http1_reader whole = { 0 };
		struct http1_reader cut = { 0 };
		const uint8_t *data = (const uint8_t *)refused[i];
		size_t len = strlen(refused[i]);
		struct error err = { 0 };
		struct error cut_err = { 0 };
		size_t used = 0;
		size_t more;
		size_t at = 0;
		int rc = http1_read(&whole, data, len, &used, &err);
		int cut_rc = 0;

		while (cut_rc == 0 && at < len) {
			cut_rc =
			    http1_read(&cut, data + at, 1, &more, &cut_err);
			at++;
		}
		assert_int_equal(rc, cut_rc);
		if (rc > 0)
			assert_int_equal(used, at);
		bytes_free(&whole.text);
		bytes_free(&cut.text);
	}
}

static void
requests_follow_each_other_on_a_connection(void **state)
{
	struct world *world = *state;

	for (int i = 0; i < 3; i++) {
		say(world, HEAD "Connection: keep-alive\r\n\r\n");
		assert_int_equal(world->requests, i + 1);
	}
	say(world, POST "Content-Length: 3\r\n\r\nabc");
	assert_true(has_said(world, "content-length: 5\r\n\r\nhello"));
	assert_true(has_said(world, "\r\n\r\n3"));
	assert_int_equal(count_answers(world), 4);
	assert_false(world->is_closed);
	say(world, HEAD "Connection: close\r\n\r\n");
	assert_int_equal(count_answers(world), 5);
	assert_true(has_said(world, "connection: close"));
	assert_true(world->is_closed);
}

static void
head_has_a_length_and_no_body(void **state)
{
	struct world *world = *state;

	say(world, "HEAD /hello HTTP/1.1\r\nHost: a\r\n\r\n");
	assert_true(has_said(world, "content-length: 5\r\n\r\n"));
	assert_false(has_said(world, "hello"));
	say(world, "GET /empty HTTP/1.1\r\nHost: a\r\n\r\n");
	assert_true(has_said(world, "HTTP/1.1 204 OK\r\n\r\n"));
	assert_false(world->is_closed);
}

static void
an_answer_of_unknown_length_ends_with_the_connection(void **state)
{
	struct world *world = *state;

	say(world, "GET /unknown-length HTTP/1.1\r\nHost: a\r\n\r\n");
	assert_true(has_said(world, "connection: close\r\n\r\ntick"));
	assert_false(has_said(world, "content-length"));
	assert_true(world->is_closed);
}

/* What comes before the answer is never a request of its own. */
static void
what_comes_before_the_answer_is_dropped(void **state)
{
	struct world *world = *state;

	say(world, "GET /park HTTP/1.1\r\nHost: a\r\n\r\n");
	say(world, HEAD "\r\n");
	assert_int_equal(world->requests, 1);
	answer(world->parked, 200, "late");
	listen_to(world);
	assert_int_equal(world->requests, 1);
	assert_int_equal(count_answers(world), 1);
	assert_true(has_said(world, "connection: close\r\n\r\nlate"));
	assert_true(world->is_closed);
}

static void
a_body_beyond_its_length_is_dropped(void **state)
{
	struct world *world = *state;

	say(world, POST "Content-Length: 3\r\n\r\na");
	say(world, "bcGET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
	assert_int_equal(world->requests, 1);
	assert_int_equal(world->ends, 1);
	assert_int_equal(world->received, 3);
	assert_int_equal(count_answers(world), 1);
	assert_true(world->is_closed);
}

static void
who_is_refused_early_cannot_go_on_with_its_body(void **state)
{
	struct world *world = *state;

	say(world,
	    "POST /early HTTP/1.1\r\nHost: a\r\n"
	    "Content-Length: 30\r\n\r\nGET /hello HTTP");
	say(world, "/1.1\r\nHost: a\r\n\r\n");
	assert_int_equal(world->requests, 1);
	assert_true(has_said(world, "HTTP/1.1 413 "));
	assert_true(has_said(world, "connection: close"));
	assert_int_equal(count_answers(world), 1);
}

static void
who_waits_is_told_to_go_on(void **state)
{
	struct world *world = *state;

	say(world, POST "Expect: 100-Continue\r\nContent-Length: 3\r\n\r\n");
	assert_string_equal(world->said, "HTTP/1.1 100 Continue\r\n\r\n");
	say(world, "abc");
	assert_true(has_said(world, "HTTP/1.1 200 OK\r\n"));
	close(world->fd);
	connect_world(world);
	say(world,
	    "POST /early HTTP/1.1\r\nHost: a\r\n"
	    "Expect: 100-continue\r\nContent-Length: 3\r\n\r\n");
	assert_true(text_starts(world->said, "HTTP/1.1 413 "));
}

static void
a_head_has_limits(void **state)
{
	struct world *world = *state;
	char line[64];

	say(world, HEAD);
	for (int i = 0; i < 60 && !world->is_closed; i++) {
		snprintf(line, sizeof(line), "x-%d: y\r\n", i);
		say(world, line);
	}
	assert_true(text_starts(world->said, "HTTP/1.1 431 "));
	assert_int_equal(world->requests, 0);

	close(world->fd);
	connect_world(world);
	say(world, HEAD "x: ");
	memset(line, 'y', sizeof(line) - 1);
	line[sizeof(line) - 1] = '\0';
	for (int i = 0; i < 400 && !world->is_closed; i++)
		say(world, line);
	assert_true(text_starts(world->said, "HTTP/1.1 431 "));
	assert_int_equal(world->requests, 0);
}

static void
a_reader_that_is_slow_stops_its_peer(void **state)
{
	static char piece[65536];
	struct world *world = *state;
	size_t sent = 0;

	memset(piece, 'z', sizeof(piece));
	world->holds = true;
	say(world, POST "Content-Length: 8388608\r\n\r\n");
	for (int i = 0; i < 400; i++) {
		ssize_t count = write(world->fd, piece, sizeof(piece));

		if (count > 0)
			sent += (size_t)count;
		listen_to(world);
	}
	assert_true(sent < 8388608);
	assert_true(world->received <= 256 * 1024);
}

static void
every_cookie_is_found_once(void **state)
{
	struct http1_reader reader = { 0 };
	struct http1_head head;
	struct error err = { 0 };
	size_t used;
	static const char text[] = HEAD "Cookie: a=1; bb=2;c=3\r\n\r\n";

	(void)state;
	assert_int_equal(http1_read(&reader, (const uint8_t *)text,
			     strlen(text), &used, &err),
	    1);
	assert_int_equal(http1_parse((char *)reader.text.data, reader.text.len,
			     &head, &err),
	    0);
	assert_int_equal(head.field_count, 2);
	assert_string_equal(head.fields[1].value, "a=1; bb=2;c=3");
	bytes_free(&reader.text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    every_line_of_the_table_is_refused_and_ends_the_connection,
		    set_up, tear_down),
		cmocka_unit_test(cuts_change_nothing),
		cmocka_unit_test_setup_teardown(
		    requests_follow_each_other_on_a_connection, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(head_has_a_length_and_no_body,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    an_answer_of_unknown_length_ends_with_the_connection,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    what_comes_before_the_answer_is_dropped, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    a_body_beyond_its_length_is_dropped, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    who_is_refused_early_cannot_go_on_with_its_body, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(who_waits_is_told_to_go_on,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_head_has_limits, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    a_reader_that_is_slow_stops_its_peer, set_up, tear_down),
		cmocka_unit_test(every_cookie_is_found_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
