#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/error.h"
#include "exchange/refusal.h"
#include "gateway/outbox/outbox_findings.h"
#include "gateway/outbox/outbox_plan.h"
#include "json/json_write.h"
#include "policy/verdict.h"
#include "role/problem.h"

/* ---- splitting ------------------------------------------------------- */

static struct outbox_recipient
entry(const char *code, uint16_t roster, bool with_attachments)
{
	struct outbox_recipient recipient = { .roster = roster,
		.with_attachments = with_attachments };

	assert_true(org_code_parse(code, &recipient.code));
	return recipient;
}

static void
each_roster_becomes_a_waybill_of_its_own(void **state)
{
	struct outbox_recipient list[] = { entry("376490000A", 1, true),
		entry("376490000B", 2, true), entry("376490000C", 1, true) };
	struct outbox_plan plan = { 0 };
	struct error err = { 0 };

	(void)state;
	assert_int_equal(outbox_plan_split(list, 3, true, &plan, &err), 0);
	assert_int_equal(plan.count, 2);
	assert_int_equal(plan.splits[0].count, 2);
	assert_int_equal(plan.splits[0].recipients[0], 0);
	assert_int_equal(plan.splits[0].recipients[1], 2);
	assert_int_equal(plan.splits[1].count, 1);
	assert_int_equal(plan.splits[1].recipients[0], 1);
	outbox_plan_free(&plan);
}

static void
who_gets_no_attachments_gets_another_package(void **state)
{
	struct outbox_recipient list[] = { entry("376490000A", 1, true),
		entry("376490000B", 1, false), entry("376490000C", 1, true) };
	struct outbox_plan plan = { 0 };
	struct error err = { 0 };

	(void)state;
	assert_int_equal(outbox_plan_split(list, 3, true, &plan, &err), 0);
	assert_int_equal(plan.count, 2);
	assert_true(plan.splits[0].with_attachments);
	assert_int_equal(plan.splits[0].count, 2);
	assert_false(plan.splits[1].with_attachments);
	assert_int_equal(plan.splits[1].count, 1);
	assert_int_equal(plan.splits[1].recipients[0], 1);
	assert_false(
	    outbox_plan_takes(&plan.splits[1], DOCUMENT_ATTACHMENT, 3));
	assert_true(outbox_plan_takes(&plan.splits[1], DOCUMENT_DI, 0));
	assert_true(outbox_plan_takes(&plan.splits[1], DOCUMENT_SW, 1));
	outbox_plan_free(&plan);
}

static void
without_attachments_a_roster_stays_whole(void **state)
{
	struct outbox_recipient list[] = { entry("376490000A", 1, true),
		entry("376490000B", 1, false) };
	struct outbox_plan plan = { 0 };
	struct error err = { 0 };

	(void)state;
	assert_int_equal(outbox_plan_split(list, 2, false, &plan, &err), 0);
	assert_int_equal(plan.count, 1);
	assert_int_equal(plan.splits[0].count, 2);
	outbox_plan_free(&plan);
}

static void
another_roster_does_not_go_along(void **state)
{
	struct outbox_split split = { .roster = 1, .with_attachments = true };

	(void)state;
	assert_true(outbox_plan_takes(&split, DOCUMENT_SW, 1));
	assert_false(outbox_plan_takes(&split, DOCUMENT_SW, 2));
	assert_true(outbox_plan_takes(&split, DOCUMENT_DM, 2));
	assert_true(outbox_plan_takes(&split, DOCUMENT_ATTACHMENT, 2));
}

static void
a_code_named_twice_is_one_recipient(void **state)
{
	struct outbox_recipient list[] = { entry("376490000B", 1, true),
		entry("376490000A", 1, true), entry("376490000B", 1, true) };
	struct outbox_plan plan = { 0 };
	struct error err = { 0 };

	(void)state;
	assert_int_equal(outbox_plan_split(list, 3, true, &plan, &err), 0);
	assert_int_equal(plan.count, 1);
	assert_int_equal(plan.splits[0].count, 2);
	assert_int_equal(plan.splits[0].recipients[0], 0);
	assert_int_equal(plan.splits[0].recipients[1], 1);
	outbox_plan_free(&plan);
}

