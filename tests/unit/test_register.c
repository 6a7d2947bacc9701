/*
 * Registers and statistics: cells that spreadsheet programs take for texts,
 * pieces that make the whole, and sums that are what counting would give.
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
#include "gateway/register/register.h"
#include "gateway/search/search.h"
#include "gateway/search/search_text.h"
#include "harness/scratch.h"
#include "json/json_write.h"
#include "store/query.h"
#include "store/rows.h"

static struct {
	char dir[SCRATCH_PATH_SIZE];
	struct rows *rows;
} desk;

static const struct org_code us = { "376470000A" };
static const int64_t day_20000 = INT64_C(20000) * 24 * 3600 * 1000;

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

static int64_t
number(const char *sql)
{
	struct error err = { 0 };
	struct query *query;
	int64_t found;

	must(query_begin(desk.rows, sql, &query, &err), &err);
	assert_int_equal(query_next(query, &err), 1);
	found = query_int(query, 0);
	query_end(query);
	return found;
}

/* ---- cells -------------------------------------------------------------- */

static const struct register_column two[] = { { "a", "甲" }, { "b", "乙" } };

static void
write_rows(enum register_format format, const char *text, struct bytes *to)
{
	struct register_table table = { .format = format,
		.name = "表<1>",
		.columns = two,
		.count = 2,
		.to = to };

	register_table_head(&table);
	register_table_begin_row(&table);
	register_table_text(&table, text);
	register_table_number(&table, -5);
	register_table_end_row(&table);
	register_table_tail(&table);
	bytes_put_u8(to, '\0');
	assert_false(to->failed);
}

