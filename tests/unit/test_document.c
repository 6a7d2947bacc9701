#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "harness/document_fixture.h"

static void
a_letter_with_two_rosters_is_read_whole(void **state)
{
	struct fixture fixture = fixture_letter();
	const struct document *document;
	const struct roster *rosters;

	(void)state;
	fixture_check(&fixture);

	fixture_assert_accepted(&fixture);
	assert_int_equal(fixture.report->finding_count, 0);
	document = fixture.report->document;
	assert_int_equal(document->kind, DOC_KIND_LETTER);
	assert_string_equal(document->class_name, "函");
	assert_int_equal(document->sender_count, 1);
	assert_string_equal(document->senders[0].name, "雲林縣政府");
	assert_string_equal(document->senders[0].code.text, "376490000A");
	assert_int_equal(document->ref_no_count, 1);
	assert_string_equal(document->ref_nos[0].prefix, "府計管一字");
	assert_string_equal(document->ref_nos[0].year, "115");
	assert_string_equal(document->ref_nos[0].seq, "0012345");
	assert_string_equal(document->ref_nos[0].branch, "");
	assert_int_equal(document->issued.year, 115);
	assert_int_equal(document->issued.day, 20);
	assert_int_equal(document->speed, LETTER_SPEED_NORMAL);
	assert_string_equal(document->secrecy, "");
	assert_string_equal(document->subject,
	    "檢送「115年度公文電子交換作業說明會」簡報及報名表各1份，"
	    "請查照並轉知所屬。");
	assert_int_equal(document->attachment_count, 2);
	assert_string_equal(document->attachments[1].entity, "ATTCH2");
	assert_string_equal(document->attachments[1].name,
	    "376490000A_1150012345A0C_ATTCH2.odt");
	assert_int_equal(document->roster_count, 1);
	assert_string_equal(document->rosters[0].name, "1.sw");
	assert_null(document->message);
	assert_null(document->recipient);
	assert_int_equal(document->original_count, 3);
	assert_int_equal(document->copy_count, 2);
	assert_true(document->copies[0].with_attachments);
	assert_false(document->copies[1].with_attachments);
	assert_int_equal(document->copies[1].kind, READER_UNIT);
	assert_int_equal(fixture.report->roster_count, 2);
	rosters = fixture.report->rosters;
	assert_int_equal(rosters[0].count, 4);
	assert_string_equal(rosters[0].entries[3].code.text, "A41010000A");
	assert_string_equal(rosters[0].entries[3].copy, "副本");
	assert_true(rosters[0].entries[3].with_attachments);
	assert_int_equal(rosters[1].count, 1);
	assert_string_equal(rosters[1].entries[0].code.text,
	    "A01000000AU610000");
	assert_false(rosters[1].entries[0].with_attachments);
	fixture_discard(&fixture);
}

static void
a_resend_carries_its_message_in_either_form(void **state)
{
	static const struct {
		const char *sample;
		enum doc_message_code code;
		const char *remark;
	} forms[] = {
		{ "rendered_07_resend_attr.dm", DOC_MESSAGE_ATTACHMENTS_MENDED,
		    "附件1檔案毀損，更正重發。" },
		{ "rendered_08_resend_textcode.dm", DOC_MESSAGE_UNCHANGED,
		    "未修正重發。" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		struct fixture fixture = { 0 };

		fixture_add_letter(&fixture, "rendered_06_letter_resend.di");
		fixture_add_sample(&fixture, "1.dm", forms[i].sample);
		fixture_check(&fixture);
		fixture_assert_accepted(&fixture);
		assert_non_null(fixture.report->message);
		assert_int_equal(fixture.report->message->code, forms[i].code);
		assert_string_equal(fixture.report->message->remark,
		    forms[i].remark);
		assert_string_equal(fixture.report->document->message->name,
		    "1.dm");
		fixture_discard(&fixture);
	}
}

static void
every_class_of_letter_is_handled(void **state)
{
	static const char *const classes[] = { "書函", "交辦案件通知單",
		"交議案件通知單", "催辦案件通知單", "移文單",
		"機密文書機密等級變更或註銷建議單",
		"機密文書機密等級變更或註銷通知單", "執行命令", "獎懲建議函" };

	(void)state;
	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
		struct fixture fixture = fixture_letter();
		char attribute[128];

		snprintf(attribute, sizeof(attribute), "<函類別 代碼=\"%s\"/>",
		    classes[i]);
		fixture_change(&fixture, 0, "<函類別 代碼=\"函\"/>", attribute);
		fixture_check(&fixture);
		fixture_assert_accepted(&fixture);
		assert_string_equal(fixture.report->document->class_name,
		    classes[i]);
		fixture_discard(&fixture);
	}
}

