/*
 * The work list of the next day (R2.2, art. 7-6) over rows of the outbox, with
 * the time as a parameter.
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
#include "gateway/gateway.h"
#include "gateway/outbox/outbox_overview.h"
#include "gateway/outbox/outbox_review.h"
#include "gateway/outbox/outbox_rows.h"
#include "harness/scratch.h"
#include "json/json_read.h"
#include "json/json_write.h"
#include "model/times.h"
#include "store/query.h"
#include "store/rows.h"

/* 23:30 on 26 November 2026 in Taipei, and on. */
enum { HOUR = 3600 * 1000 };
static const int64_t sent_at = INT64_C(1795707000) * 1000;

struct fixture {
	char folder[SCRATCH_PATH_SIZE];
	struct rows *rows;
	int64_t waybill;
};

static void
check(int rc, const struct error *err)
{
	if (rc < 0)
		fail_msg("%s", err->text);
}

static void
set_up(struct fixture *fixture)
{
	char path[SCRATCH_PATH_SIZE + 16];
	struct rows_options options = { .path = path,
		.application_id = 7,
		.migrations = gateway_migrations,
		.migration_count = gateway_migration_count,
		.allow_volatile = true };
	struct outbox_document document = { .created_at = sent_at, .key = "k" };
	struct outbox_waybill waybill = { .step = JOB_SEND_FOLLOW,
		.created_at = sent_at };
	struct error err = { 0 };

	memset(fixture, 0, sizeof(*fixture));
	scratch_make(fixture->folder);
	snprintf(path, sizeof(path), "%s/rows.db", fixture->folder);
	check(rows_open(&options, &fixture->rows, &err), &err);
	check(rows_begin(fixture->rows, &err), &err);
	assert_true(org_code_parse("376490000A", &document.sender));
	check(outbox_document_add(fixture->rows, &document, &err), &err);
	check(outbox_document_send(fixture->rows, &document, blob_of("[]", 2),
		  &err),
	    &err);
	waybill.document = document.row;
	check(outbox_waybill_add(fixture->rows, &waybill, blob_of("w", 1),
		  blob_of("s", 1), &err),
	    &err);
	fixture->waybill = waybill.row;
}

static void
tear_down(struct fixture *fixture)
{
	rows_close(fixture->rows);
	scratch_remove(fixture->folder);
}

/* A delivery in `state` since `since`; its row. */
static int64_t
add(struct fixture *fixture, const char *code, enum delivery_state state,
    int64_t since)
{
	struct outbox_leaf leaf = { .name = "",
		.center = "center-a",
		.json = blob_of("l", 1),
		.key_part = blob_of("k", 1) };
	struct outbox_delivery delivery = { 0 };
	struct error err = { 0 };

	assert_true(org_code_parse(code, &leaf.recipient));
	check(outbox_delivery_add(fixture->rows, fixture->waybill, since, &leaf,
		  &err),
	    &err);
	while (!org_code_equal(&delivery.recipient, &leaf.recipient))
		assert_int_equal(outbox_delivery_next(fixture->rows,
				     fixture->waybill, delivery.row, &delivery,
				     &err),
		    1);
	delivery.life.state = state;
	check(outbox_delivery_save(fixture->rows, &delivery, &err), &err);
	return delivery.row;
}

static void
review(struct fixture *fixture, int64_t delivery, int64_t at)
{
	struct outbox_review review = { .delivery = delivery,
		.at = at,
		.reviewer = "王小明",
		.action = OUTBOX_ACTION_CHASE,
		.note = "" };
	struct error err = { 0 };

	check(outbox_review_add(fixture->rows, &review, &err), &err);
}

/* How many are on the list at `now`, page by page of two. */
static size_t
listed(struct fixture *fixture, int64_t now)
{
	struct outbox_reading reading = { .rows = fixture->rows, .now = now };
	char cursor[32] = "";
	size_t count = 0;

	do {
		struct json_document *document = NULL;
		struct bytes json = { 0 };
		struct json_writer writer = json_writer_to(&json);
		struct error err = { 0 };

		check(outbox_review_read(&reading, cursor, 2, &writer, &err),
		    &err);
		check(json_write_done(&writer, &err), &err);
		check(json_read(json.data, json.len, 1 << 20, &document, &err),
		    &err);
		count += json_value_count(
		    json_value_member(json_root(document), "deliveries"));
		snprintf(cursor, sizeof(cursor), "%s",
		    json_value_text(
			json_value_member(json_root(document), "next")));
		json_document_free(document);
		bytes_free(&json);
	} while (cursor[0] != '\0');
	return count;
}

