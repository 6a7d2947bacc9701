/*
 * How much one organisation, or one gateway, may take of a center: letters and
 * bytes within an hour, and what may be queued for or from one (T-LOAD-03).
 * Pure.
 */
#ifndef POLICY_QUOTA_H
#define POLICY_QUOTA_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"

struct error;

enum { QUOTA_MINUTES = 60, QUOTA_WAIT_S = 60 };

/* What one party did within the last hour, by minutes.  Start it as `{ 0 }`. */
struct quota_window {
	int64_t minute; /* of the newest bucket, since 1970 */
	struct quota_bucket {
		uint32_t letters;
		uint64_t bytes;
	} buckets[QUOTA_MINUTES]; /* by minute modulo their number */
};

/* 0: no limit. */
struct quota_limits {
	uint64_t letters; /* per hour */
	uint64_t bytes;   /* per hour */
};

/*
 * Count a letter that was accepted `at_ms`, or, with `is_undone`, no longer.
 * What is older than an hour counts nothing.
 */
void quota_count(struct quota_window *window, int64_t at_ms, uint64_t bytes,
    bool is_undone);

/* True when nothing of the last hour is left: it may be forgotten. */
bool quota_is_idle(struct quota_window *window, int64_t now_ms);

/*
 * May `party` hand in a letter of `bytes` now?  Else ERROR_BUSY E4042, which
 * says which limit, how much of it is used, and when enough of it is free.  A
 * letter that alone is more than the limit waits for an empty hour.
 */
int quota_check(struct quota_window *window, const struct quota_limits *limits,
    const char *party, uint64_t bytes, int64_t now_ms,
    struct error *err) MUST_CHECK;

/* What waits: for a recipient until it is fetched, of a sender until it ended. */
struct quota_queue {
	uint64_t deliveries;
	uint64_t bytes;
};

/*
 * May `more` be added to what is queued?  Else ERROR_BUSY with `id`: E4043 for a
 * sender, E4044 for a recipient.  An empty queue takes anything.
 */
int quota_check_queue(const struct quota_queue *queued,
    const struct quota_queue *more, const struct quota_queue *limit,
    const char *party, const char *id, struct error *err) MUST_CHECK;

#endif
