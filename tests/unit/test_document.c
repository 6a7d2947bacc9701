#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/error.h"
#include "document/document.h"
#include "document/dtd.h"
#include "document/file_type.h"

enum { CASE_FILES_MAX = 8 };

/* The files of one letter, as texts that a test may change. */
struct fixture {
	struct document_input files[CASE_FILES_MAX];
	struct bytes texts[CASE_FILES_MAX];
	size_t count;
	struct document_report *report;
};

static void
add(struct fixture *fixture, const char *name, const void *data, size_t len)
{
	struct bytes *text = &fixture->texts[fixture->count];

	assert_true(fixture->count < CASE_FILES_MAX);
	bytes_put(text, data, len);
	fixture->files[fixture->count++] = (struct document_input){ name,
		document_kind_of_name(name), text->data, text->len };
}

static void
add_text(struct fixture *fixture, const char *name, const char *text)
{
	add(fixture, name, text, strlen(text));
}

static void
add_sample(struct fixture *fixture, const char *name, const char *sample)
{
	char path[4096];
	struct bytes text = { 0 };
	struct error err = { 0 };
	int fd;

	snprintf(path, sizeof(path), "%s/data/samples/%s",
	    getenv("SOURCE_ROOT"), sample);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(document_load(fd, document_kind_of_name(name), &text,
			     &err),
	    0);
	close(fd);
	add(fixture, name, text.data, text.len);
	bytes_free(&text);
}

/* Put `to` in the place of the first `from` of file `index`. */
static void
change(struct fixture *fixture, size_t index, const char *from, const char *to)
{
	struct bytes *text = &fixture->texts[index];
	struct bytes changed = { 0 };
	char *found;

	bytes_put_u8(text, 0);
	found = strstr((char *)text->data, from);
	assert_non_null(found);
	bytes_put(&changed, text->data,
	    (size_t)((uint8_t *)found - text->data));
	bytes_put_text(&changed, to);
	bytes_put_text(&changed, found + strlen(from));
	bytes_free(text);
	*text = changed;
	fixture->files[index].data = text->data;
	fixture->files[index].len = text->len;
}

/* DTDs that were read before find just what those read for it do. */
static void
check_with_set(const struct fixture *fixture,
    const struct document_report *expected)
{
	struct document_report *report = NULL;
	struct dtd_set *dtds = NULL;
	struct error err = { 0 };

	assert_int_equal(dtd_set_new(&dtds, &err), 0);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(document_check(fixture->files, fixture->count,
				     dtds, &report, &err),
		    0);
		assert_int_equal(report->accepted, expected->accepted);
		assert_int_equal(report->finding_count,
		    expected->finding_count);
		for (size_t j = 0; j < report->finding_count; j++) {
			const struct finding *was = &expected->findings[j];
			const struct finding *is = &report->findings[j];

			assert_string_equal(is->rule, was->rule);
			assert_string_equal(is->argument, was->argument);
			assert_string_equal(is->path, was->path);
		}
		document_report_free(report);
	}
	dtd_set_free(dtds);
}

static void
check(struct fixture *fixture)
{
	struct error err = { 0 };

	document_report_free(fixture->report);
	fixture->report = NULL;
	assert_int_equal(document_check(fixture->files, fixture->count, NULL,
			     &fixture->report, &err),
	    0);
	check_with_set(fixture, fixture->report);
}

static void
discard(struct fixture *fixture)
{
	document_report_free(fixture->report);
	for (size_t i = 0; i < fixture->count; i++)
		bytes_free(&fixture->texts[i]);
	memset(fixture, 0, sizeof(*fixture));
}

static const struct finding *
found(const struct fixture *fixture, const char *rule)
{
	for (size_t i = 0; i < fixture->report->finding_count; i++)
		if (strcmp(fixture->report->findings[i].rule, rule) == 0)
			return &fixture->report->findings[i];
	return NULL;
}

