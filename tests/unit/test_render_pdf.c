/*
 * The PDF as other programs read it: text, fonts, tags, places, pages; the
 * same bytes each time; what a received copy has; what is too long.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/text.h"
#include "document/pool.h"
#include "harness/render_fixture.h"

enum { PATH_SIZE = 64 };

static const double point_per_cm = 72 / 2.54;

static struct renderer *renderer;

static int
open_fonts(void **state)
{
	struct error err = { 0 };

	(void)state;
	return renderer_new(NULL, 0, &renderer, &err);
}

static int
close_fonts(void **state)
{
	(void)state;
	renderer_free(renderer);
	return 0;
}

static struct bytes
print_case(const char *name, struct render_report *ret_report)
{
	return render_case_print(renderer, render_case_find(name), ret_report);
}

/* Without blanks, in the order of reading. */
static char *
stripped(const struct bytes *pdf)
{
	char *text = render_text(pdf, "-raw");

	render_strip(text);
	return text;
}

static void
the_text_of_a_letter_comes_back(void **state)
{
	static const char wanted[] =
	    "第1頁共1頁"
	    "正本發文方式：電子交換檔號：115/0101/1保存年限：10"
	    "雲林縣政府函"
	    "地址：640201雲林縣斗六市雲林路二段515號承辦人：王○○"
	    "電話：05-5320000#000電子信箱：example@example.gov.tw"
	    "受文者：如正副本行文單位發文日期：中華民國115年11月20日"
	    "發文字號：府計管一字第1150012345號速別：普通件"
	    "密等及解密條件或保密期限：附件：如說明二"
	    "主旨：檢送「115年度公文電子交換作業說明會」簡報及報名表各1份，"
	    "請查照並轉知所屬。"
	    "說明：一、依本府115年10月1日府計管一字第1150010001號函續辦。"
	    "二、檢附簡報（PDF）及報名表（ODT）各1份。"
	    "正本：彰化縣政府、屏東縣政府、數位發展部"
	    "副本：國家發展委員會檔案管理局(含附件)、內政部戶政司"
	    "縣長○○○";
	struct render_report report;
	struct bytes pdf = print_case("letter", &report);
	char *text = stripped(&pdf);

	(void)state;
	assert_string_equal(text, wanted);
	free(text);
	bytes_free(&pdf);
}

/* Move behind `wanted`; blanks in it do not count. */
static void
expect(const char **at, const char *wanted)
{
	char *text = text_dup(wanted);
	const char *found;

	assert_non_null(text);
	render_strip(text);
	found = strstr(*at, text);
	if (found == NULL)
		fail_msg("\"%s\" does not stand in \"%.300s\"", text, *at);
	*at = found + strlen(text);
	free(text);
}

static void
expect_items(const char **at, const struct document_item *items, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		expect(at, items[i].text);
		expect_items(at, items[i].items, items[i].item_count);
	}
}

static void
expect_readers(const char **at, const struct document_reader *readers,
    size_t count)
{
	for (size_t i = 0; i < count; i++)
		expect(at, readers[i].name);
}

static void
expect_document(const char *at, const struct document *document)
{
	for (size_t i = 0; i < document->ref_no_count; i++)
		expect(&at, document->ref_nos[i].seq);
	expect(&at, document->attachment_note);
	expect(&at, document->subject);
	for (size_t i = 0; i < document->time_count; i++)
		expect(&at, document->times[i].date);
	expect(&at, document->venue);
	for (size_t i = 0; i < document->chair_count; i++)
		expect(&at, document->chairs[i].name);
	for (size_t i = 0; i < document->caller_count; i++)
		expect(&at, document->callers[i].phone);
	expect_readers(&at, document->attendees, document->attendee_count);
	expect_readers(&at, document->observers, document->observer_count);
	for (size_t i = 0; i < document->section_count; i++) {
		expect(&at, document->sections[i].label);
		expect(&at, document->sections[i].text);
		expect_items(&at, document->sections[i].items,
		    document->sections[i].item_count);
	}
	expect_readers(&at, document->originals, document->original_count);
	expect_readers(&at, document->copies, document->copy_count);
	for (size_t i = 0; i < document->superior_count; i++)
		expect(&at, document->superiors[i].title);
	for (size_t i = 0; i < document->signature_count; i++)
		expect(&at, document->signatures[i]);
	expect(&at, document->signed_text);
}

