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
#include "base/error.h"
#include "base/text.h"
#include "gateway/desk/desk_settings.h"
#include "gateway/inbox/inbox.h"
#include "gateway/inbox/inbox_content.h"
#include "gateway/inbox/inbox_events.h"
#include "gateway/inbox/inbox_history.h"
#include "gateway/inbox/inbox_read.h"
#include "gateway/inbox/inbox_review.h"
#include "gateway/inbox/inbox_rows.h"
#include "gateway/inbox/inbox_waiting.h"
#include "gateway/words.h"
#include "harness/scratch.h"
#include "json/json_write.h"
#include "role/people/people_units.h"
#include "store/query.h"
#include "store/rows.h"

static const char *const migrations[] = { inbox_schema, inbox_number_schema,
	inbox_part_schema, inbox_review_schema, people_schema,
	people_units_schema, inbox_history_schema, desk_settings_schema,
	words_schema };

static struct {
	char dir[SCRATCH_PATH_SIZE];
	struct rows *rows;
} box;

static const struct org_code us = { "376470000A" };
static const struct org_code them = { "376490000A" };

/* Who sees all. */
static const struct inbox_view all;

static int
set_up(void **state)
{
	char path[SCRATCH_PATH_SIZE + 16];
	struct rows_options options = { .path = path,
		.application_id = 0x595a0002,
		.migrations = migrations,
		.migration_count = ARRAY_LEN(migrations),
		.allow_volatile = true };
	struct error err = { 0 };

	(void)state;
	scratch_make(box.dir);
	snprintf(path, sizeof(path), "%s/rows.db", box.dir);
	if (rows_open(&options, &box.rows, &err) < 0)
		fail_msg("%s", err.text);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	rows_close(box.rows);
	scratch_remove(box.dir);
	return 0;
}

static void
must(int rc, const struct error *err)
{
	if (rc < 0)
		fail_msg("%s", err->text);
}

static struct inbox_row
announced(uint8_t number)
{
	struct id id = { { 1, number } };
	struct inbox_row row;
	struct error err = { 0 };
	bool is_new;

	must(inbox_row_announce(box.rows, &id, &us, SPEED_NORMAL, 1000,
		 "center-a", &is_new, &err),
	    &err);
	assert_true(is_new);
	assert_int_equal(inbox_row_find_name(box.rows, &id, &us, &row, &err),
	    1);
	return row;
}

/* An entry of the inbox. */
static struct inbox_row
opened(uint8_t number)
{
	struct inbox_row row = announced(number);
	struct message_packed_file file = { .name = "1.di",
		.offset = 77,
		.len = 5 };
	struct error err = { 0 };

	row.step = JOB_RECEIVE_INBOX;
	row.state = INBOX_OPENED;
	row.is_due = false;
	row.sender = them;
	row.document_id = (struct id){ { 9, number } };
	row.package.bytes[0] = number;
	row.package_len = 500;
	row.payload = 40u + number;
	must(inbox_row_next_place(box.rows, &row.shown, &err), &err);
	must(inbox_row_save(box.rows, &row, &err), &err);
	must(inbox_row_set_letter(box.rows, row.row, "主旨", "字第1號", &err),
	    &err);
	must(inbox_file_add(box.rows, row.row, 0, &file, &err), &err);
	return row;
}

static void
a_delivery_is_announced_once(void **state)
{
	struct inbox_row row = announced(1);
	struct error err = { 0 };
	bool is_new = true;

	(void)state;
	must(inbox_row_announce(box.rows, &row.waybill_id, &us, SPEED_NORMAL,
		 2000, "center-a", &is_new, &err),
	    &err);
	assert_false(is_new);
	assert_int_equal(row.step, JOB_RECEIVE_CONTENT);
	assert_true(row.is_due);
	assert_int_equal(row.received_at, 1000);
}

