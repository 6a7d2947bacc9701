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
#include "center/listener/center_listener_internal.h"
#include "envelope/bundle.h"
#include "harness/fake_host.h"
#include "model/times.h"
#include "role/filler.h"
#include "role/listener/listener.h"
#include "sys/arena.h"
#include "sys/socket.h"

static const char waybill_id[] = "0192f0c1-2d3e-7abc-8def-0123456789ab";

struct fixture {
	struct fake_host host;
	struct listener *listener;
	uint16_t port;
	struct tls *gateway_tls;
	struct tls *other_tls;
};

/* A request and what became of it. */
struct ask {
	struct http_client *client;
	struct http_stream *stream;
	struct bytes body; /* to send */
	bool is_done;
	bool is_closed;
	struct error err;
	int status;
	char serials[128];
	char type[64];
	char retry_after[16];
	struct bytes answer;
};

static uint16_t
port_of(int fd)
{
	union {
		struct sockaddr any;
		struct sockaddr_in in;
	} address;
	socklen_t len = sizeof(address);

	assert_int_equal(getsockname(fd, &address.any, &len), 0);
	return ntohs(address.in.sin_port);
}

static int
set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	struct fake_host *host = &fixture->host;
	static const struct listener_tables tables = {
		.of = { [LISTENER_HOSTS] = center_hosts_routes },
	};
	struct error err = { 0 };

	fake_host_init(host, ROLE_LISTENER, "center");
	assert_int_equal(socket_listen("127.0.0.1", 0, &host->env.hosts_fd,
			     &err),
	    0);
	fixture->port = port_of(host->env.hosts_fd);
	if (listener_open(&host->env, &tables, &fixture->listener, &err) < 0)
		fail_msg("%s", err.text);
	peer_tell(host->spooler, MESSAGE_OPEN, 0, NULL, -1);
	assert_int_equal(tls_client_new(&host->gateway.pem,
			     &fixture->gateway_tls, &err),
	    0);
	assert_int_equal(tls_client_new(&host->other.pem, &fixture->other_tls,
			     &err),
	    0);
	fake_host_publish(host, 4);
	assert_non_null(host->arena);
	*state = fixture;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *fixture = *state;

	listener_close(fixture->listener);
	tls_free(fixture->gateway_tls);
	tls_free(fixture->other_tls);
	close(fixture->host.env.hosts_fd);
	fake_host_free(&fixture->host);
	free(fixture);
	return 0;
}

/* ---- asking ---------------------------------------------------------- */

static void
on_closed(void *ctx, const struct error *err)
{
	struct ask *ask = ctx;

	(void)err;
	ask->is_closed = true;
}

static const struct http_client_events client_events = { NULL, on_closed };

static void
copy_field(struct http_stream *stream, const char *name, char *to, size_t size)
{
	const char *value = http_stream_header(stream, name);

	assert_true(text_copy(to, size, value != NULL ? value : ""));
}

static void
on_headers(void *ctx, struct http_stream *stream, int status)
{
	struct ask *ask = ctx;

	ask->status = status;
	copy_field(stream, "yizhan-serials", ask->serials,
	    sizeof(ask->serials));
	copy_field(stream, "content-type", ask->type, sizeof(ask->type));
	copy_field(stream, "retry-after", ask->retry_after,
	    sizeof(ask->retry_after));
}

static void
on_body(void *ctx, struct http_stream *stream, const uint8_t *data, size_t len)
{
	struct ask *ask = ctx;

	bytes_put(&ask->answer, data, len);
	http_stream_consume(stream, len);
}

static void
on_end(void *ctx, struct http_stream *stream, const struct error *err)
{
	struct ask *ask = ctx;

	(void)stream;
	if (err != NULL)
		ask->err = *err;
	ask->is_done = true;
	ask->stream = NULL;
}

static const struct http_stream_events stream_events = { on_headers, on_body,
	on_end };

