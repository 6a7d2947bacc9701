#include "gateway/log_watch.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "bulletin/root.h"
#include "gateway/gateway.h"
#include "gateway/log_watch_rows.h"
#include "log/epoch.h"
#include "store/store.h"
#include "sys/ipc.h"
#include "sys/loop.h"

enum {
	ITEMS_MAX = 32,
	LOGS_MAX = 16, /* of which some wait; the rest has its turn later */
	SOON_MS = 8 * 1000, /* the center's witnesses are asked after 3 */
	AGAIN_MS = 2 * 60 * 1000,
	TIMEOUT_MS = 30 * 1000,
};

/* A log that was asked for not long ago, so that others have their turn. */
struct rest {
	char origin[MESSAGE_ORIGIN_SIZE];
	uint64_t until_ms;
};

struct log_watch {
	struct group_op op; /* first: the group hands it back */
	struct gateway *gateway;
	struct loop_timer *timer;
	bool has_witnesses;
	struct rest rests[LOGS_MAX];

	/* The comparison under way. */
	bool is_busy;
	struct log_watch_log log;
	struct log_watch_item items[ITEMS_MAX];
	size_t count;
	struct bytes held; /* the items for the verifier */
	struct bytes body; /* its answer */
	struct message_cosigned cosigned;
	struct blob note, verdicts; /* in `body` */
	size_t conflicts, unproven, lost;
	int64_t overdue;
	bool has_failed;  /* there is no answer to compare with */
	bool is_clearing; /* there are no witnesses: forget all */
};

static struct rows *
rows_of(const struct log_watch *watch)
{
	return store_rows(watch->gateway->spool.store);
}

/* ---- turns of the logs ------------------------------------------------ */

static struct rest *
rest_of(struct log_watch *watch, const char *origin)
{
	struct rest *oldest = &watch->rests[0];

	for (size_t i = 0; i < LOGS_MAX; i++) {
		if (text_equal(watch->rests[i].origin, origin))
			return &watch->rests[i];
		if (watch->rests[i].until_ms < oldest->until_ms)
			oldest = &watch->rests[i];
	}
	*oldest = (struct rest){ .until_ms = 0 };
	text_copy(oldest->origin, sizeof(oldest->origin), origin);
	return oldest;
}

static uint64_t
now_ms(const struct log_watch *watch)
{
	return loop_now_ms(watch->gateway->spool.env->loop);
}

/* 1 and a log whose turn it is; 0 if none waits; 2 if all that do rest. */
static int
choose_log(struct log_watch *watch, struct error *err)
{
	struct log_watch_log logs[LOGS_MAX];
	int count = log_watch_row_logs(rows_of(watch), LOG_WATCH_COSIGNED, logs,
	    LOGS_MAX, err);

	for (int i = 0; i < count; i++)
		if (rest_of(watch, logs[i].origin)->until_ms <= now_ms(watch)) {
			watch->log = logs[i];
			return 1;
		}
	return count > 0 ? 2 : count;
}

/* ---- the end of a comparison ----------------------------------------- */

/* What an operator must hear of. */
static void
alarm(const struct log_watch *watch, const char *event, const char *id,
    const char *what, long long number)
{
	struct error err = { 0 };

	error_set_id(&err, id, ERROR_UNTRUSTED, "%s: %lld %s",
	    watch->log.origin, number, what);
	log_failure(&watch->gateway->spool.env->log, LOG_LEVEL_ERROR, event,
	    &err);
}

/* The break was announced: what is lost is handed in again (feed.c). */
static void
log_lost(const struct log_watch *watch)
{
	struct log_line line;

	log_begin(&line, &watch->gateway->spool.env->log, LOG_LEVEL_WARNING,
	    "log.lost");
	log_text(&line, "origin", watch->log.origin);
	log_u64(&line, "checkpoints", watch->lost);
	log_end(&line);
}

static void
end(struct log_watch *watch, const struct error *failure)
{
	if (failure != NULL)
		log_failure(&watch->gateway->spool.env->log, LOG_LEVEL_WARNING,
		    "log.compare", failure);
	if (watch->conflicts > 0)
		alarm(watch, "log.conflict", "E5022",
		    "checkpoints contradict what was cosigned; the proof is "
		    "kept",
		    (long long)watch->conflicts);
	if (watch->unproven > 0)
		alarm(watch, "log.unproven", "E5022",
		    "checkpoints are not proven to be of the cosigned log",
		    (long long)watch->unproven);
	if (watch->overdue > 0)
		alarm(watch, "log.overdue", "E5029",
		    "checkpoints wait for more than an hour",
		    (long long)watch->overdue);
	if (watch->lost > 0)
		log_lost(watch);
	bytes_free(&watch->held);
	bytes_free(&watch->body);
	watch->is_busy = false;
	rest_of(watch, watch->log.origin)->until_ms = now_ms(watch) +
	    (failure == NULL && !watch->has_failed && watch->unproven == 0
		    ? SOON_MS
		    : AGAIN_MS);
	loop_timer_start(watch->timer, SOON_MS);
}

