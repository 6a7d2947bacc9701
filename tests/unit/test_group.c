#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "harness/file_fault.h"
#include "harness/scratch.h"
#include "model/id.h"
#include "role/spool/group.h"
#include "store/query.h"
#include "store/rows.h"
#include "store/segment.h"
#include "store/store.h"
#include "sys/loop.h"

static const char schema[] = "CREATE TABLE note (text TEXT NOT NULL) STRICT;";
static const char *const migrations[] = { schema };

struct fixture {
	char path[SCRATCH_PATH_SIZE];
	struct loop *loop;
	struct store *store;
	struct group *group;
	struct group_hooks hooks;
	int attests;
	int seals;
	bool attest_waits;
	bool keep_fails;
	int broken;
};

/* A change that writes one row, then fails if told to. */
struct change {
	struct group_op op;
	struct fixture *fixture;
	const char *text;
	bool fails;
	bool refuses; /* before it writes */
	int finished;
	bool was_durable; /* rows seen by another connection when finished */
	struct error failure;
};

static int
count_rows(struct rows *rows)
{
	struct error err = { 0 };
	struct query *query;
	int count;

	assert_int_equal(query_begin(rows, "SELECT count(*) FROM note", &query,
			     &err),
	    0);
	assert_int_equal(query_next(query, &err), 1);
	count = (int)query_int(query, 0);
	query_end(query);
	return count;
}

/* What a crash at this moment would leave. */
static int
count_durable(struct fixture *fixture)
{
	struct store_options options = { .dir = fixture->path,
		.application_id = 7,
		.migrations = migrations,
		.migration_count = 1,
		.allow_volatile = true };
	struct error err = { 0 };
	struct rows *rows;
	int count;

	assert_int_equal(store_open_reader(&options, &rows, &err), 0);
	count = count_rows(rows);
	rows_close(rows);
	return count;
}

static int
apply(struct group_op *op, struct error *err)
{
	struct change *change = (struct change *)(void *)op;
	struct query *query;

	if (change->refuses)
		return error_set(err, ERROR_DENIED, "told to refuse");
	if (query_begin(store_rows(change->fixture->store),
		"INSERT INTO note (text) VALUES (?1)", &query, err) < 0)
		return -1;
	query_bind_text(query, 1, change->text);
	if (query_finish(query, err) < 0)
		return -1;
	return change->fails ? error_set(err, ERROR_DENIED, "told to fail") : 0;
}

static void
finish(struct group_op *op, const struct error *failure)
{
	struct change *change = (struct change *)(void *)op;

	change->finished++;
	if (failure != NULL)
		change->failure = *failure;
	else
		change->was_durable = count_durable(change->fixture) > 0;
}

static int
seal(void *ctx, struct error *err)
{
	struct fixture *fixture = ctx;

	(void)err;
	fixture->seals++;
	return 0;
}

static void
attest(void *ctx)
{
	struct fixture *fixture = ctx;

	fixture->attests++;
	if (!fixture->attest_waits)
		group_attested(fixture->group, NULL);
}

/* The evidence is a row as well. */
static int
keep(void *ctx, struct error *err)
{
	struct fixture *fixture = ctx;

	if (rows_run(store_rows(fixture->store),
		"INSERT INTO note (text) VALUES ('evidence')", err) < 0)
		return -1;
	return fixture->keep_fails ? error_set(err, ERROR_BUSY, "told to fail")
				   : 0;
}

static void
broken(void *ctx, const struct error *err)
{
	(void)ctx;
	fail_msg("store broken: %s", err->text);
}

static void
set_up(struct fixture *fixture, bool has_evidence)
{
	struct store_options options = { .application_id = 7,
		.migrations = migrations,
		.migration_count = 1,
		.segments = { .segment_mib = 1, .first_count = 1 },
		.allow_volatile = true };
	struct error err = { 0 };

	memset(fixture, 0, sizeof(*fixture));
	scratch_make(fixture->path);
	options.dir = fixture->path;
	fixture->hooks.broken = broken;
	fixture->hooks.seal = seal;
	if (has_evidence)
		fixture->hooks.attest = attest;
	assert_int_equal(loop_new(&fixture->loop, &err), 0);
	assert_int_equal(store_open(&options, NULL, NULL, &fixture->store,
			     &err),
	    0);
	assert_int_equal(group_new(fixture->loop, fixture->store,
			     &fixture->hooks, fixture, &fixture->group, &err),
	    0);
}

static void
tear_down(struct fixture *fixture)
{
	group_free(fixture->group);
	store_close(fixture->store);
	loop_free(fixture->loop);
	scratch_remove(fixture->path);
}

static void
add(struct fixture *fixture, struct change *change, const char *text,
    bool fails)
{
	*change = (struct change){ .op = { .apply = apply, .finish = finish },
		.fixture = fixture,
		.text = text,
		.fails = fails };
	group_add(fixture->group, &change->op);
}

