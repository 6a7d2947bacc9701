/*
 * What follows from what is known of a certificate.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/attr.h"
#include "policy/revocation_rules.h"

static const int64_t day = INT64_C(24) * 3600 * 1000;
static const int64_t now = INT64_C(1795715473000);

static struct revocation_facts
good_until(int64_t next_update)
{
	return (struct revocation_facts){ true,
		{ .state = REVOCATION_GOOD,
		    .this_update = now - day,
		    .next_update = next_update } };
}

static struct revocation_facts
revoked_at(int64_t at, int reason)
{
	return (struct revocation_facts){ true,
		{ .state = REVOCATION_REVOKED,
		    .revoked_at = at,
		    .reason = reason,
		    .this_update = now - day,
		    .next_update = now - 1 } };
}

static void
unknown_is_never_revoked(void **state)
{
	const struct revocation_facts nobody = { false, { 0 } };
	const struct revocation_facts unreachable = { true, { 0 } };
	const struct revocation_facts stale = good_until(now - 1);
	const struct revocation_facts fresh = good_until(now);
	struct revocation_facts unsure = fresh;

	(void)state;
	unsure.newest.state = REVOCATION_UNKNOWN;
	assert_int_equal(revocation_judge(&nobody, now, now).kind,
	    VERDICT_ALLOW);
	assert_int_equal(revocation_judge(&fresh, now, now).kind,
	    VERDICT_ALLOW);
	assert_int_equal(revocation_judge(&unreachable, now, now).kind,
	    VERDICT_WARN);
	assert_int_equal(revocation_judge(&stale, now, now).kind, VERDICT_WARN);
	assert_int_equal(revocation_judge(&unsure, now, now).kind,
	    VERDICT_WARN);
	assert_int_equal(revocation_grade(&unreachable, now),
	    REVOCATION_UNREACHABLE);
	assert_int_equal(revocation_grade(&stale, now), REVOCATION_STALE);
}

static void
revoked_counts_from_its_time_on_at_any_age(void **state)
{
	const struct revocation_facts facts = revoked_at(now - 10, 1);
	struct verdict before = revocation_judge(&facts, now - 11, now);
	struct verdict after = revocation_judge(&facts, now - 10, now);

	(void)state;
	assert_int_equal(before.kind, VERDICT_WARN);
	assert_string_equal(before.id, "E3706");
	assert_int_equal(after.kind, VERDICT_REFUSE);
	assert_string_equal(after.id, "E3705");
	assert_int_equal(revocation_judge(&facts, now, now + 1000 * day).kind,
	    VERDICT_REFUSE);
}

static void
a_replay_changes_nothing(void **state)
{
	const struct revocation none = { .state = REVOCATION_UNKNOWN };
	const struct revocation good = good_until(now + day).newest;
	const struct revocation gone = revoked_at(now - 2 * day, 1).newest;
	const struct revocation held =
	    revoked_at(now - 2 * day, REVOCATION_REASON_HOLD).newest;
	struct revocation older = good, newer = good;

	(void)state;
	older.this_update -= 1000;
	newer.this_update += 1000;
	assert_int_equal(revocation_compare(&none, &good), REVOCATION_NEWER);
	assert_int_equal(revocation_compare(&good, &good), REVOCATION_SAME);
	assert_int_equal(revocation_compare(&good, &newer), REVOCATION_NEWER);
	assert_int_equal(revocation_compare(&good, &older), REVOCATION_OLDER);
	/* Good again after it was revoked for good: never. */
	assert_int_equal(revocation_compare(&gone, &older), REVOCATION_OLDER);
	assert_int_equal(revocation_compare(&gone, &newer),
	    REVOCATION_CONTRADICTS);
	/* From a hold there is a way back, for a newer answer only. */
	assert_int_equal(revocation_compare(&held, &older), REVOCATION_OLDER);
	assert_int_equal(revocation_compare(&held, &newer), REVOCATION_NEWER);
}

static void
bad_news_count_at_any_age(void **state)
{
	const struct revocation good = good_until(now + day).newest;
	struct revocation gone = revoked_at(now - 2 * day, 1).newest;
	struct revocation held =
	    revoked_at(now - 2 * day, REVOCATION_REASON_HOLD).newest;

	(void)state;
	gone.this_update = held.this_update = good.this_update - 1000;
	assert_int_equal(revocation_compare(&good, &gone), REVOCATION_NEWER);
	assert_int_equal(revocation_compare(&good, &held), REVOCATION_OLDER);
}

static void
steps_of_the_expiry_watch(void **state)
{
	static const struct {
		int64_t left_ms;
		int step;
	} cases[] = {
		{ INT64_C(91) * 86400000, -1 },
		{ INT64_C(90) * 86400000 + 1, -1 },
		{ INT64_C(90) * 86400000, 90 },
		{ INT64_C(61) * 86400000, 90 },
		{ INT64_C(60) * 86400000, 60 },
		{ INT64_C(30) * 86400000, 30 },
		{ INT64_C(14) * 86400000, 14 },
		{ INT64_C(8) * 86400000, 14 },
		{ INT64_C(7) * 86400000, 7 },
		{ INT64_C(2) * 86400000, 7 },
		{ INT64_C(86400000), 1 },
		{ 0, 1 },
		{ -1, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_int_equal(revocation_expiry_step(now + cases[i].left_ms,
				     now),
		    cases[i].step);
	assert_int_equal(revocation_days_left(now + day, now), 1);
	assert_int_equal(revocation_days_left(now + day - 1, now), 0);
	assert_int_equal(revocation_days_left(now - 1, now), -1);
}

static void
three_months_later_it_is_long_over(void **state)
{
	(void)state;
	assert_false(revocation_is_long_over(now - 92 * day, now));
	assert_true(revocation_is_long_over(now - 92 * day - 1, now));
}

static void
names_are_read_back(void **state)
{
	int reason;

	(void)state;
	for (int i = 0; i <= REVOCATION_REASON_MAX; i++)
		if (i != 7) {
			assert_true(
			    revocation_reason_parse(revocation_reason_name(i),
				&reason));
			assert_int_equal(reason, i);
		}
	assert_string_equal(revocation_reason_name(7), "unspecified");
	assert_string_equal(revocation_reason_name(99), "unspecified");
	assert_false(revocation_reason_parse("lost", &reason));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unknown_is_never_revoked),
		cmocka_unit_test(revoked_counts_from_its_time_on_at_any_age),
		cmocka_unit_test(a_replay_changes_nothing),
		cmocka_unit_test(bad_news_count_at_any_age),
		cmocka_unit_test(steps_of_the_expiry_watch),
		cmocka_unit_test(three_months_later_it_is_long_over),
		cmocka_unit_test(names_are_read_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
