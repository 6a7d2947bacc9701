#define _DEFAULT_SOURCE

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/error.h"
#include "harness/file_fault.h"
#include "harness/scratch.h"
#include "store/leaves.h"
#include "store/query.h"
#include "store/rows.h"
#include "store/store.h"

enum { ACKS_MAX = 100000, LETTER_MAX = 40000 };

static const char *const migrations[] = {
	"CREATE TABLE letter (id INTEGER PRIMARY KEY, payload INTEGER NOT NULL)",
};

/* What became of letters; also visible after their writer died. */
enum letter_state { LETTER_UNKNOWN, LETTER_ACKNOWLEDGED, LETTER_REMOVED };
struct acks {
	volatile uint32_t next; /* letter; each is stored once */
	volatile uint32_t count;
	volatile uint8_t letters[ACKS_MAX];
};

struct box {
	char dir[SCRATCH_PATH_SIZE];
	struct store_options options;
	struct store *store;
	struct acks *acks;
	unsigned lost;
	unsigned ends;        /* how often the owner was told to end */
	unsigned told_before; /* who heard of the group before that */
};

static struct box box;

static void
note_lost(void *context, const struct payload *payload, const struct error *why)
{
	(void)context;
	(void)payload;
	(void)why;
	box.lost++;
}

static int
try_open(struct error *err)
{
	store_close(box.store);
	box.store = NULL;
	box.lost = 0;
	return store_open(&box.options, note_lost, NULL, &box.store, err);
}

static void
reopen(void)
{
	struct error err = { 0 };

	if (try_open(&err) < 0)
		fail_msg("%s", err.text);
}

