#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/text.h"
#include "envelope/bundle.h"
#include "harness/fake_host.h"
#include "role/filler.h"
#include "role/listener/listener.h"
#include "role/listener/listener_local.h"
#include "sys/socket.h"

static const struct listener_route routes[] = {
	{ "POST", "/v1/documents", LISTENER_BODY_BUNDLE, 0, 0,
	    listener_local_handle },
	{ "GET", "/v1/outbox/{}", LISTENER_BODY_NONE, 0, 0,
	    listener_local_handle },
	{ "POST", "/v1/inbox/{}/{}:return", LISTENER_BODY_JSON, 100, 0,
	    listener_local_handle },
	{ NULL, NULL, LISTENER_BODY_NONE, 0, 0, NULL },
};

struct fixture {
	struct fake_host host;
	struct listener *listener;
	struct http_client *client;
	char path[SCRATCH_PATH_SIZE + 16];
};

struct ask {
	struct http_stream *stream;
	bool is_done;
	int status;
	struct error err;
	struct bytes body;
	struct bytes answer;
};

static const struct http_client_events client_events = { NULL, NULL };

static int
set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	struct fake_host *host = &fixture->host;
	struct http_client_options options = { .fd = -1,
		.authority = "local",
		.events = &client_events };
	static const struct listener_tables tables = {
		.of = { [LISTENER_LOCAL] = routes },
	};
	struct error err = { 0 };

	fake_host_init(host, ROLE_LISTENER, "gateway");
	snprintf(fixture->path, sizeof(fixture->path), "%s/control",
	    host->folder);
	assert_int_equal(socket_listen_unix(fixture->path,
			     &host->env.control_fd, &err),
	    0);
	if (listener_open(&host->env, &tables, &fixture->listener, &err) < 0)
		fail_msg("%s", err.text);
	peer_tell(host->spooler, MESSAGE_OPEN, 0, NULL, -1);
	options.loop = host->loop;
	options.unix_path = fixture->path;
	if (http_client_new(&options, &fixture->client, &err) < 0)
		fail_msg("%s", err.text);
	fake_host_run(host);
	*state = fixture;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *fixture = *state;

	http_client_free(fixture->client);
	listener_close(fixture->listener);
	close(fixture->host.env.control_fd);
	fake_host_free(&fixture->host);
	free(fixture);
	return 0;
}

static void
on_headers(void *ctx, struct http_stream *stream, int status)
{
	struct ask *ask = ctx;

	(void)stream;
	ask->status = status;
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
}

static const struct http_stream_events stream_events = { on_headers, on_body,
	on_end };

static void
send_ask(struct fixture *fixture, struct ask *ask, const char *method,
    const char *target, const char *type)
{
	struct http_header headers[] = {
		{ "content-type", type },
		{ "idempotency-key", "key-1" },
		{ "accept-language", "en" },
	};
	struct http_outgoing request = { .method = method,
		.target = target,
		.headers = headers,
		.header_count = ARRAY_LEN(headers) };
	struct error err = { 0 };

	if (ask->body.len > 0)
		request.body.bytes = &ask->body;
	assert_int_equal(http_client_send(fixture->client, &request,
			     &stream_events, ask, &ask->stream, &err),
	    0);
}

static void
ask_free(struct ask *ask)
{
	bytes_free(&ask->body);
	bytes_free(&ask->answer);
}

static void
put_file(struct bytes *to, const char *name, size_t len)
{
	bundle_put(to, BUNDLE_NAME, name, strlen(name));
	bundle_put_head(to, BUNDLE_FILE, len);
	memset(bytes_extend(to, len), name[0], len);
}

static const char bundle_type[] = "application/vnd.yizhan.bundle";

static void
answer(struct peer *peer, const struct fake_event *event, int status,
    uint64_t payload, uint64_t payload_len)
{
	struct message_response response = { .status = (uint16_t)status,
		.type = "application/json",
		.body = blob_of("{\"a\":1}", 7),
		.payload = payload,
		.payload_len = payload_len };

	peer_tell(peer, MESSAGE_RESPONSE, event->id, &response, -1);
}

static void
files_are_uploaded_before_the_request_is_passed_on(void **state)
{
	struct fixture *fixture = *state;
	struct fake_host *host = &fixture->host;
	struct message_request request;
	struct message_file files[3];
	struct fake_event *event;
	struct error err = { 0 };
	struct ask ask = { 0 };

	bundle_put_magic(&ask.body);
	put_file(&ask.body, "1.di", 2000);
	put_file(&ask.body, "1.sw", 0);
	put_file(&ask.body, "attachment.pdf", 300000);
	send_ask(fixture, &ask, "POST", "/v1/documents", bundle_type);
	event = fake_host_await(host, MESSAGE_REQUEST);
	fake_event_read(event, &request);

	assert_ptr_equal(event->from, host->spooler);
	assert_string_equal(request.method, "POST");
	assert_string_equal(request.path, "/v1/documents");
	assert_string_equal(request.key, "key-1");
	assert_string_equal(request.language, "en");
	assert_int_equal(request.uid, geteuid());
	for (int i = 0; i < 3; i++)
		assert_int_equal(codec_next(message_fields(MESSAGE_FILE),
				     &request.files, &files[i], &err),
		    1);
	assert_string_equal(files[0].name, "1.di");
	assert_int_equal(files[0].len, 2000);
	assert_string_equal(files[1].name, "1.sw");
	assert_int_equal(files[1].len, 0);
	assert_int_equal(files[2].len, 300000);
	assert_int_equal(host->uploaded.len, 302000);
	assert_int_equal(filler_open_count(fixture->listener->filler), 0);
	answer(host->spooler, event, 201, 0, 0);
	fake_host_until(host, &ask.is_done);
	assert_int_equal(ask.status, 201);
	assert_int_equal(ask.answer.len, 7);
	assert_false(fake_host_has(host, MESSAGE_CANCEL));
	ask_free(&ask);
}

