/*
 * Requests to servers outside of the network, against one that answers with
 * what a test puts there.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "http/http_fetch.h"
#include "sys/loop.h"

enum { REQUEST_SIZE = 4096 };

static struct loop *loop;
static struct http_fetcher *fetcher;

/* The server: one connection after another, each answered and closed. */
static int listening_fd = -1;
static struct loop_watch *listening;
static int connection_fd = -1;
static struct loop_watch *connection;
static unsigned port;
static const char *answer;
static char request[REQUEST_SIZE];
static int accepted;

/* What came of the last fetch. */
static int status;
static char type[64];
static char body[REQUEST_SIZE];
static struct error failure;
static int calls;

static void
on_request(void *ctx, unsigned events)
{
	ssize_t len = recv(connection_fd, request, sizeof(request) - 1, 0);

	(void)ctx;
	(void)events;
	request[len > 0 ? len : 0] = '\0';
	len = (ssize_t)strlen(answer);
	assert_int_equal(send(connection_fd, answer, (size_t)len, 0), len);
	loop_watch_free(connection);
	connection = NULL;
	close(connection_fd);
}

static void
on_connection(void *ctx, unsigned events)
{
	struct error err = { 0 };

	(void)ctx;
	(void)events;
	connection_fd = accept(listening_fd, NULL, NULL);
	assert_true(connection_fd >= 0);
	accepted++;
	assert_int_equal(loop_watch_new(loop, connection_fd, LOOP_READ,
			     on_request, NULL, &connection, &err),
	    0);
}

static int
set_up(void **state)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(address);
	struct error err = { 0 };

	(void)state;
	listening_fd = socket(AF_INET, SOCK_STREAM, 0);
	if (listening_fd < 0 ||
	    bind(listening_fd, (struct sockaddr *)&address, len) < 0 ||
	    listen(listening_fd, 8) < 0 ||
	    getsockname(listening_fd, (struct sockaddr *)&address, &len) < 0 ||
	    loop_new(&loop, &err) < 0 ||
	    loop_watch_new(loop, listening_fd, LOOP_READ, on_connection, NULL,
		&listening, &err) < 0 ||
	    http_fetcher_new(loop, "127.0.0.1", &fetcher, &err) < 0)
		return -1;
	port = ntohs(address.sin_port);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	http_fetcher_free(fetcher);
	loop_watch_free(listening);
	loop_free(loop);
	close(listening_fd);
	return 0;
}

static void
on_fetched(void *ctx, const struct http_fetched *fetched,
    const struct error *failed)
{
	(void)ctx;
	calls++;
	if (failed != NULL) {
		failure = *failed;
	} else {
		status = fetched->status;
		text_copy(type, sizeof(type), fetched->type);
		body[0] = '\0';
		if (fetched->body->len > 0)
			assert_true(text_copy_len(body, sizeof(body),
			    (const char *)fetched->body->data,
			    fetched->body->len));
	}
	loop_stop(loop);
}

/* Post "question" to the server, which answers with this. */
static void
fetch(const char *text, size_t answer_max)
{
	char url[64];
	struct http_fetch asked = { .url = url,
		.address = "",
		.type = "text/x-question",
		.body = "question",
		.body_len = 8,
		.answer_max = answer_max,
		.timeout_ms = 5000 };
	struct error err = { 0 };

	snprintf(url, sizeof(url), "http://127.0.0.1:%u/where", port);
	answer = text;
	status = calls = 0;
	failure = (struct error){ 0 };
	assert_int_equal(http_fetch(fetcher, &asked, on_fetched, NULL, &err),
	    0);
	assert_int_equal(loop_run(loop, &err), 0);
	assert_int_equal(calls, 1);
}

static void
what_the_server_says_comes_back(void **state)
{
	(void)state;
	fetch("HTTP/1.1 200 OK\r\nContent-Type: text/x-answer\r\n"
	      "Content-Length: 6\r\n\r\nanswer",
	    6);
	assert_int_equal(failure.code, ERROR_NONE);
	assert_int_equal(status, 200);
	assert_string_equal(type, "text/x-answer");
	assert_string_equal(body, "answer");
	assert_true(text_starts(request, "POST /where HTTP/1.1\r\n"));
	assert_non_null(strstr(request, "Content-Type: text/x-question\r\n"));
	fetch("HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n", 6);
	assert_int_equal(status, 503);
	assert_string_equal(body, "");
}

