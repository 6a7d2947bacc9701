#include "center/move/center_move.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/text.h"
#include "center/accept/center_event.h"
#include "center/accept/center_queued.h"
#include "center/center.h"
#include "center/center_feeds.h"
#include "center/center_rows.h"
#include "center/move/center_move_rows.h"
#include "center/send/center_follow.h"
#include "center/send/center_send.h"
#include "center/send/center_send_rows.h"
#include "directory/directory.h"
#include "exchange/urgency.h"
#include "store/store.h"
#include "sys/loop.h"

enum {
	DELIVERIES_MAX = 100, /* looked at in one group */
	LOOK_AGAIN_MS = 1000,
};

/* ---- where to -------------------------------------------------------- */

bool
center_move_where(const struct directory *directory,
    const struct org_code *code, const char **ret_center)
{
	struct directory_center center;
	struct directory_org org;
	struct directory_key seal;

	if ((!directory_find_org(directory, code, &org) ||
		org.status == ORG_DISSOLVED || org.center[0] == '\0') &&
	    !directory_find_receiver(directory, code, &org, &seal))
		return false;
	if (org.center[0] == '\0' ||
	    !directory_find_center(directory, org.center, &center))
		return false;
	*ret_center = org.center;
	return true;
}

bool
center_move_is_due(const struct center *center,
    const struct center_delivery *delivery, const char **ret_to)
{
	const struct directory *directory = spool_directory(&center->spool);

	return directory != NULL && delivery->hops < CENTER_MOVES_MAX &&
	    !delivery_state_is_terminal(delivery->life.state) &&
	    text_equal(delivery->center, center->name) &&
	    center_move_where(directory, &delivery->recipient, ret_to) &&
	    !text_equal(*ret_to, center->name);
}

/* ---- handing over ---------------------------------------------------- */

/* Its clock stood here so far; the next center sees whether it stands there. */
static void
release_hold(struct center *center, struct center_delivery *delivery)
{
	if (delivery->held_at == 0)
		return;
	delivery->held_ms += spool_now(&center->spool) - delivery->held_at;
	delivery->held_at = 0;
}

static int
queue(struct center *center, const struct center_waybill *waybill,
    const struct center_delivery *delivery, struct center_news *news,
    struct error *err)
{
	struct center_send send = { .kind = CENTER_SEND_MOVE,
		.waybill = delivery->row,
		.bytes = waybill->content_len,
		.rank =
		    urgency_rank(SPEED_NORMAL, spool_now(&center->spool), 0) };

	news->is_for_others = true;
	text_copy(send.center, sizeof(send.center), delivery->center);
	return center_send_add(store_rows(center->spool.store), &send, err);
}

/* It came to us: whoever receives for it fetches it here. */
static int
announce(struct center *center, const struct center_delivery *delivery,
    uint64_t entry, struct center_news *news, struct error *err)
{
	struct directory_org receiver;
	struct directory_key seal;

	if (delivery_state_is_terminal(delivery->life.state) ||
	    delivery->life.reached >= DELIVERY_OPENED ||
	    !directory_find_receiver(spool_directory(&center->spool),
		&delivery->recipient, &receiver, &seal) ||
	    receiver.host[0] == '\0')
		return 0;
	text_copy(news->other, sizeof(news->other), receiver.host);
	return center_feed_announce(center, delivery->row, receiver.host, entry,
	    err);
}

static void
log_moved(const struct center *center, const struct center_waybill *waybill,
    const struct center_delivery *delivery, const char *to, bool is_too_often)
{
	char id[ID_TEXT_SIZE];
	struct log_line line;

	id_format(&waybill->waybill_id, id);
	log_begin(&line, &center->spool.env->log,
	    is_too_often ? LOG_LEVEL_WARNING : LOG_LEVEL_NOTICE,
	    is_too_often ? "E4404" : "delivery.moved");
	log_text(&line, "delivery", id);
	log_text(&line, "org", delivery->recipient.text);
	log_text(&line, "from", delivery->center);
	log_text(&line, "to", to);
	log_end(&line);
}

static int
withdraw(struct center *center, const struct center_waybill *waybill,
    struct center_delivery *delivery, const struct bytes *cms,
    struct error *err)
{
	const struct center_event event = { .event = EVENT_WITHDRAWN,
		.signer = STATEMENT_MODULE,
		.at = waybill->host,
		.act = blob_of_bytes(cms) };
	struct center_news news;
	uint64_t entry;