static void
the_next_day_begins_at_midnight_in_taipei(void **state)
{
	struct fixture fixture;

	(void)state;
	set_up(&fixture);
	add(&fixture, "376470000A", DELIVERY_OPENED, sent_at);
	assert_int_equal(listed(&fixture, sent_at + 1), 0);
	assert_int_equal(listed(&fixture, times_next_day(sent_at) - 1), 0);
	assert_int_equal(listed(&fixture, times_next_day(sent_at)), 1);
	tear_down(&fixture);
}

static void
each_day_it_is_looked_at_again_until_it_ends(void **state)
{
	int64_t next = times_next_day(sent_at);
	struct fixture fixture;
	int64_t delivery;

	(void)state;
	set_up(&fixture);
	delivery = add(&fixture, "376470000A", DELIVERY_QUEUED, sent_at);
	review(&fixture, delivery, sent_at + 1);
	assert_int_equal(listed(&fixture, next + 9 * HOUR), 1);
	review(&fixture, delivery, next + 9 * HOUR);
	assert_int_equal(listed(&fixture, next + 10 * HOUR), 0);
	assert_int_equal(listed(&fixture, next + 24 * HOUR), 1);
	tear_down(&fixture);
}

static void
what_ended_badly_is_looked_at_once(void **state)
{
	static const enum delivery_state bad[] = { DELIVERY_RETURNED,
		DELIVERY_REFUSED, DELIVERY_EXPIRED, DELIVERY_QUARANTINED };
	char code[] = "376470000A";
	struct fixture fixture;
	int64_t delivery = 0;

	(void)state;
	set_up(&fixture);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		code[9] = (char)('A' + i);
		delivery = add(&fixture, code, bad[i], sent_at);
	}
	assert_int_equal(listed(&fixture, sent_at), ARRAY_LEN(bad));
	review(&fixture, delivery, sent_at);
	assert_int_equal(listed(&fixture, sent_at + 240 * HOUR),
	    ARRAY_LEN(bad) - 1);
	tear_down(&fixture);
}

static void
nothing_is_to_be_done_about_what_ended_well(void **state)
{
	static const enum delivery_state good[] = { DELIVERY_CONFIRMED,
		DELIVERY_WITHDRAWN, DELIVERY_PAPER };
	char code[] = "376470000A";
	struct fixture fixture;

	(void)state;
	set_up(&fixture);
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		code[9] = (char)('A' + i);
		add(&fixture, code, good[i], sent_at);
	}
	assert_int_equal(listed(&fixture, sent_at + 240 * HOUR), 0);
	tear_down(&fixture);
}

/* ---- what the numbers of the day say ---------------------------------- */

/* The answer to GET /v1/overview or to a list, as read from its JSON. */
static struct json_document *
overview(struct fixture *fixture, int64_t now,
    const struct outbox_overview_ask *ask)
{
	struct outbox_reading reading = { .rows = fixture->rows, .now = now };
	struct json_document *document = NULL;
	struct bytes json = { 0 };
	struct json_writer writer = json_writer_to(&json);
	struct error err = { 0 };

	if (ask != NULL) {
		check(outbox_overview_list(&reading, ask, &writer, &err), &err);
	} else {
		json_write_begin_object(&writer, NULL);
		check(outbox_overview_sums(&reading, &writer, &err), &err);
		json_write_end(&writer);
	}
	check(json_write_done(&writer, &err), &err);
	check(json_read(json.data, json.len, 1 << 20, &document, &err), &err);
	bytes_free(&json);
	return document;
}

/* The number `name` of the group `group`, or of the object itself. */
static int64_t
sum(struct fixture *fixture, int64_t now, const char *group, const char *name)
{
	struct json_document *document = overview(fixture, now, NULL);
	const struct json_value *in = json_root(document);
	int64_t number = -1;

	if (group != NULL)
		in = json_value_member(in, group);
	assert_true(json_value_integer(json_value_member(in, name), &number));
	json_document_free(document);
	return number;
}

/* Deliveries that a list has, page by page of two. */
static int64_t
rows_behind(struct fixture *fixture, int64_t now,
    struct outbox_overview_ask ask)
{
	char cursor[32] = "";
	int64_t count = 0;

