#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "log/epoch.h"

static void
the_number_is_the_last_part(void **state)
{
	(void)state;
	assert_int_equal(epoch_number("yizhan/demo/center-a/1"), 1);
	assert_int_equal(epoch_number("yizhan/demo/center-a/27"), 27);
	assert_int_equal(epoch_number("yizhan/demo/center-a/"), 0);
	assert_int_equal(epoch_number("yizhan/demo/center-a/01"), 0);
	assert_int_equal(epoch_number("yizhan/demo/center-a/2x"), 0);
	assert_int_equal(epoch_number("yizhan"), 0);
	assert_int_equal(epoch_number(""), 0);
	assert_int_equal(epoch_number("a/99999999999999999999"), 0);
}

static void
only_the_same_log_has_earlier_epochs(void **state)
{
	(void)state;
	assert_true(epoch_is_earlier("y/a/1", "y/a/2"));
	assert_true(epoch_is_earlier("y/a/9", "y/a/10"));
	assert_false(epoch_is_earlier("y/a/2", "y/a/2"));
	assert_false(epoch_is_earlier("y/a/3", "y/a/2"));
	assert_false(epoch_is_earlier("y/b/1", "y/a/2"));
	assert_false(epoch_is_earlier("y/ab/1", "y/a/2"));
	assert_false(epoch_is_earlier("y/a/x", "y/a/2"));
	assert_false(epoch_is_earlier("y/a/1", "y/a"));
	assert_true(epoch_is_of("y/a/2", "y/a/2"));
	assert_true(epoch_is_of("log", "log"));
	assert_true(epoch_is_of("y/a/1", "y/a/2"));
	assert_false(epoch_is_of("y/a/3", "y/a/2"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_number_is_the_last_part),
		cmocka_unit_test(only_the_same_log_has_earlier_epochs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
