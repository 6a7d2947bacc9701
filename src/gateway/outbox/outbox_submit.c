/*
 * Handing waybills in to our center: the stored bytes, again and again, until
 * it answers.  On our own clock alone nothing ends here: the center may have
 * accepted and its answer been lost, so it is asked also after the deadline.
 *
 * The rows are the queue, in the order of their rank; memory holds only what is
 * under way.  What the center refuses for a while says in its row what it waits
 * for, and lets all others pass.
 */
#include <stdlib.h>

#include "base/text.h"
#include "exchange/refusal.h"
#include "exchange/retry.h"
#include "gateway/outbox/outbox_internal.h"
#include "role/courier/handover.h"
#include "role/problem.h"
#include "service/config.h"
#include "store/store.h"
#include "sys/ipc.h"
#include "sys/loop.h"

enum {
	CALLS_MAX = 24,     /* under way at once */
	ASK_MORE_AFTER = 8, /* receipts */
	LARGE_MAX = 2,      /* of which with much content */
	CALL_TIMEOUT_MS = 60000,
	BYTES_PER_MS = 256, /* the slowest line that we wait for */
	LOOK_AGAIN_MS = 1000,
};

/* One waybill that is under way. */
struct handing {
	struct group_op op; /* first: the group hands it back */
	struct handing *next;
	struct outbox_submit *submit;
	int64_t waybill; /* its row */
	int64_t document;
	bool is_large;
	enum job_result result; /* of a refusal for good */
	char reason[MESSAGE_REASON_SIZE];
	bool is_of_sender; /* what it waits for is not its own */
	uint32_t after_s;  /* the center asked to wait so long */
};

struct outbox_submit {
	struct outbox *outbox;
	struct handing *first;
	size_t calls, large;
	size_t allowed;      /* calls at a time; our share at the center */
	size_t streak;       /* receipts since it last changed */
	struct retry center; /* the destination as such */
	bool is_unclear;     /* its last answer was a failure */
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
log_later(const struct handing *handing, const struct error *why)
{
	struct log_line line;

	log_begin(&line, &spool_of(handing->submit)->env->log,
	    LOG_LEVEL_WARNING, "submit.later");
	log_i64(&line, "row", handing->waybill);
	log_error(&line, why);
	log_end(&line);
}

/* No longer under way. */
static void
leave(struct handing *handing)
{
	struct outbox_submit *submit = handing->submit;
	struct handing **at = &submit->first;

	while (*at != handing)
		at = &(*at)->next;
	*at = handing->next;
	submit->calls--;
	submit->large -= handing->is_large;
	free(handing);
	outbox_submit_wake(submit);
}

static int
apply_later(struct group_op *op, struct error *err)
{
	struct handing *handing = (struct handing *)(void *)op;
	struct rows *rows = store_rows(spool_of(handing->submit)->store);
	struct outbox_waybill waybill;
	struct retry retry = { 0 };
	int found = outbox_waybill_find(rows, handing->waybill, &waybill, err);

	if (found <= 0)
		return found;
	retry.failures = waybill.failures;
	spool_back_off(spool_of(handing->submit), &retry, handing->after_s);
	waybill.failures = retry.failures;
	waybill.retry_at = retry.next_at;
	text_copy(waybill.waits, sizeof(waybill.waits), handing->reason);
	return handing->is_of_sender
	    ? outbox_waybill_later_all(rows, &waybill, err)
	    : outbox_waybill_later(rows, &waybill, err);
}

/* What could not be noted is tried again, but not at once. */
static void
finish_later(struct group_op *op, const struct error *failure)
{
	struct handing *handing = (struct handing *)(void *)op;

	if (failure != NULL)
		spool_back_off(spool_of(handing->submit),
		    &handing->submit->center, 0);
	else
		outbox_wait_wake(handing->submit->outbox, handing->document);
	leave(handing);
}

/* This one waybill again later, or all of its sender; others go on. */
static void
try_later(struct handing *handing, const struct error *why)
{
	log_later(handing, why);
	handing->after_s = why->retry_after_s;
	handing->op.apply = apply_later;
	handing->op.finish = finish_later;
	group_add(spool_of(handing->submit)->group, &handing->op);
}

/*
 * We asked for more than our share: half of it from now on, once for all that
 * are refused together; then one more for every few that are taken.
 */
static void
ask_less(struct outbox_submit *submit)
{
	if (!retry_is_due(&submit->center, spool_now(spool_of(submit))))
		return;
	submit->allowed = submit->allowed > 1 ? submit->allowed / 2 : 1;
	submit->streak = 0;
}

static void
ask_more(struct outbox_submit *submit)
{
	if (submit->allowed >= CALLS_MAX || ++submit->streak < ASK_MORE_AFTER)
		return;
	submit->allowed++;
	submit->streak = 0;
}

/*
 * It is there.  What it answers to calls of before it asked us to wait does not
 * end that wait.
 */
static void
center_answers(struct outbox_submit *submit)
{
	submit->is_unclear = false;
	if (retry_is_due(&submit->center, spool_now(spool_of(submit))))
		retry_succeeded(&submit->center);
}

/*
 * It failed over this one, or fails over all: when nothing went well since the
 * last time the others wait, too, but not longer each time.
 */
static void
center_fails(struct outbox_submit *submit)
{
	if (submit->is_unclear &&
	    retry_is_due(&submit->center, spool_now(spool_of(submit)))) {
		submit->center = (struct retry){ 0 };
		spool_back_off(spool_of(submit), &submit->center, 0);
	}
	submit->is_unclear = true;
}

/* The center cannot be reached: all wait. */
static void
center_is_away(struct handing *handing, const struct error *why)
{
	log_later(handing, why);
	/* Those that fail together count as one failure. */
	if (retry_is_due(&handing->submit->center,
		spool_now(spool_of(handing->submit))))
		spool_back_off(spool_of(handing->submit),
		    &handing->submit->center, why->retry_after_s);
	leave(handing);
}

/* ---- the end of one -------------------------------------------------- */

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
	enum refusal refusal;

