/*
 * By what a release is judged where no host runs: roots, release and timestamp,
 * from the data folder of a host or from a folder that somebody saved; believed
 * from the pinned root on, like every host believes them (R5.2.3).
 */
#ifndef CLI_RELEASE_RELEASE_SAVED_H
#define CLI_RELEASE_RELEASE_SAVED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "model/standing.h"

struct config;
struct error;

enum { RELEASE_SAVED_ROOTS = 256 };

struct release_saved_bulletin {
	uint64_t serial; /* 0: there is none */
	struct bytes cms;
};

/* Start it as `{ 0 }`; release it with release_saved_free(). */
struct release_saved {
	struct release_saved_bulletin roots[RELEASE_SAVED_ROOTS]; /* in order */
	size_t root_count;
	struct release_saved_bulletin release, timestamp; /* the newest */
};

void release_saved_free(struct release_saved *saved);

/*
 * All files of a folder.  ERROR_MALFORMED E7001 for one that is no bulletin;
 * those of other types are left out.
 */
int release_saved_read_folder(const char *path, struct release_saved *saved,
    struct error *err) MUST_CHECK;

/* What a host has stored; it may run meanwhile. */
int release_saved_read_host(const struct config *config,
    struct release_saved *saved, struct error *err) MUST_CHECK;

/* Into an empty folder that is made, a file for each. */
int release_saved_write(const struct release_saved *saved, const char *folder,
    struct error *err) MUST_CHECK;

/*
 * Judge all of it as bulletin_state_take() does, from the root whose digest is
 * `pin` (64 hex digits).  ERROR_NOT_FOUND E6937 without a root, E7610
 * without a release; ERROR_UNTRUSTED E7009 when the timestamp names a newer one.
 */
int release_saved_judge(const struct release_saved *saved,
    const char *environment, const char *pin, int64_t now,
    enum freshness *ret_grade, struct error *err) MUST_CHECK;

#endif