static void
a_bundle_with_a_bad_name_leaves_nothing_behind(void **state)
{
	static const char *const names[] = { "../1.di", "a/b", ".", "a\nb",
		"\xff" };
	struct fixture *fixture = *state;
	struct fake_host *host = &fixture->host;

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct ask ask = { 0 };

		bundle_put_magic(&ask.body);
		put_file(&ask.body, "big", 100000);
		put_file(&ask.body, names[i], 10);
		send_ask(fixture, &ask, "POST", "/v1/documents", bundle_type);
		fake_host_until(host, &ask.is_done);
		assert_int_equal(ask.status, 400);
		fake_host_await(host, MESSAGE_UPLOAD_ABORT);
		ask_free(&ask);
	}
	fake_host_run(host);
	assert_false(fake_host_has(host, MESSAGE_REQUEST));
	assert_int_equal(filler_open_count(fixture->listener->filler), 0);
	assert_int_equal(filler_free_slots(fixture->listener->filler),
	    LISTENER_SLOTS);
}

static void
two_files_of_one_name_are_refused(void **state)
{
	struct fixture *fixture = *state;
	struct ask ask = { 0 };

	bundle_put_magic(&ask.body);
	put_file(&ask.body, "1.di", 10);
	put_file(&ask.body, "1.di", 10);
	send_ask(fixture, &ask, "POST", "/v1/documents", bundle_type);
	fake_host_until(&fixture->host, &ask.is_done);

	assert_int_equal(ask.status, 400);
	ask_free(&ask);
}

static void
reads_go_to_query_and_waits_to_the_spooler(void **state)
{
	struct fixture *fixture = *state;
	struct fake_host *host = &fixture->host;
	struct ask asks[2] = { { 0 }, { 0 } };
	struct message_request request;
	struct fake_event *event;

	send_ask(fixture, &asks[0], "GET", "/v1/outbox/x?a=%20b", "");
	event = fake_host_await(host, MESSAGE_REQUEST);
	assert_ptr_equal(event->from, host->query);
	fake_event_read(event, &request);
	assert_string_equal(request.path, "/v1/outbox/x?a=%20b");
	answer(host->query, event, 200, 0, 0);
	send_ask(fixture, &asks[1], "GET", "/v1/outbox/x?for=opened", "");
	event = fake_host_await(host, MESSAGE_REQUEST);
	assert_ptr_equal(event->from, host->spooler);
	answer(host->spooler, event, 404, 0, 0);
	fake_host_until(host, &asks[0].is_done);
	fake_host_until(host, &asks[1].is_done);

	assert_int_equal(asks[0].status, 200);
	assert_int_equal(asks[1].status, 404);
	ask_free(&asks[0]);
	ask_free(&asks[1]);
}

static void
who_goes_cancels_the_request(void **state)
{
	struct fixture *fixture = *state;
	struct fake_host *host = &fixture->host;
	struct fake_event *event;
	struct ask ask = { 0 };

	send_ask(fixture, &ask, "GET", "/v1/outbox/x?wait=60", "");
	event = fake_host_await(host, MESSAGE_REQUEST);
	http_stream_cancel(ask.stream);

	assert_int_equal(fake_host_await(host, MESSAGE_CANCEL)->id, event->id);
	ask_free(&ask);
}

static void
a_payload_follows_the_body(void **state)
{
	struct fixture *fixture = *state;
	struct fake_host *host = &fixture->host;
	struct ask ask = { 0 };

	send_ask(fixture, &ask, "GET", "/v1/outbox/x", "");
	answer(host->query, fake_host_await(host, MESSAGE_REQUEST), 200, 5, 20);
	fake_host_give_payload(host,
	    fake_host_await(host, MESSAGE_PAYLOAD_READ), 20, true);
	fake_host_until(host, &ask.is_done);

	assert_int_equal(ask.status, 200);
	assert_int_equal(ask.answer.len, 27);
	assert_memory_equal(ask.answer.data, "{\"a\":1}ppp", 10);
	ask_free(&ask);
}

static void
a_json_body_has_a_limit(void **state)
{
	struct fixture *fixture = *state;
	struct fake_host *host = &fixture->host;
	struct message_request request;
	struct fake_event *event;
	struct ask asks[2] = { { 0 }, { 0 } };

	bytes_put_text(&asks[0].body, "{\"reason\":\"key\"}");
	send_ask(fixture, &asks[0], "POST", "/v1/inbox/x/y:return",
	    "application/json");
	event = fake_host_await(host, MESSAGE_REQUEST);
	fake_event_read(event, &request);
	assert_int_equal(request.body.len, 16);
	assert_memory_equal(request.body.data, "{\"reason\":\"key\"}", 16);
	answer(host->spooler, event, 200, 0, 0);
	memset(bytes_extend(&asks[1].body, 101), ' ', 101);
	send_ask(fixture, &asks[1], "POST", "/v1/inbox/x/y:return",
	    "application/json");
	fake_host_until(host, &asks[0].is_done);
	fake_host_until(host, &asks[1].is_done);

	assert_int_equal(asks[0].status, 200);
	assert_int_equal(asks[1].status, 413);
	ask_free(&asks[0]);
	ask_free(&asks[1]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(files_are_uploaded_before_the_request_is_passed_on),
		TEST(a_bundle_with_a_bad_name_leaves_nothing_behind),
		TEST(two_files_of_one_name_are_refused),
		TEST(reads_go_to_query_and_waits_to_the_spooler),
		TEST(who_goes_cancels_the_request),
		TEST(a_payload_follows_the_body),
		TEST(a_json_body_has_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