/* One letter to three of ours, then an ordinary one, then an urgent one. */
static void
urgent_ones_and_small_ones_pass(void **state)
{
	const struct id many = { { 1, 1 } };
	const struct id small = { { 1, 2 } };
	const struct id urgent = { { 1, 3 } };
	struct org_code units[3];
	struct inbox_row row;
	struct error err = { 0 };
	int64_t list[8];
	size_t count;
	bool is_new;

	(void)state;
	for (int i = 0; i < 3; i++) {
		units[i] = us;
		units[i].text[9] = (char)('1' + i);
		must(inbox_row_announce(box.rows, &many, &units[i],
			 SPEED_NORMAL, 1000, "center-a", &is_new, &err),
		    &err);
	}
	must(inbox_row_announce(box.rows, &small, &us, SPEED_NORMAL, 2000,
		 "center-a", &is_new, &err),
	    &err);
	must(inbox_row_announce(box.rows, &urgent, &us, SPEED_FASTEST, 3000,
		 "center-a", &is_new, &err),
	    &err);
	/* One fetches the content for all three. */
	must(inbox_row_due(box.rows, 5000, 15000, list, 8, &count, &err), &err);
	assert_int_equal(count, 3);
	must(inbox_row_find(box.rows, list[1], &row, &err), &err);
	row.content = 77;
	must(inbox_row_save(box.rows, &row, &err), &err);
	must(inbox_content_wake_all(box.rows, &row, &err), &err);
	must(inbox_row_due(box.rows, 5000, 15000, list, 8, &count, &err), &err);
	assert_int_equal(count, 5);
	must(inbox_row_find(box.rows, list[0], &row, &err), &err);
	assert_true(id_equal(&row.waybill_id, &urgent));
	must(inbox_row_find(box.rows, list[1], &row, &err), &err);
	assert_true(id_equal(&row.waybill_id, &many));
	must(inbox_row_find(box.rows, list[2], &row, &err), &err);
	assert_true(id_equal(&row.waybill_id, &small));
}

static size_t
count_due(void)
{
	struct error err = { 0 };
	int64_t list[8];
	size_t count;

	must(inbox_row_due(box.rows, 5000, 15000, list, 8, &count, &err), &err);
	return count;
}

/* One of them at a time tries, and what one has the others find. */
static void
one_fetches_for_all_of_a_waybill(void **state)
{
	const struct id many = { { 3, 1 } };
	const struct digest content = { { 9 } };
	struct inbox_row rows[3];
	struct error err = { 0 };
	size_t before = count_due();
	uint64_t found;
	bool is_new;

	(void)state;
	for (int i = 0; i < 3; i++) {
		struct org_code unit = us;

		unit.text[9] = (char)('1' + i);
		must(inbox_row_announce(box.rows, &many, &unit, SPEED_NORMAL,
			 1000, "center-a", &is_new, &err),
		    &err);
		assert_int_equal(inbox_row_find_name(box.rows, &many, &unit,
				     &rows[i], &err),
		    1);
		assert_int_equal(rows[i].is_due, i == 0);
	}
	assert_int_equal(count_due(), before + 1);
	assert_int_equal(inbox_content_find(box.rows, &rows[1], &found, &err),
	    0);
	/* The first one fails: the next one tries as well. */
	must(inbox_content_wake_one(box.rows, &rows[0], &err), &err);
	assert_int_equal(count_due(), before + 2);

	rows[0].content = 5;
	rows[0].content_digest = content;
	rows[0].content_len = 100;
	rows[0].step = JOB_RECEIVE_FETCHED;
	must(inbox_row_save(box.rows, &rows[0], &err), &err);
	must(inbox_content_wake_all(box.rows, &rows[0], &err), &err);
	assert_int_equal(count_due(), before + 3);
	assert_int_equal(inbox_content_find(box.rows, &rows[1], &found, &err),
	    1);
	assert_int_equal(found, 5);
	/* Its own waybill names another content. */
	rows[1].content_len = 100;
	assert_int_equal(inbox_content_find(box.rows, &rows[1], &found, &err),
	    0);
}