	if (delivery_apply(&delivery->life,
		center_role(center, waybill, delivery), EVENT_WITHDRAWN,
		false) != DELIVERY_MOVED)
		return 0;
	return center_event_write(center, waybill, delivery, &event, &entry,
	    &news, err);
}

int
center_move_come_home(struct center *center,
    const struct center_waybill *waybill, struct center_delivery *delivery,
    struct error *err)
{
	struct rows *rows = store_rows(center->spool.store);
	struct bytes cms = { 0 };
	int found = center_move_keep_acts(rows, delivery->row, err) < 0
	    ? -1
	    : center_withdrawal_find(rows, delivery->row, &cms, err);

	if (found > 0)
		found = withdraw(center, waybill, delivery, &cms, err);
	bytes_free(&cms);
	return found;
}

static int
write_move(struct center *center, const struct center_waybill *waybill,
    struct center_delivery *delivery, const char *to, struct center_news *news,
    struct error *err)
{
	struct rows *rows = store_rows(center->spool.store);
	const struct center_event event = { .event = EVENT_MOVED,
		.signer = STATEMENT_CENTER,
		.at = to };
	struct center_move_row move = { .hop = ++delivery->hops,
		.center = center->name,
		.at = to };
	bool is_ours = text_equal(to, center->name);
	int64_t row;

	release_hold(center, delivery);
	if (is_ours)
		delivery_take(&delivery->life, delivery->life.reached);
	else
		delivery_relay_begun(&delivery->life);
	text_copy(delivery->center, sizeof(delivery->center), to);
	if (center_feed_withhold(rows, delivery->row, err) < 0 ||
	    center_event_write(center, waybill, delivery, &event, &move.entry,
		news, err) < 0 ||
	    center_move_add(rows, delivery->row, &move, &row, err) < 0)
		return -1;
	if (!is_ours)
		return center_send_redirect(rows, delivery->row, to, err) < 0
		    ? -1
		    : queue(center, waybill, delivery, news, err);
	return center_move_come_home(center, waybill, delivery, err) < 0
	    ? -1
	    : announce(center, delivery, move.entry, news, err);
}

int
center_move_begin(struct center *center, const struct center_waybill *waybill,
    struct center_delivery *delivery, const char *to,
    struct center_news *ret_news, struct error *err)
{
	enum delivery_role role = center_role(center, waybill, delivery);

	*ret_news = (struct center_news){ 0 };
	if (delivery->hops >= CENTER_MOVES_MAX &&
	    !text_equal(to, center->name)) {
		log_moved(center, waybill, delivery, to, true);
		return 0;
	}
	if (delivery_apply(&delivery->life, role, EVENT_MOVED, false) !=
	    DELIVERY_NOTED)
		return 0;
	log_moved(center, waybill, delivery, to, false);
	return write_move(center, waybill, delivery, to, ret_news, err);
}

/* ---- handed over ----------------------------------------------------- */

struct passing {
	struct group_op op; /* first: the group hands it back */
	struct center *center;
	struct message_receipt receipt;
	int64_t delivery;
	int64_t send;
	center_moved_fn done;
	void *ctx;
};

static int
apply_passed(struct group_op *op, struct error *err)
{
	struct passing *passing = (struct passing *)(void *)op;
	struct center *center = passing->center;
	struct rows *rows = store_rows(center->spool.store);
	struct center_delivery delivery;
	struct center_waybill waybill;
	bool is_next;
	int was_next;
	int found =
	    center_delivery_find_row(rows, passing->delivery, &delivery, err);

	if (found > 0)
		found = center_waybill_find_row(rows, delivery.waybill,
		    &waybill, err);
	if (found <= 0)
		return found < 0 ? -1
				 : error_set(err, ERROR_SYSTEM,
				       "a delivery that moved is missing");
	is_next = text_equal(passing->receipt.center, delivery.center);
	/* Or it came back meanwhile from who had taken it. */
	was_next = is_next ? 0
			   : center_move_was_at(rows, delivery.row,
				 passing->receipt.center, err);
	if (was_next < 0)
		return -1;
	if (passing->receipt.event != EVENT_TAKEN ||
	    (!is_next && was_next == 0) ||
	    !digest_equal(&passing->receipt.waybill, &waybill.digest) ||
	    !digest_equal(&passing->receipt.leaf, &delivery.leaf))
		return error_set_id(err, "E4403", ERROR_UNTRUSTED,
		    "%s says something else of a delivery that moved",
		    passing->receipt.center);
	if (!is_next)
		return center_send_remove(rows, passing->send, err);
	delivery_pass_on(&delivery.life,
	    center_role(center, &waybill, &delivery));
	if (center_queued_save(center, &waybill, &delivery, err) < 0 ||
	    center_queued_end(center, &waybill, err) < 0)
		return -1;
	return center_send_remove(rows, passing->send, err);
}

