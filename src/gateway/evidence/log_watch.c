#include "gateway/evidence/log_watch.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "bulletin/root.h"
#include "envelope/receipt.h"
#include "gateway/evidence/log_watch_rows.h"
#include "gateway/gateway.h"
#include "log/epoch.h"
#include "store/store.h"
#include "sys/ipc.h"
#include "sys/loop.h"

enum {
	ITEMS_MAX = 32,
	LOGS_MAX = 16, /* of which some wait; the rest has its turn later */
	SOON_MS = 8 * 1000, /* the center's witnesses are asked after 3 */
	AGAIN_MS = 2 * 60 * 1000,
	STAMPS_AGAIN_MS = 60 * 60 * 1000, /* they come once a day */
	TIMEOUT_MS = 30 * 1000,
};

/* A log that was asked for not long ago, so that others have their turn. */
struct rest {
	char origin[MESSAGE_ORIGIN_SIZE];
	uint64_t until_ms;
	uint64_t pause_ms; /* the last one, while nothing came of it */
};

/* Of one kind of later checkpoints; one log at a time. */
struct comparing {
	struct group_op op; /* first: the group hands it back */
	struct gateway *gateway;
	enum log_watch_kind kind;
	struct loop_timer *timer;
	bool is_wanted; /* the root names who makes them */
	struct rest rests[LOGS_MAX];

	/* The comparison under way. */
	bool is_busy;
	struct log_watch_log log;
	struct log_watch_item items[ITEMS_MAX];
	size_t count;
	struct bytes held; /* the items for the verifier */
	struct bytes body; /* its answer */
	struct message_cosigned cosigned;
	struct blob note, stamps, verdicts; /* in `body` */
	size_t grown, conflicts, unproven, lost;
	int64_t overdue;
	bool has_failed;  /* there is no answer to compare with */
	bool is_clearing; /* nobody makes them: forget all */
};

struct log_watch {
	struct gateway *gateway;
	uint64_t root; /* serial of the one that was looked at; 0: none */
	struct comparing comparings[LOG_WATCH_KINDS];
};

static struct rows *
rows_of(const struct comparing *comparing)
{
	return store_rows(comparing->gateway->spool.store);
}

/* ---- turns of the logs ------------------------------------------------ */

static struct rest *
rest_of(struct comparing *comparing, const char *origin)
{
	struct rest *oldest = &comparing->rests[0];

	for (size_t i = 0; i < LOGS_MAX; i++) {
		struct rest *rest = &comparing->rests[i];

		if (text_equal(rest->origin, origin))
			return rest;
		if (rest->until_ms < oldest->until_ms)
			oldest = rest;
	}
	*oldest = (struct rest){ .until_ms = 0 };
	text_copy(oldest->origin, sizeof(oldest->origin), origin);
	return oldest;
}

static uint64_t
now_ms(const struct comparing *comparing)
{
	return loop_now_ms(comparing->gateway->spool.env->loop);
}

/* 1 and a log whose turn it is; 0 if none waits; 2 if all that do rest. */
static int
choose_log(struct comparing *comparing, struct error *err)
{
	struct log_watch_log logs[LOGS_MAX];
	int count = log_watch_row_logs(rows_of(comparing), comparing->kind,
	    logs, LOGS_MAX, err);

	for (int i = 0; i < count; i++)
		if (rest_of(comparing, logs[i].origin)->until_ms <=
		    now_ms(comparing)) {
			comparing->log = logs[i];
			return 1;
		}
	return count > 0 ? 2 : count;
}

/*
 * Growing while nothing comes of it.  Cosignatures come within seconds, time
 * stamps once a day.
 */
static uint64_t
pause_of(const struct comparing *comparing, const struct rest *rest,
    bool is_good)
{
	bool is_stamps = comparing->kind == LOG_WATCH_STAMPED;
	uint64_t max_ms = is_stamps ? STAMPS_AGAIN_MS : AGAIN_MS;

	if (is_stamps ? comparing->grown > 0 : is_good)
		return SOON_MS;
	if (rest->pause_ms == 0)
		return SOON_MS;
	return rest->pause_ms * 2 < max_ms ? rest->pause_ms * 2 : max_ms;
}