static void
a_row_comes_back_as_it_was_saved(void **state)
{
	struct inbox_row row = announced(1);
	struct inbox_row read;
	struct error err = { 0 };

	(void)state;
	row.step = JOB_RECEIVE_ANSWER;
	row.state = INBOX_RETURNED;
	row.failures = 3;
	row.retry_at = 4000;
	row.waybill.bytes[0] = 1;
	row.head.bytes[0] = 2;
	row.commitment.bytes[0] = 3;
	row.content_digest.bytes[0] = 4;
	row.content_len = 5;
	row.leaf.bytes[0] = 6;
	row.key_digest.bytes[0] = 7;
	row.seal.bytes[0] = 8;
	row.sender = them;
	row.document_id.bytes[0] = 9;
	row.speed = SPEED_FASTEST;
	row.message = 6;
	row.recipients = 18;
	row.earlier.bytes[0] = 10;
	row.content = 11;
	row.package.bytes[0] = 12;
	row.package_len = 13;
	row.payload = 14;
	row.first = 15;
	row.shown = 16;
	row.received_at = 17;
	row.answer = EVENT_RETURNED;
	row.reason = ACT_REASON_MISDIRECTED;
	must(inbox_row_save(box.rows, &row, &err), &err);

	assert_int_equal(inbox_row_find(box.rows, row.row, &read, &err), 1);
	assert_memory_equal(&read, &row, sizeof(row));
}

static void
work_waits_until_it_is_due(void **state)
{
	struct inbox_row first = announced(1);
	struct inbox_row second = announced(2);
	struct error err = { 0 };
	int64_t list[4];
	int64_t next_at;
	size_t count;

	(void)state;
	first.retry_at = 9000;
	must(inbox_row_save(box.rows, &first, &err), &err);

	must(inbox_row_due(box.rows, 5000, 15000, list, 4, &count, &err), &err);
	assert_int_equal(count, 1);
	assert_int_equal(list[0], second.row);
	must(inbox_row_next_due(box.rows, 5000, 15000, &next_at, &err), &err);
	assert_int_equal(next_at, 9000);
	must(inbox_row_due(box.rows, 9000, 19000, list, 4, &count, &err), &err);
	assert_int_equal(count, 2);
	must(inbox_row_next_due(box.rows, 9000, 19000, &next_at, &err), &err);
	assert_true(next_at == INT64_MAX);
}

static void
what_failed_is_tried_at_once_when_asked(void **state)
{
	struct inbox_row rows[3] = { announced(1), announced(2), announced(3) };
	struct error err = { 0 };
	int64_t list[4];
	size_t count;

	(void)state;
	for (int i = 0; i < 3; i++) {
		/* The second has not failed: it waits for something else. */
		rows[i].failures = i == 1 ? 0 : 4;
		rows[i].retry_at = 9000 + i;
		must(inbox_row_save(box.rows, &rows[i], &err), &err);
	}
	must(inbox_row_wake_failed(box.rows, 1, &err), &err);
	must(inbox_row_due(box.rows, 5000, 15000, list, 4, &count, &err), &err);
	assert_int_equal(count, 1);
	assert_int_equal(list[0], rows[2].row);

	must(inbox_row_wake_failed(box.rows, 8, &err), &err);
	must(inbox_row_due(box.rows, 5000, 15000, list, 4, &count, &err), &err);
	assert_int_equal(count, 2);
	must(inbox_row_find(box.rows, rows[0].row, &rows[0], &err), &err);
	assert_int_equal(rows[0].failures, 4);
}

/* What was put off by a clock an hour ahead does not wait for that hour. */
static void
a_clock_set_back_puts_nothing_off(void **state)
{
	struct inbox_row first = announced(1);
	struct error err = { 0 };
	int64_t list[4];
	int64_t next_at;
	size_t count;

	(void)state;
	first.retry_at = 3600 * 1000;
	must(inbox_row_save(box.rows, &first, &err), &err);

	must(inbox_row_due(box.rows, 5000, 15000, list, 4, &count, &err), &err);

	assert_int_equal(count, 1);
	assert_int_equal(list[0], first.row);
	must(inbox_row_next_due(box.rows, 5000, 15000, &next_at, &err), &err);
	assert_true(next_at == INT64_MAX);
}

