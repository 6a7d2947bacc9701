/*
 * Files below directories that the caller holds open.  Every byte that this
 * program makes durable, other than through SQLite, goes through these
 * functions; tests/harness/file_fault.c implements some of them again to fail
 * them and to cut the power.
 *
 * Descriptors are CLOEXEC.  Names are single path components or relative
 * paths; nothing follows a symbolic link in the last component.  A disk that
 * is full is ERROR_BUSY.  EINTR and short transfers are handled here.
 */
#ifndef SYS_FILE_H
#define SYS_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

struct bytes;
struct error;

/* Alignment that satisfies direct writes: memory, offset and length. */
enum { FILE_DIRECT_ALIGN = 4096 };

enum file_mode {
	FILE_READ,
	FILE_WRITE,  /* an existing file, also for reading */
	FILE_CREATE, /* a new file, also for reading; ERROR_EXISTS */
	FILE_APPEND, /* made if it is missing; writes go to the end */
};

/* What a file system can promise. */
enum file_system {
	FILE_SYSTEM_LOCAL,
	FILE_SYSTEM_MEMORY,  /* tmpfs, ramfs: gone after a restart */
	FILE_SYSTEM_OVERLAY, /* syncing it does not reach a disk for sure */
	FILE_SYSTEM_NETWORK,
};

/* Open a directory by path, or below another one. */
int file_open_dir(const char *path, int *ret_dir, struct error *err) MUST_CHECK;
int file_open_dir_at(int dir, const char *name, int *ret_dir,
    struct error *err) MUST_CHECK;

/* Make a directory durably, mode 0700; one that exists is success. */
int file_make_dir(int dir, const char *name, struct error *err) MUST_CHECK;

/* New files get mode 0600. */
int file_open(int dir, const char *name, enum file_mode mode, int *ret_fd,
    struct error *err) MUST_CHECK;

/*
 * Open for direct reads and writes past the page cache (FILE_READ or
 * FILE_WRITE).  ERROR_DENIED when the file system offers no such thing.
 */
int file_open_direct(int dir, const char *name, enum file_mode mode,
    int *ret_fd, struct error *err) MUST_CHECK;

/* Does nothing for -1. */
void file_close(int fd);

/* Read `len` bytes at `offset`, fewer only at the end of the file. */
int file_read_at(int fd, void *data, size_t len, uint64_t offset,
    size_t *ret_len, struct error *err) MUST_CHECK;

/* Write all of `data`; after a failure any part of it may be there. */
int file_write_at(int fd, const void *data, size_t len, uint64_t offset,
    struct error *err) MUST_CHECK;

/*
 * Make what was written durable: with all metadata, or only what is needed to
 * read it back.  After a failure nobody knows what is on the disk and a later
 * success means nothing (the kernel forgets the error): do not try again.
 */
int file_sync(int fd, struct error *err) MUST_CHECK;
int file_sync_data(int fd, struct error *err) MUST_CHECK;

/* Reserve room for the first `len` bytes; the file gets that size. */
int file_allocate(int fd, uint64_t len, struct error *err) MUST_CHECK;

int file_size(int fd, uint64_t *ret_len, struct error *err) MUST_CHECK;

/* Rename, replacing `to`, and make that durable. */
int file_rename(int from_dir, const char *from, int to_dir, const char *to,
    struct error *err) MUST_CHECK;

/* Remove durably; one that is missing already is success. */
int file_remove(int dir, const char *name, struct error *err) MUST_CHECK;

/*
 * Make `name` hold exactly `data`, durably and in one step: a crash leaves the
 * old file or the new one.  Uses `name`.tmp beside it.
 */
int file_replace(int dir, const char *name, const void *data, size_t len,
    struct error *err) MUST_CHECK;

/* Append the whole file to `to`; ERROR_MALFORMED above `max` bytes. */
int file_read_all(int dir, const char *name, size_t max, struct bytes *to,
    struct error *err) MUST_CHECK;

/* Call `visit` for each name but "." and "..", in no order, until it fails. */
typedef int (
    *file_visit_fn)(void *context, const char *name, struct error *err);
int file_list(int dir, file_visit_fn visit, void *context,
    struct error *err) MUST_CHECK;

/* Lock until the descriptor closes; ERROR_BUSY if another process has it. */
int file_lock(int fd, struct error *err) MUST_CHECK;

/* On which kind of file system `fd` lies, and how much of it is free. */
int file_system_of(int fd, enum file_system *ret_kind, uint64_t *ret_free,
    struct error *err) MUST_CHECK;
const char *file_system_name(enum file_system kind);

#endif
