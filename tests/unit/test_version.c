#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/version.h"

static void
only_numbers_with_dots_are_a_version(void **state)
{
	static const char *const bad[] = { "", ".", "1.", ".1", "1..2", "v1",
		"1.2.3.4.5", "01.2", "1.02", "1.2 ", "1.2-rc1", "-1",
		"9223372036854775808", "1.9223372036854775808", "100000" };
	static const char *const good[] = { "0", "0.1.0", "1.2.3.4",
		"99999.99999.99999.99999" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(version_is_good(bad[i]));
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(version_is_good(good[i]));
}

static void
numbers_count_and_not_digits(void **state)
{
	(void)state;
	assert_true(version_compare("0.9.0", "0.10.0") < 0);
	assert_true(version_compare("1.0.0", "0.99.99") > 0);
	assert_int_equal(version_compare("1.2", "1.2.0.0"), 0);
	assert_true(version_compare("1.2", "1.2.0.1") < 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_numbers_with_dots_are_a_version),
		cmocka_unit_test(numbers_count_and_not_digits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
