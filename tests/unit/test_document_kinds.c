/*
 * Every kind of letter, each field of it.
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

/* ---- whole files ----------------------------------------------------- */

static void
a_letter_gives_all_of_its_body(void **state)
{
	struct fixture fixture = fixture_letter();
	const struct document *document;

	(void)state;
	fixture_check(&fixture);

	document = fixture.report->document;
	assert_int_equal(document->model, DOC_MODEL_OFFICIAL);
	assert_int_equal(fixture.report->rosters[0].model, DOC_MODEL_OFFICIAL);
	assert_string_equal(document->address,
	    "640201 雲林縣斗六市雲林路二段515號");
	assert_int_equal(document->contact_count, 3);
	assert_string_equal(document->contacts[0], "承辦人：王○○");
	assert_string_equal(document->contacts[2],
	    "電子信箱：example@example.gov.tw");
	assert_string_equal(document->addressee, "如正副本行文單位");
	assert_string_equal(document->attachment_note, "如說明二");
	assert_string_equal(document->declassify, "");
	assert_int_equal(document->section_count, 1);
	assert_string_equal(document->sections[0].label, "說明：");
	assert_string_equal(document->sections[0].text, "");
	assert_int_equal(document->sections[0].item_count, 2);
	fixture_assert_item(&document->sections[0].items[0], "一、",
	    "依本府115年10月1日府計管一字第1150010001號函續辦。");
	fixture_assert_item(&document->sections[0].items[1], "二、",
	    "檢附簡報（PDF）及報名表（ODT）各1份。");
	assert_int_equal(document->signature_count, 1);
	assert_string_equal(document->signatures[0], "縣長　○○○");
	fixture_assert_reader(&document->originals[0], READER_ORG, "彰化縣政府",
	    true);
	fixture_assert_reader(&document->originals[2], READER_ORG, "數位發展部",
	    true);
	fixture_assert_reader(&document->copies[0], READER_ORG,
	    "國家發展委員會檔案管理局", true);
	fixture_assert_reader(&document->copies[1], READER_UNIT, "內政部戶政司",
	    false);
	assert_int_equal(document->originals[1].position, 2);
	fixture_discard(&fixture);
}

