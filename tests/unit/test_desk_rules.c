/*
 * The rules of the receiving desk: who moves a letter, who names a deputy, how
 * receive numbers look, when letters are fetched.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/attr.h"
#include "base/error.h"
#include "model/times.h"
#include "policy/deputy_rules.h"
#include "policy/desk_rules.h"
#include "policy/receive_number.h"
#include "policy/receive_times.h"

static const int64_t day = INT64_C(24) * 3600 * 1000;

/* ---- moving a letter ---------------------------------------------------- */

static void
the_registry_desk_moves_anything(void **state)
{
	const struct desk_mover desk = { .is_desk = true, .unit = "" };
	const struct desk_place none = { "", 0 };
	const struct desk_place tax = { "TAX", 0 };
	const struct desk_place person = { "TAX", 7 };
	struct error err = { 0 };

	(void)state;
	assert_int_equal(desk_check_assign(&desk, &none, &tax, &err), 0);
	assert_int_equal(desk_check_assign(&desk, &tax, &person, &err), 0);
	assert_int_equal(desk_check_assign(&desk, &tax, &tax, &err), 1);
	assert_int_equal(desk_check_hand_back(&desk, &tax, &err), 0);
	assert_int_equal(desk_check_hand_back(&desk, &none, &err), -1);
	assert_string_equal(err.id, "E6703");
}

static void
a_unit_moves_its_own_within_itself(void **state)
{
	const struct desk_mover mover = { .unit = "TAX", .person = 7 };
	const struct desk_place none = { "", 0 };
	const struct desk_place own = { "TAX", 0 };
	const struct desk_place colleague = { "TAX", 8 };
	const struct desk_place other = { "LAND", 0 };
	const struct desk_place mine_elsewhere = { "LAND", 7 };
	struct error err = { 0 };

	(void)state;
	assert_int_equal(desk_check_assign(&mover, &own, &colleague, &err), 0);
	assert_int_equal(desk_check_hand_back(&mover, &colleague, &err), 0);
	assert_int_equal(desk_check_hand_back(&mover, &mine_elsewhere, &err),
	    0);
	assert_int_equal(desk_check_assign(&mover, &own, &other, &err), -1);
	assert_string_equal(err.id, "E6702");
	assert_int_equal(desk_check_assign(&mover, &other, &own, &err), -1);
	assert_int_equal(desk_check_assign(&mover, &none, &own, &err), -1);
	assert_int_equal(desk_check_hand_back(&mover, &other, &err), -1);
	assert_string_equal(err.id, "E6702");
}

/* ---- deputies ----------------------------------------------------------- */

static struct deputy_naming
naming(void)
{
	return (struct deputy_naming){ .by_principal = true,
		.is_one_organisation = true,
		.by_role = ACCESS_CLERK,
		.principal_role = ACCESS_CLERK,
		.deputy_role = ACCESS_CLERK,
		.time = { day, 3 * day, 0 } };
}

static void
a_deputy_counts_in_its_time_only(void **state)
{
	struct deputy_time time = { 100, 200, 0 };

	(void)state;
	assert_int_equal(deputy_state(&time, 99), DEPUTY_LATER);
	assert_int_equal(deputy_state(&time, 100), DEPUTY_NOW);
	assert_int_equal(deputy_state(&time, 199), DEPUTY_NOW);
	assert_int_equal(deputy_state(&time, 200), DEPUTY_OVER);
	time.ended_at = 150;
	assert_int_equal(deputy_state(&time, 120), DEPUTY_OVER);
}

static void
nobody_gives_rights_they_have_not_got(void **state)
{
	struct deputy_naming good = naming();
	struct deputy_naming bad;
	struct error err = { 0 };

	(void)state;
	assert_int_equal(deputy_check_naming(&good, 0, &err), 0);
	bad = good;
	bad.by_principal = false;
	assert_int_equal(deputy_check_naming(&bad, 0, &err), -1);
	assert_string_equal(err.id, "E6714");
	/* A supervisor has all that a clerk has, and no more. */
	bad.by_role = ACCESS_SUPERVISOR;
	assert_int_equal(deputy_check_naming(&bad, 0, &err), 0);
	bad.principal_role = ACCESS_OPERATOR;
	assert_int_equal(deputy_check_naming(&bad, 0, &err), -1);
	bad.principal_role = ACCESS_AUDITOR;
	assert_int_equal(deputy_check_naming(&bad, 0, &err), -1);
	bad.by_role = ACCESS_OPERATOR;
	bad.principal_role = ACCESS_CLERK;
	assert_int_equal(deputy_check_naming(&bad, 0, &err), -1);
	/* An operator does not come to see letters. */
	bad = good;
	bad.deputy_role = ACCESS_OPERATOR;
	assert_int_equal(deputy_check_naming(&bad, 0, &err), -1);
	bad = good;
	bad.by_deputy = true;
	assert_int_equal(deputy_check_naming(&bad, 0, &err), -1);
	bad = good;
	bad.is_one_organisation = false;
	assert_int_equal(deputy_check_naming(&bad, 0, &err), -1);
	assert_string_equal(err.id, "E6714");
}