static void
connect_as(struct fixture *fixture, struct ask *ask, const struct tls *tls,
    const char *source)
{
	struct http_client_options options = { .loop = fixture->host.loop,
		.tls = tls,
		.host = "127.0.0.1",
		.port = fixture->port,
		.source = source,
		.expected = { fixture->host.own.fingerprint },
		.expected_count = 1,
		.fd = -1,
		.authority = "center-a",
		.events = &client_events,
		.ctx = ask };
	struct error err = { 0 };

	memset(ask, 0, sizeof(*ask));
	if (http_client_new(&options, &ask->client, &err) < 0)
		fail_msg("%s", err.text);
}

static void
connect_gateway(struct fixture *fixture, struct ask *ask)
{
	connect_as(fixture, ask, fixture->gateway_tls, "127.0.0.9");
}

static void
send_ask(struct fixture *fixture, struct ask *ask, const char *method,
    const char *target, int64_t skew_ms)
{
	char time[TIMES_RFC3339_SIZE];
	struct http_header headers[] = {
		{ "content-type", "application/vnd.yizhan.bundle" },
		{ "accept-language", "en" },
		{ "yizhan-time", time },
	};
	struct http_outgoing request = { .method = method,
		.target = target,
		.headers = headers,
		.header_count = skew_ms == INT64_MAX ? 2 : 3 };
	struct error err = { 0 };

	if (skew_ms != INT64_MAX)
		times_format(role_env_now(&fixture->host.env) + skew_ms, time);
	if (ask->body.len > 0)
		request.body.bytes = &ask->body;
	assert_int_equal(http_client_send(ask->client, &request, &stream_events,
			     ask, &ask->stream, &err),
	    0);
}

static void
get(struct fixture *fixture, struct ask *ask, const char *target)
{
	connect_gateway(fixture, ask);
	send_ask(fixture, ask, "GET", target, 0);
}

static void
ask_free(struct ask *ask)
{
	http_client_free(ask->client);
	bytes_free(&ask->body);
	bytes_free(&ask->answer);
}

static bool
answer_has(const struct ask *ask, const char *text)
{
	size_t len = strlen(text);

	for (size_t i = 0; i + len <= ask->answer.len; i++)
		if (memcmp(ask->answer.data + i, text, len) == 0)
			return true;
	return false;
}

/* ---- admission ------------------------------------------------------- */

static void
an_admitted_host_is_told_time_and_serials(void **state)
{
	struct fixture *fixture = *state;
	struct ask ask;

	get(fixture, &ask, "/v1/time");
	fake_host_until(&fixture->host, &ask.is_done);

	assert_int_equal(ask.status, 200);
	assert_true(answer_has(&ask, "{\"time\":\"20"));
	assert_string_equal(ask.serials,
	    "root=1,directory=4,network=1,timestamp=0");
	ask_free(&ask);
}

struct refusal {
	const char *method, *target, *source;
	bool is_center; /* calls with the certificate of center-b */
	int64_t skew_ms;
	int status;
	const char *id, *wrong;
};

/* T-PROTO-06: any one of certificate, address, code wrong: refused, logged. */
static void
who_does_not_fit_is_refused_and_the_log_says_why(void **state)
{
	static const struct refusal refusals[] = {
		{ "GET", "/v1/time", "127.0.0.10", false, 0, 403, "E4002",
		    "address" },
		{ "GET", "/v1/nowhere", "127.0.0.10", false, 0, 403, "E4002",
		    "address" },
		{ "GET", "/v1/feed", "127.0.0.3", true, 0, 403, "E4019",
		    "kind" },
		{ "GET", "/v1/time", "127.0.0.9", false, INT64_MAX, 400,
		    "E4029", "clock" },
		{ "GET", "/v1/time", "127.0.0.9", false, 6000, 403, "E4007",
		    "clock" },
		{ "GET",
		    "/v1/deliveries/0192f0c1-2d3e-7abc-8def-0123456789ab/"
		    "379000000A",
		    "127.0.0.9", false, 0, 403, "E4003", "code" },
	};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
		const struct refusal *refusal = &refusals[i];
		char wrong[64];
		struct ask ask;

		connect_as(fixture, &ask,
		    refusal->is_center ? fixture->other_tls
				       : fixture->gateway_tls,
		    refusal->source);
		send_ask(fixture, &ask, refusal->method, refusal->target,
		    refusal->skew_ms);
		fake_host_until(&fixture->host, &ask.is_done);

		assert_int_equal(ask.status, refusal->status);
		assert_true(answer_has(&ask, refusal->id));
		assert_string_equal(ask.type, "application/problem+json");
		snprintf(wrong, sizeof(wrong), "wrong=\"%s\"", refusal->wrong);
		assert_true(
		    fake_host_logged(&fixture->host, refusal->id, wrong));
		ask_free(&ask);
	}
	assert_int_equal(fixture->host.event_count, 0);
}

