#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "document/clock_text.h"
#include "document/file_name.h"
#include "document/file_type.h"
#include "document/finding.h"
#include "document/name_fold.h"
#include "document/pool.h"
#include "document/roc_date.h"
#include "document/utf8.h"

static void
dates_of_letters_are_read_in_every_way_they_are_written(void **state)
{
	static const char *const good[] = { "中華民國115年11月20日",
		"115年11月20日", "民國115年11月20日",
		" 中華民國 115 年 11 月 20 日 ", "中華民國１１５年１１月２０日",
		"中華民國115年011月20日" };
	struct roc_date date;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		memset(&date, 0, sizeof(date));
		assert_true(roc_date_parse(good[i], &date));
		assert_int_equal(date.year, 115);
		assert_int_equal(date.month, 11);
		assert_int_equal(date.day, 20);
	}
	assert_true(roc_date_parse("113年2月29日", &date));
}

static void
a_day_that_does_not_exist_is_no_date(void **state)
{
	static const char *const bad[] = { "", "中華民國", "115年11月",
		"115年2月29日", "115年13月1日", "115年0月1日", "115年4月31日",
		"0年1月1日", "201年1月1日", "1150年1月1日", "2026年11月20日",
		"115/11/20", "115年11月20日止", "-115年1月1日", "00115年1月1日",
		"中華民國一一五年十一月二十日", "115年\xef\xbc" };
	struct roc_date date = { 7, 7, 7 };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(roc_date_parse(bad[i], &date));
	assert_int_equal(date.year, 7);
}

static void
names_that_leave_their_folder_are_refused(void **state)
{
	char longest[FILE_NAME_MAX + 2];
	static const char *const bad[] = { "", ".", "..", "../a.pdf", "a/b.pdf",
		"/etc/passwd", "a\\b.pdf", "c:a.pdf", ".profile", "a.pdf.",
		"a.pdf ", " a.pdf", "a.pdf\xe3\x80\x80", "a\nb.pdf",
		"a\x7f.pdf", "a\xc2\x85.pdf", "a\xe2\x80\xae.exe",
		"a\xe2\x80\x8b.pdf", "a\xef\xbb\xbf.pdf", "a\xff.pdf", "CON",
		"con.pdf", "Nul.tar.gz", "LPT1.odt", "com0.x", "mimetype",
		"META-INF", "a?.pdf", "a*.pdf", "a|b.pdf", "<a>.pdf" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_non_null(file_name_broken_rule(bad[i]));
		assert_string_equal(file_name_broken_rule(bad[i]), "E2120");
	}
	memset(longest, 'a', sizeof(longest));
	longest[FILE_NAME_MAX] = '\0';
	assert_null(file_name_broken_rule(longest));
	longest[FILE_NAME_MAX] = 'a';
	longest[FILE_NAME_MAX + 1] = '\0';
	assert_string_equal(file_name_broken_rule(longest), "E2120");
}

static void
names_of_programs_are_refused_behind_any_other_ending(void **state)
{
	static const char *const bad[] = { "a.exe", "a.pdf.exe", "A.PDF.EXE",
		"公文.pdf.lnk", "a.odt.js", "a.ps1", "a.url", "a.hta",
		"a.pdf          .scr" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_non_null(file_name_broken_rule(bad[i]));
		assert_string_equal(file_name_broken_rule(bad[i]), "E2121");
	}
}

static void
names_of_real_attachments_are_good(void **state)
{
	static const char *const good[] = { "1_公共程式提交附件案例.pdf.pdf",
		"376490000A_1150012345A0C_ATTCH1.pdf", "100% 報告 #1.odt",
		"會議紀錄（稿）.docx", "console.pdf", "com10.pdf",
		"www.example.com.pdf", "a", "exe" };

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_null(file_name_broken_rule(good[i]));
}

static enum file_type
type_of(const char *bytes, size_t len)
{
	return file_type_of((const uint8_t *)bytes, len);
}

#define TYPE_OF(text) type_of(text, sizeof(text) - 1)