static int
apply_verdict(struct log_watch *watch, const struct log_watch_item *item,
    const struct message_grown_one *one, int64_t *later, struct error *err)
{
	struct rows *rows = rows_of(watch);
	const char *origin = watch->log.origin;

	switch ((enum message_growth)one->verdict) {
	case GROWTH_UNKNOWN:
		return 0;
	case GROWTH_UNPROVEN:
		watch->unproven++;
		return 0;
	case GROWTH_CONFLICT:
		watch->conflicts++;
		if (log_watch_row_conflict(rows, origin, one->conflict,
			spool_now(&watch->gateway->spool), err) < 0)
			return -1;
		return log_watch_row_remove(rows, origin, item, err);
	case GROWTH_LOST:
		watch->lost++;
		return log_watch_row_remove(rows, origin, item, err);
	case GROWTH_CONTINUED:
		break;
	}
	/* Across a break it is no cosignature of that log (evidence). */
	if (!text_equal(watch->cosigned.origin, origin))
		return log_watch_row_remove(rows, origin, item, err);
	if (*later == 0 &&
	    log_watch_row_later(rows, origin, watch->cosigned.size,
		&watch->cosigned.root, watch->note, later, err) < 0)
		return -1;
	return log_watch_row_grown(rows, LOG_WATCH_COSIGNED, origin, item,
	    *later, one->proof, err);
}

static int
apply_verdicts(struct log_watch *watch, struct error *err)
{
	struct blob list = watch->verdicts;
	struct message_grown_one one;
	int64_t later = 0;
	size_t at = 0;
	int more;

	while ((more = codec_next(message_fields(MESSAGE_GROWN_ONE), &list,
		    &one, err)) > 0) {
		if (at == watch->count)
			return error_set(err, ERROR_MALFORMED,
			    "more verdicts than checkpoints");
		if (apply_verdict(watch, &watch->items[at++], &one, &later,
			err) < 0)
			return -1;
	}
	if (more < 0)
		return -1;
	return log_watch_row_compared(rows_of(watch), watch->log.origin,
	    watch->cosigned.size, spool_now(&watch->gateway->spool), err);
}

static int
apply(struct group_op *op, struct error *err)
{
	struct log_watch *watch = (struct log_watch *)(void *)op;

	watch->conflicts = watch->unproven = watch->lost = 0;
	if (watch->is_clearing)
		return log_watch_row_clear(rows_of(watch), err);
	if (watch->verdicts.len > 0 && apply_verdicts(watch, err) < 0)
		return -1;
	watch->overdue = log_watch_row_overdue(rows_of(watch),
	    spool_now(&watch->gateway->spool), err);
	return watch->overdue < 0 ? -1 : 0;
}

static void
finish(struct group_op *op, const struct error *failure)
{
	struct log_watch *watch = (struct log_watch *)(void *)op;

	if (failure != NULL) {
		watch->conflicts = watch->unproven = watch->lost = 0;
		watch->overdue = 0;
	}
	end(watch, failure);
}

/* Make durable what came of it, if only that some have waited too long. */
static void
conclude(struct log_watch *watch, const struct error *failure)
{
	if (failure != NULL)
		log_failure(&watch->gateway->spool.env->log, LOG_LEVEL_WARNING,
		    "log.compare", failure);
	watch->has_failed = failure != NULL;
	watch->op.apply = apply;
	watch->op.finish = finish;
	group_add(watch->gateway->spool.group, &watch->op);
}

/* ---- the answers ----------------------------------------------------- */

static void
on_grown(void *ctx, struct ipc_message *message)
{
	struct log_watch *watch = ctx;
	struct message_grown grown;
	struct error err = { 0 };

	bytes_put(&watch->body, message->body, message->len);
	if (message_read(message, MESSAGE_GROWN, &grown, &err) == 0 &&
	    bytes_failed(&watch->body, &err) == 0 &&
	    codec_decode(message_fields(MESSAGE_GROWN), watch->body.data,
		watch->body.len, &grown, &err) == 0 &&
	    codec_decode(message_fields(MESSAGE_COSIGNED), grown.cosigned.data,
		grown.cosigned.len, &watch->cosigned, &err) == 0) {
		watch->note = grown.note;
		if (epoch_is_of(watch->log.origin, watch->cosigned.origin))
			watch->verdicts = grown.verdicts;
		else
			error_set_id(&err, "E3406", ERROR_UNTRUSTED,
			    "cosigned is %s, held are checkpoints of %s",
			    watch->cosigned.origin, watch->log.origin);
	}
	conclude(watch, err.code == ERROR_NONE ? NULL : &err);
}