static void
a_certificate_that_nobody_registered_is_refused(void **state)
{
	struct fixture *fixture = *state;
	struct pair_identity stranger;
	struct tls *tls = NULL;
	struct error err = { 0 };
	struct ask ask;

	pair_identity_make("P-256", "SHA256", &stranger);
	assert_int_equal(tls_client_new(&stranger.pem, &tls, &err), 0);
	connect_as(fixture, &ask, tls, "127.0.0.9");
	send_ask(fixture, &ask, "GET", "/v1/time", 0);
	fake_host_until(&fixture->host, &ask.is_done);

	assert_int_equal(ask.status, 403);
	assert_true(answer_has(&ask, "E4001"));
	assert_true(
	    fake_host_logged(&fixture->host, "E4001", "wrong=\"certificate\""));
	ask_free(&ask);
	tls_free(tls);
}

static void
paths_and_methods_are_matched_strictly(void **state)
{
	static const struct {
		const char *method, *target;
		int status;
	} cases[] = {
		{ "GET", "/v1/nowhere", 404 },
		{ "GET", "/v1/feed/", 404 },
		{ "DELETE", "/v1/feed", 405 },
		{ "GET", "/v1/waybills", 405 },
		{ "POST", "/v1/waybills", 415 }, /* without body */
		{ "GET", "/v1/feed?after=x", 400 },
		{ "GET", "/v1/feed?after=1&wait=61", 400 },
		{ "GET", "/v1/bulletins?have=nonsense", 400 },
		{ "GET", "/v1/deliveries/x/" FAKE_CODE, 400 },
	};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct ask ask;

		connect_gateway(fixture, &ask);
		send_ask(fixture, &ask, cases[i].method, cases[i].target, 0);
		fake_host_until(&fixture->host, &ask.is_done);
		if (ask.status != cases[i].status)
			fail_msg("%s %s: %d", cases[i].method, cases[i].target,
			    ask.status);
		ask_free(&ask);
	}
	assert_int_equal(fixture->host.event_count, 0);
}

/* ---- submissions ----------------------------------------------------- */

static void
put_submission(struct bytes *to, size_t content_len)
{
	bundle_put_magic(to);
	bundle_put(to, BUNDLE_WAYBILL, "waybill", 7);
	bundle_put(to, BUNDLE_LEAF, "leaf", 4);
	bundle_put(to, BUNDLE_KEY_PART, "key", 3);
	bundle_put_head(to, BUNDLE_CONTENT, content_len);
	for (size_t i = 0; i < content_len; i++)
		bytes_put_u8(to, (uint8_t)(i * 5 >> 3));
}

static void
post_waybill(struct fixture *fixture, struct ask *ask, size_t content_len)
{
	connect_gateway(fixture, ask);
	put_submission(&ask->body, content_len);
	send_ask(fixture, ask, "POST", "/v1/waybills", 0);
}

static void
tell_waybill(struct fixture *fixture, const struct fake_event *event,
    const char *sender, uint64_t content_len)
{
	struct message_waybill waybill = { .content_len = content_len,
		.count = 1 };

	text_copy(waybill.sender, sizeof(waybill.sender), sender);
	peer_tell(fixture->host.verifier, MESSAGE_WAYBILL, event->id, &waybill,
	    -1);
}

static void
check_uploaded(const struct fixture *fixture, size_t len)
{
	const struct bytes *got = &fixture->host.uploaded;

	assert_int_equal(got->len, len);
	for (size_t i = 0; i < len; i++)
		if (got->data[i] != (uint8_t)(i * 5 >> 3))
			fail_msg("byte %zu differs", i);
}

static void
tell_submitted(struct fixture *fixture, const struct fake_event *event,
    bool is_repeat)
{
	struct message_submitted submitted = { .is_repeat = is_repeat,
		.receipt = blob_of("{\"receipt\":1}", 13) };

	peer_tell(fixture->host.spooler, MESSAGE_SUBMITTED, event->id,
	    &submitted, -1);
}

