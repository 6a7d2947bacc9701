/*
 * The reading view: what stands in a letter stands on the page, and nothing of
 * it becomes more than text (T-WEB-03..05).
 */
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
#include "document/document.h"
#include "render/render.h"
#include "render/render_html.h"

static struct document
empty(enum doc_kind kind)
{
	static const struct document_sender sender = { .name = "雲林縣政府" };

	return (struct document){ .name = "1.di",
		.kind = kind,
		.class_name = "",
		.senders = &sender,
		.sender_count = 1,
		.issued_text = "中華民國115年11月20日",
		.secrecy = "",
		.declassify = "",
		.subject = "請查照。",
		.address = "",
		.addressee = "如行文單位",
		.attachment_note = "",
		.venue = "",
		.unit = "",
		.handling = "",
		.signed_text = "" };
}

/* The page as text, to be freed. */
static char *
page_of(const struct document *document, const struct doc_message *message,
    const struct roster *rosters, size_t roster_count,
    const struct render_options *options)
{
	struct render_input input = { document, message, rosters,
		roster_count };
	struct render_html *html = NULL;
	struct bytes page = { 0 };
	struct error err = { 0 };

	assert_int_equal(render_html_new(&html, &err), 0);
	assert_int_equal(render_html_put(html, &input, options, &page, &err),
	    0);
	render_html_free(html);
	bytes_put_u8(&page, '\0');
	assert_int_equal(bytes_failed(&page, &err), 0);
	return (char *)page.data;
}

static char *
plain(const struct document *document)
{
	static const struct render_options options = { 0 };

	return page_of(document, NULL, NULL, 0, &options);
}

static size_t
count(const char *page, const char *what)
{
	size_t found = 0;

	for (; (page = strstr(page, what)) != NULL; page += strlen(what))
		found++;
	return found;
}

static void
a_page_is_whole(void **state)
{
	struct document document = empty(DOC_KIND_LETTER);
	char *page = plain(&document);

	(void)state;
	assert_ptr_equal(strstr(page, "<!DOCTYPE html>\n<html lang=\"zh-Hant"),
	    page);
	assert_int_equal(count(page, "<main>"), 1);
	assert_int_equal(count(page, "<h1>"), 1);
	assert_non_null(strstr(page, "<h1>雲林縣政府　函</h1>"));
	assert_non_null(strstr(page, "請查照。"));
	assert_non_null(strstr(page, render_html_policy));
	assert_int_equal(count(page, "<script"), 0);
	assert_int_equal(count(page, " style="), 0);
	assert_int_equal(count(page, "<a "), 0);
	/* The policy comes before what it is about. */
	assert_true(strstr(page, render_html_policy) < strstr(page, "<style>"));
	free(page);
}