/* ---- repeats --------------------------------------------------------- */

static void
a_key_is_a_repeat_only_with_the_same_files(void **state)
{
	struct digest one = { { 1 } };
	struct digest two = { { 2 } };

	(void)state;
	assert_int_equal(outbox_plan_key(&one, false, &one), OUTBOX_KEY_REPEAT);
	assert_int_equal(outbox_plan_key(&one, true, &one), OUTBOX_KEY_BUSY);
	assert_int_equal(outbox_plan_key(&one, false, &two), OUTBOX_KEY_CLASH);
	assert_int_equal(outbox_plan_key(&one, true, &two), OUTBOX_KEY_CLASH);
}

static void
the_order_of_the_files_does_not_make_another_letter(void **state)
{
	struct outbox_named here[] = { { "1.di", 4, { { 1 } } },
		{ "a.pdf", 9, { { 2 } } } };
	struct outbox_named there[] = { here[1], here[0] };
	struct digest a, b, c;
	struct error err = { 0 };

	(void)state;
	assert_int_equal(outbox_plan_digest(here, 2, &a, &err), 0);
	assert_int_equal(outbox_plan_digest(there, 2, &b, &err), 0);
	assert_true(digest_equal(&a, &b));
	there[0].name = "b.pdf";
	assert_int_equal(outbox_plan_digest(there, 2, &c, &err), 0);
	assert_false(digest_equal(&a, &c));
}

/* ---- findings -------------------------------------------------------- */

static const char report[] =
    "{\"document\":{\"kind\":\"函\",\"secrecy\":\"密\",\"senders\":[]},"
    "\"findings\":[{\"severity\":\"warning\",\"file\":\"1.di\",\"line\":3,"
    "\"column\":5,\"element\":\"/函\",\"rule\":\"E2131\",\"text\":\"x\","
    "\"title\":{\"zh\":\"a\",\"en\":\"b\"}}],\"left_out\":0}";

static void
findings_of_reader_and_policy_stand_in_one_list(void **state)
{
	struct verdict verdict =
	    verdict_of(VERDICT_REFUSE, "E4012", ERROR_NOT_FOUND, "");
	struct outbox_place place = { "1.sw", 7, 3 };
	struct outbox_findings findings = { 0 };
	struct bytes json = { 0 };
	struct json_writer writer = json_writer_to(&json);
	struct error err = { 0 };

	(void)state;
	assert_int_equal(outbox_findings_add(&findings, &verdict, &place,
			     "376490000A", "某機關", &err),
	    0);
	assert_true(findings.has_error);
	assert_int_equal(outbox_findings_write(&findings,
			     blob_of(report, strlen(report)), true, NULL,
			     &writer, &err),
	    0);
	assert_int_equal(json_write_done(&writer, &err), 0);
	bytes_put_u8(&json, '\0');
	assert_non_null(strstr((char *)json.data,
	    "\"rule\":\"E2131\",\"text\":\"x\",\"accept\":\"\",\"title\":\"Recipient twice\""));
	assert_non_null(strstr((char *)json.data, "376490000A 某機關"));
	assert_non_null(strstr((char *)json.data,
	    "\"file\":\"1.sw\",\"line\":7,\"column\":3,"));
	assert_non_null(strstr((char *)json.data, "\"rule\":\"E4012\""));
	bytes_free(&json);
	outbox_findings_free(&findings);
}

static void
kind_and_secrecy_come_from_the_report(void **state)
{
	struct outbox_marks marks;
	struct error err = { 0 };

	(void)state;
	assert_int_equal(outbox_findings_marks(blob_of(report, strlen(report)),
			     &marks, &err),
	    0);
	assert_string_equal(marks.kind, "函");
	assert_string_equal(marks.secrecy, "密");
}