	ask.limit = 2;
	ask.cursor = cursor;
	if (ask.age == NULL)
		ask.age = "";
	if (ask.state == NULL)
		ask.state = "";
	do {
		struct json_document *document = overview(fixture, now, &ask);
		const struct json_value *root = json_root(document);

		count += (int64_t)json_value_count(
		    json_value_member(root, "deliveries"));
		snprintf(cursor, sizeof(cursor), "%s",
		    json_value_text(json_value_member(root, "next")));
		json_document_free(document);
	} while (cursor[0] != '\0');
	return count;
}

static void
each_number_is_that_of_its_rows(void **state)
{
	static const struct {
		int64_t ago;
		const char *age;
	} times[] = { { 0, "hour" }, { HOUR - 1, "hour" }, { HOUR, "day" },
		{ 24 * HOUR - 1, "day" }, { 24 * HOUR, "days" },
		{ INT64_C(72) * HOUR - 1, "days" },
		{ INT64_C(72) * HOUR, "older" },
		{ INT64_C(9000) * HOUR, "older" } };
	static const char *const names[] = { "hour", "day", "days", "older" };
	struct fixture fixture;

	(void)state;
	set_up(&fixture);
	add(&fixture, "376470000A", DELIVERY_OPENED, sent_at);
	add(&fixture, "376470000B", DELIVERY_QUEUED, sent_at);
	add(&fixture, "376470000C", DELIVERY_ACCEPTED, sent_at);
	add(&fixture, "376470000D", DELIVERY_CONFIRMED, sent_at);
	add(&fixture, "376470000E", DELIVERY_RETURNED, sent_at);
	for (size_t i = 0; i < ARRAY_LEN(times); i++) {
		int64_t now = sent_at + times[i].ago;

		for (size_t j = 0; j < ARRAY_LEN(names); j++) {
			struct outbox_overview_ask ask = { .age = names[j] };
			int64_t number =
			    strcmp(names[j], times[i].age) == 0 ? 3 : 0;

			assert_int_equal(sum(&fixture, now, "unconfirmed",
					     names[j]),
			    number);
			assert_int_equal(rows_behind(&fixture, now, ask),
			    number);
		}
	}
	assert_int_equal(rows_behind(&fixture, sent_at,
			     (struct outbox_overview_ask){ .age = "any" }),
	    3);
	assert_int_equal(sum(&fixture, sent_at, "sent", "opened"), 1);
	assert_int_equal(sum(&fixture, sent_at, "sent", "returned"), 1);
	assert_int_equal(rows_behind(&fixture, sent_at,
			     (struct outbox_overview_ask){
				 .state = "returned" }),
	    1);
	tear_down(&fixture);
}

static void
trouble_is_what_nobody_has_looked_at(void **state)
{
	const struct outbox_overview_ask trouble = { .only_trouble = true };
	int64_t next = times_next_day(sent_at);
	struct fixture fixture;
	int64_t open, returned;

	(void)state;
	set_up(&fixture);
	open = add(&fixture, "376470000A", DELIVERY_OPENED, sent_at);
	returned = add(&fixture, "376470000B", DELIVERY_RETURNED, sent_at);
	add(&fixture, "376470000C", DELIVERY_CONFIRMED, sent_at);
	assert_int_equal(sum(&fixture, sent_at + 1, NULL, "trouble"), 1);
	assert_int_equal(sum(&fixture, next, NULL, "trouble"), 2);
	assert_int_equal(sum(&fixture, next, NULL, "review"),
	    (int64_t)listed(&fixture, next));
	assert_int_equal(rows_behind(&fixture, next, trouble), 2);
	review(&fixture, returned, next);
	review(&fixture, open, next);
	assert_int_equal(sum(&fixture, next + HOUR, NULL, "trouble"), 0);
	assert_int_equal(rows_behind(&fixture, next + HOUR, trouble), 0);
	assert_int_equal(sum(&fixture, next + 24 * HOUR, NULL, "trouble"), 1);
	tear_down(&fixture);
}

static void
others_see_none_of_it(void **state)
{
	struct outbox_reading reading = { .now = sent_at,
		.scope = "376530000A" };
	struct outbox_overview_ask ask = { "", "", false, "", 10 };
	struct bytes json = { 0 };
	struct json_writer writer = json_writer_to(&json);
	struct error err = { 0 };
	struct fixture fixture;

	(void)state;
	set_up(&fixture);
	reading.rows = fixture.rows;
	add(&fixture, "376470000A", DELIVERY_OPENED, sent_at);
	check(outbox_overview_list(&reading, &ask, &writer, &err), &err);
	bytes_put_u8(&json, '\0');
	assert_string_equal((const char *)json.data,
	    "{\"deliveries\":[],\"next\":\"\"}");
	bytes_free(&json);
	tear_down(&fixture);
}