static void
a_repeat_is_found_and_woken(void **state)
{
	struct inbox_row first = opened(1);
	struct inbox_row repeat = announced(2);
	struct inbox_row found;
	struct error err = { 0 };

	(void)state;
	repeat.sender = first.sender;
	repeat.document_id = first.document_id;
	assert_int_equal(inbox_row_find_letter(box.rows, &repeat, &found, &err),
	    1);
	assert_int_equal(found.row, first.row);
	repeat.recipient = them;
	assert_int_equal(inbox_row_find_letter(box.rows, &repeat, &found, &err),
	    0);

	repeat.step = JOB_RECEIVE_INBOX;
	repeat.first = first.row;
	repeat.is_due = false;
	must(inbox_row_save(box.rows, &repeat, &err), &err);
	must(inbox_row_wake_repeats(box.rows, first.row, &err), &err);
	assert_int_equal(inbox_row_find(box.rows, repeat.row, &found, &err), 1);
	assert_true(found.is_due);
	assert_int_equal(inbox_row_find(box.rows, first.row, &found, &err), 1);
	assert_false(found.is_due);
}

static void
the_first_act_of_an_event_stays(void **state)
{
	struct inbox_row row = announced(1);
	struct message_receipt receipt = { .event = EVENT_FETCHED,
		.at = "gateway-b",
		.time = 5 };
	struct bytes act = { 0 };
	struct error err = { 0 };

	(void)state;
	assert_int_equal(inbox_event_act(box.rows, row.row, EVENT_FETCHED, &act,
			     &err),
	    0);
	must(inbox_event_add(box.rows, row.row, EVENT_FETCHED,
		 blob_of("one", 3), &err),
	    &err);
	must(inbox_event_add(box.rows, row.row, EVENT_FETCHED,
		 blob_of("two", 3), &err),
	    &err);
	must(inbox_event_receipt(box.rows, row.row, &receipt, blob_of("{}", 2),
		 &err),
	    &err);
	assert_int_equal(inbox_event_act(box.rows, row.row, EVENT_FETCHED, &act,
			     &err),
	    1);
	assert_int_equal(act.len, 3);
	assert_memory_equal(act.data, "one", 3);
	bytes_free(&act);
}

/* The text of what a read wrote. */
static void
check_text(struct bytes *json, const char *expected)
{
	bytes_put_u8(json, '\0');
	assert_string_equal((const char *)json->data, expected);
	bytes_free(json);
}

static void
a_letter_reads_as_the_api_says(void **state)
{
	struct inbox_row row = opened(1);
	struct message_receipt receipt = { .event = EVENT_OPENED,
		.at = "gateway-b",
		.time = 86400000,
		.signer_class = 1 };
	struct bytes json = { 0 };
	struct json_writer writer = json_writer_to(&json);
	struct error err = { 0 };

	(void)state;
	must(inbox_event_receipt(box.rows, row.row, &receipt,
		 blob_of("{\"r\":1}", 7), &err),
	    &err);
	must(inbox_read_one(box.rows, NULL, &row.waybill_id, &us, &writer,
		 &err),
	    &err);
	check_text(&json,
	    "{\"waybill_id\":\"01010000-0000-0000-0000-000000000000\","
	    "\"recipient\":\"376470000A\",\"recipient_name\":\"\","
	    "\"document_id\":\"09010000-0000-0000-0000-000000000000\","
	    "\"sender\":\"376490000A\",\"sender_name\":\"\","
	    "\"reference\":\"字第1號\",\"subject\":\"主旨\","
	    "\"speed\":\"normal\",\"receive_number\":\"\","
	    "\"received_at\":\"1970-01-01T00:00:01.000Z\","
	    "\"state\":\"opened\",\"reason\":\"\",\"notice\":\"\",\"words\":\"\",\"message\":0,"
	    "\"earlier\":\"\",\"package\":\"0100000000000000000000000000000000"
	    "000000000000000000000000000000\",\"package_length\":500,"
	    "\"assigned\":{\"unit\":\"\",\"unit_name\":\"\",\"person\":0,"
	    "\"name\":\"\"},\"history\":[],\"signer\":\"\",\"signer_standing\":\"\",\"doubt\":\"\","
	    "\"later\":[],\"superseded\":\"\","
	    "\"files\":[{\"name\":\"1.di\",\"length\":5,\"sha256\":\"00000000"
	    "00000000000000000000000000000000000000000000000000000000\"}],"
	    "\"events\":[{\"event\":\"opened\",\"etsi\":\"ContentAccessTracking\","
	    "\"at\":\"gateway-b\",\"time\":\"1970-01-02T00:00:00.000Z\","
	    "\"signer\":\"module\"}]}");

	writer = json_writer_to(&json);
	must(inbox_read_receipts(box.rows, &row.waybill_id, &us, &writer, &err),
	    &err);
	check_text(&json,
	    "{\"receipts\":[{\"recipient\":\"376470000A\","
	    "\"event\":\"opened\",\"receipt\":{\"r\":1}}]}");
}

