#include <netinet/in.h>
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

#include "base/text.h"
#include "envelope/bundle.h"
#include "harness/fake_host.h"
#include "http/http_path.h"
#include "role/courier/courier.h"
#include "role/courier/courier_target.h"
#include "sys/arena.h"
#include "sys/loop.h"
#include "sys/socket.h"

enum { CALLS_MAX = 200, LONG = 3 * 1024 * 1024 };

/* center-b, as the courier finds it. */
struct fixture {
	struct fake_host host;
	struct courier *courier;
	struct tls *tls;
	struct http_server *server;
	int listen_fd;
	size_t requests;
	struct bytes received; /* bodies of requests */
	char source[NET_HOST_SIZE];
	char time[64];
	struct http_request *parked;
	struct http_request *dripping;
	struct loop_timer *drops;
	bool is_drop_due;
	size_t answered; /* of the long answer */
};

/* ---- the other center ------------------------------------------------ */

static void
answer_text(struct http_request *request, int status, const char *text)
{
	static const struct http_header headers[] = {
		{ "content-type", "application/json" },
		{ "yizhan-time", "2026-11-22T03:04:05.678Z" },
		{ "yizhan-serials", "root=1" },
	};
	struct bytes bytes = { 0 };
	struct http_body body = { .bytes = &bytes };

	bytes_put_text(&bytes, text);
	http_request_answer(request, status, headers, ARRAY_LEN(headers),
	    &body);
	bytes_free(&bytes);
}

static enum http_pull
pull_long(void *ctx, uint8_t *to, size_t size, size_t *ret_len)
{
	struct fixture *fixture = ctx;
	size_t left = LONG - fixture->answered;

	*ret_len = size < left ? size : left;
	memset(to, 'x', *ret_len);
	fixture->answered += *ret_len;
	return fixture->answered == LONG ? HTTP_PULL_END : HTTP_PULL_MORE;
}

/* A byte whenever asked, as someone sends who wants to be waited for. */
static enum http_pull
pull_drop(void *ctx, uint8_t *to, size_t size, size_t *ret_len)
{
	struct fixture *fixture = ctx;

	if (size == 0 || !fixture->is_drop_due) {
		*ret_len = 0;
		return HTTP_PULL_WAIT;
	}
	fixture->is_drop_due = false;
	*to = 'x';
	*ret_len = 1;
	fixture->answered++;
	return HTTP_PULL_MORE;
}

static void
on_drop(void *ctx)
{
	struct fixture *fixture = ctx;

	fixture->is_drop_due = true;
	if (fixture->dripping != NULL)
		http_request_resume(fixture->dripping);
}

static void
answer_in_drops(struct fixture *fixture, struct http_request *request)
{
	struct http_body body = { .pull = pull_drop, .ctx = fixture };
	struct error err = { 0 };

	fixture->dripping = request;
	assert_int_equal(loop_timer_new(fixture->host.loop, on_drop, fixture,
			     &fixture->drops, &err),
	    0);
	loop_timer_repeat(fixture->drops, 50);
	http_request_answer(request, 200, NULL, 0, &body);
}

static void
answer_bundle(struct fixture *fixture, struct http_request *request,
    size_t content_len, bool is_whole)
{
	struct bytes bytes = { 0 };
	struct http_body body = { .bytes = &bytes };

	(void)fixture;
	bundle_put_magic(&bytes);
	bundle_put(&bytes, BUNDLE_WAYBILL, "w", 1);
	bundle_put(&bytes, BUNDLE_RECEIPT, "r", 1);
	bundle_put(&bytes, BUNDLE_LEAF, "l", 1);
	bundle_put(&bytes, BUNDLE_PATH, "p", 1);
	bundle_put_head(&bytes, BUNDLE_CONTENT,
	    is_whole ? content_len : content_len + 1);
	memset(bytes_extend(&bytes, content_len), 'c', content_len);
	http_request_answer(request, 200, NULL, 0, &body);
}

