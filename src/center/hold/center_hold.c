#include "center/hold/center_hold.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/text.h"
#include "bulletin/measures.h"
#include "center/accept/center_event.h"
#include "center/center.h"
#include "center/center_feeds.h"
#include "center/center_rows.h"
#include "center/center_watch.h"
#include "center/hold/center_hold_internal.h"
#include "center/hold/center_hold_rows.h"
#include "center/log/center_log.h"
#include "center/send/center_send.h"
#include "center/send/center_send_rows.h"
#include "directory/directory.h"
#include "role/status/review.h"
#include "role/status/reviewer.h"
#include "store/store.h"
#include "sys/loop.h"

enum {
	SWEEP_MAX = 200,     /* deliveries in one group */
	AGAIN_MS = 1000,     /* after a failure */
	RETRY_MAX_S = 86400, /* what a sender is told at most */
};

struct center_holds {
	struct center *center;
	/* In force when it was loaded: our operators', then the bulletins'. */
	struct hold list[HOLD_ACTIVE_MAX + MEASURES_HOLDS_MAX];
	size_t count;
	int64_t next;             /* when a measure of a bulletin begins */
	uint64_t measures;        /* version that was loaded */
	bool lacks_trust;         /* ... and how trust was then */
	struct loop_timer *timer; /* the next end of a hold, or another try */
	struct loop_soon *soon;   /* the next slice of the sweep */
	uint64_t directory;       /* serial that was swept */
	int64_t after;            /* row of the delivery that was swept last */
	bool is_started;
	bool is_sweeping;
	bool again; /* the rules changed meanwhile */
};

/* One slice. */
struct sweeping {
	struct group_op op; /* first: the group hands it back */
	struct center_holds *holds;
	int64_t after;
	size_t seen;
	/* Whose feeds have news; each once. */
	char hosts[2 * SWEEP_MAX][MESSAGE_HOST_SIZE];
	size_t host_count;
	bool is_for_others;
};

static struct rows *
rows_of(const struct center_holds *holds)
{
	return store_rows(holds->center->spool.store);
}

/* ---- the rules ------------------------------------------------------- */

/* The gateway that fetches for a recipient; "" for none. */
static const char *
host_of(const struct center *center, const struct org_code *recipient)
{
	const struct directory *directory = spool_directory(&center->spool);
	struct directory_org receiver;
	struct directory_key seal;

	if (directory == NULL ||
	    !directory_find_receiver(directory, recipient, &receiver, &seal))
		return "";
	return receiver.host;
}

/* It, or the organisation of a unit, is suspended. */
static bool
is_suspended(const struct center *center, const struct org_code *code)
{
	const struct directory *directory = spool_directory(&center->spool);
	struct org_code parent = org_code_parent(code);
	struct directory_org org;

	return directory != NULL &&
	    ((directory_find_org(directory, code, &org) &&
		 org.status == ORG_SUSPENDED) ||
		(directory_find_org(directory, &parent, &org) &&
		    org.status == ORG_SUSPENDED));
}

/* Ours to hand out, or ours to relay? */
static bool
is_ours(const struct center *center, const struct center_delivery *delivery)
{
	return text_equal(delivery->center, center->name);
}

/* When our trust is older than 72 hours; 0 while there is no timestamp. */
static int64_t
trust_ends_at(const struct center *center)
{
	int64_t fresh_at = bulletins_fresh_at(center->spool.bulletins);

	return fresh_at == 0 ? 0 : fresh_at + FRESHNESS_STALE_MS + 1;
}

bool
center_holds_lack_trust(const struct center *center)
{
	int64_t ends_at = trust_ends_at(center);

	return ends_at != 0 && ends_at <= spool_now(&center->spool);
}

/*
 * With expired trust nothing is relayed, and what was accepted by it waits
 * (design: protocol 5).
 */
static bool
lacks_trust(const struct center *center, const struct center_waybill *waybill,
    bool is_ours, int64_t now)
{
	int64_t ends_at = trust_ends_at(center);

	return ends_at != 0 && ends_at <= now &&
	    (!is_ours || waybill->accepted_at >= ends_at);
}