/* Every field of the one file of a working system that is at hand. */
static void
the_real_memo_is_read_whole(void **state)
{
	struct fixture fixture = { 0 };
	const struct document *document;
	const struct ref_no *ref_no;

	(void)state;
	fixture_add_sample(&fixture, "1131000908.di",
	    "real_01_sign_1131000908.di");
	fixture_add(&fixture, "1_公共程式提交附件案例.pdf.pdf", fixture_pdf,
	    fixture_pdf_len);
	fixture_add(&fixture, "2_受款人清單_公務預算_113A01061400101.pdf.pdf",
	    fixture_pdf, fixture_pdf_len);
	fixture_check(&fixture);

	fixture_assert_accepted(&fixture);
	document = fixture.report->document;
	assert_string_equal(document->name, "1131000908.di");
	assert_int_equal(document->kind, DOC_KIND_MEMO);
	assert_int_equal(document->model, DOC_MODEL_OFFICIAL);
	assert_string_equal(document->class_name, "");
	assert_int_equal(document->sender_count, 1);
	assert_string_equal(document->senders[0].name, "環境部");
	assert_string_equal(document->senders[0].code.text, "A23000000I");
	assert_int_equal(document->ref_no_count, 1);
	ref_no = &document->ref_nos[0];
	assert_string_equal(ref_no->prefix, "");
	assert_string_equal(ref_no->year, "");
	assert_string_equal(ref_no->seq, "");
	assert_string_equal(ref_no->branch, "");
	assert_string_equal(ref_no->text, "");
	assert_string_equal(document->issued_text, "");
	assert_int_equal(document->issued.year, 0);
	assert_int_equal(document->speed, LETTER_SPEED_NORMAL);
	assert_string_equal(document->secrecy, "");
	assert_string_equal(document->declassify, "");
	assert_string_equal(document->subject,
	    "本案環境部監測資訊司「公共程式測試案例」，實付新臺幣100元整，"
	    "奉核後辦理後續撥款事宜。");
	assert_int_equal(document->section_count, 2);
	assert_string_equal(document->sections[0].label, "說明：");
	assert_string_equal(document->sections[0].text,
	    "簽付序號：113A01061400101，經費來源：本年度預算，預算來源："
	    "公務預算，【113】預算科目：環境保護支出-環境部-環境監測資訊-"
	    "環境監測資訊-環境資訊規劃及數位服務-環境資訊規劃及數位服務；"
	    "用途別：業務費-按日按件計資酬金-出席費。");
	assert_int_equal(document->sections[0].item_count, 0);
	assert_string_equal(document->sections[1].label, "擬辦：");
	assert_string_equal(document->sections[1].text,
	    "奉核後辦理後續撥款事宜。");
	assert_int_equal(document->sections[1].item_count, 0);
	assert_string_equal(document->address, "");
	assert_int_equal(document->contact_count, 0);
	assert_string_equal(document->addressee, "");
	assert_int_equal(document->signature_count, 1);
	assert_string_equal(document->signatures[0], "");
	assert_string_equal(document->attachment_note, "");
	assert_int_equal(document->attachment_count, 2);
	assert_string_equal(document->attachments[0].entity, "attch1");
	assert_string_equal(document->attachments[0].name,
	    "1_公共程式提交附件案例.pdf.pdf");
	assert_string_equal(document->attachments[1].entity, "attch2");
	assert_string_equal(document->attachments[1].name,
	    "2_受款人清單_公務預算_113A01061400101.pdf.pdf");
	assert_int_equal(document->roster_count, 1);
	assert_string_equal(document->rosters[0].entity, "表單");
	assert_string_equal(document->rosters[0].name, "M1131000908.sw");
	assert_null(document->message);
	assert_int_equal(document->original_count, 0);
	assert_int_equal(document->copy_count, 0);
	assert_null(document->recipient);
	assert_int_equal(document->time_count, 0);
	assert_string_equal(document->venue, "");
	assert_int_equal(document->chair_count, 0);
	assert_int_equal(document->caller_count, 0);
	assert_int_equal(document->attendee_count, 0);
	assert_int_equal(document->observer_count, 0);
	assert_null(document->remarks);
	assert_string_equal(document->unit, "");
	assert_string_equal(document->handling, "");
	assert_int_equal(document->superior_count, 0);
	assert_string_equal(document->signed_text, "");
	/* Its roster did not come with it: a memo does not travel. */
	assert_int_equal(fixture.report->finding_count, 1);
	assert_non_null(fixture_find(&fixture, "E2128"));
	fixture_discard(&fixture);
}

static void
check_time(const struct document_time *time, const char *date,
    const char *weekday, const char *clock)
{
	assert_string_equal(time->date, date);
	assert_string_equal(time->weekday, weekday);
	assert_string_equal(time->clock, clock);
}

