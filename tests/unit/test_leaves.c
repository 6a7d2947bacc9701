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
#include "harness/scratch.h"
#include "store/leaves.h"
#include "store/rows.h"
#include "store/store.h"

struct box {
	char dir[SCRATCH_PATH_SIZE];
	struct store_options options;
	struct store *store;
	struct leaves *leaves;
};

static struct box box;

static int
set_up(void **state)
{
	struct error err = { 0 };

	(void)state;
	memset(&box, 0, sizeof(box));
	scratch_make(box.dir);
	box.options = (struct store_options){ .dir = box.dir,
		.application_id = 7,
		.segments = { .segment_mib = 1 },
		.allow_volatile = true };
	if (store_open(&box.options, NULL, NULL, &box.store, &err) < 0)
		fail_msg("%s", err.text);
	box.leaves = store_leaves(box.store);
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

static struct digest
salt_of(uint64_t index)
{
	struct digest salt = { { 0 } };

	memcpy(salt.bytes, &index, sizeof(index));
	return salt;
}

static struct digest
leaf_of(uint64_t index)
{
	struct digest salt = salt_of(index);
	char text[32];

	snprintf(text, sizeof(text), "statement %llu",
	    (unsigned long long)index);
	return merkle_leaf_salted(&salt, text, strlen(text));
}

static void
append(uint64_t count)
{
	struct error err = { 0 };

	assert_int_equal(store_begin(box.store, &err), 0);
	for (uint64_t i = 0; i < count; i++) {
		uint64_t index = leaves_size(box.leaves), got = 0;
		struct digest salt = salt_of(index);
		char text[32];

		snprintf(text, sizeof(text), "statement %llu",
		    (unsigned long long)index);
		assert_int_equal(leaves_append(box.leaves, &salt, text,
				     strlen(text), &got, &err),
		    0);
		assert_int_equal(got, index);
	}
}

static void
commit(void)
{
	struct error err = { 0 };

	assert_int_equal(store_commit(box.store, &err), 0);
}

static void
check_path(struct leaves *leaves, uint64_t index, uint64_t size)
{
	struct digest path[MERKLE_PATH_MAX], leaf = leaf_of(index);
	struct digest wanted, root;
	struct error err = { 0 };
	size_t count = 0;

	assert_int_equal(leaves_path(leaves, index, size, path, &count, &err),
	    0);
	assert_int_equal(leaves_root_at(leaves, size, &wanted, &err), 0);
	assert_true(
	    merkle_root_of_path(&leaf, index, size, path, count, &root));
	assert_true(digest_equal(&root, &wanted));
}

static void
the_root_is_that_of_all_leaves(void **state)
{
	static struct digest leaves[700];

	(void)state;
	for (size_t i = 0; i < 700; i++) {
		struct digest wanted, root;

		leaves[i] = leaf_of(i);
		append(1);
		if (i % 50 == 0)
			commit();
		wanted = merkle_root(leaves, i + 1);
		root = leaves_root(box.leaves);
		assert_true(digest_equal(&wanted, &root));
	}
}

static void
every_path_holds_also_after_opening_again(void **state)
{
	struct error err = { 0 };

	(void)state;
	append(600);
	commit();
	for (uint64_t index = 0; index < 600; index++)
		check_path(box.leaves, index, 600);
	assert_int_equal(leaves_reload(box.leaves, &err), 0);
	for (uint64_t size = 1; size <= 600; size += 7)
		for (uint64_t index = 0; index < size; index += 13)
			check_path(box.leaves, index, size);
	assert_int_equal(leaves_size(box.leaves), 600);
}

/* More than 256 x 256: the third level of tiles begins. */
static void
a_large_log_keeps_its_paths(void **state)
{
	struct error err = { 0 };
	struct digest root, before;
	const uint64_t size = 66000;

	(void)state;
	append(size);
	commit();
	before = leaves_root(box.leaves);
	check_path(box.leaves, 0, size);
	check_path(box.leaves, 65535, size);
	check_path(box.leaves, 65536, 65537);
	assert_int_equal(leaves_reload(box.leaves, &err), 0);
	root = leaves_root(box.leaves);
	assert_true(digest_equal(&root, &before));
	check_path(box.leaves, size - 1, size);
	append(300);
	commit();
	check_path(box.leaves, 12345, size + 300);
	assert_int_equal(leaves_check(box.leaves, &root, &err), 0);
	before = leaves_root(box.leaves);
	assert_true(digest_equal(&root, &before));
}

static void
an_undone_group_leaves_no_leaf(void **state)
{
	struct error why = { 0 };
	struct digest before, after;

	(void)state;
	append(255);
	commit();
	before = leaves_root(box.leaves);

	append(300);
	error_set(&why, ERROR_BUSY, "test");
	store_abort(box.store, &why);

	assert_int_equal(leaves_size(box.leaves), 255);
	after = leaves_root(box.leaves);
	assert_true(digest_equal(&before, &after));
	append(300);
	commit();
	for (uint64_t index = 0; index < 555; index += 5)
		check_path(box.leaves, index, 555);
}

/* What is kept in memory is no newer than the rows. */
static void
nothing_is_found_of_an_undone_group(void **state)
{
	struct digest salt = salt_of(1), other = salt_of(2), found;
	struct bytes statement = { 0 };
	struct bytes note = { 0 };
	struct error err = { 0 };
	struct error why = { 0 };
	uint64_t index, size;

	(void)state;
	append(3);
	assert_int_equal(leaves_checkpoint_add(box.leaves, 3, "three", 5, &err),
	    0);
	commit();
	assert_int_equal(store_begin(box.store, &err), 0);
	assert_int_equal(leaves_append(box.leaves, &salt, "undone", 6, &index,
			     &err),
	    0);
	assert_int_equal(leaves_checkpoint_add(box.leaves, 4, "undone", 6,
			     &err),
	    0);
	assert_int_equal(leaves_find(box.leaves, 3, &found, &statement, &err),
	    0);
	assert_memory_equal(statement.data, "undone", 6);
	store_abort(box.store, &why);

	bytes_clear(&statement);
	assert_int_equal(leaves_find(box.leaves, 3, &found, &statement, &err),
	    -1);
	assert_int_equal(leaves_checkpoint_find(box.leaves, UINT64_MAX, &size,
			     &note, &err),
	    0);
	assert_int_equal(size, 3);
	assert_memory_equal(note.data, "three", 5);

	assert_int_equal(store_begin(box.store, &err), 0);
	assert_int_equal(leaves_append(box.leaves, &other, "again", 5, &index,
			     &err),
	    0);
	assert_int_equal(index, 3);
	commit();
	assert_int_equal(leaves_find(box.leaves, 3, &found, &statement, &err),
	    0);
	assert_memory_equal(statement.data, "again", 5);
	assert_true(digest_equal(&found, &other));
	bytes_free(&statement);
	bytes_free(&note);
}

/* From memory or from the rows: the oldest that covers what is asked for. */
static void
a_checkpoint_is_the_oldest_that_covers(void **state)
{
	struct error err = { 0 };

	(void)state;
	append(9);
	for (uint64_t at = 3; at <= 9; at += 3)
		assert_int_equal(leaves_checkpoint_add(box.leaves, at, &at, 1,
				     &err),
		    0);
	commit();
	for (int round = 0; round < 2; round++) {
		for (uint64_t wanted = 1; wanted <= 9; wanted++) {
			struct bytes note = { 0 };
			uint64_t size;

			assert_int_equal(leaves_checkpoint_find(box.leaves,
					     wanted, &size, &note, &err),
			    0);
			assert_int_equal(size, (wanted + 2) / 3 * 3);
			assert_int_equal(note.data[0], size);
			bytes_free(&note);
		}
		assert_int_equal(leaves_reload(box.leaves, &err), 0);
	}
}

static void
a_reader_follows(void **state)
{
	struct rows *rows = NULL;
	struct leaves *reader = NULL;
	struct error err = { 0 };

	(void)state;
	append(300);
	commit();
	assert_int_equal(store_open_reader(&box.options, &rows, &err), 0);
	assert_int_equal(leaves_open(rows, &reader, &err), 0);
	check_path(reader, 299, 300);
	append(300);
	commit();
	assert_int_equal(leaves_size(reader), 300);
	assert_int_equal(leaves_follow(reader, &err), 0);
	check_path(reader, 599, 600);
	assert_int_equal(leaves_follow(reader, &err), 0);
	assert_int_equal(leaves_size(reader), 600);
	leaves_free(reader);
	rows_close(rows);
}

/* Some leaves at a time, over the end of two tiles, and more than a tile. */
static void
a_reader_that_follows_has_the_writers_tree(void **state)
{
	static const uint64_t steps[] = { 1, 2, 100, 152, 1, 1, 255, 256, 257,
		3 };
	struct rows *rows = NULL;
	struct leaves *reader = NULL;
	struct error err = { 0 };

	(void)state;
	assert_int_equal(store_open_reader(&box.options, &rows, &err), 0);
	assert_int_equal(leaves_open(rows, &reader, &err), 0);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		struct digest wanted, root;
		uint64_t size;

		append(steps[i]);
		commit();
		assert_int_equal(leaves_follow(reader, &err), 0);
		size = leaves_size(box.leaves);
		assert_int_equal(leaves_size(reader), size);
		wanted = leaves_root(box.leaves);
		root = leaves_root(reader);
		assert_true(digest_equal(&wanted, &root));
		for (uint64_t index = 0; index < size; index += 3)
			check_path(reader, index, size);
	}
	leaves_free(reader);
	rows_close(rows);
}

