/* libyizhan where it needs no gateway (client/yizhan.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "client/yizhan.h"

/* Of the Standard Webhooks specification. */
static const char secret[] = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
static const char id[] = "msg_p5jXN8AQM9LWM0D4loKWxJek";
static const char at[] = "1614265330";
static const char body[] = "{\"test\": 2432232314}";
static const char signature[] =
    "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
enum { NOW = 1614265330 };

static enum yizhan_result
check(const char *with, const char *of, const char *time, const char *signed_,
    const char *text, int64_t now)
{
	return yizhan_webhook_check(with, of, time, signed_, text, strlen(text),
	    now);
}

static void
a_webhook_of_the_gateway_is_told_from_others(void **state)
{
	(void)state;
	assert_int_equal(check(secret, id, at, signature, body, NOW),
	    YIZHAN_OK);
	assert_int_equal(check(secret, id, at,
			     "v1,AAAA v1,g0hM9SsE+OTPJTGt/"
			     "tmIKtSyZlE3uFJELVlNIOLJ1OE=",
			     body, NOW + 299),
	    YIZHAN_OK);
	assert_int_equal(check(secret, id, at, signature, "{}", NOW),
	    YIZHAN_DENIED);
	assert_int_equal(check(secret, "msg_other", at, signature, body, NOW),
	    YIZHAN_DENIED);
	assert_int_equal(check(secret, id, "1614265331", signature, body, NOW),
	    YIZHAN_DENIED);
	assert_int_equal(check(secret, id, at, "v1,", body, NOW),
	    YIZHAN_DENIED);
	assert_int_equal(check(secret, id, at, "", body, NOW), YIZHAN_DENIED);
	assert_int_equal(check("whsec_AAAA", id, at, signature, body, NOW),
	    YIZHAN_DENIED);
	assert_int_equal(check("secret", id, at, signature, body, NOW),
	    YIZHAN_LOCAL);
}

static void
a_webhook_of_another_time_is_refused(void **state)
{
	(void)state;
	assert_int_equal(check(secret, id, at, signature, body, NOW + 301),
	    YIZHAN_DENIED);
	assert_int_equal(check(secret, id, at, signature, body, NOW - 301),
	    YIZHAN_DENIED);
	assert_int_equal(check(secret, id, "1614265330x", signature, body, NOW),
	    YIZHAN_DENIED);
	assert_int_equal(check(secret, id, "", signature, body, NOW),
	    YIZHAN_DENIED);
}

static void
what_a_webhook_tells_is_read_as_events(void **state)
{
	static const char told[] =
	    "{\"events\":[{\"id\":7,\"type\":\"letter\",\"state\":\"opened\","
	    "\"waybill_id\":\"w\",\"recipient\":\"A\"}],\"next\":\"7\"}";
	struct yizhan_events *events = NULL;

	(void)state;
	assert_int_equal(yizhan_events_read(told, strlen(told), &events),
	    YIZHAN_OK);
	assert_int_equal(events->count, 1);
	assert_int_equal(events->events[0].id, 7);
	assert_string_equal(events->events[0].state, "opened");
	assert_string_equal(events->events[0].reason, "");
	assert_string_equal(events->next, "7");
	yizhan_events_free(events);
	assert_int_equal(yizhan_events_read("[", 1, &events), YIZHAN_REFUSED);
	assert_int_equal(yizhan_events_read("7", 1, &events), YIZHAN_REFUSED);
}

static struct yizhan *
open_for(const char *url)
{
	struct yizhan_options options = { .url = url,
		.token = "yzt_x",
		.language = "en" };
	struct yizhan *yizhan = NULL;

	assert_int_equal(yizhan_open(&options, &yizhan), YIZHAN_OK);
	return yizhan;
}

static void
a_key_is_made_of_names_and_contents(void **state)
{
	struct yizhan_file files[] = {
		{ .name = "1.di", .data = "ab", .len = 2 },
		{ .name = "1.sw", .data = "c", .len = 1 }
	};
	char key[YIZHAN_KEY_SIZE], other[YIZHAN_KEY_SIZE];
	struct yizhan *yizhan = open_for("https://127.0.0.1:1/");

	(void)state;
	assert_int_equal(yizhan_key(yizhan, files, 2, key), YIZHAN_OK);
	assert_int_equal(strlen(key), 64);
	assert_int_equal(yizhan_key(yizhan, files, 2, other), YIZHAN_OK);
	assert_string_equal(key, other);
	files[1].data = "d";
	assert_int_equal(yizhan_key(yizhan, files, 2, other), YIZHAN_OK);
	assert_string_not_equal(key, other);
	files[1] =
	    (struct yizhan_file){ .name = "2.sw", .data = "c", .len = 1 };
	assert_int_equal(yizhan_key(yizhan, files, 2, other), YIZHAN_OK);
	assert_string_not_equal(key, other);
	files[1].data = NULL;
	files[1].path = "/nonexistent/1.sw";
	assert_int_equal(yizhan_key(yizhan, files, 2, other), YIZHAN_LOCAL);
	assert_non_null(strstr(yizhan_problem(yizhan)->detail, "1.sw"));
	assert_int_equal(yizhan_key(yizhan, files, 0, other), YIZHAN_LOCAL);
	yizhan_close(yizhan);
}

static void
nobody_there_is_a_reason_to_ask_again(void **state)
{
	struct yizhan *yizhan = open_for("https://127.0.0.1:1");
	struct yizhan_letter *letter = NULL;

	(void)state;
	assert_int_equal(yizhan_letter_get(yizhan, "x", &letter), YIZHAN_BUSY);
	assert_null(letter);
	assert_int_equal(yizhan_problem(yizhan)->status, 0);
	assert_string_not_equal(yizhan_problem(yizhan)->next, "");
	yizhan_close(yizhan);
}

static void
options_that_could_hide_a_header_are_refused(void **state)
{
	struct yizhan_options options = { .url = "https://127.0.0.1",
		.token = "a\r\nx: y" };
	struct yizhan *yizhan = NULL;

	(void)state;
	assert_int_equal(yizhan_open(&options, &yizhan), YIZHAN_LOCAL);
	options.token = "yzt_x";
	options.url = "http://10.0.0.1:8443";
	assert_int_equal(yizhan_open(&options, &yizhan), YIZHAN_LOCAL);
	options.url = "https://127.0.0.1";
	assert_int_equal(yizhan_open(&options, &yizhan), YIZHAN_OK);
	assert_int_equal(yizhan_set_trace(yizhan, "00-1\n"), YIZHAN_LOCAL);
	yizhan_close(yizhan);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_webhook_of_the_gateway_is_told_from_others),
		cmocka_unit_test(a_webhook_of_another_time_is_refused),
		cmocka_unit_test(what_a_webhook_tells_is_read_as_events),
		cmocka_unit_test(a_key_is_made_of_names_and_contents),
		cmocka_unit_test(nobody_there_is_a_reason_to_ask_again),
		cmocka_unit_test(options_that_could_hide_a_header_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