static void
a_small_submission_takes_few_messages(void **state)
{
	struct fixture *fixture = *state;
	struct fake_host *host = &fixture->host;
	struct message_verify_waybill verify;
	struct message_submit submit;
	struct fake_event *event;
	struct ask ask;

	post_waybill(fixture, &ask, 16384);
	event = fake_host_await(host, MESSAGE_VERIFY_WAYBILL);
	fake_event_read(event, &verify);
	assert_int_equal(verify.kind, BUNDLE_SUBMISSION);
	assert_memory_equal(verify.waybill.data, "waybill", 7);
	assert_int_equal(verify.records.len, 2 * 9 + 4 + 3);
	tell_waybill(fixture, event, FAKE_CODE, 16384);
	event = fake_host_await(host, MESSAGE_SUBMIT);
	fake_event_read(event, &submit);

	assert_string_equal(submit.host, "gateway-1");
	assert_memory_equal(submit.fingerprint.bytes,
	    host->gateway.fingerprint.bytes, DIGEST_LEN);
	assert_int_equal(submit.content_len, 16384);
	assert_memory_equal(submit.cms.data, "waybill", 7);
	assert_int_equal(fake_host_count(host, MESSAGE_UPLOAD_BEGIN), 1);
	assert_int_equal(fake_host_count(host, MESSAGE_UPLOAD_DATA), 1);
	check_uploaded(fixture, 16384);
	assert_false(ask.is_done);
	tell_submitted(fixture, event, false);
	fake_host_until(host, &ask.is_done);
	assert_int_equal(ask.status, 201);
	assert_true(answer_has(&ask, "{\"receipt\":1}"));
	assert_false(fake_host_has(host, MESSAGE_UPLOAD_ABORT));
	assert_int_equal(filler_open_count(fixture->listener->filler), 0);
	ask_free(&ask);
}

static void
a_repeat_is_answered_with_200(void **state)
{
	struct fixture *fixture = *state;
	struct ask ask;

	post_waybill(fixture, &ask, 10);
	tell_waybill(fixture,
	    fake_host_await(&fixture->host, MESSAGE_VERIFY_WAYBILL), FAKE_CODE,
	    10);
	tell_submitted(fixture, fake_host_await(&fixture->host, MESSAGE_SUBMIT),
	    true);
	fake_host_until(&fixture->host, &ask.is_done);

	assert_int_equal(ask.status, 200);
	ask_free(&ask);
}

static void
a_long_submission_waits_for_slots(void **state)
{
	const size_t len = 7 * 1024 * 1024;
	struct fixture *fixture = *state;
	struct fake_host *host = &fixture->host;
	struct ask ask;

	host->keeps_slots = true;
	post_waybill(fixture, &ask, len);
	tell_waybill(fixture, fake_host_await(host, MESSAGE_VERIFY_WAYBILL),
	    FAKE_CODE, len);
	for (int i = 0; i < 20; i++)
		fake_host_run(host);
	assert_int_equal(host->uploaded.len, LISTENER_SLOTS * ARENA_SLOT_LEN);
	assert_false(fake_host_has(host, MESSAGE_SUBMIT));

	fake_host_give_back(host);
	tell_submitted(fixture, fake_host_await(host, MESSAGE_SUBMIT), false);
	fake_host_until(host, &ask.is_done);

	assert_int_equal(ask.status, 201);
	check_uploaded(fixture, len);
	ask_free(&ask);
}

static void
a_body_that_breaks_off_leaves_nothing_behind(void **state)
{
	struct fixture *fixture = *state;
	struct fake_host *host = &fixture->host;
	struct ask ask;

	connect_gateway(fixture, &ask);
	put_submission(&ask.body, 1024 * 1024);
	/* The content breaks off in the middle. */
	ask.body.len -= 500000;
	host->keeps_slots = true;
	send_ask(fixture, &ask, "POST", "/v1/waybills", 0);
	fake_host_await(host, MESSAGE_UPLOAD_BEGIN);
	fake_host_await(host, MESSAGE_UPLOAD_ABORT);
	fake_host_until(host, &ask.is_done);
	assert_int_equal(ask.status, 422);
	fake_host_give_back(host);
	fake_host_run(host);

	assert_int_equal(filler_free_slots(fixture->listener->filler),
	    LISTENER_SLOTS);
	assert_int_equal(filler_open_count(fixture->listener->filler), 0);
	assert_int_equal(fixture->listener->gathered, 0);
	ask_free(&ask);
}

