#include "gateway/again.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "directory/directory.h"
#include "exchange/refusal.h"
#include "exchange/retry.h"
#include "gateway/again_rows.h"
#include "gateway/feed.h"
#include "gateway/gateway.h"
#include "gateway/inbox/inbox_internal.h"
#include "gateway/lost/lost.h"
#include "gateway/outbox/outbox.h"
#include "gateway/outbox/outbox_rows.h"
#include "log/epoch.h"
#include "role/courier/handover.h"
#include "role/problem.h"
#include "store/rows.h"
#include "store/store.h"
#include "sys/ipc.h"
#include "sys/loop.h"

enum { CALL_TIMEOUT_MS = 60000, BYTES_PER_MS = 256 };

struct again {
	struct group_op op; /* first: the group hands it back */
	struct gateway *gateway;
	struct loop_timer *timer;
	struct retry retry;
	struct again_state state;
	bool is_started;
	bool is_busy;     /* something is under way */
	bool is_pending;  /* the queue has something */
	bool is_restored; /* ours: the center must tell us again */
	struct store_restored restored;
	char origin[MESSAGE_ORIGIN_SIZE];
	uint64_t begins;
	uint64_t count;
	struct again_item item; /* under way */
	int64_t after;          /* where this round goes on */
	int64_t but;            /* letter that is not its turn in this round */
	bool has_failed;        /* something of this round */
};

static struct spool *
spool_of(const struct again *again)
{
	return &again->gateway->spool;
}

static struct rows *
rows_of(const struct again *again)
{
	return store_rows(again->gateway->spool.store);
}

uint64_t
again_epoch(const struct again *again)
{
	return again != NULL ? again->state.epoch : 0;
}

bool
again_is_pending_for(const struct again *again, int64_t letter)
{
	struct error err = { 0 };
	int found;

	if (again == NULL || !again->is_pending)
		return false;
	found = again_rows_has_act(rows_of(again), letter, &err);
	if (found < 0)
		log_failure(&spool_of(again)->env->log, LOG_LEVEL_ERROR,
		    "again.look", &err);
	return found != 0;
}

/* ---- trying again ---------------------------------------------------- */

static void
round_later(struct again *again)
{
	again->after = again->but = 0;
	again->has_failed = false;
	loop_timer_start(again->timer,
	    spool_back_off(spool_of(again), &again->retry, 0));
}

/* This one in the next round, and of its letter nothing before it. */
static void
put_off(struct again *again, const struct error *why)
{
	log_failure(&spool_of(again)->env->log, LOG_LEVEL_WARNING,
	    "again.later", why);
	again->is_busy = false;
	again->has_failed = true;
	again->after = again->item.id;
	again->but = again->item.kind == AGAIN_ACT ? again->item.row : 0;
	loop_timer_start(again->timer, 0);
}

/* ---- one of them ----------------------------------------------------- */

static int
apply_taken(struct group_op *op, struct error *err)
{
	struct again *again = (struct again *)(void *)op;

	return again_rows_remove(rows_of(again), again->item.id, err);
}

static void
finish_taken(struct group_op *op, const struct error *failure)
{
	struct again *again = (struct again *)(void *)op;

	if (failure != NULL) {
		put_off(again, failure);
		return;
	}
	again->is_busy = false;
	again->after = again->item.id;
	retry_succeeded(&again->retry);
	loop_timer_start(again->timer, 0);
}

static void
end_item(struct again *again)
{
	again->op.apply = apply_taken;
	again->op.finish = finish_taken;
	group_add(spool_of(again)->group, &again->op);
}

/* The new receipt is kept beside the first one, which stays good. */
static void
on_receipt(void *ctx, const struct error *failure)
{
	struct again *again = ctx;

	if (failure != NULL)
		put_off(again, failure);
	else
		end_item(again);
}

/* The center will never take it: what it stated before is the evidence. */
static void
log_refused(const struct again *again, const char *code)
{
	struct log_line line;

	log_begin(&line, &spool_of(again)->env->log, LOG_LEVEL_WARNING,
	    "again.refused");
	log_i64(&line, "kind", again->item.kind);
	log_i64(&line, "row", again->item.row);
	log_text(&line, "code", code);
	log_end(&line);
}

