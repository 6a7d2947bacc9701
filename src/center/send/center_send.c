#include "center/send/center_send.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/text.h"
#include "center/center.h"
#include "center/send/center_send_internal.h"
#include "center/send/center_send_rows.h"
#include "exchange/refusal.h"
#include "role/problem.h"
#include "service/config.h"
#include "store/store.h"
#include "sys/loop.h"

struct center_sender {
	struct center *center;
	struct loop_soon *soon;
	struct destination *first;
};

static void work(struct destination *destination);

/* ---- destinations ---------------------------------------------------- */

static void
on_timer(void *ctx)
{
	work(ctx);
}

/* Not while the center itself is waited for. */
static void
on_due(void *ctx)
{
	struct destination *destination = ctx;

	if (!loop_timer_is_running(destination->timer))
		work(destination);
}

static void
free_destination(struct destination *destination)
{
	if (destination == NULL)
		return;
	loop_timer_free(destination->timer);
	loop_timer_free(destination->due);
	free(destination);
}

static void
add_destination(void *ctx, const char *name)
{
	struct center_sender *sender = ctx;
	struct destination *destination;
	struct error err = { 0 };

	for (destination = sender->first; destination != NULL;
	     destination = destination->next)
		if (text_equal(destination->name, name))
			return;
	destination = calloc(1, sizeof(*destination));
	if (destination == NULL ||
	    loop_timer_new(sender->center->spool.env->loop, on_timer,
		destination, &destination->timer, &err) < 0 ||
	    loop_timer_new(sender->center->spool.env->loop, on_due, destination,
		&destination->due, &err) < 0) {
		free_destination(
		    destination); /* the next wake-up tries again */
		return;
	}
	destination->sender = sender;
	destination->center = sender->center;
	text_copy(destination->name, sizeof(destination->name), name);
	destination->next = sender->first;
	sender->first = destination;
}

static void
look(void *ctx)
{
	struct center_sender *sender = ctx;
	struct center *center = sender->center;
	struct error err = { 0 };

	if (center_send_centers(store_rows(center->spool.store),
		add_destination, sender, &err) < 0) {
		log_failure(&center->spool.env->log, LOG_LEVEL_ERROR,
		    "send.look", &err);
		return;
	}
	for (struct destination *destination = sender->first;
	     destination != NULL; destination = destination->next)
		if (!loop_timer_is_running(destination->timer))
			work(destination);
}

void
center_send_log_later(const struct destination *destination,
    const struct error *why)
{
	struct log_line line;

	log_begin(&line, &destination->center->spool.env->log,
	    LOG_LEVEL_WARNING, "send.later");
	log_text(&line, "peer", destination->name);
	log_error(&line, why);
	log_end(&line);
}

static void
wait_there(struct destination *destination, uint32_t after_s)
{
	loop_timer_start(destination->timer,
	    spool_back_off(&destination->center->spool, &destination->retry,
		after_s));
}

void
center_send_later(struct destination *destination, const struct error *why)
{
	center_send_log_later(destination, why);
	if (!loop_timer_is_running(destination->timer))
		wait_there(destination, why->retry_after_s);
}

void
center_send_unclear(struct destination *destination)
{
	if (!destination->is_unclear) {
		destination->is_unclear = true;
		center_sender_wake(destination->sender);
	} else if (!loop_timer_is_running(destination->timer)) {
		destination->retry = (struct retry){ 0 };
		wait_there(destination, 0);
	}
}

void
center_send_went_well(struct destination *destination)
{
	destination->is_unclear = false;
	retry_succeeded(&destination->retry);
	center_sender_wake(destination->sender);
}

/* ---- set aside ------------------------------------------------------- */

enum refusal
center_send_judge(const struct message_called *called, const char *what,
    struct center_send *send, struct error *ret_why)
{
	enum refusal refusal;

	problem_code(called->body, send->reason, sizeof(send->reason));
	error_set(ret_why, ERROR_DENIED, "%s refused: %u %.*s", what,
	    called->status,
	    (int)(called->body.len < 200 ? called->body.len : 200),
	    (const char *)called->body.data);
	ret_why->retry_after_s = called->retry_after_s;
	refusal = refusal_judge(called->status, send->reason);
	if (refusal == REFUSAL_UNCLEAR && send->reason[0] == '\0')
		text_copy(send->reason, sizeof(send->reason), "E4221");
	return refusal;
}

int
center_send_put_aside(struct center *center, struct center_send *send,
    uint32_t after_s, struct error *err)
{
	struct retry retry = { .failures = send->failures };

	spool_back_off(&center->spool, &retry, after_s);
	send->failures = retry.failures;
	send->retry_at = retry.next_at;
	return center_send_set_aside(store_rows(center->spool.store), send,
	    err);
}

int
center_send_refused(const struct destination *destination,
    enum center_send_kind kind, struct center_send *ret_send, struct error *err)
{
	const struct spool *spool = &destination->center->spool;

	return center_send_aside(store_rows(spool->store), destination->name,
	    kind, spool_now(spool), spool->env->config->courier.retry_max_ms,
	    ret_send, err);
}

/* ---- one destination ------------------------------------------------- */

/* When what was set aside comes back. */
static int
watch_due(struct destination *destination, struct error *err)
{
	struct spool *spool = &destination->center->spool;
	int64_t now = spool_now(spool);
	int64_t next_at;

	if (center_send_next_due(store_rows(spool->store), destination->name,
		now, &next_at, err) < 0)
		return -1;
	if (next_at != INT64_MAX)
		loop_timer_start(destination->due, (uint64_t)(next_at - now));
	return 0;
}

static void
work(struct destination *destination)
{
	struct error err = { 0 };

	if (center_send_relays(destination, &err) < 0 ||
	    center_send_receipts(destination, &err) < 0 ||
	    center_send_withdrawal(destination, &err) < 0 ||
	    watch_due(destination, &err) < 0)
		center_send_later(destination, &err);
}

/* ---- life ------------------------------------------------------------ */

int
center_sender_new(struct center *center, struct center_sender **ret_sender,
    struct error *err)
{
	struct center_sender *sender = calloc(1, sizeof(*sender));

	if (sender == NULL)
		return error_set_memory(err);
	sender->center = center;
	if (loop_soon_new(center->spool.env->loop, look, sender, &sender->soon,
		err) < 0) {
		free(sender);
		return -1;
	}
	*ret_sender = sender;
	return 0;
}

void
center_sender_free(struct center_sender *sender)
{
	if (sender == NULL)
		return;
	loop_soon_free(sender->soon);
	while (sender->first != NULL) {
		struct destination *destination = sender->first;

		sender->first = destination->next;
		free_destination(destination);
	}
	free(sender);
}

void
center_sender_wake(struct center_sender *sender)
{
	loop_soon_start(sender->soon);
}