static void
finish_passed(struct group_op *op, const struct error *failure)
{
	struct passing *passing = (struct passing *)(void *)op;

	passing->done(passing->ctx, failure);
	free(passing);
}

void
center_move_done(struct center *center, const struct message_receipt *receipt,
    int64_t delivery, int64_t send, center_moved_fn done, void *ctx)
{
	struct passing *passing = calloc(1, sizeof(*passing));
	struct error err = { 0 };

	if (passing == NULL) {
		error_set_memory(&err);
		done(ctx, &err);
		return;
	}
	passing->center = center;
	passing->receipt = *receipt;
	/* They point into the message. */
	passing->receipt.act = passing->receipt.act_cms = (struct blob){ 0 };
	passing->delivery = delivery;
	passing->send = send;
	passing->done = done;
	passing->ctx = ctx;
	passing->op.apply = apply_passed;
	passing->op.finish = finish_passed;
	group_add(center->spool.group, &passing->op);
}

/* ---- the sweep ------------------------------------------------------- */

/* One page of the open deliveries. */
struct moving {
	struct group_op op; /* first: the group hands it back */
	struct center_mover *mover;
	int64_t after;
	size_t count; /* looked at */
	struct center_news news[DELIVERIES_MAX];
	size_t news_count;

	/* Behind the last page: receipts of senders that moved. */
	bool is_of_feeds;
	bool is_last;
	bool has_any;
	struct center_follow_place place;
};

struct center_mover {
	struct center *center;
	struct loop_timer *timer;
	uint64_t directory; /* serials by which was looked */
	uint64_t network;
	int64_t after;    /* row up to which was looked */
	bool is_of_feeds; /* it goes through the feeds by now */
	struct center_follow_place place;
	bool is_started;  /* it may be stated that some move */
	bool is_moving;   /* a page is under way */
	bool is_outdated; /* begin again when it is done */
};

/*
 * The network bulletin, which two officers sign, lists centers that decide; one
 * that it lists no more decides nothing, and nobody could verify what it says.
 * What it had goes back to the origin, which has all of it.
 */
static bool
is_gone(const struct center *center, const struct center_waybill *waybill,
    const struct center_delivery *delivery)
{
	struct directory_center found;

	return text_equal(waybill->origin, center->name) &&
	    !text_equal(delivery->center, center->name) &&
	    !directory_find_center(spool_directory(&center->spool),
		delivery->center, &found);
}

static int
bring_back(struct moving *moving, const struct center_waybill *waybill,
    struct center_delivery *delivery, struct error *err)
{
	struct center *center = moving->mover->center;
	struct rows *rows = store_rows(center->spool.store);
	char gone[MESSAGE_HOST_SIZE];
	const char *to = center->name;

	text_copy(gone, sizeof(gone), delivery->center);
	if (delivery->hops < CENTER_MOVES_MAX)
		(void)center_move_where(spool_directory(&center->spool),
		    &delivery->recipient, &to);
	/* From here on it is ours to decide, also that it moves. */
	delivery_take(&delivery->life, delivery->life.reached);
	text_copy(delivery->center, sizeof(delivery->center), center->name);
	if (center_move_begin(center, waybill, delivery, to,
		&moving->news[moving->news_count], err) < 0)
		return -1;
	moving->news_count++;
	return center_move_drop_sends(rows, waybill->row, delivery->row, gone,
	    err);
}

static int
look_at(struct moving *moving, struct center_delivery *delivery,
    struct error *err)
{
	struct center *center = moving->mover->center;
	struct center_waybill waybill;
	const char *to;
	int found = center_waybill_find_row(store_rows(center->spool.store),
	    delivery->waybill, &waybill, err);