static void
no_cell_of_csv_is_a_formula(void **state)
{
	static const struct {
		const char *text, *cell;
	} cases[] = {
		{ "=1+1", "\"'=1+1\"" },
		{ "+1", "\"'+1\"" },
		{ "-1", "\"'-1\"" },
		{ "@SUM(A1)", "\"'@SUM(A1)\"" },
		{ "\t=1", "\"'\t=1\"" },
		{ "\r=1", "\"' =1\"" },
		{ "＝1", "\"'＝1\"" },
		{ "主旨=1", "\"主旨=1\"" },
		{ "a\"b,c", "\"a\"\"b,c\"" },
		{ "a\r\nb", "\"a  b\"" },
		{ "", "\"\"" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct bytes to = { 0 };
		char wanted[128];

		write_rows(REGISTER_CSV, cases[i].text, &to);
		snprintf(wanted, sizeof(wanted),
		    "\xef\xbb\xbf\"甲\",\"乙\"\r\n%s,-5\r\n", cases[i].cell);
		assert_string_equal(to.data, wanted);
		bytes_free(&to);
	}
}

static void
texts_of_ods_are_texts(void **state)
{
	struct bytes to = { 0 };

	(void)state;
	write_rows(REGISTER_ODS, "=1<&>\"\x01\xef\xbf\xbf", &to);
	assert_non_null(strstr((const char *)to.data,
	    "<table:table-cell office:value-type=\"string\"><text:p>"
	    "=1&lt;&amp;&gt;&quot;  "));
	assert_non_null(
	    strstr((const char *)to.data, "table:name=\"表&lt;1&gt;\""));
	assert_non_null(strstr((const char *)to.data, "office:value=\"-5\""));
	assert_null(strstr((const char *)to.data, "formula"));
	bytes_free(&to);
}

static void
days_are_days(void **state)
{
	static const char *const bad[] = { "", "2026-11-31", "2026-1-1",
		"2026-11-27T", "20261127", "2026/11/27", "x026-11-27" };
	char text[REGISTER_DAY_SIZE];
	int64_t day;

	(void)state;
	assert_true(register_day_parse("2026-11-27", &day));
	register_day_format(day, text);
	assert_string_equal(text, "2026-11-27");
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_false(register_day_parse(bad[i], &day));
}

/* ---- letters ------------------------------------------------------------ */

/*
 * `count` letters on ten days from day 20000 on, of seven senders, each with a
 * DI and two attachments, opened the way rows of the inbox are.
 */
static void
add_letters(int count)
{
	char sql[2048];

	snprintf(sql, sizeof(sql),
	    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
	    " WHERE i < %d) INSERT INTO inbox_letter (waybill_id, recipient,"
	    " step, state, is_due, rank, received_at, speed, sender,"
	    " document_id, subject, reference) SELECT"
	    " randomblob(16), '376470000A', 9, 1, 0, 0,"
	    " %lld + (i %% 10) * 86400000 + i, i %% 3,"
	    " '37649000' || (i %% 7) || 'A', randomblob(16), '主旨', '字'"
	    " FROM n",
	    count, (long long)day_20000);
	run(sql);
	run("INSERT INTO inbox_file (letter, position, name, offset, len,"
	    " digest) SELECT id, 0, '1.di', 0, 1, zeroblob(32)"
	    " FROM inbox_letter UNION ALL SELECT id, 1, CASE id % 3"
	    " WHEN 0 THEN 'a.ODT' WHEN 1 THEN 'a.docx' ELSE 'a.pdf' END, 0, 1,"
	    " zeroblob(32) FROM inbox_letter");
	run("UPDATE inbox_letter SET state = 2, shown = id");
	run("UPDATE inbox_letter SET state = 3 WHERE id % 2 = 0");
	run("UPDATE inbox_letter SET state = 4 WHERE id % 5 = 1");
}

static struct register_ask
ask_for(enum register_format format)
{
	return (struct register_ask){ .organisation = us,
		.from_day = 20000,
		.until_day = 20010,
		.question = "",
		.state = "",
		.unit = "",
		.speed = "",
		.cursor = "",
		.limit = 500,
		.budget = 4000,
		.format = format };
}

static size_t
count_of(const struct bytes *text, const char *what)
{
	const char *at = (const char *)text->data;
	size_t count = 0;

	while ((at = strstr(at, what)) != NULL) {
		count++;
		at += strlen(what);
	}
	return count;
}

static void
pieces_make_the_whole(void **state)
{
	struct register_ask ask = ask_for(REGISTER_CSV);
	struct register_piece piece = { 0 };
	struct bytes whole = { 0 };
	char cursor[REGISTER_CURSOR_SIZE] = "";
	struct error err = { 0 };
	size_t pieces = 0;

	(void)state;
	add_letters(1234);
	ask.cursor = cursor;
	ask.limit = 100;
	piece.to = &whole;
	do {
		piece.next[0] = '\0';
		must(register_read_in(desk.rows, NULL, &ask, &piece, &err),
		    &err);
		memcpy(cursor, piece.next, sizeof(cursor));
		pieces++;
	} while (cursor[0] != '\0');
	bytes_put_u8(&whole, '\0');
	assert_int_equal(pieces, 13);
	assert_int_equal(count_of(&whole, "\r\n"), 1235);
	assert_int_equal(count_of(&whole, "已退文"), 247);
	bytes_free(&whole);

	/* A period has its first and its last day. */
	ask.from_day = ask.until_day = 20003;
	ask.limit = 500;
	cursor[0] = '\0';
	must(register_read_in(desk.rows, NULL, &ask, &piece, &err), &err);
	bytes_put_u8(&whole, '\0');
	assert_int_equal(count_of(&whole, "\r\n"), 1 + 124);
	bytes_free(&whole);
}

/* ---- which of them ------------------------------------------------------ */

/* Rows of all pieces: how many have `what`, and how many pieces there were. */
struct found {
	size_t rows;
	size_t marked;
	size_t pieces;
};

static struct found
find(struct register_ask ask, bool is_in, const char *text, const char *mark)
{
	struct register_piece piece = { 0 };
	struct bytes question = { 0 };
	struct bytes whole = { 0 };
	struct found found = { 0 };
	char cursor[REGISTER_CURSOR_SIZE] = "";
	struct error err = { 0 };

	if (text[0] != '\0')
		must(search_put_question(&question, text, &err), &err);
	bytes_put_u8(&question, '\0');
	ask.question = (const char *)question.data;
	ask.cursor = cursor;
	piece.to = &whole;
	do {
		piece.next[0] = '\0';
		must(is_in
			? register_read_in(desk.rows, NULL, &ask, &piece, &err)
			: register_read_out(desk.rows, &ask, &piece, &err),
		    &err);
		memcpy(cursor, piece.next, sizeof(cursor));
		found.pieces++;
		assert_true(found.pieces < 1000);
	} while (cursor[0] != '\0');
	bytes_put_u8(&whole, '\0');
	found.rows = count_of(&whole, "\r\n") - 1;
	found.marked = mark[0] != '\0' ? count_of(&whole, mark) : 0;
	bytes_free(&question);
	bytes_free(&whole);
	return found;
}

static void
fill_index(void)
{
	struct error err = { 0 };
	int count;

	run("BEGIN");
	do {
		count = search_fill(desk.rows, NULL, 1000, &err);
		must(count, &err);
	} while (count > 0);
	run("COMMIT");
}

/*
 * `count` letters, in the order of time, one each minute from day 20000 on; each
 * 100th is about 農地 and for unit PLAN.
 */
static void
add_in_order(int count)
{
	char sql[1024];

	snprintf(sql, sizeof(sql),
	    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
	    " WHERE i < %d) INSERT INTO inbox_letter (waybill_id, recipient,"
	    " step, state, is_due, rank, received_at, speed, sender, unit,"
	    " document_id, subject, reference) SELECT"
	    " randomblob(16), '376470000A', 9, 1, 0, 0,"
	    " %lld + i * 60000, 0, '376490000A',"
	    " CASE WHEN i %% 100 = 0 THEN 'PLAN' ELSE '' END, randomblob(16),"
	    " CASE WHEN i %% 100 = 0 THEN '農地重劃' ELSE '檢送紀錄' END,"
	    " printf('府字第%%07d號', i) FROM n",
	    count, (long long)day_20000);
	run(sql);
	run("UPDATE inbox_letter SET shown = id, state = 3");
	run("UPDATE inbox_letter SET state = 2 WHERE id % 50 = 0");
	fill_index();
}

static void
what_came_in_is_found_by_words_state_and_unit(void **state)
{
	static const struct {
		const char *text, *state, *unit;
		size_t rows;
	} cases[] = {
		{ "", "", "", 3000 },
		{ "農地", "", "", 30 },
		{ "府字 農地", "", "PLAN", 30 },
		{ "0000300", "", "", 1 },
		{ "檢送", "", "", 2970 },
		{ "檢送", "opened", "", 30 },
		{ "農地", "confirmed", "", 0 },
		{ "", "opened", "", 60 },
		{ "", "returned", "", 0 },
		{ "", "opened", "none", 30 },
		{ "", "", "PLAN", 30 },
		{ "", "", "PLA", 0 },
		{ "沒有這件", "", "", 0 },
	};

	(void)state;
	add_in_order(3000);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct register_ask ask = ask_for(REGISTER_CSV);
		struct found found;

		ask.limit = 20;
		ask.state = cases[i].state;
		ask.unit = cases[i].unit;
		found = find(ask, true, cases[i].text, "收文號");
		assert_int_equal(found.rows, cases[i].rows);
		/* The titles stand there once. */
		assert_int_equal(found.marked, 1);
	}
}

