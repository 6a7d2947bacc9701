/*
 * Big5: the table against the C library's, and files of the older families.
 */
#include <iconv.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "document/big5.h"
#include "document/utf8.h"
#include "harness/document_fixture.h"

static const char *const nothing[] = { NULL };

static struct big5_char
next_of(unsigned code)
{
	uint8_t bytes[2] = { (uint8_t)(code >> 8), (uint8_t)code };

	return big5_next(bytes, sizeof(bytes));
}

/* ---- the table ------------------------------------------------------- */

/* The code point that iconv has for two bytes; 0 for none. */
static uint32_t
iconv_point(iconv_t cd, unsigned code)
{
	char bytes[2] = { (char)(code >> 8), (char)code };
	char *in = bytes;
	uint32_t point[4] = { 0 };
	char *out = (char *)point;
	size_t in_left = sizeof(bytes);
	size_t out_left = sizeof(point);

	iconv(cd, NULL, NULL, NULL, NULL);
	if (iconv(cd, &in, &in_left, &out, &out_left) == (size_t)-1 ||
	    in_left > 0 || out_left != sizeof(point) - sizeof(point[0]))
		return 0;
	return point[0];
}

static void
the_table_is_that_of_code_page_950(void **state)
{
	iconv_t cd = iconv_open("UTF-32LE", "CP950");
	size_t plain = 0;
	size_t variant = 0;

	(void)state;
	if (cd == (iconv_t)-1)
		skip();
	for (unsigned code = 0xa140; code <= 0xf9fe; code++) {
		struct big5_char found = next_of(code);

		if (found.len == 1)
			continue;
		if (found.kind == BIG5_VARIANT) {
			variant++;
			continue;
		}
		assert_int_equal(found.kind == BIG5_BROKEN ? 0 : found.point,
		    iconv_point(cd, code));
		plain += found.kind == BIG5_PLAIN;
	}
	iconv_close(cd);
	assert_int_equal(plain, 13503);
	assert_int_equal(variant, 299);
}

static void
user_defined_areas_go_where_microsoft_puts_them(void **state)
{
	static const struct {
		unsigned code;
		uint32_t point;
	} cells[] = {
		{ 0xfa40, 0xe000 },
		{ 0xfefe, 0xe310 },
		{ 0x8e40, 0xe311 },
		{ 0xa0fe, 0xeeb7 },
		{ 0x8140, 0xeeb8 },
		{ 0x8dfe, 0xf6b0 },
		{ 0xc8fe, 0xf848 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cells) / sizeof(cells[0]); i++) {
		struct big5_char found = next_of(cells[i].code);

		assert_int_equal(found.kind, BIG5_PRIVATE);
		assert_int_equal(found.point, cells[i].point);
	}
	assert_int_equal(next_of(0xc6a1).point, 0x2460);
	assert_int_equal(next_of(0xc6a1).kind, BIG5_VARIANT);
}

static void
what_is_no_character_is_one_broken_byte(void **state)
{
	static const unsigned broken[] = { 0x8041, 0xff41, 0xa43c, 0xa47f,
		0xa4a0, 0xa4ff, 0xa400, 0x8130 };
	uint8_t lead = 0xa4;

	(void)state;
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		struct big5_char found = next_of(broken[i]);

		assert_int_equal(found.kind, BIG5_BROKEN);
		assert_int_equal(found.len, 1);
	}
	assert_int_equal(next_of(0xa3e2).kind, BIG5_BROKEN);
	assert_int_equal(next_of(0xa3e2).len, 2);
	assert_int_equal(big5_next(&lead, 1).kind, BIG5_BROKEN);
}

/* ---- files ----------------------------------------------------------- */

/* Append UTF-8 as Big5; what it has no bytes for ends the test. */
static void
put_big5(struct bytes *to, const char *text)
{
	static uint16_t codes[0x10000];
	uint32_t point;

	for (unsigned code = 0xf9fe; codes[0x3000] == 0 && code >= 0xa140;
	     code--) {
		struct big5_char found = next_of(code);

		if (found.len == 2 && found.kind == BIG5_PLAIN)
			codes[found.point] = (uint16_t)code;
	}
	while ((point = utf8_next(&text)) != 0) {
		if (point >= 0x80 && (point > 0xffff || codes[point] == 0))
			fail_msg("U+%04X is not in Big5", (unsigned)point);
		if (point < 0x80)
			bytes_put_u8(to, (uint8_t)point);
		else
			bytes_put_u16(to, codes[point]);
	}
}

