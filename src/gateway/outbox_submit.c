/*
 * Handing waybills in to our center: the stored bytes, again and again, until
 * it answers.  On our own clock alone nothing ends here: the center may have
 * accepted and its answer been lost, so it is asked also after the deadline.
 */
#include <stdlib.h>

#include "base/text.h"
#include "crypto/random.h"
#include "exchange/retry.h"
#include "gateway/outbox_internal.h"
#include "gateway/outbox_refusal.h"
#include "role/problem.h"
#include "service/config.h"
#include "store/store.h"
#include "sys/ipc.h"
#include "sys/loop.h"

enum {
	CALLS_MAX = 24, /* under way at once */
	LARGE_MAX = 2,  /* of which with much content */
	HELD_MAX = 1024,
	CALL_TIMEOUT_MS = 60000,
	BYTES_PER_MS = 256, /* the slowest line that we wait for */
};

/* One waybill: under way, or waiting for its next try. */
struct handing {
	struct group_op op; /* first: the group hands it back */
	struct handing *next;
	struct outbox_submit *submit;
	int64_t waybill; /* its row */
	int64_t document;
	struct retry retry;
	bool is_under_way;
	bool is_large;
	enum job_result result; /* of a refusal */
	char reason[MESSAGE_REASON_SIZE];
};

struct outbox_submit {
	struct outbox *outbox;
	struct handing *first;
	size_t count, calls, large;
	int64_t after;       /* row of the newest waybill in the list */
	struct retry center; /* the destination as such */
	struct loop_soon *soon;
	struct loop_timer *timer;
};

static struct spool *
spool_of(const struct outbox_submit *submit)
{
	return &submit->outbox->gateway->spool;
}

/* ---- waiting --------------------------------------------------------- */

static void
back_off(struct outbox_submit *submit, struct retry *retry, uint32_t after_s)
{
	const struct config *config = spool_of(submit)->env->config;
	struct retry_bounds bounds = { config->courier.retry_first_ms,
		config->courier.retry_max_ms };
	struct error err = { 0 };
	uint32_t random = 0;

	if (random_fill(&random, sizeof(random), &err) < 0)
		random = 0;
	retry_failed(retry, &bounds, spool_now(spool_of(submit)),
	    (int64_t)after_s * 1000, random);
}

static void
log_later(const struct handing *handing, const struct error *why)
{
	struct log_line line;

	log_begin(&line, &spool_of(handing->submit)->env->log,
	    LOG_LEVEL_WARNING, "submit.later");
	log_i64(&line, "row", handing->waybill);
	log_error(&line, why);
	log_end(&line);
}

static void
rest(struct handing *handing)
{
	struct outbox_submit *submit = handing->submit;

	handing->is_under_way = false;
	submit->calls--;
	submit->large -= handing->is_large;
	outbox_submit_wake(submit);
}

/* This one waybill again later; others go on. */
static void
try_later(struct handing *handing, const struct error *why)
{
	log_later(handing, why);
	back_off(handing->submit, &handing->retry, why->retry_after_s);
	rest(handing);
}

/* The center cannot be reached: all wait. */
static void
center_is_away(struct handing *handing, const struct error *why)
{
	log_later(handing, why);
	/* Those that fail together count as one failure. */
	if (retry_is_due(&handing->submit->center,
		spool_now(spool_of(handing->submit))))
		back_off(handing->submit, &handing->submit->center,
		    why->retry_after_s);
	rest(handing);
}

/* ---- the end of one -------------------------------------------------- */

static void
leave(struct handing *handing)
{
	struct outbox_submit *submit = handing->submit;
	struct handing **at = &submit->first;

	while (*at != handing)
		at = &(*at)->next;
	*at = handing->next;
	submit->count--;
	if (handing->is_under_way)
		rest(handing);
	free(handing);
}

static int
refuse_all(struct handing *handing, struct error *err)
{
	struct rows *rows = store_rows(spool_of(handing->submit)->store);
	enum delivery_state state =
	    handing->result == JOB_OVER ? DELIVERY_EXPIRED : DELIVERY_REFUSED;
	struct outbox_delivery delivery = { 0 };
	int more;

	while ((more = outbox_delivery_next(rows, handing->waybill,
		    delivery.row, &delivery, err)) > 0) {
		if (!delivery_may_move(delivery.life.state, state))
			continue;
		delivery.life.state = state;
		delivery.since = spool_now(spool_of(handing->submit));
		text_copy(delivery.reason, sizeof(delivery.reason),
		    handing->reason);
		if (outbox_delivery_save(rows, &delivery, err) < 0)
			return -1;
	}
	return more;
}