static void
a_meeting_notice_is_read_whole(void **state)
{
	struct fixture fixture = fixture_meeting();
	const struct document *document;

	(void)state;
	fixture_check(&fixture);

	fixture_assert_accepted(&fixture);
	fixture_assert_rules(&fixture, nothing);
	document = fixture.report->document;
	assert_int_equal(document->kind, DOC_KIND_MEETING);
	assert_int_equal(document->model, DOC_MODEL_RECONSTRUCTED);
	assert_string_equal(document->class_name, "");
	assert_string_equal(document->senders[0].name, "數位發展部");
	assert_string_equal(document->ref_nos[0].prefix, "數位政府字");
	assert_string_equal(document->ref_nos[0].seq, "0098765");
	assert_int_equal(document->issued.month, 11);
	assert_int_equal(document->speed, LETTER_SPEED_FAST);
	assert_string_equal(document->addressee, "如出列席單位");
	assert_string_equal(document->subject, "研商公文電子交換介接事宜");
	assert_string_equal(document->attachment_note, "議程1份");
	assert_int_equal(document->attachment_count, 1);
	assert_int_equal(document->time_count, 2);
	check_time(&document->times[0], "中華民國115年12月1日", "星期二",
	    "上午9時30分");
	check_time(&document->times[1], "中華民國115年12月8日", "星期二",
	    "下午2時");
	assert_string_equal(document->venue, "本部1樓會議室");
	assert_int_equal(document->chair_count, 1);
	assert_string_equal(document->chairs[0].name, "張○○");
	assert_string_equal(document->chairs[0].title, "司長");
	assert_int_equal(document->caller_count, 1);
	assert_string_equal(document->callers[0].name, "李○○");
	assert_string_equal(document->callers[0].title, "科長");
	assert_string_equal(document->callers[0].phone, "(02)0000-0000#0000");
	assert_int_equal(document->attendee_count, 2);
	fixture_assert_reader(&document->attendees[1], READER_ORG, "臺北市政府",
	    true);
	assert_int_equal(document->observer_count, 1);
	fixture_assert_reader(&document->observers[0], READER_ORG,
	    "國立臺灣大學", true);
	assert_int_equal(document->original_count, 0);
	assert_int_equal(document->copy_count, 1);
	fixture_assert_reader(&document->copies[0], READER_UNIT, "內政部戶政司",
	    true);
	assert_non_null(document->remarks);
	assert_string_equal(document->remarks->label, "");
	assert_int_equal(document->remarks->item_count, 1);
	fixture_assert_item(&document->remarks->items[0], "一、",
	    "為響應環保，請自備環保杯。");
	assert_int_equal(document->section_count, 0);
	assert_string_equal(document->signatures[0], "數位發展部");
	fixture_discard(&fixture);
}

static void
a_survey_notice_is_read_whole(void **state)
{
	struct fixture fixture = fixture_survey();
	const struct document *document;

	(void)state;
	fixture_check(&fixture);

	fixture_assert_accepted(&fixture);
	fixture_assert_rules(&fixture, nothing);
	document = fixture.report->document;
	assert_int_equal(document->kind, DOC_KIND_SURVEY);
	assert_int_equal(document->model, DOC_MODEL_RECONSTRUCTED);
	assert_int_equal(document->speed, LETTER_SPEED_FASTEST);
	assert_string_equal(document->subject, "會勘○○路人行道改善工程");
	assert_int_equal(document->time_count, 1);
	check_time(&document->times[0], "中華民國115年11月27日", "星期五",
	    "上午10時");
	assert_string_equal(document->venue, "○○路1號前");
	assert_string_equal(document->chairs[0].name, "林○○");
	assert_string_equal(document->chairs[0].title, "");
	assert_string_equal(document->callers[0].phone, "(02)0000-0000");
	assert_int_equal(document->attendee_count, 2);
	fixture_assert_reader(&document->attendees[1], READER_GROUP,
	    "本府相關局處", true);
	assert_null(document->remarks);
	assert_int_equal(document->attachment_count, 0);
	fixture_discard(&fixture);
}

static void
a_public_notice_is_read_whole(void **state)
{
	static const char *const alone[] = { "E2154", NULL };
	struct fixture fixture = fixture_notice();
	const struct document *document;

	(void)state;
	fixture_check(&fixture);

	fixture_assert_accepted(&fixture);
	fixture_assert_rules(&fixture, alone);
	document = fixture.report->document;
	assert_int_equal(document->kind, DOC_KIND_NOTICE);
	assert_int_equal(document->model, DOC_MODEL_RECONSTRUCTED);
	assert_int_equal(document->speed, LETTER_SPEED_NONE);
	assert_string_equal(document->subject, "預告「○○辦法」修正草案。");
	assert_int_equal(document->section_count, 2);
	assert_string_equal(document->sections[0].label, "依據：");
	assert_string_equal(document->sections[0].text,
	    "行政程序法第151條第2項準用第154條第1項。");
	assert_string_equal(document->sections[1].label, "公告事項：");
	assert_int_equal(document->sections[1].item_count, 2);
	fixture_assert_item(&document->sections[1].items[1], "二、",
	    "修正草案如附件。");
	assert_string_equal(document->signatures[0], "部長　○○○");
	fixture_discard(&fixture);
}

