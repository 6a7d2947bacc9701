/*
 * Handing withdrawals in to our center, one after the other, until it answers:
 * that it decided, that it passed the act on, or that it is too late.  One that
 * fails for its own sake is put off by itself, and those behind it go on.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "exchange/refusal.h"
#include "exchange/retry.h"
#include "gateway/again.h"
#include "gateway/outbox/outbox_internal.h"
#include "role/problem.h"
#include "service/config.h"
#include "store/store.h"
#include "sys/ipc.h"
#include "sys/loop.h"

enum { CALL_TIMEOUT_MS = 60000 };

struct outbox_withdrawals {
	struct group_op op; /* first: the group hands it back */
	struct outbox *outbox;
	struct loop_timer *timer;
	struct retry retry;
	int64_t delivery;  /* under way; 0 for none */
	uint32_t failures; /* of that one */
	struct bytes cms;  /* signed anew, until it is durable */
};

static struct spool *
spool_of(const struct outbox_withdrawals *withdrawals)
{
	return &withdrawals->outbox->gateway->spool;
}

static void
log_later(const struct outbox_withdrawals *withdrawals, const struct error *why)
{
	log_failure(&spool_of(withdrawals)->env->log, LOG_LEVEL_WARNING,
	    "withdraw.later", why);
}

/* The center is away, or does not do for anybody: all of them. */
static void
try_later(struct outbox_withdrawals *withdrawals, const struct error *why)
{
	log_later(withdrawals, why);
	withdrawals->delivery = 0;
	loop_timer_start(withdrawals->timer,
	    spool_back_off(spool_of(withdrawals), &withdrawals->retry, 0));
}

static int
apply_later(struct group_op *op, struct error *err)
{
	struct outbox_withdrawals *withdrawals =
	    (struct outbox_withdrawals *)(void *)op;
	struct retry retry = { .failures = withdrawals->failures };

	spool_back_off(spool_of(withdrawals), &retry, 0);
	return outbox_withdrawal_later(store_rows(spool_of(withdrawals)->store),
	    withdrawals->delivery, &retry, err);
}

static void finish(struct group_op *op, const struct error *failure);

/* This one. */
static void
put_off(struct outbox_withdrawals *withdrawals, const struct error *why)
{
	log_later(withdrawals, why);
	withdrawals->op.apply = apply_later;
	withdrawals->op.finish = finish;
	group_add(spool_of(withdrawals)->group, &withdrawals->op);
}

static int
apply(struct group_op *op, struct error *err)
{
	struct outbox_withdrawals *withdrawals =
	    (struct outbox_withdrawals *)(void *)op;

	return outbox_withdrawal_done(store_rows(spool_of(withdrawals)->store),
	    withdrawals->delivery, err);
}

static void
finish(struct group_op *op, const struct error *failure)
{
	struct outbox_withdrawals *withdrawals =
	    (struct outbox_withdrawals *)(void *)op;

	if (failure != NULL) {
		try_later(withdrawals, failure);
		return;
	}
	withdrawals->delivery = 0;
	retry_succeeded(&withdrawals->retry);
	outbox_withdraw_wake(withdrawals);
}

/* ---- signed anew ----------------------------------------------------- */

static int
apply_signed(struct group_op *op, struct error *err)
{
	struct outbox_withdrawals *withdrawals =
	    (struct outbox_withdrawals *)(void *)op;

	if (outbox_withdrawal_add(store_rows(spool_of(withdrawals)->store),
		withdrawals->delivery, blob_of_bytes(&withdrawals->cms),
		err) < 0)
		return -1;
	/* After a pause: our clock may be wrong still. */
	return apply_later(op, err);
}

static void
finish_signed(struct group_op *op, const struct error *failure)
{
	struct outbox_withdrawals *withdrawals =
	    (struct outbox_withdrawals *)(void *)op;

	bytes_free(&withdrawals->cms);
	finish(op, failure);
}

static void
on_signed(void *ctx, const struct blob *signature, const struct error *failure)
{
	struct outbox_withdrawals *withdrawals = ctx;
	struct error err = { 0 };

	if (failure != NULL) {
		put_off(withdrawals, failure);
		return;
	}
	bytes_put(&withdrawals->cms, signature->data, signature->len);
	if (bytes_failed(&withdrawals->cms, &err) < 0) {
		put_off(withdrawals, &err);
		return;
	}
	withdrawals->op.apply = apply_signed;
	withdrawals->op.finish = finish_signed;
	group_add(spool_of(withdrawals)->group, &withdrawals->op);
}

/*
 * It was signed when our clock was wrong.  Nothing was stated of it: of what is
 * stated a repeat gets the receipt.
 */
static void
sign_anew(struct outbox_withdrawals *withdrawals)
{
	struct outbox_delivery delivery;
	struct outbox_waybill waybill;
	struct error err = { 0 };
	int found =
	    outbox_delivery_find_row(store_rows(spool_of(withdrawals)->store),
		withdrawals->delivery, &waybill, &delivery, &err);

	if (found == 0)
		error_set(&err, ERROR_SYSTEM, "delivery %lld is missing",
		    (long long)withdrawals->delivery);
	if (found <= 0 ||
	    outbox_withdraw_sign(withdrawals->outbox, &waybill, &delivery,
		on_signed, withdrawals, &err) < 0)
		put_off(withdrawals, &err);
}

