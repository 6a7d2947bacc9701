/*
 * Another key part for a delivery under way, when its recipient's center marks
 * it `rewrap` (docs/protocol.md 4): whose key it is made for, only our own
 * directory says.  Key part and addendum are durable before they leave, and the
 * same bytes go out until the center answers.  One that fails for its own sake
 * is put off by itself, and others go on.  The sealed key that they are made
 * from stays until retention (outbox_retain.c).
 */
#include <stdlib.h>

#include "base/text.h"
#include "exchange/refusal.h"
#include "gateway/outbox/outbox_rewrap_internal.h"
#include "json/json_write.h"
#include "role/problem.h"
#include "service/config.h"
#include "store/store.h"
#include "sys/ipc.h"
#include "sys/loop.h"

enum { CALL_TIMEOUT_MS = 60000 };

struct spool *
outbox_rewraps_spool(const struct outbox_rewraps *rewraps)
{
	return &rewraps->outbox->gateway->spool;
}

struct rows *
outbox_rewraps_rows(const struct outbox_rewraps *rewraps)
{
	return store_rows(outbox_rewraps_spool(rewraps)->store);
}

static void
clear(struct outbox_rewraps *rewraps)
{
	outbox_rewrap_free(&rewraps->rewrap);
	rewraps->rewrap = (struct outbox_rewrap){ 0 };
	bytes_free(&rewraps->json);
	rewraps->is_busy = false;
	rewraps->has_made = false;
	rewraps->is_ahead = false;
}

static void
log_later(const struct outbox_rewraps *rewraps, const struct error *why)
{
	log_failure(&outbox_rewraps_spool(rewraps)->env->log, LOG_LEVEL_WARNING,
	    "rewrap.later", why);
}

/* The center is away, or our rows are: all of them. */
static void
try_later(struct outbox_rewraps *rewraps, const struct error *why)
{
	log_later(rewraps, why);
	clear(rewraps);
	loop_timer_start(rewraps->timer,
	    spool_back_off(outbox_rewraps_spool(rewraps), &rewraps->retry, 0));
}

static int
apply_later(struct group_op *op, struct error *err)
{
	struct outbox_rewraps *rewraps = (struct outbox_rewraps *)(void *)op;
	struct retry retry = { .failures = rewraps->rewrap.failures };

	spool_back_off(outbox_rewraps_spool(rewraps), &retry, 0);
	return outbox_rewrap_later(outbox_rewraps_rows(rewraps),
	    rewraps->rewrap.delivery, &retry, err);
}

static void
finish_later(struct group_op *op, const struct error *failure)
{
	struct outbox_rewraps *rewraps = (struct outbox_rewraps *)(void *)op;

	if (failure != NULL) {
		try_later(rewraps, failure);
		return;
	}
	clear(rewraps);
	loop_timer_start(rewraps->timer, 0);
}

/* This one. */
void
outbox_rewraps_put_off(struct outbox_rewraps *rewraps, const struct error *why)
{
	log_later(rewraps, why);
	rewraps->op.apply = apply_later;
	rewraps->op.finish = finish_later;
	group_add(outbox_rewraps_spool(rewraps)->group, &rewraps->op);
}

/* ---- durable --------------------------------------------------------- */

static int
apply(struct group_op *op, struct error *err)
{
	struct outbox_rewraps *rewraps = (struct outbox_rewraps *)(void *)op;

	int rc = rewraps->has_made
	    ? outbox_rewrap_save(outbox_rewraps_rows(rewraps), &rewraps->rewrap,
		  err)
	    : outbox_rewrap_step(outbox_rewraps_rows(rewraps), &rewraps->rewrap,
		  err);

	/* After a pause: our clock may be wrong still. */
	return rc == 0 && rewraps->is_ahead ? apply_later(op, err) : rc;
}