	problem_code(called->body, handing->reason, sizeof(handing->reason));
	error_set_id(&why, "E4206", ERROR_DENIED, "the center answered %u %s",
	    called->status, handing->reason);
	why.retry_after_s = called->retry_after_s;
	refusal = refusal_judge(called->status, handing->reason);
	if (refusal != REFUSAL_OF_ALL && refusal != REFUSAL_UNCLEAR)
		center_answers(handing->submit);
	switch (refusal) {
	case REFUSAL_UNCLEAR:
		if (handing->reason[0] == '\0')
			text_copy(handing->reason, sizeof(handing->reason),
			    "E4221");
		center_fails(handing->submit);
		try_later(handing, &why);
		return;
	case REFUSAL_OF_ALL:
		if (called->status == 429)
			ask_less(handing->submit);
		center_is_away(handing, &why);
		return;
	case REFUSAL_OF_SENDER:
		handing->is_of_sender = true;
		try_later(handing, &why);
		return;
	case REFUSAL_OF_ONE:
		try_later(handing, &why);
		return;
	case REFUSAL_FOR_GOOD:
		break;
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
	center_answers(handing->submit);
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
	if (called.status != 200 && called.status != 201) {
		on_refused(handing, &called);
		return;
	}
	center_answers(handing->submit);
	ask_more(handing->submit);
	outbox_take_receipt(handing->submit->outbox, called.body,
	    on_receipt_taken, handing);
}

/* ---- calling --------------------------------------------------------- */

/* The content from `offset` on. */
static int
start_call(struct handing *handing, const struct outbox_waybill *waybill,
    uint64_t offset, struct error *err)
{
	struct outbox_submit *submit = handing->submit;
	struct spool *spool = spool_of(submit);
	struct message_call call = { 0 };
	struct bytes body = { 0 };
	int rc = -1;

	text_copy(call.peer, sizeof(call.peer),
	    submit->outbox->gateway->center);
	if (outbox_waybill_put(store_rows(spool->store), waybill, 0, &body,
		err) == 0) {
		handover_put(&call, "waybills", waybill->payload,
		    waybill->content_len, offset, &body);
		call.timeout_ms = (uint32_t)(CALL_TIMEOUT_MS +
		    call.payload_len / BYTES_PER_MS % UINT32_MAX);
		call.body = blob_of_bytes(&body);
		rc = bytes_failed(&body, err);
	}
	if (rc == 0)
		rc = peer_ask(spool->courier, MESSAGE_CALL, &call, -1,
		    on_called, handing, NULL, err);
	bytes_free(&body);
	return rc;
}

static void
log_resumed(const struct outbox_submit *submit,
    const struct outbox_waybill *waybill, uint64_t offset)
{
	char id[ID_TEXT_SIZE];
	struct log_line line;

	id_format(&waybill->waybill_id, id);
	log_begin(&line, &spool_of(submit)->env->log, LOG_LEVEL_NOTICE,
	    "submit.resumed");
	log_text(&line, "waybill", id);
	log_u64(&line, "offset", offset);
	log_u64(&line, "bytes", waybill->content_len);
	log_end(&line);
}

static void
on_offset(void *ctx, struct ipc_message *message)
{
	struct handing *handing = ctx;
	struct outbox_submit *submit = handing->submit;
	struct outbox_waybill waybill;
	struct error err = { 0 };
	uint64_t offset = 0;

	if (outbox_waybill_find(store_rows(spool_of(submit)->store),
		handing->waybill, &waybill, &err) <= 0) {
		try_later(handing, &err);
		return;
	}
	if (handover_read(message, waybill.content_len, &offset, &err) < 0) {
		center_is_away(handing, &err);
		return;
	}
	/* It answers: what was cut goes on without a longer pause. */
	retry_succeeded(&submit->center);
	if (offset > 0)
		log_resumed(submit, &waybill, offset);
	if (start_call(handing, &waybill, offset, &err) < 0)
		try_later(handing, &err);
}

/* Much content goes on where the center has none of it. */
static int
start_handing(struct handing *handing, const struct outbox_waybill *waybill,
    struct error *err)
{
	struct outbox_submit *submit = handing->submit;
	const struct config *config = spool_of(submit)->env->config;

