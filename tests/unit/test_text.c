#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"

static void
numbers_are_digits_within_their_limit(void **state)
{
	uint64_t value = 7;

	(void)state;
	assert_true(text_parse_u64("0", 0, &value));
	assert_true(text_parse_u64("255", 255, &value));
	assert_int_equal(value, 255);
	assert_false(text_parse_u64("256", 255, &value));
	assert_true(text_parse_u64("18446744073709551615", UINT64_MAX, &value));
	assert_false(
	    text_parse_u64("18446744073709551616", UINT64_MAX, &value));
	assert_false(text_parse_u64("", 9, &value));
	assert_false(text_parse_u64("-1", 9, &value));
	assert_false(text_parse_u64(" 1", 9, &value));
	assert_false(text_parse_u64("1x", 99, &value));
}

static void
a_copy_that_does_not_fit_is_refused(void **state)
{
	char field[4] = "old";

	(void)state;
	assert_true(text_copy(field, sizeof(field), "abc"));
	assert_false(text_copy(field, sizeof(field), "abcd"));
	assert_string_equal(field, "");
	assert_false(text_copy_len(field, sizeof(field), "a\0b", 3));
}

static void
utf8_is_strict(void **state)
{
	(void)state;
	assert_true(text_is_utf8("公文", 6));
	assert_true(text_is_utf8("\xf0\xa0\x80\x80", 4));
	assert_false(text_is_utf8("\xc0\x80", 2));         /* overlong */
	assert_false(text_is_utf8("\xe0\x80\x80", 3));     /* overlong */
	assert_false(text_is_utf8("\xed\xa0\x80", 3));     /* surrogate */
	assert_false(text_is_utf8("\xf4\x90\x80\x80", 4)); /* > 10ffff */
	assert_false(text_is_utf8("\xe5\x85", 2));         /* cut */
}

static void
base64_round_trips_at_every_length(void **state)
{
	static const uint8_t data[] = { 0, 255, 1, 254, 2, 253, 3 };
	struct error err = { 0 };

	(void)state;
	for (size_t len = 0; len <= sizeof(data); len++) {
		struct bytes text = { 0 };
		struct bytes back = { 0 };

		base64_put(&text, data, len);
		assert_int_equal(base64_parse((const char *)text.data, text.len,
				     &back, &err),
		    0);
		assert_int_equal(back.len, len);
		if (len > 0)
			assert_memory_equal(back.data, data, len);
		bytes_free(&text);
		bytes_free(&back);
	}
}

static void
base64_is_strict(void **state)
{
	static const char *const broken[] = { "A", "AA=", "AAA",
		"A===", "AB==", "AAB=", "AA A", "AA==AAAA", "AA-A" };
	struct error err = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		struct bytes back = { 0 };

		assert_int_equal(base64_parse(broken[i], strlen(broken[i]),
				     &back, &err),
		    -1);
		assert_int_equal(err.code, ERROR_MALFORMED);
		bytes_free(&back);
	}
}

static void
hex_takes_lower_case_of_exact_length(void **state)
{
	uint8_t out[2];
	char text[5];

	(void)state;
	assert_true(hex_parse("0aff", out, 2));
	hex_format(out, 2, text);
	assert_string_equal(text, "0aff");
	assert_false(hex_parse("0AFF", out, 2));
	assert_false(hex_parse("0aff0", out, 2));
	assert_false(hex_parse("0ag0", out, 2));
}

/* T-LOG-07: nothing hostile reaches a log line or a terminal raw. */
static void
hostile_text_is_escaped(void **state)
{
	static const char text[] = "a\r\n\x1b[31m\"\\\xe2\x80\xae公\xff";
	struct bytes line = { 0 };

	(void)state;
	text_put_escaped(&line, text, sizeof(text) - 1);
	bytes_put_u8(&line, 0);
	assert_string_equal((char *)line.data,
	    "a\\x0d\\x0a\\x1b[31m\\\"\\\\\\xe2\\x80\\xae公\\xff");
	bytes_free(&line);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_digits_within_their_limit),
		cmocka_unit_test(a_copy_that_does_not_fit_is_refused),
		cmocka_unit_test(utf8_is_strict),
		cmocka_unit_test(base64_round_trips_at_every_length),
		cmocka_unit_test(base64_is_strict),
		cmocka_unit_test(hex_takes_lower_case_of_exact_length),
		cmocka_unit_test(hostile_text_is_escaped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
