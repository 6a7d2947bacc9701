/* Tables as text: what was written is read again, and cells are no formulas. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/csv.h"
#include "base/text.h"

static void
what_was_written_is_read(void **state)
{
	static const char *const cells[] = { "機關", "a,b", "say \"x\"",
		"two\nlines", "", "=1+1", "-5", "@x", "'quoted" };
	struct bytes text = { 0 };
	struct csv_row row;
	struct csv csv;
	char *copy;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cells); i++)
		csv_put(&text, i == 0, cells[i]);
	csv_put_end(&text);
	copy = text_dup_len((const char *)text.data, text.len);
	assert_non_null(copy);
	assert_non_null(strstr(copy, "\"'=1+1\""));
	csv = csv_begin(copy, text.len);
	assert_true(csv_next(&csv, &row));
	assert_int_equal(row.count, ARRAY_LEN(cells));
	for (size_t i = 0; i < ARRAY_LEN(cells); i++)
		assert_string_equal(csv_text(row.fields[i]), cells[i]);
	assert_false(csv_next(&csv, &row));
	assert_true(csv_row_is_empty(&row));
	free(copy);
	bytes_free(&text);
}

static void
lines_and_quotes_are_counted(void **state)
{
	char text[] = "\xef\xbb\xbf"
		      "a\tb\r\n\n\"c\nd\"\te\nx\t\"y\nz\n";
	struct csv csv = csv_begin(text, strlen(text));
	struct csv_row row;

	(void)state;
	assert_true(csv_next(&csv, &row));
	assert_int_equal(row.count, 2);
	assert_string_equal(row.fields[0], "a");
	assert_string_equal(row.fields[1], "b");
	assert_true(csv_next(&csv, &row));
	assert_true(csv_row_is_empty(&row));
	assert_true(csv_next(&csv, &row));
	assert_int_equal(row.line, 3);
	assert_string_equal(row.fields[0], "c\nd");
	/* A quote that does not end takes its own line alone. */
	assert_true(csv_next(&csv, &row));
	assert_true(row.is_broken);
	assert_int_equal(row.line, 5);
	assert_true(csv_next(&csv, &row));
	assert_string_equal(row.fields[0], "z");
	assert_false(csv_next(&csv, &row));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_written_is_read),
		cmocka_unit_test(lines_and_quotes_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