static int
apply_refusal(struct group_op *op, struct error *err)
{
	struct handing *handing = (struct handing *)(void *)op;
	struct rows *rows = store_rows(spool_of(handing->submit)->store);

	if (refuse_all(handing, err) < 0)
		return -1;
	return outbox_waybill_step(rows, handing->waybill,
	    job_send_next(JOB_SEND_SUBMIT, handing->result),
	    spool_now(spool_of(handing->submit)), err);
}

static void
finish_refusal(struct group_op *op, const struct error *failure)
{
	struct handing *handing = (struct handing *)(void *)op;

	if (failure != NULL) {
		try_later(handing, failure);
		return;
	}
	outbox_wait_wake(handing->submit->outbox, handing->document);
	leave(handing);
}

/* ---- answers --------------------------------------------------------- */

static void
on_refused(struct handing *handing, const struct message_called *called)
{
	struct error why = { 0 };

	problem_code(called->body, handing->reason, sizeof(handing->reason));
	error_set_id(&why, "E4206", ERROR_DENIED, "the center answered %u %s",
	    called->status, handing->reason);
	why.retry_after_s = called->retry_after_s;
	if (outbox_refusal_is_of_all(called->status)) {
		center_is_away(handing, &why);
		return;
	}
	if (!outbox_refusal_is_for_good(called->status, handing->reason)) {
		try_later(handing, &why);
		return;
	}
	log_later(handing, &why);
	handing->result =
	    text_equal(handing->reason, "E4006") ? JOB_OVER : JOB_REFUSED;
	handing->op.apply = apply_refusal;
	handing->op.finish = finish_refusal;
	group_add(spool_of(handing->submit)->group, &handing->op);
}

/* A receipt that did not move the waybill was not the one we need. */
static void
on_receipt_taken(void *ctx, const struct error *failure)
{
	struct handing *handing = ctx;
	struct rows *rows = store_rows(spool_of(handing->submit)->store);
	struct outbox_waybill waybill;
	struct error err = { 0 };

	if (failure != NULL) {
		try_later(handing, failure);
		return;
	}
	if (outbox_waybill_find(rows, handing->waybill, &waybill, &err) > 0 &&
	    waybill.step == JOB_SEND_SUBMIT)
		error_set_id(&err, "E4207", ERROR_UNTRUSTED,
		    "the center's answer is no receipt of its acceptance");
	if (err.code != ERROR_NONE) {
		try_later(handing, &err);
		return;
	}
	retry_succeeded(&handing->submit->center);
	/* One that was taken back before could not be until now. */
	outbox_withdraw_wake(handing->submit->outbox->withdrawals);
	leave(handing);
}

static void
on_called(void *ctx, struct ipc_message *message)
{
	struct handing *handing = ctx;
	struct message_called called;
	struct error err = { 0 };

	if (message_read(message, MESSAGE_CALLED, &called, &err) < 0) {
		center_is_away(handing, &err);
		return;
	}
	retry_succeeded(&handing->submit->center);
	if (called.status != 200 && called.status != 201) {
		on_refused(handing, &called);
		return;
	}
	outbox_take_receipt(handing->submit->outbox, called.body,
	    on_receipt_taken, handing);
}

/* ---- calling --------------------------------------------------------- */

static int
start_call(struct handing *handing, const struct outbox_waybill *waybill,
    struct error *err)
{
	struct outbox_submit *submit = handing->submit;
	struct spool *spool = spool_of(submit);
	struct message_call call = { .method = "POST",
		.path = "/v1/waybills",
		.type = "application/vnd.yizhan.bundle",
		.payload = waybill->payload,
		.payload_len = waybill->content_len };
	struct bytes body = { 0 };
	int rc = -1;

	call.timeout_ms = (uint32_t)(CALL_TIMEOUT_MS +
	    waybill->content_len / BYTES_PER_MS % UINT32_MAX);
	text_copy(call.peer, sizeof(call.peer),
	    submit->outbox->gateway->center);
	if (outbox_waybill_put(store_rows(spool->store), waybill, &body, err) ==
	    0) {
		call.body = blob_of_bytes(&body);
		rc = peer_ask(spool->courier, MESSAGE_CALL, &call, -1,
		    on_called, handing, NULL, err);
	}
	bytes_free(&body);
	return rc;
}