/* How many documents a list has, and its `next`. */
static unsigned
count_documents(struct bytes *json)
{
	unsigned count = 0;
	const char *at;

	bytes_put_u8(json, '\0');
	at = (const char *)json->data;
	while ((at = strstr(at, "\"waybill_id\"")) != NULL) {
		count++;
		at++;
	}
	return count;
}

static void
lists_go_back_and_news_go_forth(void **state)
{
	struct bytes json = { 0 };
	struct json_writer writer = json_writer_to(&json);
	struct inbox_news news = { .after = 1,
		.state = INBOX_STATE_COUNT,
		.limit = 50 };
	struct error err = { 0 };

	(void)state;
	opened(1);
	opened(2);
	opened(3);
	announced(4);

	must(inbox_read_list(box.rows, NULL,
		 &(struct inbox_list_ask){ .cursor = "",
		     .state = "",
		     .unit = "",
		     .person = "",
		     .view = &all,
		     .limit = 2 },
		 &writer, &err),
	    &err);
	assert_int_equal(count_documents(&json), 2);
	assert_non_null(strstr((const char *)json.data, "\"next\":\"2\""));
	bytes_free(&json);

	writer = json_writer_to(&json);
	must(inbox_read_list(box.rows, NULL,
		 &(struct inbox_list_ask){ .cursor = "2",
		     .state = "opened",
		     .unit = "",
		     .person = "",
		     .view = &all,
		     .limit = 2 },
		 &writer, &err),
	    &err);
	assert_int_equal(count_documents(&json), 1);
	assert_non_null(strstr((const char *)json.data, "\"next\":\"\""));
	bytes_free(&json);

	writer = json_writer_to(&json);
	assert_int_equal(inbox_read_news(box.rows, NULL, &news, &writer, &err),
	    2);
	assert_int_equal(count_documents(&json), 2);
	assert_non_null(strstr((const char *)json.data, "\"next\":\"3\""));
	bytes_free(&json);

	writer = json_writer_to(&json);
	assert_int_equal(inbox_read_list(box.rows, NULL,
			     &(struct inbox_list_ask){ .cursor = "x",
				 .state = "",
				 .unit = "",
				 .person = "",
				 .view = &all,
				 .limit = 2 },
			     &writer, &err),
	    -1);
	assert_string_equal(err.id, "E4315");
	bytes_free(&json);
}

/* An entry of the inbox of such urgency. */
static void
opened_with(uint8_t number, enum speed speed)
{
	struct inbox_row row = opened(number);
	struct error err = { 0 };

	row.speed = speed;
	must(inbox_row_save(box.rows, &row, &err), &err);
}

/* The next page of one of what waits: its cursor, "" at the end. */
static void
next_waiting(char cursor[32], const char *speed, const char *scope,
    size_t wants)
{
	struct inbox_view view = { 0 };
	struct bytes json = { 0 };
	struct json_writer writer = json_writer_to(&json);
	struct error err = { 0 };
	const char *next;

	text_copy(view.scope, sizeof(view.scope), scope != NULL ? scope : "");
	must(inbox_waiting_list(box.rows, NULL,
		 &(struct inbox_waiting_ask){ .cursor = cursor,
		     .speed = speed,
		     .view = &view,
		     .limit = 1 },
		 &writer, &err),
	    &err);
	assert_int_equal(count_documents(&json), wants);
	bytes_put_u8(&json, '\0');
	next = strstr((const char *)json.data, "\"next\":\"");
	assert_non_null(next);
	next += strlen("\"next\":\"");
	assert_true(text_copy_len(cursor, 32, next, strcspn(next, "\"")));
	bytes_free(&json);
}