static void
serve(struct fixture *fixture, struct http_request *request)
{
	const char *path = http_request_target(request)->path;
	struct http_body body = { .pull = pull_long, .ctx = fixture };

	if (text_equal(path, "/park"))
		fixture->parked = request;
	else if (text_equal(path, "/long"))
		http_request_answer(request, 200, NULL, 0, &body);
	else if (text_equal(path, "/drops"))
		answer_in_drops(fixture, request);
	else if (text_equal(path, "/v1/deliveries/long"))
		answer_bundle(fixture, request, LONG, true);
	else if (text_equal(path, "/v1/deliveries/short"))
		answer_bundle(fixture, request, LONG, false);
	else
		answer_text(request, 201, "{\"a\":1}");
}

static void
on_body(void *ctx, struct http_request *request, const uint8_t *data,
    size_t len)
{
	struct fixture *fixture = ctx;

	bytes_put(&fixture->received, data, len);
	http_request_consume(request, len);
}

static void
on_body_end(void *ctx, struct http_request *request)
{
	serve(ctx, request);
}

static void
on_close(void *ctx, struct http_request *request, bool is_answered)
{
	struct fixture *fixture = ctx;

	(void)is_answered;
	if (fixture->parked == request)
		fixture->parked = NULL;
	if (fixture->dripping == request)
		fixture->dripping = NULL;
}

static const struct http_request_events request_events = { on_body, on_body_end,
	on_close };

static void
on_request(void *ctx, struct http_request *request)
{
	struct fixture *fixture = ctx;
	const char *time = http_request_header(request, "yizhan-time");

	fixture->requests++;
	text_copy(fixture->source, sizeof(fixture->source),
	    http_request_peer(request)->net.host);
	text_copy(fixture->time, sizeof(fixture->time),
	    time != NULL ? time : "");
	http_request_handle(request, &request_events, fixture);
	if (http_request_is_bodiless(request))
		serve(fixture, request);
}

static const struct http_server_events server_events = { .on_request =
							     on_request };

static void
start_server(struct fixture *fixture, const struct pair_identity *identity)
{
	struct http_server_options options = { .loop = fixture->host.loop,
		.events = &server_events,
		.ctx = fixture };
	struct error err = { 0 };

	assert_int_equal(tls_server_new(&identity->pem, TLS_PEER_REQUIRED,
			     &fixture->tls, &err),
	    0);
	options.tls = fixture->tls;
	assert_int_equal(http_server_new(&options, &fixture->server, &err), 0);
	assert_int_equal(http_server_listen(fixture->server, fixture->listen_fd,
			     &err),
	    0);
}

static void
stop_server(struct fixture *fixture)
{
	http_server_free(fixture->server);
	fixture->server = NULL;
	tls_free(fixture->tls);
	fixture->tls = NULL;
}

static int
set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	struct fake_host *host = &fixture->host;
	union {
		struct sockaddr any;
		struct sockaddr_in in;
	} address;
	socklen_t len = sizeof(address);
	struct error err = { 0 };

	fake_host_init(host, ROLE_COURIER, "center");
	assert_int_equal(socket_listen("127.0.0.3", 0, &fixture->listen_fd,
			     &err),
	    0);
	assert_int_equal(getsockname(fixture->listen_fd, &address.any, &len),
	    0);
	host->other_port = ntohs(address.in.sin_port);
	if (courier_open(&host->env, &fixture->courier, &err) < 0)
		fail_msg("%s", err.text);
	fake_host_publish(host, 1);
	*state = fixture;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *fixture = *state;

	courier_close(fixture->courier);
	stop_server(fixture);
	loop_timer_free(fixture->drops);
	if (fixture->listen_fd >= 0)
		close(fixture->listen_fd);
	bytes_free(&fixture->received);
	fake_host_free(&fixture->host);
	free(fixture);
	return 0;
}

/* ---- the spooler ----------------------------------------------------- */

struct result {
	bool is_done;
	int count;
	struct error err;
	struct message_called called;
	char body[64];
	size_t body_len;
};

