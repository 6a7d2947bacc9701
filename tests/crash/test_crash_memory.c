/*
 * T-STO-01: the n-th request for memory fails, once or from then on, in the
 * store and its rows, in group commit, and in the readers and writers of
 * waybills, acts, statements and receipts.  Each says so in an ordinary way
 * (ERROR_BUSY), nothing leaks (with a leak checker), nothing is lost.
 */
#define _DEFAULT_SOURCE

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/error.h"
#include "crash/crash_store.h"
#include "envelope/act.h"
#include "envelope/head.h"
#include "envelope/keypart.h"
#include "envelope/leaf.h"
#include "envelope/receipt.h"
#include "envelope/statement.h"
#include "envelope/waybill.h"
#include "harness/alloc_fault.h"
#include "role/spool/group.h"
#include "store/query.h"
#include "store/rows.h"
#include "store/store.h"
#include "sys/loop.h"

enum { SAID_MAX = 20000, OBJECT_MAX = 65536, CHANGES = 3 };

static struct {
	char dir[CRASH_PATH_SIZE];
	struct crash_history *history;
	struct crash_said *said;
} box;

static void
empty_dir(void)
{
	crash_dir_remove(box.dir);
	assert_int_equal(mkdir(box.dir, 0700), 0);
}

/* ---- the store ------------------------------------------------------------- */

/* Returns how many requests there were. */
static unsigned
store_once(unsigned nth, bool for_ever)
{
	char complaint[CRASH_COMPLAINT_SIZE] = "";
	size_t count = 0;
	unsigned requests;

	empty_dir();
	crash_disk_begin(box.history, box.dir);
	alloc_fault_set(nth, for_ever);
	letters_work(box.dir, 0, 3, 4, true);
	requests = alloc_fault_clear();
	crash_disk_end();
	crash_said_before(box.history, box.history->count, box.said, SAID_MAX,
	    &count);
	if (letters_check(box.dir, box.said, count, complaint) < 0)
		fail_msg("request %u%s: %s", nth,
		    for_ever ? " and all later" : "", complaint);
	return requests;
}

static void
a_store_without_memory_loses_nothing(void **state)
{
	unsigned requests = store_once(UINT32_MAX, false);
	unsigned stride = crash_option("MEMORY_STRIDE", 9), runs = 0;

	(void)state;
	assert_true(requests > 100);
	for (unsigned nth = 0; nth < requests; nth += stride, runs += 2) {
		store_once(nth, false);
		store_once(nth + stride / 2, true);
	}
	fprintf(stderr, "failing memory, store: %u requests, %u runs, 0 lost\n",
	    requests, runs);
}

/* ---- group commit ----------------------------------------------------------- */

struct change {
	struct group_op op;
	struct store *store;
	int number;
	int finished;
	bool is_durable;
};

static int
apply(struct group_op *op, struct error *err)
{
	struct change *change = (struct change *)(void *)op;
	struct query *query;

	if (query_begin(store_rows(change->store),
		"INSERT INTO letter (id, payload, leaf) VALUES (?1, 0, 0)",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, change->number);
	return query_finish(query, err);
}

static void
finish(struct group_op *op, const struct error *failure)
{
	struct change *change = (struct change *)(void *)op;

	change->finished++;
	change->is_durable = failure == NULL;
}

static void
on_broken(void *ctx, const struct error *err)
{
	(void)err;
	*(bool *)ctx = true;
}

/* What was told as durable is there, what was told as refused is not. */
static void
check_changes(const struct change *changes, bool is_broken, unsigned nth)
{
	struct store_options options = letters_options(box.dir);
	struct store *store = NULL;
	struct error err = { 0 };

	assert_int_equal(store_open(&options, NULL, NULL, &store, &err), 0);
	for (int i = 0; i < CHANGES; i++) {
		struct query *query = NULL;
		int found;

		assert_int_equal(query_begin(store_rows(store),
				     "SELECT id FROM letter WHERE id = ?1",
				     &query, &err),
		    0);
		query_bind_int(query, 1, changes[i].number);
		found = query_next(query, &err);
		query_end(query);
		if (changes[i].finished != 1 ||
		    (changes[i].is_durable ? found != 1
					   : found != 0 && !is_broken))
			fail_msg("request %u: change %d told %d times, %s, "
				 "found %d",
			    nth, i, changes[i].finished,
			    changes[i].is_durable ? "durable" : "refused",
			    found);
	}
	store_close(store);
}

static unsigned
group_once(unsigned nth, bool for_ever)
{
	struct store_options options = letters_options(box.dir);
	struct change changes[CHANGES];
	bool is_broken = false;
	struct group_hooks hooks = { .broken = on_broken };
	struct group *group = NULL;
	struct loop *loop = NULL;
	struct store *store = NULL;
	struct error err = { 0 };
	unsigned requests;

	empty_dir();
	assert_int_equal(loop_new(&loop, &err), 0);
	assert_int_equal(store_open(&options, NULL, NULL, &store, &err), 0);
	assert_int_equal(group_new(loop, store, &hooks, &is_broken, &group,
			     &err),
	    0);
	alloc_fault_set(nth, for_ever);
	for (int i = 0; i < CHANGES; i++) {
		changes[i] =
		    (struct change){ .op = { .apply = apply, .finish = finish },
			    .store = store,
			    .number = i + 1 };
		group_add(group, &changes[i].op);
	}
	for (int i = 0; i < 3; i++)
		assert_int_equal(loop_run_once(loop, &err), 0);
	requests = alloc_fault_clear();
	group_free(group);
	store_close(store);
	loop_free(loop);
	check_changes(changes, is_broken, nth);
	return requests;
}

static void
a_group_without_memory_tells_the_truth(void **state)
{
	unsigned requests = group_once(UINT32_MAX, false);
	unsigned runs = 0;

	(void)state;
	assert_true(requests > 5);
	for (unsigned nth = 0; nth < requests; nth++, runs += 2) {
		group_once(nth, false);
		group_once(nth, true);
	}
	fprintf(stderr, "failing memory, group: %u requests, %u runs, 0 lost\n",
	    requests, runs);
}

/* ---- objects ------------------------------------------------------------------ */

typedef int (*pass_fn)(const void *json, size_t len, struct bytes *to,
    struct error *err);

#define PASS(kind, free_it)                                                    \
	static int pass_##kind(const void *json, size_t len, struct bytes *to, \
	    struct error *err)                                                 \
	{                                                                      \
		struct kind object = { 0 };                                    \
		int rc = kind##_decode(json, len, &object, err);               \
                                                                               \
		if (rc == 0)                                                   \
			rc = kind##_encode(&object, to, err);                  \
		free_it;                                                       \
		return rc;                                                     \
	}