static struct fixture
old_letter(void)
{
	struct fixture fixture = { 0 };

	fixture_add_sample(&fixture, "1.di", "rendered_13_99_letter_big5.di");
	fixture_add_sample(&fixture, "5874748926-1030000001.sw",
	    "rendered_14_99_roster_big5.sw");
	fixture_add(&fixture, "21329930_10670274800A0C_ATTCH1.doc",
	    "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8);
	return fixture;
}

static void
check_old_letter(const struct fixture *fixture)
{
	static const char *const rules[] = { "E2134", NULL };
	const struct document *document = fixture->report->document;
	const struct roster *roster = &fixture->report->rosters[0];

	fixture_assert_accepted(fixture);
	/* Its roster names a unit that the letter does not. */
	fixture_assert_rules(fixture, rules);
	assert_int_equal(document->kind, DOC_KIND_LETTER);
	assert_int_equal(document->model, DOC_MODEL_RECONSTRUCTED);
	assert_string_equal(document->class_name, "函");
	assert_string_equal(document->senders[0].name, "屏東縣政府");
	assert_string_equal(document->ref_nos[0].prefix, "屏府行字");
	assert_string_equal(document->ref_nos[0].year, "103");
	assert_int_equal(document->issued.year, 103);
	assert_string_equal(document->address, "屏東市自由路527號");
	assert_string_equal(document->contacts[0], "承辦人：黃○○");
	assert_string_equal(document->subject, "檢送會議紀錄1份，請查照。");
	assert_string_equal(document->attachment_note, "如文");
	assert_string_equal(document->attachments[0].name,
	    "21329930_10670274800A0C_ATTCH1.doc");
	assert_string_equal(document->originals[0].name, "彰化縣政府");
	assert_int_equal(document->copy_count, 0);
	assert_string_equal(document->signatures[0], "縣長　○○○");
	assert_int_equal(roster->model, DOC_MODEL_RECONSTRUCTED);
	assert_int_equal(roster->count, 2);
	assert_string_equal(roster->entries[1].name, "彰化縣政府教育處");
	assert_string_equal(roster->entries[1].code.text, "376470000AU040000");
	assert_false(roster->entries[1].with_attachments);
}

static void
a_letter_of_99_in_big5_is_read_whole(void **state)
{
	struct fixture fixture = old_letter();

	(void)state;
	fixture_check(&fixture);
	check_old_letter(&fixture);
	fixture_discard(&fixture);
}

static void
the_name_of_the_encoding_is_written_in_many_ways(void **state)
{
	static const char *const names[] = { "encoding=\"BIG5\"",
		"encoding='Big5'", "encoding = \"cp950\"",
		"encoding=\"MS950\"" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct fixture fixture = old_letter();

		fixture_change(&fixture, 0, "encoding=\"big5\"", names[i]);
		fixture_check(&fixture);
		check_old_letter(&fixture);
		fixture_discard(&fixture);
	}
}

static void
big5_behind_a_utf8_byte_order_mark_is_read(void **state)
{
	struct fixture fixture = old_letter();

	(void)state;
	fixture_change(&fixture, 0, "<?xml", "\xef\xbb\xbf<?xml");
	fixture_change(&fixture, 1, "<?xml", "\xef\xbb\xbf<?xml");
	fixture_check(&fixture);
	check_old_letter(&fixture);
	fixture_discard(&fixture);
}

/* Put the Big5 of a UTF-8 text in the place of an ASCII mark. */
static void
change_to_big5(struct fixture *fixture, size_t index, const char *mark,
    const char *text)
{
	struct bytes big5 = { 0 };

	put_big5(&big5, text);
	bytes_put_u8(&big5, 0);
	fixture_change(fixture, index, mark, (const char *)big5.data);
	bytes_free(&big5);
}

#define BIG5_NOTICE(family)                                                                       \
	"<?xml version=\"1.0\" encoding=\"big5\"?>\n"                                             \
	"<!DOCTYPE 公告 SYSTEM \"" family "3_big5.dtd\">\n"                                       \
	"<公告><發文機關><全銜>內政部</全銜><機關代碼>A01000000A</機關代碼>" \
	"</發文機關>"                                                                         \
	"<發文日期><年月日>中華民國９５年１月２日</年月日></發文日期>"   \
	"<發文字號><文字>台內字第一號</文字></發文字號>"                        \
	"<主旨><文字>許功蓋：{[|]}</文字></主旨></公告>\n"

/* Trail bytes of 許功蓋 are \, and others are [ ] { | } and letters. */
static void
every_family_is_read_in_big5(void **state)
{
	static const char *const texts[] = { BIG5_NOTICE("91_"),
		BIG5_NOTICE("93_"), BIG5_NOTICE("97_"), BIG5_NOTICE("99_"),
		BIG5_NOTICE("104_") };
	static const char *const rules[] = { "E2154", NULL };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct fixture fixture = { 0 };
		struct bytes text = { 0 };
		const struct document *document;

		put_big5(&text, texts[i]);
		fixture_add(&fixture, "1.di", text.data, text.len);
		bytes_free(&text);
		fixture_check(&fixture);
		fixture_assert_accepted(&fixture);
		fixture_assert_rules(&fixture, rules);
		document = fixture.report->document;
		assert_int_equal(document->kind, DOC_KIND_NOTICE);
		assert_int_equal(document->model, DOC_MODEL_RECONSTRUCTED);
		assert_string_equal(document->subject, "許功蓋：{[|]}");
		assert_string_equal(document->ref_nos[0].text, "台內字第一號");
		assert_int_equal(document->issued.year, 95);
		fixture_discard(&fixture);
	}
}

