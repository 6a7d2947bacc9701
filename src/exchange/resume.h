/*
 * Content that comes in more than one request: what to do with the offset that
 * a caller names, and whether there is room for one more beginning.  Pure
 * (docs/protocol.md 8).
 */
#ifndef EXCHANGE_RESUME_H
#define EXCHANGE_RESUME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

struct error;

enum resume_step {
	RESUME_BEGIN,  /* nothing is held: from the first byte on */
	RESUME_GO_ON,  /* behind what is held */
	RESUME_AFRESH, /* throw away what is held, then as RESUME_BEGIN */
	RESUME_REFUSE, /* it would leave a gap, or write twice: E4105 */
};

/*
 * `held` bytes of `held_total` are durable here (0 of 0: nothing); the caller
 * has content of `total` bytes and hands it over from `offset` on.
 */
enum resume_step resume_decide(uint64_t held, uint64_t held_total,
    uint64_t offset, uint64_t total);

/* Beginnings that are held, each counted with all the bytes that it will have. */
struct resume_load {
	size_t count;
	uint64_t bytes;
};

/*
 * Whether another one of `total` bytes fits: `all` of them and those `of_host`
 * against the bounds.  ERROR_BUSY (E6221).
 */
int resume_admit(const struct resume_load *all,
    const struct resume_load *all_max, const struct resume_load *of_host,
    const struct resume_load *of_host_max, uint64_t total,
    struct error *err) MUST_CHECK;

/* Nobody will go on with it: no byte came for `idle_ms`, or its time is over. */
bool resume_is_stale(int64_t moved_at, int64_t ends_at, int64_t idle_ms,
    int64_t now);

#endif
