#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/standing.h"

static void
freshness_changes_at_its_bounds(void **state)
{
	static const struct {
		int64_t age_ms;
		enum freshness grade;
	} cases[] = {
		{ -60000, FRESHNESS_FRESH },
		{ -60001, FRESHNESS_EXPIRED },
		{ 0, FRESHNESS_FRESH },
		{ 600000, FRESHNESS_FRESH },
		{ 600001, FRESHNESS_LATE },
		{ 86400000, FRESHNESS_LATE },
		{ 86400001, FRESHNESS_STALE },
		{ 259200000, FRESHNESS_STALE },
		{ 259200001, FRESHNESS_EXPIRED },
	};
	const int64_t now = INT64_C(1800000000000);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(freshness_grade(now - cases[i].age_ms, now),
		    cases[i].grade);
}

static void
names_are_read_as_they_are_written(void **state)
{
	enum org_status status;
	enum org_kind kind;
	enum key_use use;
	enum key_state key;
	enum center_kind center;
	enum center_conformance conformance;

	(void)state;
	for (int i = 0; i < ORG_STATUS_COUNT; i++) {
		assert_true(
		    org_status_parse(org_status_name((enum org_status)i),
			&status));
		assert_int_equal(status, i);
	}
	for (int i = 0; i < ORG_KIND_COUNT; i++) {
		assert_true(
		    org_kind_parse(org_kind_name((enum org_kind)i), &kind));
		assert_int_equal(kind, i);
	}
	for (int i = 0; i < KEY_USE_COUNT; i++) {
		assert_true(key_use_parse(key_use_name((enum key_use)i), &use));
		assert_int_equal(use, i);
	}
	for (int i = 0; i < KEY_STATE_COUNT; i++) {
		assert_true(
		    key_state_parse(key_state_name((enum key_state)i), &key));
		assert_int_equal(key, i);
	}
	for (int i = 0; i < CENTER_KIND_COUNT; i++) {
		assert_true(
		    center_kind_parse(center_kind_name((enum center_kind)i),
			&center));
		assert_int_equal(center, i);
	}
	for (int i = 0; i < CENTER_CONFORMANCE_COUNT; i++) {
		assert_true(
		    center_conformance_parse(center_conformance_name(
						 (enum center_conformance)i),
			&conformance));
		assert_int_equal(conformance, i);
	}
	assert_false(org_status_parse("Active", &status));
	assert_false(key_state_parse("", &key));
}

static void
a_retiring_key_makes_nothing_new(void **state)
{
	(void)state;
	assert_true(key_state_is_usable(KEY_ACTIVE));
	assert_true(key_state_is_usable(KEY_NEXT));
	assert_false(key_state_is_usable(KEY_RETIRING));
	assert_false(key_state_is_usable(KEY_REVOKED));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(freshness_changes_at_its_bounds),
		cmocka_unit_test(names_are_read_as_they_are_written),
		cmocka_unit_test(a_retiring_key_makes_nothing_new),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
