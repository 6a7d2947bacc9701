/*
 * T-STO-03, T-STO-04 on a whole center: its spooler accepts, relays, states
 * and recovers, and its disk is crashed at every operation.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "crash/crash_center.h"

static void
no_crash_loses_a_letter_or_a_receipt(void **state)
{
	struct crash_options options =
	    crash_options_of((struct crash_options){ .seed = 1,
		.runs = 1,
		.variants = 3,
		.stride = 6,
		.deep_one_in = 60,
		.deep_points = 3 });
	struct crash_counts counts;

	(void)state;
	crash_center_set_up();
	crash_explore(&center_subject, &options, &counts);
	crash_print("crash states, center", &counts);
	if (counts.bad > 0)
		fail_msg("%s", counts.first);
	assert_true(counts.said > CENTER_LETTERS);
	assert_true(counts.points > 10 && counts.torn > 10);
	crash_center_tear_down();
}

/* Offering, taking and deciding what moves to another center, and from there. */
static void
no_crash_loses_or_doubles_what_moves(void **state)
{
	struct crash_options options =
	    crash_options_of((struct crash_options){ .seed = 1,
		.runs = 1,
		.variants = 3,
		.stride = 15,
		.deep_one_in = 80,
		.deep_points = 3 });
	struct crash_counts counts;

	(void)state;
	crash_center_set_up();
	crash_explore(&moves_subject, &options, &counts);
	crash_print("crash states, moves", &counts);
	if (counts.bad > 0)
		fail_msg("%s", counts.first);
	assert_true(counts.said > 2 * CENTER_LETTERS);
	assert_true(counts.points > 10 && counts.torn > 10);
	crash_center_tear_down();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_crash_loses_a_letter_or_a_receipt),
		cmocka_unit_test(no_crash_loses_or_doubles_what_moves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
