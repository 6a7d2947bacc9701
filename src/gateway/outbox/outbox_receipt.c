/*
 * Receipts: verified, matched with what we sent, kept, and followed by the
 * deliveries that they speak of.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "envelope/act.h"
#include "envelope/act_words.h"
#include "envelope/statement.h"
#include "gateway/evidence/log_watch.h"
#include "gateway/evidence/status_fetch.h"
#include "gateway/lost/lost.h"
#include "gateway/outbox/outbox_early.h"
#include "gateway/outbox/outbox_internal.h"
#include "gateway/words.h"
#include "service/config.h"
#include "store/store.h"
#include "sys/ipc.h"

/* One receipt on its way into the rows. */
struct taking {
	struct group_op op; /* first: the group hands it back */
	struct outbox *outbox;
	struct bytes json;
	struct bytes body;   /* of the verifier's answer: blobs point into it */
	struct bytes sealed; /* what a person says */
	struct message_receipt receipt;
	char reason[MESSAGE_REASON_SIZE];
	struct digest said; /* digest of what a person says; zeros: nothing */
	struct words words; /* once they are opened */
	int64_t document;   /* to be woken */
	bool wants_rewrap;
	bool was_early; /* and is kept */
	outbox_done_fn done;
	void *ctx;
};

static struct rows *
rows_of(const struct taking *taking)
{
	return store_rows(taking->outbox->gateway->spool.store);
}

/*
 * What is wrong with a receipt will not mend itself: it is logged, and the
 * feed goes on.
 */
static void
end(struct taking *taking, const struct error *failure)
{
	outbox_done_fn done = taking->done;
	void *ctx = taking->ctx;
	struct log_line line;

	if (failure != NULL) {
		log_begin(&line, &taking->outbox->gateway->spool.env->log,
		    LOG_LEVEL_WARNING,
		    text_equal(failure->id, outbox_early_id)
			? "receipt.early"
			: "receipt.refused");
		log_text(&line, "center", taking->receipt.center);
		log_error(&line, failure);
		log_end(&line);
	}
	bytes_free(&taking->json);
	bytes_free(&taking->body);
	bytes_free(&taking->sealed);
	free(taking);
	if (failure != NULL && !error_is_temporary(failure) &&
	    failure->code != ERROR_SYSTEM)
		failure = NULL;
	done(ctx, failure);
}

/* ---- deliveries ------------------------------------------------------ */

/*
 * Our own center may speak of every delivery, since it answers for what other
 * centers told it; any other one only of its own: of those whose leaf names it,
 * and of those that a receipt says have moved to it.
 */
static int
check_center(const struct taking *taking, int64_t waybill,
    const struct outbox_delivery *delivery, struct error *err)
{
	const char *center = taking->receipt.center;
	int moved;

	if (text_equal(center, taking->outbox->gateway->center) ||
	    (text_equal(center, delivery->center) &&
		taking->receipt.event != EVENT_ACCEPTED))
		return 0;
	moved = outbox_delivery_moved_to(rows_of(taking), delivery->row, center,
	    err);
	/* Or the center that accepted it, when we have moved since. */
	if (moved == 0)
		moved = outbox_waybill_accepted_at(rows_of(taking), waybill,
		    center, err);
	if (moved != 0)
		return moved < 0 ? -1 : 0;
	return error_set_id(err, "E4207", ERROR_UNTRUSTED,
	    "%s states %s of a delivery that is not its own", center,
	    event_name((enum event)taking->receipt.event));
}

/* A center returns only what waited for another key part. */
static int
check_returned(struct taking *taking, const struct outbox_delivery *delivery,
    struct error *err)
{
	if (taking->receipt.event != EVENT_RETURNED ||
	    taking->receipt.signer_class != STATEMENT_CENTER)
		return 0;
	if (!delivery->life.wants_rewrap &&
	    delivery->life.state != DELIVERY_RETURNED)
		return error_set_id(err, "E4207", ERROR_UNTRUSTED,
		    "%s returns a delivery that waits for no key part",
		    taking->receipt.center);
	text_copy(taking->reason, sizeof(taking->reason),
	    act_reason_name(ACT_REASON_KEY));
	return 0;
}

static int
move(struct taking *taking, int64_t waybill, struct outbox_delivery *delivery,
    struct error *err)
{
	enum delivery_effect effect;