/* ---- the end of a comparison ----------------------------------------- */

/* What an operator must hear of. */
static void
alarm(const struct comparing *comparing, const char *event, const char *id,
    const char *what, long long number)
{
	struct error err = { 0 };

	error_set_id(&err, id, ERROR_UNTRUSTED, "%s: %lld %s",
	    comparing->log.origin, number, what);
	log_failure(&comparing->gateway->spool.env->log, LOG_LEVEL_ERROR, event,
	    &err);
}

/* The break was announced: what is lost is handed in again (feed.c). */
static void
log_lost(const struct comparing *comparing)
{
	struct log_line line;

	log_begin(&line, &comparing->gateway->spool.env->log, LOG_LEVEL_WARNING,
	    "log.lost");
	log_text(&line, "origin", comparing->log.origin);
	log_u64(&line, "checkpoints", comparing->lost);
	log_end(&line);
}

static void
warn(const struct comparing *comparing, const struct error *failure)
{
	log_failure(&comparing->gateway->spool.env->log, LOG_LEVEL_WARNING,
	    "log.compare", failure);
}

static void
end(struct comparing *comparing, const struct error *failure)
{
	struct rest *rest = rest_of(comparing, comparing->log.origin);

	if (failure != NULL)
		warn(comparing, failure);
	if (comparing->conflicts > 0)
		alarm(comparing, "log.conflict", "E5022",
		    "checkpoints contradict a cosigned one; the proof is kept",
		    (long long)comparing->conflicts);
	if (comparing->unproven > 0)
		alarm(comparing, "log.unproven", "E5022",
		    "checkpoints are not proven to be of the later log",
		    (long long)comparing->unproven);
	if (comparing->overdue > 0)
		alarm(comparing, "log.overdue", "E5029",
		    "checkpoints wait for more than an hour",
		    (long long)comparing->overdue);
	if (comparing->lost > 0)
		log_lost(comparing);
	rest->pause_ms = pause_of(comparing, rest,
	    failure == NULL && !comparing->has_failed &&
		comparing->unproven == 0);
	rest->until_ms = now_ms(comparing) + rest->pause_ms;
	bytes_free(&comparing->held);
	bytes_free(&comparing->body);
	comparing->is_busy = false;
	loop_timer_start(comparing->timer, SOON_MS);
}

/* The later checkpoint, once one of ours is its beginning. */
static int
keep_later(struct comparing *comparing, int64_t *later, struct error *err)
{
	const struct message_cosigned *found = &comparing->cosigned;
	struct blob list = comparing->stamps;
	struct message_stamp stamp;
	int more;

	if (*later != 0)
		return 0;
	if (log_watch_row_later(rows_of(comparing), comparing->log.origin,
		found->size, &found->root, comparing->note, later, err) < 0)
		return -1;
	while ((more = codec_next(message_fields(MESSAGE_STAMP), &list, &stamp,
		    err)) > 0)
		if (log_watch_row_stamp(rows_of(comparing), *later, stamp.token,
			err) < 0)
			return -1;
	return more;
}

static int
apply_verdict(struct comparing *comparing, const struct log_watch_item *item,
    const struct message_grown_one *one, int64_t *later, struct error *err)
{
	struct rows *rows = rows_of(comparing);
	const char *origin = comparing->log.origin;

	switch ((enum message_growth)one->verdict) {
	case GROWTH_UNKNOWN:
		return 0;
	case GROWTH_UNPROVEN:
		comparing->unproven++;
		return 0;
	case GROWTH_CONFLICT:
		comparing->conflicts++;
		if (log_watch_row_conflict(rows, origin, one->conflict,
			spool_now(&comparing->gateway->spool), err) < 0)
			return -1;
		return log_watch_row_remove(rows, origin, item, err);
	case GROWTH_LOST:
		comparing->lost++;
		return log_watch_row_grown(rows, comparing->kind, origin, item,
		    0, blob_of(NULL, 0), err);
	case GROWTH_CONTINUED:
		break;
	}
	/* Across a break nobody says anything of that log (evidence). */
	if (!text_equal(comparing->cosigned.origin, origin))
		return log_watch_row_grown(rows, comparing->kind, origin, item,
		    0, blob_of(NULL, 0), err);
	comparing->grown++;
	if (keep_later(comparing, later, err) < 0)
		return -1;
	return log_watch_row_grown(rows, comparing->kind, origin, item, *later,
	    one->proof, err);
}