static int
set_up(void **state)
{
	(void)state;
	file_fault_clear();
	memset(&box, 0, sizeof(box));
	box.acks = mmap(NULL, sizeof(*box.acks), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(box.acks, MAP_FAILED);
	scratch_make(box.dir);
	box.options = (struct store_options){ .dir = box.dir,
		.application_id = 7,
		.migrations = migrations,
		.migration_count = 1,
		.segments = { .segment_mib = 1 },
		.allow_volatile = true };
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	file_fault_clear();
	store_close(box.store);
	munmap(box.acks, sizeof(*box.acks));
	scratch_remove(box.dir);
	return 0;
}

static size_t
len_of(uint32_t letter)
{
	return letter * 2654435761U % LETTER_MAX;
}

static void
fill_letter(uint32_t letter, uint8_t *data, size_t len)
{
	for (size_t i = 0; i < len; i++)
		data[i] = (uint8_t)(letter * 31 + i * 7 + i / 251);
}

static void
acknowledge(void *context, const struct error *why)
{
	uint32_t letter = (uint32_t)(uintptr_t)context;

	if (why != NULL)
		return;
	box.acks->letters[letter] = LETTER_ACKNOWLEDGED;
	box.acks->count++;
}

/* Payload, row and leaf of one letter, in the open group. */
static int
add_letter(uint32_t letter, struct error *err)
{
	static uint8_t data[LETTER_MAX];
	const struct id label = { { (uint8_t)letter } };
	const struct digest salt = { { 1 } };
	struct segment_writer *writer = NULL;
	struct payload payload = { 0 };
	struct query *query = NULL;
	uint64_t index = 0, number;

	fill_letter(letter, data, len_of(letter));
	if (store_payload_new(box.store, &label, &writer, err) < 0)
		return -1;
	if (segment_writer_put(writer, data, len_of(letter), err) < 0) {
		segment_writer_abort(writer);
		return -1;
	}
	if (store_payload_add(box.store, writer, &payload, err) < 0)
		return -1;
	number = payload.number;
	payload_free(&payload);
	if (query_begin(store_rows(box.store),
		"INSERT INTO letter (id, payload) VALUES (?1, ?2)", &query,
		err) < 0)
		return -1;
	query_bind_int(query, 1, letter);
	query_bind_int(query, 2, (int64_t)number);
	if (query_finish(query, err) < 0)
		return -1;
	if (leaves_append(store_leaves(box.store), &salt, &letter,
		sizeof(letter), &index, err) < 0)
		return -1;
	return store_after(box.store, acknowledge, (void *)(uintptr_t)letter,
	    err);
}

static int
store_letters(uint32_t first, uint32_t count, struct error *err)
{
	if (store_begin(box.store, err) < 0)
		return -1;
	for (uint32_t i = 0; i < count; i++)
		if (add_letter(first + i, err) < 0) {
			store_abort(box.store, err);
			return -1;
		}
	return store_commit(box.store, err);
}

/* Payload number of a letter; 0 if there is no row. */
static uint64_t
number_of(uint32_t letter)
{
	struct query *query = NULL;
	struct error err = { 0 };
	uint64_t number = 0;

	assert_int_equal(query_begin(store_rows(box.store),
			     "SELECT payload FROM letter WHERE id = ?1", &query,
			     &err),
	    0);
	query_bind_int(query, 1, letter);
	if (query_next(query, &err) > 0)
		number = (uint64_t)query_int(query, 0);
	query_end(query);
	return number;
}

static bool
payload_is_whole(uint32_t letter, const struct payload *payload)
{
	static uint8_t wanted[LETTER_MAX];
	struct segment_reader *reader = NULL;
	const uint8_t *data = NULL;
	struct error err = { 0 };
	size_t at = 0, len = 0;
	int more;

	fill_letter(letter, wanted, len_of(letter));
	assert_int_equal(segment_reader_new(store_segments(box.store), payload,
			     &reader, &err),
	    0);
	while ((more = segment_reader_next(reader, &data, &len, &err)) > 0) {
		assert_true(at + len <= len_of(letter));
		assert_memory_equal(data, wanted + at, len);
		at += len;
	}
	segment_reader_free(reader);
	return more == 0 && at == len_of(letter);
}

static bool
letter_is_whole(uint32_t letter)
{
	struct payload payload = { 0 };
	struct error err = { 0 };
	uint64_t number = number_of(letter);
	bool is_whole;

	if (number == 0 ||
	    store_payload_find(box.store, number, &payload, &err) < 0)
		return false;
	is_whole = payload_is_whole(letter, &payload);
	payload_free(&payload);
	return is_whole;
}

/* Acknowledged letters that are not there, whole. */
static unsigned
missing(void)
{
	unsigned count = 0;

	for (uint32_t letter = 0; letter < ACKS_MAX; letter++)
		if (box.acks->letters[letter] == LETTER_ACKNOWLEDGED &&
		    !letter_is_whole(letter))
			count++;
	return count;
}

static int64_t
count_of(const char *sql)
{
	struct query *query = NULL;
	struct error err = { 0 };
	int64_t count;

	assert_int_equal(query_begin(store_rows(box.store), sql, &query, &err),
	    0);
	assert_int_equal(query_next(query, &err), 1);
	count = query_int(query, 0);
	query_end(query);
	return count;
}

static uint64_t
blocks_used(void)
{
	struct segments_state now;

	segments_state(store_segments(box.store), &now);
	return now.blocks_used;
}

static void
a_group_is_there_after_opening_again(void **state)
{
	struct error err = { 0 };
	struct digest root;

	(void)state;
	reopen();
	assert_int_equal(store_letters(1, 100, &err), 0);
	assert_int_equal(box.acks->count, 100);
	root = leaves_root(store_leaves(box.store));

	reopen();

	assert_int_equal(missing(), 0);
	assert_int_equal(leaves_size(store_leaves(box.store)), 100);
	assert_memory_equal(leaves_root(store_leaves(box.store)).bytes,
	    root.bytes, sizeof(root.bytes));
}

/* docs/store.md: "written" becomes "free". */
static void
an_undone_group_leaves_nothing(void **state)
{
	struct error err = { 0 }, why = { 0 };

	(void)state;
	reopen();
	assert_int_equal(store_begin(box.store, &err), 0);
	assert_int_equal(add_letter(1, &err), 0);
	store_abort(box.store, &why);
	assert_int_equal(box.acks->count, 0);
	assert_int_equal(blocks_used(), 0);
	assert_int_equal(count_of("SELECT count(*) FROM payload"), 0);
	reopen();
	assert_int_equal(blocks_used(), 0);
}

/* docs/store.md: "stored" becomes "free" by way of "removed". */
static void
removed_payload_is_free_after_the_commit_only(void **state)
{
	struct error err = { 0 }, why = { 0 };
	uint64_t used;

	(void)state;
	reopen();
	assert_int_equal(store_letters(1, 1, &err), 0);
	used = blocks_used();
	assert_true(used > 0);

	assert_int_equal(store_begin(box.store, &err), 0);
	assert_int_equal(store_payload_remove(box.store, number_of(1), &err),
	    0);
	assert_int_equal(blocks_used(), used);
	store_abort(box.store, &why);
	assert_int_equal(blocks_used(), used);
	assert_true(letter_is_whole(1));

	assert_int_equal(store_begin(box.store, &err), 0);
	assert_int_equal(store_payload_remove(box.store, number_of(1), &err),
	    0);
	assert_int_equal(store_commit(box.store, &err), 0);
	assert_int_equal(blocks_used(), 0);
}

static void
numbers_are_never_used_again(void **state)
{
	struct error err = { 0 };
	uint64_t number;

	(void)state;
	reopen();
	assert_int_equal(store_letters(1, 1, &err), 0);
	number = number_of(1);
	assert_int_equal(store_begin(box.store, &err), 0);
	assert_int_equal(store_payload_remove(box.store, number, &err), 0);
	assert_int_equal(store_commit(box.store, &err), 0);
	reopen();
	assert_int_equal(store_letters(2, 1, &err), 0);
	assert_true(number_of(2) > number);
}

static void
a_second_owner_is_refused(void **state)
{
	struct store *other = NULL;
	struct error err = { 0 };

	(void)state;
	reopen();
	assert_int_equal(store_open(&box.options, NULL, NULL, &other, &err),
	    -1);
	assert_int_equal(err.code, ERROR_BUSY);
	assert_string_equal(err.id, "E5004");
}

static void
a_full_disk_is_temporary_and_acknowledges_nothing(void **state)
{
	struct error err = { 0 };
	uint32_t letter = 1;

	(void)state;
	reopen();
	file_fault_set(FILE_FAULT_ALLOCATE, 0, 1, ENOSPC);
	while (store_letters(letter, 10, &err) == 0)
		letter += 10;
	assert_true(error_is_temporary(&err));
	assert_string_equal(err.id, "E5001");
	assert_int_equal(box.acks->count, letter - 1);
	assert_int_equal(number_of(letter), 0);

	assert_int_equal(store_letters(letter, 10, &err), 0);
	reopen();
	assert_int_equal(missing(), 0);
	assert_int_equal(count_of("SELECT count(*) FROM letter"),
	    letter - 1 + 10);
}

static void
rows_without_room_are_temporary(void **state)
{
	struct error err = { 0 };

	(void)state;
	reopen();
	assert_int_equal(store_letters(1, 10, &err), 0);
	assert_int_equal(rows_run(store_rows(box.store),
			     "PRAGMA max_page_count = 1", &err),
	    0);
	assert_int_equal(store_letters(11, 200, &err), -1);
	assert_true(error_is_temporary(&err));
	assert_int_equal(box.acks->count, 10);
	assert_int_equal(rows_run(store_rows(box.store),
			     "PRAGMA max_page_count = 100000", &err),
	    0);
	assert_int_equal(store_letters(11, 200, &err), 0);
	reopen();
	assert_int_equal(missing(), 0);
	assert_int_equal(leaves_size(store_leaves(box.store)), 210);
}

/* T-STO-08. */
static void
a_failed_sync_ends_acceptance_until_the_next_start(void **state)
{
	struct error err = { 0 };

	(void)state;
	reopen();
	assert_int_equal(store_letters(1, 5, &err), 0);
	file_fault_set(FILE_FAULT_SYNC, 0, 1, EIO);

	assert_int_equal(store_letters(6, 5, &err), -1);
	assert_int_equal(err.code, ERROR_SYSTEM);
	assert_int_equal(box.acks->count, 5);
	for (int i = 0; i < 3; i++) {
		err = (struct error){ 0 };
		assert_int_equal(store_letters(11, 5, &err), -1);
		assert_int_equal(err.code, ERROR_SYSTEM);
		assert_string_equal(err.id, "E5003");
	}
	assert_int_equal(box.acks->count, 5);

	reopen();
	assert_int_equal(missing(), 0);
	/* Payload comes first: no row without it. */
	assert_int_equal(number_of(6), 0);
	assert_int_equal(store_letters(11, 5, &err), 0);
}

static void
note_end(void *context, const struct error *why)
{
	(void)context;
	assert_int_equal(why->code, ERROR_SYSTEM);
	box.ends++;
}

static void
note_told(void *context, const struct error *why)
{
	(void)context;
	assert_non_null(why);
	box.told_before += box.ends == 0;
}

/* Whoever waits for the group might tell others what he thinks is durable. */
static void
the_owner_ends_before_anybody_hears_of_a_failed_commit(void **state)
{
	struct segment_writer *writer = NULL;
	struct payload payload = { 0 };
	struct id label = { { 1 } };
	struct error err = { 0 };

	(void)state;
	box.options.broken = note_end;
	reopen();
	assert_int_equal(store_begin(box.store, &err), 0);
	assert_int_equal(store_payload_new(box.store, &label, &writer, &err),
	    0);
	assert_int_equal(segment_writer_put(writer, "x", 1, &err), 0);
	assert_int_equal(store_payload_add(box.store, writer, &payload, &err),
	    0);
	payload_free(&payload);
	assert_int_equal(store_after(box.store, note_told, NULL, &err), 0);
	file_fault_set(FILE_FAULT_SYNC, 0, 1, EIO);

	assert_int_equal(store_commit(box.store, &err), -1);

	assert_int_equal(box.ends, 1);
	assert_int_equal(box.told_before, 0);
	/* Without room nothing is broken: whoever waits hears it, and it goes on. */
	reopen();
	assert_int_equal(rows_run(store_rows(box.store),
			     "PRAGMA max_page_count = 1", &err),
	    0);
	err = (struct error){ 0 };
	assert_int_equal(store_letters(1, 200, &err), -1);
	assert_true(error_is_temporary(&err));
	assert_int_equal(box.ends, 1);
}

/* T-STO-02: the n-th write or sync fails, for every n. */
static void
no_failing_call_leads_to_a_false_acknowledgement(void **state)
{
	static const struct {
		enum file_fault_call call;
		int number;
	} faults[] = {
		{ FILE_FAULT_WRITE, EIO },
		{ FILE_FAULT_WRITE, ENOSPC },
		{ FILE_FAULT_SYNC, EIO },
		{ FILE_FAULT_ALLOCATE, ENOSPC },
		{ FILE_FAULT_RENAME, EIO },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(faults); i++)
		for (unsigned n = 0; n < 10; n++) {
			uint32_t first = (uint32_t)(i * 10 + n) * 100 + 1;
			uint32_t letter = first;
			struct error err = { 0 };

			file_fault_clear();
			reopen();
			file_fault_set(faults[i].call, n, 1, faults[i].number);
			for (int round = 0; round < 5; round++, letter += 8)
				if (store_letters(letter, 8, &err) < 0 &&
				    !error_is_temporary(&err))
					break;
			file_fault_clear();
			reopen();
			assert_int_equal(missing(), 0);
			assert_int_equal(box.lost, 0);
			memset((void *)(uintptr_t)box.acks->letters, 0,
			    sizeof(box.acks->letters));
		}
	assert_true(box.acks->count > 500);
}

/* A payload that lost its segment is named; the others go on. */
static void
a_lost_payload_is_reported_at_the_start(void **state)
{
	char path[SCRATCH_PATH_SIZE + 32];
	struct payload payload = { 0 };
	struct error err = { 0 };

	(void)state;
	reopen();
	assert_int_equal(store_letters(1, 1, &err), 0);
	assert_int_equal(store_payload_find(box.store, number_of(1), &payload,
			     &err),
	    0);
	store_close(box.store);
	box.store = NULL;
	snprintf(path, sizeof(path), "%s/segments/00000001.seg", box.dir);
	assert_int_equal(truncate(path, 5), 0);

	reopen();
	assert_int_equal(box.lost, 1);
	assert_false(payload_is_whole(1, &payload));
	assert_int_equal(store_letters(2, 3, &err), 0);
	assert_true(letter_is_whole(2));
	payload_free(&payload);
}

static void
remove_letter(uint32_t letter, struct error *err)
{
	uint64_t number = number_of(letter);

	if (box.acks->letters[letter] != LETTER_ACKNOWLEDGED)
		return;
	/* From here on it may be there or not. */
	box.acks->letters[letter] = LETTER_REMOVED;
	assert_int_equal(store_payload_remove(box.store, number, err), 0);
}

/*
 * Store groups of letters, removing old ones since room that is used again is
 * where mix-ups would show.
 */
static int
work(uint32_t groups, struct error *err)
{
	enum { GROUP = 7, KEPT = 70 };

	for (uint32_t i = 0; i < groups; i++) {
		uint32_t first = box.acks->next;

		box.acks->next = first + GROUP;
		if (store_letters(first, GROUP, err) < 0 ||
		    store_begin(box.store, err) < 0)
			return -1;
		if (i * GROUP > KEPT)
			for (uint32_t old = first - KEPT - GROUP;
			     old < first - KEPT; old++)
				remove_letter(old, err);
		if (store_commit(box.store, err) < 0)
			return -1;
	}
	return 0;
}

static void
sleep_us(long us)
{
	struct timespec span = { 0, us * 1000 };

	nanosleep(&span, NULL);
}

/* Let a child work, kill it, and count what was lost. */
static unsigned
kill_once(unsigned round)
{
	uint32_t wanted = box.acks->count + 1 + round % 5 * 20;
	struct error err = { 0 };
	pid_t child;

	store_close(box.store);
	box.store = NULL;
	child = fork();
	assert_true(child >= 0);
	if (child == 0)
		_exit(try_open(&err) < 0 || work(UINT32_MAX, &err) < 0);
	/* However slow the machine: so far, and somewhere into the next. */
	while (box.acks->count < wanted && waitpid(child, NULL, WNOHANG) == 0)
		sleep_us(100);
	sleep_us(round * 797 % 5000);
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, NULL, 0), child);
	reopen();
	assert_int_equal(box.lost, 0);
	return missing();
}