/* Two letters that are the same but for their encoding are read alike. */
static void
a_letter_of_104_in_big5_reads_like_the_one_in_utf8(void **state)
{
	struct fixture fixture = fixture_letter();
	struct bytes text = { 0 };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		bytes_clear(&text);
		bytes_put_u8(&fixture.texts[i], 0);
		put_big5(&text, (const char *)fixture.texts[i].data);
		bytes_clear(&fixture.texts[i]);
		bytes_put(&fixture.texts[i], text.data, text.len);
		fixture.files[i].data = fixture.texts[i].data;
		fixture.files[i].len = fixture.texts[i].len;
		fixture_change(&fixture, i, "encoding=\"utf-8\"",
		    "encoding=\"big5\"");
		fixture_change(&fixture, i, "_utf8.dtd", "_big5.dtd");
	}
	bytes_free(&text);
	fixture_check(&fixture);
	fixture_assert_accepted(&fixture);
	fixture_assert_rules(&fixture, nothing);
	assert_string_equal(fixture.report->document->sections[0].items[1].text,
	    "檢附簡報（PDF）及報名表（ODT）各1份。");
	assert_string_equal(fixture.report->rosters[1].entries[0].name,
	    "內政部戶政司");
	/* There is a published DTD for the other one alone. */
	assert_int_equal(fixture.report->document->model,
	    DOC_MODEL_RECONSTRUCTED);
	fixture_discard(&fixture);
}

static void
a_dtd_name_that_tells_another_encoding_is_a_warning(void **state)
{
	struct fixture fixture = old_letter();

	(void)state;
	fixture_change(&fixture, 0, "99_2_big5.dtd", "99_2_utf8.dtd");
	fixture_check(&fixture);
	fixture_assert_accepted(&fixture);
	assert_non_null(fixture_find(&fixture, "E2024"));
	fixture_discard(&fixture);
}

static void
a_character_of_ones_own_is_told_with_its_offset(void **state)
{
	struct fixture fixture = old_letter();
	const struct finding *finding;

	(void)state;
	fixture_change(&fixture, 0, "527", "\xfa\x40");
	fixture_check(&fixture);
	fixture_assert_accepted(&fixture);
	finding = fixture_the(&fixture, "E2014");
	assert_string_equal(finding->argument, "byte 376: FA40 U+E000");
	assert_int_equal(finding->line, 11);
	assert_int_equal(finding->column, 11);
	assert_string_equal(fixture.report->document->address,
	    "屏東市自由路\xee\x80\x80號");
	fixture_discard(&fixture);
}

static void
a_character_of_the_eten_extension_is_read_and_told(void **state)
{
	struct fixture fixture = old_letter();

	(void)state;
	fixture_change(&fixture, 0, "527", "\xc6\xa3");
	fixture_check(&fixture);
	fixture_assert_accepted(&fixture);
	assert_string_equal(fixture_the(&fixture, "E2015")->argument,
	    "byte 376: C6A3 U+2462");
	assert_string_equal(fixture.report->document->address,
	    "屏東市自由路③號");
	fixture_discard(&fixture);
}