/* What is rare does not keep others waiting: a piece looks at so many. */
static void
a_piece_ends_after_so_many_that_were_looked_at(void **state)
{
	struct register_ask ask = ask_for(REGISTER_CSV);

	(void)state;
	add_in_order(3000);
	ask.budget = 100;
	ask.state = "returned";
	assert_int_equal(find(ask, true, "", "").pieces, 30);
	assert_int_equal(find(ask, true, "檢送", "").pieces, 30);
	ask.state = "";
	ask.unit = "PLAN";
	assert_int_equal(find(ask, true, "", "").rows, 30);
	assert_int_equal(find(ask, true, "府字", "").rows, 30);
}

/* Also where letters got their place out of order. */
static void
a_period_holds_for_what_is_found_too(void **state)
{
	struct register_ask ask = ask_for(REGISTER_CSV);

	(void)state;
	add_in_order(3 * 24 * 60);
	ask.from_day = ask.until_day = 20001;
	/* From minute 960 of day 20000 on it is day 20001 in UTC+08:00. */
	assert_int_equal(find(ask, true, "", "").rows, 24 * 60);
	assert_int_equal(find(ask, true, "府字", "").rows, 24 * 60);
	assert_int_equal(find(ask, true, "農地", "").rows, 14);
	/* It came on that day, and was given up two days later. */
	run("UPDATE inbox_letter SET state = 5, received_at = received_at -"
	    " 2 * 86400000 WHERE id = 4000");
	assert_int_equal(find(ask, true, "農地", "無法開啟").marked, 1);
	/* A clock that was set back an hour. */
	run("UPDATE inbox_letter SET received_at = received_at + 3600000"
	    " WHERE id > 2000 AND id <= 2400");
	assert_int_equal(find(ask, true, "府字", "").rows,
	    find(ask, true, "", "").rows);
}

