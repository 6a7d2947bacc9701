#include "center/hold/center_review.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/text.h"
#include "center/accept/center_event.h"
#include "center/center.h"
#include "center/center_rows.h"
#include "center/hold/center_hold_internal.h"
#include "role/status/review.h"
#include "store/store.h"
#include "sys/loop.h"

enum {
	SLICE = 200,               /* waybills in one group */
	AGAIN_MS = 1000,           /* after a failure */
	CLOCK_MS = 60 * 60 * 1000, /* clocks may have been set back */
};

struct center_review {
	struct group_op op; /* first: the group hands it back */
	struct center *center;
	struct review review; /* what is looked back for; empty: nothing */
	struct center_waybill after; /* the last that was looked at */
	bool is_over;                /* ... of all, once the slice is durable */
	bool is_busy;
	bool is_started;
	bool again;                     /* more came meanwhile */
	uint64_t measures;              /* version that was looked at, */
	uint64_t directory;             /* ... and serial */
	struct center_news news[SLICE]; /* of each waybill with a flag */
	size_t news_count;
	struct loop_timer *timer;
	struct loop_soon *soon;
};

static struct rows *
rows_of(const struct center_review *review)
{
	return store_rows(review->center->spool.store);
}

/* ---- one waybill ------------------------------------------------------ */

struct flagging {
	struct center_review *review;
	const struct center_waybill *waybill;
	const char *why;
	struct center_news news; /* the same for all of a waybill */
	bool has_any;
};

static void
log_flagged(const struct flagging *flagging,
    const struct center_delivery *delivery)
{
	char id[ID_TEXT_SIZE];
	struct log_line line;

	id_format(&flagging->waybill->waybill_id, id);
	log_begin(&line, &flagging->review->center->spool.env->log,
	    LOG_LEVEL_WARNING, flagging->why);
	log_text(&line, "waybill", id);
	log_text(&line, "sender", flagging->waybill->sender.text);
	log_text(&line, "org", delivery->recipient.text);
	log_end(&line);
}

static int
flag_one(void *ctx, struct center_delivery *delivery, struct error *err)
{
	struct flagging *flagging = ctx;
	struct center_review *review = flagging->review;
	struct center *center = review->center;
	struct center_event event = { .event = EVENT_FLAGGED,
		.signer = STATEMENT_CENTER,
		.at = center->name };
	enum delivery_role role =
	    center_role(center, flagging->waybill, delivery);
	uint64_t entry;

	if (delivery_apply(&delivery->life, role, EVENT_FLAGGED, false) !=
	    DELIVERY_NOTED)
		return 0;
	if (center_event_write(center, flagging->waybill, delivery, &event,
		&entry, &flagging->news, err) < 0)
		return -1;
	flagging->has_any = true;
	log_flagged(flagging, delivery);
	return 0;
}

static int
look_at(struct center_review *review, const struct center_waybill *waybill,
    struct error *err)
{
	struct center *center = review->center;
	const struct review_sender sender = {
		.code = waybill->sender,
		.host = text_equal(waybill->origin, center->name)
		    ? waybill->host
		    : "",
		.module = &waybill->module,
	};
	struct flagging flagging = { .review = review, .waybill = waybill };

	flagging.why = review_judge(bulletins_measures(center->spool.bulletins),
	    spool_directory(&center->spool), &sender, waybill->origin_at);
	if (flagging.why[0] == '\0')
		return 0;
	if (center_delivery_each(rows_of(review), waybill->row, center->name,
		flag_one, &flagging, err) < 0)
		return -1;
	if (flagging.has_any)
		review->news[review->news_count++] = flagging.news;
	return 0;
}

/* ---- slices ----------------------------------------------------------- */

static int
apply_slice(struct group_op *op, struct error *err)
{
	struct center_review *review = (struct center_review *)(void *)op;
	struct center_waybill waybill = review->after;
	int more = 1;

	review->news_count = 0;
	for (size_t i = 0; i < SLICE; i++) {
		more = center_waybill_next(rows_of(review), &waybill, &waybill,
		    err);
		if (more <= 0)
			break;
		if (look_at(review, &waybill, err) < 0)
			return -1;
	}
	if (more < 0)
		return -1;
	review->is_over = more == 0;
	if (review->is_over)
		return review_end(rows_of(review), &review->review, err);
	review->after = waybill;
	return 0;
}

static void
finish_slice(struct group_op *op, const struct error *failure)
{
	struct center_review *review = (struct center_review *)(void *)op;
	struct center *center = review->center;

	review->is_busy = false;
	if (failure != NULL) {
		log_failure(&center->spool.env->log, LOG_LEVEL_WARNING,
		    "review.later", failure);
		review->again = true;
		loop_timer_start(review->timer, AGAIN_MS);
		return;
	}
	for (size_t i = 0; i < review->news_count; i++)
		center_news_tell(center, &review->news[i]);
	if (review->is_over)
		review_free(&review->review);
	if (!review->is_over || review->again)
		loop_soon_start(review->soon);
}

static void
begin(struct center_review *review)
{
	struct center *center = review->center;
	int64_t now = spool_now(&center->spool);
	struct error err = { 0 };

	review->again = false;
	review->measures = bulletins_measures_version(center->spool.bulletins);
	review->directory = spool_directory_serial(&center->spool);
	review_free(&review->review);
	if (review_begin(rows_of(review),
		bulletins_measures(center->spool.bulletins),
		spool_directory(&center->spool), now, &review->review,
		&err) < 0) {
		log_failure(&center->spool.env->log, LOG_LEVEL_WARNING,
		    "review.later", &err);
		review->again = true;
		loop_timer_start(review->timer, AGAIN_MS);
		return;
	}
	if (!review_has_any(&review->review))
		return;
	review->after = (struct center_waybill){
		.accepted_at = review->review.since_ms - CLOCK_MS,
	};
	review->is_over = false;
	/* What is to be held, by a module say, is looked at there. */
	center_holds_reload(center->holds);
}

static void
go_on(void *ctx)
{
	struct center_review *review = ctx;

	if (review->is_busy || !review->is_started)
		return;
	if (review->again)
		begin(review);
	if (!review_has_any(&review->review))
		return;
	review->op.apply = apply_slice;
	review->op.finish = finish_slice;
	review->is_busy = true;
	group_add(review->center->spool.group, &review->op);
}

/* ---- life ------------------------------------------------------------- */

int
center_review_new(struct center *center, struct center_review **ret_review,
    struct error *err)
{
	struct center_review *review = calloc(1, sizeof(*review));
	struct loop *loop = center->spool.env->loop;

	if (review == NULL)
		return error_set_memory(err);
	review->center = center;
	if (loop_timer_new(loop, go_on, review, &review->timer, err) < 0 ||
	    loop_soon_new(loop, go_on, review, &review->soon, err) < 0) {
		center_review_free(review);
		return -1;
	}
	*ret_review = review;
	return 0;
}

void
center_review_free(struct center_review *review)
{
	if (review == NULL)
		return;
	loop_timer_free(review->timer);
	loop_soon_free(review->soon);
	review_free(&review->review);
	free(review);
}

void
center_review_start(struct center_review *review)
{
	review->is_started = true;
	review->again = true;
	loop_soon_start(review->soon);
}

void
center_review_on_directory(struct center_review *review)
{
	const struct bulletins *bulletins = review->center->spool.bulletins;

	/* Timestamps come every minute. */
	if (bulletins_measures_version(bulletins) == review->measures &&
	    spool_directory_serial(&review->center->spool) == review->directory)
		return;
	review->again = true;
	if (review->is_started && !review->is_busy)
		loop_soon_start(review->soon);
}