	if (found <= 0)
		return found;
	if (is_gone(center, &waybill, delivery))
		return bring_back(moving, &waybill, delivery, err);
	if (!center_move_is_due(center, delivery, &to))
		return 0;
	if (center_move_begin(center, &waybill, delivery, to,
		&moving->news[moving->news_count], err) < 0)
		return -1;
	moving->news_count++;
	return 0;
}

static int
apply_moving(struct group_op *op, struct error *err)
{
	struct moving *moving = (struct moving *)(void *)op;
	struct center *center = moving->mover->center;
	struct rows *rows = store_rows(center->spool.store);
	struct center_delivery delivery;
	int64_t row;
	int more = 1;

	if (spool_directory(&center->spool) == NULL)
		return 0;
	if (moving->is_of_feeds)
		return center_follow_sweep(center, &moving->place,
		    &moving->is_last, &moving->has_any, err);
	while (moving->count < DELIVERIES_MAX &&
	    (more = center_open_next(rows, moving->after, &row, err)) > 0) {
		moving->count++;
		moving->after = row;
		more = center_delivery_find_row(rows, row, &delivery, err);
		if (more > 0 && look_at(moving, &delivery, err) < 0)
			more = -1;
		if (more < 0)
			break;
	}
	return more < 0 ? -1 : 0;
}

static void
begin_anew(struct center_mover *mover)
{
	mover->after = 0;
	mover->is_of_feeds = false;
	mover->place = (struct center_follow_place){ 0 };
}

static void
finish_moving(struct group_op *op, const struct error *failure)
{
	struct moving *moving = (struct moving *)(void *)op;
	struct center_mover *mover = moving->mover;
	struct center *center = mover->center;
	bool is_last = moving->is_of_feeds && moving->is_last;

	mover->is_moving = false;
	if (failure != NULL) {
		log_failure(&center->spool.env->log, LOG_LEVEL_WARNING,
		    "move.later", failure);
		loop_timer_start(mover->timer, LOOK_AGAIN_MS);
	} else {
		for (size_t i = 0; i < moving->news_count; i++)
			center_news_tell(center, &moving->news[i]);
		if (moving->has_any)
			center_sender_wake(center->sender);
		mover->after = moving->after;
		mover->place = moving->place;
		mover->is_of_feeds =
		    moving->is_of_feeds || moving->count < DELIVERIES_MAX;
	}
	free(moving);
	if (mover->is_outdated) {
		mover->is_outdated = false;
		begin_anew(mover);
		is_last = false;
	}
	if (failure == NULL && !is_last)
		loop_timer_start(mover->timer, 0);
}

static void
look(void *ctx)
{
	struct center_mover *mover = ctx;
	struct moving *moving;

	if (mover->is_moving)
		return;
	moving = calloc(1, sizeof(*moving));
	if (moving == NULL) {
		loop_timer_start(mover->timer, LOOK_AGAIN_MS);
		return;
	}
	mover->is_moving = true;
	moving->mover = mover;
	moving->after = mover->after;
	moving->is_of_feeds = mover->is_of_feeds;
	moving->place = mover->place;
	moving->op.apply = apply_moving;
	moving->op.finish = finish_moving;
	group_add(mover->center->spool.group, &moving->op);
}

void
center_mover_on_directory(struct center_mover *mover)
{
	const struct directory *directory;
	struct directory_serials serials;

	if (mover == NULL || !mover->is_started)
		return;
	directory = spool_directory(&mover->center->spool);
	if (directory == NULL)
		return;
	serials = directory_serials(directory);
	if (serials.directory == mover->directory &&
	    serials.network == mover->network)
		return;
	mover->directory = serials.directory;
	mover->network = serials.network;
	if (mover->is_moving) {
		mover->is_outdated = true;
		return;
	}
	begin_anew(mover);
	loop_timer_start(mover->timer, 0);
}

void
center_mover_start(struct center_mover *mover)
{
	mover->is_started = true;
	center_mover_on_directory(mover);
}

int
center_mover_new(struct center *center, struct center_mover **ret_mover,
    struct error *err)
{
	struct center_mover *mover = calloc(1, sizeof(*mover));

	if (mover == NULL)
		return error_set_memory(err);
	mover->center = center;
	if (loop_timer_new(center->spool.env->loop, look, mover, &mover->timer,
		err) < 0) {
		free(mover);
		return -1;
	}
	*ret_mover = mover;
	return 0;
}

void
center_mover_free(struct center_mover *mover)
{
	if (mover == NULL)
		return;
	loop_timer_free(mover->timer);
	free(mover);
}