static void
on_called(void *ctx, struct ipc_message *message)
{
	struct result *result = ctx;

	result->is_done = true;
	result->count++;
	if (message_read(message, MESSAGE_CALLED, &result->called,
		&result->err) < 0)
		return;
	result->body_len = result->called.body.len;
	memcpy(result->body, result->called.body.data,
	    result->body_len < sizeof(result->body) ? result->body_len
						    : sizeof(result->body));
}

static void
call(struct fixture *fixture, const struct message_call *call,
    struct result *result)
{
	struct message_call whole = *call;
	struct error err = { 0 };

	*result = (struct result){ 0 };
	if (whole.peer[0] == '\0')
		text_copy(whole.peer, sizeof(whole.peer), "center-b");
	if (whole.method[0] == '\0')
		text_copy(whole.method, sizeof(whole.method), "GET");
	assert_int_equal(peer_ask(fixture->host.spooler, MESSAGE_CALL, &whole,
			     -1, on_called, result, NULL, &err),
	    0);
}

static void
a_call_becomes_a_request_and_its_answer_comes_back(void **state)
{
	struct fixture *fixture = *state;
	struct message_call spec = { .method = "POST",
		.path = "/v1/acts",
		.type = "application/cms",
		.body = blob_of("hello", 5) };
	struct result result;

	start_server(fixture, &fixture->host.other);
	call(fixture, &spec, &result);
	fake_host_until(&fixture->host, &result.is_done);

	assert_int_equal(result.err.code, ERROR_NONE);
	assert_int_equal(result.called.status, 201);
	assert_string_equal(result.called.type, "application/json");
	assert_string_equal(result.called.serials, "root=1");
	assert_int_equal(result.called.peer_time, INT64_C(1795316645678));
	assert_int_equal(result.body_len, 7);
	assert_memory_equal(fixture->received.data, "hello", 5);
	assert_string_equal(fixture->source, "127.0.0.1");
	assert_int_equal(strlen(fixture->time), 24);
}

static void
many_calls_share_one_connection(void **state)
{
	static struct result results[CALLS_MAX];
	struct fixture *fixture = *state;
	struct message_call spec = { .path = "/v1/time" };

	start_server(fixture, &fixture->host.other);
	for (int i = 0; i < CALLS_MAX; i++)
		call(fixture, &spec, &results[i]);
	for (int i = 0; i < CALLS_MAX; i++)
		fake_host_until(&fixture->host, &results[i].is_done);

	for (int i = 0; i < CALLS_MAX; i++)
		assert_int_equal(results[i].called.status, 201);
	assert_int_equal(http_server_counts(fixture->server).accepted, 1);
}

/* T-TLS-03: what counts is what the other side has seen. */
static void
the_wrong_certificate_sees_no_byte_of_the_request(void **state)
{
	struct fixture *fixture = *state;
	struct message_call spec = { .method = "POST",
		.path = "/v1/acts",
		.body = blob_of("secret", 6) };
	struct result result;

	start_server(fixture, &fixture->host.gateway);
	call(fixture, &spec, &result);
	fake_host_until(&fixture->host, &result.is_done);

	assert_int_equal(result.err.code, ERROR_UNTRUSTED);
	assert_int_equal(fixture->requests, 0);
	assert_int_equal(fixture->received.len, 0);
}

static void
an_unknown_peer_is_not_found(void **state)
{
	struct fixture *fixture = *state;
	struct message_call spec = { .peer = "center-x", .path = "/" };
	struct result result;

	call(fixture, &spec, &result);
	fake_host_until(&fixture->host, &result.is_done);

	assert_int_equal(result.err.code, ERROR_NOT_FOUND);
	assert_string_equal(result.err.id, "E6302");
}

