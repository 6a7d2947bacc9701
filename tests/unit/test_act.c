#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/error.h"
#include "envelope/act.h"

/* docs/protocol.md 5, byte for byte. */
static const char json[] =
    "{\"format\":\"yizhan-act-1\",\"environment\":\"demo\","
    "\"event\":\"returned\",\"waybill\":\"1111111111111111111111111111111111111111"
    "111111111111111111111111\","
    "\"waybill_id\":\"019aa9f5-4e4e-7001-8203-040506070809\","
    "\"leaf\":\"222222222222222222222222222222222222222222222222222222222222"
    "2222\",\"content\":\"33333333333333333333333333333333333333333333333333333333"
    "33333333\",\"recipient\":\"376490000B\",\"package\":\"44444444444444444444"
    "44444444444444444444444444444444444444444444\","
    "\"reason\":\"misdirected\",\"time\":\"2026-11-22T03:04:05.678Z\"}";

static void
an_act_is_written_as_it_was_read(void **state)
{
	struct act act;
	struct bytes out = { 0 };
	struct error err = { 0 };

	(void)state;
	if (act_decode(json, strlen(json), &act, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(act.event, EVENT_RETURNED);
	assert_int_equal(act.reason, ACT_REASON_MISDIRECTED);
	assert_int_equal(act_encode(&act, &out, &err), 0);
	assert_int_equal(out.len, strlen(json));
	assert_memory_equal(out.data, json, out.len);
	bytes_free(&out);
}

static void
each_event_says_what_it_must_and_no_more(void **state)
{
	static const struct {
		enum event event;
		bool package, reason, good;
	} cases[] = {
		{ EVENT_FETCHED, false, false, true },
		{ EVENT_FETCHED, true, false, false },
		{ EVENT_FETCHED, false, true, false },
		{ EVENT_OPENED, true, false, true },
		{ EVENT_OPENED, false, false, false },
		{ EVENT_UNREADABLE, false, true, true },
		{ EVENT_UNREADABLE, false, false, false },
		{ EVENT_CONFIRMED, true, false, true },
		{ EVENT_CONFIRMED, true, true, false },
		{ EVENT_CONFIRMED, false, false, false },
		{ EVENT_RETURNED, true, true, true },
		{ EVENT_RETURNED, true, false, false },
		{ EVENT_NOTICE, true, true, true },
		{ EVENT_NOTICE, true, false, false },
		{ EVENT_NOTICE, false, true, false },
		{ EVENT_WITHDRAWN, false, false, true },
		{ EVENT_WITHDRAWN, true, false, false },
		{ EVENT_WITHDRAWN, false, true, false },
		{ EVENT_ACCEPTED, true, false, false },
		{ EVENT_NONE, false, false, false },
	};
	struct act act;
	struct error err = { 0 };

	(void)state;
	assert_int_equal(act_decode(json, strlen(json), &act, &err), 0);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct act changed = act;
		struct bytes out = { 0 };

		changed.event = cases[i].event;
		if (!cases[i].package)
			memset(&changed.package, 0, sizeof(changed.package));
		if (!cases[i].reason)
			changed.reason = ACT_REASON_NONE;
		assert_int_equal(act_encode(&changed, &out, &err),
		    cases[i].good ? 0 : -1);
		if (cases[i].good)
			assert_int_equal(act_decode(out.data, out.len, &changed,
					     &err),
			    0);
		else
			assert_string_equal(err.id, "E3104");
		bytes_free(&out);
	}
}

static void
the_organisation_signs_what_people_decide(void **state)
{
	(void)state;
	assert_true(act_is_of_organisation(EVENT_CONFIRMED));
	assert_true(act_is_of_organisation(EVENT_RETURNED));
	assert_true(act_is_of_organisation(EVENT_NOTICE));
	assert_false(act_reason_is_of_notice(ACT_REASON_NONE));
	assert_false(act_reason_is_of_notice(ACT_REASON_MALWARE));
	assert_true(act_reason_is_of_notice(ACT_REASON_INCOMPLETE));
	assert_false(act_is_of_organisation(EVENT_FETCHED));
	assert_false(act_is_of_organisation(EVENT_OPENED));
	assert_false(act_is_of_organisation(EVENT_UNREADABLE));
	assert_false(act_event_is_possible(EVENT_ACCEPTED));
	assert_true(act_event_is_possible(EVENT_OPENED));
}

static void
every_reason_is_read_back(void **state)
{
	(void)state;
	for (int i = 0; i < ACT_REASON_COUNT; i++) {
		enum act_reason reason;

		assert_true(
		    act_reason_parse(act_reason_name((enum act_reason)i),
			&reason));
		assert_int_equal(reason, i);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_act_is_written_as_it_was_read),
		cmocka_unit_test(each_event_says_what_it_must_and_no_more),
		cmocka_unit_test(the_organisation_signs_what_people_decide),
		cmocka_unit_test(every_reason_is_read_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