/* ---- the answer ------------------------------------------------------ */

static void
log_refused(const struct outbox_withdrawals *withdrawals, const char *code)
{
	struct log_line line;

	log_begin(&line, &spool_of(withdrawals)->env->log, LOG_LEVEL_WARNING,
	    "withdraw.refused");
	log_i64(&line, "row", withdrawals->delivery);
	log_text(&line, "code", code);
	log_end(&line);
}

static void
on_refused(struct outbox_withdrawals *withdrawals,
    const struct message_called *called)
{
	char code[ERROR_ID_SIZE];
	struct error err = { 0 };
	enum refusal refusal;

	problem_code(called->body, code, sizeof(code));
	if (text_equal(code, "E4025")) {
		sign_anew(withdrawals);
		return;
	}
	refusal = refusal_judge(called->status, code);
	error_set(&err, ERROR_BUSY, "the center answers %u %s", called->status,
	    code);
	if (refusal == REFUSAL_OF_ALL || refusal_is_of_caller(code)) {
		try_later(withdrawals, &err);
	} else if (refusal != REFUSAL_FOR_GOOD) {
		put_off(withdrawals, &err);
	} else {
		log_refused(withdrawals, code);
		withdrawals->op.apply = apply;
		withdrawals->op.finish = finish;
		group_add(spool_of(withdrawals)->group, &withdrawals->op);
	}
}

static void
on_called(void *ctx, struct ipc_message *message)
{
	struct outbox_withdrawals *withdrawals = ctx;
	struct message_called called;
	struct error err = { 0 };

	if (message_read(message, MESSAGE_CALLED, &called, &err) < 0) {
		try_later(withdrawals, &err);
		return;
	}
	if (called.status >= 300) {
		on_refused(withdrawals, &called);
		return;
	}
	withdrawals->op.apply = apply;
	withdrawals->op.finish = finish;
	group_add(spool_of(withdrawals)->group, &withdrawals->op);
}

/* Nothing now: when the next that was put off is due. */
static int
watch_due(struct outbox_withdrawals *withdrawals, int64_t now,
    struct error *err)
{
	int64_t next_at;

	if (outbox_withdrawal_next_due(store_rows(spool_of(withdrawals)->store),
		now, &next_at, err) < 0)
		return -1;
	if (next_at != INT64_MAX)
		loop_timer_start(withdrawals->timer, (uint64_t)(next_at - now));
	return 0;
}

static void
look(void *ctx)
{
	struct outbox_withdrawals *withdrawals = ctx;
	struct message_call call = { .method = "POST",
		.type = "application/pkcs7-mime",
		.timeout_ms = CALL_TIMEOUT_MS };
	int64_t now = spool_now(spool_of(withdrawals));
	struct bytes cms = { 0 };
	struct error err = { 0 };
	int found;

	if (withdrawals->delivery != 0)
		return;
	snprintf(call.path, sizeof(call.path), "/v1/acts?epoch=%llu",
	    (unsigned long long)again_epoch(
		withdrawals->outbox->gateway->again));
	found = outbox_withdrawal_next(store_rows(spool_of(withdrawals)->store),
	    now, now + spool_of(withdrawals)->env->config->courier.retry_max_ms,
	    &withdrawals->delivery, &withdrawals->failures, &cms, &err);
	text_copy(call.peer, sizeof(call.peer),
	    withdrawals->outbox->gateway->center);
	call.body = blob_of_bytes(&cms);
	if (found == 0)
		found = watch_due(withdrawals, now, &err);
	else if (found > 0)
		found = peer_ask(spool_of(withdrawals)->courier, MESSAGE_CALL,
		    &call, -1, on_called, withdrawals, NULL, &err);
	if (found < 0)
		try_later(withdrawals, &err);
	bytes_free(&cms);
}

void
outbox_withdraw_wake(struct outbox_withdrawals *withdrawals)
{
	if (withdrawals->delivery == 0 &&
	    retry_is_due(&withdrawals->retry, spool_now(spool_of(withdrawals))))
		loop_timer_start(withdrawals->timer, 0);
}

int
outbox_withdrawals_new(struct outbox *outbox,
    struct outbox_withdrawals **ret_withdrawals, struct error *err)
{
	struct outbox_withdrawals *withdrawals =
	    calloc(1, sizeof(*withdrawals));

	if (withdrawals == NULL)
		return error_set_memory(err);
	withdrawals->outbox = outbox;
	if (loop_timer_new(outbox->gateway->spool.env->loop, look, withdrawals,
		&withdrawals->timer, err) < 0) {
		free(withdrawals);
		return -1;
	}
	*ret_withdrawals = withdrawals;
	return 0;
}

void
outbox_withdrawals_free(struct outbox_withdrawals *withdrawals)
{
	if (withdrawals == NULL)
		return;
	loop_timer_free(withdrawals->timer);
	bytes_free(&withdrawals->cms);
	free(withdrawals);
}