static void
what_waits_is_listed_by_urgency(void **state)
{
	char cursor[32] = "";
	struct bytes json = { 0 };
	struct json_writer writer = json_writer_to(&json);
	struct error err = { 0 };

	(void)state;
	opened_with(1, SPEED_NORMAL);
	opened_with(2, SPEED_FASTEST);
	opened_with(3, SPEED_FAST);
	opened_with(4, SPEED_FASTEST);

	next_waiting(cursor, "", NULL, 1);
	assert_string_equal(cursor, "fastest-2");
	next_waiting(cursor, "", NULL, 1);
	assert_string_equal(cursor, "fastest-4");
	next_waiting(cursor, "", NULL, 1);
	assert_string_equal(cursor, "fast-3");
	next_waiting(cursor, "", NULL, 1);
	assert_string_equal(cursor, "");

	next_waiting(cursor, "fastest", NULL, 1);
	assert_string_equal(cursor, "fastest-2");
	next_waiting(cursor, "fastest", NULL, 1);
	assert_string_equal(cursor, "");
	next_waiting(cursor, "", "376530000A", 0);

	json_write_begin_object(&writer, NULL);
	must(inbox_waiting_sums(box.rows, &all, &writer, &err), &err);
	json_write_end(&writer);
	bytes_put_u8(&json, '\0');
	assert_string_equal((const char *)json.data,
	    "{\"received\":{\"fastest\":2,\"fast\":1,\"normal\":1},"
	    "\"unreadable\":0}");
	bytes_free(&json);
}

static void
a_cursor_of_another_list_is_refused(void **state)
{
	static const char *const wrong[] = { "7", "fast", "slow-1", "fast-x",
		"fastestfastestfastestfastest-1" };
	struct bytes json = { 0 };
	struct json_writer writer = json_writer_to(&json);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		struct error err = { 0 };

		assert_int_equal(inbox_waiting_list(box.rows, NULL,
				     &(struct inbox_waiting_ask){ .cursor =
								      wrong[i],
					 .speed = "",
					 .limit = 1 },
				     &writer, &err),
		    -1);
		assert_string_equal(err.id, "E4315");
	}
	bytes_free(&json);
}

static void
files_lie_in_the_package(void **state)
{
	struct inbox_row row = opened(1);
	struct inbox_row other = announced(2);
	struct inbox_bytes bytes = { 0 };
	struct error err = { 0 };

	(void)state;
	must(inbox_find_file(box.rows, &row.waybill_id, &us, 0, &bytes, &err),
	    &err);
	assert_int_equal(bytes.payload, 41);
	assert_int_equal(bytes.offset, 77);
	assert_int_equal(bytes.len, 5);
	assert_string_equal(bytes.name, "1.di");
	assert_int_equal(inbox_find_file(box.rows, &row.waybill_id, &us, 1,
			     &bytes, &err),
	    -1);
	assert_int_equal(err.code, ERROR_NOT_FOUND);
	must(inbox_find_package(box.rows, &row.waybill_id, &us, &bytes, &err),
	    &err);
	assert_int_equal(bytes.len, 500);
	assert_int_equal(inbox_find_package(box.rows, &other.waybill_id, &us,
			     &bytes, &err),
	    -1);
}

static void
expect_number(const char *code, int64_t at_ms, const char *wanted)
{
	struct org_code recipient;
	char number[INBOX_NUMBER_SIZE] = "";
	struct error err = { 0 };

	assert_true(org_code_parse(code, &recipient));
	must(inbox_number_next(box.rows, &recipient, at_ms, number, &err),
	    &err);
	assert_string_equal(number, wanted);
}

/* 2026 is 民國 115; the day begins at 16:00 UTC. */
static void
each_organisation_counts_by_year(void **state)
{
	const int64_t last_of_115 = 1798732799999; /* 2026-12-31 15:59:59 */

	(void)state;
	expect_number("376470000A", 1795000000000, "1150000001");
	expect_number("376470000A", 1795000000001, "1150000002");
	expect_number("376530000A", 1795000000002, "1150000001");
	/* Units count with their organisation. */
	expect_number("376470000AU040000", 1795000000003, "1150000003");
	expect_number("376470000A", last_of_115, "1150000004");
	expect_number("376470000A", last_of_115 + 1, "1160000001");
	/* A clock that is set back gives no number twice. */
	expect_number("376470000A", last_of_115, "1150000005");
}