/* Nothing is guessed, and the mark in front counts as part of the file. */
static void
bytes_without_a_character_are_refused_with_their_offset(void **state)
{
	struct fixture fixture = old_letter();

	(void)state;
	fixture_change(&fixture, 0, "527", "\xa3\xe2\xff");
	fixture_change(&fixture, 0, "<?xml", "\xef\xbb\xbf<?xml");
	fixture_check(&fixture);
	fixture_assert_refused(&fixture, "E2013");
	assert_int_equal(fixture_count(&fixture, "E2013"), 2);
	assert_string_equal(fixture_the(&fixture, "E2013")->argument,
	    "byte 379: A3E2");
	assert_int_equal(fixture_the(&fixture, "E2013")->line, 11);
	assert_null(fixture.report->document);
	fixture_discard(&fixture);
}

static void
half_a_character_at_the_end_is_refused(void **state)
{
	struct fixture fixture = old_letter();

	(void)state;
	fixture_change(&fixture, 0, "</\xa8\xe7>\n", "</\xa8\xe7>\n\xa4");
	fixture_check(&fixture);
	fixture_assert_refused(&fixture, "E2013");
	fixture_discard(&fixture);
}

static void
utf8_that_calls_itself_big5_is_refused_by_name(void **state)
{
	struct fixture fixture = fixture_letter();

	(void)state;
	fixture_change(&fixture, 0, "encoding=\"utf-8\"", "encoding=\"big5\"");
	fixture_check(&fixture);
	fixture_assert_refused(&fixture, "E2003");
	assert_string_equal(fixture_the(&fixture, "E2003")->argument,
	    "big5 (UTF-8)");
	fixture_discard(&fixture);
}

/* The same safe parser comes after the decoding: T-XML-01 in Big5. */
static void
big5_hides_no_entity(void **state)
{
	struct fixture fixture = old_letter();

	(void)state;
	fixture_change(&fixture, 0, "<!NOTATION DI SYSTEM \"\">",
	    "<!NOTATION DI SYSTEM \"\"><!ENTITY x SYSTEM \"/etc/passwd\">");
	fixture_check(&fixture);
	fixture_assert_refused(&fixture, "E2008");
	fixture_discard(&fixture);
}

static void
a_name_of_a_file_in_big5_is_one_in_unicode(void **state)
{
	struct fixture fixture = old_letter();

	(void)state;
	change_to_big5(&fixture, 0, "21329930_10670274800A0C_ATTCH1.doc",
	    "會議紀錄.doc");
	fixture.files[2].name = "會議紀錄.doc";
	fixture_check(&fixture);
	fixture_assert_accepted(&fixture);
	assert_string_equal(fixture.report->document->attachments[0].name,
	    "會議紀錄.doc");
	fixture_discard(&fixture);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_is_that_of_code_page_950),
		cmocka_unit_test(
		    user_defined_areas_go_where_microsoft_puts_them),
		cmocka_unit_test(what_is_no_character_is_one_broken_byte),
		cmocka_unit_test(a_letter_of_99_in_big5_is_read_whole),
		cmocka_unit_test(
		    the_name_of_the_encoding_is_written_in_many_ways),
		cmocka_unit_test(big5_behind_a_utf8_byte_order_mark_is_read),
		cmocka_unit_test(every_family_is_read_in_big5),
		cmocka_unit_test(
		    a_letter_of_104_in_big5_reads_like_the_one_in_utf8),
		cmocka_unit_test(
		    a_dtd_name_that_tells_another_encoding_is_a_warning),
		cmocka_unit_test(
		    a_character_of_ones_own_is_told_with_its_offset),
		cmocka_unit_test(
		    a_character_of_the_eten_extension_is_read_and_told),
		cmocka_unit_test(
		    bytes_without_a_character_are_refused_with_their_offset),
		cmocka_unit_test(half_a_character_at_the_end_is_refused),
		cmocka_unit_test(
		    utf8_that_calls_itself_big5_is_refused_by_name),
		cmocka_unit_test(big5_hides_no_entity),
		cmocka_unit_test(a_name_of_a_file_in_big5_is_one_in_unicode),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