static void
turn(struct fixture *fixture)
{
	struct error err = { 0 };

	assert_int_equal(loop_run_once(fixture->loop, &err), 0);
}

/* I1: no one is told of success before it is durable. */
static void
a_change_is_durable_before_it_is_finished(void **state)
{
	struct fixture fixture;
	struct change change;

	(void)state;
	set_up(&fixture, false);
	add(&fixture, &change, "a", false);
	assert_int_equal(change.finished, 0);

	turn(&fixture);

	assert_int_equal(change.finished, 1);
	assert_true(change.was_durable);
	tear_down(&fixture);
}

static void
changes_that_wait_share_one_transaction(void **state)
{
	struct fixture fixture;
	struct change changes[20];

	(void)state;
	set_up(&fixture, true);
	for (int i = 0; i < 20; i++)
		add(&fixture, &changes[i], "x", false);
	turn(&fixture);

	assert_int_equal(fixture.seals, 1);
	assert_int_equal(fixture.attests, 1);
	assert_int_equal(count_durable(&fixture), 20);
	tear_down(&fixture);
}

static void
a_change_that_fails_is_undone_alone(void **state)
{
	struct fixture fixture;
	struct change good, bad, other;

	(void)state;
	set_up(&fixture, false);
	add(&fixture, &good, "good", false);
	add(&fixture, &bad, "bad", true);
	add(&fixture, &other, "other", false);
	turn(&fixture);

	assert_int_equal(good.failure.code, ERROR_NONE);
	assert_int_equal(other.failure.code, ERROR_NONE);
	assert_int_equal(bad.finished, 1);
	assert_int_equal(bad.failure.code, ERROR_DENIED);
	assert_int_equal(count_durable(&fixture), 2);
	tear_down(&fixture);
}

static void
add_judging(struct fixture *fixture, struct change *change, bool refuses,
    bool fails)
{
	add(fixture, change, "judged", fails);
	change->op.judges_first = true;
	change->refuses = refuses;
}

static void
a_change_that_is_refused_before_its_rows_leaves_the_others(void **state)
{
	struct fixture fixture;
	struct change good, bad, other;

	(void)state;
	set_up(&fixture, false);
	add_judging(&fixture, &good, false, false);
	add_judging(&fixture, &bad, true, false);
	add_judging(&fixture, &other, false, false);
	turn(&fixture);

	assert_int_equal(good.failure.code, ERROR_NONE);
	assert_int_equal(other.failure.code, ERROR_NONE);
	assert_int_equal(bad.failure.code, ERROR_DENIED);
	assert_int_equal(count_durable(&fixture), 2);
	tear_down(&fixture);
}

/* Half of it must not stay; whoever comes next is safe from it. */
static void
a_change_that_fails_behind_its_rows_undoes_its_group_once(void **state)
{
	struct fixture fixture;
	struct change good, bad, later;

	(void)state;
	set_up(&fixture, false);
	add_judging(&fixture, &good, false, false);
	add_judging(&fixture, &bad, false, true);
	turn(&fixture);
	assert_int_equal(good.finished, 1);
	assert_true(error_is_temporary(&good.failure));
	assert_int_equal(bad.failure.code, ERROR_DENIED);
	assert_int_equal(count_durable(&fixture), 0);

	add_judging(&fixture, &good, false, false);
	add_judging(&fixture, &bad, false, true);
	add_judging(&fixture, &later, false, false);
	turn(&fixture);
	assert_int_equal(good.failure.code, ERROR_NONE);
	assert_int_equal(later.failure.code, ERROR_NONE);
	assert_int_equal(bad.failure.code, ERROR_DENIED);
	assert_int_equal(count_durable(&fixture), 2);
	tear_down(&fixture);
}

static void
nothing_is_finished_before_its_evidence(void **state)
{
	struct fixture fixture;
	struct change first, second;

	(void)state;
	set_up(&fixture, true);
	fixture.attest_waits = true;
	add(&fixture, &first, "first", false);
	turn(&fixture);
	add(&fixture, &second, "second", false);
	turn(&fixture);
	assert_int_equal(first.finished, 0);
	assert_int_equal(count_durable(&fixture), 1);

	group_attested(fixture.group, NULL);
	assert_int_equal(first.finished, 1);
	assert_int_equal(second.finished, 0);
	turn(&fixture);
	group_attested(fixture.group, NULL);
	assert_int_equal(second.finished, 1);
	tear_down(&fixture);
}

/* A first change whose evidence is made while a second one waits. */
static void
set_up_evidence(struct fixture *fixture, struct change *first,
    struct change *second)
{
	set_up(fixture, true);
	fixture->hooks.keep = keep;
	fixture->attest_waits = true;
	add(fixture, first, "first", false);
	turn(fixture);
	add(fixture, second, "second", false);
	turn(fixture);
	assert_int_equal(count_durable(fixture), 1);
}