static void
a_caller_that_goes_leaves_nothing_behind(void **state)
{
	struct fixture *fixture = *state;
	struct fake_host *host = &fixture->host;
	struct ask ask;

	host->keeps_slots = true;
	post_waybill(fixture, &ask, 7 * 1024 * 1024);
	fake_host_await(host, MESSAGE_UPLOAD_BEGIN);
	fake_host_run(host);
	ask_free(&ask);
	fake_host_await(host, MESSAGE_UPLOAD_ABORT);
	fake_host_give_back(host);
	fake_host_run(host);

	assert_null(fixture->listener->requests);
	assert_int_equal(filler_free_slots(fixture->listener->filler),
	    LISTENER_SLOTS);
	assert_int_equal(filler_open_count(fixture->listener->filler), 0);
	assert_int_equal(fixture->listener->gathered, 0);
}

static void
a_waybill_that_fails_its_check_stops_the_content(void **state)
{
	struct fixture *fixture = *state;
	struct fake_host *host = &fixture->host;
	struct fake_event *event;
	struct error failure = { 0 };
	struct ask ask;

	host->keeps_slots = true;
	post_waybill(fixture, &ask, 7 * 1024 * 1024);
	event = fake_host_await(host, MESSAGE_VERIFY_WAYBILL);
	error_set(&failure, ERROR_UNTRUSTED, "signature");
	peer_refuse(host->verifier, event->id, &failure);
	fake_host_until(host, &ask.is_done);

	assert_int_equal(ask.status, 403);
	fake_host_await(host, MESSAGE_UPLOAD_ABORT);
	fake_host_give_back(host);
	fake_host_run(host);
	assert_int_equal(filler_free_slots(fixture->listener->filler),
	    LISTENER_SLOTS);
	assert_false(fake_host_has(host, MESSAGE_SUBMIT));
	ask_free(&ask);
}

/* T-LOAD-02: early, cheaply, and with the time to come again. */
static void
who_has_its_share_hears_when_to_come_again(void **state)
{
	struct fixture *fixture = *state;
	struct fake_host *host = &fixture->host;
	struct ask asks[3], other;
	struct fake_event *first;
	uint64_t wait_s = 0;

	post_waybill(fixture, &asks[0], 16384);
	first = fake_host_await(host, MESSAGE_VERIFY_WAYBILL);
	post_waybill(fixture, &asks[1], 16384);
	fake_host_await(host, MESSAGE_VERIFY_WAYBILL);
	post_waybill(fixture, &asks[2], 16384);
	fake_host_until(host, &asks[2].is_done);
	assert_int_equal(asks[2].status, 429);
	assert_true(answer_has(&asks[2], "E6208"));
	assert_true(text_parse_u64(asks[2].retry_after, 120, &wait_s));
	assert_true(wait_s >= 1);
	assert_false(fake_host_has(host, MESSAGE_VERIFY_WAYBILL));

	/* Other work goes on, and so does the work that was taken. */
	get(fixture, &other, "/v1/time");
	fake_host_until(host, &other.is_done);
	assert_int_equal(other.status, 200);
	tell_waybill(fixture, first, FAKE_CODE, 16384);
	tell_submitted(fixture, fake_host_await(host, MESSAGE_SUBMIT), false);
	fake_host_until(host, &asks[0].is_done);
	assert_int_equal(asks[0].status, 201);
	for (size_t i = 0; i < ARRAY_LEN(asks); i++)
		ask_free(&asks[i]);
	ask_free(&other);
}