/* No table is read whole: there may be millions of each. */
static void
looks_at_no_row_too_many(struct fixture *fixture, const char *sql)
{
	/* They stay prepared, by their text. */
	static char texts[3][2048];
	static size_t used;
	char *text = texts[used++];
	struct query *query;
	struct error err = { 0 };
	int steps = 0;

	assert_true(used <= 3);
	snprintf(text, sizeof(texts[0]), "EXPLAIN QUERY PLAN %s", sql);
	check(query_begin(fixture->rows, text, &query, &err), &err);
	while (query_next(query, &err) > 0) {
		const char *step = query_text(query, 3);

		steps++;
		if (strncmp(step, "SCAN", 4) == 0)
			fail_msg("%s: %s", step, sql);
	}
	query_end(query);
	assert_true(steps > 2);
}

static void
a_page_reads_what_it_shows_and_not_all_rows(void **state)
{
	struct fixture fixture;

	(void)state;
	set_up(&fixture);
	looks_at_no_row_too_many(&fixture, outbox_review_list_sql);
	looks_at_no_row_too_many(&fixture, outbox_reviews_sql);
	looks_at_no_row_too_many(&fixture, outbox_reviewers_sql);
	tear_down(&fixture);
}

static int
outstanding(struct fixture *fixture, enum delivery_state state,
    struct outbox_mark *place)
{
	struct error err = { 0 };
	int found = outbox_outstanding(fixture->rows, 1, state, place, &err);

	check(found, &err);
	return found;
}

static void
save(struct fixture *fixture, int64_t row, enum delivery_state state,
    enum delivery_state reached)
{
	struct outbox_delivery delivery;
	struct outbox_waybill waybill;
	struct error err = { 0 };

	assert_int_equal(outbox_delivery_find_row(fixture->rows, row, &waybill,
			     &delivery, &err),
	    1);
	delivery.life.state = state;
	delivery.life.reached = reached;
	check(outbox_delivery_save(fixture->rows, &delivery, &err), &err);
}

/* `doc wait`: each receipt of thousands must not count all of them anew. */
static void
who_waits_looks_on_from_the_first_that_is_not_there(void **state)
{
	struct fixture fixture;
	struct outbox_mark place = { 0 }, anew = { 0 };
	int64_t rows[3];

	(void)state;
	set_up(&fixture);
	rows[0] = add(&fixture, "376470000A", DELIVERY_QUEUED, sent_at);
	rows[1] = add(&fixture, "376530000A", DELIVERY_QUEUED, sent_at);
	rows[2] = add(&fixture, "376550000A", DELIVERY_QUEUED, sent_at);
	assert_int_equal(outstanding(&fixture, DELIVERY_OPENED, &place), 1);
	assert_int_equal(place.delivery, rows[0]);

	save(&fixture, rows[1], DELIVERY_OPENED, DELIVERY_OPENED);
	assert_int_equal(outstanding(&fixture, DELIVERY_OPENED, &place), 1);
	assert_int_equal(place.delivery, rows[0]);
	/* One that ended otherwise is not waited for either. */
	save(&fixture, rows[0], DELIVERY_EXPIRED, DELIVERY_ACCEPTED);
	assert_int_equal(outstanding(&fixture, DELIVERY_OPENED, &place), 1);
	assert_int_equal(place.delivery, rows[2]);
	save(&fixture, rows[2], DELIVERY_CONFIRMED, DELIVERY_CONFIRMED);
	assert_int_equal(outstanding(&fixture, DELIVERY_OPENED, &place), 0);
	/* Opened is not signed for. */
	assert_int_equal(outstanding(&fixture, DELIVERY_CONFIRMED, &anew), 1);
	assert_int_equal(anew.delivery, rows[1]);
	tear_down(&fixture);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_next_day_begins_at_midnight_in_taipei),
		cmocka_unit_test(each_day_it_is_looked_at_again_until_it_ends),
		cmocka_unit_test(what_ended_badly_is_looked_at_once),
		cmocka_unit_test(nothing_is_to_be_done_about_what_ended_well),
		cmocka_unit_test(each_number_is_that_of_its_rows),
		cmocka_unit_test(trouble_is_what_nobody_has_looked_at),
		cmocka_unit_test(others_see_none_of_it),
		cmocka_unit_test(a_page_reads_what_it_shows_and_not_all_rows),
		cmocka_unit_test(
		    who_waits_looks_on_from_the_first_that_is_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