/* Every text of a document, in each place where one can stand. */
static void
text_stays_text(void **state)
{
	static const char evil[] = "</style><script>alert(1)</script>"
				   "\"><img src=x onerror=alert(1)>"
				   "javascript:alert(1) &lt; '\"";
	const struct document_sender sender = { .name = evil };
	const struct ref_no ref_no = { evil, evil, evil, evil, "" };
	const struct document_item inner = { evil, evil, NULL, 0 };
	const struct document_item item = { evil, evil, &inner, 1 };
	const struct document_section section = { evil, evil, &item, 1 };
	const struct document_person person = { evil, evil, evil };
	const struct document_time time = { evil, evil, evil };
	const struct document_reader reader = { .name = evil,
		.title = evil,
		.with_attachments = true };
	const struct document_file file = { .entity = evil, .name = evil };
	const char *const texts[] = { evil };
	const struct roster_entry entry = { .name = evil, .copy = evil };
	const struct roster roster = { .name = evil,
		.entries = &entry,
		.count = 1 };
	const struct doc_message message = { .name = evil,
		.code = DOC_MESSAGE_TEST,
		.remark = evil };
	const struct render_receipt receipt = { evil, evil, evil };
	const struct render_options options = { .mark = RENDER_MARK_COPY,
		.dispatch = evil,
		.archive_number = evil,
		.retention = evil,
		.recipient = evil,
		.received = &receipt };
	struct document document = { .name = evil,
		.kind = DOC_KIND_MEETING,
		.class_name = evil,
		.senders = &sender,
		.sender_count = 1,
		.ref_nos = &ref_no,
		.ref_no_count = 1,
		.issued_text = evil,
		.secrecy = evil,
		.declassify = evil,
		.subject = evil,
		.sections = &section,
		.section_count = 1,
		.address = evil,
		.contacts = texts,
		.contact_count = 1,
		.addressee = evil,
		.signatures = texts,
		.signature_count = 1,
		.attachment_note = evil,
		.attachments = &file,
		.attachment_count = 1,
		.originals = &reader,
		.original_count = 1,
		.copies = &reader,
		.copy_count = 1,
		.times = &time,
		.time_count = 1,
		.venue = evil,
		.chairs = &person,
		.chair_count = 1,
		.callers = &person,
		.caller_count = 1,
		.attendees = &reader,
		.attendee_count = 1,
		.observers = &reader,
		.observer_count = 1,
		.remarks = &section,
		.unit = evil,
		.handling = evil,
		.superiors = &person,
		.superior_count = 1,
		.signed_text = evil };
	char *page = page_of(&document, &message, &roster, 1, &options);

	(void)state;
	assert_int_equal(count(page, "<script"), 0);
	assert_int_equal(count(page, "<img"), 0);
	assert_int_equal(count(page, "</style>"), 1);
	assert_int_equal(count(page, "href"), 0);
	assert_int_equal(count(page, "src="), count(page, "img src=x"));
	/* All of it is there to be read. */
	assert_true(count(page, "&lt;script&gt;alert(1)&lt;/script&gt;") > 40);
	free(page);
}

/* A field that one kind has is shown in all: nothing that came is left out. */
static void
every_field_is_shown(void **state)
{
	static const enum doc_kind kinds[] = { DOC_KIND_LETTER, DOC_KIND_ORDER,
		DOC_KIND_NOTICE, DOC_KIND_MEETING, DOC_KIND_SURVEY };
	static const struct document_sender senders[] = { { .name = "欄甲" },
		{ .name = "欄乙" } };
	static const struct ref_no ref_nos[] = {
		{ "欄丙字", "115", "0001", "2", "" },
		{ "", "", "", "", "欄丁" },
	};
	static const struct document_item inner = { "(一)", "欄戊", NULL, 0 };
	static const struct document_item item = { "一、", "欄己", &inner, 1 };
	static const struct document_section section = { "欄庚：", "欄辛",
		&item, 1 };
	static const struct document_section remarks = { "欄壬", "欄癸", NULL,
		0 };
	static const struct document_person chair = { "欄子", "欄丑", "欄寅" };
	static const struct document_person superior = { "欄卯", "欄辰", "" };
	static const struct document_time time = { "欄巳", "欄午", "欄未" };
	static const struct document_reader reader = { .name = "欄申",
		.title = "欄酉" };
	static const struct document_file file = { .name = "欄戌" };
	static const char *const contacts[] = { "欄亥" };
	static const char *const signatures[] = { "欄天" };
	static const char wanted[] =
	    "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥天地玄黃宇宙洪荒";

	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct document document = empty(kinds[i]);
		char *page;

		document.senders = senders;
		document.sender_count = 2;
		document.ref_nos = ref_nos;
		document.ref_no_count = 2;
		document.sections = &section;
		document.section_count = 1;
		document.remarks = &remarks;
		document.chairs = &chair;
		document.chair_count = 1;
		document.superiors = &superior;
		document.superior_count = 1;
		document.times = &time;
		document.time_count = 1;
		document.copies = &reader;
		document.copy_count = 1;
		document.attachments = &file;
		document.attachment_count = 1;
		document.contacts = contacts;
		document.contact_count = 1;
		document.signatures = signatures;
		document.signature_count = 1;
		document.issued_text = "欄地";
		document.secrecy = "欄玄";
		document.declassify = "欄黃";
		document.address = "欄宇";
		document.venue = "欄宙";
		document.attachment_note = "欄洪";
		document.addressee = "欄荒";
		page = plain(&document);
		for (const char *at = wanted; *at != '\0'; at += 3) {
			char text[8];

			snprintf(text, sizeof(text), "欄%.3s", at);
			if (strstr(page, text) == NULL)
				fail_msg("%s is not shown in kind %d", text,
				    (int)kinds[i]);
		}
		free(page);
	}
}