static void
only_its_own_letters_are_in_a_register(void **state)
{
	struct register_ask ask = ask_for(REGISTER_CSV);

	(void)state;
	add_in_order(200);
	run("UPDATE inbox_letter SET recipient = '376490000A' WHERE id > 100");
	assert_int_equal(find(ask, true, "府字", "").rows, 100);
	ask.speed = "normal";
	assert_int_equal(find(ask, true, "府字", "").rows, 100);
	ask.speed = "fast";
	assert_int_equal(find(ask, true, "府字", "").rows, 0);
	ask.speed = "";
	text_copy(ask.scope, sizeof(ask.scope), "376470000AU010000");
	assert_int_equal(find(ask, true, "府字", "").rows, 0);
	assert_int_equal(find(ask, true, "", "").rows, 0);
}

static void
add_sent(int number, const char *sender, const char *subject, int hold,
    const char *states)
{
	char sql[1536];

	snprintf(sql, sizeof(sql),
	    "INSERT INTO outbox_document (id, document_id, key, digest,"
	    " is_draft, sender, reference, subject, created_at, findings,"
	    " trace, hold) VALUES (%d, randomblob(16), '', zeroblob(32), 0,"
	    " '%s', '府字第%07d號', '%s', %lld + %d * 60000, zeroblob(1), '',"
	    " %d);"
	    "INSERT INTO outbox_waybill (id, document, step, waybill_id,"
	    " with_attachments, created_at, not_after, digest, package,"
	    " payload, content_len, cms, secret, head, rank, speed) VALUES"
	    " (%d, %d, 0, randomblob(16), 1, 0, 0, randomblob(32),"
	    " zeroblob(32), 0, 0, zeroblob(1), zeroblob(1), zeroblob(32), 0,"
	    " 2)",
	    number, sender, number, subject, (long long)day_20000, number, hold,
	    number, number);
	run(sql);
	for (int i = 0; states[i] != '\0'; i++) {
		snprintf(sql, sizeof(sql),
		    "INSERT INTO outbox_delivery (waybill, recipient, name,"
		    " is_copy, center, leaf, leaf_json, key_part, state,"
		    " reached, flags, since, reason) VALUES (%d,"
		    " '37649000%dA', '屏東縣政府', 0, '', zeroblob(1),"
		    " zeroblob(1), zeroblob(1), %d, 0, 0, 0, '')",
		    number, i, states[i] == 'b' ? 11 : states[i] - '0');
		run(sql);
	}
}

static void
what_was_sent_is_found_by_words_state_and_unit(void **state)
{
	static const struct {
		const char *text, *state, *unit;
		size_t rows;
	} cases[] = {
		{ "", "", "", 5 },
		{ "農地", "", "", 2 },
		{ "屏東", "", "", 4 },
		{ "屏東 0000002", "", "", 1 },
		{ "", "open", "", 1 },
		{ "", "confirmed", "", 1 },
		{ "", "returned", "", 1 },
		{ "", "paper", "", 1 },
		{ "", "withdrawn", "", 0 },
		{ "", "failed", "", 1 },
		{ "農地", "confirmed", "", 1 },
		{ "", "", "376470000AU010000", 1 },
		{ "", "", "none", 4 },
		{ "檢送", "paper", "none", 1 },
	};
	struct register_ask ask = ask_for(REGISTER_CSV);

	(void)state;
	add_sent(1, us.text, "農地重劃", 0, "55");
	add_sent(2, us.text, "檢送紀錄", 0, "45");
	add_sent(3, us.text, "檢送紀錄", 0, "6b");
	add_sent(4, "376470000AU010000", "農地重劃", 0, "8");
	add_sent(5, us.text, "沒有受文者", 0, "");
	add_sent(6, us.text, "農地重劃", 3, "");
	add_sent(7, "376490000A", "農地重劃", 0, "5");
	fill_index();
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		ask.state = cases[i].state;
		ask.unit = cases[i].unit;
		assert_int_equal(find(ask, false, cases[i].text, "").rows,
		    cases[i].rows);
	}
	ask.state = ask.unit = "";
	ask.speed = "fastest";
	assert_int_equal(find(ask, false, "", "").rows, 5);
	ask.speed = "normal";
	assert_int_equal(find(ask, false, "", "").rows, 0);
}

