/*
 * Letters found by a part of their text: what is looked for, what is found, and
 * how fast with many (SEARCH_ROWS=1000000 build/tests/unit/test_search).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "gateway/gateway.h"
#include "gateway/inbox/inbox_rows.h"
#include "gateway/inbox/inbox_view.h"
#include "gateway/outbox/outbox.h"
#include "gateway/search/search.h"
#include "gateway/search/search_text.h"
#include "harness/scratch.h"
#include "json/json_write.h"
#include "store/rows.h"

static struct {
	char dir[SCRATCH_PATH_SIZE];
	struct rows *rows;
} desk;

static void
must(int rc, const struct error *err)
{
	if (rc < 0)
		fail_msg("%s", err->text);
}

static int
set_up(void **state)
{
	char path[SCRATCH_PATH_SIZE + 16];
	struct rows_options options = { .path = path,
		.application_id = 0x595a0003,
		.migrations = gateway_migrations,
		.migration_count = gateway_migration_count,
		.allow_volatile = true };
	struct error err = { 0 };

	(void)state;
	scratch_make(desk.dir);
	snprintf(path, sizeof(path), "%s/rows.db", desk.dir);
	must(rows_open(&options, &desk.rows, &err), &err);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	rows_close(desk.rows);
	scratch_remove(desk.dir);
	return 0;
}

static void
run(const char *sql)
{
	struct error err = { 0 };

	must(rows_run(desk.rows, sql, &err), &err);
}

/* ---- text ---------------------------------------------------------------- */

static void
expect_question(const char *text, const char *wanted)
{
	struct bytes to = { 0 };
	struct error err = { 0 };

	must(search_put_question(&to, text, &err), &err);
	bytes_put_u8(&to, '\0');
	assert_string_equal((const char *)to.data, wanted);
	bytes_free(&to);
}

static void
expect_nothing(const char *text)
{
	struct bytes to = { 0 };
	struct error err = { 0 };

	assert_int_equal(search_put_question(&to, text, &err), -1);
	assert_string_equal(error_message_id(&err), "E6921");
	bytes_free(&to);
}

static void
a_text_is_its_pairs(void **state)
{
	struct bytes to = { 0 };

	(void)state;
	search_put_pairs(&to, "台南 ＡＢ(1)");
	search_put_pairs(&to, "");
	search_put_pairs(&to, "字");
	bytes_put_u8(&to, '\0');
	assert_string_equal((const char *)to.data, "臺南 南a ab b1 1 ·  · 字");
	bytes_free(&to);
}

