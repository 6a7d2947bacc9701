#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "policy/sending.h"

static struct sending_document
good_document(void)
{
	return (struct sending_document){
		.kind = "函",
		.secrecy = "",
		.letter_bytes = 1000,
		.recipients = 1,
		.sender_known = true,
		.sender_status = ORG_ACTIVE,
		.sender_has_keys = true,
	};
}

static void
expect(struct verdict verdict, enum verdict_kind kind, const char *id)
{
	assert_int_equal(verdict.kind, kind);
	assert_string_equal(verdict.id, id);
}

static void
secret_documents_stay_off_the_wire(void **state)
{
	static const struct {
		const char *text;
		bool is_secret;
	} cases[] = {
		{ NULL, false },
		{ "", false },
		{ " \t\r\n\xe3\x80\x80", false },
		{ "普通", false },
		{ "普通 ", false },
		{ "密", true },
		{ "機密", true },
		{ "極機密", true },
		{ "絕對機密", true },
		{ "　密（115年底解密）", true },
		{ "普通但密", true },
		{ "whatever", true },
	};
	struct sending_rules rules = sending_rules_default();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sending_document document = good_document();

		document.secrecy = cases[i].text;
		assert_int_equal(sending_is_secret(cases[i].text),
		    cases[i].is_secret);
		expect(sending_judge_document(&rules, &document),
		    cases[i].is_secret ? VERDICT_REFUSE : VERDICT_ALLOW,
		    cases[i].is_secret ? "E4017" : "");
	}
}

static void
an_authority_may_lift_the_policy_on_secrecy(void **state)
{
	struct sending_rules rules = sending_rules_default();
	struct sending_document document = good_document();

	(void)state;
	document.secrecy = "密";
	rules.refuse_secret = false;
	expect(sending_judge_document(&rules, &document), VERDICT_ALLOW, "");
}

static void
internal_kinds_do_not_leave(void **state)
{
	static const char *const inside[] = { "簽", "便簽", "簽稿會核單", "",
		"html" };
	struct sending_rules rules = sending_rules_default();
	struct sending_document document = good_document();

	(void)state;
	for (size_t i = 0; i < sizeof(inside) / sizeof(inside[0]); i++) {
		document.kind = inside[i];
		expect(sending_judge_document(&rules, &document),
		    VERDICT_REFUSE, "E4018");
	}
	document.kind = "開會通知單";
	expect(sending_judge_document(&rules, &document), VERDICT_ALLOW, "");
}

static void
what_the_scanner_does_not_cover_is_too_large(void **state)
{
	struct sending_rules rules = sending_rules_default();
	struct sending_document document = good_document();

	(void)state;
	rules.scan_bytes_max = 999;
	expect(sending_judge_document(&rules, &document), VERDICT_REFUSE,
	    "E4015");
	rules.scan_bytes_max = 1000;
	expect(sending_judge_document(&rules, &document), VERDICT_ALLOW, "");
}

static void
a_sender_needs_standing_and_keys(void **state)
{
	struct sending_rules rules = sending_rules_default();
	struct sending_document document = good_document();

	(void)state;
	document.sender_has_keys = false;
	expect(sending_judge_document(&rules, &document), VERDICT_REFUSE,
	    "E4009");
	document.sender_status = ORG_SUSPENDED;
	expect(sending_judge_document(&rules, &document), VERDICT_REFUSE,
	    "E4010");
	document.sender_status = ORG_DISSOLVED;
	expect(sending_judge_document(&rules, &document), VERDICT_REFUSE,
	    "E4011");
	document = good_document();
	document.recipients = 0;
	expect(sending_judge_document(&rules, &document), VERDICT_REFUSE,
	    "E4028");
}

static void
who_cannot_be_reached_gets_paper(void **state)
{
	static const struct {
		struct sending_recipient recipient;
		enum verdict_kind kind;
		const char *id;
	} cases[] = {
		{ { true, ORG_ACTIVE, false, true, 10, 10 }, VERDICT_ALLOW,
		    "" },
		{ { true, ORG_ACTIVE, false, true, 0, 10 }, VERDICT_ALLOW, "" },
		{ { true, ORG_ACTIVE, false, true, 9, 10 }, VERDICT_PAPER,
		    "E4015" },
		{ { true, ORG_ACTIVE, false, false, 0, 10 }, VERDICT_PAPER,
		    "E4016" },
		{ { false, ORG_ACTIVE, true, false, 0, 10 }, VERDICT_PAPER,
		    "E4016" },
		{ { true, ORG_PAPER, false, true, 0, 10 }, VERDICT_PAPER,
		    "E4016" },
		{ { true, ORG_SUSPENDED, false, true, 0, 10 }, VERDICT_PAPER,
		    "E4013" },
		{ { true, ORG_DISSOLVED, false, true, 0, 10 }, VERDICT_PAPER,
		    "E4014" },
		{ { false, ORG_ACTIVE, false, true, 0, 10 }, VERDICT_REFUSE,
		    "E4012" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		expect(sending_judge_recipient(&cases[i].recipient),
		    cases[i].kind, cases[i].id);
}

static void
the_way_to_a_recipient_may_be_shut(void **state)
{
	static const struct {
		struct sending_way way;
		enum verdict_kind kind;
		const char *id;
	} cases[] = {
		{ { false, false, false, false, 0 }, VERDICT_ALLOW, "" },
		{ { true, false, true, true, 0 }, VERDICT_PAPER, "E4013" },
		{ { false, false, true, false, 1000 }, VERDICT_PAPER, "E3918" },
		{ { false, false, true, true, 1000 }, VERDICT_PAPER, "E3918" },
		{ { false, false, true, false, 1001 }, VERDICT_WARN, "E3920" },
		{ { false, false, true, true, 1001 }, VERDICT_WARN, "E3919" },
		{ { false, false, true, true, 0 }, VERDICT_WARN, "E3919" },
		{ { false, true, true, false, 0 }, VERDICT_WARN, "E3920" },
		{ { false, true, false, false, 0 }, VERDICT_WARN, "E3921" },
		/* Said of a center that is suspended no more. */
		{ { false, false, false, true, 1 }, VERDICT_ALLOW, "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct verdict verdict = sending_judge_way(&cases[i].way, 1000);

		assert_int_equal(verdict.kind, cases[i].kind);
		assert_string_equal(verdict.id, cases[i].id);
	}
}

static void
who_has_another_code_is_not_gone(void **state)
{
	struct verdict gone = verdict_of(VERDICT_PAPER, "E4014", ERROR_DENIED,
	    "the recipient is dissolved");
	struct verdict allow = verdict_allow();
	struct verdict moved = sending_judge_moved(&gone, true);

	(void)state;
	assert_string_equal(moved.id, "E3917");
	assert_int_equal(moved.kind, VERDICT_PAPER);
	moved = sending_judge_moved(&gone, false);
	assert_string_equal(moved.id, "E4014");
	moved = sending_judge_moved(&allow, true);
	assert_int_equal(moved.kind, VERDICT_ALLOW);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(secret_documents_stay_off_the_wire),
		cmocka_unit_test(an_authority_may_lift_the_policy_on_secrecy),
		cmocka_unit_test(internal_kinds_do_not_leave),
		cmocka_unit_test(what_the_scanner_does_not_cover_is_too_large),
		cmocka_unit_test(a_sender_needs_standing_and_keys),
		cmocka_unit_test(who_cannot_be_reached_gets_paper),
		cmocka_unit_test(the_way_to_a_recipient_may_be_shut),
		cmocka_unit_test(who_has_another_code_is_not_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
