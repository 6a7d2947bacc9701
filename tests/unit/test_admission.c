#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "policy/admission.h"

enum { LIFETIME = 30 * 24 * 3600 };

static const int64_t now = INT64_C(1800000000000);

static struct admission_waybill
good_waybill(void)
{
	return (struct admission_waybill){
		.environment = "demo",
		.our_environment = "demo",
		.origin = "center-a",
		.our_name = "center-a",
		.created_ms = now - 1000,
		.not_after_ms = now + 1000,
		.lifetime_max_ms = LIFETIME * INT64_C(1000),
		.recipients = 2,
	};
}

static struct admission_submission
good_submission(void)
{
	return (struct admission_submission){
		.waybill = good_waybill(),
		.host_serves_sender = true,
		.sender_known = true,
		.sender_status = ORG_ACTIVE,
		.sender_is_here = true,
		.module_known = true,
		.module_state = KEY_ACTIVE,
		.freshness = FRESHNESS_FRESH,
	};
}

static struct admission_recipient
good_recipient(void)
{
	return (struct admission_recipient){
		.is_known = true,
		.status = ORG_ACTIVE,
		.has_center = true,
		.seal_matches = true,
		.seal_state = KEY_ACTIVE,
		.accepts_bytes = 100,
		.letter_bytes = 100,
	};
}

static struct admission_relay
good_relay(void)
{
	struct admission_relay relay = {
		.waybill = good_waybill(),
		.caller_name = "center-a",
		.accepted_is_verified = true,
		.leaves_are_ours = true,
		.module_known = true,
		.freshness = FRESHNESS_FRESH,
	};

	relay.waybill.our_name = "center-b";
	return relay;
}

static struct admission_act
good_act(void)
{
	return (struct admission_act){
		.environment = "demo",
		.our_environment = "demo",
		.host_serves_side = true,
		.event = EVENT_FETCHED,
		.signer_known = true,
		.signer_use = KEY_MODULE,
		.signer_state = KEY_ACTIVE,
		.names_delivery = true,
		.time_ms = now,
	};
}

static void
expect(struct verdict verdict, enum verdict_kind kind, const char *id)
{
	assert_int_equal(verdict.kind, kind);
	assert_string_equal(verdict.id, id);
}

