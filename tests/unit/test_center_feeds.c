/*
 * Feeds of a center, over a store: the numbers that items get in groups that are
 * kept and undone, and what of a feed one answer has.
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
#include "center/center_feeds.h"
#include "center/center_query_feed.h"
#include "center/center_rows.h"
#include "center/epoch/center_epoch_rows.h"
#include "harness/scratch.h"
#include "json/json_read.h"
#include "role/courier/courier.h"
#include "role/message.h"
#include "role/spool/group.h"
#include "store/leaves.h"
#include "store/query.h"
#include "store/rows.h"
#include "store/store.h"
#include "store/store_view.h"
#include "sys/loop.h"

enum { EPOCH = 3, CHANGES_MAX = 300, LARGE_LEN = 250 * 1024 };

static const char one[] = "gateway-1";
static const char two[] = "gateway-2";

/* A change that puts one item into a feed. */
struct change {
	struct group_op op; /* first: the group hands it back */
	struct center *center;
	const char *host;
	int64_t delivery;
	uint64_t entry;
	bool announces;
	bool fails; /* behind that */
	bool is_kept;
};

struct fixture {
	char folder[SCRATCH_PATH_SIZE];
	struct loop *loop;
	struct group_hooks hooks;
	struct center center;
	struct store_view *view;
	struct change changes[CHANGES_MAX];
	size_t count;
	struct error err;
};

/* ---- a center that has no more than feeds -------------------------------- */

static int
seal(void *ctx, struct error *err)
{
	struct fixture *fixture = ctx;

	return center_feeds_seal(fixture->center.feeds, err);
}

static void
run_rows(struct fixture *fixture, const char *sql)
{
	struct store *store = fixture->center.spool.store;

	if (store_begin(store, &fixture->err) < 0 ||
	    rows_run(store_rows(store), sql, &fixture->err) < 0 ||
	    store_commit(store, &fixture->err) < 0)
		fail_msg("%s", fixture->err.text);
}

static int
set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	struct center_epoch_row epoch = { .number = EPOCH };
	struct store_view_options seen = {
		.application_id = CENTER_APPLICATION_ID,
		.migrations = center_migrations,
		.migration_count = center_migration_count,
	};
	struct store_options options = {
		.application_id = CENTER_APPLICATION_ID,
		.migrations = center_migrations,
		.migration_count = center_migration_count,
		.segments = { .segment_mib = 1, .first_count = 1 },
		.allow_volatile = true,
	};
	struct spool *spool;

	assert_non_null(fixture);
	*state = fixture;
	spool = &fixture->center.spool;
	scratch_make(fixture->folder);
	seen.dir = options.dir = fixture->folder;
	fixture->hooks.seal = seal;
	if (loop_new(&fixture->loop, &fixture->err) < 0 ||
	    store_open(&options, NULL, NULL, &spool->store, &fixture->err) <
		0 ||
	    group_new(fixture->loop, spool->store, &fixture->hooks, fixture,
		&spool->group, &fixture->err) < 0 ||
	    center_feeds_new(&fixture->center, &fixture->center.feeds,
		&fixture->err) < 0 ||
	    store_begin(spool->store, &fixture->err) < 0 ||
	    center_epoch_add(store_rows(spool->store), &epoch, &fixture->err) <
		0 ||
	    store_commit(spool->store, &fixture->err) < 0 ||
	    store_view_open(&seen, &fixture->view, &fixture->err) < 0)
		fail_msg("%s", fixture->err.text);
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *fixture = *state;

	store_view_close(fixture->view);
	group_free(fixture->center.spool.group);
	center_feeds_free(fixture->center.feeds);
	store_close(fixture->center.spool.store);
	loop_free(fixture->loop);
	scratch_remove(fixture->folder);
	free(fixture);
	return 0;
}

static int
apply(struct group_op *op, struct error *err)
{
	struct change *change = (struct change *)(void *)op;
	int rc = change->announces
	    ? center_feed_announce(change->center, change->delivery,
		  change->host, change->entry, err)
	    : center_feed_add(change->center, change->host, change->delivery,
		  change->entry, err);

	return rc == 0 && change->fails
	    ? error_set(err, ERROR_BUSY, "told to fail")
	    : rc;
}

