#include "center/rewrap/center_rewrap.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/text.h"
#include "center/accept/center_event.h"
#include "center/center.h"
#include "center/center_feeds.h"
#include "center/center_rows.h"
#include "center/move/center_move.h"
#include "center/rewrap/center_rewrap_rows.h"
#include "directory/directory.h"
#include "store/store.h"
#include "sys/loop.h"

enum {
	DELIVERIES_MAX = 200, /* looked at in one group */
	LOOK_AGAIN_MS = 1000,
};

/* ---- what the directory says ----------------------------------------- */

static bool
has_seal(const struct directory *directory, const struct directory_org *org,
    const struct digest *seal)
{
	struct directory_key key;

	return directory_find_org_key(directory, org, KEY_SEAL, seal, &key) &&
	    key.state != KEY_REVOKED;
}

bool
center_rewrap_is_wanted(const struct directory *directory,
    const struct org_code *recipient, const struct digest *seal,
    const struct org_code *receiver)
{
	struct directory_org org;
	struct directory_key key;

	if (directory_find_receiver(directory, recipient, &org, &key))
		return !has_seal(directory, &org, seal) ||
		    (directory_is_heir(&org, recipient) &&
			!org_code_equal(&org.code, receiver));
	return directory_find_org(directory, recipient, &org) &&
	    !has_seal(directory, &org, seal);
}

/* ---- marking --------------------------------------------------------- */

/* One page of the unopened deliveries. */
struct marking {
	struct group_op op; /* first: the group hands it back */
	struct center_rewrapper *rewrapper;
	int64_t after;
	size_t count; /* looked at */
	struct center_news *news;
	size_t news_count;
};

struct center_rewrapper {
	struct center *center;
	struct loop_timer *timer;
	int64_t after;    /* row up to which was looked */
	bool is_started;  /* receipts can be stated */
	bool is_marking;  /* a page is under way */
	bool is_outdated; /* begin again when it is done */
};

static int
mark(struct marking *marking, struct center_delivery *delivery,
    struct error *err)
{
	struct center *center = marking->rewrapper->center;
	struct rows *rows = store_rows(center->spool.store);
	const struct directory *directory = spool_directory(&center->spool);
	const struct center_event event = { .event = EVENT_REWRAP,
		.signer = STATEMENT_CENTER,
		.at = center->name };
	struct center_rewrap rewrap = { 0 };
	struct center_waybill waybill;
	const char *to;
	uint64_t entry;
	bool is_wanted;
	int found;

	/* Whoever has it next says so. */
	if (center_move_is_due(center, delivery, &to))
		return 0;
	found = center_rewrap_find(rows, delivery->row, &rewrap, err);
	is_wanted = found >= 0 &&
	    center_rewrap_is_wanted(directory, &delivery->recipient,
		rewrap.serial > 0 ? &rewrap.seal : &delivery->seal,
		&rewrap.receiver);
	center_rewrap_free(&rewrap);
	if (found < 0 || !is_wanted)
		return found < 0 ? -1 : 0;
	found = center_waybill_find_row(rows, delivery->waybill, &waybill, err);
	if (found <= 0)
		return found;
	if (delivery_apply(&delivery->life,
		center_role(center, &waybill, delivery), EVENT_REWRAP,
		false) != DELIVERY_NOTED)
		return 0;
	if (center_rewrap_ask(rows, delivery->row, spool_now(&center->spool),
		err) < 0)
		return -1;
	return center_event_write(center, &waybill, delivery, &event, &entry,
		   &marking->news[marking->news_count], err) < 0
	    ? -1
	    : (marking->news_count++, 0);
}

/* Another host receives it now, with the same key: it gets the delivery. */
static int
follow_host(struct marking *marking, const struct center_delivery *delivery,
    struct error *err)
{
	struct center *center = marking->rewrapper->center;
	const struct directory *directory = spool_directory(&center->spool);
	struct center_news *news = &marking->news[marking->news_count];
	struct directory_org receiver;
	struct directory_key seal;

	const char *to;

