#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/error.h"
#include "harness/scratch.h"
#include "store/query.h"
#include "store/rows.h"
#include "store/rows_internal.h"

static const char *const migrations[] = {
	"CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT UNIQUE)",
	"ALTER TABLE item ADD COLUMN data BLOB;"
	"CREATE TABLE part (item INTEGER NOT NULL REFERENCES item (id));",
};

struct box {
	char dir[SCRATCH_PATH_SIZE];
	char path[SCRATCH_PATH_SIZE + 16];
	struct rows_options options;
	struct rows *rows;
};

static struct box box;

static int
set_up(void **state)
{
	struct error err = { 0 };

	(void)state;
	memset(&box, 0, sizeof(box));
	scratch_make(box.dir);
	snprintf(box.path, sizeof(box.path), "%s/rows.db", box.dir);
	box.options = (struct rows_options){ .path = box.path,
		.application_id = 0x595a0001,
		.migrations = migrations,
		.migration_count = 2,
		.allow_volatile = true };
	if (rows_open(&box.options, &box.rows, &err) < 0)
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

static int
insert(const char *name, struct error *err)
{
	struct query *query = NULL;

	if (query_begin(box.rows,
		"INSERT INTO item (name, data) VALUES (?1, ?2)", &query,
		err) < 0)
		return -1;
	query_bind_text(query, 1, name);
	query_bind_data(query, 2, "\0\1", 2);
	return query_finish(query, err);
}

static int64_t
count(struct rows *rows)
{
	struct query *query = NULL;
	struct error err = { 0 };
	int64_t value;

	assert_int_equal(query_begin(rows, "SELECT count(*) FROM item", &query,
			     &err),
	    0);
	assert_int_equal(query_next(query, &err), 1);
	value = query_int(query, 0);
	query_end(query);
	return value;
}

static void
what_is_written_reads_back(void **state)
{
	struct query *query = NULL;
	struct error err = { 0 };
	const uint8_t *data;
	size_t len = 0;

	(void)state;
	assert_int_equal(insert("公文", &err), 0);
	assert_int_equal(rows_changed(box.rows), 1);
	assert_int_equal(query_begin(box.rows,
			     "SELECT id, name, data, NULL FROM item", &query,
			     &err),
	    0);
	assert_int_equal(query_next(query, &err), 1);
	assert_int_equal(query_int(query, 0), rows_last_id(box.rows));
	assert_string_equal(query_text(query, 1), "公文");
	data = query_data(query, 2, &len);
	assert_int_equal(len, 2);
	assert_int_equal(data[1], 1);
	assert_true(query_is_null(query, 3));
	assert_string_equal(query_text(query, 3), "");
	assert_int_equal(query_next(query, &err), 0);
	query_end(query);
}

static void
a_statement_may_be_used_while_it_is_used(void **state)
{
	struct query *outer = NULL, *inner = NULL;
	struct error err = { 0 };
	int pairs = 0;

	(void)state;
	assert_int_equal(insert("a", &err), 0);
	assert_int_equal(insert("b", &err), 0);
	assert_int_equal(query_begin(box.rows, "SELECT id FROM item", &outer,
			     &err),
	    0);
	while (query_next(outer, &err) > 0) {
		assert_int_equal(query_begin(box.rows, "SELECT id FROM item",
				     &inner, &err),
		    0);
		while (query_next(inner, &err) > 0)
			pairs++;
		query_end(inner);
	}
	query_end(outer);
	assert_int_equal(pairs, 4);
}

/* Though one of the values is that of a partial index. */
static void
a_statement_is_compiled_once_whatever_is_bound(void **state)
{
	struct query *query = NULL;
	struct error err = { 0 };

	(void)state;
	assert_int_equal(query_run(box.rows,
			     "CREATE INDEX part_two ON part (item)"
			     " WHERE item = 2",
			     &err),
	    0);
	for (int64_t item = 1; item < 4; item++) {
		assert_int_equal(query_begin(box.rows,
				     "SELECT item FROM part WHERE item = ?1",
				     &query, &err),
		    0);
		query_bind_int(query, 1, item);
		assert_int_equal(query_next(query, &err), 0);
		assert_int_equal(sqlite3_stmt_status(query->stmt,
				     SQLITE_STMTSTATUS_REPREPARE, 0),
		    0);
		query_end(query);
	}
}

static void
a_repeated_key_exists(void **state)
{
	struct error err = { 0 };

	(void)state;
	assert_int_equal(insert("a", &err), 0);
	assert_int_equal(insert("a", &err), -1);
	assert_int_equal(err.code, ERROR_EXISTS);
	assert_int_equal(rows_run(box.rows, "INSERT INTO part VALUES (99)",
			     &err),
	    -1);
}

static void
rolling_back_undoes(void **state)
{
	struct error err = { 0 };

	(void)state;
	assert_int_equal(rows_begin(box.rows, &err), 0);
	assert_int_equal(insert("a", &err), 0);
	rows_rollback(box.rows);
	assert_int_equal(count(box.rows), 0);
	assert_int_equal(rows_begin(box.rows, &err), 0);
	assert_int_equal(insert("a", &err), 0);
	assert_int_equal(rows_commit(box.rows, &err), 0);
	assert_int_equal(count(box.rows), 1);
}

static void
a_digest_of_a_wrong_length_is_damage(void **state)
{
	struct query *query = NULL;
	struct error err = { 0 };
	struct digest digest;

	(void)state;
	assert_int_equal(insert("a", &err), 0);
	assert_int_equal(query_begin(box.rows, "SELECT data FROM item", &query,
			     &err),
	    0);
	assert_int_equal(query_next(query, &err), 1);
	query_digest(query, 0, &digest);
	assert_int_equal(query_failed(query, &err), -1);
	assert_string_equal(err.id, "E5006");
	assert_int_equal(query_next(query, &err), -1);
	query_end(query);
}

static int
reopen(struct error *err)
{
	rows_close(box.rows);
	box.rows = NULL;
	return rows_open(&box.options, &box.rows, err);
}

static void
a_newer_schema_is_refused(void **state)
{
	struct error err = { 0 };

	(void)state;
	box.options.migration_count = 1;
	assert_int_equal(reopen(&err), -1);
	assert_int_equal(err.code, ERROR_MALFORMED);
	assert_string_equal(err.id, "E5006");
}

static void
a_failed_migration_leaves_the_old_schema(void **state)
{
	const char *const broken[] = { migrations[0], migrations[1],
		"CREATE TABLE late (a); CREATE TABLE late (a);" };
	struct error err = { 0 };

	(void)state;
	assert_int_equal(insert("a", &err), 0);
	box.options.migrations = broken;
	box.options.migration_count = 3;
	assert_int_equal(reopen(&err), -1);
	box.options.migrations = migrations;
	box.options.migration_count = 2;
	assert_int_equal(reopen(&err), 0);
	assert_int_equal(count(box.rows), 1);
}

static void
another_programs_database_is_refused(void **state)
{
	struct error err = { 0 };

	(void)state;
	box.options.application_id++;
	assert_int_equal(reopen(&err), -1);
	assert_string_equal(err.id, "E5006");
}

static void
what_is_no_database_is_refused(void **state)
{
	struct error err = { 0 };
	FILE *file;

	(void)state;
	rows_close(box.rows);
	box.rows = NULL;
	file = fopen(box.path, "w");
	assert_non_null(file);
	for (int i = 0; i < 1000; i++)
		fputs("this is no database\n", file);
	fclose(file);
	assert_int_equal(rows_open(&box.options, &box.rows, &err), -1);
	assert_string_equal(err.id, "E5006");
}

static void
a_reader_sees_commits_and_writes_nothing(void **state)
{
	struct rows_options options = box.options;
	struct rows *reader = NULL;
	struct error err = { 0 };

	(void)state;
	options.read_only = true;
	assert_int_equal(rows_open(&options, &reader, &err), 0);
	assert_int_equal(insert("a", &err), 0);
	assert_int_equal(count(reader), 1);
	assert_int_equal(rows_run(reader, "DELETE FROM item", &err), -1);
	assert_int_equal(count(reader), 1);
	rows_close(reader);
}

static int64_t
sum(struct rows *rows)
{
	struct query *query = NULL;
	struct error err = { 0 };
	int64_t value;

	assert_int_equal(query_begin(rows,
			     "SELECT sum(id * length(data)) FROM item", &query,
			     &err),
	    0);
	assert_int_equal(query_next(query, &err), 1);
	value = query_int(query, 0);
	query_end(query);
	return value;
}

/*
 * Of hundreds of pages, most of which leave the cache before the commit: they
 * are read again, and some written again, where they lie in the log.
 */
static void
a_large_transaction_reads_back_before_and_after_its_commit(void **state)
{
	enum { COUNT = 600, LEN = 2000 };
	const int64_t wanted = (int64_t)LEN * COUNT * (COUNT + 1) / 2;
	struct rows_options options = box.options;
	struct rows *reader = NULL;
	struct error err = { 0 };

	(void)state;
	rows_close(box.rows);
	box.rows = NULL;
	options.cache_kib = 64;
	assert_int_equal(rows_open(&options, &box.rows, &err), 0);
	options.read_only = true;
	assert_int_equal(rows_open(&options, &reader, &err), 0);
	for (int round = 0; round < 2; round++) {
		assert_int_equal(rows_begin(box.rows, &err), 0);
		assert_int_equal(rows_run(box.rows,
				     "DELETE FROM item;"
				     "WITH RECURSIVE n (i) AS (SELECT 1 UNION"
				     " ALL SELECT i + 1 FROM n WHERE i < 600)"
				     " INSERT INTO item (id, name, data)"
				     " SELECT i, 'name ' || i, zeroblob(3000)"
				     " FROM n;"
				     "UPDATE item SET data = zeroblob(2000)",
				     &err),
		    0);
		assert_int_equal(sum(box.rows), wanted);
		assert_int_equal(count(reader), round == 0 ? 0 : COUNT);
		assert_int_equal(rows_commit(box.rows, &err), 0);
		assert_int_equal(sum(reader), wanted);
		assert_int_equal(rows_check(reader, &err), 0);
		assert_int_equal(rows_checkpoint(box.rows, &err), 0);
	}
	assert_int_equal(rows_check(box.rows, &err), 0);
	rows_close(reader);
}

/* SQLite undoes the whole transaction; what follows must not stand alone. */
static void
a_full_disk_undoes_the_whole_transaction(void **state)
{
	struct error err = { 0 };

	(void)state;
	assert_int_equal(insert("before", &err), 0);
	assert_int_equal(rows_run(box.rows, "PRAGMA max_page_count = 8", &err),
	    0);
	assert_int_equal(rows_begin(box.rows, &err), 0);
	assert_int_equal(insert("first", &err), 0);
	assert_int_equal(rows_run(box.rows,
			     "INSERT INTO item (name, data) "
			     "VALUES ('large', zeroblob(100000))",
			     &err),
	    -1);
	assert_true(error_is_temporary(&err));
	assert_string_equal(err.id, "E5001");

	if (!rows_is_open_transaction(box.rows))
		assert_int_equal(insert("alone", &err), -1);
	rows_rollback(box.rows);
	assert_int_equal(count(box.rows), 1);
	assert_int_equal(insert("after", &err), 0);
}

static void
the_log_is_copied_back_when_asked(void **state)
{
	struct error err = { 0 };

	(void)state;
	for (int i = 0; i < 100; i++) {
		char name[16];

		snprintf(name, sizeof(name), "%d", i);
		assert_int_equal(insert(name, &err), 0);
	}
	assert_true(rows_log_pages(box.rows) > 0);
	assert_int_equal(rows_checkpoint(box.rows, &err), 0);
	assert_int_equal(rows_log_pages(box.rows), 0);
	assert_int_equal(rows_check(box.rows, &err), 0);
}

static void
a_backup_has_what_was_committed(void **state)
{
	char path[SCRATCH_PATH_SIZE + 16];
	struct rows_options options = box.options;
	struct rows *copy = NULL;
	struct error err = { 0 };

	(void)state;
	assert_int_equal(insert("a", &err), 0);
	snprintf(path, sizeof(path), "%s/copy.db", box.dir);
	assert_int_equal(rows_backup(box.rows, path, NULL, NULL, &err), 0);
	options.path = path;
	assert_int_equal(rows_open(&options, &copy, &err), 0);
	assert_int_equal(count(copy), 1);
	rows_close(copy);
}

static void
memory_file_systems_are_refused(void **state)
{
	struct rows_options options = box.options;
	struct rows *rows = NULL;
	struct error err = { 0 };

	(void)state;
	if (access("/dev/shm", W_OK) != 0)
		skip();
	options.path = "/dev/shm/yizhan-test-rows.db";
	options.allow_volatile = false;
	assert_int_equal(rows_open(&options, &rows, &err), -1);
	assert_int_equal(err.code, ERROR_DENIED);
	assert_string_equal(err.id, "E5005");
	assert_int_not_equal(access(options.path, F_OK), 0);
}

#define BOX_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BOX_TEST(what_is_written_reads_back),
		BOX_TEST(a_statement_may_be_used_while_it_is_used),
		BOX_TEST(a_statement_is_compiled_once_whatever_is_bound),
		BOX_TEST(a_repeated_key_exists),
		BOX_TEST(rolling_back_undoes),
		BOX_TEST(a_digest_of_a_wrong_length_is_damage),
		BOX_TEST(a_newer_schema_is_refused),
		BOX_TEST(a_failed_migration_leaves_the_old_schema),
		BOX_TEST(another_programs_database_is_refused),
		BOX_TEST(what_is_no_database_is_refused),
		BOX_TEST(a_reader_sees_commits_and_writes_nothing),
		BOX_TEST(a_full_disk_undoes_the_whole_transaction),
		BOX_TEST(
		    a_large_transaction_reads_back_before_and_after_its_commit),
		BOX_TEST(the_log_is_copied_back_when_asked),
		BOX_TEST(a_backup_has_what_was_committed),
		BOX_TEST(memory_file_systems_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