static int
apply_verdicts(struct comparing *comparing, struct error *err)
{
	struct blob list = comparing->verdicts;
	struct message_grown_one one;
	int64_t later = 0;
	size_t at = 0;
	int more;

	while ((more = codec_next(message_fields(MESSAGE_GROWN_ONE), &list,
		    &one, err)) > 0) {
		if (at == comparing->count)
			return error_set(err, ERROR_MALFORMED,
			    "more verdicts than checkpoints");
		if (apply_verdict(comparing, &comparing->items[at++], &one,
			&later, err) < 0)
			return -1;
	}
	if (more < 0 || comparing->kind != LOG_WATCH_COSIGNED)
		return more;
	return log_watch_row_compared(rows_of(comparing), comparing->log.origin,
	    comparing->cosigned.size, spool_now(&comparing->gateway->spool),
	    err);
}

static int
apply(struct group_op *op, struct error *err)
{
	struct comparing *comparing = (struct comparing *)(void *)op;

	comparing->grown = comparing->conflicts = comparing->unproven = 0;
	comparing->lost = 0;
	if (comparing->is_clearing)
		return log_watch_row_clear(rows_of(comparing), comparing->kind,
		    err);
	if (comparing->verdicts.len > 0 && apply_verdicts(comparing, err) < 0)
		return -1;
	if (comparing->kind != LOG_WATCH_COSIGNED)
		return 0;
	comparing->overdue = log_watch_row_overdue(rows_of(comparing),
	    spool_now(&comparing->gateway->spool), err);
	return comparing->overdue < 0 ? -1 : 0;
}

static void
finish(struct group_op *op, const struct error *failure)
{
	struct comparing *comparing = (struct comparing *)(void *)op;

	if (failure != NULL) {
		comparing->grown = comparing->conflicts = 0;
		comparing->unproven = comparing->lost = 0;
		comparing->overdue = 0;
	}
	end(comparing, failure);
}

/* Make durable what came of it, if only that some have waited too long. */
static void
conclude(struct comparing *comparing, const struct error *failure)
{
	if (failure != NULL)
		warn(comparing, failure);
	comparing->has_failed = comparing->has_failed || failure != NULL;
	comparing->op.apply = apply;
	comparing->op.finish = finish;
	group_add(comparing->gateway->spool.group, &comparing->op);
}

/* ---- the answers ----------------------------------------------------- */

static void
on_grown(void *ctx, struct ipc_message *message)
{
	struct comparing *comparing = ctx;
	struct message_grown grown;
	struct error err = { 0 };

	bytes_put(&comparing->body, message->body, message->len);
	if (message_read(message, MESSAGE_GROWN, &grown, &err) == 0 &&
	    bytes_failed(&comparing->body, &err) == 0 &&
	    codec_decode(message_fields(MESSAGE_GROWN), comparing->body.data,
		comparing->body.len, &grown, &err) == 0 &&
	    codec_decode(message_fields(MESSAGE_COSIGNED), grown.cosigned.data,
		grown.cosigned.len, &comparing->cosigned, &err) == 0) {
		comparing->note = grown.note;
		comparing->stamps = grown.stamps;
		if (epoch_is_of(comparing->log.origin,
			comparing->cosigned.origin))
			comparing->verdicts = grown.verdicts;
		else
			error_set_id(&err, "E3406", ERROR_UNTRUSTED,
			    "the later one is of %s, held are checkpoints of "
			    "%s",
			    comparing->cosigned.origin, comparing->log.origin);
	}
	conclude(comparing, err.code == ERROR_NONE ? NULL : &err);
}