static void
a_peer_that_restarts_is_busy_and_then_works(void **state)
{
	struct fixture *fixture = *state;
	struct message_call parked = { .path = "/park", .timeout_ms = 60000 };
	struct message_call spec = { .path = "/v1/time" };
	static struct result results[2]; /* large */

	start_server(fixture, &fixture->host.other);
	call(fixture, &parked, &results[0]);
	for (int i = 0; i < 100 && fixture->parked == NULL; i++)
		fake_host_run(&fixture->host);
	assert_non_null(fixture->parked);
	stop_server(fixture);
	fake_host_until(&fixture->host, &results[0].is_done);
	assert_int_equal(results[0].err.code, ERROR_BUSY);

	/* Waits for the server to come back. */
	call(fixture, &spec, &results[1]);
	fake_host_run(&fixture->host);
	assert_false(results[1].is_done);
	start_server(fixture, &fixture->host.other);
	fake_host_until(&fixture->host, &results[1].is_done);

	assert_int_equal(results[1].err.code, ERROR_NONE);
	assert_int_equal(results[1].called.status, 201);
}

static void
a_payload_follows_the_body(void **state)
{
	struct fixture *fixture = *state;
	struct message_call spec = { .method = "POST",
		.path = "/v1/relays",
		.body = blob_of("head", 4),
		.payload = 9,
		.payload_len = ARENA_SLOT_LEN + 6 };
	struct fake_host *host = &fixture->host;
	struct result result;

	start_server(fixture, &host->other);
	call(fixture, &spec, &result);
	fake_host_give_payload(host,
	    fake_host_await(host, MESSAGE_PAYLOAD_READ), ARENA_SLOT_LEN, false);
	fake_host_give_payload(host,
	    fake_host_await(host, MESSAGE_PAYLOAD_READ), 6, true);
	fake_host_until(host, &result.is_done);

	assert_int_equal(result.called.status, 201);
	assert_int_equal(fixture->received.len, 4 + ARENA_SLOT_LEN + 6);
	assert_memory_equal(fixture->received.data, "headpppp", 8);
	assert_int_equal(arena_free_count(host->payload), 8);
}

static void
a_payload_that_cannot_be_read_breaks_the_request_off(void **state)
{
	struct fixture *fixture = *state;
	struct message_call spec = { .method = "POST",
		.path = "/v1/relays",
		.payload = 9,
		.payload_len = 2 * ARENA_SLOT_LEN };
	struct fake_host *host = &fixture->host;
	struct error failure = { 0 };
	struct result result;

	start_server(fixture, &host->other);
	call(fixture, &spec, &result);
	fake_host_give_payload(host,
	    fake_host_await(host, MESSAGE_PAYLOAD_READ), ARENA_SLOT_LEN, false);
	error_set(&failure, ERROR_SYSTEM, "disk");
	peer_refuse(host->query,
	    fake_host_await(host, MESSAGE_PAYLOAD_READ)->id, &failure);
	fake_host_until(host, &result.is_done);

	assert_string_equal(result.err.id, "E6304");
}

static void
content_of_a_bundle_streams_into_the_store(void **state)
{
	struct fixture *fixture = *state;
	struct message_call spec = { .path = "/v1/deliveries/long",
		.is_bundle = true };
	struct fake_host *host = &fixture->host;
	struct bytes wanted = { 0 };
	struct result result;

	start_server(fixture, &host->other);
	host->keeps_slots = false;
	call(fixture, &spec, &result);
	fake_host_until(host, &result.is_done);

	assert_int_equal(result.err.code, ERROR_NONE);
	assert_int_equal(result.called.status, 200);
	assert_int_equal(result.called.upload_len, LONG);
	assert_int_equal(host->uploaded.len, LONG);
	bundle_put(&wanted, BUNDLE_WAYBILL, "w", 1);
	bundle_put(&wanted, BUNDLE_RECEIPT, "r", 1);
	bundle_put(&wanted, BUNDLE_LEAF, "l", 1);
	bundle_put(&wanted, BUNDLE_PATH, "p", 1);
	assert_int_equal(result.body_len, wanted.len);
	assert_memory_equal(result.body, wanted.data, wanted.len);
	assert_false(fake_host_has(host, MESSAGE_UPLOAD_ABORT));
	bytes_free(&wanted);
}