	if (waybill->content_len <= (uint64_t)config->limits.resume_bytes)
		return start_call(handing, waybill, 0, err);
	return handover_ask(spool_of(submit)->courier,
	    submit->outbox->gateway->center, "waybills", &waybill->digest,
	    on_offset, handing, err);
}

/* ---- whose turn it is ------------------------------------------------ */

static bool
is_under_way(const struct outbox_submit *submit, int64_t row)
{
	for (const struct handing *handing = submit->first; handing != NULL;
	     handing = handing->next)
		if (handing->waybill == row)
			return true;
	return false;
}

static int
start(struct outbox_submit *submit, int64_t row, struct error *err)
{
	struct handing *handing = calloc(1, sizeof(*handing));
	struct outbox_waybill waybill;
	struct error failure = { 0 };
	int found;

	if (handing == NULL)
		return error_set_memory(err);
	found = outbox_waybill_find(store_rows(spool_of(submit)->store), row,
	    &waybill, err);
	if (found <= 0 || waybill.step != JOB_SEND_SUBMIT) {
		free(handing);
		return found < 0 ? -1 : 0;
	}
	handing->submit = submit;
	handing->waybill = row;
	handing->document = waybill.document;
	handing->is_large = waybill.content_len >= OUTBOX_LARGE_LEN;
	handing->next = submit->first;
	submit->first = handing;
	submit->calls++;
	submit->large += handing->is_large;
	if (start_handing(handing, &waybill, &failure) < 0)
		try_later(handing, &failure);
	return 0;
}

/* While the center is away one try alone finds out whether it is back. */
static size_t
places(const struct outbox_submit *submit)
{
	return submit->center.failures > 0 ? 1 : submit->allowed;
}

static int
start_due(struct outbox_submit *submit, int64_t now, struct error *err)
{
	int64_t latest =
	    now + spool_of(submit)->env->config->courier.retry_max_ms;
	struct rows *rows = store_rows(spool_of(submit)->store);
	bool only_small = submit->large >= LARGE_MAX;
	/* Those under way are due as well, so twice as many are read. */
	int64_t due[2 * CALLS_MAX];
	int64_t next_at;
	size_t count;

	if (submit->calls >= places(submit))
		return 0;
	if (outbox_waybill_due(rows, now, latest, OUTBOX_LARGE_LEN, only_small,
		due, ARRAY_LEN(due), &count, err) < 0 ||
	    outbox_waybill_next_due(rows, now, latest, &next_at, err) < 0)
		return -1;
	for (size_t i = 0; i < count && submit->calls < places(submit); i++) {
		/* The last place for large ones was taken meanwhile. */
		if (!only_small && submit->large >= LARGE_MAX)
			return start_due(submit, now, err);
		if (!is_under_way(submit, due[i]) &&
		    start(submit, due[i], err) < 0)
			return -1;
	}
	if (next_at != INT64_MAX)
		loop_timer_start(submit->timer, (uint64_t)(next_at - now));
	return 0;
}

static void
work(void *ctx)
{
	struct outbox_submit *submit = ctx;
	int64_t now = spool_now(spool_of(submit));
	struct error err = { 0 };

	if (!submit->outbox->is_started)
		return;
	if (!retry_is_due(&submit->center, now)) {
		loop_timer_start(submit->timer,
		    (uint64_t)(submit->center.next_at - now));
		return;
	}
	if (start_due(submit, now, &err) == 0)
		return;
	log_failure(&spool_of(submit)->env->log, LOG_LEVEL_ERROR, "submit.look",
	    &err);
	loop_timer_start(submit->timer, LOOK_AGAIN_MS);
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
	submit->allowed = CALLS_MAX;
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
