/*
 * The queue to other centers over rows: what is refused is set aside and comes
 * back at its time, and hides nothing behind it.
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
#include "base/text.h"
#include "center/center.h"
#include "center/center_rows.h"
#include "center/send/center_send_rows.h"
#include "harness/scratch.h"
#include "store/rows.h"

enum { NOW = 1000000, MAX_WAIT = 60000, LARGE = 1000 };

struct fixture {
	char folder[SCRATCH_PATH_SIZE];
	struct rows *rows;
	struct error err;
};

static int
set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	char path[SCRATCH_PATH_SIZE + 16];
	struct rows_options options = { .path = path,
		.application_id = CENTER_APPLICATION_ID,
		.migrations = center_migrations,
		.migration_count = center_migration_count,
		.allow_volatile = true };

	assert_non_null(fixture);
	scratch_make(fixture->folder);
	snprintf(path, sizeof(path), "%s/rows.db", fixture->folder);
	if (rows_open(&options, &fixture->rows, &fixture->err) < 0 ||
	    rows_begin(fixture->rows, &fixture->err) < 0)
		fail_msg("%s", fixture->err.text);
	*state = fixture;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *fixture = *state;

	rows_close(fixture->rows);
	scratch_remove(fixture->folder);
	free(fixture);
	return 0;
}

static void
add(struct fixture *fixture, const char *center, enum center_send_kind kind,
    int64_t rank)
{
	struct center_send send = { .kind = kind, .entry = 1, .rank = rank };

	text_copy(send.center, sizeof(send.center), center);
	assert_int_equal(center_send_add(fixture->rows, &send, &fixture->err),
	    0);
}

/* The row of the next one, or 0. */
static int64_t
next(struct fixture *fixture, enum center_send_kind kind, int64_t after)
{
	struct center_send send = { 0 };
	int found = center_send_next(fixture->rows, "center-b", kind, after,
	    &send, &fixture->err);

	assert_true(found >= 0);
	return found > 0 ? send.row : 0;
}

/* The one that comes back, or 0. */
static int64_t
aside(struct fixture *fixture, enum center_send_kind kind, int64_t now)
{
	struct center_send send = { 0 };
	int found = center_send_aside(fixture->rows, "center-b", kind, now,
	    MAX_WAIT, &send, &fixture->err);

	assert_true(found >= 0);
	return found > 0 ? send.row : 0;
}

static void
set_aside(struct fixture *fixture, int64_t row, int64_t retry_at)
{
	struct center_send send = { .row = row,
		.failures = 1,
		.retry_at = retry_at,
		.reason = "E4032" };

	assert_int_equal(center_send_set_aside(fixture->rows, &send,
			     &fixture->err),
	    0);
}

static int64_t
next_due(struct fixture *fixture, int64_t now)
{
	int64_t at;

	assert_int_equal(center_send_next_due(fixture->rows, "center-b", now,
			     &at, &fixture->err),
	    0);
	return at;
}

static void
a_refused_one_hides_nothing_behind_it(void **state)
{
	struct fixture *fixture = *state;
	int64_t first, second;

	for (int i = 0; i < 3; i++)
		add(fixture, "center-b", CENTER_SEND_RECEIPT, 0);
	first = next(fixture, CENTER_SEND_RECEIPT, 0);
	second = next(fixture, CENTER_SEND_RECEIPT, first);
	set_aside(fixture, first, NOW + 500);

	assert_int_equal(next(fixture, CENTER_SEND_RECEIPT, 0), second);
	assert_true(next(fixture, CENTER_SEND_RECEIPT, second) > second);
	assert_int_equal(next(fixture, CENTER_SEND_WITHDRAWAL, 0), 0);
}