static void
a_state_that_there_is_not_is_refused(void **state)
{
	struct register_ask ask = ask_for(REGISTER_CSV);
	struct register_piece piece = { 0 };
	struct bytes text = { 0 };
	struct error err = { 0 };

	(void)state;
	piece.to = &text;
	ask.speed = "slow";
	assert_int_equal(register_read_out(desk.rows, &ask, &piece, &err), -1);
	assert_string_equal(error_message_id(&err), "E4315");
	err = (struct error){ 0 };
	ask.speed = "";
	ask.state = "lost";
	assert_int_equal(register_read_in(desk.rows, NULL, &ask, &piece, &err),
	    -1);
	assert_string_equal(error_message_id(&err), "E4315");
	err = (struct error){ 0 };
	assert_int_equal(register_read_out(desk.rows, &ask, &piece, &err), -1);
	assert_string_equal(error_message_id(&err), "E4315");
	bytes_free(&text);
}

/* Compared with what counting the letters gives. */
static void
sums_are_what_counting_gives(void **state)
{
	static const struct {
		const char *sums, *counted;
	} cases[] = {
		{ "letters", "count(*)" },
		{ "open", "sum(state = 2)" },
		{ "confirmed", "sum(state = 3)" },
		{ "returned", "sum(state = 4)" },
		{ "failed", "sum(state > 4)" },
		{ "attachments", "count(*)" },
		{ "odf", "sum(id % 3 = 0)" },
		{ "office", "sum(id % 3 = 1)" },
	};
	char sql[256];

	(void)state;
	add_letters(999);
	run("UPDATE inbox_letter SET state = 5 WHERE id % 50 = 3");
	/* A change of another column, and of a repeat, moves nothing. */
	run("UPDATE inbox_letter SET notice = 1 WHERE id % 4 = 2");
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int64_t counted;

		snprintf(sql, sizeof(sql), "SELECT %s FROM inbox_letter",
		    cases[i].counted);
		counted = number(sql);
		snprintf(sql, sizeof(sql), "SELECT sum(%s) FROM register_day",
		    cases[i].sums);
		assert_int_equal(number(sql), counted);
	}
	assert_true(number("SELECT count(*) FROM register_day") <= 10 * 3 * 7);
}

/* The same letter under a second waybill, as from a restored center. */
static void
a_letter_that_came_twice_stands_there_once(void **state)
{
	struct register_ask ask = ask_for(REGISTER_CSV);
	struct register_piece piece = { 0 };
	struct bytes text = { 0 };
	struct error err = { 0 };

	(void)state;
	add_letters(10);
	run("INSERT INTO inbox_letter (waybill_id, recipient, step, state,"
	    " is_due, rank, received_at, sender, document_id, first)"
	    " SELECT randomblob(16), recipient, step, 2, 0, 0, received_at,"
	    " sender, document_id, id FROM inbox_letter");
	run("UPDATE inbox_letter SET state = 3 WHERE first > 0");
	run("UPDATE inbox_letter SET shown = id WHERE first > 0");
	piece.to = &text;
	must(register_read_in(desk.rows, NULL, &ask, &piece, &err), &err);
	bytes_put_u8(&text, '\0');
	assert_int_equal(count_of(&text, "\r\n"), 1 + 10);
	assert_int_equal(number("SELECT sum(letters) FROM register_day"), 10);
	bytes_free(&text);
}

static void
sums_of_what_was_sent_follow_each_delivery(void **state)
{
	(void)state;
	run("INSERT INTO outbox_document (id, document_id, key, digest,"
	    " is_draft, sender, reference, subject, created_at, findings,"
	    " trace) VALUES (1, randomblob(16), '', zeroblob(32), 1,"
	    " '376470000A', '', '', 1728000000000, zeroblob(1), '')");
	run("INSERT INTO outbox_file (document, position, name, payload, len,"
	    " digest) VALUES (1, 0, 'letter.di', 1, 1, zeroblob(32)),"
	    " (1, 1, 'a.ods', 2, 1, zeroblob(32)),"
	    " (1, 2, 'b.xls', 3, 1, zeroblob(32))");
	run("INSERT INTO outbox_waybill (id, document, step, waybill_id,"
	    " with_attachments, created_at, not_after, digest, package,"
	    " payload, content_len, cms, secret, head, rank, speed) VALUES"
	    " (1, 1, 0, randomblob(16), 1, 0, 0, randomblob(32), zeroblob(32),"
	    " 0, 0, zeroblob(1), zeroblob(1), zeroblob(32), 0, 2)");
	for (int i = 0; i < 4; i++) {
		char sql[512];

		snprintf(sql, sizeof(sql),
		    "INSERT INTO outbox_delivery (waybill, recipient, name,"
		    " is_copy, center, leaf, leaf_json, key_part, state,"
		    " reached, flags, since, reason) VALUES (1,"
		    " '37649000%dA', '', 0, '', zeroblob(1), zeroblob(1),"
		    " zeroblob(1), 0, 0, 0, 0, '')",
		    i);
		run(sql);
	}
	run("UPDATE outbox_document SET is_draft = 0");
	run("UPDATE outbox_delivery SET state = 4");
	run("UPDATE outbox_delivery SET state = 5 WHERE id <= 2");
	run("UPDATE outbox_delivery SET state = 11 WHERE id = 3");
	assert_int_equal(number("SELECT sum(letters) * 1000 + sum(open) * 100"
				" + sum(confirmed) * 10 + sum(paper)"
				" FROM register_day WHERE direction = 1"
				" AND speed = 2"),
	    4121);
	assert_int_equal(number("SELECT sum(letters) * 1000"
				" + sum(attachments) * 100 + sum(odf) * 10"
				" + sum(office) FROM register_day"
				" WHERE direction = 2 AND speed = 2"),
	    1211);
	/* Undone, or refused after all, nothing of it is left. */
	run("UPDATE outbox_document SET hold = 3");
	run("DELETE FROM outbox_delivery");
	assert_int_equal(number("SELECT sum(letters + open + confirmed + paper"
				" + attachments + odf + office)"
				" FROM register_day"),
	    0);
}

