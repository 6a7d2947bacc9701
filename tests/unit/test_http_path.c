#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "base/error.h"
#include "http/http_path.h"

static int
parse(const char *text, struct http_target *ret_target)
{
	struct error err = { 0 };
	int rc = http_target_parse(text, strlen(text), ret_target, &err);

	if (rc < 0) {
		assert_int_equal(err.code, ERROR_MALFORMED);
		assert_string_equal(err.id, "E6101");
	}
	return rc;
}

static void
path_and_parameters_are_decoded(void **state)
{
	struct http_target target;

	(void)state;
	assert_int_equal(parse("/v1/%E5%85%AC%20%e6%96%87?after=12&q=a+b%26c&"
			       "empty=&none&x=%E5%AD%97",
			     &target),
	    0);
	assert_string_equal(target.path, "/v1/公 文");
	assert_int_equal(target.param_count, 5);
	assert_string_equal(http_target_param(&target, "after"), "12");
	assert_string_equal(http_target_param(&target, "q"), "a b&c");
	assert_string_equal(http_target_param(&target, "empty"), "");
	assert_string_equal(http_target_param(&target, "none"), "");
	assert_string_equal(http_target_param(&target, "x"), "字");
	assert_null(http_target_param(&target, "y"));
	http_target_free(&target);

	assert_int_equal(parse("/", &target), 0);
	assert_string_equal(target.path, "/");
	http_target_free(&target);

	assert_int_equal(parse("/a+b/?", &target), 0);
	assert_string_equal(target.path, "/a+b/");
	assert_int_equal(target.param_count, 0);
	http_target_free(&target);
}

static void
a_path_with_two_readings_is_refused(void **state)
{
	static const char *const bad[] = { "", "v1", "*", "http://a/b", "//a",
		"/a//b", "/.", "/./a", "/a/..", "/../a", "/%2e%2e/a", "/%2E",
		"/a%2Fb", "/a%5cb", "/a\\b", "/a%", "/a%4", "/a%4g", "/a%00b",
		"/a%0ab", "/a%7f", "/a b", "/a\tb", "/a\x80", "/a%C0%80",
		"/a%ED%A0%80", "/a#b", "/a%252e", "/公", "/?=b", "/?a&a",
		"/?a=1&a=2", "/?a=1&%61=2", "/?&a", "/?a&&b", "/?a=%",
		"/?a=%zz", "/?a=%00", "/?a=b#c", "/?a%3", "/?a=%ff" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct http_target target;

		if (parse(bad[i], &target) == 0)
			fail_msg("accepted \"%s\"", bad[i]);
	}
}

static void
limits_hold(void **state)
{
	char text[HTTP_TARGET_MAX + 2];
	struct http_target target;
	struct bytes many = { 0 };
	struct error err = { 0 };

	(void)state;
	memset(text, 'a', sizeof(text));
	text[0] = '/';
	text[HTTP_TARGET_MAX + 1] = '\0';
	assert_int_equal(parse(text, &target), -1);
	text[HTTP_TARGET_MAX] = '\0';
	assert_int_equal(parse(text, &target), 0);
	http_target_free(&target);

	bytes_put_text(&many, "/?a");
	for (int i = 1; i < HTTP_PARAMS_MAX; i++)
		bytes_put_format(&many, "&p%d", i);
	assert_int_equal(http_target_parse((const char *)many.data, many.len,
			     &target, &err),
	    0);
	assert_int_equal(target.param_count, HTTP_PARAMS_MAX);
	http_target_free(&target);
	bytes_put_text(&many, "&z");
	assert_int_equal(http_target_parse((const char *)many.data, many.len,
			     &target, &err),
	    -1);
	bytes_free(&many);
}

static void
patterns_pick_out_segments(void **state)
{
	char long_path[HTTP_SEGMENT_SIZE + 8];
	struct http_segments found;

	(void)state;
	assert_true(http_path_match("/v1/deliveries/{}/{}/x",
	    "/v1/deliveries/0190/376490000A/x", &found));
	assert_int_equal(found.count, 2);
	assert_string_equal(found.text[0], "0190");
	assert_string_equal(found.text[1], "376490000A");

	assert_true(http_path_match("/docs/{*}", "/docs/a/b.html", &found));
	assert_string_equal(found.text[0], "a/b.html");
	assert_true(http_path_match("/", "/", NULL));

	assert_true(http_path_match("/v1/{}:confirm", "/v1/a:confirm", &found));
	assert_string_equal(found.text[0], "a");
	assert_false(http_path_match("/v1/{}:confirm", "/v1/a", &found));
	assert_false(http_path_match("/v1/{}:confirm", "/v1/a:return", NULL));
	assert_false(http_path_match("/v1/{}", "/v1/", &found));
	assert_false(http_path_match("/v1/{}", "/v1/a/b", &found));
	assert_false(http_path_match("/v1/{}", "/v1", &found));
	assert_false(http_path_match("/v1/{}/x", "/v1/a/y", &found));
	assert_false(http_path_match("/v1", "/v1/", &found));
	assert_false(http_path_match("/v1/", "/v1", &found));
	assert_false(http_path_match("/docs/{*}", "/docs/", &found));

	memset(long_path, 'a', sizeof(long_path));
	long_path[0] = '/';
	long_path[HTTP_SEGMENT_SIZE + 1] = '\0';
	assert_false(http_path_match("/{}", long_path, &found));
	long_path[HTTP_SEGMENT_SIZE] = '\0';
	assert_true(http_path_match("/{}", long_path, &found));
}

static void
what_is_put_into_a_path_comes_out_again(void **state)
{
	static const char awkward[] = "公文 a+b?&=#100-._~";
	struct bytes text = { 0 };
	struct http_target target;

	(void)state;
	bytes_put_text(&text, "/");
	http_path_put(&text, awkward);
	bytes_put_text(&text, "?q=");
	http_path_put(&text, "50% / \\ 公");
	bytes_put_u8(&text, 0);
	assert_int_equal(parse((const char *)text.data, &target), 0);
	assert_string_equal(target.path + 1, awkward);
	assert_string_equal(http_target_param(&target, "q"), "50% / \\ 公");
	http_target_free(&target);
	bytes_free(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(path_and_parameters_are_decoded),
		cmocka_unit_test(a_path_with_two_readings_is_refused),
		cmocka_unit_test(limits_hold),
		cmocka_unit_test(patterns_pick_out_segments),
		cmocka_unit_test(what_is_put_into_a_path_comes_out_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
