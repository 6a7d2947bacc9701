#include "center/center_expire.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/text.h"
#include "center/accept/center_event.h"
#include "center/accept/center_queued.h"
#include "center/center.h"
#include "center/center_rows.h"
#include "center/move/center_move.h"
#include "center/send/center_send_rows.h"
#include "store/store.h"
#include "sys/loop.h"

enum {
	LOOK_MS = 1000,
	WAYBILLS_MAX = 100, /* in one group */
};

/* What one change has expired. */
struct expiring {
	struct group_op op; /* first: the group hands it back */
	struct center *center;
	struct center_news *news;
	size_t news_count, news_size;
	size_t waybills, extended;
	const struct center_waybill *waybill; /* inside apply */

	/* Of a relay that was refused. */
	int64_t relayed; /* row of the waybill */
	int64_t send;
	char name[MESSAGE_HOST_SIZE];
	center_expired_fn done;
	void *ctx;
};

struct center_expirer {
	struct center *center;
	struct loop_timer *timer;
	bool is_looking;
};

static struct rows *
rows_of(const struct expiring *expiring)
{
	return store_rows(expiring->center->spool.store);
}

static struct expiring *
new_expiring(struct center *center)
{
	struct expiring *expiring = calloc(1, sizeof(*expiring));

	if (expiring != NULL)
		expiring->center = center;
	return expiring;
}

static void
free_expiring(struct expiring *expiring)
{
	free(expiring->news);
	free(expiring);
}

static bool
has_news(const struct expiring *expiring, const struct center_news *news)
{
	for (size_t i = 0; i < expiring->news_count; i++)
		if (text_equal(expiring->news[i].host, news->host) &&
		    expiring->news[i].is_for_others == news->is_for_others)
			return true;
	return false;
}

static int
keep_news(struct expiring *expiring, const struct center_news *news,
    struct error *err)
{
	if (has_news(expiring, news))
		return 0;
	if (expiring->news_count == expiring->news_size) {
		size_t size = expiring->news_size * 2 + 8;
		struct center_news *list =
		    realloc(expiring->news, size * sizeof(*list));

		if (list == NULL)
			return error_set_memory(err);
		expiring->news = list;
		expiring->news_size = size;
	}
	expiring->news[expiring->news_count++] = *news;
	return 0;
}

static int
expire(struct expiring *expiring, struct center_delivery *delivery,
    struct error *err)
{
	struct center *center = expiring->center;
	const struct center_waybill *waybill = expiring->waybill;
	enum delivery_role role = center_role(center, waybill, delivery);
	const struct center_event event = { .event = EVENT_EXPIRED,
		.signer = STATEMENT_CENTER,
		.at = center->name };
	struct center_news news;
	const char *to;
	uint64_t entry;

	/* What is to move is not ours for long: the next one ends it. */
	if (center_move_is_due(center, delivery, &to))
		return 0;
	if (!delivery_has_expired(&delivery->life, role,
		waybill->not_after + delivery->held_ms,
		spool_now(&center->spool)) ||
	    delivery_apply(&delivery->life, role, EVENT_EXPIRED, false) !=
		DELIVERY_MOVED)
		return 0;
	if (center_event_write(center, waybill, delivery, &event, &entry, &news,
		err) < 0)
		return -1;
	return keep_news(expiring, &news, err);
}

static int
expire_one(void *ctx, struct center_delivery *delivery, struct error *err)
{
	return expire(ctx, delivery, err);
}

static void
tell_all(const struct expiring *expiring)
{
	for (size_t i = 0; i < expiring->news_count; i++)
		center_news_tell(expiring->center, &expiring->news[i]);
}

/* ---- by the clock ---------------------------------------------------- */

static int
expire_row(struct expiring *expiring, int64_t row, struct error *err)
{
	struct center_delivery delivery;
	struct center_waybill waybill;
	int rc =
	    center_delivery_find_row(rows_of(expiring), row, &delivery, err);

	if (rc > 0)
		rc = center_waybill_find_row(rows_of(expiring),
		    delivery.waybill, &waybill, err);
	if (rc <= 0)
		return rc;
	expiring->waybill = &waybill;
	rc = expire(expiring, &delivery, err);
	expiring->waybill = NULL;
	return rc;
}

/* Those whose clock stood for a time. */
static int
expire_extended(struct expiring *expiring, struct error *err)
{
	int64_t now = spool_now(&expiring->center->spool);
	int64_t row;
	int more = 1;

	while (expiring->extended < WAYBILLS_MAX &&
	    (more = center_expiry_take(rows_of(expiring), now, &row, err)) >
		0) {
		expiring->extended++;
		if (expire_row(expiring, row, err) < 0)
			return -1;
	}
	return more < 0 ? -1 : 0;
}