static void
a_bundle_that_is_short_is_never_a_success(void **state)
{
	struct fixture *fixture = *state;
	struct message_call spec = { .path = "/v1/deliveries/short",
		.is_bundle = true };
	struct fake_host *host = &fixture->host;
	struct result result;

	start_server(fixture, &host->other);
	call(fixture, &spec, &result);
	fake_host_until(host, &result.is_done);

	assert_int_equal(result.err.code, ERROR_MALFORMED);
	fake_host_await(host, MESSAGE_UPLOAD_ABORT);
}

static void
an_answer_without_end_is_cut_off(void **state)
{
	struct fixture *fixture = *state;
	struct message_call spec = { .path = "/long" };
	struct result result;

	start_server(fixture, &fixture->host.other);
	call(fixture, &spec, &result);
	fake_host_until(&fixture->host, &result.is_done);

	assert_string_equal(result.err.id, "E6303");
	assert_true(fixture->answered < LONG);
}

/* Slow retrieval: bytes alone are no progress. */
static void
an_answer_in_drops_is_cut_off(void **state)
{
	struct fixture *fixture = *state;
	struct message_call spec = { .path = "/drops", .timeout_ms = 1500 };
	struct result result;

	start_server(fixture, &fixture->host.other);
	call(fixture, &spec, &result);
	fake_host_until(&fixture->host, &result.is_done);

	assert_true(result.err.code == ERROR_BUSY);
	assert_true(fixture->answered > 1);
}

static void
a_peer_that_the_directory_dropped_is_dropped(void **state)
{
	struct fixture *fixture = *state;
	struct message_call spec = { .path = "/park", .timeout_ms = 60000 };
	struct result result;

	start_server(fixture, &fixture->host.other);
	call(fixture, &spec, &result);
	for (int i = 0; i < 100 && fixture->parked == NULL; i++)
		fake_host_run(&fixture->host);
	/* The same directory again changes nothing. */
	fake_host_publish(&fixture->host, 2);
	assert_false(result.is_done);
	pair_identity_make("P-256", "SHA256", &fixture->host.other);
	fake_host_publish(&fixture->host, 3);
	fake_host_until(&fixture->host, &result.is_done);

	assert_int_equal(result.err.code, ERROR_BUSY);
	assert_string_equal(result.err.id, "E6301");
}

static void
configured_hosts_are_found_until_the_directory_knows_them(void **state)
{
	struct courier_sources sources = {
		.center = { .name = "center-b",
		    .host = "127.0.0.3",
		    .port = 1,
		    .has_fingerprint = true },
		.management = { .name = "m", .host = "127.0.0.4", .port = 2 },
	};
	struct courier_target target;
	struct error err = { 0 };

	(void)state;
	assert_int_equal(courier_target_find(&sources, "center-b", 0, &target,
			     &err),
	    0);
	assert_string_equal(target.host, "127.0.0.3");
	assert_int_equal(target.expected_count, 1);
	/* Without fingerprint it is anybody. */
	assert_int_equal(courier_target_find(&sources, "management", 0, &target,
			     &err),
	    -1);
	assert_int_equal(courier_target_find(&sources, "center-c", 0, &target,
			     &err),
	    -1);
	assert_string_equal(err.id, "E6302");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(a_call_becomes_a_request_and_its_answer_comes_back),
		TEST(many_calls_share_one_connection),
		TEST(the_wrong_certificate_sees_no_byte_of_the_request),
		TEST(an_unknown_peer_is_not_found),
		TEST(a_peer_that_restarts_is_busy_and_then_works),
		TEST(a_payload_follows_the_body),
		TEST(a_payload_that_cannot_be_read_breaks_the_request_off),
		TEST(content_of_a_bundle_streams_into_the_store),
		TEST(a_bundle_that_is_short_is_never_a_success),
		TEST(an_answer_without_end_is_cut_off),
		TEST(an_answer_in_drops_is_cut_off),
		TEST(a_peer_that_the_directory_dropped_is_dropped),
		cmocka_unit_test(
		    configured_hosts_are_found_until_the_directory_knows_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