/* For reading its fields: a finding that equals none if there is none. */
static const struct finding *
the(const struct fixture *fixture, const char *rule)
{
	static const struct finding none = { .rule = "",
		.file = "",
		.path = "",
		.argument = "nothing found" };
	const struct finding *finding = found(fixture, rule);

	return finding == NULL ? &none : finding;
}

static size_t
count_of(const struct fixture *fixture, const char *rule)
{
	size_t count = 0;

	for (size_t i = 0; i < fixture->report->finding_count; i++)
		count += strcmp(fixture->report->findings[i].rule, rule) == 0;
	return count;
}

static void
assert_accepted(const struct fixture *fixture)
{
	const struct document_report *report = fixture->report;

	for (size_t i = 0; i < report->finding_count; i++)
		if (report->findings[i].severity == FINDING_ERROR)
			fail_msg("%s %s:%u %s %s", report->findings[i].rule,
			    report->findings[i].file, report->findings[i].line,
			    report->findings[i].path,
			    report->findings[i].argument);
	assert_true(report->accepted);
}

static void
assert_refused(const struct fixture *fixture, const char *rule)
{
	assert_false(fixture->report->accepted);
	if (found(fixture, rule) != NULL)
		return;
	for (size_t i = 0; i < fixture->report->finding_count; i++)
		print_message("# %s %s\n", fixture->report->findings[i].rule,
		    fixture->report->findings[i].argument);
	fail_msg("no finding %s", rule);
}

static const char pdf[] = "%PDF-1.7\n";
static const char odt[] =
    "PK\x03\x04\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
    "mimetypeapplication/vnd.oasis.opendocument.text";

/* DI, two rosters, two attachments. */
static void
add_letter(struct fixture *fixture, const char *sample)
{
	add_sample(fixture, "1.di", sample);
	add_sample(fixture, "1.sw", "rendered_04_letter_multi.sw");
	add_sample(fixture, "2.sw", "rendered_05_letter_noattach.sw");
	add(fixture, "376490000A_1150012345A0C_ATTCH1.pdf", pdf,
	    sizeof(pdf) - 1);
	add(fixture, "376490000A_1150012345A0C_ATTCH2.odt", odt,
	    sizeof(odt) - 1);
}

static struct fixture
letter(void)
{
	struct fixture fixture = { 0 };

	add_letter(&fixture, "rendered_03_letter_multi.di");
	return fixture;
}

static void
a_letter_with_two_rosters_is_read_whole(void **state)
{
	struct fixture fixture = letter();
	const struct document *document;
	const struct roster *rosters;

	(void)state;
	check(&fixture);

	assert_accepted(&fixture);
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
	discard(&fixture);
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

		add_letter(&fixture, "rendered_06_letter_resend.di");
		add_sample(&fixture, "1.dm", forms[i].sample);
		check(&fixture);
		assert_accepted(&fixture);
		assert_non_null(fixture.report->message);
		assert_int_equal(fixture.report->message->code, forms[i].code);
		assert_string_equal(fixture.report->message->remark,
		    forms[i].remark);
		assert_string_equal(fixture.report->document->message->name,
		    "1.dm");
		discard(&fixture);
	}
}