	if (check_center(taking, waybill, delivery, err) < 0 ||
	    check_returned(taking, delivery, err) < 0)
		return -1;
	effect = delivery_apply(&delivery->life, DELIVERY_SENDER,
	    (enum event)taking->receipt.event, true);
	/* What overtakes or repeats is kept as evidence all the same. */
	if (effect != DELIVERY_MOVED && effect != DELIVERY_NOTED)
		return 0;
	if (taking->receipt.event == EVENT_REWRAP) {
		taking->wants_rewrap = true;
		if (outbox_rewrap_ask(rows_of(taking), delivery->row, err) < 0)
			return -1;
	}
	/* The other flags and all moves are what a person reads of. */
	if (taking->receipt.event != EVENT_REWRAP &&
	    taking->receipt.event != EVENT_REWRAPPED &&
	    taking->receipt.event != EVENT_MOVED) {
		delivery->since = taking->receipt.time;
		text_copy(delivery->reason, sizeof(delivery->reason),
		    taking->reason);
	}
	return outbox_delivery_save(rows_of(taking), delivery, err);
}

/* Of a whole waybill: `relayed` is about those whom that center serves. */
static bool
concerns(const struct taking *taking, const struct outbox_delivery *delivery)
{
	const struct message_receipt *receipt = &taking->receipt;

	if (receipt->event == EVENT_RELAYED)
		return text_equal(receipt->at, delivery->center);
	return receipt->event == EVENT_ACCEPTED;
}

static int
refuse_strange(const struct taking *taking, struct error *err)
{
	return error_set_id(err, "E4207", ERROR_UNTRUSTED,
	    "%s speaks of no delivery of ours", taking->receipt.center);
}

static int
move_each(struct taking *taking, const struct outbox_waybill *waybill,
    struct error *err)
{
	struct outbox_delivery delivery = { 0 };
	bool has_any = false;
	int more;

	while ((more = outbox_delivery_next(rows_of(taking), waybill->row,
		    delivery.row, &delivery, err)) > 0) {
		if (!concerns(taking, &delivery))
			continue;
		has_any = true;
		if (move(taking, waybill->row, &delivery, err) < 0)
			return -1;
	}
	return more == 0 && !has_any ? refuse_strange(taking, err) : more;
}

/* One of thousands is found at once: each of them comes back like this. */
static int
move_one(struct taking *taking, const struct outbox_waybill *waybill,
    int64_t *ret_delivery, struct error *err)
{
	struct outbox_delivery delivery;
	struct org_code recipient;
	int found;

	if (!org_code_parse(taking->receipt.recipient, &recipient))
		return refuse_strange(taking, err);
	found = outbox_delivery_find_in(rows_of(taking), waybill->row,
	    &recipient, &delivery, err);
	if (found < 0)
		return -1;
	if (found == 0 || !digest_equal(&taking->receipt.leaf, &delivery.leaf))
		return refuse_strange(taking, err);
	*ret_delivery = delivery.row;
	return move(taking, waybill->row, &delivery, err);
}

static int
move_all(struct taking *taking, const struct outbox_waybill *waybill,
    int64_t *ret_delivery, bool *ret_all_ended, struct error *err)
{
	int is_open;

	*ret_delivery = 0;
	if ((taking->receipt.recipient[0] != '\0'
		    ? move_one(taking, waybill, ret_delivery, err)
		    : move_each(taking, waybill, err)) < 0)
		return -1;
	is_open = outbox_waybill_is_open(rows_of(taking), waybill->row, err);
	*ret_all_ended = is_open == 0;
	return is_open < 0 ? -1 : 0;
}

/* ---- the rows -------------------------------------------------------- */

static int
step_waybill(struct taking *taking, const struct outbox_waybill *waybill,
    bool all_ended, struct error *err)
{
	enum job_send step = waybill->step;

	if (step == JOB_SEND_SUBMIT && taking->receipt.event == EVENT_ACCEPTED)
		step = job_send_next(step, JOB_OK);
	if (step == JOB_SEND_FOLLOW && all_ended)
		step = job_send_next(step, JOB_OK);
	return step == waybill->step
	    ? 0
	    : outbox_waybill_step(rows_of(taking), waybill->row, step,
		  spool_now(&taking->outbox->gateway->spool), err);
}