static void
statistics_say_it_by_month_speed_and_organisation(void **state)
{
	struct register_ask ask = ask_for(REGISTER_CSV);
	struct register_piece piece = { 0 };
	struct bytes text = { 0 };
	struct error err = { 0 };

	(void)state;
	add_letters(210);
	piece.to = &text;
	must(register_read_statistics(desk.rows, NULL, &ask, &piece, &err),
	    &err);
	bytes_put_u8(&text, '\0');
	/* The titles, all, one month, three speeds, seven organisations. */
	assert_int_equal(count_of(&text, "\r\n"), 1 + 1 + 1 + 3 + 7);
	assert_non_null(
	    strstr((const char *)text.data, "\"合計\",\"\",\"\",210,"));
	assert_non_null(strstr((const char *)text.data, "113年10月"));
	assert_int_equal(count_of(&text, ",\"50.0\","), 1 + 1 + 7);
	bytes_free(&text);
}

/* Not a limit: figures for who looks at them. */
static void
a_large_register_is_found_by_index(void **state)
{
	const char *wanted = getenv("REGISTER_ROWS");
	uint64_t count = 3000;
	struct register_ask ask = ask_for(REGISTER_ODS);
	struct register_piece piece = { 0 };
	struct bytes text = { 0 };
	char cursor[REGISTER_CURSOR_SIZE] = "";
	struct error err = { 0 };
	clock_t begin;
	size_t pieces = 0;

	(void)state;
	if (wanted != NULL)
		assert_true(text_parse_u64(wanted, 10000000, &count));
	add_letters((int)count);
	ask.cursor = cursor;
	piece.to = &text;
	begin = clock();
	do {
		piece.next[0] = '\0';
		bytes_clear(&text);
		must(register_read_in(desk.rows, NULL, &ask, &piece, &err),
		    &err);
		memcpy(cursor, piece.next, sizeof(cursor));
		pieces++;
	} while (cursor[0] != '\0');
	print_message("%d rows in %zu pieces: %ld ms\n", (int)count, pieces,
	    (long)((clock() - begin) * 1000 / CLOCKS_PER_SEC));
	begin = clock();
	bytes_clear(&text);
	must(register_read_statistics(desk.rows, NULL, &ask, &piece, &err),
	    &err);
	print_message("statistics: %ld ms\n",
	    (long)((clock() - begin) * 1000 / CLOCKS_PER_SEC));
	assert_int_equal(pieces, (count + 499) / 500);
	bytes_free(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_cell_of_csv_is_a_formula),
		cmocka_unit_test(texts_of_ods_are_texts),
		cmocka_unit_test(days_are_days),
		cmocka_unit_test_setup_teardown(pieces_make_the_whole, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    what_came_in_is_found_by_words_state_and_unit, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    a_piece_ends_after_so_many_that_were_looked_at, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    a_period_holds_for_what_is_found_too, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    only_its_own_letters_are_in_a_register, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    what_was_sent_is_found_by_words_state_and_unit, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    a_state_that_there_is_not_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(sums_are_what_counting_gives,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    a_letter_that_came_twice_stands_there_once, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    sums_of_what_was_sent_follow_each_delivery, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    statistics_say_it_by_month_speed_and_organisation, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    a_large_register_is_found_by_index, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
