#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/error.h"
#include "json/json_read.h"
#include "role/bulletins/serials.h"
#include "role/listener/listener_load.h"
#include "role/listener/listener_route.h"
#include "role/message.h"
#include "role/problem.h"

static const struct listener_route routes[] = {
	{ .method = "GET", .pattern = "/v1/feed" },
	{ .method = "POST", .pattern = "/v1/feed/acknowledge" },
	{ .method = "GET", .pattern = "/v1/inbox/{}/{}" },
	{ .method = "POST", .pattern = "/v1/inbox/{}/{}:confirm" },
	{ .method = "POST", .pattern = "/v1/documents" },
	{ .method = "POST", .pattern = "/v1/documents:validate" },
	{ .method = NULL },
};

static int
find(const char *method, const char *path, struct http_segments *segments,
    struct error *err)
{
	const struct listener_route *route = NULL;

	if (listener_route_find(routes, method, path, &route, segments, err) <
	    0)
		return -1;
	return (int)(route - routes);
}

static void
a_route_is_found_by_method_and_whole_path(void **state)
{
	struct http_segments segments;
	struct error err = { 0 };

	(void)state;
	assert_int_equal(find("GET", "/v1/feed", &segments, &err), 0);
	assert_int_equal(find("POST", "/v1/documents:validate", &segments,
			     &err),
	    5);
	assert_int_equal(find("GET", "/v1/inbox/a/b", &segments, &err), 2);
	assert_int_equal(segments.count, 2);
	assert_string_equal(segments.text[1], "b");
	assert_int_equal(find("POST", "/v1/inbox/a/b:confirm", &segments, &err),
	    3);
	assert_string_equal(segments.text[1], "b");
}

static void
what_is_only_like_a_route_is_not_found(void **state)
{
	static const char *const paths[] = { "/v1/feed/", "/v1/fee",
		"/v1/feedx", "/V1/feed", "/v1/inbox/a", "/v1/inbox//b",
		"/v1/inbox/a/b/c", "/" };
	struct http_segments segments;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		struct error err = { 0 };

		assert_int_equal(find("GET", paths[i], &segments, &err), -1);
		assert_string_equal(err.id, "E6201");
	}
}

static void
another_method_is_told_apart_from_no_route(void **state)
{
	const struct listener_route *route = NULL;
	struct http_segments segments;
	struct error err = { 0 };

	(void)state;
	assert_int_equal(listener_route_find(routes, "DELETE", "/v1/feed",
			     &route, &segments, &err),
	    -1);
	assert_string_equal(err.id, "E6202");
	assert_string_equal(route->method, "GET");
}

