/*
 * T-BAK-01: a copy of a store is consistent while its owner replaces payloads
 * during each step of it.  Without the lease, or with segments copied before
 * rows, the same copy is not: that is how we know that the test would see it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/error.h"
#include "crypto/sha256.h"
#include "harness/scratch.h"
#include "store/query.h"
#include "store/rows.h"
#include "store/store.h"
#include "store/store_backup.h"
#include "sys/file.h"

enum {
	FIRST = 120, /* payloads before the copy: the segment is nearly full */
	REPLACED = 40, /* at each step */
	LEN = 7000,
	FILES_MAX = 16,
	SEGMENT = 1024 * 1024,
};

struct box {
	char dir[SCRATCH_PATH_SIZE];
	char copy[SCRATCH_PATH_SIZE + 8];
	struct store_options options;
	struct store *store;
	struct store_file files[FILES_MAX];
	size_t file_count;
	unsigned lost;
	uint32_t next;
	int steps_left; /* until a step fails; -1: none */
	bool is_idle;   /* steps replace nothing */
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

static void
must(int rc, const struct error *err)
{
	if (rc < 0)
		fail_msg("%s", err->text);
}

static int
set_up(void **state)
{
	struct error err = { 0 };

	(void)state;
	memset(&box, 0, sizeof(box));
	box.steps_left = -1;
	scratch_make(box.dir);
	snprintf(box.copy, sizeof(box.copy), "%s/copy", box.dir);
	assert_int_equal(mkdir(box.copy, 0700), 0);
	box.options = (struct store_options){ .dir = box.dir,
		.application_id = 7,
		.segments = { .segment_mib = 1 },
		.allow_volatile = true };
	must(store_open(&box.options, note_lost, NULL, &box.store, &err), &err);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	store_close(box.store);
	scratch_remove(box.dir);
	return 0;
}

static void
add(void)
{
	static uint8_t data[LEN];
	const struct id label = { { 1 } };
	struct segment_writer *writer = NULL;
	struct payload payload = { 0 };
	struct error err = { 0 };

	memset(data, (int)(box.next % 251), sizeof(data));
	memcpy(data, &box.next, sizeof(box.next));
	box.next++;
	must(store_payload_new(box.store, &label, &writer, &err), &err);
	must(segment_writer_put(writer, data, sizeof(data), &err), &err);
	must(store_payload_add(box.store, writer, &payload, &err), &err);
	payload_free(&payload);
}

static uint64_t
oldest(struct rows *rows)
{
	struct query *query = NULL;
	struct error err = { 0 };
	uint64_t number = 0;

	must(query_begin(rows, "SELECT min(number) FROM payload", &query, &err),
	    &err);
	if (query_next(query, &err) > 0)
		number = (uint64_t)query_int(query, 0);
	query_end(query);
	return number;
}

static void
fill(void)
{
	struct error err = { 0 };

	must(store_begin(box.store, &err), &err);
	for (int i = 0; i < FIRST; i++)
		add();
	must(store_commit(box.store, &err), &err);
}

static void
replace(void)
{
	struct error err = { 0 };

	must(store_begin(box.store, &err), &err);
	for (int i = 0; i < REPLACED; i++)
		must(store_payload_remove(box.store,
			 oldest(store_rows(box.store)), &err),
		    &err);
	must(store_commit(box.store, &err), &err);
	must(store_begin(box.store, &err), &err);
	for (int i = 0; i < REPLACED; i++)
		add();
	must(store_commit(box.store, &err), &err);
}

static int
step(void *ctx, uint64_t bytes, struct error *err)
{
	(void)ctx;
	(void)bytes;
	if (box.steps_left == 0)
		return error_set(err, ERROR_BUSY, "stopped");
	if (box.steps_left > 0)
		box.steps_left--;
	if (!box.is_idle)
		replace();
	return 0;
}

static int
tell(void *ctx, const struct store_file *file, struct error *err)
{
	(void)ctx;
	(void)err;
	assert_true(store_file_name_is_good(file->name));
	assert_true(box.file_count < FILES_MAX);
	box.files[box.file_count++] = *file;
	return 0;
}

static int
copy(struct error *err)
{
	struct store_backup_options options = { .from = box.dir,
		.to = box.copy,
		.step = step,
		.tell = tell };
	int rc;

	must(store_open_reader(&box.options, &options.rows, err), err);
	rc = store_backup(&options, err);
	rows_close(options.rows);
	return rc;
}

/* Payloads of the copy that cannot be read; the others in `*ret_whole`. */
static unsigned
lost_in_copy(unsigned *ret_whole)
{
	struct store_options options = box.options;
	struct store *store = NULL;
	struct query *query = NULL;
	struct error err = { 0 };
	unsigned lost = 0;

	*ret_whole = 0;
	options.dir = box.copy;
	must(store_open(&options, note_lost, NULL, &store, &err), &err);
	must(query_begin(store_rows(store), "SELECT number FROM payload",
		 &query, &err),
	    &err);
	while (query_next(query, &err) > 0) {
		struct payload payload = { 0 };
		struct segment_reader *reader = NULL;
		struct error why = { 0 };
		const uint8_t *data;
		size_t len;
		int more = 1;

		must(store_payload_find(store, (uint64_t)query_int(query, 0),
			 &payload, &err),
		    &err);
		must(segment_reader_new(store_segments(store), &payload,
			 &reader, &err),
		    &err);
		while (more > 0)
			more = segment_reader_next(reader, &data, &len, &why);
		if (more < 0)
			lost++;
		else
			++*ret_whole;
		segment_reader_free(reader);
		payload_free(&payload);
	}
	query_end(query);
	must(rows_check(store_rows(store), &err), &err);
	store_close(store);
	return lost + box.lost;
}

static void
a_copy_under_a_lease_is_consistent(void **state)
{
	struct segment_lease *lease = NULL;
	struct error err = { 0 };
	unsigned whole;

	(void)state;
	fill();
	must(segment_lease_take(store_segments(box.store), &lease, &err), &err);
	must(copy(&err), &err);
	segment_lease_drop(lease);
	assert_true(box.next > FIRST + 2 * REPLACED);
	assert_int_equal(lost_in_copy(&whole), 0);
	assert_int_equal(whole, FIRST);
}

/* Negative control: blocks are used again before they are copied. */
static void
without_a_lease_payloads_would_be_lost(void **state)
{
	struct error err = { 0 };
	unsigned whole;

	(void)state;
	fill();
	must(copy(&err), &err);
	assert_true(lost_in_copy(&whole) > 0);
}

/* Negative control: rows that speak of payload which came after its copy. */
static void
rows_after_segments_would_lose_payloads(void **state)
{
	struct segment_lease *lease = NULL;
	char path[SCRATCH_PATH_SIZE + 32];
	struct rows *rows = NULL;
	struct error err = { 0 };
	unsigned whole;

	(void)state;
	fill();
	must(segment_lease_take(store_segments(box.store), &lease, &err), &err);
	box.is_idle = true;
	must(copy(&err), &err);
	replace();
	snprintf(path, sizeof(path), "%s/rows.db", box.copy);
	assert_int_equal(remove(path), 0);
	must(store_open_reader(&box.options, &rows, &err), &err);
	must(rows_backup(rows, path, NULL, NULL, &err), &err);
	rows_close(rows);
	segment_lease_drop(lease);
	assert_true(lost_in_copy(&whole) > 0);
}

static void
what_is_told_is_what_lies_there(void **state)
{
	struct error err = { 0 };
	int dir = -1;

	(void)state;
	fill();
	box.is_idle = true;
	must(copy(&err), &err);
	must(file_open_dir(box.copy, &dir, &err), &err);
	assert_true(box.file_count >= 2);
	assert_string_equal(box.files[0].name, "rows.db");
	for (size_t i = 0; i < box.file_count; i++) {
		struct bytes data = { 0 };
		struct digest digest;

		must(file_read_all(dir, box.files[i].name, 64 * SEGMENT, &data,
			 &err),
		    &err);
		sha256(data.data, data.len, &digest);
		assert_int_equal(data.len, box.files[i].length);
		assert_true(digest_equal(&digest, &box.files[i].digest));
		bytes_free(&data);
	}
	file_close(dir);
}

/* What was removed before does not go along. */
static void
free_blocks_are_zeros_in_the_copy(void **state)
{
	struct error err = { 0 };
	struct bytes data = { 0 };
	size_t others = 0;
	int dir = -1;

	(void)state;
	fill();
	must(store_begin(box.store, &err), &err);
	for (int i = 0; i < FIRST; i++)
		must(store_payload_remove(box.store,
			 oldest(store_rows(box.store)), &err),
		    &err);
	must(store_commit(box.store, &err), &err);
	box.is_idle = true;
	must(copy(&err), &err);
	must(file_open_dir(box.copy, &dir, &err), &err);
	must(file_read_all(dir, "segments/00000001.seg", SEGMENT, &data, &err),
	    &err);
	assert_int_equal(data.len, SEGMENT);
	for (size_t i = PAYLOAD_BLOCK; i < data.len; i++)
		others += data.data[i] != 0;
	assert_int_equal(others, 0);
	bytes_free(&data);
	file_close(dir);
}

static void
a_step_can_stop_it_anywhere(void **state)
{
	struct error err = { 0 };

	(void)state;
	fill();
	box.is_idle = true;
	for (int i = 0; i < 3; i++) {
		scratch_remove(box.copy);
		assert_int_equal(mkdir(box.copy, 0700), 0);
		box.steps_left = i;
		err = (struct error){ 0 };
		assert_int_equal(copy(&err), -1);
		assert_int_equal(err.code, ERROR_BUSY);
	}
}

static void
names_of_others_are_refused(void **state)
{
	static const char *const bad[] = { "", "rows.db-wal", "lock",
		"segments/", "segments/00000000.seg", "segments/0000001.seg",
		"segments/00000001.new", "segments/../rows.db",
		"segments/0000000A.seg", "../rows.db", "/rows.db" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(store_file_name_is_good(bad[i]));
	assert_true(store_file_name_is_good("segments/0000000a.seg"));
	assert_true(store_file_name_is_good("releases.history"));
	assert_false(store_file_name_is_good("releases/history"));
}

static void
what_was_done_with_releases_goes_along(void **state)
{
	static const char line[] = "{\"act\":\"installed\"}\n";
	struct error err = { 0 };
	char found[sizeof(line)] = "", path[4200];
	FILE *file;

	(void)state;
	fill();
	box.is_idle = true;
	must(copy(&err), &err);
	for (size_t i = 0; i < box.file_count; i++)
		assert_string_not_equal(box.files[i].name, "releases.history");
	scratch_remove(box.copy);
	assert_int_equal(mkdir(box.copy, 0700), 0);
	box.file_count = 0;
	snprintf(path, sizeof(path), "%s/releases", box.dir);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/releases/history", box.dir);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(line, file) >= 0 && fclose(file) == 0);
	must(copy(&err), &err);
	assert_string_equal(box.files[0].name, "releases.history");
	assert_int_equal(box.files[0].length, sizeof(line) - 1);
	snprintf(path, sizeof(path), "%s/releases.history", box.copy);
	file = fopen(path, "r");
	assert_non_null(file);
	assert_int_equal(fread(found, 1, sizeof(line) - 1, file),
	    sizeof(line) - 1);
	fclose(file);
	assert_string_equal(found, line);
	assert_string_equal(store_file_place("releases.history"),
	    "releases/history");
	assert_string_equal(store_file_place("rows.db"), "rows.db");
}

static void
that_it_was_restored_is_remembered(void **state)
{
	const struct store_restored restored = { 7, 5 };
	struct store_restored found = { 0 };
	struct error err = { 0 };
	struct rows *rows = store_rows(box.store);

	(void)state;
	assert_int_equal(store_restored_find(rows, &found, &err), 0);
	must(store_begin(box.store, &err), &err);
	must(store_restored_set(box.store, &restored, &err), &err);
	must(store_commit(box.store, &err), &err);
	assert_int_equal(store_restored_find(rows, &found, &err), 1);
	assert_int_equal(found.at_ms, 7);
	assert_int_equal(found.backup_at_ms, 5);
	must(store_begin(box.store, &err), &err);
	must(store_restored_clear(box.store, &err), &err);
	must(store_commit(box.store, &err), &err);
	assert_int_equal(store_restored_find(rows, &found, &err), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_copy_under_a_lease_is_consistent),
		TEST(without_a_lease_payloads_would_be_lost),
		TEST(rows_after_segments_would_lose_payloads),
		TEST(what_is_told_is_what_lies_there),
		TEST(free_blocks_are_zeros_in_the_copy),
		TEST(a_step_can_stop_it_anywhere),
		TEST(names_of_others_are_refused),
		TEST(what_was_done_with_releases_goes_along),
		TEST(that_it_was_restored_is_remembered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
