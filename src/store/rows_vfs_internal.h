/*
 * What the files rows_vfs*.c share.
 */
#ifndef STORE_ROWS_VFS_INTERNAL_H
#define STORE_ROWS_VFS_INTERNAL_H

#include <stddef.h>

#include "store/rows_log.h"
#include "store/rows_vfs.h"

struct rows_mark;

enum {
	ROWS_PAGE_DATA = ROWS_PAGE - ROWS_RESERVED,
	/* The layer below writes less than 128 KiB at once. */
	ROWS_VFS_GATHERED = 31 * ROWS_LOG_FRAME,
	/* A file control of our own; SQLite's are small numbers. */
	ROWS_VFS_DAMAGE = 0x797a0001, /* struct rows_damage */
};

enum vfs_kind { VFS_OTHER, VFS_ROWS, VFS_LOG };

/*
 * A file of SQLite, with the system's own file behind it in the same memory.
 * The log points to its database, which SQLite keeps open longer.
 */
struct vfs_file {
	sqlite3_file base; /* first: SQLite knows it as this */
	enum vfs_kind kind;

	/* Of the database. */
	struct rows_mark *mark; /* NULL when it is only read */
	struct rows_damage damage;

	/* Of the log. */
	struct vfs_file *rows;
	struct rows_log_head head; /* as it was read last */
	/*
	 * Frames up to here are committed.  SQLite may write later ones again
	 * in place, and completes their sums with the commit only.
	 */
	uint32_t committed;
	uint32_t written; /* the commit that is written, but not synced */
	/* Frames that SQLite wrote and that go to the file in one call. */
	uint8_t *gathered; /* of ROWS_VFS_GATHERED bytes, or NULL */
	int gathered_len;
	sqlite3_int64 gathered_at;
};

extern const sqlite3_io_methods rows_vfs_methods;

/* Bytes of a struct vfs_file before the system's own file. */
size_t rows_vfs_own_size(void);
sqlite3_file *rows_vfs_real(struct vfs_file *file);

/* rows_vfs_log.c: the log's methods. */
int rows_vfs_log_read(struct vfs_file *file, void *to, int len,
    sqlite3_int64 at);
int rows_vfs_log_write(struct vfs_file *file, const void *from, int len,
    sqlite3_int64 at);
int rows_vfs_log_sync(struct vfs_file *file, int flags);

/* Hand on what was gathered: before the file is looked at in any other way. */
int rows_vfs_log_flush(struct vfs_file *file);

/* Before the log is cut off or begun anew: take the mark back. */
int rows_vfs_log_forget(struct vfs_file *file);

#endif
