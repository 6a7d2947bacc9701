#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/error.h"

static void
integers_come_back_in_order(void **state)
{
	struct bytes bytes = { 0 };
	struct error err = { 0 };
	struct cursor cursor;

	(void)state;
	bytes_put_u8(&bytes, 1);
	bytes_put_u16(&bytes, 0x0203);
	bytes_put_u32(&bytes, 0x04050607);
	bytes_put_u64(&bytes, 0x08090a0b0c0d0e0f);
	bytes_put_text(&bytes, "end");
	assert_int_equal(bytes_failed(&bytes, &err), 0);
	assert_int_equal(bytes.data[1], 2);

	cursor = cursor_of(bytes.data, bytes.len);
	assert_int_equal(cursor_u8(&cursor), 1);
	assert_int_equal(cursor_u16(&cursor), 0x0203);
	assert_int_equal(cursor_u32(&cursor), 0x04050607);
	assert_true(cursor_u64(&cursor) == 0x08090a0b0c0d0e0f);
	assert_memory_equal(cursor_take(&cursor, 3), "end", 3);
	assert_true(cursor_done(&cursor));
	bytes_free(&bytes);
}

static void
reading_beyond_the_end_gives_zero_and_stays_failed(void **state)
{
	static const uint8_t data[] = { 1, 2, 3 };
	struct cursor cursor = cursor_of(data, sizeof(data));
	uint8_t copy[2] = { 9, 9 };

	(void)state;
	assert_int_equal(cursor_u32(&cursor), 0);
	assert_int_equal(cursor_u8(&cursor), 0);
	cursor_copy(&cursor, copy, sizeof(copy));
	assert_int_equal(copy[0], 0);
	assert_false(cursor_done(&cursor));
	assert_null(cursor_take(&cursor, 0));
}

static void
what_is_left_over_is_noticed(void **state)
{
	struct cursor cursor = cursor_of("ab", 2);

	(void)state;
	cursor_u8(&cursor);
	assert_false(cursor_done(&cursor));
}

static void
format_leaves_no_nul(void **state)
{
	struct bytes bytes = { 0 };

	(void)state;
	bytes_put_format(&bytes, "%d-%s", 12, "x");
	bytes_put_format(&bytes, "%s", "");
	bytes_put_u8(&bytes, '!');
	assert_int_equal(bytes.len, 5);
	assert_memory_equal(bytes.data, "12-x!", 5);
	bytes_wipe(&bytes);
	assert_null(bytes.data);
}

static void
an_absurd_length_fails_cleanly(void **state)
{
	struct bytes bytes = { 0 };
	struct error err = { 0 };

	(void)state;
	assert_null(bytes_extend(&bytes, SIZE_MAX));
	bytes_put_u8(&bytes, 1);
	assert_int_equal(bytes_failed(&bytes, &err), -1);
	assert_true(error_is_temporary(&err));
	bytes_free(&bytes);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(integers_come_back_in_order),
		cmocka_unit_test(
		    reading_beyond_the_end_gives_zero_and_stays_failed),
		cmocka_unit_test(what_is_left_over_is_noticed),
		cmocka_unit_test(format_leaves_no_nul),
		cmocka_unit_test(an_absurd_length_fails_cleanly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