static void
on_called(void *ctx, struct ipc_message *message)
{
	struct again *again = ctx;
	struct message_called called;
	struct error err = { 0 };
	char code[ERROR_ID_SIZE];

	if (message_read(message, MESSAGE_CALLED, &called, &err) < 0) {
		put_off(again, &err);
		return;
	}
	if (called.status >= 300) {
		problem_code(called.body, code, sizeof(code));
		if (refusal_judge(called.status, code) != REFUSAL_FOR_GOOD) {
			error_set(&err, ERROR_BUSY, "the center answers %u %s",
			    called.status, code);
			put_off(again, &err);
			return;
		}
		log_refused(again, code);
	}
	if (called.status < 300 && again->item.kind == AGAIN_WAYBILL)
		outbox_take_receipt(again->gateway->outbox, called.body,
		    on_receipt, again);
	else
		end_item(again);
}

static int
put_waybill(struct again *again, struct message_call *call, struct bytes *body,
    struct error *err)
{
	struct outbox_waybill waybill;
	int found =
	    outbox_waybill_find(rows_of(again), again->item.row, &waybill, err);

	if (found <= 0)
		return found;
	/* Its content was removed meanwhile. */
	if (waybill.payload == 0)
		return 0;
	text_copy(call->type, sizeof(call->type),
	    "application/vnd.yizhan.bundle");
	call->timeout_ms += (uint32_t)(waybill.content_len / BYTES_PER_MS %
	    (UINT32_MAX - CALL_TIMEOUT_MS));
	if (outbox_waybill_put(rows_of(again), &waybill, again->item.detail,
		body, err) < 0)
		return -1;
	handover_put(call, "waybills", waybill.payload, waybill.content_len, 0,
	    body);
	return bytes_failed(body, err) < 0 ? -1 : 1;
}

static int
put_act(struct again *again, struct message_call *call, struct bytes *body,
    struct error *err)
{
	snprintf(call->path, sizeof(call->path), "/v1/acts?epoch=%llu&again=1",
	    (unsigned long long)again->state.epoch);
	text_copy(call->type, sizeof(call->type), "application/pkcs7-mime");
	return again_rows_cms(rows_of(again), &again->item, body, err);
}

static void
hand_in(struct again *again)
{
	struct message_call call = { .method = "POST",
		.timeout_ms = CALL_TIMEOUT_MS };
	struct bytes body = { 0 };
	struct error err = { 0 };
	int found = again->item.kind == AGAIN_WAYBILL
	    ? put_waybill(again, &call, &body, &err)
	    : put_act(again, &call, &body, &err);

	again->is_busy = true;
	text_copy(call.peer, sizeof(call.peer), again->gateway->center);
	call.body = blob_of_bytes(&body);
	if (found > 0)
		found = peer_ask(spool_of(again)->courier, MESSAGE_CALL, &call,
			    -1, on_called, again, NULL, &err) < 0
		    ? -1
		    : 1;
	if (found < 0)
		put_off(again, &err);
	else if (found == 0)
		end_item(again);
	bytes_free(&body);
}

/* ---- that there is no more ------------------------------------------- */

static int
apply_told(struct group_op *op, struct error *err)
{
	struct again *again = (struct again *)(void *)op;

	if (again->state.is_told)
		return lost_restored(rows_of(again), &again->restored, err) < 0
		    ? -1
		    : store_restored_clear(spool_of(again)->store, err);
	return again_rows_told(rows_of(again), again->gateway->center, err);
}

static void
finish_told(struct group_op *op, const struct error *failure)
{
	struct again *again = (struct again *)(void *)op;

	again->is_busy = false;
	if (failure != NULL) {
		round_later(again);
		return;
	}
	if (again->state.is_told)
		again->is_restored = false;
	again->state.is_told = true;
	retry_succeeded(&again->retry);
	loop_timer_start(again->timer, 0);
}

static void
on_told(void *ctx, struct ipc_message *message)
{
	struct again *again = ctx;
	struct message_called called;
	struct error err = { 0 };

	if (message_read(message, MESSAGE_CALLED, &called, &err) < 0 ||
	    called.status >= 300) {
		again->is_busy = false;
		round_later(again);
		return;
	}
	again->op.apply = apply_told;
	again->op.finish = finish_told;
	group_add(spool_of(again)->group, &again->op);
}

static void
tell_center(struct again *again, const char *what)
{
	struct message_call call = { .method = "POST",
		.path = "/v1/feed/acknowledge",
		.type = "application/json",
		.timeout_ms = CALL_TIMEOUT_MS };
	struct bytes body = { 0 };
	struct error err = { 0 };

	again->is_busy = true;
	bytes_put_format(&body, "{\"through\":0,\"epoch\":%llu,\"%s\":true}",
	    (unsigned long long)again->state.epoch, what);
	text_copy(call.peer, sizeof(call.peer), again->gateway->center);
	call.body = blob_of_bytes(&body);
	if (bytes_failed(&body, &err) < 0 ||
	    peer_ask(spool_of(again)->courier, MESSAGE_CALL, &call, -1, on_told,
		again, NULL, &err) < 0) {
		again->is_busy = false;
		round_later(again);
	}
	bytes_free(&body);
}