static void
the_real_memo_is_read_whole(void **state)
{
	struct fixture fixture = { 0 };
	const struct document *document;

	(void)state;
	add_sample(&fixture, "1131000908.di", "real_01_sign_1131000908.di");
	add(&fixture, "1_公共程式提交附件案例.pdf.pdf", pdf, sizeof(pdf) - 1);
	add(&fixture, "2_受款人清單_公務預算_113A01061400101.pdf.pdf", pdf,
	    sizeof(pdf) - 1);
	check(&fixture);

	assert_accepted(&fixture);
	document = fixture.report->document;
	assert_int_equal(document->kind, DOC_KIND_MEMO);
	assert_string_equal(document->class_name, "");
	assert_string_equal(document->senders[0].code.text, "A23000000I");
	assert_string_equal(document->ref_nos[0].seq, "");
	assert_int_equal(document->issued.year, 0);
	assert_int_equal(document->attachment_count, 2);
	assert_string_equal(document->attachments[0].entity, "attch1");
	assert_string_equal(document->rosters[0].name, "M1131000908.sw");
	/* Its roster did not come with it: a memo does not travel. */
	assert_int_equal(fixture.report->finding_count, 1);
	assert_non_null(found(&fixture, "E2128"));
	discard(&fixture);
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
		struct fixture fixture = letter();
		char attribute[128];

		snprintf(attribute, sizeof(attribute), "<函類別 代碼=\"%s\"/>",
		    classes[i]);
		change(&fixture, 0, "<函類別 代碼=\"函\"/>", attribute);
		check(&fixture);
		assert_accepted(&fixture);
		assert_string_equal(fixture.report->document->class_name,
		    classes[i]);
		discard(&fixture);
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
	{ 1, "104_roster_utf8.dtd", "99_roster_utf8.dtd", "E2021" },
	{ 1, "encoding=\"utf-8\"", "encoding=\"big5\"", "E2003" },
};

static void
each_trap_is_refused_under_its_own_rule(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(refused_traps) / sizeof(refused_traps[0]);
	     i++) {
		const struct trap *trap = &refused_traps[i];
		struct fixture fixture = letter();

		change(&fixture, trap->file, trap->from, trap->to);
		check(&fixture);
		assert_refused(&fixture, trap->rule);
		discard(&fixture);
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
		struct fixture fixture = letter();

		change(&fixture, trap->file, trap->from, trap->to);
		check(&fixture);
		assert_accepted(&fixture);
		if (trap->rule != NULL)
			assert_non_null(found(&fixture, trap->rule));
		else
			assert_int_equal(fixture.report->finding_count, 0);
		discard(&fixture);
	}
}

static void
a_misplaced_element_is_named_with_its_line_and_what_belongs_there(void **state)
{
	struct fixture fixture = letter();
	const struct finding *finding;

	(void)state;
	change(&fixture, 0, "<主旨>", "<段落/><主旨>");
	check(&fixture);

	finding = the(&fixture, "E2101");
	assert_string_equal(finding->file, "1.di");
	assert_int_equal(finding->line, 22);
	assert_string_equal(finding->path, "/函/段落[1]");
	assert_string_equal(finding->argument, "主旨");
	discard(&fixture);
}

static void
all_faults_are_told_at_once(void **state)
{
	struct fixture fixture = letter();

	(void)state;
	change(&fixture, 0, "<函類別 代碼=\"函\"/>", "<函類別 代碼=\"信\"/>");
	change(&fixture, 0, "115年11月20日</年月日>", "115年2月30日</年月日>");
	change(&fixture, 1, "376470000A", "x");
	change(&fixture, 2, "U610000", "y");
	check(&fixture);

	assert_int_equal(count_of(&fixture, "E2105"), 1);
	assert_int_equal(count_of(&fixture, "E2112"), 1);
	assert_int_equal(count_of(&fixture, "E2110"), 2);
	discard(&fixture);
}

static void
a_secret_letter_is_denied_not_malformed(void **state)
{
	struct fixture fixture = letter();
	struct error err = { 0 };

	(void)state;
	change(&fixture, 0, "<密等/>", "<密等 代碼=\"機密\"/>");
	change(&fixture, 0, "115年11月20日</年月日>", "115年2月30日</年月日>");
	check(&fixture);

	assert_int_equal(document_report_refusal(fixture.report, &err), -1);
	assert_int_equal(err.code, ERROR_DENIED);
	assert_string_equal(err.id, "E2201");
	discard(&fixture);
}