static void
a_document_is_written_anew_and_nothing_beside_it(void **state)
{
	struct bytes json = { 0 };
	struct json_writer writer = json_writer_to(&json);
	struct error err = { 0 };

	(void)state;
	json_write_begin_object(&writer, NULL);
	assert_int_equal(outbox_findings_write_document(blob_of(report,
							    strlen(report)),
			     &writer, &err),
	    0);
	json_write_end(&writer);
	assert_int_equal(json_write_done(&writer, &err), 0);
	bytes_put_u8(&json, '\0');
	assert_string_equal((char *)json.data,
	    "{\"document\":{\"kind\":\"函\",\"secrecy\":\"密\","
	    "\"senders\":[]}}");
	bytes_free(&json);
}

/* ---- refusals -------------------------------------------------------- */

static void
only_what_is_about_the_letter_ends_it(void **state)
{
	(void)state;
	assert_int_equal(refusal_judge(422, "E4021"), REFUSAL_FOR_GOOD);
	assert_int_equal(refusal_judge(409, "E4103"), REFUSAL_FOR_GOOD);
	assert_int_equal(refusal_judge(403, ""), REFUSAL_FOR_GOOD);
	assert_int_equal(refusal_judge(503, "E4021"), REFUSAL_OF_ALL);
	assert_int_equal(refusal_judge(502, ""), REFUSAL_OF_ALL);
	assert_int_equal(refusal_judge(500, "E1000"), REFUSAL_UNCLEAR);
	assert_int_equal(refusal_judge(500, ""), REFUSAL_UNCLEAR);
	assert_int_equal(refusal_judge(429, ""), REFUSAL_OF_ALL);
	assert_int_equal(refusal_judge(408, ""), REFUSAL_OF_ALL);
	assert_int_equal(refusal_judge(403, "E4007"), REFUSAL_OF_ONE);
	assert_int_equal(refusal_judge(403, "E4024"), REFUSAL_OF_ONE);
	assert_int_equal(refusal_judge(403, "E4035"), REFUSAL_OF_SENDER);
	assert_int_equal(refusal_judge(429, "E4042"), REFUSAL_OF_SENDER);
	assert_int_equal(refusal_judge(429, "E4044"), REFUSAL_OF_ONE);
}

static void
a_refusal_that_is_no_problem_has_no_code(void **state)
{
	static const char problem[] = "{\"code\":\"E4021\"}";
	char code[24];

	(void)state;
	problem_code(blob_of(problem, strlen(problem)), code, sizeof(code));
	assert_string_equal(code, "E4021");
	problem_code(blob_of("<html>", 6), code, sizeof(code));
	assert_string_equal(code, "");
	problem_code(blob_of("{\"code\":7}", 10), code, sizeof(code));
	assert_string_equal(code, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_roster_becomes_a_waybill_of_its_own),
		cmocka_unit_test(who_gets_no_attachments_gets_another_package),
		cmocka_unit_test(without_attachments_a_roster_stays_whole),
		cmocka_unit_test(another_roster_does_not_go_along),
		cmocka_unit_test(a_code_named_twice_is_one_recipient),
		cmocka_unit_test(a_key_is_a_repeat_only_with_the_same_files),
		cmocka_unit_test(
		    the_order_of_the_files_does_not_make_another_letter),
		cmocka_unit_test(
		    findings_of_reader_and_policy_stand_in_one_list),
		cmocka_unit_test(kind_and_secrecy_come_from_the_report),
		cmocka_unit_test(
		    a_document_is_written_anew_and_nothing_beside_it),
		cmocka_unit_test(only_what_is_about_the_letter_ends_it),
		cmocka_unit_test(a_refusal_that_is_no_problem_has_no_code),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
