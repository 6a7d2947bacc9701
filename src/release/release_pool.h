/*
 * Files of releases that came to this host, each under its SHA-256, in the
 * folder `releases` of the data folder: to be installed, and handed to hosts
 * below.  What comes in parts grows as DIGEST.part, never beyond the length
 * that the bulletin named, and counts when all of it was compared; what does
 * not fit is thrown away (T-REL-04, T-REL-04b).
 */
#ifndef RELEASE_RELEASE_POOL_H
#define RELEASE_RELEASE_POOL_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

struct bytes;
struct digest;
struct error;
struct release;
struct release_file;

/* What one answer between hosts has at most. */
enum { RELEASE_PIECE_MAX = 256 * 1024 };

/* Open the folder below the data folder `path`, making it if it is missing. */
int release_pool_open(const char *path, int *ret_dir,
    struct error *err) MUST_CHECK;

/* Open it for reading: 1; 0: nothing of a release ever came; -1. */
int release_pool_look(const char *path, int *ret_dir,
    struct error *err) MUST_CHECK;

/* 1: the whole file is here; 0; -1. */
int release_pool_has(int dir, const struct release_file *file,
    struct error *err) MUST_CHECK;

/* Open it, for release_folder_stage(); E7603: it has not come yet. */
int release_pool_source(void *dir, const struct release_file *file, int *ret_fd,
    struct error *err) MUST_CHECK;

/* Take a file from a folder, such as that of a stick. */
int release_pool_take(int dir, const struct release_file *file, int from_fd,
    struct error *err) MUST_CHECK;

/* How much of it came so far. */
int release_pool_offset(int dir, const struct release_file *file,
    uint64_t *ret_offset, struct error *err) MUST_CHECK;

/*
 * Add what follows; with the last byte the file is compared: E7602 and all of
 * it is gone, or it is here.  ERROR_UNTRUSTED E7602 also for more than there
 * is to come.
 */
int release_pool_add(int dir, const struct release_file *file, uint64_t offset,
    const void *data, size_t len, struct error *err) MUST_CHECK;

/* Remove all that this release does not name. */
int release_pool_sweep(int dir, const struct release *release,
    struct error *err) MUST_CHECK;

/*
 * Of the data folder `path`: append up to RELEASE_PIECE_MAX bytes of the whole
 * file of that digest, from `offset` on.  ERROR_NOT_FOUND E7603.
 */
int release_pool_read(const char *path, const struct digest *digest,
    uint64_t offset, struct bytes *to, struct error *err) MUST_CHECK;

#endif