/* Not in the outbox: after a restore that may be all that is left of it. */
static int
take_lost(const struct taking *taking, struct error *err)
{
	struct spool *spool = &taking->outbox->gateway->spool;
	int found = lost_take(rows_of(taking), spool_directory(spool),
	    spool->env->config->host.name, &taking->receipt,
	    blob_of_bytes(&taking->json), spool_now(spool), err);

	return found != 0 ? (found < 0 ? -1 : 0)
			  : error_set_id(err, "E4207", ERROR_NOT_FOUND,
				"a receipt of a waybill that we did not send");
}

static int
apply(struct group_op *op, struct error *err)
{
	struct taking *taking = (struct taking *)(void *)op;
	struct rows *rows = rows_of(taking);
	struct outbox_waybill waybill;
	bool all_ended;
	int64_t delivery;
	int found = outbox_receipt_find(rows, &taking->receipt.entry, err);

	if (found != 0)
		return found < 0 ? -1 : 0;
	found = outbox_waybill_find_digest(rows, &taking->receipt.waybill,
	    &waybill, err);
	if (found < 0)
		return -1;
	if (found == 0)
		return take_lost(taking, err);
	if (move_all(taking, &waybill, &delivery, &all_ended, err) < 0 ||
	    outbox_receipt_add(rows, waybill.row, delivery, &taking->receipt,
		blob_of_bytes(&taking->json), err) < 0 ||
	    log_watch_add(taking->outbox->gateway->log_watch, &taking->receipt,
		blob_of_bytes(&taking->json), err) < 0 ||
	    status_fetch_add(taking->outbox->gateway->status_fetch,
		&taking->receipt, err) < 0)
		return -1;
	if (taking->words.text[0] != '\0' && delivery != 0 &&
	    words_add(rows, WORDS_SENT, delivery,
		(enum event)taking->receipt.event, &taking->words, err) < 0)
		return -1;
	taking->document = waybill.document;
	return step_waybill(taking, &waybill, all_ended, err);
}

static void
log_taken(const struct taking *taking)
{
	char id[ID_TEXT_SIZE];
	struct log_line line;

	id_format(&taking->receipt.waybill_id, id);
	log_begin(&line, &taking->outbox->gateway->spool.env->log,
	    LOG_LEVEL_NOTICE, "receipt.taken");
	log_text(&line, "waybill", id);
	log_text(&line, "receipt",
	    event_name((enum event)taking->receipt.event));
	log_text(&line, "org", taking->receipt.recipient);
	log_text(&line, "center", taking->receipt.center);
	log_end(&line);
}

static void
finish(struct group_op *op, const struct error *failure)
{
	struct taking *taking = (struct taking *)(void *)op;

	if (failure == NULL && taking->document != 0) {
		log_taken(taking);
		outbox_wait_wake(taking->outbox, taking->document);
		if (taking->wants_rewrap)
			outbox_rewrap_wake(taking->outbox->rewraps);
	}
	end(taking, failure);
}

/* ---- the verifier ---------------------------------------------------- */

static int
read_receipt(struct taking *taking, const struct ipc_message *message,
    struct error *err)
{
	struct message_receipt *receipt = &taking->receipt;
	struct message_act act;

	if (message_read(message, MESSAGE_RECEIPT, receipt, err) < 0)
		return -1;
	bytes_put(&taking->body, message->body, message->len);
	if (bytes_failed(&taking->body, err) < 0 ||
	    codec_decode(message_fields(MESSAGE_RECEIPT), taking->body.data,
		taking->body.len, receipt, err) < 0)
		return -1;
	if (receipt->event <= EVENT_NONE || receipt->event >= EVENT_COUNT ||
	    !text_equal(receipt->environment,
		taking->outbox->gateway->environment))
		return error_set_id(err, "E4004", ERROR_UNTRUSTED,
		    "a receipt of environment %s", receipt->environment);
	if (receipt->act.len == 0)
		return 0;
	if (codec_decode(message_fields(MESSAGE_ACT), receipt->act.data,
		receipt->act.len, &act, err) < 0)
		return -1;
	text_copy(taking->reason, sizeof(taking->reason), act.reason);
	if (act.sealed[0] == '\0')
		return 0;
	taking->said = act.words;
	return base64_parse(act.sealed, strlen(act.sealed), &taking->sealed,
	    err);
}

