/*
 * The traps that were seen in the wild, by name, and what meetings and rosters
 * are checked for.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "harness/document_fixture.h"

static const char *const nothing[] = { NULL };

/* ---- traps seen in the wild ------------------------------------------ */

/* Change one place of a file that is made by `make`, and check it again. */
static struct fixture
changed(struct fixture fixture, const char *from, const char *to)
{
	fixture_change(&fixture, 0, from, to);
	fixture_check(&fixture);
	return fixture;
}

static void
a_chinese_file_name_is_no_invalid_uri(void **state)
{
	struct fixture fixture = fixture_letter();

	(void)state;
	fixture_change(&fixture, 0, "376490000A_1150012345A0C_ATTCH1.pdf",
	    "附件１ 簡報[甲]|乙.pdf");
	fixture.files[3].name = "附件１ 簡報[甲]|乙.pdf";
	fixture_check(&fixture);
	fixture_assert_refused(&fixture, "E2120");
	fixture_change(&fixture, 0, "[甲]|乙.pdf", "[甲]乙.pdf");
	fixture.files[3].name = "附件１ 簡報[甲]乙.pdf";
	fixture_check(&fixture);
	fixture_assert_accepted(&fixture);
	fixture_assert_rules(&fixture, nothing);
	assert_string_equal(fixture.report->document->attachments[0].name,
	    "附件１ 簡報[甲]乙.pdf");
	fixture_discard(&fixture);
}

static void
notations_have_any_name(void **state)
{
	static const char *const names[] = { "_X", "PDF", "DI", "pdf" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct fixture fixture = fixture_notice();
		char text[64];

		snprintf(text, sizeof(text), "NDATA %s>", names[i]);
		fixture_change(&fixture, 0, "NDATA _X>", text);
		snprintf(text, sizeof(text), "<!NOTATION %s ", names[i]);
		fixture_change(&fixture, 0, "<!NOTATION _X ", text);
		fixture_check(&fixture);
		fixture_assert_accepted(&fixture);
		fixture_discard(&fixture);
	}
}

static void
entity_names_are_of_either_case_and_differ_by_it(void **state)
{
	struct fixture fixture = fixture_notice();

	(void)state;
	fixture_change(&fixture, 0, "<!ENTITY ATTCH1", "<!ENTITY attch1");
	fixture_check(&fixture);
	fixture_assert_refused(&fixture, "E2107");
	fixture_change(&fixture, 0, "附件名=\"ATTCH1\"", "附件名=\"attch1\"");
	fixture_check(&fixture);
	fixture_assert_accepted(&fixture);
	assert_string_equal(fixture.report->document->attachments[0].entity,
	    "attch1");
	fixture_discard(&fixture);
}

static void
a_byte_order_mark_is_skipped(void **state)
{
	struct fixture fixture =
	    changed(fixture_meeting(), "<?xml", "\xef\xbb\xbf<?xml");

	(void)state;
	fixture_assert_accepted(&fixture);
	fixture_assert_rules(&fixture, nothing);
	fixture_discard(&fixture);
}

static void
a_letter_under_the_dtd_of_an_order_is_refused_and_read(void **state)
{
	struct fixture fixture =
	    changed(fixture_letter(), "104_2_utf8.dtd", "104_1_utf8.dtd");

	(void)state;
	fixture_assert_refused(&fixture, "E2022");
	assert_int_equal(fixture.report->document->kind, DOC_KIND_LETTER);
	assert_int_equal(fixture.report->document->section_count, 1);
	fixture_discard(&fixture);
}

static void
a_survey_under_the_dtd_of_a_meeting_is_read_with_a_warning(void **state)
{
	static const char *const rules[] = { "E2024", NULL };
	struct fixture fixture =
	    changed(fixture_survey(), "104_B_utf8.dtd", "104_4_utf8.dtd");

	(void)state;
	fixture_assert_accepted(&fixture);
	fixture_assert_rules(&fixture, rules);
	assert_int_equal(fixture.report->document->kind, DOC_KIND_SURVEY);
	assert_string_equal(fixture.report->document->venue, "○○路1號前");
	fixture_discard(&fixture);
}

