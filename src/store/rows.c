#include "store/rows.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "base/error.h"
#include "base/text.h"
#include "store/query.h"
#include "store/rows_internal.h"
#include "store/rows_log.h"
#include "store/rows_mark.h"
#include "store/rows_vfs.h"
#include "sys/file.h"

enum {
	DEFAULT_CACHE_KIB = 8192,
	BUSY_MS = 5000,
	BACKUP_PAGES = 256,
};

/* Bytes that are not what was written: which. */
static int
fail_damaged(struct rows *rows, const char *what, struct error *err)
{
	struct rows_damage damage;

	rows_vfs_damage(rows->db, &damage);
	if (damage.frame != 0)
		return error_set_id(err, "E5006", ERROR_MALFORMED,
		    "%s: the log of the rows is damaged at frame %u", what,
		    damage.frame);
	return error_set_id(err, "E5006", ERROR_MALFORMED,
	    "%s: the rows are damaged at page %u", what, damage.page);
}

int
rows_fail(struct rows *rows, int code, const char *what, struct error *err)
{
	const char *text =
	    rows->db != NULL ? sqlite3_errmsg(rows->db) : sqlite3_errstr(code);

	if (code == SQLITE_IOERR_DATA && rows->db != NULL)
		return fail_damaged(rows, what, err);
	switch (code & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return error_set_id(err, "E5004", ERROR_BUSY, "%s: %s", what,
		    text);
	case SQLITE_FULL:
		return error_set_id(err, "E5001", ERROR_BUSY, "%s: %s", what,
		    text);
	case SQLITE_NOMEM:
		return error_set_memory(err);
	case SQLITE_CONSTRAINT:
		if (code == SQLITE_CONSTRAINT_UNIQUE ||
		    code == SQLITE_CONSTRAINT_PRIMARYKEY ||
		    code == SQLITE_CONSTRAINT_ROWID)
			return error_set(err, ERROR_EXISTS, "%s: %s", what,
			    text);
		return error_set(err, ERROR_SYSTEM, "%s: %s", what, text);
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return error_set_id(err, "E5006", ERROR_MALFORMED, "%s: %s",
		    what, text);
	default:
		return error_set(err, ERROR_SYSTEM, "%s: %s (%d)", what, text,
		    code);
	}
}

int
rows_run(struct rows *rows, const char *sql, struct error *err)
{
	int code = sqlite3_exec(rows->db, sql, NULL, NULL, NULL);

	return code == SQLITE_OK ? 0 : rows_fail(rows, code, "SQL", err);
}

static int
read_pragma(struct rows *rows, const char *sql, int64_t *ret_value,
    struct error *err)
{
	sqlite3_stmt *stmt = NULL;
	int code = sqlite3_prepare_v2(rows->db, sql, -1, &stmt, NULL);

	if (code == SQLITE_OK)
		code = sqlite3_step(stmt);
	if (code == SQLITE_ROW)
		*ret_value = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return code == SQLITE_ROW ? 0 : rows_fail(rows, code, sql, err);
}

static int
write_pragma(struct rows *rows, const char *name, int64_t value,
    struct error *err)
{
	char sql[80];

	snprintf(sql, sizeof(sql), "PRAGMA %s = %lld", name, (long long)value);
	return rows_run(rows, sql, err);
}

static int
check_file_system(const char *path, struct error *err)
{
	char dir[PATH_MAX];
	const char *slash = strrchr(path, '/');
	enum file_system kind = FILE_SYSTEM_LOCAL;
	uint64_t unused = 0;
	int fd = -1;
	int rc;

	if (slash == NULL)
		text_copy(dir, sizeof(dir), ".");
	else if (!text_copy_len(dir, sizeof(dir), path,
		     (size_t)(slash - path) + 1))
		return error_set(err, ERROR_MALFORMED, "path too long");
	if (file_open_dir(dir, &fd, err) < 0)
		return -1;
	rc = file_system_of(fd, &kind, &unused, err);
	if (rc == 0 && kind != FILE_SYSTEM_LOCAL)
		rc = error_set_id(err, "E5005", ERROR_DENIED,
		    "%s is on a file system of kind %s", dir,
		    file_system_name(kind));
	file_close(fd);
	return rc;
}

/* Called after each commit with the length of the log. */
static int
note_log_pages(void *context, sqlite3 *db, const char *name, int pages)
{
	struct rows *rows = context;

	(void)db;
	(void)name;
	rows->log_pages = (uint32_t)pages;
	return SQLITE_OK;
}

/*
 * Room for a digest in each page of a database that is made now; one that is
 * there already must have it.
 */