static void
evidence_shares_the_transaction_of_the_next_group(void **state)
{
	struct fixture fixture;
	struct change first, second;

	(void)state;
	set_up_evidence(&fixture, &first, &second);
	group_keep_evidence(fixture.group);

	assert_int_equal(count_durable(&fixture), 3);
	assert_int_equal(first.finished, 1);
	assert_int_equal(first.failure.code, ERROR_NONE);
	assert_int_equal(second.finished, 0);
	assert_int_equal(fixture.attests, 2);

	group_keep_evidence(fixture.group);
	assert_int_equal(count_durable(&fixture), 4);
	assert_int_equal(second.finished, 1);
	assert_int_equal(second.failure.code, ERROR_NONE);
	tear_down(&fixture);
}

static void
evidence_that_is_kept_apart_lets_the_next_group_wait(void **state)
{
	struct fixture fixture;
	struct change first, second;

	(void)state;
	set_up_evidence(&fixture, &first, &second);
	fixture.hooks.keeps_apart = true;
	group_keep_evidence(fixture.group);

	assert_int_equal(count_durable(&fixture), 2);
	assert_int_equal(first.finished, 1);
	assert_int_equal(fixture.attests, 1);
	turn(&fixture);
	assert_int_equal(count_durable(&fixture), 3);
	assert_int_equal(second.finished, 0);
	assert_int_equal(fixture.attests, 2);
	tear_down(&fixture);
}

static void
evidence_that_cannot_be_kept_fails_its_group_alone(void **state)
{
	struct fixture fixture;
	struct change first, second;

	(void)state;
	set_up_evidence(&fixture, &first, &second);
	fixture.keep_fails = true;
	group_keep_evidence(fixture.group);

	assert_int_equal(first.finished, 1);
	assert_int_equal(first.failure.code, ERROR_BUSY);
	assert_int_equal(count_durable(&fixture), 1);
	fixture.keep_fails = false;
	turn(&fixture);
	group_keep_evidence(fixture.group);
	assert_int_equal(second.finished, 1);
	assert_int_equal(second.failure.code, ERROR_NONE);
	assert_int_equal(count_durable(&fixture), 3);
	tear_down(&fixture);
}

static void
evidence_that_fails_is_told_to_all_of_the_group(void **state)
{
	struct fixture fixture;
	struct change first, second;
	struct error why = { .code = ERROR_BUSY };

	(void)state;
	set_up(&fixture, true);
	fixture.attest_waits = true;
	add(&fixture, &first, "first", false);
	add(&fixture, &second, "second", false);
	turn(&fixture);
	group_attested(fixture.group, &why);

	assert_int_equal(first.failure.code, ERROR_BUSY);
	assert_int_equal(second.failure.code, ERROR_BUSY);
	tear_down(&fixture);
}

static void
a_group_in_which_all_failed_needs_no_evidence(void **state)
{
	struct fixture fixture;
	struct change bad;

	(void)state;
	set_up(&fixture, true);
	add(&fixture, &bad, "bad", true);
	turn(&fixture);

	assert_int_equal(bad.finished, 1);
	assert_int_equal(fixture.attests, 0);
	assert_int_equal(count_durable(&fixture), 0);
	tear_down(&fixture);
}

/* SQLite may undo all of a transaction, savepoints and all, with one change. */
static void
a_group_without_room_is_told_so_and_the_next_one_goes_on(void **state)
{
	static char text[100000];
	struct fixture fixture;
	struct change good, large, later;
	struct error err = { 0 };

	(void)state;
	set_up(&fixture, false);
	memset(text, 'x', sizeof(text) - 1);
	assert_int_equal(rows_run(store_rows(fixture.store),
			     "PRAGMA max_page_count = 1", &err),
	    0);
	add(&fixture, &good, "good", false);
	add(&fixture, &large, text, false);
	turn(&fixture);

	assert_int_equal(good.finished, 1);
	assert_true(error_is_temporary(&good.failure));
	assert_true(error_is_temporary(&large.failure));
	assert_string_equal(good.failure.id, "E5001");
	assert_int_equal(count_durable(&fixture), 0);

	assert_int_equal(rows_run(store_rows(fixture.store),
			     "PRAGMA max_page_count = 100000", &err),
	    0);
	add(&fixture, &later, text, false);
	turn(&fixture);
	assert_true(later.was_durable);
	tear_down(&fixture);
}

static void
count_broken(void *ctx, const struct error *err)
{
	struct fixture *fixture = ctx;

	assert_string_equal(err->id, "E5003");
	fixture->broken++;
}