/* Change one place of one file (0 DI, 1 and 2 SW): the rule that it breaks. */
struct trap {
	size_t file;
	const char *from;
	const char *to;
	const char *rule;
};

static const struct trap refused_traps[] = {
	/* Seen in the wild: taiwan.md 3.3. */
	{ 0, "104_2_utf8.dtd", "104_1_utf8.dtd", "E2022" },
	{ 0, "<機關代碼>376490000A</機關代碼>", "", "E2108" },
	{ 0,
	    "條列 序號=\"二、\"><文字>檢附簡報（PDF）及報名表（ODT）各1份。"
	    "</文字></條列",
	    "條例><文字>x</文字></條例", "E2102" },
	{ 0, "<交換表 交換表單=\"表單\">如正副本行文單位</交換表>",
	    "如正副本行文單位", "E2103" },
	{ 0, "<副本>", "<副本>內政部", "E2103" },
	{ 0, "<速別", "<承辦單位><單位名>x</單位名></承辦單位><速別", "E2101" },
	{ 0, "<段落 段名=\"說明：\">", "<段落 代碼=\"說明：\">", "E2104" },
	{ 0, "<速別 代碼=\"普通件\"/>", "<速別 代碼=\"特急件\"/>", "E2105" },
	{ 0, "<函類別 代碼=\"函\"/>", "<函類別 代碼=\"信\"/>", "E2105" },
	{ 0, "附件名=\"ATTCH1 ATTCH2\"", "附件名=\"ATTCH1 ATTCH3\"", "E2107" },
	{ 0, " 附件名=\"ATTCH1 ATTCH2\"", "", "E2106" },
	{ 0, "<主旨>", "<主旨2>", "E2005" },
	{ 0, "<署名>縣長　○○○</署名>", "<署名>x</署名><副本/>", "E2101" },
	/* Beyond the DTD. */
	{ 0, "376490000A</機關代碼>", "376490000a</機關代碼>", "E2110" },
	{ 0, "<年度>115</年度>", "<年度>百一五</年度>", "E2111" },
	{ 0, "<流水號>0012345</流水號>", "<流水號/>", "E2111" },
	{ 0, "<支號></支號>", "<支號>1/2</支號>", "E2111" },
	{ 0, "115年11月20日</年月日>", "115年11月31日</年月日>", "E2112" },
	{ 0, "<字>府計管一字</字>", "<字> </字>", "E2114" },
	{ 0, "<全銜>雲林縣政府</全銜>", "<全銜/>", "E2114" },
	{ 0, "<密等/>", "<密等 代碼=\"密\"/>", "E2201" },
	{ 0, "<密等/>", "<密等 代碼=\"絕對機密\"/>", "E2201" },
	{ 0, "附件名=\"ATTCH1 ATTCH2\"", "附件名=\"ATTCH1\"", "E2122" },
	{ 0, "附件名=\"ATTCH1 ATTCH2\"", "附件名=\"ATTCH1 表單\"", "E2107" },
	{ 0, "A0C_ATTCH2.odt", "A0C_ATTCH3.odt", "E2123" },
	{ 0, "A0C_ATTCH2.odt", "A0C_ATTCH3.odt", "E2124" },
	{ 0, "SYSTEM \"1.sw\"", "SYSTEM \"9.sw\"", "E2123" },
	{ 0, "376490000A_1150012345A0C_ATTCH1.pdf", "../evil.pdf", "E2120" },
	{ 0, "376490000A_1150012345A0C_ATTCH1.pdf", "a.pdf.exe", "E2121" },
	{ 0, "<!NOTATION _X SYSTEM \"\">", "", "E2012" },
	{ 0, "<!ENTITY ATTCH2", "<!ENTITY ATTCH1", "E2012" },
	/* Rosters. */
	{ 1, "376470000A", "37647000A", "E2110" },
	{ 2, "U610000", "U61000", "E2110" },
	{ 1, "376530000A", "376470000A", "E2131" },
	{ 2, "<機關代碼>A01000000A</機關代碼><單位代碼>U610000</單位代碼>",
	    "<機關代碼>A41010000A</機關代碼><單位代碼></單位代碼>", "E2131" },
	{ 1, "<含附件>含附件</含附件>", "<含附件>部分附件</含附件>", "E2132" },
	{ 1, "<全銜>彰化縣政府</全銜>", "", "E2101" },
	{ 1, "代碼=\"正本\"", "代碼=\"原本\"", "E2105" },
	{ 1, "104_roster_utf8", "104_2_utf8", "E2022" },
	{ 1, "104_roster_utf8.dtd", "88_roster_utf8.dtd", "E2021" },
	{ 1, "encoding=\"utf-8\"", "encoding=\"big5\"", "E2003" },
};