static void
the_time_of_a_deputy_has_an_end(void **state)
{
	struct deputy_naming bad = naming();
	struct error err = { 0 };

	(void)state;
	assert_int_equal(deputy_check_naming(&bad, 3 * day, &err), -1);
	assert_string_equal(err.id, "E6715");
	bad.time.ends_at = bad.time.starts_at;
	assert_int_equal(deputy_check_naming(&bad, 0, &err), -1);
	bad.time.ends_at = bad.time.starts_at + 367 * day;
	assert_int_equal(deputy_check_naming(&bad, 0, &err), -1);
	bad = naming();
	bad.is_same = true;
	assert_int_equal(deputy_check_naming(&bad, 0, &err), -1);
	assert_string_equal(err.id, "E6715");
}

/* ---- receive numbers ---------------------------------------------------- */

static void
receive_numbers_have_the_form_that_was_asked_for(void **state)
{
	static const struct {
		const char *form, *number;
	} cases[] = {
		{ "{year}{serial:7}", "1150000001" },
		{ "收{year}-{serial:4}", "收115-0001" },
		{ "{serial:10}_{year}A", "0000000001_115A" },
	};
	char text[RECEIVE_NUMBER_SIZE];
	struct error err = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		assert_int_equal(receive_number_check(cases[i].form, &err), 0);
		receive_number_format(cases[i].form, 115, 1, text);
		assert_string_equal(text, cases[i].number);
	}
	receive_number_format("{year}{serial:4}", 115, 1234567, text);
	assert_string_equal(text, "1151234567");
	receive_number_format("AAAAAAAAAAAAAAAA{year}{serial:4}", 999,
	    INT64_C(999999999999), text);
	assert_int_equal(strlen(text), 31);
}

static void
forms_that_could_repeat_a_number_are_refused(void **state)
{
	static const char *const forms[] = { "", "{serial:7}", "{year}",
		"{year}{serial:3}", "{year}{serial:11}", "{year}{serial:}",
		"{year}{serial:7}{serial:7}", "{year}{year}{serial:7}",
		"1{year}{serial:7}", "{year}/{serial:7}", "{year}{serial:7",
		"{month}{year}{serial:7}", "=A{year}{serial:7}",
		"AAAAAAAAAAAAAAAAA{year}{serial:7}", "{year} {serial:7}" };
	struct error err = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		assert_int_equal(receive_number_check(forms[i], &err), -1);
		assert_string_equal(err.id, "E6721");
	}
}

/* ---- times of receiving ------------------------------------------------- */

static int64_t
at(const char *rfc3339)
{
	int64_t ms;

	assert_true(times_parse(rfc3339, &ms));
	return ms;
}

static void
letters_wait_for_the_next_time(void **state)
{
	struct receive_times times = { .urgent_at_once = true };
	struct error err = { 0 };

	(void)state;
	assert_int_equal(receive_times_parse("09:00,13:30", &times, &err), 0);
	/* 08:59:59.999 in Taipei. */
	assert_int_equal(receive_times_next(&times, SPEED_NORMAL,
			     at("2026-11-27T00:59:59.999Z")),
	    at("2026-11-27T01:00:00.000Z"));
	assert_int_equal(receive_times_next(&times, SPEED_FAST,
			     at("2026-11-27T01:00:00.000Z")),
	    at("2026-11-27T05:30:00.000Z"));
	assert_int_equal(receive_times_next(&times, SPEED_NORMAL,
			     at("2026-11-27T05:30:00.000Z")),
	    at("2026-11-28T01:00:00.000Z"));
	assert_int_equal(receive_times_next(&times, SPEED_FASTEST,
			     at("2026-11-27T05:30:00.000Z")),
	    at("2026-11-27T05:30:00.000Z"));
	times.urgent_at_once = false;
	assert_int_equal(receive_times_next(&times, SPEED_FASTEST,
			     at("2026-11-27T05:30:00.000Z")),
	    at("2026-11-28T01:00:00.000Z"));
	assert_int_equal(receive_times_parse("", &times, &err), 0);
	assert_int_equal(receive_times_next(&times, SPEED_NORMAL, 12345),
	    12345);
}

static void
no_letter_waits_longer_than_a_day(void **state)
{
	struct receive_times times = { 0 };
	struct error err = { 0 };

	(void)state;
	assert_int_equal(receive_times_parse("00:00", &times, &err), 0);
	for (int64_t ms = 0; ms < 2 * day; ms += 61001) {
		int64_t next = receive_times_next(&times, SPEED_NORMAL, ms);

		assert_true(next > ms && next <= ms + day);
	}
}

static void
times_that_are_none_are_refused(void **state)
{
	static const char *const texts[] = { "9:00", "24:00", "09:60", "09:00,",
		",09:00", "09:00,09:00", "13:00,09:00", "09:00 13:00", "09.00",
		"-1:00", "09:00,13:0" };
	struct receive_times times = { 0 };
	struct error err = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		assert_int_equal(receive_times_parse(texts[i], &times, &err),
		    -1);
		assert_string_equal(err.id, "E6722");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_registry_desk_moves_anything),
		cmocka_unit_test(a_unit_moves_its_own_within_itself),
		cmocka_unit_test(a_deputy_counts_in_its_time_only),
		cmocka_unit_test(nobody_gives_rights_they_have_not_got),
		cmocka_unit_test(the_time_of_a_deputy_has_an_end),
		cmocka_unit_test(
		    receive_numbers_have_the_form_that_was_asked_for),
		cmocka_unit_test(forms_that_could_repeat_a_number_are_refused),
		cmocka_unit_test(letters_wait_for_the_next_time),
		cmocka_unit_test(no_letter_waits_longer_than_a_day),
		cmocka_unit_test(times_that_are_none_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