/* A long text that page numbers interrupt: drop them. */
static void
drop_page_numbers(char *text, unsigned count)
{
	char number[PATH_SIZE];

	for (unsigned page = 1; page <= count; page++) {
		char *at;

		snprintf(number, sizeof(number), "第%u頁共%u頁", page, count);
		at = strstr(text, number);
		assert_non_null(at);
		memmove(at, at + strlen(number),
		    strlen(at + strlen(number)) + 1);
	}
}

static void
every_field_is_there_in_the_order_of_the_form(void **state)
{
	(void)state;
	for (size_t i = 0; i < render_case_count; i++) {
		const struct render_case *render_case = &render_cases[i];
		struct document_report *read = render_case_read(render_case);
		struct render_report report;
		struct bytes pdf =
		    render_case_print(renderer, render_case, &report);
		char *text = stripped(&pdf);

		drop_page_numbers(text, report.page_count);
		/* What no font has is there by its number. */
		if (!render_case->lists_only && report.missing_count == 0)
			expect_document(text, read->document);
		free(text);
		bytes_free(&pdf);
		document_report_free(read);
	}
}

static void
a_roster_lists_everyone(void **state)
{
	const struct render_case *lists = render_case_find("lists");
	struct document_report *read = render_case_read(lists);
	struct render_report report;
	struct bytes pdf = render_case_print(renderer, lists, &report);
	char *text = stripped(&pdf);
	const char *at = text;

	(void)state;
	assert_true(read->roster_count == 1 && read->rosters[0].count > 90);
	drop_page_numbers(text, report.page_count);
	expect(&at, "附件修正重發");
	expect(&at, read->message->remark);
	for (size_t i = 0; i < read->rosters[0].count; i++) {
		expect(&at, read->rosters[0].entries[i].name);
		expect(&at, read->rosters[0].entries[i].code.text);
		expect(&at, read->rosters[0].entries[i].copy);
	}
	free(text);
	bytes_free(&pdf);
	document_report_free(read);
}

static void
no_line_of_a_page_breaks_the_rules(void **state)
{
	static const char *const never_first[] = { "，", "。", "、", "；", "：",
		"」", "）", "》", "？", "！", ")", "," };
	static const char *const cases[] = { "long", "deep" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct render_report report;
		struct bytes pdf = print_case(cases[i], &report);
		char *text = render_text(&pdf, "-raw");
		size_t lines = 0;

		for (const char *at = text; at != NULL; at = strchr(at, '\n')) {
			at += *at == '\n';
			lines++;
			for (size_t j = 0; j < ARRAY_LEN(never_first); j++)
				if (text_starts(at, never_first[j]))
					fail_msg("%s: a line begins %.30s",
					    cases[i], at);
		}
		assert_true(lines > 50);
		free(text);
		bytes_free(&pdf);
	}
}

static void
fonts_are_embedded_as_subsets(void **state)
{
	static const char *const argv[] = { "pdffonts", "/dev/stdin", NULL };

	(void)state;
	for (size_t i = 0; i < render_case_count; i++) {
		struct render_report report;
		struct bytes pdf =
		    render_case_print(renderer, &render_cases[i], &report);
		struct bytes list = render_tool(&pdf, argv);
		char *text = text_dup_len((const char *)list.data, list.len);
		char *line = strchr(strchr(text, '\n') + 1, '\n');
		size_t fonts = 0;

		for (; line != NULL && line[1] != '\0';
		     line = strchr(line + 1, '\n'), fonts++) {
			char *end = strchr(line + 1, '\n');

			*end = '\0';
			assert_non_null(strstr(line, "+TW-Kai"));
			assert_non_null(strstr(line, "yes yes yes"));
			*end = '\n';
		}
		assert_true(fonts >= 1);
		/* Three fonts and the Latin part are 150 MB as a whole. */
		assert_true(pdf.len < 300000);
		free(text);
		bytes_free(&list);
		bytes_free(&pdf);
	}
}