static void
a_sender_without_a_code_is_refused_in_every_kind(void **state)
{
	struct fixture fixture =
	    changed(fixture_letter(), "<機關代碼>376490000A</機關代碼>", "");

	(void)state;
	fixture_assert_refused(&fixture, "E2108");
	assert_string_equal(fixture.report->document->senders[0].name,
	    "雲林縣政府");
	fixture_discard(&fixture);
	fixture =
	    changed(fixture_meeting(), "<機關代碼>A29000000G</機關代碼>", "");
	fixture_assert_refused(&fixture, "E2108");
	assert_string_equal(fixture_the(&fixture, "E2108")->argument,
	    "機關代碼");
	assert_string_equal(fixture_the(&fixture, "E2108")->path,
	    "/開會通知單/發文機關");
	fixture_discard(&fixture);
}

/* Where the official DTD is enforced it is a fault, but nothing is lost. */
static void
items_under_a_wrong_name_are_still_read(void **state)
{
	static const char *const rules[] = { "E2150", NULL };
	struct fixture fixture = changed(fixture_meeting(),
	    "<條列 序號=\"一、\"><文字>為響應環保，請自備環保杯。</文字></條列>",
	    "<條例 序號=\"一、\"><文字>為響應環保，請自備環保杯。</文字></條例>");
	const struct document *document = fixture.report->document;

	(void)state;
	fixture_assert_accepted(&fixture);
	fixture_assert_rules(&fixture, rules);
	assert_int_equal(document->remarks->item_count, 1);
	fixture_assert_item(&document->remarks->items[0], "一、",
	    "為響應環保，請自備環保杯。");
	fixture_discard(&fixture);
	fixture = changed(fixture_letter(),
	    "二、\"><文字>檢附簡報（PDF）及報名表（ODT）各1份。</文字></條列>",
	    "二、\"><文字>x</文字></條列><條例><文字>y</文字></條例>");
	fixture_assert_refused(&fixture, "E2102");
	assert_int_equal(fixture.report->document->sections[0].item_count, 3);
	fixture_discard(&fixture);
}

static void
bare_text_in_lists_of_readers_is_read(void **state)
{
	static const char *const rules[] = { "E2150", NULL };
	struct fixture fixture = changed(fixture_meeting(),
	    "<交換表 交換表單=\"表單\">如出列席單位</交換表>", "如出列席單位");
	const struct document *document;

	(void)state;
	fixture_assert_accepted(&fixture);
	fixture_assert_rules(&fixture, rules);
	assert_string_equal(fixture.report->document->addressee,
	    "如出列席單位");
	fixture_change(&fixture, 0, "<副本>", "<副本>本部各單位");
	fixture_check(&fixture);
	fixture_assert_accepted(&fixture);
	document = fixture.report->document;
	assert_int_equal(document->copy_count, 2);
	fixture_assert_reader(&document->copies[1], READER_GROUP, "本部各單位",
	    false);
	fixture_discard(&fixture);
	fixture = changed(fixture_letter(), "<副本>", "<副本>內政部");
	fixture_assert_refused(&fixture, "E2103");
	assert_string_equal(fixture.report->document->copies[2].name, "內政部");
	fixture_discard(&fixture);
}

static void
extra_elements_are_told_and_passed_over(void **state)
{
	static const char *const rules[] = { "E2150", NULL };
	static const char extra[] = "<承辦單位><單位名>x</單位名></承辦單位>"
				    "<年度分類號>115/010101</年度分類號><速別";
	struct fixture fixture = changed(fixture_meeting(), "<速別", extra);

	(void)state;
	fixture_assert_accepted(&fixture);
	fixture_assert_rules(&fixture, rules);
	assert_int_equal(fixture.report->document->speed, LETTER_SPEED_FAST);
	fixture_discard(&fixture);
	fixture = changed(fixture_letter(), "<速別", extra);
	fixture_assert_refused(&fixture, "E2101");
	fixture_assert_refused(&fixture, "E2102");
	fixture_discard(&fixture);
}

static void
a_section_named_by_the_wrong_attribute_keeps_its_name(void **state)
{
	struct fixture fixture = changed(fixture_notice(),
	    "<段落 段名=\"依據：\">", "<段落 代碼=\"依據：\">");

	(void)state;
	fixture_assert_accepted(&fixture);
	assert_non_null(fixture_find(&fixture, "E2150"));
	assert_string_equal(fixture.report->document->sections[0].label,
	    "依據：");
	fixture_discard(&fixture);
	fixture = changed(fixture_letter(), "<段落 段名=\"說明：\">",
	    "<段落 代碼=\"說明：\">");
	fixture_assert_refused(&fixture, "E2104");
	fixture_discard(&fixture);
}