static void
the_language_is_chinese_unless_english_is_preferred(void **state)
{
	static const struct {
		const char *field;
		bool is_english;
	} cases[] = {
		{ NULL, false },
		{ "", false },
		{ "en", true },
		{ "EN-us", true },
		{ "zh-TW,zh;q=0.9,en;q=0.8", false },
		{ "en-US,en;q=0.9,zh-TW;q=0.8", true },
		{ "zh;q=0.3, en;q=0.7", true },
		{ "en;q=0", false },
		{ "en;q=x", false },
		{ "fr, de;q=0.5", false },
		{ "eng", false },
		{ ",,;q=,en", true },
		{ "zh,en", false },
		{ "en,zh", true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_int_equal(problem_is_english(cases[i].field),
		    cases[i].is_english);
}

static const char *
member(const struct json_document *document, const char *key)
{
	return json_value_text(json_value_member(json_root(document), key));
}

static void
a_problem_has_the_words_of_the_catalogue(void **state)
{
	struct json_document *document = NULL;
	struct bytes json = { 0 };
	struct error failure = { 0 };
	struct error err = { 0 };
	int64_t status = 0;

	(void)state;
	error_set_id(&failure, "E4002", ERROR_DENIED, "from \"127.0.0.9\"");

	assert_int_equal(problem_put(&failure, "en", "", NULL, &json), 403);

	assert_int_equal(json_read(json.data, json.len, 65536, &document, &err),
	    0);
	assert_string_equal(member(document, "type"),
	    "https://yizhan.example/problem/E4002");
	assert_string_equal(member(document, "code"), "E4002");
	assert_string_equal(member(document, "title"),
	    "Calls from another address");
	assert_string_equal(member(document, "detail"), "from \"127.0.0.9\"");
	assert_non_null(member(document, "cause"));
	assert_non_null(member(document, "next"));
	assert_true(
	    json_value_integer(json_value_member(json_root(document), "status"),
		&status));
	assert_int_equal(status, 403);
	assert_true(json_value_is_array(
	    json_value_member(json_root(document), "errors")));
	json_document_free(document);
	bytes_free(&json);
}

static void
a_problem_about_bytes_that_are_no_text_is_still_json(void **state)
{
	struct json_document *document = NULL;
	struct bytes json = { 0 };
	struct error failure = { 0 };
	struct error err = { 0 };

	(void)state;
	error_set(&failure, ERROR_MALFORMED, "name \xff\xfe");

	assert_int_equal(problem_put(&failure, NULL, "", "[{}]", &json), 400);

	assert_int_equal(json_read(json.data, json.len, 65536, &document, &err),
	    0);
	assert_string_equal(member(document, "detail"), "name \\xff\\xfe");
	assert_int_equal(json_value_count(
			     json_value_member(json_root(document), "errors")),
	    1);
	json_document_free(document);
	bytes_free(&json);
}

static void
serials_are_read_and_compared(void **state)
{
	struct message_directory have, ours = { .root = 1, .directory = 4 };
	struct bytes text = { 0 };
	struct error err = { 0 };

	(void)state;
	assert_int_equal(serials_parse_have("", &have, &err), 0);
	assert_true(serials_is_newer(&ours, &have));
	assert_int_equal(
	    serials_parse_have("root:1,directory:4,network:9,access/center-a:2",
		&have, &err),
	    0);
	assert_false(serials_is_newer(&ours, &have));
	ours.timestamp = 1;
	assert_true(serials_is_newer(&ours, &have));
	serials_put(&ours, &text);
	assert_int_equal(text.len,
	    strlen("root=1,directory=4,network=0,timestamp=1"));
	assert_memory_equal(text.data,
	    "root=1,directory=4,network=0,timestamp=1", text.len);
	bytes_put_u8(&text, '\0');
	assert_int_equal(serials_told_directory((char *)text.data), 4);
	assert_int_equal(serials_told_directory("directory=7"), 7);
	assert_int_equal(serials_told_directory(""), 0);
	assert_int_equal(serials_told_directory("root=1,directory=x"), 0);
	assert_int_equal(serials_told_directory("root=1,"), 0);
	bytes_free(&text);
}

/* Another one may take its place under the same serial. */
static void
what_a_root_disowned_is_named_with_its_digest(void **state)
{
	const struct digest digest = { { 0x01, 0x23, 0xab, 0xcd, 0xef } };
	struct serials_item item = { .serial = 3 };
	struct message_directory have;
	struct bytes text = { 0 };
	struct error err = { 0 };

	(void)state;
	serials_mark(&digest, item.mark);
	serials_put_item(BULLETIN_RULES, "", &item, &text);
	bytes_put_text(&text, ",");
	item.serial = 7;
	serials_put_item(BULLETIN_DIRECTORY, "", &item, &text);
	bytes_put_text(&text, ",");
	item = (struct serials_item){ .serial = 2 };
	serials_put_item(BULLETIN_ACCESS, "center-a", &item, &text);
	bytes_put_u8(&text, '\0');
	assert_string_equal((char *)text.data,
	    "rules:3-0123abcd,directory:7-0123abcd,access/center-a:2");

	assert_int_equal(serials_parse_have((char *)text.data, &have, &err), 0);
	assert_int_equal(have.directory, 7);
	item = serials_find_item((char *)text.data, BULLETIN_DIRECTORY, "");
	assert_int_equal(item.serial, 7);
	assert_string_equal(item.mark, "0123abcd");
	item =
	    serials_find_item((char *)text.data, BULLETIN_ACCESS, "center-a");
	assert_int_equal(item.serial, 2);
	assert_string_equal(item.mark, "");
	assert_int_equal(serials_find_item((char *)text.data, BULLETIN_ACCESS,
			     "center")
			     .serial,
	    0);
	bytes_free(&text);
}

static void
what_is_no_list_of_serials_is_malformed(void **state)
{
	static const char *const texts[] = { "root", "root:", "root:x",
		"other:1", ",", "root:1,,network:2", "root:-1", ":1", "root:1-",
		"root:1-0123abc", "root:1-0123abcde", "root:1-0123abcx",
		"root:-0123abcd" };
	struct message_directory have;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct error err = { 0 };

		assert_int_equal(serials_parse_have(texts[i], &have, &err), -1);
		assert_string_equal(err.id, "E6205");
	}
}

enum { LOAD_PLACES = 12 };

struct load {
	struct listener_load *load;
	struct listener_load_entry entries[64];
	size_t count;
	uint64_t now_ms;
	struct error err;
};

static void
load_new(struct load *load, const struct listener_load_limits *limits)
{
	struct error err = { 0 };

	memset(load, 0, sizeof(*load));
	load->now_ms = 100000;
	assert_int_equal(listener_load_new(limits, &load->load, &err), 0);
}

static bool
load_ask(struct load *load, uint8_t caller, bool is_work)
{
	struct listener_load_entry *entry = &load->entries[load->count];

	*entry = (struct listener_load_entry){ .caller.bytes = { caller },
		.is_work = is_work };
	load->err = (struct error){ 0 };
	if (listener_load_add(load->load, entry, load->now_ms, 0, &load->err) <
	    0)
		return false;
	load->count++;
	return true;
}

static void
load_end(struct load *load, size_t index)
{
	listener_load_remove(load->load, &load->entries[index], load->now_ms);
}

static void
one_caller_cannot_have_all_requests(void **state)
{
	const struct listener_load_limits limits = { 3, 2, LOAD_PLACES };
	struct load load;

	(void)state;
	load_new(&load, &limits);
	assert_true(load_ask(&load, 1, false));
	assert_true(load_ask(&load, 1, false));
	assert_false(load_ask(&load, 1, false));
	assert_string_equal(load.err.id, "E6208");

	assert_true(load_ask(&load, 2, false));
	assert_false(load_ask(&load, 2, false));
	assert_string_equal(load.err.id, "E6206");

	load_end(&load, 0);
	load_end(&load, 0); /* counted once, so given back once */
	assert_true(load_ask(&load, 2, false));
	assert_false(load_ask(&load, 2, false));
	listener_load_free(load.load);
}

/* Whoever asks again at once cannot have a host do nothing but refuse. */
static void
most_refusals_of_a_second_are_held_back(void **state)
{
	const struct listener_load_limits limits = { 3, 2, LOAD_PLACES };
	static struct listener_load_entry held[LISTENER_LOAD_HELD_MAX + 1];
	struct listener_load_entry entry = { .is_work = true };
	struct load load;

	(void)state;
	load_new(&load, &limits);
	for (int i = 0; i < LISTENER_LOAD_AT_ONCE; i++)
		assert_int_equal(listener_load_hold(load.load, &entry, 5000),
		    0);
	assert_int_equal(listener_load_hold(load.load, &held[0], 5999),
	    LISTENER_LOAD_HOLD_MS);
	/* Those of the next second hear at once. */
	assert_int_equal(listener_load_hold(load.load, &entry, 6000), 0);
	assert_false(entry.is_held);

	/* As many as may be held, and room again when one has ended. */
	for (int i = 1; i < LISTENER_LOAD_AT_ONCE; i++)
		assert_int_equal(listener_load_hold(load.load, &entry, 6000),
		    0);
	for (int i = 1; i < LISTENER_LOAD_HELD_MAX; i++)
		assert_int_not_equal(listener_load_hold(load.load, &held[i],
					 6000),
		    0);
	assert_int_equal(listener_load_hold(load.load, &entry, 6000), 0);
	listener_load_remove(load.load, &held[0], 6000);
	listener_load_remove(load.load, &held[0], 6000);
	assert_int_not_equal(listener_load_hold(load.load, &held[0], 6000), 0);
	assert_int_equal(listener_load_hold(load.load, &entry, 6000), 0);
	listener_load_free(load.load);
}

static void
shares_are_equal_with_one_left_over(void **state)
{
	(void)state;
	assert_int_equal(listener_load_share(12, 1), 6);
	assert_int_equal(listener_load_share(12, 2), 4);
	assert_int_equal(listener_load_share(12, 3), 3);
	assert_int_equal(listener_load_share(12, 100), 1);
	for (size_t callers = 1; callers < 12; callers++)
		assert_true(callers * listener_load_share(12, callers) < 12);
}

/* T-LOAD-03: whoever comes finds its share, however greedy the first one is. */
static void
new_work_has_a_share_for_each_caller(void **state)
{
	const struct listener_load_limits limits = { 100, 100, LOAD_PLACES };
	struct load load;

	(void)state;
	load_new(&load, &limits);
	for (int i = 0; i < 6; i++)
		assert_true(load_ask(&load, 1, true));
	assert_false(load_ask(&load, 1, true));
	assert_string_equal(load.err.id, "E6208");
	for (int i = 0; i < 4; i++)
		assert_true(load_ask(&load, 2, true));
	assert_false(load_ask(&load, 2, true));
	assert_string_equal(load.err.id, "E6208");
	/* What the first one has beyond its share now comes back by and by. */
	load_end(&load, 0);
	load_end(&load, 1);
	assert_false(load_ask(&load, 1, true));
	load_end(&load, 2);
	assert_true(load_ask(&load, 1, true));
	listener_load_free(load.load);
}

static void
what_ends_work_needs_no_place(void **state)
{
	const struct listener_load_limits limits = { 100, 100, 2 };
	struct load load;

	(void)state;
	load_new(&load, &limits);
	assert_true(load_ask(&load, 1, true));
	assert_true(load_ask(&load, 2, true));
	assert_false(load_ask(&load, 3, true));
	assert_string_equal(load.err.id, "E6206");
	assert_true(load_ask(&load, 1, false));
	assert_true(load_ask(&load, 3, false));
	listener_load_free(load.load);
}

static void
local_callers_share_with_nobody(void **state)
{
	const struct listener_load_limits limits = { 100, 100, 2 };
	struct load load;

	(void)state;
	load_new(&load, &limits);
	for (int i = 0; i < 2; i++) {
		load.entries[i] =
		    (struct listener_load_entry){ .is_local = true,
			    .is_work = true };
		assert_int_equal(listener_load_add(load.load, &load.entries[i],
				     load.now_ms, 0, &load.err),
		    0);
	}
	listener_load_free(load.load);
}

static void
the_wait_is_what_the_work_takes(void **state)
{
	(void)state;
	assert_int_equal(listener_load_wait_s(20, 10, 1000, 0), 2);
	assert_int_equal(listener_load_wait_s(21, 10, 1000, 0), 3);
	assert_int_equal(listener_load_wait_s(500, 250, 20, 0), 1);
	assert_int_equal(listener_load_wait_s(1000000, 1, 1000, 0), 60);
	assert_int_equal(listener_load_wait_s(7, 3, 0, 0), 2);
	assert_int_equal(listener_load_wait_s(7, 0, 50, 0), 2);
	/* Up to as much again, so that not all come back together. */
	for (uint32_t random = 0; random < 9; random++)
		assert_in_range(listener_load_wait_s(20, 10, 1000, random), 2,
		    4);
	assert_int_equal(listener_load_wait_s(20, 10, 1000, 2), 4);
}

static void
the_wait_grows_with_those_sent_away_but_not_for_ever(void **state)
{
	const struct listener_load_limits limits = { 100, 100, 2 };
	struct load load;

	(void)state;
	load_new(&load, &limits);
	assert_true(load_ask(&load, 1, true));
	assert_true(load_ask(&load, 2, true));
	load.now_ms += 4000;
	load_end(&load, 0);
	assert_true(load_ask(&load, 1, true)); /* 4 s each, two at a time */
	assert_false(load_ask(&load, 3, true));
	assert_string_equal(load.err.id, "E6206");
	assert_int_equal(load.err.retry_after_s, 6); /* 2 and 1 */
	for (int i = 0; i < 10; i++)
		assert_false(load_ask(&load, 3, true));
	assert_int_equal(load.err.retry_after_s, 8); /* 2 and 2 */
	load.now_ms += 10000;
	assert_false(load_ask(&load, 3, true));
	assert_int_equal(load.err.retry_after_s, 6);
	listener_load_free(load.load);
}

static void
one_caller_waits_for_its_own_work(void **state)
{
	const struct listener_load_limits limits = { 100, 100, 4 };
	struct load load;

	(void)state;
	load_new(&load, &limits);
	assert_true(load_ask(&load, 1, true));
	assert_true(load_ask(&load, 1, true));
	load.now_ms += 2000;
	load_end(&load, 0);
	assert_true(load_ask(&load, 1, true));
	for (int i = 0; i < 10; i++)
		assert_false(load_ask(&load, 1, true));
	assert_string_equal(load.err.id, "E6208");
	assert_int_equal(load.err.retry_after_s, 3);
	listener_load_free(load.load);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_route_is_found_by_method_and_whole_path),
		cmocka_unit_test(what_is_only_like_a_route_is_not_found),
		cmocka_unit_test(another_method_is_told_apart_from_no_route),
		cmocka_unit_test(
		    the_language_is_chinese_unless_english_is_preferred),
		cmocka_unit_test(a_problem_has_the_words_of_the_catalogue),
		cmocka_unit_test(
		    a_problem_about_bytes_that_are_no_text_is_still_json),
		cmocka_unit_test(serials_are_read_and_compared),
		cmocka_unit_test(what_a_root_disowned_is_named_with_its_digest),
		cmocka_unit_test(what_is_no_list_of_serials_is_malformed),
		cmocka_unit_test(one_caller_cannot_have_all_requests),
		cmocka_unit_test(most_refusals_of_a_second_are_held_back),
		cmocka_unit_test(shares_are_equal_with_one_left_over),
		cmocka_unit_test(new_work_has_a_share_for_each_caller),
		cmocka_unit_test(what_ends_work_needs_no_place),
		cmocka_unit_test(local_callers_share_with_nobody),
		cmocka_unit_test(the_wait_is_what_the_work_takes),
		cmocka_unit_test(
		    the_wait_grows_with_those_sent_away_but_not_for_ever),
		cmocka_unit_test(one_caller_waits_for_its_own_work),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