static char *
info(const struct bytes *pdf, const char *option)
{
	const char *const argv[] = { "pdfinfo", option, "/dev/stdin", NULL };
	struct bytes text = render_tool(pdf, argv);
	char *copy = text_dup_len((const char *)text.data, text.len);

	bytes_free(&text);
	return copy;
}

static bool
holds(const struct bytes *pdf, const char *what)
{
	size_t len = strlen(what);

	for (size_t i = 0; i + len <= pdf->len; i++)
		if (memcmp(pdf->data + i, what, len) == 0)
			return true;
	return false;
}

static void
a_pdf_says_what_it_is(void **state)
{
	struct render_report report;
	struct bytes pdf = print_case("long", &report);
	char *text = info(&pdf, "-isodates");

	(void)state;
	assert_non_null(strstr(text,
	    "Title:           府計管一字第1150012346號　檢送「公文電子交換"));
	assert_non_null(strstr(text, "Author:          雲林縣政府\n"));
	assert_non_null(strstr(text, "CreationDate:    2026-11-18T"));
	assert_non_null(strstr(text, "Tagged:          yes\n"));
	assert_non_null(strstr(text, "Pages:           4\n"));
	assert_non_null(strstr(text, "595.276 x 841.89 pts (A4)"));
	assert_int_equal(report.page_count, 4);
	assert_true(holds(&pdf, "/Lang (zh-TW)"));
	assert_true(holds(&pdf, "/DisplayDocTitle true"));
	free(text);
	bytes_free(&pdf);
}

static void
tags_tell_title_items_and_rows(void **state)
{
	struct render_report report;
	struct bytes pdf = print_case("deep", &report);
	char *text = info(&pdf, "-struct-text");
	const char *at = text;

	(void)state;
	render_strip(text);
	assert_true(text_starts(text, "DocumentP(block)"));
	expect(&at, "H1(block)\"國家發展委員會檔案管理局書函\"");
	expect(&at, "P(block)\"說明：\"");
	expect(&at, "L(block)LI(block)Lbl(block)\"一、\"LBody(block)P(block)");
	expect(&at, "L(block)LI(block)Lbl(block)\"(一)\"LBody(block)P(block)");
	expect(&at, "L(block)LI(block)Lbl(block)\"１、\"LBody(block)P(block)");
	expect(&at, "L(block)LI(block)Lbl(block)\"(１)\"LBody(block)P(block)");
	expect(&at, "LI(block)Lbl(block)\"二、\"LBody(block)P(block)");
	free(text);
	bytes_free(&pdf);

	pdf = print_case("lists", &report);
	text = info(&pdf, "-struct-text");
	render_strip(text);
	at = text;
	expect(&at, "TRTH\"序號\"TH\"受文者\"TH\"機關代碼\"");
	expect(&at, "TRTD\"1\"TD\"臺北市政府\"TD\"376400000A\"TD\"正本\"");
	free(text);
	bytes_free(&pdf);
}

/* Where a word stands that begins with `text`; in points from the top left. */
static void
place_of(const char *boxes, const char *text, double *ret_x, double *ret_y)
{
	char wanted[PATH_SIZE];
	const char *at;
	char *line;
	double numbers[2];

	snprintf(wanted, sizeof(wanted), "\">%s", text);
	at = strstr(boxes, wanted);
	if (at == NULL) {
		fail_msg("%s has no place", text);
		return;
	}
	while (*at != '<')
		at--;
	line = text_dup_len(at, 60);
	for (int i = 0; i < 2; i++) {
		const char *digits = strstr(line, i == 0 ? "xMin=" : "yMin=");
		double scale = 1;
		bool is_fraction = false;

		numbers[i] = 0;
		for (digits += strlen("xMin=\""); *digits != '"'; digits++) {
			if (*digits == '.') {
				is_fraction = true;
				continue;
			}
			numbers[i] = numbers[i] * 10 + (*digits - '0');
			scale *= is_fraction ? 10 : 1;
		}
		numbers[i] /= scale;
	}
	free(line);
	*ret_x = numbers[0];
	*ret_y = numbers[1];
}