static void
kinds_and_versions_not_handled_are_refused_by_name(void **state)
{
	static const struct {
		const char *sample;
		const char *rule;
		const char *argument;
	} cases[] = {
		{ "rendered_09_meeting.di", "E2020", "開會通知單" },
		{ "rendered_10_survey.di", "E2020", "會勘通知單" },
		{ "rendered_11_notice.di", "E2020", "公告" },
		{ "rendered_13_99_letter_big5.di", "E2003", "big5" },
		{ "rendered_04_letter_multi.sw", "E2023", "交換表單" },
		{ "rendered_07_resend_attr.dm", "E2023", "文書訊息表單" },
		{ "rendered_16_envelope.en", "E2006", "<!DOCTYPE" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fixture fixture = { 0 };

		add_sample(&fixture, "1.di", cases[i].sample);
		check(&fixture);
		assert_refused(&fixture, cases[i].rule);
		assert_string_equal(the(&fixture, cases[i].rule)->argument,
		    cases[i].argument);
		assert_int_equal(fixture.report->finding_count, 1);
		assert_null(fixture.report->document);
		discard(&fixture);
	}
}

static void
a_letter_to_one_recipient_needs_no_roster(void **state)
{
	struct fixture fixture = letter();
	struct fixture alone = { 0 };

	(void)state;
	change(&fixture, 0, "<!ENTITY 表單 SYSTEM \"1.sw\" NDATA DI>", "");
	change(&fixture, 0,
	    "<交換表 交換表單=\"表單\">如正副本行文單位</交換表>",
	    "<單位名>內政部戶政司</單位名><機關代碼>A01000000A</機關代碼>"
	    "<單位代碼>U610000</單位代碼><含附件>不含附件</含附件>");
	add(&alone, "1.di", fixture.files[0].data, fixture.files[0].len);
	add(&alone, "376490000A_1150012345A0C_ATTCH1.pdf", pdf,
	    sizeof(pdf) - 1);
	add(&alone, "376490000A_1150012345A0C_ATTCH2.odt", odt,
	    sizeof(odt) - 1);
	check(&alone);

	assert_accepted(&alone);
	assert_non_null(alone.report->document->recipient);
	assert_string_equal(alone.report->document->recipient->code.text,
	    "A01000000AU610000");
	assert_false(alone.report->document->recipient->with_attachments);
	discard(&alone);
	discard(&fixture);
}

static void
a_collective_name_stands_for_any_recipient(void **state)
{
	struct fixture fixture = letter();

	(void)state;
	change(&fixture, 0,
	    "<全銜>彰化縣政府</全銜><全銜>屏東縣政府</全銜>"
	    "<全銜>數位發展部</全銜>",
	    "<總稱>各縣市政府</總稱>");
	check(&fixture);

	assert_accepted(&fixture);
	assert_int_equal(fixture.report->finding_count, 0);
	discard(&fixture);
}

static void
the_body_as_one_portable_file_counts_as_named(void **state)
{
	static const char tag[] = "內含本文與附件之可攜式文件檔名";
	struct fixture fixture = letter();
	char text[128];

	(void)state;
	snprintf(text, sizeof(text), "</含附件><%s>全文.pdf</%s><本別>", tag,
	    tag);
	change(&fixture, 1, "</含附件><本別>", text);
	check(&fixture);
	assert_refused(&fixture, "E2123");
	add(&fixture, "全文.pdf", pdf, sizeof(pdf) - 1);
	check(&fixture);
	assert_accepted(&fixture);
	assert_string_equal(fixture.report->rosters[0].entries[0].body_file,
	    "全文.pdf");
	discard(&fixture);
}

static void
a_copy_gets_attachments_only_when_the_roster_says_so(void **state)
{
	struct fixture fixture = letter();

	(void)state;
	change(&fixture, 2, "<含附件>不含附件</含附件>", "");
	change(&fixture, 1, "<含附件>含附件</含附件>", "");
	check(&fixture);

	assert_accepted(&fixture);
	assert_true(fixture.report->rosters[0].entries[0].with_attachments);
	assert_false(fixture.report->rosters[1].entries[0].with_attachments);
	discard(&fixture);
}

static void
a_program_among_the_attachments_is_denied(void **state)
{
	static const char lnk[] = "L\0\0\0\x01\x14\x02\0\0\0\0\0\xc0\0\0";
	struct fixture fixture = letter();

	(void)state;
	fixture.files[3].data = (const uint8_t *)lnk;
	fixture.files[3].len = sizeof(lnk) - 1;
	check(&fixture);

	assert_refused(&fixture, "E2125");
	assert_int_equal(the(&fixture, "E2125")->code, ERROR_DENIED);
	discard(&fixture);
}

static void
the_set_of_files_must_be_one_letter(void **state)
{
	struct fixture fixture = letter();
	struct fixture empty = { 0 };

	(void)state;
	add_sample(&fixture, "2.di", "rendered_03_letter_multi.di");
	check(&fixture);
	assert_refused(&fixture, "E2129");
	discard(&fixture);
	check(&empty);
	assert_refused(&empty, "E2129");
	discard(&empty);
	fixture = letter();
	add_sample(&fixture, "1.SW", "rendered_05_letter_noattach.sw");
	check(&fixture);
	assert_refused(&fixture, "E2127");
	discard(&fixture);
	fixture = letter();
	add_sample(&fixture, "1.dm", "rendered_07_resend_attr.dm");
	check(&fixture);
	assert_refused(&fixture, "E2124");
	discard(&fixture);
}

static void
a_message_code_must_be_one_of_six(void **state)
{
	static const struct trap traps[] = {
		{ 0, "代碼=\"2\"", "代碼=\"7\"", "E2140" },
		{ 0, "代碼=\"2\"", "", "E2140" },
		{ 0, "代碼=\"2\"/>", "代碼=\"2\">3</文書訊息代碼>", "E2140" },
		{ 0, "<文書訊息代碼 代碼=\"2\"/>", "", "E2101" },
		{ 0, "<訊息備註>", "<其他/><訊息備註>", "E2101" },
		{ 0, "附件1檔案毀損，更正重發。", " ", "E2141" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(traps) / sizeof(traps[0]); i++) {
		struct fixture fixture = { 0 };

		add_sample(&fixture, "1.dm", "rendered_07_resend_attr.dm");
		change(&fixture, 0, traps[i].from, traps[i].to);
		check(&fixture);
		assert_refused(&fixture, traps[i].rule);
		discard(&fixture);
	}
}

/*
 * T-XML-01..06: a letter as it would be, but for one place.  The table gives
 * the whole file.
 */
#define HEAD "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
#define DOCTYPE(subset) \
	HEAD "<!DOCTYPE 函 SYSTEM \"104_2_utf8.dtd\" [" subset "]>\n"

static const struct {
	const char *text;
	const char *rule;
} hostile[] = {
	{ DOCTYPE("<!ENTITY a \"x\">") "<函/>", "E2008" },
	{ DOCTYPE("<!ENTITY a SYSTEM \"file:///etc/passwd\">") "<函/>",
	    "E2008" },
	{ DOCTYPE("<!ENTITY a PUBLIC \"x\" \"y\">") "<函/>", "E2008" },
	{ DOCTYPE("<!ENTITY a PUBLIC \"x\" \"y\" NDATA z>") "<函/>", "E2008" },
	{ DOCTYPE("<!ENTITY % p \"x\">") "<函/>", "E2008" },
	{ DOCTYPE("<!ENTITY % p SYSTEM \"a.ent\">%p;") "<函/>", "E2008" },
	{ DOCTYPE("%p;") "<函/>", "E2008" },
	{ DOCTYPE("<!ELEMENT 函 ANY>") "<函/>", "E2008" },
	{ DOCTYPE("<!ATTLIST 函 a CDATA \"x\">") "<函/>", "E2008" },
	{ DOCTYPE("<?php x ?>") "<函/>", "E2008" },
	{ DOCTYPE("<!NOTATION n PUBLIC \"x\">") "<函/>", "E2008" },
	{ DOCTYPE("<![INCLUDE[ ]]>") "<函/>", "E2008" },
	{ DOCTYPE("<!ENTITY a SYSTEM '\">' NDATA") "<函/>", "E2006" },
	{ DOCTYPE("<!ENTITY a SYSTEM 'x' NDATA n") "<函/>", "E2006" },
	{ DOCTYPE("<!-- ") "<函/>", "E2006" },
	{ DOCTYPE("junk") "<函/>", "E2006" },
	{ DOCTYPE("<!ENTITY a SYSTEM 'x' NDATA n>") "<函/>", "E2012" },
	{ HEAD "<!DOCTYPE 函 SYSTEM \"http://127.0.0.1:9/104_2_utf8.dtd\">"
	       "<函/>",
	    "E2007" },
	{ HEAD "<!DOCTYPE 函 SYSTEM \"file:///104_2_utf8.dtd\"><函/>",
	    "E2007" },
	{ HEAD "<!DOCTYPE 函 SYSTEM \"../104_2_utf8.dtd\"><函/>", "E2007" },
	{ HEAD "<!DOCTYPE 函 SYSTEM \"C:\\104_2_utf8.dtd\"><函/>", "E2007" },
	{ HEAD "<!DOCTYPE 函 SYSTEM \"mine.dtd\"><函/>", "E2007" },
	{ HEAD "<!DOCTYPE 函 SYSTEM \"104_basic_utf8.ent\"><函/>", "E2007" },
	{ HEAD "<!DOCTYPE 函 PUBLIC \"x\" \"104_2_utf8.dtd\"><函/>", "E2007" },
	{ HEAD "<!DOCTYPE 函><函/>", "E2007" },
	{ HEAD "<!DOCTYPE 函 SYSTEM \"104_2_utf8.dtd\" x><函/>", "E2006" },
	{ HEAD "<!DOCTYPE 函 SYSTEM \"104_2_utf8.dtd", "E2007" },
	{ HEAD "<函/>", "E2006" },
	{ HEAD "<!DOCTYPE html SYSTEM \"104_2_utf8.dtd\"><html/>", "E2023" },
	{ DOCTYPE("") "<函>&a;</函>", "E2009" },
	{ DOCTYPE("") "<函 a='&a;'/>", "E2009" },
	{ DOCTYPE("") "<函>&</函>", "E2009" },
	{ DOCTYPE("") "<函>&#0;</函>", "E2005" },
	{ DOCTYPE("") "<函>&#xffffffff;</函>", "E2005" },
	{ DOCTYPE("") "<!DOCTYPE 函 [<!ENTITY a 'x'>]><函/>", "E2008" },
	{ DOCTYPE("") "<函><!ENTITY a 'x'></函>", "E2008" },
	{ DOCTYPE("") "<簽/>", "E2023" },
	{ DOCTYPE("") "<函></函", "E2005" },
	{ DOCTYPE("") "<函 a='", "E2005" },
	{ DOCTYPE("") "<函><![CDATA[", "E2005" },
	{ DOCTYPE("") "<函/><函/>", "E2005" },
	{ DOCTYPE("") "", "E2005" },
	{ DOCTYPE("") "<函>\x01</函>", "E2004" },
	{ DOCTYPE("") "<函>\xff</函>", "E2004" },
	{ DOCTYPE("") "<函>\xc0\x80</函>", "E2004" },
	{ DOCTYPE("") "<函 xmlns='urn:x'/>", "E2104" },
	{ DOCTYPE("") "<x:函 xmlns:x='urn:x'/>", "E2104" },
	{ "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><函/>", "E2003" },
	{ "<?xml version=\"1.0\" encoding=\"UTF-16\"?><函/>", "E2003" },
	{ "<?xml version=\"1.0\" encoding=\"UTF-7\"?>+ADw-", "E2003" },
	{ "\xef\xbb\xbf<?xml version='1.0' encoding='Big5'?><函/>", "E2003" },
	{ "<?xml version=\"9.0\"?><!DOCTYPE 函 SYSTEM \"104_2_utf8.dtd\"><函/>",
	    "E2005" },
	{ "\xff\xfe<\0", "E2003" },
	{ "", "E2002" },
	{ "\xef\xbb\xbf", "E2002" },
	{ " " DOCTYPE("") "<函/>", "E2005" },
};

static void
hostile_xml_is_refused_under_its_own_rule(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
		struct fixture fixture = { 0 };

		add_text(&fixture, "1.di", hostile[i].text);
		check(&fixture);
		if (found(&fixture, hostile[i].rule) == NULL)
			print_message("# case %zu: %s\n", i, hostile[i].text);
		assert_refused(&fixture, hostile[i].rule);
		discard(&fixture);
	}
}

static void
a_nul_is_refused(void **state)
{
	static const char text[] = DOCTYPE("") "<函>\0</函>";
	struct fixture fixture = { 0 };

	(void)state;
	add(&fixture, "1.di", text, sizeof(text) - 1);
	check(&fixture);
	assert_refused(&fixture, "E2004");
	assert_string_equal(the(&fixture, "E2004")->argument, "U+0000");
	discard(&fixture);
}

static void
put_many(struct bytes *to, const char *text, size_t count)
{
	for (size_t i = 0; i < count; i++)
		bytes_put_text(to, text);
}

/* `count` times `many`, between `before` and `after`. */
static void
assert_bomb_refused(const char *before, const char *many, size_t count,
    const char *after, const char *rule)
{
	struct fixture fixture = { 0 };
	struct bytes text = { 0 };

	bytes_put_text(&text, before);
	put_many(&text, many, count);
	bytes_put_text(&text, after);
	add(&fixture, "1.di", text.data, text.len);
	check(&fixture);
	assert_refused(&fixture, rule);
	assert_true(fixture.report->finding_count <= FINDINGS_MAX);
	bytes_free(&text);
	discard(&fixture);
}

static void
bombs_cost_little_and_are_refused(void **state)
{
	(void)state;
	assert_bomb_refused(DOCTYPE("") "<函>", "<條列>", 80000, "</函>",
	    "E2010");
	assert_bomb_refused(DOCTYPE("") "<函 a='", "x", 70000, "'/>", "E2011");
	assert_bomb_refused(DOCTYPE("") "<函 ", "a=''", 33, "/>", "E2011");
	assert_bomb_refused(DOCTYPE("") "<函>", "&x;", 300000, "</函>",
	    "E2009");
	assert_bomb_refused(DOCTYPE("") "<函>", "<x/>", 200000, "</函>",
	    "E2102");
	assert_bomb_refused(DOCTYPE("") "<函>", "<附件檔名/>", 50000, "</函>",
	    "E2106");
	assert_bomb_refused(HEAD "<!DOCTYPE 函 SYSTEM \"104_2_utf8.dtd\" [",
	    "<!ENTITY a 'x'>", 60000, "]><函/>", "E2008");
	assert_bomb_refused(HEAD "<!DOCTYPE 函 SYSTEM \"104_2_utf8.dtd\" [",
	    "<!ENTITY a SYSTEM 'x' NDATA n>", 30000, "]><函/>", "E2012");
	assert_bomb_refused(DOCTYPE("") "<函>", "x", LETTER_LEN_MAX, "</函>",
	    "E2001");
}

static void
a_full_list_of_findings_says_that_there_are_more(void **state)
{
	struct fixture fixture = { 0 };
	struct bytes text = { 0 };

	(void)state;
	bytes_put_text(&text, DOCTYPE("") "<函>");
	put_many(&text, "<x/>", 1000);
	bytes_put_text(&text, "</函>");
	add(&fixture, "1.di", text.data, text.len);
	check(&fixture);

	assert_int_equal(fixture.report->finding_count, FINDINGS_MAX);
	assert_true(fixture.report->finding_left_out >= 800);
	bytes_free(&text);
	discard(&fixture);
}

static void
put_roster(struct bytes *to, size_t count)
{
	bytes_put_text(to,
	    HEAD "<!DOCTYPE 交換表單 SYSTEM \"104_roster_utf8.dtd\">\n"
		 "<交換表單>\n");
	for (size_t i = 0; i < count; i++)
		bytes_put_format(to,
		    "<全銜>機關%zu</全銜><機關代碼>A%08zuH</機關代碼>\n", i, i);
	bytes_put_text(to, "</交換表單>\n");
}

static void
a_roster_of_thousands_is_read_and_of_more_refused(void **state)
{
	struct fixture fixture = { 0 };
	struct bytes text = { 0 };

	(void)state;
	put_roster(&text, ROSTER_RECIPIENTS_MAX);
	add(&fixture, "1.sw", text.data, text.len);
	check(&fixture);
	assert_int_equal(fixture.report->roster_count, 1);
	assert_int_equal(fixture.report->rosters[0].count,
	    ROSTER_RECIPIENTS_MAX);
	assert_int_equal(fixture.report->rosters[0].entries[4999].line, 5003);
	assert_null(found(&fixture, "E2135"));
	discard(&fixture);
	bytes_clear(&text);
	put_roster(&text, ROSTER_RECIPIENTS_MAX + 1);
	add(&fixture, "1.sw", text.data, text.len);
	check(&fixture);
	assert_refused(&fixture, "E2135");
	discard(&fixture);
	bytes_free(&text);
}

/* Killed by the first call that would open a file or a socket. */
static void
forbid_files_and_sockets(void)
{
#define FORBID(number)                                     \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1), \
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS)
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		    offsetof(struct seccomp_data, nr)),
#ifdef SYS_open
		FORBID(SYS_open),