static const char order_text[] =
    "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
    "<!DOCTYPE 令 SYSTEM \"104_1_utf8.dtd\" [\n"
    "<!ENTITY 表單 SYSTEM \"1.sw\" NDATA DI>\n"
    "<!NOTATION DI SYSTEM \"\">\n]>\n"
    "<令>\n"
    "<發文機關><全銜>內政部</全銜><機關代碼>A01000000A</機關代碼></發文機關>\n"
    "<令類別 代碼=\"令\"/>\n"
    "<受文者><交換表 交換表單=\"表單\">如行文單位</交換表></受文者>\n"
    "<發文日期><年月日>中華民國115年11月20日</年月日></發文日期>\n"
    "<發文字號><字>台內字</字><文號><年度>115</年度><流水號>0000004</流水號>"
    "</文號></發文字號>\n"
    "<主旨><文字>修正「○○辦法」第三條條文。</文字></主旨>\n"
    "<段落 段名=\"\"><文字>附修正「○○辦法」第三條條文</文字></段落>\n"
    "<正本><全銜>新北市政府</全銜></正本>\n"
    "<署名>部長　○○○</署名>\n"
    "</令>\n";

static struct fixture
order(void)
{
	struct fixture fixture = { 0 };

	fixture_add_text(&fixture, "1.di", order_text);
	fixture_put_roster(&fixture, "1.sw",
	    "<全銜>新北市政府</全銜><機關代碼>382000000A</機關代碼>");
	return fixture;
}

static void
an_order_is_read_whole(void **state)
{
	struct fixture fixture = order();
	const struct document *document;

	(void)state;
	fixture_check(&fixture);

	fixture_assert_accepted(&fixture);
	fixture_assert_rules(&fixture, nothing);
	document = fixture.report->document;
	assert_int_equal(document->kind, DOC_KIND_ORDER);
	assert_int_equal(document->model, DOC_MODEL_RECONSTRUCTED);
	assert_string_equal(document->class_name, "令");
	assert_string_equal(document->subject, "修正「○○辦法」第三條條文。");
	assert_int_equal(document->section_count, 1);
	fixture_assert_reader(&document->originals[0], READER_ORG, "新北市政府",
	    true);
	fixture_discard(&fixture);
}

/* The default of the tag set, and a reward order. */
static void
an_order_has_one_of_two_classes(void **state)
{
	struct fixture fixture = order();

	(void)state;
	fixture_change(&fixture, 0, "<令類別 代碼=\"令\"/>", "<令類別/>");
	fixture_check(&fixture);
	fixture_assert_accepted(&fixture);
	assert_string_equal(fixture.report->document->class_name, "獎懲令");
	fixture_change(&fixture, 0, "<令類別/>", "<令類別 代碼=\"命令\"/>");
	fixture_check(&fixture);
	fixture_assert_refused(&fixture, "E2105");
	fixture_discard(&fixture);
}

#define MEMO(root, doctype)                                                                         \
	"<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"                                              \
	"<!DOCTYPE " root " SYSTEM \"" doctype "\">\n<" root ">"                                    \
	"<單位><單位名>資訊室</單位名></單位>"                                         \
	"<文號><年度>115</年度><流水號>0000009</流水號></文號>"                       \
	"<擬辦方式 代碼=\"2\"/>"                                                              \
	"<主旨><文字>請示。</文字></主旨>"                                               \
	"<段落 段名=\"擬辦：\"><文字>擬如擬。</文字></段落>"                       \
	"<敬陳><職稱>主任</職稱><職稱>縣長</職稱><姓名>張○○</姓名></敬陳>" \
	"<署名>科員　李○○</署名><年月日>115年11月20日</年月日></" root ">\n"