static void
finish(struct group_op *op, const struct error *failure)
{
	struct change *change = (struct change *)(void *)op;

	change->is_kept = failure == NULL;
}

/* With a savepoint of its own, or undone only with its whole group. */
static struct change *
add(struct fixture *fixture, const char *host, bool has_savepoint)
{
	struct change *change = &fixture->changes[fixture->count++];

	assert_true(fixture->count <= CHANGES_MAX);
	*change = (struct change){ .op = { .apply = apply,
				       .finish = finish,
				       .judges_first = !has_savepoint },
		.center = &fixture->center,
		.host = host };
	group_add(fixture->center.spool.group, &change->op);
	return change;
}

/* One group: all that was added. */
static void
turn(struct fixture *fixture)
{
	while (group_waiting(fixture->center.spool.group) > 0)
		if (loop_run_once(fixture->loop, &fixture->err) < 0)
			fail_msg("%s", fixture->err.text);
}

static uint64_t
newest(struct fixture *fixture, const char *host)
{
	uint64_t number = 0;

	assert_int_equal(center_feed_newest(&fixture->center, host, &number,
			     &fixture->err),
	    0);
	return number;
}

/* The sequences of a feed as its rows have them, such as "1 2 3". */
static void
check_rows(struct fixture *fixture, const char *host, const char *wanted)
{
	struct query *query;

	assert_int_equal(
	    query_begin(store_rows(fixture->center.spool.store),
		"SELECT coalesce(group_concat(sequence, ' '), '') FROM"
		" (SELECT sequence FROM feed WHERE host = ?1"
		" ORDER BY sequence)",
		&query, &fixture->err),
	    0);
	query_bind_text(query, 1, host);
	assert_int_equal(query_next(query, &fixture->err), 1);
	assert_string_equal(query_text(query, 0), wanted);
	query_end(query);
}

/* ---- numbers --------------------------------------------------------------- */

static void
items_are_numbered_for_each_host(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(newest(fixture, one), 0);
	add(fixture, one, false);
	add(fixture, two, false);
	add(fixture, one, true);
	add(fixture, one, false);
	turn(fixture);
	add(fixture, one, true);
	add(fixture, one, true);
	turn(fixture);
	add(fixture, one, false);
	turn(fixture);

	check_rows(fixture, one, "1 2 3 4 5 6");
	check_rows(fixture, two, "1");
	assert_int_equal(newest(fixture, one), 6);
	assert_int_equal(newest(fixture, two), 1);
}

static void
a_change_that_is_undone_alone_leaves_no_gap(void **state)
{
	struct fixture *fixture = *state;
	struct change *undone;

	add(fixture, one, false);
	undone = add(fixture, one, true);
	undone->fails = true;
	add(fixture, one, true);
	add(fixture, one, false);
	turn(fixture);

	assert_false(undone->is_kept);
	assert_true(fixture->changes[3].is_kept);
	check_rows(fixture, one, "1 2 3");
	assert_int_equal(newest(fixture, one), 3);
}

/* What memory knows of an undone group must not outlive it. */
static void
a_group_that_is_undone_whole_leaves_no_gap(void **state)
{
	struct fixture *fixture = *state;

	add(fixture, one, false);
	turn(fixture);
	add(fixture, one, false);
	add(fixture, one, false)->fails = true;
	turn(fixture);
	assert_false(fixture->changes[1].is_kept);
	assert_int_equal(newest(fixture, one), 1);
	add(fixture, one, false);
	turn(fixture);

	check_rows(fixture, one, "1 2");
	assert_int_equal(newest(fixture, one), 2);
}

/* A gateway would take what has an old number for what it has seen. */
static void
a_number_outlives_its_item_and_the_process(void **state)
{
	struct fixture *fixture = *state;

	add(fixture, one, false);
	add(fixture, one, false);
	turn(fixture);
	run_rows(fixture, "DELETE FROM feed");
	center_feeds_free(fixture->center.feeds);
	assert_int_equal(center_feeds_new(&fixture->center,
			     &fixture->center.feeds, &fixture->err),
	    0);
	assert_int_equal(newest(fixture, one), 2);
	add(fixture, one, false);
	turn(fixture);

	check_rows(fixture, one, "3");
}

/* ---- answers ----------------------------------------------------------------- */