static void
a_leaf_is_found_with_its_salt(void **state)
{
	struct bytes statement = { 0 };
	struct digest salt, wanted = salt_of(41);
	struct error err = { 0 };

	(void)state;
	append(50);
	commit();
	assert_int_equal(leaves_find(box.leaves, 41, &salt, &statement, &err),
	    0);
	assert_true(digest_equal(&salt, &wanted));
	assert_memory_equal(statement.data, "statement 41", statement.len);
	assert_int_equal(leaves_find(box.leaves, 50, &salt, &statement, &err),
	    -1);
	assert_int_equal(err.code, ERROR_NOT_FOUND);
	bytes_free(&statement);
}

static void
tiles_are_those_of_tlog(void **state)
{
	struct bytes tile = { 0 };
	struct error err = { 0 };
	struct digest wanted = leaf_of(299), node, leaves[256];

	(void)state;
	append(300);
	commit();
	assert_int_equal(leaves_tile(box.leaves, 0, 1, 44, &tile, &err), 0);
	assert_int_equal(tile.len, 44 * 32);
	assert_memory_equal(tile.data + 43 * 32, wanted.bytes, 32);
	assert_int_equal(leaves_tile(box.leaves, 0, 1, 45, &tile, &err), -1);
	bytes_clear(&tile);
	assert_int_equal(leaves_tile(box.leaves, 1, 0, 1, &tile, &err), 0);
	for (size_t i = 0; i < 256; i++)
		leaves[i] = leaf_of(i);
	node = merkle_root(leaves, 256);
	assert_memory_equal(tile.data, node.bytes, 32);
	assert_int_equal(leaves_tile(box.leaves, 1, 0, 2, &tile, &err), -1);
	assert_int_equal(leaves_tile(box.leaves, 9, 0, 1, &tile, &err), -1);
	assert_int_equal(leaves_tile(box.leaves, 0, UINT64_MAX / 256, 1, &tile,
			     &err),
	    -1);
	bytes_free(&tile);
}