/* I1: no acknowledgement before it is durable. */
static void
killing_the_writer_loses_nothing_acknowledged(void **state)
{
	(void)state;
	box.acks->next = 1;
	for (unsigned round = 0; round < 20; round++)
		assert_int_equal(kill_once(round), 0);
	assert_true(box.acks->count > 100);
}

/* The control of the test above: this order must be caught by it. */
static void
acknowledging_before_the_commit_would_be_seen(void **state)
{
	unsigned lost = 0;

	(void)state;
	box.acks->next = 1;
	box.options.tests_ack_too_early = true;
	for (unsigned round = 0; round < 200 && lost == 0; round++)
		lost = kill_once(round);
	assert_true(lost > 0);
}

/*
 * Let a child store some groups, begin another, and cut the power: what it
 * wrote to segments and did not sync is half gone, while the rows stay.
 */
static unsigned
cut_power_once(unsigned round)
{
	struct error err = { 0 };
	int status = 0;
	pid_t child;

	store_close(box.store);
	box.store = NULL;
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		if (try_open(&err) < 0)
			_exit(1);
		file_fault_record();
		if (work(1 + round % 20, &err) < 0)
			_exit(1);
		if (store_begin(box.store, &err) < 0)
			_exit(1);
		for (unsigned i = 0; i < 60; i++)
			if (add_letter(box.acks->next++, &err) < 0)
				_exit(1);
		_exit(file_fault_power_cut(round) > 0 ? 0 : 2);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	reopen();
	return missing();
}

