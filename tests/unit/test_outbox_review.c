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
#include "gateway/outbox/outbox_review.h"
#include "gateway/outbox/outbox_rows.h"
#include "harness/scratch.h"
#include "json/json_read.h"
#include "json/json_write.h"
#include "model/times.h"
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
		.migration_count = GATEWAY_MIGRATIONS,
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

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_next_day_begins_at_midnight_in_taipei),
		cmocka_unit_test(each_day_it_is_looked_at_again_until_it_ends),
		cmocka_unit_test(what_ended_badly_is_looked_at_once),
		cmocka_unit_test(nothing_is_to_be_done_about_what_ended_well),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