static void
a_question_is_phrases_of_pairs(void **state)
{
	char longest[SEARCH_QUESTION_MAX + 2];

	(void)state;
	expect_question("台南市", "\"臺南 南市\"");
	expect_question("  戶　Ｂ-1 ", "\"戶\" * AND \"b1\"");
	expect_question("\"x\" OR subject:y*",
	    "\"x\" * AND \"or\" AND "
	    "\"su ub bj je ec ct ty\"");
	expect_nothing("");
	expect_nothing(" \"()* ");
	memset(longest, 'a', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	expect_nothing(longest);
}

/* ---- letters ------------------------------------------------------------- */

static void
add_in(int place, const char *subject, const char *reference,
    const char *sender)
{
	char sql[1024];

	snprintf(sql, sizeof(sql),
	    "INSERT INTO inbox_letter (waybill_id, recipient, step, state,"
	    " is_due, rank, received_at, sender, document_id, subject,"
	    " reference, receive_number) VALUES (randomblob(16), '376470000A',"
	    " 9, 2, 0, 0, 0, '%s', randomblob(16), '%s', '%s', '115%07d');"
	    "UPDATE inbox_letter SET shown = %d WHERE shown = 0;",
	    sender, subject, reference, place, place);
	run(sql);
}

static void
fill(void)
{
	struct error err = { 0 };
	int count;

	do {
		must(rows_begin(desk.rows, &err), &err);
		count = search_fill(desk.rows, NULL, 500, &err);
		must(count, &err);
		must(rows_commit(desk.rows, &err), &err);
	} while (count > 0);
}

/* Places, newest first, such as "3 1 ". */
static void
find_in(const char *text, struct inbox_filter *filter, char to[64])
{
	static const struct inbox_view all = { .scope = "" };
	struct bytes question = { 0 };
	struct error err = { 0 };
	int64_t list[8];
	size_t count;

	must(search_put_question(&question, text, &err), &err);
	bytes_put_u8(&question, '\0');
	if (filter->view == NULL)
		filter->view = &all;
	filter->question = (const char *)question.data;
	must(inbox_row_list_before(desk.rows, INT64_MAX, filter, list, 8,
		 &count, &err),
	    &err);
	to[0] = '\0';
	for (size_t i = 0; i < count; i++)
		snprintf(to + strlen(to), 64 - strlen(to), "%d ", (int)list[i]);
	bytes_free(&question);
}

static void
expect_in(const char *text, const char *wanted)
{
	struct inbox_filter filter = { .state = INBOX_STATE_COUNT };
	char found[64];

	find_in(text, &filter, found);
	assert_string_equal(found, wanted);
}

static void
letters_are_found_by_any_part(void **state)
{
	struct inbox_filter filter = { .state = INBOX_CONFIRMED };
	const struct inbox_view limited = { .scope = "",
		.unit = "TAX",
		.is_limited = true,
		.person = 7 };
	char found[64];

	(void)state;
	add_in(1, "檢送臺19線橋梁修復計畫", "府工字第1150000012號",
	    "376470000A");
	add_in(2, "函轉戶政事務所通知", "府民字第1150000345號", "376490000A");
	add_in(3, "戶籍", "政字第1號", "376490000A");
	expect_in("戶政", "");
	fill();
	expect_in("戶政", "2 ");
	expect_in("戶", "3 2 ");
	expect_in("籍", "3 ");
	expect_in("台１９", "1 ");
	expect_in("0000345", "2 ");
	expect_in("1150000003", "3 ");
	expect_in("376490000", "3 2 ");
	expect_in("戶 376490000A 通知", "2 ");
	expect_in("戶 橋", "");
	/* What ends one column and begins another is no text. */
	expect_in("籍政", "");
	run("UPDATE inbox_letter SET state = 3, unit = 'TAX' WHERE shown = 2");
	find_in("戶", &filter, found);
	assert_string_equal(found, "2 ");
	filter = (struct inbox_filter){ .state = INBOX_STATE_COUNT,
		.view = &limited };
	find_in("戶", &filter, found);
	assert_string_equal(found, "2 ");
}

static void
sent_letters_are_found_by_recipients(void **state)
{
	const struct outbox_reading reading = { .rows = desk.rows,
		.scope = "" };
	struct bytes json = { 0 };
	struct json_writer writer = json_writer_to(&json);
	struct error err = { 0 };

	(void)state;
	run("INSERT INTO outbox_document (id, document_id, key, digest,"
	    " is_draft, sender, reference, subject, created_at, findings,"
	    " trace) VALUES (1, randomblob(16), '', zeroblob(32), 1,"
	    " '376470000A', '府字第7號', '檢送紀錄', 0, x'5b5d', ''),"
	    " (2, randomblob(16), '', zeroblob(32), 1, '376470000A',"
	    " '府字第8號', '檢送附件', 0, x'5b5d', '')");
	run("INSERT INTO outbox_waybill (id, document, step, waybill_id,"
	    " with_attachments, created_at, not_after, digest, package,"
	    " payload, content_len, cms, secret, head, rank, speed) VALUES"
	    " (1, 1, 0, randomblob(16), 1, 0, 0, randomblob(32), zeroblob(32),"
	    " 0, 0, zeroblob(1), zeroblob(1), zeroblob(32), 0, 2)");
	run("INSERT INTO outbox_delivery (waybill, recipient, name, is_copy,"
	    " center, leaf, leaf_json, key_part, state, reached, flags, since,"
	    " reason) VALUES (1, '376530000A', '屏東縣政府', 0, '', zeroblob(32),"
	    " x'00', x'00', 0, 0, 0, 0, ''), (1, '376490000A', '雲林縣政府',"
	    " 0, '', zeroblob(32), x'00', x'00', 0, 0, 0, 0, '')");
	/* The later one is ready first. */
	run("UPDATE outbox_document SET is_draft = 0 WHERE id = 2");
	fill();
	run("UPDATE outbox_document SET is_draft = 0 WHERE id = 1");
	fill();
	must(outbox_read_list(&reading, "雲林 檢送", "", 10, &writer, &err),
	    &err);
	bytes_put_u8(&json, '\0');
	assert_non_null(strstr((const char *)json.data, "檢送紀錄"));
	assert_null(strstr((const char *)json.data, "檢送附件"));
	bytes_free(&json);
}

static void
many_letters_are_found_quickly(void **state)
{
	static const char *const texts[] = { "請查照", "臺南市第77號", "照",
		"00012345", "沒有的字" };
	const char *wanted = getenv("SEARCH_ROWS");
	struct inbox_filter filter = { .state = INBOX_STATE_COUNT };
	uint64_t count = 2000;
	char sql[1024];
	char found[64];
	clock_t begin;

	(void)state;
	if (wanted != NULL)
		assert_true(text_parse_u64(wanted, 10000000, &count));
	snprintf(sql, sizeof(sql),
	    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
	    " WHERE i < %d) INSERT INTO inbox_letter (waybill_id, recipient,"
	    " step, state, is_due, rank, received_at, sender, document_id,"
	    " subject, reference, shown) SELECT randomblob(16), '376470000A',"
	    " 9, 2, 0, 0, i, '37649000' || (i %% 7) || 'A', randomblob(16),"
	    " '檢送本府' || (i %% 1000) || '年度臺南市第' || (i %% 997) ||"
	    " '號演習計畫及附件各1份，請查照並轉知所屬。',"
	    " printf('府計管一字第115%%08d號', i), i FROM n",
	    (int)count);
	run(sql);
	begin = clock();
	fill();
	print_message("%llu letters put in within %.1f s\n",
	    (unsigned long long)count,
	    (double)(clock() - begin) / CLOCKS_PER_SEC);
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		begin = clock();
		find_in(texts[i], &filter, found);
		print_message("%s: %.1f ms\n", texts[i],
		    1000.0 * (double)(clock() - begin) / CLOCKS_PER_SEC);
		assert_true((found[0] == '\0') ==
		    (i == 4 || (i == 3 && count < 12345)));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_text_is_its_pairs),
		cmocka_unit_test(a_question_is_phrases_of_pairs),
		cmocka_unit_test_setup_teardown(letters_are_found_by_any_part,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    sent_letters_are_found_by_recipients, set_up, tear_down),
		cmocka_unit_test_setup_teardown(many_letters_are_found_quickly,
		    set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
