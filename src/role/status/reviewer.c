#include "role/status/reviewer.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/error.h"
#include "role/env.h"
#include "role/spool/spool.h"
#include "role/status/review.h"
#include "store/store.h"
#include "sys/loop.h"

enum {
	AGAIN_MS = 1000,           /* after a failure */
	CLOCK_MS = 60 * 60 * 1000, /* clocks may have been set back */
};

struct reviewer {
	struct group_op op; /* first: the group hands it back */
	struct spool *spool;
	const struct reviewer_tier *tier;
	void *ctx;
	struct review review; /* what is looked back for; empty: nothing */
	bool is_over;         /* ... at all, once the slice is durable */
	bool is_busy;
	bool is_started;
	bool again;         /* more came meanwhile */
	uint64_t measures;  /* version that was looked at, */
	uint64_t directory; /* ... serial of the directory, */
	uint64_t revoked;   /* ... and version */
	struct loop_timer *timer;
	struct loop_soon *soon;
};

static struct rows *
rows_of(const struct reviewer *reviewer)
{
	return store_rows(reviewer->spool->store);
}

static void
fail(struct reviewer *reviewer, const struct error *failure)
{
	log_failure(&reviewer->spool->env->log, LOG_LEVEL_WARNING,
	    "review.later", failure);
	reviewer->again = true;
	loop_timer_start(reviewer->timer, AGAIN_MS);
}

struct review_facts
reviewer_facts(const struct spool *spool)
{
	return (struct review_facts){
		.measures = bulletins_measures(spool->bulletins),
		.directory = spool_directory(spool),
		.revoked = &spool->revoked,
	};
}

/* ---- slices ------------------------------------------------------------ */

static int
apply_slice(struct group_op *op, struct error *err)
{
	struct reviewer *reviewer = (struct reviewer *)(void *)op;
	int more = 1;

	for (size_t i = 0; i < REVIEWER_SLICE && more > 0; i++)
		more = reviewer->tier->judge_next(reviewer->ctx, err);
	if (more < 0)
		return -1;
	reviewer->is_over = more == 0;
	return reviewer->is_over
	    ? review_end(rows_of(reviewer), &reviewer->review, err)
	    : 0;
}

static void
finish_slice(struct group_op *op, const struct error *failure)
{
	struct reviewer *reviewer = (struct reviewer *)(void *)op;

	reviewer->is_busy = false;
	if (failure != NULL) {
		fail(reviewer, failure);
		return;
	}
	if (reviewer->tier->tell != NULL)
		reviewer->tier->tell(reviewer->ctx);
	if (reviewer->is_over)
		review_free(&reviewer->review);
	if (!reviewer->is_over || reviewer->again)
		loop_soon_start(reviewer->soon);
}

/*
 * The serial is that of the directory which is looked at: the one in force may
 * be later by a moment, and its content is looked at when it comes.
 */
static void
begin(struct reviewer *reviewer)
{
	const struct spool *spool = reviewer->spool;
	const struct review_facts facts = reviewer_facts(spool);
	struct error err = { 0 };

	reviewer->again = false;
	reviewer->measures = bulletins_measures_version(spool->bulletins);
	reviewer->directory = spool_directory_serial(spool);
	reviewer->revoked = spool->revoked.version;
	review_free(&reviewer->review);
	if (review_begin(rows_of(reviewer), &facts, spool_now(spool),
		&reviewer->review, &err) < 0)
		fail(reviewer, &err);
	else if (review_has_any(&reviewer->review))
		reviewer->tier->rewind(reviewer->ctx,
		    reviewer->review.since_ms - CLOCK_MS);
}

static void
go_on(void *ctx)
{
	struct reviewer *reviewer = ctx;

	if (reviewer->is_busy || !reviewer->is_started)
		return;
	if (reviewer->again)
		begin(reviewer);
	if (!review_has_any(&reviewer->review))
		return;
	reviewer->op.apply = apply_slice;
	reviewer->op.finish = finish_slice;
	reviewer->is_busy = true;
	group_add(reviewer->spool->group, &reviewer->op);
}

/* ---- life -------------------------------------------------------------- */

int
reviewer_new(struct spool *spool, const struct reviewer_tier *tier, void *ctx,
    struct reviewer **ret_reviewer, struct error *err)
{
	struct reviewer *reviewer = calloc(1, sizeof(*reviewer));
	struct loop *loop = spool->env->loop;

	if (reviewer == NULL) {
		free(ctx);
		return error_set_memory(err);
	}
	reviewer->spool = spool;
	reviewer->tier = tier;
	reviewer->ctx = ctx;
	if (loop_timer_new(loop, go_on, reviewer, &reviewer->timer, err) < 0 ||
	    loop_soon_new(loop, go_on, reviewer, &reviewer->soon, err) < 0) {
		reviewer_free(reviewer);
		return -1;
	}
	*ret_reviewer = reviewer;
	return 0;
}

void
reviewer_free(struct reviewer *reviewer)
{
	if (reviewer == NULL)
		return;
	loop_timer_free(reviewer->timer);
	loop_soon_free(reviewer->soon);
	review_free(&reviewer->review);
	free(reviewer->ctx);
	free(reviewer);
}

void
reviewer_start(struct reviewer *reviewer)
{
	reviewer->is_started = true;
	reviewer->again = true;
	loop_soon_start(reviewer->soon);
}

void
reviewer_on_news(struct reviewer *reviewer)
{
	const struct spool *spool = reviewer->spool;

	/* Timestamps come every minute. */
	if (bulletins_measures_version(spool->bulletins) ==
		reviewer->measures &&
	    spool_directory_serial(spool) == reviewer->directory &&
	    spool->revoked.version == reviewer->revoked)
		return;
	reviewer->again = true;
	if (reviewer->is_started && !reviewer->is_busy)
		loop_soon_start(reviewer->soon);
}