static void
texts_stand_where_the_form_has_them(void **state)
{
	/* In cm from the left margin, which is 2.5; half a millimetre. */
	static const struct {
		const char *text;
		double x;
	} places[] = { { "正本", 0 }, { "保存年限", 9.0 },
		{ "地址", 16.29 / 2 }, { "受文者", 0 }, { "發文日期", 0 },
		{ "主旨", 0 }, { "1份", 3 * 16 * 2.54 / 72 }, { "說明", 0 },
		{ "一、", 16 * 2.54 / 72 }, { "縣長", 6.5 } };
	struct render_report report;
	struct bytes pdf = print_case("letter", &report);
	char *boxes = render_text(&pdf, "-bbox");
	double x, y, next_y;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		place_of(boxes, places[i].text, &x, &y);
		if (x - (2.5 + places[i].x) * point_per_cm > 1.4 ||
		    x - (2.5 + places[i].x) * point_per_cm < -1.4)
			fail_msg("%s stands at %.2f cm", places[i].text,
			    x / point_per_cm - 2.5);
	}
	/* From line to line: 0.88 cm of 16 points, 0.6 cm of 12 points. */
	place_of(boxes, "主旨", &x, &y);
	place_of(boxes, "1份", &x, &next_y);
	assert_true(next_y - y > 24.9 && next_y - y < 25.0);
	place_of(boxes, "發文日期", &x, &y);
	place_of(boxes, "發文字號", &x, &next_y);
	assert_true(next_y - y > 16.95 && next_y - y < 17.05);
	free(boxes);
	bytes_free(&pdf);
}

static void
the_same_input_gives_the_same_bytes(void **state)
{
	struct render_report report;
	struct bytes first = print_case("deep", &report);
	struct bytes between = print_case("long", &report);
	struct bytes again = print_case("deep", &report);
	const char *const argv[] = { "/proc/self/exe", "--print", NULL };
	/* Another process: other addresses, other hashes of them. */
	char path[4096];
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 1);
	const char *const self[] = { path, argv[1], NULL };
	struct bytes other;

	(void)state;
	assert_true(len > 0);
	path[len] = '\0';
	other = render_tool(&first, self);
	assert_int_equal(first.len, again.len);
	assert_memory_equal(first.data, again.data, first.len);
	assert_int_equal(first.len, other.len);
	assert_memory_equal(first.data, other.data, first.len);
	bytes_free(&first);
	bytes_free(&between);
	bytes_free(&again);
	bytes_free(&other);
}

static void
a_received_copy_says_so(void **state)
{
	struct render_report report;
	struct bytes pdf = print_case("received", &report);
	char *text = stripped(&pdf);

	(void)state;
	assert_non_null(strstr(text, "電子公文"));
	assert_non_null(strstr(text, "收文號：1150004711"));
	assert_non_null(strstr(text, "收文時間：中華民國115年11月26日10:08"));
	/* Of this copy, not of the letter. */
	assert_non_null(strstr(text, "受文者：彰化縣政府"));
	assert_null(strstr(text, "如正副本行文單位"));
	assert_non_null(strstr(text,
	    "附件：如說明二（376490000A_1150012345A0C_ATTCH1.pdf"));
	/* Marks are seen, and not read. */
	assert_null(strstr(text, "騎縫"));
	assert_null(strstr(text, "裝"));
	free(text);
	bytes_free(&pdf);

	pdf = print_case("letter", &report);
	text = stripped(&pdf);
	assert_null(strstr(text, "收文"));
	assert_null(strstr(text, "電子公文"));
	free(text);
	bytes_free(&pdf);
}

