/*
 * A thin layer over SQLite: one connection, its transaction and its schema.
 * Statements are store/query.h.
 *
 * One process writes a database; others may open it read-only.  Write-ahead
 * log, synchronous=FULL: what rows_commit() returned 0 for survives a power
 * cut.
 */
#ifndef STORE_ROWS_H
#define STORE_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

struct error;

struct rows;

struct rows_options {
	const char *path; /* of the database file */
	uint32_t
	    application_id; /* in the file's header; another's is refused */
	/*
	 * The schema: migrations[n] leads from version n to n + 1 and is never
	 * changed once released.  SQL text, several statements allowed.
	 */
	const char *const *migrations;
	size_t migration_count;
	bool read_only;      /* no migration, no locks that stop the writer */
	uint32_t cache_kib;  /* bound of the page cache; 0 for 8 MiB */
	bool allow_volatile; /* tests: also on tmpfs, overlay, network */
};

/*
 * Open the database, make it if it is missing, and bring its schema up to
 * date, each migration in its own transaction.
 *
 * Fails with ERROR_BUSY (E5004) if another process writes it, ERROR_DENIED
 * (E5005) on a file system that may lose data, ERROR_MALFORMED (E5006) if the
 * file is damaged, another program's, or of a newer version.
 */
int rows_open(const struct rows_options *options, struct rows **ret_rows,
    struct error *err) MUST_CHECK;
void rows_close(struct rows *rows);

/*
 * One transaction at a time.  A failed commit leaves none open: ERROR_BUSY
 * says that nothing was changed and trying again is right (disk full), any
 * other that it is unknown what a restart will find.
 */
int rows_begin(struct rows *rows, struct error *err) MUST_CHECK;
int rows_commit(struct rows *rows, struct error *err) MUST_CHECK;
void rows_rollback(struct rows *rows);
bool rows_is_open_transaction(const struct rows *rows);

/* Run SQL text that returns no rows; never with outside text inside. */
int rows_run(struct rows *rows, const char *sql, struct error *err) MUST_CHECK;

/* The row id of the newest insert; rows touched by the newest statement. */
int64_t rows_last_id(const struct rows *rows);
int64_t rows_changed(const struct rows *rows);

/* Rows that were ever written through it: has anything been, since? */
int64_t rows_written(const struct rows *rows);

/*
 * Copy the write-ahead log into the database as far as readers allow; for idle
 * moments, since it is the writer's longest pause.  The log then begins anew in
 * the same blocks once nobody reads from it.
 */
int rows_checkpoint(struct rows *rows, struct error *err) MUST_CHECK;

/* Pages in the write-ahead log that rows_checkpoint() has yet to copy. */
uint32_t rows_log_pages(const struct rows *rows);

/* Frames of an interrupted commit that the opening dropped from the log. */
uint32_t rows_cut_frames(const struct rows *rows);

/* Have SQLite examine the whole file; ERROR_MALFORMED (E5006) if damaged. */
int rows_check(struct rows *rows, struct error *err) MUST_CHECK;

/*
 * Copy the database as it is now to a new file at `path`, durably, without
 * stopping the writer of another process.  Within a read that the caller has
 * begun it is the state of that; without one, each change of the writer makes
 * the copy begin anew.  `step`, which may be NULL, is called for each part with
 * its length and stops the copy by failing.
 */
typedef int (*rows_step_fn)(void *ctx, uint64_t bytes, struct error *err);
int rows_backup(struct rows *rows, const char *path, rows_step_fn step,
    void *ctx, struct error *err) MUST_CHECK;

#endif
