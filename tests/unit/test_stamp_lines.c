#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/text.h"
#include "log/stamp_lines.h"

static void
what_was_put_comes_back(void **state)
{
	struct bytes text = { 0 };
	struct bytes token = { 0 };
	struct cursor cursor;

	(void)state;
	stamp_lines_put("one", 3, &text);
	stamp_lines_put("two", 3, &text);
	stamp_lines_end(&text);
	bytes_put_text(&text, "note\n");
	cursor = cursor_of(text.data, text.len);
	assert_int_equal(stamp_lines_next(&cursor, &token), 1);
	assert_int_equal(stamp_lines_next(&cursor, &token), 1);
	assert_int_equal(token.len, 6);
	assert_memory_equal(token.data, "onetwo", 6);
	assert_int_equal(stamp_lines_next(&cursor, &token), 0);
	assert_int_equal(cursor.left, 5);
	assert_memory_equal(cursor.data, "note\n", 5);
	bytes_free(&text);
	bytes_free(&token);
}

static void
other_lines_are_refused(void **state)
{
	static const char *const cases[] = { "", "note", "stamp", "stamp ",
		"stamp\n\n", "stamp abc\n\n", "stamp !!!!\n\n", "note\n\n",
		"Stamp b25l\n\n" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct cursor cursor = cursor_of(cases[i], strlen(cases[i]));
		struct bytes token = { 0 };

		assert_int_equal(stamp_lines_next(&cursor, &token), -1);
		bytes_free(&token);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_put_comes_back),
		cmocka_unit_test(other_lines_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
