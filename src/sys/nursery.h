/*
 * Work on hostile bytes in a copy of this process that lives for one piece of
 * work: closed by sys/confine.h, bounded in memory and time, its only way out
 * a pipe.  Whatever becomes of the copy, this process goes on and its caller
 * gets an answer (T-CRY-10).
 *
 * Copies are cheap as long as the process that is copied stays small and
 * single-threaded.
 */
#ifndef SYS_NURSERY_H
#define SYS_NURSERY_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

struct bytes;
struct error;
struct loop;

struct nursery;

struct nursery_limits {
	uint64_t memory; /* bytes beyond what this process has */
	uint64_t cpu_s;
	uint64_t wall_ms;
	size_t result; /* bytes */
};

/*
 * Runs in the copy: append the result.  `fd` is what nursery_run() was given,
 * or -1; no other descriptor is open.
 */
typedef void (*nursery_work_fn)(void *ctx, int fd, struct bytes *result);

/*
 * Called once: with the result, borrowed, or with NULL and the failure: E2290
 * the copy ended without a result, E2291 it took too long, E2292 its result
 * was too large.  A result proves nothing: check it like any outside bytes.
 */
typedef void (*nursery_done_fn)(void *ctx, const uint8_t *result, size_t len,
    const struct error *failure);

/* Before the sandbox: it prepares what cannot be prepared inside. */
int nursery_new(struct loop *loop, size_t copies_max,
    struct nursery **ret_nursery, struct error *err) MUST_CHECK;

/* Kills the copies that run; their `done` is not called. */
void nursery_free(struct nursery *nursery);

/*
 * Start a copy.  `work_ctx` is used before this returns and by the copy.
 * Fails with ERROR_BUSY (E2293) when `copies_max` run; then `done` is never
 * called.
 */
int nursery_run(struct nursery *nursery, const struct nursery_limits *limits,
    nursery_work_fn work, void *work_ctx, int fd, nursery_done_fn done,
    void *done_ctx, struct error *err) MUST_CHECK;

size_t nursery_running(const struct nursery *nursery);

#endif