static void
a_number_stays_with_its_letter(void **state)
{
	struct inbox_row row = opened(1);
	struct bytes json = { 0 };
	struct json_writer writer = json_writer_to(&json);
	struct inbox_row again;
	struct error err = { 0 };

	(void)state;
	assert_string_equal(row.receive_number, "");
	must(inbox_number_next(box.rows, &us, 1795000000000, row.receive_number,
		 &err),
	    &err);
	must(inbox_row_save(box.rows, &row, &err), &err);
	assert_int_equal(inbox_row_find(box.rows, row.row, &again, &err), 1);
	assert_string_equal(again.receive_number, "1150000001");
	must(inbox_read_one(box.rows, NULL, &row.waybill_id, &us, &writer,
		 &err),
	    &err);
	bytes_put_u8(&json, '\0');
	assert_non_null(strstr((const char *)json.data,
	    "\"receive_number\":\"1150000001\""));
	bytes_free(&json);
}

#define WITH_BOX(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

/* Of letters that were here when their rows still held all of them. */
static void
long_parts_of_before_move_to_their_own_rows(void **state)
{
	static const char *const steps[] = { inbox_schema, inbox_part_schema };
	char path[SCRATCH_PATH_SIZE + 16];
	struct rows_options options = { .path = path,
		.application_id = 0x595a0002,
		.migrations = steps,
		.migration_count = 1,
		.allow_volatile = true };
	struct bytes part = { 0 };
	struct rows *rows = NULL;
	struct error err = { 0 };

	(void)state;
	snprintf(path, sizeof(path), "%s/before.db", box.dir);
	must(rows_open(&options, &rows, &err), &err);
	must(query_run(rows,
		 "INSERT INTO inbox_letter (waybill_id, recipient, step, state,"
		 " is_due, rank, received_at, cms, records, key_part)"
		 " VALUES (zeroblob(16), '376470000A', 0, 0, 1, 0, 0,"
		 " CAST('a' AS BLOB), CAST('b' AS BLOB), CAST('key' AS BLOB))",
		 &err),
	    &err);
	rows_close(rows);
	rows = NULL;
	options.migration_count = 2;
	must(rows_open(&options, &rows, &err), &err);
	must(inbox_row_key_part(rows, 1, &part, &err), &err);
	assert_int_equal(part.len, 3);
	assert_memory_equal(part.data, "key", 3);
	bytes_clear(&part);
	must(inbox_row_set_waybill(rows, 1, blob_of("c", 1), blob_of("d", 1),
		 &err),
	    &err);
	must(inbox_row_key_part(rows, 1, &part, &err), &err);
	assert_int_equal(part.len, 3);
	bytes_free(&part);
	rows_close(rows);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_BOX(a_delivery_is_announced_once),
		WITH_BOX(a_row_comes_back_as_it_was_saved),
		WITH_BOX(urgent_ones_and_small_ones_pass),
		WITH_BOX(one_fetches_for_all_of_a_waybill),
		WITH_BOX(work_waits_until_it_is_due),
		WITH_BOX(what_failed_is_tried_at_once_when_asked),
		WITH_BOX(a_clock_set_back_puts_nothing_off),
		WITH_BOX(a_repeat_is_found_and_woken),
		WITH_BOX(the_first_act_of_an_event_stays),
		WITH_BOX(a_letter_reads_as_the_api_says),
		WITH_BOX(lists_go_back_and_news_go_forth),
		WITH_BOX(what_waits_is_listed_by_urgency),
		WITH_BOX(a_cursor_of_another_list_is_refused),
		WITH_BOX(files_lie_in_the_package),
		WITH_BOX(each_organisation_counts_by_year),
		WITH_BOX(a_number_stays_with_its_letter),
		WITH_BOX(long_parts_of_before_move_to_their_own_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