/*
 * Signed by a module that is held or suspended, or was revoked before its origin
 * accepted it, which nobody knew then.  The latter never ends: it waits until
 * its sender withdraws it.
 */
static bool
is_by_stopped_module(const struct center *center,
    const struct center_waybill *waybill, int64_t now)
{
	const struct review_sender sender = { .code = waybill->sender,
		.host = "",
		.module = &waybill->module };
	const struct review_facts facts = reviewer_facts(&center->spool);

	return review_stops_module(&facts, &sender, waybill->origin_at, now);
}

bool
center_holds_stop(const struct center *center,
    const struct center_waybill *waybill,
    const struct center_delivery *delivery)
{
	const struct center_holds *holds = center->holds;
	int64_t now = spool_now(&center->spool);
	bool ours = is_ours(center, delivery);
	char id[ID_TEXT_SIZE];
	struct hold_delivery facts = {
		.sender = waybill->sender.text,
		.sender_host = text_equal(waybill->origin, center->name)
		    ? waybill->host
		    : "",
		.recipient = delivery->recipient.text,
		.recipient_host =
		    ours ? host_of(center, &delivery->recipient) : "",
		.waybill_id = id,
		.accepted_ms = waybill->accepted_at,
	};

	id_format(&waybill->waybill_id, id);
	if (lacks_trust(center, waybill, ours, now) ||
	    is_by_stopped_module(center, waybill, now))
		return true;
	if (!ours)
		return hold_any_relay(holds->list, holds->count, &facts, now);
	return is_suspended(center, &delivery->recipient) ||
	    hold_any_delivery(holds->list, holds->count, &facts, now);
}

int
center_holds_judge(const struct center_holds *holds,
    const struct hold_delivery *waybill, int64_t now_ms, struct error *err)
{
	const struct hold *hold =
	    hold_find_submission(holds->list, holds->count, waybill, now_ms);
	int64_t left_s;

	if (hold == NULL)
		return 0;
	left_s = (hold->until_ms - now_ms) / 1000 + 1;
	if (hold->id == 0)
		error_set_id(err, "E4035", ERROR_DENIED,
		    "%s: sending is held by a bulletin", waybill->sender);
	else
		error_set_id(err, "E4035", ERROR_DENIED,
		    "%s: sending is held (hold %lld)", waybill->sender,
		    (long long)hold->id);
	err->retry_after_s =
	    (uint32_t)(left_s < RETRY_MAX_S ? left_s : RETRY_MAX_S);
	return -1;
}

/* ---- one delivery ---------------------------------------------------- */

static int
suspend(struct center *center, const struct center_waybill *waybill,
    struct center_delivery *delivery, struct error *err)
{
	struct rows *rows = store_rows(center->spool.store);

	delivery->held_at = spool_now(&center->spool);
	if (is_ours(center, delivery))
		return center_feed_withhold(rows, delivery->row, err);
	return center_send_hold(rows, waybill->row, true, err);
}

/* Its clock goes on, and whoever fetches is told again. */
static int
resume(struct center *center, const struct center_waybill *waybill,
    struct center_delivery *delivery, const char **ret_host, struct error *err)
{
	struct rows *rows = store_rows(center->spool.store);

	delivery->held_ms += spool_now(&center->spool) - delivery->held_at;
	delivery->held_at = 0;
	if (center_expiry_extend(rows, delivery->row,
		waybill->not_after + delivery->held_ms, err) < 0)
		return -1;
	if (!is_ours(center, delivery))
		return center_send_hold(rows, waybill->row, false, err);
	*ret_host = host_of(center, &delivery->recipient);
	return center_feed_add(center, *ret_host, delivery->row, waybill->entry,
	    err);
}

