/*
 * T-STO-03, T-STO-04: the store is crashed at every operation.  Counts come
 * from the environment; docs/durability.md has those of a campaign.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "crash/crash_store.h"

static void
no_crash_loses_or_doubles_anything(void **state)
{
	struct crash_options options =
	    crash_options_of((struct crash_options){ .seed = 1,
		.runs = 4,
		.variants = 6,
		.deep_one_in = 40,
		.deep_points = 4 });
	struct crash_counts counts;

	(void)state;
	crash_explore(&letters_subject, &options, &counts);
	crash_print("crash states, store", &counts);
	if (counts.bad > 0)
		fail_msg("%s", counts.first);
	assert_true(counts.points > 100 && counts.torn > 100);
	assert_true(counts.recoveries[CRASH_DEPTH_MAX] > 0);
	assert_true(counts.said > 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_crash_loses_or_doubles_anything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