#endif
#ifdef SYS_stat
		FORBID(SYS_stat),
#endif
		FORBID(SYS_openat),
		FORBID(SYS_newfstatat),
		FORBID(SYS_socket),
		FORBID(SYS_connect),
		FORBID(SYS_execve),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(code) / sizeof(code[0]), code };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
		_exit(3);
}

static int
check_in_a_sandbox(const struct fixture *fixture)
{
	int status = 0;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		struct document_report *report;
		struct error err = { 0 };

		forbid_files_and_sockets();
		if (document_check(fixture->files, fixture->count, NULL,
			&report, &err) < 0)
			_exit(2);
		_exit(report->accepted ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return status;
}

static void
checking_opens_no_file_and_no_socket(void **state)
{
	struct fixture fixture = letter();
	struct fixture bomb = { 0 };
	int status;

	(void)state;
	status = check_in_a_sandbox(&fixture);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	add_sample(&bomb, "1.di", "invalid_19_xxe_and_bomb.di");
	status = check_in_a_sandbox(&bomb);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 1);
	discard(&fixture);
	discard(&bomb);
}

static void
the_hostile_sample_is_refused_for_all_its_reasons(void **state)
{
	struct fixture fixture = { 0 };

	(void)state;
	add_sample(&fixture, "1.di", "invalid_19_xxe_and_bomb.di");
	check(&fixture);

	assert_false(fixture.report->accepted);
	assert_null(fixture.report->document);
	assert_int_equal(count_of(&fixture, "E2007"), 1);
	assert_int_equal(count_of(&fixture, "E2008"), 6);
	assert_int_equal(count_of(&fixture, "E2009"), 2);
	assert_int_equal(count_of(&fixture, "E2120"), 1);
	assert_int_equal(the(&fixture, "E2120")->line, 6);
	discard(&fixture);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_letter_with_two_rosters_is_read_whole),
		cmocka_unit_test(a_resend_carries_its_message_in_either_form),
		cmocka_unit_test(the_real_memo_is_read_whole),
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
		cmocka_unit_test(hostile_xml_is_refused_under_its_own_rule),
		cmocka_unit_test(a_nul_is_refused),
		cmocka_unit_test(bombs_cost_little_and_are_refused),
		cmocka_unit_test(
		    a_full_list_of_findings_says_that_there_are_more),
		cmocka_unit_test(
		    a_roster_of_thousands_is_read_and_of_more_refused),
		cmocka_unit_test(checking_opens_no_file_and_no_socket),
		cmocka_unit_test(
		    the_hostile_sample_is_refused_for_all_its_reasons),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