static void
finish(struct group_op *op, const struct error *failure)
{
	struct outbox_rewraps *rewraps = (struct outbox_rewraps *)(void *)op;

	if (failure != NULL) {
		try_later(rewraps, failure);
		return;
	}
	clear(rewraps);
	retry_succeeded(&rewraps->retry);
	loop_timer_start(rewraps->timer, 0);
}

/* What it came to, by the directory of `tried`. */
void
outbox_rewraps_store(struct outbox_rewraps *rewraps,
    enum outbox_rewrap_step step, uint64_t tried)
{
	rewraps->rewrap.step = step;
	rewraps->rewrap.tried = tried;
	rewraps->op.apply = apply;
	rewraps->op.finish = finish;
	group_add(outbox_rewraps_spool(rewraps)->group, &rewraps->op);
}

void
outbox_rewraps_note(const struct outbox_rewraps *rewraps, enum log_level level,
    const char *event, const char *code)
{
	char id[ID_TEXT_SIZE];
	struct log_line line;

	id_format(&rewraps->waybill.waybill_id, id);
	log_begin(&line, &outbox_rewraps_spool(rewraps)->env->log, level,
	    event);
	log_text(&line, "delivery", id);
	log_text(&line, "org", rewraps->delivery.recipient.text);
	log_text(&line, "receiver", rewraps->rewrap.receiver.text);
	if (code != NULL)
		log_text(&line, "code", code);
	log_end(&line);
}

/* ---- handing in ------------------------------------------------------ */

/* Its time was ahead of the center's: as if it had never been made. */
static void
make_anew(struct outbox_rewraps *rewraps)
{
	rewraps->is_ahead = true;
	rewraps->has_made = true;
	rewraps->rewrap.serial = 0;
	rewraps->rewrap.receiver = (struct org_code){ "" };
	outbox_rewraps_store(rewraps, OUTBOX_REWRAP_MAKE, 0);
}

/* Refused for good: what the sender can do about it, a newer directory says. */
static void
on_refused(struct outbox_rewraps *rewraps, const struct message_called *called)
{
	char code[ERROR_ID_SIZE];
	struct error err = { 0 };
	enum refusal refusal;

	problem_code(called->body, code, sizeof(code));
	if (text_equal(code, "E4025")) {
		make_anew(rewraps);
		return;
	}
	refusal = refusal_judge(called->status, code);
	error_set(&err, ERROR_BUSY, "the center answers %u %s", called->status,
	    code);
	if (refusal == REFUSAL_OF_ALL || refusal_is_of_caller(code)) {
		try_later(rewraps, &err);
		return;
	}
	if (refusal != REFUSAL_FOR_GOOD) {
		outbox_rewraps_put_off(rewraps, &err);
		return;
	}
	outbox_rewraps_note(rewraps, LOG_LEVEL_WARNING, "rewrap.refused", code);
	outbox_rewraps_store(rewraps, OUTBOX_REWRAP_MAKE,
	    rewraps->rewrap.serial);
}

static void
on_called(void *ctx, struct ipc_message *message)
{
	struct outbox_rewraps *rewraps = ctx;
	struct message_called called;
	struct error err = { 0 };

	if (message_read(message, MESSAGE_CALLED, &called, &err) < 0) {
		try_later(rewraps, &err);
	} else if (called.status >= 300) {
		on_refused(rewraps, &called);
	} else {
		outbox_rewraps_note(rewraps, LOG_LEVEL_NOTICE, "rewrap.posted",
		    NULL);
		outbox_rewraps_store(rewraps, OUTBOX_REWRAP_POSTED,
		    rewraps->rewrap.serial);
	}
}