static void
clocks_one_second_apart_warn_and_five_refuse(void **state)
{
	static const struct {
		int64_t theirs;
		enum verdict_kind kind;
		const char *id;
	} cases[] = {
		{ 0, VERDICT_ALLOW, "" },
		{ 999, VERDICT_ALLOW, "" },
		{ 1000, VERDICT_WARN, "E4008" },
		{ -1000, VERDICT_WARN, "E4008" },
		{ 4999, VERDICT_WARN, "E4008" },
		{ 5000, VERDICT_REFUSE, "E4007" },
		{ -5000, VERDICT_REFUSE, "E4007" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		expect(admission_judge_clock(now + cases[i].theirs, now),
		    cases[i].kind, cases[i].id);
	expect(admission_judge_clock(INT64_MIN, now), VERDICT_REFUSE, "E4007");
	expect(admission_judge_clock(INT64_MAX, -1), VERDICT_REFUSE, "E4007");
}

static void
a_caller_needs_certificate_address_kind_and_clock(void **state)
{
	static const struct {
		struct admission_caller caller;
		enum verdict_kind kind;
		const char *id;
	} cases[] = {
		{ { HOST_GATEWAY, true, false, true, 0 }, VERDICT_ALLOW, "" },
		{ { HOST_GATEWAY, true, false, true, -1500 }, VERDICT_WARN,
		    "E4008" },
		{ { HOST_UNKNOWN, true, false, true, 0 }, VERDICT_REFUSE,
		    "E4001" },
		{ { HOST_GATEWAY, false, false, true, 0 }, VERDICT_REFUSE,
		    "E4002" },
		{ { HOST_CENTER, true, false, true, 0 }, VERDICT_REFUSE,
		    "E4019" },
		{ { HOST_MANAGEMENT, true, false, true, 0 }, VERDICT_REFUSE,
		    "E4019" },
		{ { HOST_GATEWAY, true, true, true, 0 }, VERDICT_REFUSE,
		    "E4024" },
		{ { HOST_GATEWAY, true, false, false, 0 }, VERDICT_REFUSE,
		    "E4029" },
		{ { HOST_GATEWAY, true, false, true, 6000 }, VERDICT_REFUSE,
		    "E4007" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct admission_caller caller = cases[i].caller;

		caller.clock_ms += now;
		expect(admission_judge_caller(&caller, HOST_GATEWAY, now),
		    cases[i].kind, cases[i].id);
	}
}

static void
a_good_submission_is_admitted(void **state)
{
	struct admission_submission submission = good_submission();

	(void)state;
	expect(admission_judge_submission(&submission, now), VERDICT_ALLOW, "");
}

static void
a_submission_with_one_fault_is_refused_for_it(void **state)
{
	struct admission_submission s;

	(void)state;
	s = good_submission();
	s.host_serves_sender = false;
	expect(admission_judge_submission(&s, now), VERDICT_REFUSE, "E4003");
	s = good_submission();
	s.waybill.environment = "production";
	expect(admission_judge_submission(&s, now), VERDICT_REFUSE, "E4004");
	s = good_submission();
	s.waybill.origin = "center-b";
	expect(admission_judge_submission(&s, now), VERDICT_REFUSE, "E4005");
	s = good_submission();
	s.waybill.not_after_ms = now;
	expect(admission_judge_submission(&s, now), VERDICT_REFUSE, "E4006");
	s = good_submission();
	s.waybill.not_after_ms = now + (LIFETIME + 1) * INT64_C(1000);
	expect(admission_judge_submission(&s, now), VERDICT_REFUSE, "E4025");
	s = good_submission();
	s.waybill.created_ms = now + ADMISSION_AHEAD_MAX_MS + 1;
	s.waybill.not_after_ms = s.waybill.created_ms + 1;
	expect(admission_judge_submission(&s, now), VERDICT_REFUSE, "E4025");
	s = good_submission();
	s.waybill.recipients = 0;
	expect(admission_judge_submission(&s, now), VERDICT_REFUSE, "E4028");
	s.waybill.recipients = ADMISSION_RECIPIENTS_MAX + 1;
	expect(admission_judge_submission(&s, now), VERDICT_REFUSE, "E4028");
}

static void
a_sender_without_standing_is_refused(void **state)
{
	struct admission_submission s;

	(void)state;
	s = good_submission();
	s.sender_known = false;
	expect(admission_judge_submission(&s, now), VERDICT_REFUSE, "E4011");
	s = good_submission();
	s.sender_status = ORG_DISSOLVED;
	expect(admission_judge_submission(&s, now), VERDICT_REFUSE, "E4011");
	s = good_submission();
	s.sender_status = ORG_SUSPENDED;
	expect(admission_judge_submission(&s, now), VERDICT_REFUSE, "E4010");
	s = good_submission();
	s.sender_is_here = false;
	expect(admission_judge_submission(&s, now), VERDICT_REFUSE, "E4030");
	s = good_submission();
	s.module_known = false;
	expect(admission_judge_submission(&s, now), VERDICT_REFUSE, "E4009");
	s = good_submission();
	s.module_state = KEY_REVOKED;
	expect(admission_judge_submission(&s, now), VERDICT_REFUSE, "E4009");
	s.module_state = KEY_RETIRING;
	expect(admission_judge_submission(&s, now), VERDICT_REFUSE, "E4009");
	s.module_state = KEY_NEXT;
	expect(admission_judge_submission(&s, now), VERDICT_ALLOW, "");
}

static void
stale_trust_goes_on_and_expired_trust_holds(void **state)
{
	struct admission_submission s = good_submission();

	(void)state;
	s.freshness = FRESHNESS_STALE;
	expect(admission_judge_submission(&s, now), VERDICT_ALLOW, "");
	s.freshness = FRESHNESS_EXPIRED;
	expect(admission_judge_submission(&s, now), VERDICT_HOLD, "E4023");
	/* What is refused is refused even so. */
	s.sender_status = ORG_SUSPENDED;
	expect(admission_judge_submission(&s, now), VERDICT_REFUSE, "E4010");
}

static void
each_recipient_is_judged_against_the_directory(void **state)
{
	struct admission_recipient r = good_recipient();

	(void)state;
	expect(admission_judge_recipient(&r), VERDICT_ALLOW, "");
	r.accepts_bytes = 0;
	expect(admission_judge_recipient(&r), VERDICT_ALLOW, "");
	r.accepts_bytes = 99;
	expect(admission_judge_recipient(&r), VERDICT_REFUSE, "E4015");
	r = good_recipient();
	r.seal_state = KEY_RETIRING; /* rotated while the letter was made */
	expect(admission_judge_recipient(&r), VERDICT_ALLOW, "");
	r.seal_state = KEY_REVOKED;
	expect(admission_judge_recipient(&r), VERDICT_REFUSE, "E4021");
	r = good_recipient();
	r.seal_matches = false;
	expect(admission_judge_recipient(&r), VERDICT_REFUSE, "E4021");
	r = good_recipient();
	r.has_center = false;
	expect(admission_judge_recipient(&r), VERDICT_REFUSE, "E4020");
	r = good_recipient();
	r.status = ORG_DISSOLVED;
	expect(admission_judge_recipient(&r), VERDICT_REFUSE, "E4014");
	r.is_known = false;
	expect(admission_judge_recipient(&r), VERDICT_REFUSE, "E4012");
}

/* I7: a suspension makes deliveries wait and destroys none. */
static void
a_suspended_recipients_delivery_waits(void **state)
{
	struct admission_recipient r = good_recipient();
	struct error err = { 0 };
	struct verdict verdict;

	(void)state;
	r.status = ORG_SUSPENDED;

	verdict = admission_judge_recipient(&r);

	expect(verdict, VERDICT_HOLD, "E4013");
	assert_int_equal(verdict_check(&verdict, "376490000A", &err), 0);
}

static void
a_relay_comes_from_the_center_that_accepted(void **state)
{
	struct admission_relay r = good_relay();

	(void)state;
	expect(admission_judge_relay(&r, now), VERDICT_ALLOW, "");
	r.caller_name = "center-c";
	expect(admission_judge_relay(&r, now), VERDICT_REFUSE, "E4005");
	r = good_relay();
	r.leaves_are_ours = false;
	expect(admission_judge_relay(&r, now), VERDICT_REFUSE, "E4005");
	r = good_relay();
	r.origin_is_suspended = true;
	expect(admission_judge_relay(&r, now), VERDICT_REFUSE, "E4024");
	r = good_relay();
	r.accepted_is_verified = false;
	expect(admission_judge_relay(&r, now), VERDICT_REFUSE, "E4031");
	r = good_relay();
	r.module_known = false;
	expect(admission_judge_relay(&r, now), VERDICT_REFUSE, "E4009");
	r = good_relay();
	r.waybill.not_after_ms = now - 1;
	r.waybill.created_ms = now - 2;
	expect(admission_judge_relay(&r, now), VERDICT_REFUSE, "E4006");
	r = good_relay();
	r.waybill.environment = "production";
	expect(admission_judge_relay(&r, now), VERDICT_REFUSE, "E4004");
	r = good_relay();
	r.freshness = FRESHNESS_EXPIRED;
	expect(admission_judge_relay(&r, now), VERDICT_HOLD, "E4023");
}

static void
an_act_is_signed_by_a_key_for_its_event(void **state)
{
	static const struct {
		enum event event;
		bool module, sign, seal;
	} cases[] = {
		{ EVENT_FETCHED, true, false, false },
		{ EVENT_OPENED, true, false, false },
		{ EVENT_UNREADABLE, true, false, false },
		/* 簽收 is an organisation's: never by a module alone. */
		{ EVENT_CONFIRMED, false, true, false },
		{ EVENT_RETURNED, false, true, false },
		{ EVENT_NOTICE, false, true, false },
		{ EVENT_WITHDRAWN, true, false, false },
		{ EVENT_ACCEPTED, false, false, false },
		{ EVENT_EXPIRED, false, false, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct admission_act act = good_act();
		const bool may[KEY_USE_COUNT] = {
			[KEY_SIGN] = cases[i].sign,
			[KEY_SEAL] = cases[i].seal,
			[KEY_MODULE] = cases[i].module,
		};

		act.event = cases[i].event;
		for (int use = 0; use < KEY_USE_COUNT; use++) {
			act.signer_use = (enum key_use)use;
			expect(admission_judge_act(&act, now),
			    may[use] ? VERDICT_ALLOW : VERDICT_REFUSE,
			    may[use] ? "" : "E4027");
		}
	}
}

static void
an_act_with_one_fault_is_refused_for_it(void **state)
{
	struct admission_act act = good_act();

	(void)state;
	act.host_serves_side = false;
	expect(admission_judge_act(&act, now), VERDICT_REFUSE, "E4003");
	act = good_act();
	act.environment = "production";
	expect(admission_judge_act(&act, now), VERDICT_REFUSE, "E4004");
	act = good_act();
	act.signer_known = false;
	expect(admission_judge_act(&act, now), VERDICT_REFUSE, "E4027");
	act = good_act();
	act.signer_state = KEY_REVOKED;
	expect(admission_judge_act(&act, now), VERDICT_REFUSE, "E4027");
	act = good_act();
	act.names_delivery = false;
	expect(admission_judge_act(&act, now), VERDICT_REFUSE, "E4032");
	act = good_act();
	act.time_ms = now + ADMISSION_AHEAD_MAX_MS + 1;
	expect(admission_judge_act(&act, now), VERDICT_REFUSE, "E4025");
}

static void
a_refusal_becomes_an_error_with_its_id(void **state)
{
	struct verdict verdict = admission_judge_fetch(false);
	struct error err = { 0 };

	(void)state;
	assert_int_equal(verdict_check(&verdict, "376490000A", &err), -1);
	assert_int_equal(err.code, ERROR_DENIED);
	assert_string_equal(err.id, "E4003");
	assert_non_null(strstr(err.text, "376490000A"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clocks_one_second_apart_warn_and_five_refuse),
		cmocka_unit_test(
		    a_caller_needs_certificate_address_kind_and_clock),
		cmocka_unit_test(a_good_submission_is_admitted),
		cmocka_unit_test(a_submission_with_one_fault_is_refused_for_it),
		cmocka_unit_test(a_sender_without_standing_is_refused),
		cmocka_unit_test(stale_trust_goes_on_and_expired_trust_holds),
		cmocka_unit_test(
		    each_recipient_is_judged_against_the_directory),
		cmocka_unit_test(a_suspended_recipients_delivery_waits),
		cmocka_unit_test(a_relay_comes_from_the_center_that_accepted),
		cmocka_unit_test(an_act_is_signed_by_a_key_for_its_event),
		cmocka_unit_test(an_act_with_one_fault_is_refused_for_it),
		cmocka_unit_test(a_refusal_becomes_an_error_with_its_id),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