/* ---- what a person says ---------------------------------------------- */

static void
store(struct taking *taking)
{
	taking->op.apply = apply;
	taking->op.finish = finish;
	group_add(taking->outbox->gateway->spool.group, &taking->op);
}

/* What cannot be opened is missing, and the receipt counts all the same. */
static void
log_unopened(const struct taking *taking, const struct error *why)
{
	struct log_line line;

	log_begin(&line, &taking->outbox->gateway->spool.env->log,
	    LOG_LEVEL_WARNING, "receipt.words");
	log_text(&line, "org", taking->receipt.recipient);
	log_error(&line, why);
	log_end(&line);
}

static void
on_words(void *ctx, struct ipc_message *message)
{
	struct taking *taking = ctx;
	struct message_words words;
	struct error err = { 0 };

	if (message_read(message, MESSAGE_WORDS, &words, &err) < 0 ||
	    act_words_read(words.plain.data, words.plain.len, &taking->said,
		taking->words.salt, taking->words.text, &err) < 0) {
		/* The keeper is away: the receipt comes again. */
		if (error_is_temporary(&err)) {
			end(taking, &err);
			return;
		}
		log_unopened(taking, &err);
	}
	store(taking);
}

static int
open_words(struct taking *taking, struct error *err)
{
	const struct message_open_words ask = { .sealed = blob_of_bytes(
						    &taking->sealed) };

	return peer_ask(taking->outbox->gateway->spool.verifier,
	    MESSAGE_OPEN_WORDS, &ask, -1, on_words, taking, NULL, err);
}

/* ---- what waits for bulletins ------------------------------------------ */

static int
apply_early(struct group_op *op, struct error *err)
{
	const struct taking *taking = (const struct taking *)(const void *)op;

	return outbox_early_add(rows_of(taking), blob_of_bytes(&taking->json),
	    spool_now(&taking->outbox->gateway->spool), err);
}

/* The feed goes on. */
static void
keep_early(struct taking *taking, const struct error *why)
{
	log_failure(&taking->outbox->gateway->spool.env->log, LOG_LEVEL_WARNING,
	    "receipt.early", why);
	taking->op.apply = apply_early;
	taking->op.finish = finish;
	group_add(taking->outbox->gateway->spool.group, &taking->op);
}

static void
on_verified(void *ctx, struct ipc_message *message)
{
	struct taking *taking = ctx;
	struct error err = { 0 };
	int rc = read_receipt(taking, message, &err);

	if (rc < 0 && !taking->was_early &&
	    text_equal(err.id, outbox_early_id)) {
		keep_early(taking, &err);
		return;
	}
	if (rc < 0 ||
	    (taking->sealed.len > 0 && open_words(taking, &err) < 0)) {
		end(taking, &err);
		return;
	}
	if (taking->sealed.len == 0)
		store(taking);
}

static void
take(struct outbox *outbox, struct blob receipt, bool was_early,
    outbox_done_fn done, void *ctx)
{
	struct taking *taking = calloc(1, sizeof(*taking));
	struct message_verify_receipt ask;
	struct error err = { 0 };

	if (taking == NULL) {
		error_set_memory(&err);
		done(ctx, &err);
		return;
	}
	taking->outbox = outbox;
	taking->was_early = was_early;
	taking->done = done;
	taking->ctx = ctx;
	bytes_put(&taking->json, receipt.data, receipt.len);
	ask.receipt = blob_of_bytes(&taking->json);
	if (bytes_failed(&taking->json, &err) < 0 ||
	    peer_ask(outbox->gateway->spool.verifier, MESSAGE_VERIFY_RECEIPT,
		&ask, -1, on_verified, taking, NULL, &err) < 0)
		end(taking, &err);
}

void
outbox_take_receipt(struct outbox *outbox, struct blob receipt,
    outbox_done_fn done, void *ctx)
{
	take(outbox, receipt, false, done, ctx);
}

void
outbox_judge_receipt(struct outbox *outbox, struct blob receipt,
    outbox_done_fn done, void *ctx)
{
	take(outbox, receipt, true, done, ctx);
}