/* How many dots of a column are dark, between two heights. */
static size_t
dark(const struct picture *picture, size_t x, size_t top, size_t bottom)
{
	size_t count = 0;

	for (size_t y = top; y < bottom; y++)
		count += picture->dots[y * picture->width + x] < 128;
	return count;
}

/*
 * The right edge of a page and the left edge of the next: laid together at
 * the line where both are cut, the outline of the mark goes on.
 */
static void
seam_marks_meet(void **state)
{
	enum { DPI = 144, CUT = 28 }; /* 0.5 cm */
	struct render_report report;
	struct bytes pdf = print_case("long", &report);

	(void)state;
	for (unsigned page = 1; page < report.page_count; page++) {
		struct picture right = render_picture(&pdf, page, DPI);
		struct picture left = render_picture(&pdf, page + 1, DPI);
		size_t top = right.height * 3 / 8 - 60;
		size_t bottom = right.height * 3 / 8 + 60;
		size_t at = right.width - CUT - 2;
		size_t same = 0;

		for (size_t y = top; y < bottom; y++)
			same += (right.dots[y * right.width + at] < 128) ==
			    (left.dots[y * left.width + CUT + 2] < 128);
		/* Both have the upper and the lower line of the box. */
		assert_true(dark(&right, at, top, bottom) >= 2);
		assert_true(dark(&left, CUT + 2, top, bottom) >= 2);
		assert_true(same >= (bottom - top) * 4 / 5);
		/* Nothing beyond the cut. */
		assert_int_equal(dark(&right, right.width - 10, 0, bottom), 0);
		assert_int_equal(dark(&left, 10, 0, bottom), 0);
		free(right.dots);
		free(left.dots);
	}
	bytes_free(&pdf);
}

static void
the_first_page_has_no_left_half_and_the_last_no_right_one(void **state)
{
	enum { DPI = 144 };
	struct render_report report;
	struct bytes pdf = print_case("long", &report);
	struct picture first = render_picture(&pdf, 1, DPI);
	struct picture last = render_picture(&pdf, report.page_count, DPI);

	(void)state;
	for (size_t x = 0; x < 70; x++) {
		assert_int_equal(dark(&first, x, 0, first.height), 0);
		assert_int_equal(dark(&last, last.width - 1 - x, 0,
				     last.height),
		    0);
	}
	free(first.dots);
	free(last.dots);
	bytes_free(&pdf);
}

static void
what_no_font_has_is_reported(void **state)
{
	struct render_report report;
	struct bytes pdf = print_case("deep", &report);
	char *text = stripped(&pdf);

	(void)state;
	assert_int_equal(report.missing_count, 3);
	assert_int_equal(report.missing[0], 0x9fc3);
	assert_int_equal(report.missing[1], 0x2bb6d);
	assert_int_equal(report.missing[2], 0x30ede);
	assert_non_null(strstr(text, "〔U+9FC3〕、〔U+2BB6D〕、〔U+30EDE〕"));
	/* Supplementary planes come back as what they are. */
	assert_non_null(
	    strstr(text, "𠀀（擴充B區）、𪜀（擴充C區）、䶮、㖞、㘎"));
	free(text);
	bytes_free(&pdf);
}

static void
what_is_reported_becomes_findings(void **state)
{
	const struct render_report report = { .missing = { 0x9fc3, 0x30ede },
		.missing_count = 2 };
	struct pool pool = { 0 };
	struct findings findings = { .pool = &pool };

	(void)state;
	render_report_findings(&report, "1.di", &findings);
	assert_int_equal(findings.count, 2);
	assert_int_equal(findings.warnings, 2);
	assert_string_equal(findings.items[1].rule, "E2160");
	assert_string_equal(findings.items[1].argument, "U+30EDE");
	assert_string_equal(findings.items[1].file, "1.di");
	pool_free(&pool);
}

/* ---- limits ---------------------------------------------------------- */