struct answered {
	size_t len;
	size_t count;
	int64_t first, last; /* sequences; 0: none */
	int64_t newest;
};

static int64_t
number_of(const struct json_value *object, const char *name)
{
	int64_t number = -1;

	assert_true(
	    json_value_integer(json_value_member(object, name), &number));
	return number;
}

/* Read one answer; items of it stand in their order. */
static struct answered
read_after(struct fixture *fixture, uint64_t after, uint32_t limit)
{
	struct message_feed_read ask = { .after = after, .limit = limit };
	struct json_document *document;
	const struct json_value *items;
	struct bytes json = { 0 };
	struct answered answered;

	text_copy(ask.host, sizeof(ask.host), one);
	if (center_feed_write(fixture->view, &ask, &json, &fixture->err) < 0 ||
	    json_read(json.data, json.len, COURIER_ANSWER_MAX, &document,
		&fixture->err) < 0)
		fail_msg("%s", fixture->err.text);
	items = json_value_member(json_root(document), "items");
	answered = (struct answered){ .len = json.len,
		.count = json_value_count(items),
		.newest = number_of(json_root(document), "newest") };
	for (size_t i = 0; i < answered.count; i++) {
		int64_t sequence =
		    number_of(json_value_item(items, i), "sequence");

		assert_true(sequence > answered.last);
		answered.last = sequence;
		if (i == 0)
			answered.first = sequence;
	}
	json_document_free(document);
	bytes_free(&json);
	return answered;
}

/* Row 1 of `followed`: a receipt of so many bytes, which needs no log of ours. */
static void
keep_followed(struct fixture *fixture, size_t len)
{
	struct bytes sql = { 0 };

	bytes_put_format(&sql,
	    "INSERT INTO followed (id, leaf, json) VALUES (1, x'01',"
	    " CAST('\"%0*d\"' AS BLOB))",
	    (int)len, 0);
	bytes_put_u8(&sql, '\0');
	assert_int_equal(bytes_failed(&sql, &fixture->err), 0);
	run_rows(fixture, (const char *)sql.data);
	bytes_free(&sql);
}

static void
add_followed(struct fixture *fixture, size_t count)
{
	for (size_t i = 0; i < count; i++)
		add(fixture, one, false)->delivery = -1;
	turn(fixture);
}

static void
an_answer_goes_on_behind_the_last_one(void **state)
{
	struct fixture *fixture = *state;
	struct answered answered;

	keep_followed(fixture, 10);
	add_followed(fixture, 5);
	add(fixture, two, false)->delivery = -1;
	turn(fixture);

	answered = read_after(fixture, 0, 3);
	assert_int_equal(answered.count, 3);
	assert_int_equal(answered.first, 1);
	assert_int_equal(answered.newest, 3);
	answered = read_after(fixture, 3, 3);
	assert_int_equal(answered.count, 2);
	assert_int_equal(answered.first, 4);
	assert_int_equal(answered.newest, 5);
	answered = read_after(fixture, 5, 3);
	assert_int_equal(answered.count, 0);
	assert_int_equal(answered.newest, 5);
}

static void
an_answer_has_at_most_200_items(void **state)
{
	struct fixture *fixture = *state;

	keep_followed(fixture, 10);
	add_followed(fixture, 205);

	assert_int_equal(read_after(fixture, 0, 0).count, 200);
	assert_int_equal(read_after(fixture, 0, 500).count, 200);
	assert_int_equal(read_after(fixture, 0, 500).newest, 200);
	assert_int_equal(read_after(fixture, 200, 500).newest, 205);
}

/* A courier takes a mebibyte: what does not fit comes with the next answer. */
static void
an_answer_has_no_more_bytes_than_a_courier_takes(void **state)
{
	struct fixture *fixture = *state;
	struct answered answered;

	keep_followed(fixture, LARGE_LEN);
	add_followed(fixture, 6);

	answered = read_after(fixture, 0, 0);
	assert_int_equal(answered.count, 4);
	assert_true(answered.len <= COURIER_ANSWER_MAX);
	assert_int_equal(answered.newest, 4);
	answered = read_after(fixture, 4, 0);
	assert_int_equal(answered.count, 2);
	assert_int_equal(answered.first, 5);
	assert_int_equal(answered.newest, 6);
}

