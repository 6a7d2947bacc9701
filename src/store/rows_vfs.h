/*
 * SQLite's files with sums: a layer (VFS) between SQLite and the system's own
 * that gives each page of the database a digest when it is written and compares
 * it when it is read, compares frames of the write-ahead log with the sums that
 * SQLite gave them, and keeps the mark of store/rows_mark.h.
 *
 * The digest is the first 16 bytes of SHA-256(page number, 4 bytes big-endian,
 * || the page but for its last 16 bytes), and stands in these last bytes, which
 * SQLite leaves alone ("reserved").  docs/decisions/0004 says why.
 */
#ifndef STORE_ROWS_VFS_H
#define STORE_ROWS_VFS_H

#include <stdint.h>

#include <sqlite3.h>

#include "base/attr.h"

struct error;

enum { ROWS_RESERVED = 16 }; /* bytes at the end of a page */

/* Make the layer known to SQLite, once; its name for sqlite3_open_v2(). */
int rows_vfs_register(const char **ret_name, struct error *err) MUST_CHECK;

/* What was read last and was not what was written; 0: nothing so far. */
struct rows_damage {
	uint32_t page;  /* of the database */
	uint32_t frame; /* of the log */
};

void rows_vfs_damage(sqlite3 *db, struct rows_damage *ret_damage);

#endif