static void
on_called(void *ctx, struct ipc_message *message)
{
	struct comparing *comparing = ctx;
	struct message_verify_grown verify = { .is_stamped = comparing->kind ==
		    LOG_WATCH_STAMPED };
	struct message_called called;
	struct error err = { 0 };

	if (message_read(message, MESSAGE_CALLED, &called, &err) == 0 &&
	    called.status != 200) {
		/* Before the first time stamp of a log that is so. */
		if (called.status == 404 && verify.is_stamped) {
			comparing->has_failed = true;
			conclude(comparing, NULL);
			return;
		}
		error_set(&err, ERROR_BUSY, "the center answers %u",
		    called.status);
	}
	if (err.code == ERROR_NONE) {
		verify.answer = called.body;
		verify.held = blob_of_bytes(&comparing->held);
		if (peer_ask(comparing->gateway->spool.verifier,
			MESSAGE_VERIFY_GROWN, &verify, -1, on_grown, comparing,
			NULL, &err) == 0)
			return;
	}
	conclude(comparing, &err);
}

/* Of our center at its own log, of another one through ours. */
static int
ask(struct comparing *comparing, struct error *err)
{
	static const char *const names[LOG_WATCH_KINDS] = {
		[LOG_WATCH_COSIGNED] = "cosigned",
		[LOG_WATCH_STAMPED] = "stamps",
	};
	const char *name = names[comparing->kind];
	const char *center = comparing->gateway->center;
	struct message_call call = { .method = "GET",
		.timeout_ms = TIMEOUT_MS };
	struct bytes path = { 0 };
	int rc = -1;

	if (text_equal(comparing->log.center, center))
		bytes_put_format(&path, "/v1/log/%s?from=", name);
	else
		bytes_put_format(&path,
		    "/v1/logs/%s/%s?from=", comparing->log.center, name);
	for (size_t i = 0; i < comparing->count; i++)
		bytes_put_format(&path, "%s%llu", i > 0 ? "," : "",
		    (unsigned long long)comparing->items[i].size);
	bytes_put_u8(&path, '\0');
	if (bytes_failed(&path, err) == 0 &&
	    text_copy(call.path, sizeof(call.path), (const char *)path.data) &&
	    text_copy(call.peer, sizeof(call.peer), center))
		rc = peer_ask(comparing->gateway->spool.courier, MESSAGE_CALL,
		    &call, -1, on_called, comparing, NULL, err);
	bytes_free(&path);
	return rc;
}

static void
begin(void *ctx)
{
	struct comparing *comparing = ctx;
	struct error err = { 0 };
	int count;

	if (comparing->is_busy)
		return;
	bytes_clear(&comparing->held);
	bytes_clear(&comparing->body);
	comparing->verdicts = comparing->stamps = blob_of(NULL, 0);
	comparing->overdue = 0;
	comparing->has_failed = false;
	comparing->is_clearing = !comparing->is_wanted;
	count = choose_log(comparing, &err);
	if (count == 2)
		loop_timer_start(comparing->timer, SOON_MS);
	if (count == 0 || count == 2)
		return;
	if (count > 0)
		count = log_watch_row_oldest(rows_of(comparing),
		    comparing->kind, comparing->log.origin, comparing->items,
		    ITEMS_MAX, &comparing->held, &err);
	comparing->count = count > 0 ? (size_t)count : 0;
	comparing->is_busy = true;
	if (count > 0 && !comparing->is_clearing && ask(comparing, &err) == 0)
		return;
	conclude(comparing, err.code == ERROR_NONE ? NULL : &err);
}

/* ---- life ------------------------------------------------------------ */

