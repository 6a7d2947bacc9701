#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/text.h"
#include "policy/hold_rules.h"

#define ID "019aa9f5-4e4e-7001-8203-040506070809"

static const int64_t now = INT64_C(1800000000000);

static struct hold
hold_of(enum hold_scope scope, const char *name, enum hold_direction direction,
    bool waits)
{
	struct hold hold = { .id = 1,
		.scope = scope,
		.direction = direction,
		.waits = waits,
		.from_ms = now - 1,
		.until_ms = now + 1 };

	text_copy(hold.name, sizeof(hold.name), name);
	return hold;
}

static const struct hold_delivery delivery = {
	.sender = "376490000A",
	.sender_host = "gateway-1",
	.recipient = "376470000AU400000",
	.recipient_host = "gateway-2",
	.waybill_id = ID,
};

static bool
submission(const struct hold *hold)
{
	return hold_stops_submission(hold, &delivery, now);
}

static bool
handing_out(const struct hold *hold)
{
	return hold_stops_delivery(hold, &delivery, now);
}

static void
each_scope_stops_its_own(void **state)
{
	static const struct {
		enum hold_scope scope;
		const char *sender, *recipient;
	} cases[] = {
		{ HOLD_ORGANISATION, "376490000A", "376470000A" },
		{ HOLD_HOST, "gateway-1", "gateway-2" },
		{ HOLD_UNIT, "376490000A", "376470000AU400000" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct hold from =
		    hold_of(cases[i].scope, cases[i].sender, HOLD_BOTH, false);
		struct hold to = hold_of(cases[i].scope, cases[i].recipient,
		    HOLD_BOTH, false);
		struct hold other =
		    hold_of(cases[i].scope, "376530000A", HOLD_BOTH, true);

		assert_true(submission(&from));
		assert_false(handing_out(&from));
		assert_false(submission(&to));
		assert_true(handing_out(&to));
		assert_false(submission(&other) || handing_out(&other));
	}
}

static void
the_direction_counts(void **state)
{
	struct hold sending =
	    hold_of(HOLD_ORGANISATION, "376490000A", HOLD_SENDING, false);
	struct hold receiving =
	    hold_of(HOLD_ORGANISATION, "376490000A", HOLD_RECEIVING, false);
	struct hold recipient =
	    hold_of(HOLD_ORGANISATION, "376470000A", HOLD_SENDING, true);

	(void)state;
	assert_true(submission(&sending));
	assert_false(submission(&receiving));
	assert_false(handing_out(&receiving));
	assert_false(handing_out(&recipient));
}

/* What was accepted before anybody here knew is judged again. */
static void
what_was_accepted_meanwhile_waits(void **state)
{
	struct hold goes =
	    hold_of(HOLD_ORGANISATION, "376490000A", HOLD_SENDING, false);
	struct hold_delivery late = delivery;

	(void)state;
	late.accepted_ms = goes.from_ms;
	assert_true(hold_stops_delivery(&goes, &late, now));
	assert_true(hold_stops_relay(&goes, &late, now));
	late.accepted_ms--;
	assert_false(hold_stops_delivery(&goes, &late, now));
	late.accepted_ms = now;
	goes.direction = HOLD_RECEIVING;
	assert_false(hold_stops_relay(&goes, &late, now));
}

static void
by_its_ground_what_was_sent_waits_too(void **state)
{
	struct hold goes =
	    hold_of(HOLD_ORGANISATION, "376490000A", HOLD_SENDING, false);
	struct hold waits =
	    hold_of(HOLD_ORGANISATION, "376490000A", HOLD_SENDING, true);

	(void)state;
	assert_false(handing_out(&goes));
	assert_true(handing_out(&waits));
	assert_false(hold_stops_relay(&goes, &delivery, now));
	assert_true(hold_stops_relay(&waits, &delivery, now));
}

static void
one_waybill_or_one_delivery(void **state)
{
	struct hold whole = hold_of(HOLD_WAYBILL, ID, HOLD_BOTH, false);
	struct hold one =
	    hold_of(HOLD_WAYBILL, ID "/376470000AU400000", HOLD_BOTH, false);
	struct hold another =
	    hold_of(HOLD_WAYBILL, ID "/376530000A", HOLD_BOTH, false);

	(void)state;
	assert_true(handing_out(&whole));
	assert_true(handing_out(&one));
	assert_false(handing_out(&another));
	assert_false(submission(&whole));
}

static void
it_ends_by_itself(void **state)
{
	struct hold hold =
	    hold_of(HOLD_ORGANISATION, "376490000A", HOLD_BOTH, true);

	(void)state;
	assert_true(hold_stops_submission(&hold, &delivery, now));
	assert_false(hold_stops_submission(&hold, &delivery, now + 1));
	assert_false(hold_stops_delivery(&hold, &delivery, now + 1));
}

static void
the_longest_says_when_to_try_again(void **state)
{
	struct hold list[] = {
		hold_of(HOLD_ORGANISATION, "376490000A", HOLD_BOTH, false),
		hold_of(HOLD_HOST, "gateway-1", HOLD_SENDING, false),
		hold_of(HOLD_HOST, "gateway-9", HOLD_SENDING, false),
	};

	(void)state;
	list[1].until_ms = now + 500;
	list[2].until_ms = now + 900;
	assert_ptr_equal(hold_find_submission(list, 3, &delivery, now),
	    &list[1]);
	assert_null(hold_find_submission(list, 3, &delivery, now + 600));
	assert_false(hold_any_delivery(list, 3, &delivery, now));
}

static void
wrong_holds_are_refused(void **state)
{
	static const struct {
		enum hold_scope scope;
		const char *name;
		int64_t lasts;
		bool known, authority;
		size_t hour, active;
		const char *id;
	} cases[] = {
		{ HOLD_ORGANISATION, "376490000A", 1000, true, false, 0, 0,
		    "" },
		{ HOLD_ORGANISATION, "376490000A", HOLD_LONGEST_MS, true, false,
		    HOLD_PER_HOUR_MAX - 1, HOLD_ACTIVE_MAX - 1, "" },
		{ HOLD_ORGANISATION, "376490000A", HOLD_LONGEST_MS + 1, true,
		    false, 0, 0, "E4040" },
		{ HOLD_ORGANISATION, "376490000A", 0, true, false, 0, 0,
		    "E4040" },
		{ HOLD_ORGANISATION, "376490000A", 1000, false, false, 0, 0,
		    "E4039" },
		{ HOLD_ORGANISATION, "376490000AU400000", 1000, true, false, 0,
		    0, "E4039" },
		{ HOLD_UNIT, "376490000A", 1000, true, false, 0, 0, "E4039" },
		{ HOLD_WAYBILL, ID, 1000, true, false, 0, 0, "" },
		{ HOLD_WAYBILL, ID "/376470000A", 1000, true, false, 0, 0, "" },
		{ HOLD_WAYBILL, ID "/x", 1000, true, false, 0, 0, "E4039" },
		{ HOLD_WAYBILL, "x", 1000, true, false, 0, 0, "E4039" },
		{ HOLD_HOST, "center-a", 1000, false, true, 0, 0, "E4038" },
		{ HOLD_HOST, "gateway-1", 1000, true, false, HOLD_PER_HOUR_MAX,
		    0, "E4041" },
		{ HOLD_HOST, "gateway-1", 1000, true, false, 0, HOLD_ACTIVE_MAX,
		    "E4041" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct hold hold =
		    hold_of(cases[i].scope, cases[i].name, HOLD_BOTH, false);
		struct hold_request request = { .hold = &hold,
			.is_known = cases[i].known,
			.is_authority = cases[i].authority,
			.active = cases[i].active,
			.last_hour = cases[i].hour };

		hold.until_ms = now + cases[i].lasts;
		assert_string_equal(hold_judge(&request, now).id, cases[i].id);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_scope_stops_its_own),
		cmocka_unit_test(the_direction_counts),
		cmocka_unit_test(what_was_accepted_meanwhile_waits),
		cmocka_unit_test(by_its_ground_what_was_sent_waits_too),
		cmocka_unit_test(one_waybill_or_one_delivery),
		cmocka_unit_test(it_ends_by_itself),
		cmocka_unit_test(the_longest_says_when_to_try_again),
		cmocka_unit_test(wrong_holds_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