static void
what_the_waybill_does_not_allow_is_not_submitted(void **state)
{
	static const struct {
		const char *sender;
		uint64_t len;
		const char *id;
	} cases[] = {
		{ "379000000A", 100, "E4003" },
		{ FAKE_CODE, 101, "E6211" },
	};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct ask ask;

		post_waybill(fixture, &ask, 100);
		tell_waybill(fixture,
		    fake_host_await(&fixture->host, MESSAGE_VERIFY_WAYBILL),
		    cases[i].sender, cases[i].len);
		fake_host_until(&fixture->host, &ask.is_done);

		assert_true(answer_has(&ask, cases[i].id));
		ask_free(&ask);
	}
	assert_false(fake_host_has(&fixture->host, MESSAGE_SUBMIT));
}

/* ---- feed, news, deliveries ------------------------------------------ */

static void
tell_feed(struct fixture *fixture, const struct fake_event *event)
{
	static const char json[] = "{\"items\":[],\"newest\":9}";
	struct message_feed feed = { .json = blob_of(json, strlen(json)) };

	peer_tell(fixture->host.query, MESSAGE_FEED, event->id, &feed, -1);
}

static void
a_feed_is_parked_until_there_is_news(void **state)
{
	struct fixture *fixture = *state;
	struct fake_host *host = &fixture->host;
	struct message_watched watched = { .newest = 9 };
	struct message_feed_read read;
	struct fake_event *event;
	struct ask ask;

	get(fixture, &ask, "/v1/feed?after=7&wait=60");
	event = fake_host_await(host, MESSAGE_WATCH);
	fake_host_run(host);
	assert_false(fake_host_has(host, MESSAGE_FEED_READ));
	peer_tell(host->spooler, MESSAGE_WATCHED, event->id, &watched, -1);
	event = fake_host_await(host, MESSAGE_FEED_READ);
	fake_event_read(event, &read);
	assert_string_equal(read.host, "gateway-1");
	assert_int_equal(read.after, 7);
	tell_feed(fixture, event);
	fake_host_until(host, &ask.is_done);

	assert_int_equal(ask.status, 200);
	assert_true(answer_has(&ask, "\"newest\":9"));
	assert_false(fake_host_has(host, MESSAGE_UNWATCH));
	ask_free(&ask);
}

static void
a_feed_without_news_is_answered_in_time(void **state)
{
	struct fixture *fixture = *state;
	struct fake_host *host = &fixture->host;
	struct fake_event *watch;
	struct ask ask;

	get(fixture, &ask, "/v1/feed?wait=1");
	watch = fake_host_await(host, MESSAGE_WATCH);
	for (int i = 0; i < 60 && !fake_host_has(host, MESSAGE_FEED_READ); i++)
		fake_host_run(host);
	assert_int_equal(fake_host_await(host, MESSAGE_UNWATCH)->id, watch->id);
	tell_feed(fixture, fake_host_await(host, MESSAGE_FEED_READ));
	fake_host_until(host, &ask.is_done);

	assert_int_equal(ask.status, 200);
	ask_free(&ask);
}

static void
who_left_is_watched_for_no_more(void **state)
{
	struct fixture *fixture = *state;
	struct fake_host *host = &fixture->host;
	struct fake_event *watch;
	struct ask ask;

	get(fixture, &ask, "/v1/feed?wait=60");
	watch = fake_host_await(host, MESSAGE_WATCH);
	ask_free(&ask);

	assert_int_equal(fake_host_await(host, MESSAGE_UNWATCH)->id, watch->id);
	assert_null(fixture->listener->requests);
}

static void
who_waits_hears_of_no_news_when_the_host_drains(void **state)
{
	struct fixture *fixture = *state;
	struct fake_host *host = &fixture->host;
	struct ask ask;

	get(fixture, &ask, "/v1/feed?wait=60");
	fake_host_await(host, MESSAGE_WATCH);
	host->env.on_drain(host->env.ctx);
	tell_feed(fixture, fake_host_await(host, MESSAGE_FEED_READ));
	fake_host_until(host, &ask.is_done);

	assert_int_equal(ask.status, 200);
	fake_host_until(host, &ask.is_closed);
	fake_host_until(host,
	    &fixture->listener->doors[LISTENER_HOSTS].is_drained);
	ask_free(&ask);
}