static int
post(struct outbox_rewraps *rewraps, struct error *err)
{
	struct message_call call = { .method = "POST",
		.path = "/v1/rewraps",
		.type = "application/json",
		.timeout_ms = CALL_TIMEOUT_MS };
	const struct outbox_rewrap *rewrap = &rewraps->rewrap;
	struct bytes body = { 0 };
	struct json_writer writer = json_writer_to(&body);
	int rc = -1;

	json_write_begin_object(&writer, NULL);
	json_write_base64(&writer, "addendum", rewrap->cms.data,
	    rewrap->cms.len);
	json_write_base64(&writer, "key_part", rewrap->key_part.data,
	    rewrap->key_part.len);
	json_write_end(&writer);
	if (json_write_done(&writer, err) == 0) {
		text_copy(call.peer, sizeof(call.peer),
		    rewraps->outbox->gateway->center);
		call.body = blob_of_bytes(&body);
		rc = peer_ask(outbox_rewraps_spool(rewraps)->courier,
		    MESSAGE_CALL, &call, -1, on_called, rewraps, NULL, err);
	}
	bytes_free(&body);
	return rc;
}

/* ---- one after the other --------------------------------------------- */

/* 1, or 0 if there is nothing to do now. */
static int
find_next(struct outbox_rewraps *rewraps, int64_t now, struct error *err)
{
	int64_t latest = now +
	    outbox_rewraps_spool(rewraps)->env->config->courier.retry_max_ms;
	int found = outbox_rewrap_next(outbox_rewraps_rows(rewraps),
	    spool_directory_serial(outbox_rewraps_spool(rewraps)), now, latest,
	    &rewraps->rewrap, err);

	return found <= 0
	    ? found
	    : outbox_delivery_find_row(outbox_rewraps_rows(rewraps),
		  rewraps->rewrap.delivery, &rewraps->waybill,
		  &rewraps->delivery, err);
}

static int
watch_due(struct outbox_rewraps *rewraps, int64_t now, struct error *err)
{
	int64_t next_at;

	clear(rewraps);
	if (outbox_rewrap_next_due(outbox_rewraps_rows(rewraps), now, &next_at,
		err) < 0)
		return -1;
	if (next_at != INT64_MAX)
		loop_timer_start(rewraps->timer, (uint64_t)(next_at - now));
	return 0;
}

static void
look(void *ctx)
{
	struct outbox_rewraps *rewraps = ctx;
	int64_t now = spool_now(outbox_rewraps_spool(rewraps));
	struct error err = { 0 };
	int found;

	if (rewraps->is_busy)
		return;
	rewraps->is_busy = true;
	found = find_next(rewraps, now, &err);
	if (found > 0 && rewraps->rewrap.step != OUTBOX_REWRAP_POST) {
		if (outbox_rewrap_make(rewraps, &err) < 0)
			outbox_rewraps_put_off(rewraps, &err);
		return;
	}
	if (found > 0)
		found = post(rewraps, &err);
	else if (found == 0)
		found = watch_due(rewraps, now, &err);
	if (found < 0)
		try_later(rewraps, &err);
}

void
outbox_rewrap_wake(struct outbox_rewraps *rewraps)
{
	if (!rewraps->is_busy &&
	    retry_is_due(&rewraps->retry,
		spool_now(outbox_rewraps_spool(rewraps))))
		loop_timer_start(rewraps->timer, 0);
}

int
outbox_rewraps_new(struct outbox *outbox, struct outbox_rewraps **ret_rewraps,
    struct error *err)
{
	struct outbox_rewraps *rewraps = calloc(1, sizeof(*rewraps));

	if (rewraps == NULL)
		return error_set_memory(err);
	rewraps->outbox = outbox;
	if (loop_timer_new(outbox->gateway->spool.env->loop, look, rewraps,
		&rewraps->timer, err) < 0) {
		free(rewraps);
		return -1;
	}
	*ret_rewraps = rewraps;
	return 0;
}

void
outbox_rewraps_free(struct outbox_rewraps *rewraps)
{
	if (rewraps == NULL)
		return;
	loop_timer_free(rewraps->timer);
	clear(rewraps);
	free(rewraps);
}