static int
apply_due(struct group_op *op, struct error *err)
{
	struct expiring *expiring = (struct expiring *)(void *)op;
	int64_t now = spool_now(&expiring->center->spool);
	struct center_waybill waybill;
	int more = 1;

	if (expire_extended(expiring, err) < 0)
		return -1;
	expiring->waybill = &waybill;
	while (expiring->waybills < WAYBILLS_MAX &&
	    (more = center_expiry_next(rows_of(expiring), now, &waybill, err)) >
		0) {
		if (center_delivery_each(rows_of(expiring), waybill.row, NULL,
			expire_one, expiring, err) < 0 ||
		    center_expiry_pass(rows_of(expiring), &waybill, err) < 0)
			return -1;
		expiring->waybills++;
	}
	expiring->waybill = NULL;
	return more < 0 ? -1 : 0;
}

static void
finish_due(struct group_op *op, const struct error *failure)
{
	struct expiring *expiring = (struct expiring *)(void *)op;
	struct center_expirer *expirer = expiring->ctx;

	expirer->is_looking = false;
	if (failure != NULL)
		log_failure(&expiring->center->spool.env->log,
		    LOG_LEVEL_WARNING, "expire.later", failure);
	else
		tell_all(expiring);
	if (failure == NULL &&
	    (expiring->waybills == WAYBILLS_MAX ||
		expiring->extended == WAYBILLS_MAX))
		loop_timer_start(expirer->timer, 0);
	else
		loop_timer_start(expirer->timer, LOOK_MS);
	free_expiring(expiring);
}

/* An empty look costs no group. */
static bool
is_any_due(const struct center *center)
{
	struct center_waybill waybill;
	struct error err = { 0 };

	int64_t now = spool_now(&center->spool);

	return center_expiry_next(store_rows(center->spool.store), now,
		   &waybill, &err) != 0 ||
	    center_expiry_is_extended_due(store_rows(center->spool.store), now,
		&err) != 0;
}

static void
look(void *ctx)
{
	struct center_expirer *expirer = ctx;
	struct expiring *expiring = NULL;

	if (expirer->is_looking)
		return;
	if (is_any_due(expirer->center))
		expiring = new_expiring(expirer->center);
	if (expiring == NULL) {
		loop_timer_start(expirer->timer, LOOK_MS);
		return;
	}
	expirer->is_looking = true;
	expiring->ctx = expirer;
	expiring->op.apply = apply_due;
	expiring->op.finish = finish_due;
	group_add(expirer->center->spool.group, &expiring->op);
}

int
center_expirer_new(struct center *center, struct center_expirer **ret_expirer,
    struct error *err)
{
	struct center_expirer *expirer = calloc(1, sizeof(*expirer));

	if (expirer == NULL)
		return error_set_memory(err);
	expirer->center = center;
	if (loop_timer_new(center->spool.env->loop, look, expirer,
		&expirer->timer, err) < 0) {
		free(expirer);
		return -1;
	}
	*ret_expirer = expirer;
	return 0;
}

void
center_expirer_free(struct center_expirer *expirer)
{
	if (expirer == NULL)
		return;
	loop_timer_free(expirer->timer);
	free(expirer);
}

void
center_expirer_start(struct center_expirer *expirer)
{
	loop_timer_start(expirer->timer, 0);
}

/* ---- by a refused relay ---------------------------------------------- */

static int
take_back(void *ctx, struct center_delivery *delivery, struct error *err)
{
	struct expiring *expiring = ctx;
	bool was_open = delivery->life.relay_open;

	delivery_relay_refused(&delivery->life);
	if (was_open &&
	    center_queued_save(expiring->center, expiring->waybill, delivery,
		err) < 0)
		return -1;
	return expire(expiring, delivery, err);
}

static int
apply_refused(struct group_op *op, struct error *err)
{
	struct expiring *expiring = (struct expiring *)(void *)op;
	struct center_waybill waybill;
	int found = center_waybill_find_row(rows_of(expiring),
	    expiring->relayed, &waybill, err);

	if (found <= 0)
		return found < 0
		    ? -1
		    : error_set(err, ERROR_SYSTEM, "waybill %lld is missing",
			  (long long)expiring->relayed);
	expiring->waybill = &waybill;
	if (center_delivery_each(rows_of(expiring), waybill.row, expiring->name,
		take_back, expiring, err) < 0)
		return -1;
	expiring->waybill = NULL;
	return center_send_remove(rows_of(expiring), expiring->send, err);
}

static void
finish_refused(struct group_op *op, const struct error *failure)
{
	struct expiring *expiring = (struct expiring *)(void *)op;

	if (failure == NULL)
		tell_all(expiring);
	expiring->done(expiring->ctx, failure);
	free_expiring(expiring);
}

void
center_expire_relay(struct center *center, int64_t waybill, const char *name,
    int64_t send, center_expired_fn done, void *ctx)
{
	struct expiring *expiring = new_expiring(center);
	struct error err = { 0 };

	if (expiring == NULL) {
		error_set_memory(&err);
		done(ctx, &err);
		return;
	}
	expiring->relayed = waybill;
	expiring->send = send;
	text_copy(expiring->name, sizeof(expiring->name), name);
	expiring->done = done;
	expiring->ctx = ctx;
	expiring->op.apply = apply_refused;
	expiring->op.finish = finish_refused;
	group_add(center->spool.group, &expiring->op);
}