/* Statement 0 of the log, and a checkpoint of it. */
static void
append_leaf(struct fixture *fixture)
{
	struct store *store = fixture->center.spool.store;
	struct digest salt = { { 0 } };
	uint64_t index = 1;

	if (store_begin(store, &fixture->err) < 0 ||
	    leaves_append(store_leaves(store), &salt, "{}", 2, &index,
		&fixture->err) < 0 ||
	    store_commit(store, &fixture->err) < 0)
		fail_msg("%s", fixture->err.text);
	assert_int_equal(index, 0);
}

static void
add_checkpoint(struct fixture *fixture)
{
	struct store *store = fixture->center.spool.store;

	if (store_begin(store, &fixture->err) < 0 ||
	    leaves_checkpoint_add(store_leaves(store), 1, "note", 4,
		&fixture->err) < 0 ||
	    store_commit(store, &fixture->err) < 0)
		fail_msg("%s", fixture->err.text);
}

/* Else the gateway would go on behind it and never get the receipt. */
static void
an_answer_ends_before_what_no_checkpoint_covers(void **state)
{
	struct fixture *fixture = *state;

	keep_followed(fixture, 10);
	add_followed(fixture, 1);
	append_leaf(fixture);
	add(fixture, one, false)->entry = 0;
	turn(fixture);
	add_followed(fixture, 1);

	assert_int_equal(read_after(fixture, 0, 0).newest, 1);
	assert_int_equal(read_after(fixture, 1, 0).count, 0);
	add_checkpoint(fixture);
	assert_int_equal(read_after(fixture, 1, 0).count, 2);
	assert_int_equal(read_after(fixture, 1, 0).newest, 3);
}

static void
a_delivery_waits_for_the_receipt_of_its_waybill(void **state)
{
	struct fixture *fixture = *state;
	struct change *change;

	run_rows(fixture,
	    "INSERT INTO waybill VALUES (7, '', zeroblob(16), x'', '', '',"
	    " x'', 0, 0, 0, 0, x'', x'', 0, 0, x'', 0)");
	run_rows(fixture,
	    "INSERT INTO delivery (id, waybill, recipient, center, leaf, seal,"
	    " leaf_json, path, key_part, host, state, reached, flags) VALUES"
	    " (9, 7, '376490000A', '', x'', x'', x'', x'', x'', 'elsewhere',"
	    " 0, 0, 0)");
	append_leaf(fixture);
	change = add(fixture, one, false);
	change->delivery = 9;
	change->announces = true;
	turn(fixture);

	assert_true(change->is_kept);
	assert_int_equal(read_after(fixture, 0, 0).count, 0);
	add_checkpoint(fixture);
	assert_int_equal(read_after(fixture, 0, 0).count, 1);
	check_rows(fixture, one, "1");
	check_rows(fixture, "elsewhere", "");
}

/* Its numbers began anew: those of before say nothing. */
static void
who_names_another_epoch_hears_of_it(void **state)
{
	struct fixture *fixture = *state;
	struct message_feed_read ask = { .epoch = EPOCH };
	struct bytes json = { 0 };

	text_copy(ask.host, sizeof(ask.host), one);
	assert_int_equal(center_feed_write(fixture->view, &ask, &json,
			     &fixture->err),
	    0);
	ask.epoch = EPOCH - 1;
	assert_int_equal(center_feed_write(fixture->view, &ask, &json,
			     &fixture->err),
	    -1);
	assert_string_equal(fixture->err.id, "E5047");
	bytes_free(&json);
}

#define FEED_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FEED_TEST(items_are_numbered_for_each_host),
		FEED_TEST(a_change_that_is_undone_alone_leaves_no_gap),
		FEED_TEST(a_group_that_is_undone_whole_leaves_no_gap),
		FEED_TEST(a_number_outlives_its_item_and_the_process),
		FEED_TEST(an_answer_goes_on_behind_the_last_one),
		FEED_TEST(an_answer_has_at_most_200_items),
		FEED_TEST(an_answer_has_no_more_bytes_than_a_courier_takes),
		FEED_TEST(an_answer_ends_before_what_no_checkpoint_covers),
		FEED_TEST(a_delivery_waits_for_the_receipt_of_its_waybill),
		FEED_TEST(who_names_another_epoch_hears_of_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