/* ---- the queue ------------------------------------------------------- */

static void
work(void *ctx)
{
	struct again *again = ctx;
	struct error err = { 0 };
	int found;

	if (!again->is_started || again->is_busy || again->state.epoch == 0)
		return;
	found = again_rows_next(rows_of(again), again->after, again->but,
	    &again->item, &err);
	if (found < 0) {
		log_failure(&spool_of(again)->env->log, LOG_LEVEL_ERROR,
		    "again.look", &err);
		round_later(again);
	} else if (found > 0) {
		again->is_pending = true;
		hand_in(again);
	} else if (again->has_failed) {
		round_later(again);
	} else {
		/* What waited for it may be stated now. */
		again->after = again->but = 0;
		again->is_pending = false;
		inbox_wake(again->gateway->inbox);
		if (!again->state.is_told)
			tell_center(again, "caught_up");
		else if (again->is_restored)
			tell_center(again, "restored");
	}
}

/* ---- a new epoch ----------------------------------------------------- */

static int
apply_begin(struct group_op *op, struct error *err)
{
	struct again *again = (struct again *)(void *)op;

	return again_rows_begin(rows_of(again), again->gateway->center,
	    again->origin, again->begins, &again->count, err);
}

static void
finish_begin(struct group_op *op, const struct error *failure)
{
	struct again *again = (struct again *)(void *)op;
	const struct log *log = &spool_of(again)->env->log;
	struct log_line line;

	again->is_busy = false;
	if (failure != NULL) {
		log_failure(log, LOG_LEVEL_ERROR, "again.begin", failure);
		round_later(again);
		return;
	}
	log_begin(&line, log, LOG_LEVEL_NOTICE, "again.begin");
	log_text(&line, "origin", again->origin);
	log_u64(&line, "items", again->count);
	log_end(&line);
	again->state = (struct again_state){
		.epoch = epoch_number(again->origin),
		.begins = again->begins,
	};
	again->after = again->but = 0;
	again->is_pending = true;
	feed_begin_anew(again->gateway->feed);
	loop_timer_start(again->timer, 0);
	/* The bulletin after it may have come meanwhile. */
	again_look(again);
}

/* Another epoch, or this one corrected; never one of before. */
static bool
is_news(const struct again *again, const struct directory_center *center)
{
	uint64_t number = epoch_number(center->origin);

	return number > again->state.epoch ||
	    (number == again->state.epoch && number > 1 &&
		center->begins != again->state.begins);
}

void
again_look(struct again *again)
{
	const struct directory *directory;
	struct directory_center center;

	if (again == NULL || !again->is_started || again->is_busy)
		return;
	directory = spool_directory(spool_of(again));
	if (directory == NULL ||
	    !directory_find_center(directory, again->gateway->center,
		&center) ||
	    !is_news(again, &center) ||
	    !text_copy(again->origin, sizeof(again->origin), center.origin))
		return;
	again->begins = center.begins;
	again->is_busy = true;
	again->op.apply = apply_begin;
	again->op.finish = finish_begin;
	group_add(spool_of(again)->group, &again->op);
}

/* ---- life ------------------------------------------------------------ */

static void
on_timer(void *ctx)
{
	again_look(ctx);
	work(ctx);
}

int
again_new(struct gateway *gateway, struct again **ret_again, struct error *err)
{
	struct again *again = calloc(1, sizeof(*again));
	struct again_item first;
	int found, is_restored;

	if (again == NULL)
		return error_set_memory(err);
	again->gateway = gateway;
	if (again_state_read(rows_of(again), gateway->center, &again->state,
		err) < 0 ||
	    (found = again_rows_next(rows_of(again), 0, 0, &first, err)) < 0 ||
	    (is_restored = store_restored_find(rows_of(again), &again->restored,
		 err)) < 0 ||
	    loop_timer_new(gateway->spool.env->loop, on_timer, again,
		&again->timer, err) < 0) {
		again_free(again);
		return -1;
	}
	again->is_pending = found > 0;
	again->is_restored = is_restored > 0;
	*ret_again = again;
	return 0;
}

void
again_free(struct again *again)
{
	if (again == NULL)
		return;
	loop_timer_free(again->timer);
	free(again);
}

void
again_start(struct again *again)
{
	again->is_started = true;
	loop_timer_start(again->timer, 0);
}
