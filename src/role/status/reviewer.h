/*
 * Judging again (role/status/review.h), driven: when what a host knows of holds,
 * suspensions and revocations is other than when it looked last, it goes through
 * what came since they began, in slices that each become durable by themselves.
 * It can be begun again at any time, and is after a failure.
 *
 * A tier says what comes next and how it is judged, and nothing else.
 */
#ifndef ROLE_REVIEWER_H
#define ROLE_REVIEWER_H

#include <stdint.h>

#include "base/attr.h"

struct error;
struct review_facts;
struct reviewer;
struct spool;

enum { REVIEWER_SLICE = 200 }; /* things judged in one group */

struct reviewer_tier {
	/* Go back: what came at `since_ms` or later is to be judged. */
	void (*rewind)(void *ctx, int64_t since_ms);
	/*
	 * In the open group: judge the next one.  1, or 0 when there is no
	 * more.  What it changed in `ctx` is not undone with the group, but
	 * then `rewind` comes before the next call.
	 */
	int (*judge_next)(void *ctx, struct error *err);
	/* A slice is durable; or NULL. */
	void (*tell)(void *ctx);
};

/* `spool` and `tier` must outlive it; `ctx` is freed with it, also on failure. */
int reviewer_new(struct spool *spool, const struct reviewer_tier *tier,
    void *ctx, struct reviewer **ret_reviewer, struct error *err) MUST_CHECK;
void reviewer_free(struct reviewer *reviewer);

/* What is found can be stated: begin. */
void reviewer_start(struct reviewer *reviewer);

/* Bulletins, the directory, or what authorities have revoked changed. */
void reviewer_on_news(struct reviewer *reviewer);

/* What this host knows now. */
struct review_facts reviewer_facts(const struct spool *spool);

#endif
