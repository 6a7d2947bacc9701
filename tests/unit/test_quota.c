#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "policy/quota.h"

enum { MINUTE = 60 * 1000 };

static const int64_t start = INT64_C(30000000) * MINUTE;

static int
check(struct quota_window *window, uint64_t letters, uint64_t bytes,
    uint64_t letter, int64_t at, struct error *err)
{
	const struct quota_limits limits = { letters, bytes };

	*err = (struct error){ 0 };
	return quota_check(window, &limits, "376490000A", letter, at, err);
}

static void
so_many_an_hour_and_it_says_when(void **state)
{
	struct quota_window window = { 0 };
	struct error err;

	(void)state;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(check(&window, 3, 0, 10, start, &err), 0);
		quota_count(&window, start + i * MINUTE, 10, false);
	}
	assert_int_equal(check(&window, 3, 0, 10, start + 2 * MINUTE, &err),
	    -1);
	assert_string_equal(err.id, "E4042");
	assert_non_null(strstr(err.text, "3 of 3"));
	/* The first of them is an hour old 58 minutes later. */
	assert_in_range(err.retry_after_s, 58 * 60, 58 * 60 + 1);
	assert_int_equal(check(&window, 3, 0, 10,
			     start + 2 * MINUTE +
				 (int64_t)err.retry_after_s * 1000,
			     &err),
	    0);
}

static void
so_many_bytes_an_hour(void **state)
{
	struct quota_window window = { 0 };
	struct error err;

	(void)state;
	quota_count(&window, start, 60, false);
	quota_count(&window, start + 10 * MINUTE, 30, false);
	assert_int_equal(check(&window, 0, 100, 10, start + 10 * MINUTE, &err),
	    0);
	assert_int_equal(check(&window, 0, 100, 11, start + 10 * MINUTE, &err),
	    -1);
	assert_in_range(err.retry_after_s, 50 * 60, 50 * 60 + 1);
	/* Larger than the limit: it goes when the hour is empty. */
	assert_int_equal(check(&window, 0, 100, 500, start + 10 * MINUTE, &err),
	    -1);
	assert_in_range(err.retry_after_s, 60 * 60, 60 * 60 + 1);
	assert_int_equal(check(&window, 0, 100, 500, start + 70 * MINUTE, &err),
	    0);
}

static void
no_limit_limits_nothing(void **state)
{
	struct quota_window window = { 0 };
	struct error err;

	(void)state;
	quota_count(&window, start, UINT32_MAX, false);
	assert_int_equal(check(&window, 0, 0, UINT64_MAX, start, &err), 0);
}

static void
what_was_not_stored_does_not_count(void **state)
{
	struct quota_window window = { 0 };
	struct error err;

	(void)state;
	quota_count(&window, start, 10, false);
	quota_count(&window, start, 10, false);
	quota_count(&window, start, 10, true);
	assert_int_equal(check(&window, 2, 20, 10, start, &err), 0);
	quota_count(&window, start, 10, true);
	assert_true(quota_is_idle(&window, start));
}

/* Counted again from rows in any order, as after a restart. */
static void
the_order_of_counting_does_not_matter(void **state)
{
	struct quota_window forth = { 0 };
	struct quota_window back = { 0 };
	struct error err;

	(void)state;
	for (int i = 0; i < 90; i++) {
		quota_count(&forth, start + i * MINUTE, 1, false);
		quota_count(&back, start + (89 - i) * MINUTE, 1, false);
	}
	assert_int_equal(check(&forth, 61, 0, 1, start + 89 * MINUTE, &err), 0);
	assert_int_equal(check(&back, 61, 0, 1, start + 89 * MINUTE, &err), 0);
	assert_int_equal(check(&forth, 60, 0, 1, start + 89 * MINUTE, &err),
	    -1);
	assert_int_equal(check(&back, 60, 0, 1, start + 89 * MINUTE, &err), -1);
	assert_true(quota_is_idle(&back, start + 150 * MINUTE));
}

static void
a_queue_has_room_or_not(void **state)
{
	const struct quota_queue limit = { 10, 100 };
	const struct quota_queue none = { 0, 0 };
	const struct quota_queue some = { 9, 90 };
	const struct quota_queue fits = { 1, 10 };
	const struct quota_queue many = { 2, 1 };
	const struct quota_queue large = { 1, 11 };
	struct error err = { 0 };

	(void)state;
	assert_int_equal(quota_check_queue(&some, &fits, &limit, "x", "E4044",
			     &err),
	    0);
	assert_int_equal(quota_check_queue(&some, &many, &limit, "x", "E4044",
			     &err),
	    -1);
	assert_string_equal(err.id, "E4044");
	assert_int_equal(err.retry_after_s, QUOTA_WAIT_S);
	assert_int_equal(quota_check_queue(&some, &large, &limit, "x", "E4043",
			     &err),
	    -1);
	assert_int_equal(quota_check_queue(&none,
			     &(struct quota_queue){ 1, 1000 }, &limit, "x",
			     "E4043", &err),
	    0);
	assert_int_equal(quota_check_queue(&some, &large, &none, "x", "E4043",
			     &err),
	    0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(so_many_an_hour_and_it_says_when),
		cmocka_unit_test(so_many_bytes_an_hour),
		cmocka_unit_test(no_limit_limits_nothing),
		cmocka_unit_test(what_was_not_stored_does_not_count),
		cmocka_unit_test(the_order_of_counting_does_not_matter),
		cmocka_unit_test(a_queue_has_room_or_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