/* T-STO-03: torn at every sector that was not synced. */
static void
a_power_cut_loses_nothing_acknowledged(void **state)
{
	(void)state;
	box.acks->next = 1;
	for (unsigned round = 0; round < 20; round++)
		assert_int_equal(cut_power_once(round), 0);
	assert_true(box.acks->count > 100);
}

/* The control of the test above. */
static void
a_store_that_never_syncs_would_be_seen(void **state)
{
	(void)state;
	box.acks->next = 1;
	box.options.segments.tests_never_sync = true;
	assert_true(cut_power_once(5) > 0);
}

#define BOX_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BOX_TEST(a_group_is_there_after_opening_again),
		BOX_TEST(an_undone_group_leaves_nothing),
		BOX_TEST(removed_payload_is_free_after_the_commit_only),
		BOX_TEST(numbers_are_never_used_again),
		BOX_TEST(a_second_owner_is_refused),
		BOX_TEST(a_full_disk_is_temporary_and_acknowledges_nothing),
		BOX_TEST(rows_without_room_are_temporary),
		BOX_TEST(a_failed_sync_ends_acceptance_until_the_next_start),
		BOX_TEST(
		    the_owner_ends_before_anybody_hears_of_a_failed_commit),
		BOX_TEST(no_failing_call_leads_to_a_false_acknowledgement),
		BOX_TEST(a_lost_payload_is_reported_at_the_start),
		BOX_TEST(killing_the_writer_loses_nothing_acknowledged),
		BOX_TEST(acknowledging_before_the_commit_would_be_seen),
		BOX_TEST(a_power_cut_loses_nothing_acknowledged),
		BOX_TEST(a_store_that_never_syncs_would_be_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