	if (delivery->life.wants_rewrap ||
	    center_move_is_due(center, delivery, &to) ||
	    !directory_find_receiver(directory, &delivery->recipient, &receiver,
		&seal) ||
	    text_equal(receiver.host, delivery->host))
		return 0;
	marking->news_count++;
	*news = (struct center_news){ 0 };
	text_copy(news->host, sizeof(news->host), receiver.host);
	return center_feed_announce(center, delivery->row, receiver.host, 0,
	    err);
}

static int
apply_marking(struct group_op *op, struct error *err)
{
	struct marking *marking = (struct marking *)(void *)op;
	struct center *center = marking->rewrapper->center;
	struct rows *rows = store_rows(center->spool.store);
	struct center_delivery delivery;
	int64_t row;
	int more = 1;

	if (spool_directory(&center->spool) == NULL)
		return 0;
	while (marking->count < DELIVERIES_MAX &&
	    (more = center_unopened_next(rows, center->name, marking->after,
		 &row, err)) > 0) {
		marking->count++;
		marking->after = row;
		more = center_delivery_find_row(rows, row, &delivery, err);
		if (more > 0 &&
		    (mark(marking, &delivery, err) < 0 ||
			follow_host(marking, &delivery, err) < 0))
			more = -1;
		if (more < 0)
			break;
	}
	return more < 0 ? -1 : 0;
}

static void
finish_marking(struct group_op *op, const struct error *failure)
{
	struct marking *marking = (struct marking *)(void *)op;
	struct center_rewrapper *rewrapper = marking->rewrapper;
	struct center *center = rewrapper->center;
	bool is_last = marking->count < DELIVERIES_MAX;

	rewrapper->is_marking = false;
	if (failure != NULL) {
		log_failure(&center->spool.env->log, LOG_LEVEL_WARNING,
		    "rewrap.later", failure);
		loop_timer_start(rewrapper->timer, LOOK_AGAIN_MS);
	} else {
		for (size_t i = 0; i < marking->news_count; i++)
			center_news_tell(center, &marking->news[i]);
		rewrapper->after = marking->after;
	}
	free(marking->news);
	free(marking);
	if (rewrapper->is_outdated) {
		rewrapper->is_outdated = false;
		rewrapper->after = 0;
		is_last = false;
	}
	if (failure == NULL && !is_last)
		loop_timer_start(rewrapper->timer, 0);
}

static void
look(void *ctx)
{
	struct center_rewrapper *rewrapper = ctx;
	struct marking *marking;

	if (rewrapper->is_marking)
		return;
	marking = calloc(1, sizeof(*marking));
	if (marking != NULL)
		marking->news = calloc(DELIVERIES_MAX, sizeof(*marking->news));
	if (marking == NULL || marking->news == NULL) {
		free(marking);
		loop_timer_start(rewrapper->timer, LOOK_AGAIN_MS);
		return;
	}
	rewrapper->is_marking = true;
	marking->rewrapper = rewrapper;
	marking->after = rewrapper->after;
	marking->op.apply = apply_marking;
	marking->op.finish = finish_marking;
	group_add(rewrapper->center->spool.group, &marking->op);
}

int
center_rewrapper_new(struct center *center,
    struct center_rewrapper **ret_rewrapper, struct error *err)
{
	struct center_rewrapper *rewrapper = calloc(1, sizeof(*rewrapper));

	if (rewrapper == NULL)
		return error_set_memory(err);
	rewrapper->center = center;
	if (loop_timer_new(center->spool.env->loop, look, rewrapper,
		&rewrapper->timer, err) < 0) {
		free(rewrapper);
		return -1;
	}
	*ret_rewrapper = rewrapper;
	return 0;
}

void
center_rewrapper_free(struct center_rewrapper *rewrapper)
{
	if (rewrapper == NULL)
		return;
	loop_timer_free(rewrapper->timer);
	free(rewrapper);
}

void
center_rewrapper_start(struct center_rewrapper *rewrapper)
{
	rewrapper->is_started = true;
	loop_timer_start(rewrapper->timer, 0);
}

void
center_rewrapper_on_directory(struct center_rewrapper *rewrapper)
{
	if (!rewrapper->is_started)
		return;
	if (rewrapper->is_marking) {
		rewrapper->is_outdated = true;
		return;
	}
	rewrapper->after = 0;
	loop_timer_start(rewrapper->timer, 0);
}