static void
programs_are_known_by_their_first_bytes(void **state)
{
	(void)state;
	assert_true(file_type_is_refused(TYPE_OF("MZ\x90\0\x03\0\0\0")));
	assert_true(file_type_is_refused(TYPE_OF("\x7f"
						 "ELF\x02\x01\x01")));
	assert_true(file_type_is_refused(TYPE_OF("\xcf\xfa\xed\xfe\x07")));
	assert_true(file_type_is_refused(TYPE_OF("#!/bin/sh\n")));
	assert_true(file_type_is_refused(TYPE_OF("\xef\xbb\xbf#!/bin/sh\n")));
	assert_true(file_type_is_refused(TYPE_OF("@ECHO OFF\r\ndel *.*")));
	assert_true(
	    file_type_is_refused(TYPE_OF("L\0\0\0\x01\x14\x02\0\0\0\0\0\xc0")));
	assert_true(file_type_is_refused(
	    TYPE_OF("[InternetShortcut]\r\nURL=file://x")));
	assert_true(
	    file_type_is_refused(TYPE_OF("<html><SCRIPT>alert(1)</SCRIPT>")));
	assert_true(file_type_is_refused(TYPE_OF("<?php system('x');")));
	assert_true(file_type_is_refused(TYPE_OF(
	    "PK\x03\x04\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
	    "META-INF/MANIFEST.MF")));
}

static void
documents_are_known_by_their_first_bytes(void **state)
{
	(void)state;
	assert_int_equal(TYPE_OF("%PDF-1.7\n%\xe2\xe3"), FILE_TYPE_PDF);
	assert_int_equal(TYPE_OF("junk\0%PDF-1.7"), FILE_TYPE_PDF);
	assert_int_equal(TYPE_OF("\x89PNG\r\n\x1a\n"), FILE_TYPE_PNG);
	assert_int_equal(TYPE_OF("\xff\xd8\xff\xe0"), FILE_TYPE_JPEG);
	assert_int_equal(TYPE_OF("II*\0\x08"), FILE_TYPE_TIFF);
	assert_int_equal(TYPE_OF("7z\xbc\xaf\x27\x1c\0"), FILE_TYPE_7Z);
	assert_int_equal(TYPE_OF("PK\x03\x04 rest"), FILE_TYPE_ZIP);
	assert_int_equal(
	    TYPE_OF(
		"PK\x03\x04\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
		"\0\0\0\0\0mimetypeapplication/vnd.oasis.opendocument.text"),
	    FILE_TYPE_ODF);
	assert_int_equal(TYPE_OF("姓名,金額\r\n王,100\r\n"), FILE_TYPE_TEXT);
	assert_int_equal(TYPE_OF("\xa4\xe5\xa6\x72,1\r\n"), FILE_TYPE_TEXT);
	assert_int_equal(TYPE_OF("MZ is how this note begins"), FILE_TYPE_TEXT);
	assert_int_equal(TYPE_OF(""), FILE_TYPE_EMPTY);
	assert_int_equal(TYPE_OF("\0\1\2\3"), FILE_TYPE_UNKNOWN);
	assert_string_equal(file_type_name(FILE_TYPE_LINK), "link");
}

static void
a_name_that_promises_another_type_is_noticed(void **state)
{
	(void)state;
	assert_true(file_type_fits_name(FILE_TYPE_PDF, "a.PDF"));
	assert_false(file_type_fits_name(FILE_TYPE_ZIP, "a.pdf"));
	assert_true(file_type_fits_name(FILE_TYPE_TEXT, "a.csv"));
	assert_true(file_type_fits_name(FILE_TYPE_UNKNOWN, "a.dwg"));
}

static void
assert_folds_alike(const char *a, const char *b)
{
	struct bytes left = { 0 };
	struct bytes right = { 0 };

	name_fold_put(&left, a);
	name_fold_put(&right, b);
	assert_false(left.failed || right.failed);
	assert_int_equal(left.len, right.len);
	assert_memory_equal(left.data, right.data, left.len);
	bytes_free(&left);
	bytes_free(&right);
}