static void
empty_marks_names_and_signatures_are_none(void **state)
{
	struct fixture fixture = fixture_letter();
	const struct document *document;

	(void)state;
	fixture_change(&fixture, 0, "<密等/>", "<密等 代碼=\"\"/>");
	fixture_check(&fixture);
	fixture_assert_refused(&fixture, "E2105");
	fixture_change(&fixture, 0, "<密等 代碼=\"\"/>", "<密等/>");
	fixture_change(&fixture, 0, "段名=\"說明：\"", "段名=\"\"");
	fixture_change(&fixture, 0, "<署名>縣長　○○○</署名>",
	    "<署名></署名><署名/>");
	fixture_check(&fixture);
	fixture_assert_accepted(&fixture);
	fixture_assert_rules(&fixture, nothing);
	document = fixture.report->document;
	assert_string_equal(document->secrecy, "");
	assert_string_equal(document->sections[0].label, "");
	assert_int_equal(document->signature_count, 2);
	assert_string_equal(document->signatures[1], "");
	fixture_discard(&fixture);
}

static void
order_does_not_matter_where_the_model_is_not_official(void **state)
{
	static const char *const rules[] = { "E2150", NULL };
	struct fixture fixture = fixture_meeting();

	(void)state;
	fixture_change(&fixture, 0,
	    "<開會地點><文字>本部1樓會議室</文字></開會地點>", "");
	fixture_change(&fixture, 0, "<發文機關>",
	    "<開會地點><文字>本部1樓會議室</文字></開會地點><發文機關>");
	fixture_check(&fixture);
	fixture_assert_accepted(&fixture);
	fixture_assert_rules(&fixture, rules);
	assert_string_equal(fixture.report->document->venue, "本部1樓會議室");
	fixture_discard(&fixture);
}

