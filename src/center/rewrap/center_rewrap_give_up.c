/*
 * Deliveries whose sender makes no other key part: after `limits.rewrap_s` the
 * center ends them as returned, reason `key`.  Nobody else can: the recipient's
 * side cannot sign for what it never opened, and its organisation may be gone.
 */
#include "center/rewrap/center_rewrap.h"

#include <stdlib.h>

#include "base/error.h"
#include "center/accept/center_event.h"
#include "center/center.h"
#include "center/center_rows.h"
#include "center/rewrap/center_rewrap_rows.h"
#include "service/config.h"
#include "store/store.h"
#include "sys/loop.h"

enum { LOOK_MS = 1000 };

struct center_giver_up {
	struct group_op op; /* first: the group hands it back */
	struct center *center;
	struct loop_timer *timer;
	bool is_busy;
	struct center_news news;
};

static int64_t
latest(const struct center_giver_up *giver)
{
	const struct spool *spool = &giver->center->spool;

	return spool_now(spool) - spool->env->config->limits.rewrap_s * 1000;
}

static int
end_delivery(struct center_giver_up *giver, struct center_delivery *delivery,
    struct error *err)
{
	struct center *center = giver->center;
	struct rows *rows = store_rows(center->spool.store);
	const struct center_event event = { .event = EVENT_RETURNED,
		.signer = STATEMENT_CENTER,
		.at = center->name };
	struct center_waybill waybill;
	uint64_t entry;
	int found =
	    center_waybill_find_row(rows, delivery->waybill, &waybill, err);

	/* What ended otherwise has only to be forgotten. */
	if (found <= 0 ||
	    !delivery_give_up(&delivery->life,
		center_role(center, &waybill, delivery)))
		return found < 0 ? -1 : 0;
	return center_event_write(center, &waybill, delivery, &event, &entry,
	    &giver->news, err);
}

static int
apply(struct group_op *op, struct error *err)
{
	struct center_giver_up *giver = (struct center_giver_up *)(void *)op;
	struct rows *rows = store_rows(giver->center->spool.store);
	struct center_delivery delivery;
	int64_t row;
	int found = center_rewrap_overdue(rows, latest(giver), &row, err);

	if (found <= 0)
		return found;
	found = center_delivery_find_row(rows, row, &delivery, err);
	if (found < 0 || (found > 0 && end_delivery(giver, &delivery, err) < 0))
		return -1;
	return center_rewrap_ask(rows, row, 0, err);
}

static void
finish(struct group_op *op, const struct error *failure)
{
	struct center_giver_up *giver = (struct center_giver_up *)(void *)op;

	giver->is_busy = false;
	if (failure != NULL)
		log_failure(&giver->center->spool.env->log, LOG_LEVEL_WARNING,
		    "rewrap.later", failure);
	else
		center_news_tell(giver->center, &giver->news);
	loop_timer_start(giver->timer, failure != NULL ? LOOK_MS : 0);
}

/* An empty look costs no group. */
static void
look(void *ctx)
{
	struct center_giver_up *giver = ctx;
	struct error err = { 0 };
	int64_t row;

	if (giver->is_busy)
		return;
	if (center_rewrap_overdue(store_rows(giver->center->spool.store),
		latest(giver), &row, &err) <= 0) {
		loop_timer_start(giver->timer, LOOK_MS);
		return;
	}
	giver->is_busy = true;
	giver->news = (struct center_news){ 0 };
	giver->op.apply = apply;
	giver->op.finish = finish;
	group_add(giver->center->spool.group, &giver->op);
}

int
center_giver_up_new(struct center *center, struct center_giver_up **ret_giver,
    struct error *err)
{
	struct center_giver_up *giver = calloc(1, sizeof(*giver));

	if (giver == NULL)
		return error_set_memory(err);
	giver->center = center;
	if (loop_timer_new(center->spool.env->loop, look, giver, &giver->timer,
		err) < 0) {
		free(giver);
		return -1;
	}
	*ret_giver = giver;
	return 0;
}

void
center_giver_up_free(struct center_giver_up *giver)
{
	if (giver == NULL)
		return;
	loop_timer_free(giver->timer);
	free(giver);
}

void
center_giver_up_start(struct center_giver_up *giver)
{
	loop_timer_start(giver->timer, 0);
}