static void
check_memo(const struct document *document)
{
	assert_int_equal(document->kind, DOC_KIND_MEMO);
	assert_int_equal(document->sender_count, 0);
	assert_string_equal(document->unit, "資訊室");
	assert_string_equal(document->handling, "2");
	assert_int_equal(document->superior_count, 2);
	assert_string_equal(document->superiors[0].title, "主任");
	assert_string_equal(document->superiors[0].name, "");
	assert_string_equal(document->superiors[1].title, "縣長");
	assert_string_equal(document->superiors[1].name, "張○○");
	assert_string_equal(document->signatures[0], "科員　李○○");
	assert_string_equal(document->signed_text, "115年11月20日");
	assert_string_equal(document->issued_text, "115年11月20日");
	assert_int_equal(document->issued.day, 20);
}

static void
a_memo_of_a_unit_and_a_note_are_read_alike(void **state)
{
	struct fixture fixture = { 0 };
	struct fixture note = { 0 };

	(void)state;
	fixture_add_text(&fixture, "1.di", MEMO("簽", "104_5_utf8.dtd"));
	fixture_check(&fixture);
	fixture_assert_accepted(&fixture);
	fixture_assert_rules(&fixture, nothing);
	check_memo(fixture.report->document);
	assert_int_equal(fixture.report->document->model, DOC_MODEL_OFFICIAL);
	assert_string_equal(fixture.report->document->class_name, "");
	fixture_discard(&fixture);

	fixture_add_text(&note, "1.di", MEMO("便簽", "104_5_utf8.dtd"));
	fixture_check(&note);
	fixture_assert_accepted(&note);
	fixture_assert_rules(&note, nothing);
	check_memo(note.report->document);
	assert_int_equal(note.report->document->model, DOC_MODEL_RECONSTRUCTED);
	assert_string_equal(note.report->document->class_name, "便簽");
	fixture_discard(&note);
}

/* Items below items keep their numbers, in whatever width they are. */
static void
items_below_items_keep_their_numbers(void **state)
{
	struct fixture fixture = fixture_letter();
	const struct document_item *item;

	(void)state;
	fixture_change(&fixture, 0, "函續辦。</文字></條列>",
	    "函續辦。</文字>"
	    "<條列 序號=\"(一)\"><文字>甲\n乙</文字>"
	    "<條列 序號=\"１、\"><文字>丙</文字></條列></條列>"
	    "<條列 序號=\"（二）\"><文字>丁</文字></條列></條列>");
	fixture_check(&fixture);

	fixture_assert_accepted(&fixture);
	fixture_assert_rules(&fixture, nothing);
	item = &fixture.report->document->sections[0].items[0];
	assert_string_equal(item->number, "一、");
	assert_int_equal(item->item_count, 2);
	assert_string_equal(item->items[0].number, "(一)");
	assert_string_equal(item->items[0].text, "甲\n乙");
	fixture_assert_item(&item->items[0].items[0], "１、", "丙");
	fixture_assert_item(&item->items[1], "（二）", "丁");
	fixture_discard(&fixture);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_letter_gives_all_of_its_body),
		cmocka_unit_test(the_real_memo_is_read_whole),
		cmocka_unit_test(a_meeting_notice_is_read_whole),
		cmocka_unit_test(a_survey_notice_is_read_whole),
		cmocka_unit_test(a_public_notice_is_read_whole),
		cmocka_unit_test(an_order_is_read_whole),
		cmocka_unit_test(an_order_has_one_of_two_classes),
		cmocka_unit_test(a_memo_of_a_unit_and_a_note_are_read_alike),
		cmocka_unit_test(items_below_items_keep_their_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