static void
each_trap_is_refused_under_its_own_rule(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(refused_traps) / sizeof(refused_traps[0]);
	     i++) {
		const struct trap *trap = &refused_traps[i];
		struct fixture fixture = fixture_letter();

		fixture_change(&fixture, trap->file, trap->from, trap->to);
		fixture_check(&fixture);
		fixture_assert_refused(&fixture, trap->rule);
		fixture_discard(&fixture);
	}
}

static const struct trap harmless_traps[] = {
	/* Names of one organisation written in two ways. */
	{ 1, "屏東縣政府", " 屏東縣　政府 ", NULL },
	{ 0, "<全銜>數位發展部</全銜>", "<全銜>數位發展部\n</全銜>", NULL },
	{ 0, "<?xml", "\xef\xbb\xbf<?xml", NULL },
	{ 0, "encoding=\"utf-8\"", "encoding='UTF-8'", NULL },
	{ 0, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n", "", NULL },
	{ 0, "<署名>縣長　○○○</署名>", "<署名/>", NULL },
	{ 0, "<函類別 代碼=\"函\"/>", "<函類別/>", NULL },
	{ 0, "<速別 代碼=\"普通件\"/>", "", NULL },
	{ 0, "請查照", "<![CDATA[<請查照>]]>&amp;&#x8acb;", NULL },
	{ 0, "<支號></支號>", "", NULL },
	{ 0, "代碼=\"普通件\"", "代碼='\n 普通件 '", NULL },
	{ 0, "ATTCH1 ATTCH2", " ATTCH1\n\tATTCH2 ", NULL },
	{ 1, "代碼=\"正本\"", "代碼=' 正本'", NULL },
	{ 0, "376490000A_1150012345A0C_ATTCH1.pdf\" NDATA",
	    "376490000A_1150012345A0C_ATTCH1.pdf\"\n NDATA", NULL },
	{ 0, "<文字>如說明二</文字>", "<!-- x --><文字>如\n說明二</文字>",
	    NULL },
	{ 1, "<本別><收發處理本別 代碼=\"正本\"/></本別>", "", NULL },
	/* Warnings. */
	{ 0, "0012345</流水號>", "12345</流水號>", "E2118" },
	{ 1, "彰化縣政府", "彰化縣衙門", "E2133" },
	{ 1, "彰化縣政府", "彰化縣衙門", "E2134" },
	{ 0, "<全銜>屏東縣政府</全銜>", "", "E2134" },
};

static void
what_is_harmless_is_accepted(void **state)
{
	(void)state;
	for (size_t i = 0;
	     i < sizeof(harmless_traps) / sizeof(harmless_traps[0]); i++) {
		const struct trap *trap = &harmless_traps[i];
		struct fixture fixture = fixture_letter();

		fixture_change(&fixture, trap->file, trap->from, trap->to);
		fixture_check(&fixture);
		fixture_assert_accepted(&fixture);
		if (trap->rule != NULL)
			assert_non_null(fixture_find(&fixture, trap->rule));
		else
			assert_int_equal(fixture.report->finding_count, 0);
		fixture_discard(&fixture);
	}
}

static void
a_misplaced_element_is_named_with_its_line_and_what_belongs_there(void **state)
{
	struct fixture fixture = fixture_letter();
	const struct finding *finding;

	(void)state;
	fixture_change(&fixture, 0, "<主旨>", "<段落/><主旨>");
	fixture_check(&fixture);

	finding = fixture_the(&fixture, "E2101");
	assert_string_equal(finding->file, "1.di");
	assert_int_equal(finding->line, 22);
	assert_string_equal(finding->path, "/函/段落[1]");
	assert_string_equal(finding->argument, "主旨");
	fixture_discard(&fixture);
}

static void
all_faults_are_told_at_once(void **state)
{
	struct fixture fixture = fixture_letter();

	(void)state;
	fixture_change(&fixture, 0, "<函類別 代碼=\"函\"/>",
	    "<函類別 代碼=\"信\"/>");
	fixture_change(&fixture, 0, "115年11月20日</年月日>",
	    "115年2月30日</年月日>");
	fixture_change(&fixture, 1, "376470000A", "x");
	fixture_change(&fixture, 2, "U610000", "y");
	fixture_check(&fixture);

	assert_int_equal(fixture_count(&fixture, "E2105"), 1);
	assert_int_equal(fixture_count(&fixture, "E2112"), 1);
	assert_int_equal(fixture_count(&fixture, "E2110"), 2);
	fixture_discard(&fixture);
}

static void
a_secret_letter_is_denied_not_malformed(void **state)
{
	struct fixture fixture = fixture_letter();
	struct error err = { 0 };

	(void)state;
	fixture_change(&fixture, 0, "<密等/>", "<密等 代碼=\"機密\"/>");
	fixture_change(&fixture, 0, "115年11月20日</年月日>",
	    "115年2月30日</年月日>");
	fixture_check(&fixture);

	assert_int_equal(document_report_refusal(fixture.report, &err), -1);
	assert_int_equal(err.code, ERROR_DENIED);
	assert_string_equal(err.id, "E2201");
	fixture_discard(&fixture);
}

static void
kinds_and_versions_not_handled_are_refused_by_name(void **state)
{
	static const struct {
		const char *sample;
		const char *rule;
		const char *argument;
	} cases[] = {
		{ "rendered_04_letter_multi.sw", "E2023", "交換表單" },
		{ "rendered_07_resend_attr.dm", "E2023", "文書訊息表單" },
		{ "rendered_16_envelope.en", "E2006", "<!DOCTYPE" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fixture fixture = { 0 };

		fixture_add_sample(&fixture, "1.di", cases[i].sample);
		fixture_check(&fixture);
		fixture_assert_refused(&fixture, cases[i].rule);
		assert_string_equal(fixture_the(&fixture, cases[i].rule)
					->argument,
		    cases[i].argument);
		assert_int_equal(fixture.report->finding_count, 1);
		assert_null(fixture.report->document);
		fixture_discard(&fixture);
	}
}

static void
a_letter_to_one_recipient_needs_no_roster(void **state)
{
	struct fixture fixture = fixture_letter();
	struct fixture alone = { 0 };

	(void)state;
	fixture_change(&fixture, 0, "<!ENTITY 表單 SYSTEM \"1.sw\" NDATA DI>",
	    "");
	fixture_change(&fixture, 0,
	    "<交換表 交換表單=\"表單\">如正副本行文單位</交換表>",
	    "<單位名>內政部戶政司</單位名><機關代碼>A01000000A</機關代碼>"
	    "<單位代碼>U610000</單位代碼><含附件>不含附件</含附件>");
	fixture_add(&alone, "1.di", fixture.files[0].data,
	    fixture.files[0].len);
	fixture_add(&alone, "376490000A_1150012345A0C_ATTCH1.pdf", fixture_pdf,
	    fixture_pdf_len);
	fixture_add(&alone, "376490000A_1150012345A0C_ATTCH2.odt", fixture_odt,
	    fixture_odt_len);
	fixture_check(&alone);

	fixture_assert_accepted(&alone);
	assert_non_null(alone.report->document->recipient);
	assert_string_equal(alone.report->document->recipient->code.text,
	    "A01000000AU610000");
	assert_false(alone.report->document->recipient->with_attachments);
	/* It is compared like a roster of one. */
	assert_int_equal(fixture_count(&alone, "E2133"), 4);
	assert_int_equal(fixture_count(&alone, "E2134"), 0);
	fixture_change(&alone, 0, "<單位名>內政部戶政司</單位名></副本>",
	    "</副本>");
	fixture_check(&alone);
	assert_string_equal(fixture_the(&alone, "E2134")->path,
	    "/函/受文者/單位名");
	fixture_discard(&alone);
	fixture_discard(&fixture);
}

static void
a_collective_name_stands_for_any_recipient(void **state)
{
	struct fixture fixture = fixture_letter();

	(void)state;
	fixture_change(&fixture, 0,
	    "<全銜>彰化縣政府</全銜><全銜>屏東縣政府</全銜>"
	    "<全銜>數位發展部</全銜>",
	    "<總稱>各縣市政府</總稱>");
	fixture_check(&fixture);

	fixture_assert_accepted(&fixture);
	assert_int_equal(fixture.report->finding_count, 0);
	fixture_discard(&fixture);
}

static void
the_body_as_one_portable_file_counts_as_named(void **state)
{
	static const char tag[] = "內含本文與附件之可攜式文件檔名";
	struct fixture fixture = fixture_letter();
	char text[128];

	(void)state;
	snprintf(text, sizeof(text), "</含附件><%s>全文.pdf</%s><本別>", tag,
	    tag);
	fixture_change(&fixture, 1, "</含附件><本別>", text);
	fixture_check(&fixture);
	fixture_assert_refused(&fixture, "E2123");
	fixture_add(&fixture, "全文.pdf", fixture_pdf, fixture_pdf_len);
	fixture_check(&fixture);
	fixture_assert_accepted(&fixture);
	assert_string_equal(fixture.report->rosters[0].entries[0].body_file,
	    "全文.pdf");
	fixture_discard(&fixture);
}

static void
a_copy_gets_attachments_only_when_the_roster_says_so(void **state)
{
	struct fixture fixture = fixture_letter();

	(void)state;
	fixture_change(&fixture, 2, "<含附件>不含附件</含附件>", "");
	fixture_change(&fixture, 1, "<含附件>含附件</含附件>", "");
	fixture_check(&fixture);

	fixture_assert_accepted(&fixture);
	assert_true(fixture.report->rosters[0].entries[0].with_attachments);
	assert_false(fixture.report->rosters[1].entries[0].with_attachments);
	fixture_discard(&fixture);
}

static void
a_program_among_the_attachments_is_denied(void **state)
{
	static const char lnk[] = "L\0\0\0\x01\x14\x02\0\0\0\0\0\xc0\0\0";
	struct fixture fixture = fixture_letter();

	(void)state;
	fixture.files[3].data = (const uint8_t *)lnk;
	fixture.files[3].len = sizeof(lnk) - 1;
	fixture_check(&fixture);

	fixture_assert_refused(&fixture, "E2125");
	assert_int_equal(fixture_the(&fixture, "E2125")->code, ERROR_DENIED);
	fixture_discard(&fixture);
}

static void
the_set_of_files_must_be_one_letter(void **state)
{
	struct fixture fixture = fixture_letter();
	struct fixture empty = { 0 };

	(void)state;
	fixture_add_sample(&fixture, "2.di", "rendered_03_letter_multi.di");
	fixture_check(&fixture);
	fixture_assert_refused(&fixture, "E2129");
	fixture_discard(&fixture);
	fixture_check(&empty);
	fixture_assert_refused(&empty, "E2129");
	fixture_discard(&empty);
	fixture = fixture_letter();
	fixture_add_sample(&fixture, "1.SW", "rendered_05_letter_noattach.sw");
	fixture_check(&fixture);
	fixture_assert_refused(&fixture, "E2127");
	fixture_discard(&fixture);
	fixture = fixture_letter();
	fixture_add_sample(&fixture, "1.dm", "rendered_07_resend_attr.dm");
	fixture_check(&fixture);
	fixture_assert_refused(&fixture, "E2124");
	fixture_discard(&fixture);
}

static void
a_message_code_must_be_one_of_six(void **state)
{
	static const struct trap traps[] = {
		{ 0, "代碼=\"2\"", "代碼=\"7\"", "E2140" },
		{ 0, "代碼=\"2\"", "", "E2140" },
		{ 0, "代碼=\"2\"/>", "代碼=\"2\">3</文書訊息代碼>", "E2140" },
		{ 0, "<文書訊息代碼 代碼=\"2\"/>", "", "E2108" },
		{ 0, "<訊息備註>", "<其他/><訊息備註>", "E2150" },
		{ 0, "附件1檔案毀損，更正重發。", " ", "E2141" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(traps) / sizeof(traps[0]); i++) {
		struct fixture fixture = { 0 };

		fixture_add_sample(&fixture, "1.dm",
		    "rendered_07_resend_attr.dm");
		fixture_change(&fixture, 0, traps[i].from, traps[i].to);
		fixture_check(&fixture);
		fixture_assert_refused(&fixture, traps[i].rule);
		fixture_discard(&fixture);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_letter_with_two_rosters_is_read_whole),
		cmocka_unit_test(a_resend_carries_its_message_in_either_form),
		cmocka_unit_test(every_class_of_letter_is_handled),
		cmocka_unit_test(each_trap_is_refused_under_its_own_rule),
		cmocka_unit_test(what_is_harmless_is_accepted),
		cmocka_unit_test(
		    a_misplaced_element_is_named_with_its_line_and_what_belongs_there),
		cmocka_unit_test(all_faults_are_told_at_once),
		cmocka_unit_test(a_secret_letter_is_denied_not_malformed),
		cmocka_unit_test(
		    kinds_and_versions_not_handled_are_refused_by_name),
		cmocka_unit_test(a_letter_to_one_recipient_needs_no_roster),
		cmocka_unit_test(a_collective_name_stands_for_any_recipient),
		cmocka_unit_test(the_body_as_one_portable_file_counts_as_named),
		cmocka_unit_test(
		    a_copy_gets_attachments_only_when_the_roster_says_so),
		cmocka_unit_test(a_program_among_the_attachments_is_denied),
		cmocka_unit_test(the_set_of_files_must_be_one_letter),
		cmocka_unit_test(a_message_code_must_be_one_of_six),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