/* A sync fails in a group that is none of ours, as of idle work. */
static void
break_store(struct fixture *fixture)
{
	struct segment_writer *writer = NULL;
	struct payload payload = { 0 };
	struct id label = { { 1 } };
	struct error err = { 0 };

	assert_int_equal(store_begin(fixture->store, &err), 0);
	assert_int_equal(store_payload_new(fixture->store, &label, &writer,
			     &err),
	    0);
	assert_int_equal(segment_writer_put(writer, "x", 1, &err), 0);
	assert_int_equal(store_payload_add(fixture->store, writer, &payload,
			     &err),
	    0);
	payload_free(&payload);
	file_fault_set(FILE_FAULT_SYNC, 0, 1, EIO);
	assert_int_equal(store_commit(fixture->store, &err), -1);
	file_fault_clear();
}

/*
 * Only a restart mends it: going on would refuse everything for ever, with
 * nobody to notice.
 */
static void
a_store_that_broke_between_groups_ends_the_process(void **state)
{
	struct fixture fixture;
	struct change change;

	(void)state;
	set_up(&fixture, false);
	fixture.hooks.broken = count_broken;
	break_store(&fixture);

	add(&fixture, &change, "a", false);
	turn(&fixture);

	assert_int_equal(fixture.broken, 1);
	assert_int_equal(change.finished, 1);
	assert_int_equal(change.failure.code, ERROR_SYSTEM);
	tear_down(&fixture);
}

/* The negative control of the kill scenario really acknowledges too early. */
static void
the_mode_for_tests_is_seen_to_lose(void **state)
{
	struct fixture fixture;
	struct change first, second;

	(void)state;
	set_up(&fixture, false);
	fixture.hooks.tests_never_wait = true;
	add(&fixture, &first, "first", false);
	turn(&fixture);
	add(&fixture, &second, "second", false);
	turn(&fixture);

	assert_int_equal(second.finished, 1);
	assert_true(count_durable(&fixture) < 2);
	tear_down(&fixture);
}

/* While many changes come, several of them share a group. */
static void
under_load_groups_wait_for_more(void **state)
{
	enum { BURST = 50, SPAN_MS = 120, CHANGES_MAX = 200000 };
	struct change *changes = calloc(CHANGES_MAX, sizeof(*changes));
	struct fixture fixture;
	uint64_t until;
	size_t count = 0;
	size_t before;
	int groups;

	(void)state;
	assert_non_null(changes);
	set_up(&fixture, false);
	/* Longer than this process may have to wait for its processor. */
	fixture.hooks.pace_ms = 200;
	until = loop_now_ms(fixture.loop) + SPAN_MS;
	while (loop_now_ms(fixture.loop) < until) {
		for (int i = 0; i < BURST && count < CHANGES_MAX / 2; i++)
			add(&fixture, &changes[count++], "x", false);
		turn(&fixture);
	}
	groups = fixture.seals;
	before = count;
	until = loop_now_ms(fixture.loop) + SPAN_MS;
	while (loop_now_ms(fixture.loop) < until && count < CHANGES_MAX) {
		add(&fixture, &changes[count++], "x", false);
		turn(&fixture);
	}
	/* One group each, if none waited; how many it is depends on the clock. */
	assert_true((size_t)(fixture.seals - groups) * 4 < count - before);
	until = loop_now_ms(fixture.loop) + 2000;
	while (
	    !changes[count - 1].finished && loop_now_ms(fixture.loop) < until)
		turn(&fixture);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(changes[i].finished, 1);
	tear_down(&fixture);
	free(changes);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_change_is_durable_before_it_is_finished),
		cmocka_unit_test(changes_that_wait_share_one_transaction),
		cmocka_unit_test(under_load_groups_wait_for_more),
		cmocka_unit_test(a_change_that_fails_is_undone_alone),
		cmocka_unit_test(
		    a_change_that_is_refused_before_its_rows_leaves_the_others),
		cmocka_unit_test(
		    a_change_that_fails_behind_its_rows_undoes_its_group_once),
		cmocka_unit_test(nothing_is_finished_before_its_evidence),
		cmocka_unit_test(
		    evidence_shares_the_transaction_of_the_next_group),
		cmocka_unit_test(
		    evidence_that_is_kept_apart_lets_the_next_group_wait),
		cmocka_unit_test(
		    evidence_that_cannot_be_kept_fails_its_group_alone),
		cmocka_unit_test(
		    evidence_that_fails_is_told_to_all_of_the_group),
		cmocka_unit_test(a_group_in_which_all_failed_needs_no_evidence),
		cmocka_unit_test(
		    a_group_without_room_is_told_so_and_the_next_one_goes_on),
		cmocka_unit_test(
		    a_store_that_broke_between_groups_ends_the_process),
		cmocka_unit_test(the_mode_for_tests_is_seen_to_lose),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