/* What we cannot do without is refused in those kinds, too. */
static void
what_is_needed_is_missed_by_name(void **state)
{
	static const struct {
		const char *element;
		const char *argument;
	} parts[] = {
		{ "發文日期", "發文日期" },
		{ "發文字號", "發文字號" },
		{ "開會事由", "開會事由" },
		{ "開會地點", "開會地點" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		struct fixture fixture = fixture_meeting();
		char from[64], to[64];

		snprintf(from, sizeof(from), "<%s>", parts[i].element);
		snprintf(to, sizeof(to), "<x%s>", parts[i].element);
		fixture_change(&fixture, 0, from, to);
		snprintf(from, sizeof(from), "</%s>", parts[i].element);
		snprintf(to, sizeof(to), "</x%s>", parts[i].element);
		fixture_change(&fixture, 0, from, to);
		fixture_check(&fixture);
		fixture_assert_refused(&fixture, "E2108");
		assert_string_equal(fixture_the(&fixture, "E2108")->argument,
		    parts[i].argument);
		fixture_discard(&fixture);
	}
}

/* 密等 written as text is a mark, too: nothing secret slips through. */
static void
a_secret_mark_counts_in_every_kind_and_form(void **state)
{
	struct fixture fixture =
	    changed(fixture_meeting(), "<密等/>", "<密等 代碼=\"機密\"/>");

	(void)state;
	fixture_assert_refused(&fixture, "E2201");
	fixture_discard(&fixture);
	fixture = changed(fixture_meeting(), "<密等/>", "<密等>密</密等>");
	fixture_assert_refused(&fixture, "E2201");
	fixture_discard(&fixture);
}

/* ---- dates of meetings ----------------------------------------------- */

static void
the_weekday_of_a_meeting_is_that_of_its_date(void **state)
{
	static const char *const rules[] = { "E2152", NULL };
	struct fixture fixture = changed(fixture_meeting(),
	    "<星期>星期二</星期>", "<星期>星期三</星期>");

	(void)state;
	fixture_assert_accepted(&fixture);
	fixture_assert_rules(&fixture, rules);
	assert_string_equal(fixture_the(&fixture, "E2152")->path,
	    "/開會通知單/開會時間[1]");
	assert_int_equal(fixture_the(&fixture, "E2152")->line, 18);
	assert_int_equal(fixture_the(&fixture, "E2152")->column, 1);
	assert_string_equal(fixture_the(&fixture, "E2152")->argument, "星期三");
	fixture_discard(&fixture);
}

static void
a_meeting_has_a_day_and_a_time_that_exist(void **state)
{
	struct fixture fixture =
	    changed(fixture_meeting(), "115年12月1日", "115年12月32日");

	(void)state;
	fixture_assert_refused(&fixture, "E2112");
	fixture_discard(&fixture);
	fixture = changed(fixture_meeting(), "上午9時30分", "上午9時60分");
	fixture_assert_accepted(&fixture);
	assert_non_null(fixture_find(&fixture, "E2153"));
	fixture_discard(&fixture);
}

/* ---- what is compared with the rosters ------------------------------- */

static void
attendees_and_observers_are_compared_with_the_rosters(void **state)
{
	struct fixture fixture = fixture_meeting();
	const struct finding *finding;

	(void)state;
	fixture_change(&fixture, 1, "臺北市政府", "新北市政府");
	fixture_check(&fixture);
	fixture_assert_accepted(&fixture);
	finding = fixture_the(&fixture, "E2133");
	assert_string_equal(finding->argument, "臺北市政府");
	assert_string_equal(finding->path, "/開會通知單/出席者/全銜[2]");
	assert_true(finding->line > 0 && finding->column > 1);
	finding = fixture_the(&fixture, "E2134");
	assert_string_equal(finding->argument, "新北市政府");
	assert_string_equal(finding->path, "/交換表單/全銜[2]");
	assert_true(finding->line > 0 && finding->column > 1);
	fixture_discard(&fixture);
}

static void
every_finding_of_an_element_has_line_and_column(void **state)
{
	struct fixture fixture = fixture_letter();
	const struct finding *finding;

	(void)state;
	fixture_change(&fixture, 0, "<全銜>雲林縣政府</全銜>",
	    "<!-- <x> -->\n  <全銜\n/>");
	fixture_check(&fixture);
	finding = fixture_the(&fixture, "E2114");
	assert_int_equal(finding->line, 11);
	assert_int_equal(finding->column, 3);
	assert_string_equal(finding->path, "/函/發文機關/全銜");
	fixture_discard(&fixture);
}

static void
kinds_not_handled_are_refused_by_name(void **state)
{
	static const struct {
		const char *root;
		const char *dtd;
	} kinds[] = {
		{ "簽稿會核單", "104_6_utf8.dtd" },
		{ "會銜公文會辦單", "104_7_utf8.dtd" },
		{ "公文時效統計", "104_81_utf8.dtd" },
		{ "線上簽核", "104_sign_utf8.dtd" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct fixture fixture = { 0 };
		char text[256];

		snprintf(text, sizeof(text), "<!DOCTYPE %s SYSTEM \"%s\"><%s/>",
		    kinds[i].root, kinds[i].dtd, kinds[i].root);
		fixture_add_text(&fixture, "1.di", text);
		fixture_check(&fixture);
		fixture_assert_refused(&fixture, "E2020");
		assert_string_equal(fixture_the(&fixture, "E2020")->argument,
		    kinds[i].root);
		assert_int_equal(fixture.report->finding_count, 1);
		assert_null(fixture.report->document);
		fixture_discard(&fixture);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_chinese_file_name_is_no_invalid_uri),
		cmocka_unit_test(notations_have_any_name),
		cmocka_unit_test(
		    entity_names_are_of_either_case_and_differ_by_it),
		cmocka_unit_test(a_byte_order_mark_is_skipped),
		cmocka_unit_test(
		    a_letter_under_the_dtd_of_an_order_is_refused_and_read),
		cmocka_unit_test(
		    a_survey_under_the_dtd_of_a_meeting_is_read_with_a_warning),
		cmocka_unit_test(
		    a_sender_without_a_code_is_refused_in_every_kind),
		cmocka_unit_test(items_under_a_wrong_name_are_still_read),
		cmocka_unit_test(bare_text_in_lists_of_readers_is_read),
		cmocka_unit_test(extra_elements_are_told_and_passed_over),
		cmocka_unit_test(
		    a_section_named_by_the_wrong_attribute_keeps_its_name),
		cmocka_unit_test(empty_marks_names_and_signatures_are_none),
		cmocka_unit_test(
		    order_does_not_matter_where_the_model_is_not_official),
		cmocka_unit_test(what_is_needed_is_missed_by_name),
		cmocka_unit_test(a_secret_mark_counts_in_every_kind_and_form),
		cmocka_unit_test(the_weekday_of_a_meeting_is_that_of_its_date),
		cmocka_unit_test(a_meeting_has_a_day_and_a_time_that_exist),
		cmocka_unit_test(
		    attendees_and_observers_are_compared_with_the_rosters),
		cmocka_unit_test(
		    every_finding_of_an_element_has_line_and_column),
		cmocka_unit_test(kinds_not_handled_are_refused_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