static void
it_comes_back_at_its_time(void **state)
{
	struct fixture *fixture = *state;
	int64_t first, second;

	for (int i = 0; i < 2; i++)
		add(fixture, "center-b", CENTER_SEND_WITHDRAWAL, 0);
	first = next(fixture, CENTER_SEND_WITHDRAWAL, 0);
	second = next(fixture, CENTER_SEND_WITHDRAWAL, first);
	set_aside(fixture, first, NOW + 500);
	set_aside(fixture, second, NOW + 400);

	assert_int_equal(next(fixture, CENTER_SEND_WITHDRAWAL, 0), 0);
	assert_int_equal(aside(fixture, CENTER_SEND_WITHDRAWAL, NOW), 0);
	assert_int_equal(next_due(fixture, NOW), NOW + 400);
	assert_int_equal(aside(fixture, CENTER_SEND_WITHDRAWAL, NOW + 400),
	    second);
	assert_int_equal(next_due(fixture, NOW + 400), NOW + 500);
	assert_int_equal(aside(fixture, CENTER_SEND_RECEIPT, NOW + 400), 0);
	assert_int_equal(next_due(fixture, NOW + 500), INT64_MAX);
}

/* The clock was ten minutes ahead when it was set aside. */
static void
a_wait_of_another_clock_is_none(void **state)
{
	struct fixture *fixture = *state;
	int64_t row;

	add(fixture, "center-b", CENTER_SEND_RECEIPT, 0);
	row = next(fixture, CENTER_SEND_RECEIPT, 0);
	set_aside(fixture, row, NOW + 10 * MAX_WAIT);

	assert_int_equal(aside(fixture, CENTER_SEND_RECEIPT, NOW), row);
}

static void
relays_go_by_rank_and_others_by_row(void **state)
{
	struct fixture *fixture = *state;
	struct center_send due[4];
	size_t count;

	add(fixture, "center-b", CENTER_SEND_RELAY, 30);
	add(fixture, "center-b", CENTER_SEND_MOVE, 10);
	add(fixture, "center-b", CENTER_SEND_RELAY, 20);
	add(fixture, "center-b", CENTER_SEND_RECEIPT, 1);
	add(fixture, "center-b", CENTER_SEND_RECEIPT, 0);

	assert_int_equal(center_send_due(fixture->rows, "center-b", NOW,
			     MAX_WAIT, LARGE, false, due, ARRAY_LEN(due),
			     &count, &fixture->err),
	    0);
	assert_int_equal(count, 3);
	assert_int_equal(due[0].row, 2);
	assert_int_equal(due[1].row, 3);
	assert_int_equal(due[2].row, 1);
	assert_int_equal(next(fixture, CENTER_SEND_RECEIPT, 0), 4);
	assert_int_equal(next(fixture, CENTER_SEND_RECEIPT, 4), 5);
}

static void
take_name(void *ctx, const char *center)
{
	bytes_put_format(ctx, "%s ", center);
}

static void
each_center_is_named_once(void **state)
{
	struct fixture *fixture = *state;
	struct bytes names = { 0 };

	for (int i = 0; i < 3; i++) {
		add(fixture, "center-d", CENTER_SEND_RECEIPT, 0);
		add(fixture, "center-b", CENTER_SEND_RELAY, 0);
		add(fixture, "center-c", CENTER_SEND_REWRAP, 0);
	}
	add(fixture, "center-d", CENTER_SEND_MOVE, 0);

	assert_int_equal(center_send_centers(fixture->rows, take_name, &names,
			     &fixture->err),
	    0);
	bytes_put_u8(&names, '\0');
	assert_string_equal((const char *)names.data,
	    "center-b center-c center-d ");
	bytes_free(&names);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test_setup_teardown(a_refused_one_hides_nothing_behind_it,
	    set_up, tear_down),
	cmocka_unit_test_setup_teardown(it_comes_back_at_its_time, set_up,
	    tear_down),
	cmocka_unit_test_setup_teardown(a_wait_of_another_clock_is_none, set_up,
	    tear_down),
	cmocka_unit_test_setup_teardown(relays_go_by_rank_and_others_by_row,
	    set_up, tear_down),
	cmocka_unit_test_setup_teardown(each_center_is_named_once, set_up,
	    tear_down),
};

int
main(void)
{
	return cmocka_run_group_tests_name("center_send", tests, NULL, NULL);
}