int
center_hold_settle(struct center *center, const struct center_waybill *waybill,
    struct center_delivery *delivery, struct center_news *ret_news,
    const char **ret_host, struct error *err)
{
	bool is_held = delivery->held_at != 0;
	bool stops;
	struct center_event event = { .signer = STATEMENT_CENTER,
		.at = center->name };
	uint64_t entry;

	*ret_news = (struct center_news){ 0 };
	*ret_host = "";
	/* What another center has, it holds itself. */
	if (!is_ours(center, delivery) && !is_held &&
	    delivery->life.state != DELIVERY_ACCEPTED)
		return 0;
	stops = center_holds_stop(center, waybill, delivery);
	if (stops == is_held)
		return 0;
	event.event = stops ? EVENT_SUSPENDED : EVENT_RESUMED;
	/* The other center may have said so before, or have it by now. */
	delivery_apply(&delivery->life, center_role(center, waybill, delivery),
	    event.event, true);
	if ((stops ? suspend(center, waybill, delivery, err)
		   : resume(center, waybill, delivery, ret_host, err)) < 0)
		return -1;
	return center_event_write(center, waybill, delivery, &event, &entry,
	    ret_news, err);
}

/* ---- the sweep ------------------------------------------------------- */

static void
keep_host(struct sweeping *sweeping, const char *host)
{
	for (size_t i = 0; i < sweeping->host_count; i++)
		if (text_equal(sweeping->hosts[i], host))
			return;
	if (host[0] != '\0')
		text_copy(sweeping->hosts[sweeping->host_count++],
		    MESSAGE_HOST_SIZE, host);
}

static int
apply_slice(struct group_op *op, struct error *err)
{
	struct sweeping *sweeping = (struct sweeping *)(void *)op;
	struct center *center = sweeping->holds->center;
	struct rows *rows = rows_of(sweeping->holds);
	struct center_waybill waybill = { 0 };
	struct center_delivery delivery;
	struct center_news news;
	const char *host;
	int more = 1;

	while (sweeping->seen < SWEEP_MAX &&
	    (more = center_delivery_waiting(rows, sweeping->after, &delivery,
		 err)) > 0) {
		sweeping->after = delivery.row;
		sweeping->seen++;
		if (waybill.row != delivery.waybill &&
		    center_waybill_find_row(rows, delivery.waybill, &waybill,
			err) < 0)
			return -1;
		if (center_hold_settle(center, &waybill, &delivery, &news,
			&host, err) < 0)
			return -1;
		keep_host(sweeping, news.host);
		keep_host(sweeping, host);
		sweeping->is_for_others |= news.is_for_others;
	}
	return more < 0 ? -1 : 0;
}

static void
finish_slice(struct group_op *op, const struct error *failure)
{
	struct sweeping *sweeping = (struct sweeping *)(void *)op;
	struct center_holds *holds = sweeping->holds;
	struct center *center = holds->center;

	holds->is_sweeping = false;
	if (failure != NULL) {
		log_failure(&center->spool.env->log, LOG_LEVEL_WARNING,
		    "hold.later", failure);
		loop_timer_start(holds->timer, AGAIN_MS);
		free(sweeping);
		return;
	}
	for (size_t i = 0; i < sweeping->host_count; i++)
		center_watch_wake(center->watch, sweeping->hosts[i]);
	holds->after = sweeping->after;
	/* Relays that were let go, and news for other centers. */
	center_sender_wake(center->sender);
	if (sweeping->seen == SWEEP_MAX || holds->again)
		loop_soon_start(holds->soon);
	free(sweeping);
}

static void
sweep(void *ctx)
{
	struct center_holds *holds = ctx;
	struct sweeping *sweeping;

	if (holds->is_sweeping || !holds->is_started)
		return;
	if (holds->again)
		holds->after = 0;
	holds->again = false;
	sweeping = calloc(1, sizeof(*sweeping));
	if (sweeping == NULL) {
		loop_timer_start(holds->timer, AGAIN_MS);
		return;
	}
	sweeping->holds = holds;
	sweeping->after = holds->after;
	sweeping->op.apply = apply_slice;
	sweeping->op.finish = finish_slice;
	holds->is_sweeping = true;
	group_add(holds->center->spool.group, &sweeping->op);
}

/* ---- when the rules change ------------------------------------------- */

