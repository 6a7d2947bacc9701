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
		.runs = 3,
		.variants = 5,
		.stride = 3,
		.deep_one_in = 40,
		.deep_points = 4 });
	struct crash_counts counts;

	(void)state;
	crash_explore(&letters_subject, &options, &counts);
	crash_print("crash states, store", &counts);
	if (counts.bad > 0)
		fail_msg("%s", counts.first);
	assert_true(counts.points > 10 && counts.torn > 10);
	assert_true(counts.said > 0);
}

/* The control of the test above: these must be caught by it. */
static void
a_mistake_would_be_seen(enum letters_mistake mistake)
{
	struct crash_options options = { .seed = 1,
		.runs = 40,
		.variants = 4,
		.stride = 3,
		.workers = 1 };
	struct crash_counts counts;

	letters_make_mistake(mistake);
	crash_explore(&letters_subject, &options, &counts);
	letters_make_mistake(LETTERS_NO_MISTAKE);
	assert_true(counts.bad > 0);
}

static void
acknowledging_before_the_commit_would_be_seen(void **state)
{
	(void)state;
	a_mistake_would_be_seen(LETTERS_ACK_TOO_EARLY);
}

static void
payload_that_is_never_synced_would_be_seen(void **state)
{
	(void)state;
	a_mistake_would_be_seen(LETTERS_NO_PAYLOAD_SYNC);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_crash_loses_or_doubles_anything),
		cmocka_unit_test(acknowledging_before_the_commit_would_be_seen),
		cmocka_unit_test(payload_that_is_never_synced_would_be_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
