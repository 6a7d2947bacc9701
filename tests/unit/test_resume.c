#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/error.h"
#include "exchange/resume.h"

enum { TOTAL = 1000 };

static void
what_nobody_holds_begins_at_the_first_byte(void **state)
{
	(void)state;
	assert_int_equal(resume_decide(0, 0, 0, TOTAL), RESUME_BEGIN);
	assert_int_equal(resume_decide(0, 0, 1, TOTAL), RESUME_REFUSE);
	assert_int_equal(resume_decide(0, 0, TOTAL, TOTAL), RESUME_REFUSE);
	assert_int_equal(resume_decide(0, 0, UINT64_MAX, TOTAL), RESUME_REFUSE);
}

static void
what_is_held_goes_on_exactly_behind_it(void **state)
{
	(void)state;
	for (uint64_t offset = 1; offset < TOTAL + 2; offset++)
		assert_int_equal(resume_decide(600, TOTAL, offset, TOTAL),
		    offset == 600 ? RESUME_GO_ON : RESUME_REFUSE);
}

static void
the_first_byte_begins_afresh(void **state)
{
	(void)state;
	assert_int_equal(resume_decide(600, TOTAL, 0, TOTAL), RESUME_AFRESH);
	assert_int_equal(resume_decide(600, TOTAL, 0, TOTAL + 1),
	    RESUME_AFRESH);
}

static void
content_of_another_length_is_refused(void **state)
{
	(void)state;
	assert_int_equal(resume_decide(600, TOTAL, 600, TOTAL + 1),
	    RESUME_REFUSE);
	assert_int_equal(resume_decide(600, 600, 600, 600), RESUME_REFUSE);
}

static int
admit(size_t all, size_t of_host, uint64_t total)
{
	struct resume_load loads[2] = { { all, all * 10 },
		{ of_host, of_host * 10 } };
	struct resume_load all_max = { 8, 80 }, host_max = { 4, 35 };
	struct error err = { 0 };
	int rc = resume_admit(&loads[0], &all_max, &loads[1], &host_max, total,
	    &err);

	if (rc < 0) {
		assert_int_equal(err.code, ERROR_BUSY);
		assert_string_equal(err.id, "E6221");
	}
	return rc;
}

static void
beginnings_are_bounded_for_a_host_and_in_all(void **state)
{
	(void)state;
	assert_int_equal(admit(0, 0, 35), 0);
	assert_int_equal(admit(0, 0, 36), -1);
	assert_int_equal(admit(0, 0, UINT64_MAX), -1);
	assert_int_equal(admit(3, 3, 5), 0);
	assert_int_equal(admit(3, 3, 6), -1);
	assert_int_equal(admit(7, 0, 10), 0);
	assert_int_equal(admit(7, 0, 11), -1);
	assert_int_equal(admit(8, 0, 0), -1);
	assert_int_equal(admit(4, 4, 0), -1);
}

static void
what_stands_still_is_stale(void **state)
{
	(void)state;
	assert_false(resume_is_stale(100, 1000, 50, 150));
	assert_true(resume_is_stale(100, 1000, 50, 151));
	assert_true(resume_is_stale(990, 1000, 50, 1001));
	assert_false(resume_is_stale(100, 1000, 50, -5));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_nobody_holds_begins_at_the_first_byte),
		cmocka_unit_test(what_is_held_goes_on_exactly_behind_it),
		cmocka_unit_test(the_first_byte_begins_afresh),
		cmocka_unit_test(content_of_another_length_is_refused),
		cmocka_unit_test(beginnings_are_bounded_for_a_host_and_in_all),
		cmocka_unit_test(what_stands_still_is_stale),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