PASS(head, (void)0)
PASS(waybill, (void)0)
PASS(leaf, (void)0)
PASS(keypart, (void)0)
PASS(act, (void)0)
PASS(statement, statement_free(&object))
PASS(receipt, receipt_free(&object))

static const struct {
	const char *name;
	pass_fn pass;
} objects[] = {
	{ "head", pass_head },
	{ "waybill", pass_waybill },
	{ "leaf", pass_leaf },
	{ "keypart", pass_keypart },
	{ "act", pass_act },
	{ "statement", pass_statement },
	{ "receipt", pass_receipt },
};

/* The corpus has a good one of each, behind a byte of its own. */
static size_t
read_object(const char *name, uint8_t *to)
{
	const char *root = getenv("SOURCE_ROOT");
	char path[4096];
	FILE *file;
	size_t len;

	snprintf(path, sizeof(path), "%s/tests/fuzz/corpus/envelope/%s",
	    root == NULL ? "." : root, name);
	file = fopen(path, "rb");
	assert_non_null(file);
	len = fread(to, 1, OBJECT_MAX, file);
	fclose(file);
	assert_true(len > 1);
	return len - 1;
}

/* With all the memory it wants, or in spite of a failure: the same. */
static void
compare(const char *name, unsigned nth, bool for_ever, const struct bytes *out,
    const struct bytes *wanted)
{
	if (out->len != wanted->len ||
	    memcmp(out->data, wanted->data, wanted->len) != 0)
		fail_msg("%s at request %u%s: %.*s", name, nth,
		    for_ever ? " and all later" : "", (int)out->len,
		    (const char *)out->data);
}

static unsigned
object_once(pass_fn pass, const char *name, const uint8_t *json, size_t len,
    unsigned nth, bool for_ever, struct bytes *wanted)
{
	struct bytes out = { 0 };
	struct error err = { 0 };
	unsigned requests;
	int rc;

	alloc_fault_set(nth, for_ever);
	rc = pass(json, len, &out, &err);
	requests = alloc_fault_clear();
	if (rc < 0 && err.code != ERROR_BUSY)
		fail_msg("%s at request %u: %d %s", name, nth, err.code,
		    err.text);
	if (rc == 0 && wanted->len == 0)
		bytes_put(wanted, out.data, out.len);
	if (rc == 0)
		compare(name, nth, for_ever, &out, wanted);
	bytes_free(&out);
	return rc == 0 && nth == UINT32_MAX ? requests : 0;
}

static void
objects_without_memory_are_refused_for_now(void **state)
{
	static uint8_t data[OBJECT_MAX];
	unsigned runs = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(objects); i++) {
		size_t len = read_object(objects[i].name, data);
		struct bytes wanted = { 0 };
		unsigned requests = object_once(objects[i].pass,
		    objects[i].name, data + 1, len, UINT32_MAX, false, &wanted);

		assert_true(requests > 0);
		for (unsigned nth = 0; nth < requests; nth++, runs += 2) {
			object_once(objects[i].pass, objects[i].name, data + 1,
			    len, nth, false, &wanted);
			object_once(objects[i].pass, objects[i].name, data + 1,
			    len, nth, true, &wanted);
		}
		bytes_free(&wanted);
	}
	fprintf(stderr, "failing memory, objects: %u runs, 0 bad\n", runs);
}

static int
set_up(void **state)
{
	(void)state;
	alloc_fault_init();
	crash_dir_make(box.dir);
	box.history = crash_history_new();
	box.said = calloc(SAID_MAX, sizeof(*box.said));
	assert_non_null(box.said);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	crash_dir_remove(box.dir);
	crash_history_free(box.history);
	free(box.said);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_store_without_memory_loses_nothing),
		cmocka_unit_test(a_group_without_memory_tells_the_truth),
		cmocka_unit_test(objects_without_memory_are_refused_for_now),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