static int
reserve(struct rows *rows, struct error *err)
{
	int64_t pages = 0;
	int wanted = -1; /* only ask */

	/* Reading it also finishes what a crash interrupted. */
	if (read_pragma(rows, "PRAGMA page_count", &pages, err) < 0)
		return -1;
	sqlite3_file_control(rows->db, "main", SQLITE_FCNTL_RESERVE_BYTES,
	    &wanted);
	if (pages > 0)
		return wanted == ROWS_RESERVED
		    ? 0
		    : error_set_id(err, "E5006", ERROR_MALFORMED,
			  "the pages of the database have no digests");
	if (write_pragma(rows, "page_size", ROWS_PAGE, err) < 0)
		return -1;
	wanted = ROWS_RESERVED;
	sqlite3_file_control(rows->db, "main", SQLITE_FCNTL_RESERVE_BYTES,
	    &wanted);
	return 0;
}

static int
configure(struct rows *rows, const struct rows_options *options,
    struct error *err)
{
	uint32_t cache =
	    options->cache_kib != 0 ? options->cache_kib : DEFAULT_CACHE_KIB;

	sqlite3_busy_timeout(rows->db, BUSY_MS);
	sqlite3_db_config(rows->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(rows->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	/*
	 * A statement means its text: without this one whose condition may be
	 * that of a partial index is compiled anew for each value bound.
	 */
	sqlite3_db_config(rows->db, SQLITE_DBCONFIG_ENABLE_QPSG, 1, NULL);
	/* A negative size counts KiB. */
	if (write_pragma(rows, "cache_size", -(int64_t)cache, err) < 0)
		return -1;
	if (rows_run(rows,
		"PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY",
		err) < 0)
		return -1;
	if (options->read_only)
		return rows_run(rows, "PRAGMA query_only = ON", err);
	if (reserve(rows, err) < 0)
		return -1;
	if (rows_run(rows,
		"PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
		"PRAGMA journal_size_limit = 67108864",
		err) < 0)
		return -1;
	/* Setting the hook also switches the automatic checkpoint off. */
	sqlite3_wal_hook(rows->db, note_log_pages, rows);
	return 0;
}

static int
migrate_one(struct rows *rows, const char *sql, int64_t version,
    struct error *err)
{
	if (rows_run(rows, "BEGIN IMMEDIATE", err) < 0)
		return -1;
	if (rows_run(rows, sql, err) < 0 ||
	    write_pragma(rows, "user_version", version, err) < 0 ||
	    rows_run(rows, "COMMIT", err) < 0) {
		rows_rollback(rows);
		return error_prefix(err, "schema version %lld",
		    (long long)version);
	}
	return 0;
}

static int
check_schema(struct rows *rows, const struct rows_options *options,
    struct error *err)
{
	int64_t id = 0, version = 0, objects = 0;

	if (read_pragma(rows, "PRAGMA application_id", &id, err) < 0 ||
	    read_pragma(rows, "PRAGMA user_version", &version, err) < 0 ||
	    read_pragma(rows, "SELECT count(*) FROM sqlite_schema", &objects,
		err) < 0)
		return -1;
	if ((uint32_t)id != options->application_id &&
	    (objects > 0 || options->read_only))
		return error_set_id(err, "E5006", ERROR_MALFORMED,
		    "the database is another program's (%08x)", (uint32_t)id);
	if (version < 0 || (uint64_t)version > options->migration_count ||
	    (options->read_only &&
		(uint64_t)version != options->migration_count))
		return error_set_id(err, "E5006", ERROR_MALFORMED,
		    "schema version %lld, this program knows %zu",
		    (long long)version, options->migration_count);
	if (options->read_only)
		return 0;
	/* The pragma takes a signed number. */
	if (objects == 0 &&
	    write_pragma(rows, "application_id",
		(int32_t)options->application_id, err) < 0)
		return -1;
	for (size_t i = (size_t)version; i < options->migration_count; i++)
		if (migrate_one(rows, options->migrations[i], (int64_t)i + 1,
			err) < 0)
			return -1;
	return 0;
}

int
rows_open(const struct rows_options *options, struct rows **ret_rows,
    struct error *err)
{
	int flags = options->read_only
	    ? SQLITE_OPEN_READONLY
	    : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
	const char *vfs = NULL;
	uint32_t cut = 0;
	struct rows *rows;
	int code;

	if (rows_vfs_register(&vfs, err) < 0)
		return -1;
	if (!options->allow_volatile &&
	    check_file_system(options->path, err) < 0)
		return -1;
	if (!options->read_only &&
	    rows_mark_check(options->path, &cut, err) < 0)
		return error_prefix(err, "%s", options->path);
	rows = calloc(1, sizeof(*rows));
	if (rows == NULL)
		return error_set_memory(err);
	rows->cut_frames = cut;
	code = sqlite3_open_v2(options->path, &rows->db,
	    flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW |
		SQLITE_OPEN_EXRESCODE,
	    vfs);
	if (code != SQLITE_OK)
		rows_fail(rows, code, "opening", err);
	if (code != SQLITE_OK || configure(rows, options, err) < 0 ||
	    check_schema(rows, options, err) < 0) {
		rows_close(rows);
		return error_prefix(err, "%s", options->path);
	}
	*ret_rows = rows;
	return 0;
}

void
rows_close(struct rows *rows)
{
	if (rows == NULL)
		return;
	rows_drop_queries(rows);
	sqlite3_close(rows->db);
	free(rows);
}

int
rows_begin(struct rows *rows, struct error *err)
{
	/* Writing from the start: no lock can fail in the middle. */
	if (query_run(rows, "BEGIN IMMEDIATE", err) < 0)
		return -1;
	rows->in_transaction = true;
	return 0;
}

int
rows_commit(struct rows *rows, struct error *err)
{
	int rc;

	if (!rows_is_open_transaction(rows))
		rc = error_set_id(err, "E5001", ERROR_BUSY,
		    "the transaction was undone by an earlier failure");
	else
		rc = query_run(rows, "COMMIT", err);
	if (rc < 0)
		rows_rollback(rows);
	rows->in_transaction = false;
	return rc < 0 ? error_prefix(err, "commit") : 0;
}

void
rows_rollback(struct rows *rows)
{
	rows->in_transaction = false;
	if (rows_is_open_transaction(rows))
		sqlite3_exec(rows->db, "ROLLBACK", NULL, NULL, NULL);
}

bool
rows_is_open_transaction(const struct rows *rows)
{
	return sqlite3_get_autocommit(rows->db) == 0;
}

int64_t
rows_last_id(const struct rows *rows)
{
	return sqlite3_last_insert_rowid(rows->db);
}

int64_t
rows_changed(const struct rows *rows)
{
	return sqlite3_changes64(rows->db);
}

int64_t
rows_written(const struct rows *rows)
{
	return sqlite3_total_changes64(rows->db);
}

int
rows_checkpoint(struct rows *rows, struct error *err)
{
	int in_log = 0, copied = 0;
	int code = sqlite3_wal_checkpoint_v2(rows->db, NULL,
	    SQLITE_CHECKPOINT_PASSIVE, &in_log, &copied);

	if (code != SQLITE_OK && (code & 0xff) != SQLITE_BUSY)
		return rows_fail(rows, code, "checkpoint", err);
	/* -1 when there is no log. */
	rows->log_pages = in_log > copied ? (uint32_t)(in_log - copied) : 0;
	/*
	 * Once all is copied and no reader is left, the log begins anew in the
	 * same blocks by itself.  It is not cut short: writing over what is
	 * there needs no new blocks and no new length, neither of which a sync
	 * has to write then.
	 */
	return 0;
}

uint32_t
rows_log_pages(const struct rows *rows)
{
	return rows->log_pages;
}

uint32_t
rows_cut_frames(const struct rows *rows)
{
	return rows->cut_frames;
}

int
rows_check(struct rows *rows, struct error *err)
{
	struct rows_damage damage;
	sqlite3_stmt *stmt = NULL;
	int code = sqlite3_prepare_v2(rows->db, "PRAGMA integrity_check(1)", -1,
	    &stmt, NULL);
	int rc = 0;

	if (code == SQLITE_OK)
		code = sqlite3_step(stmt);
	rows_vfs_damage(rows->db, &damage);
	if (code != SQLITE_ROW)
		rc = rows_fail(rows, code, "integrity check", err);
	else if (damage.page != 0 || damage.frame != 0)
		rc = fail_damaged(rows, "integrity check", err);
	else if (!text_equal((const char *)sqlite3_column_text(stmt, 0), "ok"))
		rc = error_set_id(err, "E5006", ERROR_MALFORMED,
		    "integrity check: %s",
		    (const char *)sqlite3_column_text(stmt, 0));
	sqlite3_finalize(stmt);
	return rc;
}

static int
copy_pages(struct rows *rows, sqlite3 *copy, rows_step_fn step, void *ctx,
    struct error *err)
{
	sqlite3_backup *backup =
	    sqlite3_backup_init(copy, "main", rows->db, "main");
	int code;
	int rc = 0;

	if (backup == NULL)
		return rows_fail(rows, sqlite3_errcode(copy),
		    "beginning a backup", err);
	do {
		code = sqlite3_backup_step(backup, BACKUP_PAGES);
		if (step != NULL && code == SQLITE_OK)
			rc = step(ctx, BACKUP_PAGES * ROWS_PAGE, err);
	} while (code == SQLITE_OK && rc == 0);
	sqlite3_backup_finish(backup);
	if (rc < 0)
		return -1;
	return code == SQLITE_DONE ? 0 : rows_fail(rows, code, "backup", err);
}

int
rows_backup(struct rows *rows, const char *path, rows_step_fn step, void *ctx,
    struct error *err)
{
	sqlite3 *copy = NULL;
	const char *vfs = NULL;
	int rc = -1;
	int code;

	if (rows_vfs_register(&vfs, err) < 0)
		return -1;
	code = sqlite3_open_v2(path, &copy,
	    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX |
		SQLITE_OPEN_EXRESCODE,
	    vfs);
	if (code != SQLITE_OK) {
		rows_fail(rows, code, path, err);
		goto done;
	}
	rc = copy_pages(rows, copy, step, ctx, err);
done:
	code = sqlite3_close(copy);
	if (rc == 0 && code != SQLITE_OK)
		rc = rows_fail(rows, code, path, err);
	return rc;
}