static const struct document empty = { .kind = DOC_KIND_LETTER,
	.name = "",
	.class_name = "",
	.issued_text = "",
	.secrecy = "",
	.declassify = "",
	.subject = "",
	.address = "",
	.addressee = "",
	.attachment_note = "",
	.venue = "",
	.unit = "",
	.handling = "",
	.signed_text = "" };

static int
print(const struct document *document, struct bytes *to,
    struct render_report *report, struct error *err)
{
	static const struct render_options options = { .created_at_ms = 1 };
	struct render_input input = { .document = document };

	return render_pdf(renderer, &input, &options, to, report, err);
}

static void
a_document_without_texts_is_a_page(void **state)
{
	(void)state;
	for (int kind = DOC_KIND_LETTER; kind <= DOC_KIND_OTHER; kind++) {
		struct document document = empty;
		struct render_report report;
		struct bytes pdf = { 0 };
		struct error err = { 0 };
		char *text;

		document.kind = (enum doc_kind)kind;
		/* What is there before stays. */
		bytes_put_text(&pdf, "before");
		assert_int_equal(print(&document, &pdf, &report, &err), 0);
		assert_memory_equal(pdf.data, "before%PDF-", 11);
		memmove(pdf.data, pdf.data + 6, pdf.len -= 6);
		text = stripped(&pdf);
		assert_non_null(strstr(text, "第1頁共1頁"));
		free(text);
		bytes_free(&pdf);
	}
}

/* 備註 with a label of its own loses neither. */
static void
remarks_keep_their_own_label(void **state)
{
	struct document_section remarks = { .label = "注意：",
		.text = "請自備環保杯。" };
	struct document document = empty;
	struct render_report report;
	struct bytes pdf = { 0 };
	struct error err = { 0 };
	char *text;

	(void)state;
	document.kind = DOC_KIND_MEETING;
	document.remarks = &remarks;
	assert_int_equal(print(&document, &pdf, &report, &err), 0);
	text = stripped(&pdf);
	assert_non_null(strstr(text, "備註：注意：請自備環保杯。"));
	free(text);
	bytes_free(&pdf);
}

static void
a_long_title_is_cut_before_its_kind(void **state)
{
	static const char class_name[] = "機密文書機密等級變更或註銷建議單";
	struct document_sender sender = { .name = "國家發展委員會檔案管理局" };
	struct document document = empty;
	struct render_report report;
	struct bytes pdf = { 0 };
	struct error err = { 0 };
	char *text;

	(void)state;
	document.class_name = class_name;
	document.senders = &sender;
	document.sender_count = 1;
	assert_int_equal(print(&document, &pdf, &report, &err), 0);
	text = render_text(&pdf, "-raw");
	assert_non_null(strstr(text,
	    "\n國家發展委員會檔案管理局\n"
	    "機密文書機密等級變更或註銷建議單\n"));
	free(text);
	bytes_free(&pdf);
}

/* Neither bytes that are no UTF-8 nor noncharacters, which XML allows. */
static void
a_title_of_any_bytes_is_printed(void **state)
{
	static const char *const subjects[] = { "甲\xff乙", "\xef\xb7\x90",
		"\xef\xbf\xbe", "\x01\n" };
	struct document document = empty;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(subjects); i++) {
		struct render_report report;
		struct bytes pdf = { 0 };
		struct error err = { 0 };

		document.subject = subjects[i];
		assert_int_equal(print(&document, &pdf, &report, &err), 0);
		bytes_free(&pdf);
	}
}

/* A letter may be 1 MiB; so many characters are printed. */
static void
a_letter_of_a_mebibyte_is_printed(void **state)
{
	static const char word[] = "公文電子交換，";
	struct document_section section = { .label = "說明：" };
	struct document document = empty;
	struct render_report report;
	struct bytes pdf = { 0 };
	struct bytes text = { 0 };
	struct error err = { 0 };

	(void)state;
	while (text.len < LETTER_LEN_MAX)
		bytes_put_text(&text, word);
	bytes_put_u8(&text, 0);
	section.text = (const char *)text.data;
	document.sections = &section;
	document.section_count = 1;
	assert_int_equal(print(&document, &pdf, &report, &err), 0);
	assert_true(report.page_count > 400);
	bytes_free(&pdf);
	bytes_free(&text);
}

