/*
 * How far the write-ahead log of the rows is known to be durable.
 *
 * SQLite takes the log up to the first frame that is not whole, so a bit that
 * flips in the middle would silently take back what came behind it.  Therefore
 * the writer notes after each sync, in a file beside the database (its name
 * and "-mark"), how many frames are durable; and whoever opens the database to
 * write looks first whether they still are.  The note itself is not synced: one
 * that is lost claims less than it could, never more.  Before the log is begun
 * anew or removed, the note is taken back durably.
 */
#ifndef STORE_ROWS_MARK_H
#define STORE_ROWS_MARK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"

struct error;

struct rows_mark;

/* For the database at `path`; the file is made by the first note. */
int rows_mark_open(const char *path, struct rows_mark **ret_mark,
    struct error *err) MUST_CHECK;
void rows_mark_close(struct rows_mark *mark);

/* `frames` frames of the log with these salts are durable.  May fail quietly. */
void rows_mark_set(struct rows_mark *mark, const uint32_t salt[2],
    uint32_t frames);

/* Durably: nothing is known of the log, but the database exists. */
int rows_mark_clear(struct rows_mark *mark, struct error *err) MUST_CHECK;

/*
 * Before SQLite looks at them: are database and log of `path` what the mark
 * and the log's own frames say?  ERROR_MALFORMED (E5006), naming what is
 * missing or which frame changed.  `*ret_cut` counts the frames of a
 * transaction that was interrupted, which SQLite will drop.
 */
int rows_mark_check(const char *path, uint32_t *ret_cut,
    struct error *err) MUST_CHECK;

#endif