static void
one_organisation_written_two_ways_folds_alike(void **state)
{
	(void)state;
	assert_folds_alike("台北市政府", "臺北市政府");
	assert_folds_alike("ＡＢＣ股份（有）", "abc股份(有)");
	assert_folds_alike("內政部　戶政司", "內政部戶政司");
	assert_folds_alike("國立\xe2\x80\x8b臺灣大學", " 國立台灣大學\n");
}

static void
broken_utf8_is_read_without_leaving_the_text(void **state)
{
	const char *text = "\xe5\x85";

	(void)state;
	assert_int_equal(utf8_next(&text), UTF8_BROKEN);
	assert_int_equal(utf8_next(&text), 0);
	assert_int_equal(utf8_next(&text), 0);
}

static void
errors_find_room_after_any_number_of_warnings(void **state)
{
	struct pool pool = { 0 };
	struct findings findings = { .pool = &pool };
	struct finding_place place = { "1.di", 1, 0, NULL };

	(void)state;
	for (int i = 0; i < 1000; i++)
		findings_add(&findings, &place, "E2133", "x");
	assert_int_equal(findings.count, FINDINGS_WARNINGS_MAX);
	assert_int_equal(findings.error_total, 0);
	for (int i = 0; i < 1000; i++)
		findings_add(&findings, &place, "E2101", "x");

	assert_int_equal(findings.count, FINDINGS_MAX);
	assert_int_equal(findings.error_total, 1000);
	assert_int_equal(findings.left_out, 2000 - FINDINGS_MAX);
	assert_false(findings_has_room(&findings, "E2101"));
	pool_free(&pool);
}

static void
a_long_argument_is_cut_between_characters(void **state)
{
	struct pool pool = { 0 };
	struct findings findings = { .pool = &pool };
	struct finding_place place = { "1.di", 1, 0, NULL };
	char text[3 * 200 + 1];
	const char *kept;

	(void)state;
	for (size_t i = 0; i < 200; i++)
		memcpy(text + 3 * i, "臺", 4);
	findings_add(&findings, &place, "E2101", text);

	kept = findings.items[0].argument;
	assert_int_equal(strlen(kept), 399 + 3);
	assert_string_equal(kept + 399, "…");
	pool_free(&pool);
}

static void
pool_memory_is_zero_and_aligned(void **state)
{
	struct pool pool = { 0 };
	char *big;

	(void)state;
	assert_string_equal(pool_text_len(&pool, "abc", 1), "a");
	assert_int_equal((uintptr_t)pool_alloc(&pool, 3, 8) %
		sizeof(max_align_t),
	    0);
	big = pool_alloc(&pool, 100000, 1);
	assert_non_null(big);
	for (size_t i = 0; i < 100000; i++)
		assert_int_equal(big[i], 0);
	assert_null(pool_alloc(&pool, SIZE_MAX / 2, 16));
	assert_true(pool.failed);
	pool_free(&pool);
}

static const char *
code_name(enum error_code code)
{
	return code == ERROR_DENIED ? "code = denied\n" : "code = malformed\n";
}

static void
every_rule_is_explained_in_the_catalogue(void **state)
{
	const char *root = getenv("SOURCE_ROOT");
	char path[4096];
	static char text[1 << 20];
	enum error_code code;
	const char *rule;
	FILE *file;
	size_t len;

	(void)state;
	assert_non_null(root);
	snprintf(path, sizeof(path), "%s/data/messages/catalogue.ini", root);
	file = fopen(path, "rb");
	assert_non_null(file);
	len = fread(text, 1, sizeof(text) - 1, file);
	text[len] = '\0';
	fclose(file);
	for (size_t i = 0; (rule = finding_rule_at(i, &code)) != NULL; i++) {
		char head[16];
		const char *entry;

		snprintf(head, sizeof(head), "[%s]\n", rule);
		entry = strstr(text, head);
		if (entry == NULL)
			fail_msg("%s is not in the catalogue", rule);
		assert_memory_equal(entry + strlen(head), code_name(code),
		    strlen(code_name(code)));
	}
}