/* False when it cannot begin now for want of a place. */
static bool
start(struct handing *handing)
{
	struct outbox_submit *submit = handing->submit;
	struct outbox_waybill waybill;
	struct error err = { 0 };

	if (handing->is_large && submit->large >= LARGE_MAX)
		return false;
	handing->is_under_way = true;
	submit->calls++;
	submit->large += handing->is_large;
	if (outbox_waybill_find(store_rows(spool_of(submit)->store),
		handing->waybill, &waybill, &err) <= 0 ||
	    start_call(handing, &waybill, &err) < 0)
		try_later(handing, &err);
	return true;
}

/* ---- whose turn it is ------------------------------------------------ */

/* The next waybill from the rows joins the list: 1, or 0 if there is none. */
static int
add_next(struct outbox_submit *submit, struct handing **ret_handing,
    struct error *err)
{
	struct handing **at = &submit->first;
	struct outbox_waybill waybill;
	struct handing *handing;
	int more;

	if (submit->count >= HELD_MAX)
		return 0;
	more = outbox_waybill_next(store_rows(spool_of(submit)->store),
	    JOB_SEND_SUBMIT, submit->after, &waybill, err);
	if (more <= 0)
		return more;
	handing = calloc(1, sizeof(*handing));
	if (handing == NULL)
		return error_set_memory(err);
	handing->submit = submit;
	handing->waybill = waybill.row;
	handing->document = waybill.document;
	handing->is_large = waybill.content_len >= OUTBOX_LARGE_LEN;
	submit->after = waybill.row;
	while (*at != NULL)
		at = &(*at)->next;
	*at = handing;
	submit->count++;
	*ret_handing = handing;
	return 1;
}

static void
set_timer(struct outbox_submit *submit, int64_t at, int64_t now)
{
	loop_timer_start(submit->timer, at > now ? (uint64_t)(at - now) : 0);
}

/* While the center is away one try alone finds out whether it is back. */
static size_t
places(const struct outbox_submit *submit)
{
	return submit->center.failures > 0 ? 1 : CALLS_MAX;
}

static void
work(void *ctx)
{
	struct outbox_submit *submit = ctx;
	int64_t now = spool_now(spool_of(submit));
	int64_t wake = INT64_MAX;
	struct handing *handing;
	struct error err = { 0 };

	if (!submit->outbox->is_started)
		return;
	if (!retry_is_due(&submit->center, now)) {
		set_timer(submit, submit->center.next_at, now);
		return;
	}
	for (handing = submit->first;
	     handing != NULL && submit->calls < places(submit);
	     handing = handing->next) {
		if (handing->is_under_way)
			continue;
		if (retry_is_due(&handing->retry, now))
			start(handing);
		else if (handing->retry.next_at < wake)
			wake = handing->retry.next_at;
	}
	while (submit->calls < places(submit) &&
	    add_next(submit, &handing, &err) > 0)
		start(handing);
	if (err.code != ERROR_NONE)
		log_failure(&spool_of(submit)->env->log, LOG_LEVEL_ERROR,
		    "submit.look", &err);
	if (wake != INT64_MAX)
		set_timer(submit, wake, now);
}

/* ---- life ------------------------------------------------------------ */

int
outbox_submit_new(struct outbox *outbox, struct outbox_submit **ret_submit,
    struct error *err)
{
	struct outbox_submit *submit = calloc(1, sizeof(*submit));
	struct loop *loop = outbox->gateway->spool.env->loop;

	if (submit == NULL)
		return error_set_memory(err);
	submit->outbox = outbox;
	if (loop_soon_new(loop, work, submit, &submit->soon, err) < 0 ||
	    loop_timer_new(loop, work, submit, &submit->timer, err) < 0) {
		outbox_submit_free(submit);
		return -1;
	}
	*ret_submit = submit;
	return 0;
}

void
outbox_submit_free(struct outbox_submit *submit)
{
	if (submit == NULL)
		return;
	loop_soon_free(submit->soon);
	loop_timer_free(submit->timer);
	while (submit->first != NULL) {
		struct handing *handing = submit->first;

		submit->first = handing->next;
		free(handing);
	}
	free(submit);
}

void
outbox_submit_wake(struct outbox_submit *submit)
{
	loop_soon_start(submit->soon);
}