static void
too_long_an_answer_fails(void **state)
{
	(void)state;
	fetch("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nanswer", 5);
	assert_string_equal(failure.id, "E6305");
	/* Nor does it help to say no length. */
	fetch("HTTP/1.1 200 OK\r\n\r\nanswer", 5);
	assert_string_equal(failure.id, "E6305");
}

static void
a_redirect_is_not_followed(void **state)
{
	char text[160];
	int before = accepted;

	(void)state;
	snprintf(text, sizeof(text),
	    "HTTP/1.1 302 There\r\nLocation: http://127.0.0.1:%u/\r\n"
	    "Content-Length: 0\r\n\r\n",
	    port);
	fetch(text, 100);
	assert_int_equal(status, 302);
	assert_int_equal(accepted, before + 1);
}

static void
what_is_no_http_fails(void **state)
{
	static const char *const cases[] = { "", "SSH-2.0-x\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		fetch(cases[i], 100);
		assert_string_equal(failure.id, "E6305");
	}
}

static void
other_urls_are_refused(void **state)
{
	static const struct {
		const char *url, *address;
	} cases[] = {
		{ "", "" },
		{ "file:///etc/passwd", "" },
		{ "ftp://127.0.0.1/", "" },
		{ "gopher://127.0.0.1/", "" },
		{ "/etc/passwd", "" },
		/* A name would have to be looked up. */
		{ "http://tsa.example/", "" },
		{ "http://localhost/", "" },
		{ "http://user:word@127.0.0.1/", "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct http_fetch asked = { .url = cases[i].url,
			.address = cases[i].address,
			.type = "",
			.answer_max = 1,
			.timeout_ms = 1000 };
		struct error err = { 0 };

		if (http_fetch(fetcher, &asked, on_fetched, NULL, &err) == 0)
			fail_msg("%s", cases[i].url);
		assert_string_equal(err.id, "E1103");
	}
}

static void
a_name_goes_to_the_address_beside_it(void **state)
{
	char url[64], host[64];
	struct http_fetch asked = { .url = url,
		.address = "127.0.0.1",
		.type = "",
		.answer_max = 100,
		.timeout_ms = 5000 };
	struct error err = { 0 };

	(void)state;
	snprintf(url, sizeof(url), "http://tsa.example:%u/", port);
	snprintf(host, sizeof(host), "Host: tsa.example:%u\r\n", port);
	answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
	calls = status = 0;
	assert_int_equal(http_fetch(fetcher, &asked, on_fetched, NULL, &err),
	    0);
	assert_int_equal(loop_run(loop, &err), 0);
	assert_int_equal(status, 200);
	assert_true(text_starts(request, "GET / HTTP/1.1\r\n"));
	assert_non_null(strstr(request, host));
}

static void
what_is_under_way_ends_with_the_fetcher(void **state)
{
	struct http_fetcher *other = NULL;
	char url[64];
	struct http_fetch asked = { .url = url,
		.address = "",
		.type = "",
		.answer_max = 1,
		.timeout_ms = 5000 };
	struct error err = { 0 };

	(void)state;
	snprintf(url, sizeof(url), "http://127.0.0.1:%u/", port);
	calls = 0;
	assert_int_equal(http_fetcher_new(loop, "", &other, &err), 0);
	for (int i = 0; i < HTTP_FETCHES_MAX; i++)
		assert_int_equal(http_fetch(other, &asked, on_fetched, NULL,
				     &err),
		    0);
	assert_int_equal(http_fetch(other, &asked, on_fetched, NULL, &err), -1);
	assert_string_equal(err.id, "E6305");
	http_fetcher_free(other);
	assert_int_equal(calls, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_server_says_comes_back),
		cmocka_unit_test(too_long_an_answer_fails),
		cmocka_unit_test(a_redirect_is_not_followed),
		cmocka_unit_test(what_is_no_http_fails),
		cmocka_unit_test(other_urls_are_refused),
		cmocka_unit_test(a_name_goes_to_the_address_beside_it),
		cmocka_unit_test(what_is_under_way_ends_with_the_fetcher),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