static void
checkpoints_are_kept_by_size(void **state)
{
	struct bytes note = { 0 };
	struct error err = { 0 };
	uint64_t size = 0;

	(void)state;
	assert_int_equal(leaves_checkpoint_find(box.leaves, UINT64_MAX, &size,
			     &note, &err),
	    -1);
	assert_int_equal(err.code, ERROR_NOT_FOUND);
	append(10);
	assert_int_equal(leaves_checkpoint_add(box.leaves, 4, "four", 4, &err),
	    0);
	assert_int_equal(leaves_checkpoint_add(box.leaves, 10, "ten", 3, &err),
	    0);
	assert_int_equal(leaves_checkpoint_add(box.leaves, 11, "?", 1, &err),
	    -1);
	commit();
	assert_int_equal(leaves_checkpoint_find(box.leaves, 3, &size, &note,
			     &err),
	    0);
	assert_int_equal(size, 4);
	assert_memory_equal(note.data, "four", 4);
	bytes_clear(&note);
	assert_int_equal(leaves_checkpoint_find(box.leaves, UINT64_MAX, &size,
			     &note, &err),
	    0);
	assert_int_equal(size, 10);
	bytes_free(&note);
}

static void
a_changed_row_is_found(void **state)
{
	static const char *const changes[] = {
		"UPDATE leaf SET statement = 'other' WHERE position = 77",
		"UPDATE leaf SET salt = zeroblob(32) WHERE position = 77",
		"UPDATE leaf SET hash = zeroblob(32) WHERE position = 77",
		"UPDATE tile SET hashes = zeroblob(8192) WHERE level = 0",
		"UPDATE tile SET hashes = zeroblob(32) WHERE level = 1",
		"DELETE FROM leaf WHERE position = 77",
	};
	struct digest root;

	(void)state;
	append(300);
	commit();
	for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
		struct error err = { 0 }, why = { 0 };

		assert_int_equal(leaves_check(box.leaves, &root, &err), 0);
		assert_int_equal(store_begin(box.store, &err), 0);
		assert_int_equal(rows_run(store_rows(box.store), changes[i],
				     &err),
		    0);
		assert_int_equal(leaves_check(box.leaves, &root, &err), -1);
		assert_string_equal(err.id, "E5007");
		store_abort(box.store, &why);
	}
}

#define BOX_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BOX_TEST(the_root_is_that_of_all_leaves),
		BOX_TEST(every_path_holds_also_after_opening_again),
		BOX_TEST(a_large_log_keeps_its_paths),
		BOX_TEST(an_undone_group_leaves_no_leaf),
		BOX_TEST(nothing_is_found_of_an_undone_group),
		BOX_TEST(a_checkpoint_is_the_oldest_that_covers),
		BOX_TEST(a_reader_follows),
		BOX_TEST(a_reader_that_follows_has_the_writers_tree),
		BOX_TEST(a_leaf_is_found_with_its_salt),
		BOX_TEST(tiles_are_those_of_tlog),
		BOX_TEST(checkpoints_are_kept_by_size),
		BOX_TEST(a_changed_row_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