static void
wake(struct comparing *comparing)
{
	if (!comparing->is_busy && !loop_timer_is_running(comparing->timer))
		loop_timer_start(comparing->timer, SOON_MS);
}

/* Whether anybody may still give a token that counts. */
static bool
names_stampers(const struct root *root, int64_t now)
{
	for (size_t i = 0; i < root->stamper_count; i++)
		if (root_stamper_counts(&root->stampers[i], now))
			return true;
	return false;
}

/* What the root in force wants; only a new one is decoded. */
static int
look_at_root(struct log_watch *watch, struct error *err)
{
	const struct spool *spool = &watch->gateway->spool;
	struct digest digest;
	uint64_t serial =
	    bulletins_serial(spool->bulletins, BULLETIN_ROOT, "", &digest);
	const struct root *root;

	if (serial != 0 && serial == watch->root)
		return 0;
	if (bulletins_root(spool->bulletins, &root, err) < 0)
		return -1;
	watch->comparings[LOG_WATCH_COSIGNED].is_wanted = root->quorum > 0;
	watch->comparings[LOG_WATCH_STAMPED].is_wanted =
	    names_stampers(root, spool_now(spool));
	watch->root = serial;
	return 0;
}

int
log_watch_add(struct log_watch *watch, const struct message_receipt *receipt,
    struct blob json, struct error *err)
{
	bool is_wanted[LOG_WATCH_KINDS] = { false };
	struct receipt parts = { 0 };
	struct error ignored = { 0 };
	bool is_any = false;
	int found;
	int rc = -1;

	if (watch != NULL && watch->gateway->spool.bulletins != NULL)
		(void)look_at_root(watch, &ignored);
	for (int i = 0; watch != NULL && i < LOG_WATCH_KINDS; i++) {
		is_wanted[i] = watch->comparings[i].is_wanted;
		is_any = is_any || is_wanted[i];
		if (is_wanted[i])
			wake(&watch->comparings[i]);
	}
	if (!is_any)
		return 0;
	/* Those of one group of the center have one, which is taken out once. */
	found = log_watch_row_has(rows_of(&watch->comparings[0]), receipt, err);
	if (found != 0)
		return found < 0 ? -1 : 0;
	if (receipt_decode(json.data, json.len, &parts, err) == 0)
		rc = log_watch_row_add(rows_of(&watch->comparings[0]), receipt,
		    blob_of(parts.checkpoint, strlen(parts.checkpoint)),
		    is_wanted, spool_now(&watch->gateway->spool), err);
	receipt_free(&parts);
	return rc;
}

void
log_watch_on_directory(struct log_watch *watch)
{
	struct error ignored = { 0 };

	if (watch == NULL || watch->gateway->spool.bulletins == NULL ||
	    look_at_root(watch, &ignored) < 0)
		return;
	/* What a restart left. */
	for (int i = 0; i < LOG_WATCH_KINDS; i++)
		wake(&watch->comparings[i]);
}

int
log_watch_new(struct gateway *gateway, struct log_watch **ret_watch,
    struct error *err)
{
	struct log_watch *watch = calloc(1, sizeof(*watch));

	if (watch == NULL)
		return error_set_memory(err);
	watch->gateway = gateway;
	for (int i = 0; i < LOG_WATCH_KINDS; i++) {
		struct comparing *comparing = &watch->comparings[i];

		comparing->gateway = gateway;
		comparing->kind = (enum log_watch_kind)i;
		if (loop_timer_new(gateway->spool.env->loop, begin, comparing,
			&comparing->timer, err) < 0) {
			log_watch_free(watch);
			return -1;
		}
	}
	*ret_watch = watch;
	return 0;
}

void
log_watch_free(struct log_watch *watch)
{
	if (watch == NULL)
		return;
	for (int i = 0; i < LOG_WATCH_KINDS; i++) {
		loop_timer_free(watch->comparings[i].timer);
		bytes_free(&watch->comparings[i].held);
		bytes_free(&watch->comparings[i].body);
	}
	free(watch);
}