static void
hidden_characters_are_shown(void **state)
{
	struct document document = empty(DOC_KIND_LETTER);
	char *page;

	(void)state;
	document.subject = "甲\xe2\x80\xae乙\xe2\x81\xa6丙\xc2\x85";
	page = plain(&document);
	assert_non_null(strstr(page, "甲〔U+202E〕乙〔U+2066〕丙〔U+0085〕"));
	assert_null(strstr(page, "\xe2\x80\xae"));
	free(page);
}

static void
items_nest(void **state)
{
	const struct document_item inner[] = { { "（一）", "其一", NULL, 0 },
		{ "（二）", "其二", NULL, 0 } };
	const struct document_item items[] = { { "一、", "首項", inner, 2 },
		{ "二、", "次項", NULL, 0 } };
	const struct document_section section = { "說明：", "", items, 2 };
	struct document document = empty(DOC_KIND_LETTER);
	char *page;

	(void)state;
	document.sections = &section;
	document.section_count = 1;
	page = plain(&document);
	assert_non_null(strstr(page, "<h2>說明：</h2>"));
	assert_int_equal(count(page, "<li class=\"item\">"), 4);
	assert_true(strstr(page, "首項") < strstr(page, "其一"));
	assert_true(strstr(page, "其二") < strstr(page, "次項"));
	free(page);
}

/* What only some kinds have, and what each is called. */
static void
every_kind_has_its_words(void **state)
{
	static const struct {
		enum doc_kind kind;
		const char *words[4];
	} kinds[] = {
		{ DOC_KIND_LETTER, { "函</h1>", "主旨：", "發文字號：" } },
		{ DOC_KIND_MEMO,
		    { "簽　於　雲林縣政府</h1>", "主旨：", "文號：" } },
		{ DOC_KIND_ORDER, { "令</h1>", "主旨：", "發文字號：" } },
		{ DOC_KIND_NOTICE, { "公告</h1>", "主旨：", "發文日期：" } },
		{ DOC_KIND_MEETING,
		    { "開會通知單</h1>", "開會事由：", "開會時間：",
			"開會地點：" } },
		{ DOC_KIND_SURVEY,
		    { "會勘通知單</h1>", "會勘事由：", "會勘時間：",
			"會勘地點：" } },
	};
	static const struct ref_no ref_no = { "府", "115", "0000001", "", "" };
	static const struct document_time time = { "中華民國115年12月1日",
		"星期二", "上午9時" };

	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct document document = empty(kinds[i].kind);
		char *page;

		document.ref_nos = &ref_no;
		document.ref_no_count = 1;
		if (kinds[i].words[3] != NULL) {
			document.times = &time;
			document.time_count = 1;
			document.venue = "一樓";
		}
		page = plain(&document);
		for (size_t j = 0; j < 4; j++)
			if (kinds[i].words[j] != NULL)
				assert_non_null(
				    strstr(page, kinds[i].words[j]));
		free(page);
	}
}

static void
a_received_letter_says_so(void **state)
{
	struct document document = empty(DOC_KIND_LETTER);
	static const struct render_receipt receipt = { "1150000001",
		"中華民國115年11月26日 10:08", "" };
	struct render_options options = { .mark = RENDER_MARK_COPY,
		.dispatch = "電子交換",
		.recipient = "彰化縣政府" };
	char *page = page_of(&document, NULL, NULL, 0, &options);

	(void)state;
	assert_null(strstr(page, "電子公文"));
	assert_non_null(strstr(page, "副本"));
	assert_non_null(strstr(page, "發文方式：電子交換"));
	/* The copy names its recipient in the place of the list. */
	assert_non_null(strstr(page, "彰化縣政府"));
	assert_null(strstr(page, "如行文單位"));
	free(page);
	options.received = &receipt;
	page = page_of(&document, NULL, NULL, 0, &options);
	assert_non_null(strstr(page, "電子公文"));
	assert_non_null(strstr(page, "收文號：1150000001"));
	assert_non_null(strstr(page, "收文時間：中華民國115年11月26日 10:08"));
	free(page);
}