static void
weekdays_are_written_in_many_ways(void **state)
{
	static const struct {
		const char *text;
		int weekday;
	} texts[] = { { "星期日", 0 }, { "星期天", 0 }, { "星期一", 1 },
		{ "週二", 2 }, { "禮拜三", 3 }, { "四", 4 },
		{ "（星期五）", 5 }, { "(六)", 6 }, { " 星期 一 ", 1 } };
	static const char *const bad[] = { "", "星期", "星期七", "星期一二",
		"(星期一", "Mon", "（一" };
	int weekday = -1;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		assert_true(weekday_parse(texts[i].text, &weekday));
		assert_int_equal(weekday, texts[i].weekday);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_false(weekday_parse(bad[i], &weekday));
}

static void
times_of_day_are_written_in_many_ways(void **state)
{
	static const struct {
		const char *text;
		int minutes;
	} texts[] = { { "8時30分", 510 }, { "上午8時30分", 510 },
		{ "下午20時30分", 1230 }, { "下午2時", 840 },
		{ "下午２時５分", 845 }, { "14時整", 840 },
		{ "上午9時半", 570 }, { "9:30", 570 }, { "09：05", 545 },
		{ "中午12時", 720 }, { "24時", 1440 }, { "0時0分", 0 },
		{ "晚上 7 點 15 分", 1155 } };
	static const char *const bad[] = { "", "時", "25時", "24時1分",
		"9時60分", "9", "9時分", "9時30分x", "九時", "100時",
		"下午13時99分", "-1時" };
	int minutes = -1;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		assert_true(clock_text_parse(texts[i].text, &minutes));
		assert_int_equal(minutes, texts[i].minutes);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_false(clock_text_parse(bad[i], NULL));
}

static void
dates_have_weekdays(void **state)
{
	static const struct {
		struct roc_date date;
		int weekday;
	} dates[] = { { { 115, 11, 20 }, 5 }, { { 115, 12, 1 }, 2 },
		{ { 59, 1, 1 }, 4 }, { { 58, 12, 31 }, 3 }, { { 1, 1, 1 }, 1 },
		{ { 113, 2, 29 }, 4 } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(dates); i++)
		assert_int_equal(roc_date_weekday(&dates[i].date),
		    dates[i].weekday);
}

/* Exactly where a letter may go to others than it says. */
static void
few_warnings_need_to_be_accepted(void **state)
{
	static const char *const rules[] = { "E2133", "E2134", "E2155" };
	enum error_code code;
	size_t count = 0;
	const char *rule;

	(void)state;
	for (size_t i = 0; (rule = finding_rule_at(i, &code)) != NULL; i++)
		count += finding_rule_needs_accept(rule);
	assert_int_equal(count, ARRAY_LEN(rules));
	for (size_t i = 0; i < ARRAY_LEN(rules); i++)
		assert_true(finding_rule_needs_accept(rules[i]));
	assert_false(finding_rule_needs_accept("E9999"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    dates_of_letters_are_read_in_every_way_they_are_written),
		cmocka_unit_test(a_day_that_does_not_exist_is_no_date),
		cmocka_unit_test(names_that_leave_their_folder_are_refused),
		cmocka_unit_test(
		    names_of_programs_are_refused_behind_any_other_ending),
		cmocka_unit_test(names_of_real_attachments_are_good),
		cmocka_unit_test(programs_are_known_by_their_first_bytes),
		cmocka_unit_test(documents_are_known_by_their_first_bytes),
		cmocka_unit_test(a_name_that_promises_another_type_is_noticed),
		cmocka_unit_test(one_organisation_written_two_ways_folds_alike),
		cmocka_unit_test(broken_utf8_is_read_without_leaving_the_text),
		cmocka_unit_test(errors_find_room_after_any_number_of_warnings),
		cmocka_unit_test(a_long_argument_is_cut_between_characters),
		cmocka_unit_test(pool_memory_is_zero_and_aligned),
		cmocka_unit_test(every_rule_is_explained_in_the_catalogue),
		cmocka_unit_test(weekdays_are_written_in_many_ways),
		cmocka_unit_test(times_of_day_are_written_in_many_ways),
		cmocka_unit_test(dates_have_weekdays),
		cmocka_unit_test(few_warnings_need_to_be_accepted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