static void
bulletins_are_read_when_the_directory_changed(void **state)
{
	struct fixture *fixture = *state;
	struct fake_host *host = &fixture->host;
	struct message_bulletins bulletins = { .bundle = blob_of("NEWS", 4) };
	struct ask ask;

	get(fixture, &ask,
	    "/v1/bulletins?have=root:1,directory:4,network:1&wait=60");
	fake_host_run(host);
	fake_host_run(host);
	assert_int_equal(host->event_count, 0);
	fake_host_publish(host, 5);
	peer_tell(host->query, MESSAGE_BULLETINS,
	    fake_host_await(host, MESSAGE_BULLETINS_READ)->id, &bulletins, -1);
	fake_host_until(host, &ask.is_done);

	assert_int_equal(ask.status, 200);
	assert_true(answer_has(&ask, "NEWS"));
	assert_string_equal(ask.serials,
	    "root=1,directory=5,network=1,timestamp=0");
	ask_free(&ask);
}

static void
ask_delivery(struct fixture *fixture, struct ask *ask, uint64_t content_len)
{
	struct fake_host *host = &fixture->host;
	struct message_delivery delivery = { .payload = 3,
		.content_len = content_len,
		.records = blob_of("RECORDS", 7) };
	char target[128];

	snprintf(target, sizeof(target), "/v1/deliveries/%s/%s", waybill_id,
	    FAKE_CODE);
	get(fixture, ask, target);
	peer_tell(host->query, MESSAGE_DELIVERY,
	    fake_host_await(host, MESSAGE_DELIVERY_READ)->id, &delivery, -1);
}

static void
a_delivery_is_its_records_and_the_content(void **state)
{
	struct fixture *fixture = *state;
	struct fake_host *host = &fixture->host;
	size_t len = ARENA_SLOT_LEN + 10;
	struct bytes wanted = { 0 };
	struct ask ask;

	ask_delivery(fixture, &ask, len);
	fake_host_give_payload(host,
	    fake_host_await(host, MESSAGE_PAYLOAD_READ), ARENA_SLOT_LEN, false);
	fake_host_give_payload(host,
	    fake_host_await(host, MESSAGE_PAYLOAD_READ), 10, true);
	fake_host_until(host, &ask.is_done);

	bundle_put_magic(&wanted);
	bytes_put_text(&wanted, "RECORDS");
	bundle_put_head(&wanted, BUNDLE_CONTENT, len);
	memset(bytes_extend(&wanted, len), 'p', len);
	assert_int_equal(ask.status, 200);
	assert_int_equal(ask.err.code, ERROR_NONE);
	assert_int_equal(ask.answer.len, wanted.len);
	assert_memory_equal(ask.answer.data, wanted.data, wanted.len);
	assert_int_equal(arena_free_count(host->payload), 8);
	bytes_free(&wanted);
	ask_free(&ask);
}

static void
a_delivery_that_cannot_be_read_whole_is_broken_off(void **state)
{
	struct fixture *fixture = *state;
	struct fake_host *host = &fixture->host;
	struct error failure = { 0 };
	struct ask ask;

	ask_delivery(fixture, &ask, 2 * ARENA_SLOT_LEN);
	fake_host_give_payload(host,
	    fake_host_await(host, MESSAGE_PAYLOAD_READ), ARENA_SLOT_LEN, false);
	error_set(&failure, ERROR_SYSTEM, "disk");
	peer_refuse(host->query,
	    fake_host_await(host, MESSAGE_PAYLOAD_READ)->id, &failure);
	fake_host_until(host, &ask.is_done);

	assert_int_not_equal(ask.err.code, ERROR_NONE);
	ask_free(&ask);
}

/* ---- acts and receipts ----------------------------------------------- */