static void
rosters_and_messages_are_shown(void **state)
{
	static const struct roster_entry entries[] = {
		{ .name = "彰化縣政府",
		    .code = { "376470000A" },
		    .with_attachments = true,
		    .copy = "正本" },
		{ .name = "屏東縣政府",
		    .code = { "376530000A" },
		    .copy = "副本" },
	};
	static const struct roster roster = { .name = "1.sw",
		.entries = entries,
		.count = 2 };
	static const struct doc_message message = { .name = "1.dm",
		.code = DOC_MESSAGE_ATTACHMENTS_MENDED,
		.remark = "附件1毀損" };
	static const struct render_options options = { 0 };
	struct document document = empty(DOC_KIND_LETTER);
	char *page = page_of(&document, &message, &roster, 1, &options);

	(void)state;
	assert_non_null(strstr(page, "附件修正重發"));
	assert_non_null(strstr(page, "附件1毀損"));
	assert_int_equal(count(page, "<th scope=\"row\">"), 2);
	assert_non_null(strstr(page,
	    "<td>376530000A</td><td>副本</td>"
	    "<td>不含附件</td>"));
	free(page);
	page = page_of(NULL, NULL, &roster, 1, &options);
	assert_non_null(strstr(page, "<h1>交換表單</h1>"));
	assert_non_null(strstr(page, "屏東縣政府"));
	assert_null(strstr(page, "主旨"));
	free(page);
	page = page_of(NULL, &message, NULL, 0, &options);
	assert_non_null(strstr(page, "<h1>文書訊息表單</h1>"));
	assert_non_null(strstr(page, "附件1毀損"));
	free(page);
}

static void
attachments_are_listed(void **state)
{
	static const struct document_file files[] = { { .name = "簡報.pdf" },
		{ .name = "表 1.odt" } };
	struct document document = empty(DOC_KIND_LETTER);
	char *page;

	(void)state;
	document.attachments = files;
	document.attachment_count = 2;
	document.attachment_note = "如文";
	page = plain(&document);
	assert_non_null(strstr(page, "<li><bdi>簡報.pdf</bdi></li>"));
	assert_non_null(strstr(page, "<li><bdi>表 1.odt</bdi></li>"));
	free(page);
}

/* One stylesheet serves any number of letters, in any order. */
static void
pages_do_not_touch_each_other(void **state)
{
	static const struct render_options options = { 0 };
	struct document document = empty(DOC_KIND_LETTER);
	struct render_input input = { .document = &document };
	struct render_html *html = NULL;
	struct bytes first = { 0 };
	struct error err = { 0 };

	(void)state;
	assert_int_equal(render_html_new(&html, &err), 0);
	for (int i = 0; i < 10; i++) {
		struct bytes page = { 0 };

		assert_int_equal(render_html_put(html, &input, &options, &page,
				     &err),
		    0);
		if (i == 0) {
			first = page;
			continue;
		}
		assert_int_equal(page.len, first.len);
		assert_memory_equal(page.data, first.data, first.len);
		bytes_free(&page);
	}
	bytes_free(&first);
	render_html_free(html);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_page_is_whole),
		cmocka_unit_test(text_stays_text),
		cmocka_unit_test(every_field_is_shown),
		cmocka_unit_test(hidden_characters_are_shown),
		cmocka_unit_test(items_nest),
		cmocka_unit_test(every_kind_has_its_words),
		cmocka_unit_test(a_received_letter_says_so),
		cmocka_unit_test(rosters_and_messages_are_shown),
		cmocka_unit_test(attachments_are_listed),
		cmocka_unit_test(pages_do_not_touch_each_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