static void
what_takes_too_many_pages_is_refused(void **state)
{
	enum { ITEMS = 20000 };
	static struct document_item items[ITEMS];
	struct document_section section = { .label = "說明：",
		.text = "",
		.items = items,
		.item_count = ITEMS };
	struct document document = empty;
	struct render_report report = { .page_count = 77 };
	struct bytes pdf = { 0 };
	struct error err = { 0 };

	(void)state;
	for (size_t i = 0; i < ITEMS; i++)
		items[i] =
		    (struct document_item){ .number = "一、", .text = "甲" };
	document.sections = &section;
	document.section_count = 1;
	bytes_put_text(&pdf, "before");
	assert_int_equal(print(&document, &pdf, &report, &err), -1);
	assert_string_equal(err.id, "E2295");
	assert_int_equal(err.code, ERROR_MALFORMED);
	assert_int_equal(pdf.len, strlen("before"));
	assert_int_equal(report.page_count, 77);
	bytes_free(&pdf);
}

static void
a_qr_text_that_is_too_long_is_refused(void **state)
{
	static char text[8000];
	struct render_receipt receipt = { "1", "1", text };
	struct render_options options = { .received = &receipt };
	struct render_input input = { .document = &empty };
	struct render_report report;
	struct bytes pdf = { 0 };
	struct error err = { 0 };

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	assert_int_equal(render_pdf(renderer, &input, &options, &pdf, &report,
			     &err),
	    -1);
	assert_string_equal(err.id, "E2296");
	assert_int_equal(pdf.len, 0);
	bytes_free(&pdf);
}

/* For a second process: the PDF of "deep" to standard output. */
static int
print_alone(void)
{
	struct render_report report;
	struct bytes pdf;

	if (open_fonts(NULL) < 0)
		return EXIT_FAILURE;
	pdf = print_case("deep", &report);
	if (fwrite(pdf.data, pdf.len, 1, stdout) != 1)
		return EXIT_FAILURE;
	bytes_free(&pdf);
	return close_fonts(NULL);
}

int
main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_text_of_a_letter_comes_back),
		cmocka_unit_test(every_field_is_there_in_the_order_of_the_form),
		cmocka_unit_test(a_roster_lists_everyone),
		cmocka_unit_test(no_line_of_a_page_breaks_the_rules),
		cmocka_unit_test(fonts_are_embedded_as_subsets),
		cmocka_unit_test(a_pdf_says_what_it_is),
		cmocka_unit_test(tags_tell_title_items_and_rows),
		cmocka_unit_test(texts_stand_where_the_form_has_them),
		cmocka_unit_test(the_same_input_gives_the_same_bytes),
		cmocka_unit_test(a_received_copy_says_so),
		cmocka_unit_test(seam_marks_meet),
		cmocka_unit_test(
		    the_first_page_has_no_left_half_and_the_last_no_right_one),
		cmocka_unit_test(what_no_font_has_is_reported),
		cmocka_unit_test(what_is_reported_becomes_findings),
		cmocka_unit_test(a_document_without_texts_is_a_page),
		cmocka_unit_test(remarks_keep_their_own_label),
		cmocka_unit_test(a_long_title_is_cut_before_its_kind),
		cmocka_unit_test(a_title_of_any_bytes_is_printed),
		cmocka_unit_test(a_letter_of_a_mebibyte_is_printed),
		cmocka_unit_test(what_takes_too_many_pages_is_refused),
		cmocka_unit_test(a_qr_text_that_is_too_long_is_refused),
	};

	if (argc == 2 && text_equal(argv[1], "--print"))
		return print_alone();
	return cmocka_run_group_tests(tests, open_fonts, close_fonts);
}