static void
set_timer(struct center_holds *holds, int64_t now)
{
	int64_t first = holds->next;
	int64_t ends_at = trust_ends_at(holds->center);

	if (ends_at > now && ends_at < first)
		first = ends_at;
	for (size_t i = 0; i < holds->count; i++)
		if (holds->list[i].until_ms < first)
			first = holds->list[i].until_ms;
	if (first != INT64_MAX)
		loop_timer_start(holds->timer,
		    first > now ? (uint64_t)(first - now) : 0);
}

/* The rules in force: our rows, and what the bulletins decided. */
static int
load(struct center_holds *holds, int64_t now, struct error *err)
{
	const struct bulletins *bulletins = holds->center->spool.bulletins;

	if (center_hold_list(rows_of(holds), now, holds->list, HOLD_ACTIVE_MAX,
		&holds->count, err) < 0)
		return -1;
	holds->next = INT64_MAX;
	if (bulletins == NULL)
		return 0;
	holds->measures = bulletins_measures_version(bulletins);
	holds->lacks_trust = center_holds_lack_trust(holds->center);
	holds->count += measures_put_holds(bulletins_measures(bulletins), now,
	    holds->list + holds->count, &holds->next);
	return 0;
}

void
center_holds_reload(struct center_holds *holds)
{
	int64_t now = spool_now(&holds->center->spool);
	struct error err = { 0 };

	if (load(holds, now, &err) < 0) {
		log_failure(&holds->center->spool.env->log, LOG_LEVEL_ERROR,
		    "hold.later", &err);
		loop_timer_start(holds->timer, AGAIN_MS);
		return;
	}
	set_timer(holds, now);
	holds->again = true;
	loop_soon_start(holds->soon);
}

/* A hold is over, or something failed. */
static void
on_timer(void *ctx)
{
	center_holds_reload(ctx);
}

/* Where nobody is suspended and nothing is held there is nothing to do. */
static bool
concerns_anybody(const struct center_holds *holds)
{
	const struct directory *directory =
	    spool_directory(&holds->center->spool);
	struct error err = { 0 };
	size_t count = directory != NULL ? directory_org_count(directory) : 0;

	if (holds->count > 0 ||
	    center_delivery_any_held(rows_of(holds), &err) != 0)
		return true;
	for (size_t i = 0; i < count; i++)
		if (directory_org_at(directory, (uint32_t)i).status ==
		    ORG_SUSPENDED)
			return true;
	return false;
}

void
center_holds_on_directory(struct center_holds *holds)
{
	const struct bulletins *bulletins = holds->center->spool.bulletins;
	uint64_t serial = spool_directory_serial(&holds->center->spool);

	if (bulletins_measures_version(bulletins) != holds->measures ||
	    center_holds_lack_trust(holds->center) != holds->lacks_trust)
		center_holds_reload(holds);
	if (!holds->is_started || serial == holds->directory)
		return;
	holds->directory = serial;
	if (!concerns_anybody(holds))
		return;
	holds->again = true;
	loop_soon_start(holds->soon);
}

/* ---- life ------------------------------------------------------------ */

int
center_holds_new(struct center *center, struct center_holds **ret_holds,
    struct error *err)
{
	struct center_holds *holds = calloc(1, sizeof(*holds));
	struct loop *loop = center->spool.env->loop;

	if (holds == NULL)
		return error_set_memory(err);
	holds->center = center;
	/* Before anybody is let in: what was held stays held. */
	if (loop_timer_new(loop, on_timer, holds, &holds->timer, err) < 0 ||
	    loop_soon_new(loop, sweep, holds, &holds->soon, err) < 0 ||
	    load(holds, spool_now(&center->spool), err) < 0) {
		center_holds_free(holds);
		return -1;
	}
	*ret_holds = holds;
	return 0;
}

void
center_holds_free(struct center_holds *holds)
{
	if (holds == NULL)
		return;
	loop_timer_free(holds->timer);
	loop_soon_free(holds->soon);
	free(holds);
}

void
center_holds_start(struct center_holds *holds)
{
	holds->is_started = true;
	set_timer(holds, spool_now(&holds->center->spool));
	center_holds_on_directory(holds);
}