static void
on_called(void *ctx, struct ipc_message *message)
{
	struct log_watch *watch = ctx;
	struct message_verify_grown verify;
	struct message_called called;
	struct error err = { 0 };

	if (message_read(message, MESSAGE_CALLED, &called, &err) == 0 &&
	    called.status != 200)
		error_set(&err, ERROR_BUSY, "the center answers %u",
		    called.status);
	if (err.code == ERROR_NONE) {
		verify.answer = called.body;
		verify.held = blob_of_bytes(&watch->held);
		if (peer_ask(watch->gateway->spool.verifier,
			MESSAGE_VERIFY_GROWN, &verify, -1, on_grown, watch,
			NULL, &err) == 0)
			return;
	}
	conclude(watch, &err);
}

/* Of our center at its own log, of another one through ours. */
static int
ask(struct log_watch *watch, struct error *err)
{
	struct message_call call = { .method = "GET",
		.timeout_ms = TIMEOUT_MS };
	struct bytes path = { 0 };
	int rc = -1;

	if (text_equal(watch->log.center, watch->gateway->center))
		bytes_put_text(&path, "/v1/log/cosigned?from=");
	else
		bytes_put_format(&path,
		    "/v1/logs/%s/cosigned?from=", watch->log.center);
	for (size_t i = 0; i < watch->count; i++)
		bytes_put_format(&path, "%s%llu", i > 0 ? "," : "",
		    (unsigned long long)watch->items[i].size);
	bytes_put_u8(&path, '\0');
	if (bytes_failed(&path, err) == 0 &&
	    text_copy(call.path, sizeof(call.path), (const char *)path.data) &&
	    text_copy(call.peer, sizeof(call.peer), watch->gateway->center))
		rc = peer_ask(watch->gateway->spool.courier, MESSAGE_CALL,
		    &call, -1, on_called, watch, NULL, err);
	bytes_free(&path);
	return rc;
}

static void
begin(void *ctx)
{
	struct log_watch *watch = ctx;
	struct error err = { 0 };
	int count;

	if (watch->is_busy)
		return;
	bytes_clear(&watch->held);
	bytes_clear(&watch->body);
	watch->verdicts = blob_of(NULL, 0);
	watch->overdue = 0;
	watch->is_clearing = !watch->has_witnesses;
	count = choose_log(watch, &err);
	if (count == 2)
		loop_timer_start(watch->timer, SOON_MS);
	if (count == 0 || count == 2)
		return;
	if (count > 0)
		count = log_watch_row_oldest(rows_of(watch), LOG_WATCH_COSIGNED,
		    watch->log.origin, watch->items, ITEMS_MAX, &watch->held,
		    &err);
	watch->count = count > 0 ? (size_t)count : 0;
	watch->is_busy = true;
	if (count > 0 && !watch->is_clearing && ask(watch, &err) == 0)
		return;
	conclude(watch, err.code == ERROR_NONE ? NULL : &err);
}

/* ---- life ------------------------------------------------------------ */

int
log_watch_add(struct log_watch *watch, const struct message_receipt *receipt,
    struct blob json, struct error *err)
{
	if (watch == NULL || !watch->has_witnesses)
		return 0;
	if (!watch->is_busy && !loop_timer_is_running(watch->timer))
		loop_timer_start(watch->timer, SOON_MS);
	return log_watch_row_add(rows_of(watch), receipt, json,
	    spool_now(&watch->gateway->spool), err);
}

void
log_watch_on_directory(struct log_watch *watch)
{
	struct root root = { 0 };
	struct error ignored = { 0 };

	if (watch == NULL || watch->gateway->spool.bulletins == NULL ||
	    bulletins_root(watch->gateway->spool.bulletins, &root, &ignored) <
		0)
		return;
	watch->has_witnesses = root.quorum > 0;
	root_free(&root);
	/* What a restart left. */
	if (!watch->is_busy && !loop_timer_is_running(watch->timer))
		loop_timer_start(watch->timer, SOON_MS);
}

int
log_watch_new(struct gateway *gateway, struct log_watch **ret_watch,
    struct error *err)
{
	struct log_watch *watch = calloc(1, sizeof(*watch));

	if (watch == NULL)
		return error_set_memory(err);
	watch->gateway = gateway;
	if (loop_timer_new(gateway->spool.env->loop, begin, watch,
		&watch->timer, err) < 0) {
		free(watch);
		return -1;
	}
	*ret_watch = watch;
	return 0;
}

void
log_watch_free(struct log_watch *watch)
{
	if (watch == NULL)
		return;
	loop_timer_free(watch->timer);
	bytes_free(&watch->held);
	bytes_free(&watch->body);
	free(watch);
}