static void
an_act_is_answered_with_receipt_and_key_part(void **state)
{
	struct fixture *fixture = *state;
	struct fake_host *host = &fixture->host;
	struct message_act act = { .recipient = FAKE_CODE, .event = 3 };
	struct message_acted acted = { .receipt = blob_of("{}", 2),
		.key_part = blob_of("key", 3) };
	struct message_act_submit submit;
	struct fake_event *event;
	struct ask ask;

	connect_gateway(fixture, &ask);
	bytes_put_text(&ask.body, "act");
	send_ask(fixture, &ask, "POST", "/v1/acts", 0);
	peer_tell(host->verifier, MESSAGE_ACT,
	    fake_host_await(host, MESSAGE_VERIFY_ACT)->id, &act, -1);
	event = fake_host_await(host, MESSAGE_ACT_SUBMIT);
	fake_event_read(event, &submit);
	assert_memory_equal(submit.cms.data, "act", 3);
	peer_tell(host->spooler, MESSAGE_ACTED, event->id, &acted, -1);
	fake_host_until(host, &ask.is_done);

	assert_int_equal(ask.status, 201);
	assert_true(answer_has(&ask, "{\"receipt\":{},\"key_part\":\"a2V5\"}"));
	ask_free(&ask);
}

static void
an_act_for_a_foreign_code_is_refused(void **state)
{
	struct fixture *fixture = *state;
	struct fake_host *host = &fixture->host;
	struct message_act act = { .recipient = "379000000A" };
	struct ask ask;

	connect_gateway(fixture, &ask);
	bytes_put_text(&ask.body, "act");
	send_ask(fixture, &ask, "POST", "/v1/acts", 0);
	peer_tell(host->verifier, MESSAGE_ACT,
	    fake_host_await(host, MESSAGE_VERIFY_ACT)->id, &act, -1);
	fake_host_until(host, &ask.is_done);

	assert_int_equal(ask.status, 403);
	assert_false(fake_host_has(host, MESSAGE_ACT_SUBMIT));
	ask_free(&ask);
}

static void
receipts_are_answered_when_all_are_durable(void **state)
{
	struct fixture *fixture = *state;
	struct fake_host *host = &fixture->host;
	struct message_receipt receipt = { 0 };
	struct fake_event *events[2];
	struct ask ask;

	connect_as(fixture, &ask, fixture->other_tls, "127.0.0.3");
	bundle_put_magic(&ask.body);
	bundle_put(&ask.body, BUNDLE_RECEIPT, "{1}", 3);
	bundle_put(&ask.body, BUNDLE_RECEIPT, "{2}", 3);
	send_ask(fixture, &ask, "POST", "/v1/receipts", 0);
	for (int i = 0; i < 2; i++) {
		peer_tell(host->verifier, MESSAGE_RECEIPT,
		    fake_host_await(host, MESSAGE_VERIFY_RECEIPT)->id, &receipt,
		    -1);
		events[i] = fake_host_await(host, MESSAGE_RECEIPT_SUBMIT);
	}
	peer_tell(host->spooler, MESSAGE_DONE, events[1]->id, NULL, -1);
	fake_host_run(host);
	assert_false(ask.is_done);
	peer_tell(host->spooler, MESSAGE_DONE, events[0]->id, NULL, -1);
	fake_host_until(host, &ask.is_done);

	assert_int_equal(ask.status, 200);
	ask_free(&ask);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(an_admitted_host_is_told_time_and_serials),
		TEST(who_does_not_fit_is_refused_and_the_log_says_why),
		TEST(a_certificate_that_nobody_registered_is_refused),
		TEST(paths_and_methods_are_matched_strictly),
		TEST(a_small_submission_takes_few_messages),
		TEST(a_repeat_is_answered_with_200),
		TEST(a_long_submission_waits_for_slots),
		TEST(a_body_that_breaks_off_leaves_nothing_behind),
		TEST(a_caller_that_goes_leaves_nothing_behind),
		TEST(a_waybill_that_fails_its_check_stops_the_content),
		TEST(who_has_its_share_hears_when_to_come_again),
		TEST(what_the_waybill_does_not_allow_is_not_submitted),
		TEST(a_feed_is_parked_until_there_is_news),
		TEST(a_feed_without_news_is_answered_in_time),
		TEST(who_left_is_watched_for_no_more),
		TEST(who_waits_hears_of_no_news_when_the_host_drains),
		TEST(bulletins_are_read_when_the_directory_changed),
		TEST(a_delivery_is_its_records_and_the_content),
		TEST(a_delivery_that_cannot_be_read_whole_is_broken_off),
		TEST(an_act_is_answered_with_receipt_and_key_part),
		TEST(an_act_for_a_foreign_code_is_refused),
		TEST(receipts_are_answered_when_all_are_durable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
