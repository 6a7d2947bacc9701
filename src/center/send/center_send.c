#include "center/send/center_send.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/text.h"
#include "center/accept/center_act.h"
#include "center/center.h"
#include "center/center_expire.h"
#include "center/center_rows.h"
#include "center/log/center_log.h"
#include "center/move/center_move.h"
#include "center/move/center_move_rows.h"
#include "center/send/center_follow.h"
#include "center/send/center_send_internal.h"
#include "crypto/random.h"
#include "envelope/bundle.h"
#include "exchange/refusal.h"
#include "role/courier/handover.h"
#include "role/problem.h"
#include "service/config.h"
#include "store/store.h"
#include "sys/ipc.h"
#include "sys/loop.h"

enum {
	RELAYS_MAX = 32, /* under way at once to one center */
	LARGE_MAX = 4,   /* of which with much content ... */
	LARGE_LEN = 8 * 1024 * 1024,
	RECEIPTS_MAX = 64, /* in one request */
	CALL_TIMEOUT_MS = 60000,
	BYTES_PER_MS = 256, /* the slowest line that we wait for */
	RECEIPT_BYTES_MAX = 8 * 1024 * 1024,
	RESOURCE_SIZE = 96,
};

/* One relay under way. */
struct relaying {
	struct group_op op; /* first: the group hands it back */
	struct relaying *next;
	struct destination *destination;
	struct center_send send;
	uint64_t offset; /* from which the content goes */
	bool is_large;
	uint32_t after_s;     /* a refusal asked to wait so long */
	struct bytes receipt; /* that came back */
};

/* One batch of receipts under way. */
struct receipts {
	struct group_op op;
	struct destination *destination;
	int64_t sends[RECEIPTS_MAX];
	size_t count;
};

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

static void
log_later(const struct destination *destination, const struct error *why)
{
	struct log_line line;

	log_begin(&line, &destination->center->spool.env->log,
	    LOG_LEVEL_WARNING, "send.later");
	log_text(&line, "peer", destination->name);
	log_error(&line, why);
	log_end(&line);
}

static void
back_off(struct center *center, struct retry *retry, uint32_t after_s)
{
	const struct config *config = center->spool.env->config;
	struct retry_bounds bounds = { config->courier.retry_first_ms,
		config->courier.retry_max_ms };
	struct error err = { 0 };
	uint32_t random = 0;

	if (random_fill(&random, sizeof(random), &err) < 0)
		random = 0;
	retry_failed(retry, &bounds, spool_now(&center->spool),
	    (int64_t)after_s * 1000, random);
}

void
center_send_later(struct destination *destination, const struct error *why)
{
	int64_t now = spool_now(&destination->center->spool);

	log_later(destination, why);
	if (loop_timer_is_running(destination->timer))
		return;
	back_off(destination->center, &destination->retry, why->retry_after_s);
	loop_timer_start(destination->timer,
	    (uint64_t)(destination->retry.next_at > now
		    ? destination->retry.next_at - now
		    : 0));
}

void
center_send_went_well(struct destination *destination)
{
	retry_succeeded(&destination->retry);
	center_sender_wake(destination->sender);
}

/* ---- relays ---------------------------------------------------------- */

/* No longer under way. */
static void
leave_relay(struct relaying *relaying)
{
	struct destination *destination = relaying->destination;
	struct relaying **at = &destination->relaying;

	while (*at != relaying)
		at = &(*at)->next;
	*at = relaying->next;
	destination->relays--;
	destination->large -= relaying->is_large;
	bytes_free(&relaying->receipt);
	free(relaying);
}

/* A failure that may be about the center as such: all of it later. */
static void
end_relay(struct relaying *relaying, const struct error *failure)
{
	struct destination *destination = relaying->destination;

	leave_relay(relaying);
	if (failure != NULL)
		center_send_later(destination, failure);
	else
		center_send_went_well(destination);
}

static int
apply_later(struct group_op *op, struct error *err)
{
	struct relaying *relaying = (struct relaying *)(void *)op;
	struct center *center = relaying->destination->center;
	struct retry retry = { .failures = relaying->send.failures };

	back_off(center, &retry, relaying->after_s);
	relaying->send.failures = retry.failures;
	relaying->send.retry_at = retry.next_at;
	return center_send_later_one(store_rows(center->spool.store),
	    &relaying->send, err);
}

static void
finish_later(struct group_op *op, const struct error *failure)
{
	end_relay((struct relaying *)(void *)op, failure);
}

/* It was refused for its own sake: others go on. */
static void
relay_later(struct relaying *relaying, const struct error *why)
{
	log_later(relaying->destination, why);
	relaying->after_s = why->retry_after_s;
	relaying->op.apply = apply_later;
	relaying->op.finish = finish_later;
	group_add(relaying->destination->center->spool.group, &relaying->op);
}

/* Of a move `send.waybill` is the row of the delivery. */
static int
find_delivery(const struct relaying *relaying, struct center_delivery *delivery,
    struct error *err)
{
	struct center *center = relaying->destination->center;
	int found = center_delivery_find_row(store_rows(center->spool.store),
	    relaying->send.waybill, delivery, err);

	if (found == 0)
		return error_set(err, ERROR_SYSTEM, "delivery %lld is missing",
		    (long long)relaying->send.waybill);
	return found < 0 ? -1 : 0;
}

static int
find_waybill(const struct relaying *relaying, struct center_waybill *waybill,
    struct error *err)
{
	struct center *center = relaying->destination->center;
	struct center_delivery delivery = { .waybill = relaying->send.waybill };
	int found;

	if (relaying->send.kind == CENTER_SEND_MOVE &&
	    find_delivery(relaying, &delivery, err) < 0)
		return -1;
	found = center_waybill_find_row(store_rows(center->spool.store),
	    delivery.waybill, waybill, err);
	if (found == 0)
		return error_set(err, ERROR_SYSTEM, "waybill %lld is missing",
		    (long long)delivery.waybill);
	return found < 0 ? -1 : 0;
}

static const char *
resource_of(const struct relaying *relaying)
{
	return relaying->send.kind == CENTER_SEND_MOVE ? "moves" : "relays";
}

static void
on_relay_durable(void *ctx, const struct error *failure)
{
	end_relay(ctx, failure);
}

/* Neither side of the delivery: what we had is with the next center now. */
static bool
is_passed_on(const struct relaying *relaying)
{
	struct center *center = relaying->destination->center;
	struct center_waybill waybill;
	struct error ignored = { 0 };

	return relaying->send.kind == CENTER_SEND_MOVE &&
	    find_waybill(relaying, &waybill, &ignored) == 0 &&
	    !text_equal(waybill.origin, center->name);
}

static void
on_relay_receipt(void *ctx, struct ipc_message *message)
{
	struct relaying *relaying = ctx;
	struct destination *destination = relaying->destination;
	struct message_receipt receipt;
	struct error err = { 0 };

	if (message_read(message, MESSAGE_RECEIPT, &receipt, &err) < 0) {
		end_relay(relaying, &err);
		return;
	}
	if (is_passed_on(relaying)) {
		center_move_done(destination->center, &receipt,
		    relaying->send.waybill, relaying->send.row,
		    on_relay_durable, relaying);
		return;
	}
	center_remote_take(destination->center, destination->name, &receipt,
	    relaying->receipt.data, relaying->receipt.len, relaying->send.row,
	    on_relay_durable, relaying);
}

/*
 * A refusal may be mended at the other end: only the deadline ends it, when it
 * came after `not_after` and was not taken, and never will be.
 */
static void
on_refused(struct relaying *relaying, const struct message_called *called)
{
	struct center *center = relaying->destination->center;
	char code[ERROR_ID_SIZE];
	struct error err = { 0 };

	problem_code(called->body, code, sizeof(code));
	if (text_equal(code, "E4006") &&
	    relaying->send.kind == CENTER_SEND_RELAY) {
		center_expire_relay(center, relaying->send.waybill,
		    relaying->destination->name, relaying->send.row,
		    on_relay_durable, relaying);
		return;
	}
	error_set(&err, ERROR_DENIED, "relay refused: %u %.*s", called->status,
	    (int)(called->body.len < 200 ? called->body.len : 200),
	    (const char *)called->body.data);
	err.retry_after_s = called->retry_after_s;
	if (refusal_judge(called->status, code) == REFUSAL_OF_ALL)
		end_relay(relaying, &err);
	else
		relay_later(relaying, &err);
}

static void
on_relayed(void *ctx, struct ipc_message *message)
{
	struct relaying *relaying = ctx;
	struct center *center = relaying->destination->center;
	struct message_verify_receipt ask;
	struct message_called called;
	struct error err = { 0 };

	if (message_read(message, MESSAGE_CALLED, &called, &err) < 0) {
		end_relay(relaying, &err);
		return;
	}
	if (called.status != 200 && called.status != 201) {
		on_refused(relaying, &called);
		return;
	}
	bytes_put(&relaying->receipt, called.body.data, called.body.len);
	ask.receipt = blob_of_bytes(&relaying->receipt);
	if (bytes_failed(&relaying->receipt, &err) < 0 ||
	    peer_ask(center->spool.verifier, MESSAGE_VERIFY_RECEIPT, &ask, -1,
		on_relay_receipt, relaying, NULL, &err) < 0)
		end_relay(relaying, &err);
}

/* The origin's, that it accepted the waybill. */
static int
put_accepted(const struct center *center, const struct center_waybill *waybill,
    struct bytes *to, struct error *err)
{
	struct store *store = center->spool.store;

	return text_equal(waybill->origin, center->name)
	    ? host_log_receipt(store_leaves(store), waybill->entry, to, err)
	    : center_waybill_receipt(store_rows(store), waybill->row, to, err);
}

/* The receipts that lead there, and where the delivery stands. */
static int
put_move(const struct relaying *relaying, struct blob receipt, char *resource,
    size_t size, struct bytes *body, struct error *err)
{
	struct store *store = relaying->destination->center->spool.store;
	struct center_delivery delivery;
	struct bytes links = { 0 };
	int rc = -1;

	if (find_delivery(relaying, &delivery, err) == 0 &&
	    center_move_links(store_rows(store), store_leaves(store),
		delivery.row, delivery.hops, &links, err) == 0)
		rc = center_move_records(store_rows(store), delivery.row,
		    receipt, &links, body, err);
	if (rc == 0)
		snprintf(resource, size,
		    "moves?reached=%d&flags=%d&held_ms=%lld",
		    (int)delivery.life.reached,
		    delivery.life.is_unreadable ? MESSAGE_MOVED_UNREADABLE : 0,
		    (long long)delivery.held_ms);
	bytes_free(&links);
	return rc;
}

static int
put_relay(const struct relaying *relaying, const struct center_waybill *waybill,
    struct message_call *call, struct bytes *body, struct error *err)
{
	struct destination *destination = relaying->destination;
	struct store *store = destination->center->spool.store;
	char resource[RESOURCE_SIZE] = "relays";
	struct bytes receipt = { 0 };
	int rc = -1;

	bundle_put_magic(body);
	if (put_accepted(destination->center, waybill, &receipt, err) == 0)
		rc = relaying->send.kind == CENTER_SEND_MOVE
		    ? put_move(relaying, blob_of_bytes(&receipt), resource,
			  sizeof(resource), body, err)
		    : center_relay_records(store_rows(store),
			  relaying->send.waybill, destination->name,
			  blob_of_bytes(&receipt), body, err);
	handover_put(call, resource, waybill->payload, waybill->content_len,
	    relaying->offset, body);
	bytes_free(&receipt);
	return rc < 0 ? -1 : bytes_failed(body, err);
}

/* The content from `relaying->offset` on. */
static int
call_relay(struct relaying *relaying, const struct center_waybill *waybill,
    struct error *err)
{
	struct destination *destination = relaying->destination;
	struct message_call call = { 0 };
	struct bytes body = { 0 };
	int rc = -1;

	text_copy(call.peer, sizeof(call.peer), destination->name);
	if (put_relay(relaying, waybill, &call, &body, err) == 0) {
		call.timeout_ms = (uint32_t)(CALL_TIMEOUT_MS +
		    call.payload_len / BYTES_PER_MS % UINT32_MAX);
		call.body = blob_of_bytes(&body);
		rc = peer_ask(destination->center->spool.courier, MESSAGE_CALL,
		    &call, -1, on_relayed, relaying, NULL, err);
	}
	bytes_free(&body);
	return rc;
}

static void
log_resumed(const struct relaying *relaying,
    const struct center_waybill *waybill)
{
	char id[ID_TEXT_SIZE];
	struct log_line line;

	id_format(&waybill->waybill_id, id);
	log_begin(&line, &relaying->destination->center->spool.env->log,
	    LOG_LEVEL_NOTICE, "relay.resumed");
	log_text(&line, "waybill", id);
	log_text(&line, "peer", relaying->destination->name);
	log_u64(&line, "offset", relaying->offset);
	log_u64(&line, "bytes", waybill->content_len);
	log_end(&line);
}

static void
on_offset(void *ctx, struct ipc_message *message)
{
	struct relaying *relaying = ctx;
	struct center_waybill waybill;
	struct error err = { 0 };

	if (find_waybill(relaying, &waybill, &err) < 0 ||
	    handover_read(message, waybill.content_len, &relaying->offset,
		&err) < 0) {
		end_relay(relaying, &err);
		return;
	}
	/* It answers: what was cut goes on without a longer pause. */
	retry_succeeded(&relaying->destination->retry);
	if (relaying->offset > 0)
		log_resumed(relaying, &waybill);
	if (call_relay(relaying, &waybill, &err) < 0)
		end_relay(relaying, &err);
}

static int
begin_relay(struct relaying *relaying, struct error *err)
{
	struct destination *destination = relaying->destination;
	const struct spool *spool = &destination->center->spool;
	struct center_waybill waybill;

	if (find_waybill(relaying, &waybill, err) < 0)
		return -1;
	/* Of what moves the content may be there for another recipient. */
	if (relaying->send.kind != CENTER_SEND_MOVE &&
	    waybill.content_len <=
		(uint64_t)spool->env->config->limits.resume_bytes)
		return call_relay(relaying, &waybill, err);
	return handover_ask(spool->courier, destination->name,
	    resource_of(relaying), &waybill.digest, on_offset, relaying, err);
}

static int
start_relay(struct destination *destination, const struct center_send *send,
    struct error *err)
{
	struct relaying *relaying = calloc(1, sizeof(*relaying));

	if (relaying == NULL)
		return error_set_memory(err);
	relaying->destination = destination;
	relaying->send = *send;
	relaying->is_large = send->bytes >= LARGE_LEN;
	if (begin_relay(relaying, err) < 0) {
		free(relaying);
		return -1;
	}
	relaying->next = destination->relaying;
	destination->relaying = relaying;
	destination->relays++;
	destination->large += relaying->is_large;
	return 0;
}

static bool
is_under_way(const struct destination *destination, int64_t send)
{
	for (const struct relaying *relaying = destination->relaying;
	     relaying != NULL; relaying = relaying->next)
		if (relaying->send.row == send)
			return true;
	return false;
}

/*
 * While the center is away one try alone finds out whether it is back: what
 * waits for it takes up no memory, however much it is.
 */
static size_t
places(const struct destination *destination)
{
	return destination->retry.failures > 0 ? 1 : RELAYS_MAX;
}

static int
work_relays(struct destination *destination, struct error *err)
{
	struct spool *spool = &destination->center->spool;
	struct rows *rows = store_rows(spool->store);
	int64_t now = spool_now(spool);
	/* Those under way are due as well, so twice as many are read. */
	struct center_send due[2 * RELAYS_MAX];
	bool only_small = destination->large >= LARGE_MAX;
	int64_t next_at;
	size_t count;

	if (destination->relays >= places(destination))
		return 0;
	if (center_send_due(rows, destination->name, now,
		spool->env->config->courier.retry_max_ms, LARGE_LEN, only_small,
		due, ARRAY_LEN(due), &count, err) < 0 ||
	    center_send_next_due(rows, destination->name, now, &next_at, err) <
		0)
		return -1;
	for (size_t i = 0;
	     i < count && destination->relays < places(destination); i++) {
		if (is_under_way(destination, due[i].row) ||
		    (due[i].bytes >= LARGE_LEN &&
			destination->large >= LARGE_MAX))
			continue;
		if (start_relay(destination, &due[i], err) < 0)
			return -1;
	}
	if (next_at != INT64_MAX)
		loop_timer_start(destination->due, (uint64_t)(next_at - now));
	return 0;
}

/* ---- receipts -------------------------------------------------------- */

static int
apply_receipts(struct group_op *op, struct error *err)
{
	struct receipts *receipts = (struct receipts *)(void *)op;
	struct rows *rows =
	    store_rows(receipts->destination->center->spool.store);

	for (size_t i = 0; i < receipts->count; i++)
		if (center_send_remove(rows, receipts->sends[i], err) < 0)
			return -1;
	return 0;
}

static void
end_receipts(struct receipts *receipts, const struct error *failure)
{
	struct destination *destination = receipts->destination;

	destination->receipts = NULL;
	free(receipts);
	if (failure != NULL)
		center_send_later(destination, failure);
	else
		center_send_went_well(destination);
}

static void
finish_receipts(struct group_op *op, const struct error *failure)
{
	end_receipts((struct receipts *)(void *)op, failure);
}

static void
on_receipts_sent(void *ctx, struct ipc_message *message)
{
	struct receipts *receipts = ctx;
	struct message_called called;
	struct error err = { 0 };

	if (message_read(message, MESSAGE_CALLED, &called, &err) == 0 &&
	    called.status == 200) {
		receipts->op.apply = apply_receipts;
		receipts->op.finish = finish_receipts;
		group_add(receipts->destination->center->spool.group,
		    &receipts->op);
		return;
	}
	if (err.code == ERROR_NONE)
		error_set(&err, ERROR_DENIED, "receipts refused: %u",
		    called.status);
	end_receipts(receipts, &err);
}

static bool
find_receipt(struct store *store, const struct center_send *send,
    struct bytes *json)
{
	struct error ignored = { 0 };

	if (send->bytes == CENTER_SEND_FOLLOWED)
		return center_follow_receipt(store_rows(store), send->waybill,
			   json, &ignored) > 0;
	if (send->waybill != 0)
		return center_move_receipt(store_rows(store), send->waybill,
			   json, &ignored) > 0;
	if (send->bytes == CENTER_SEND_REPEATED)
		return center_remote_receipt(store_rows(store), send->entry,
			   json, &ignored) > 0;
	return host_log_receipt(store_leaves(store), send->entry, json,
		   &ignored) == 0;
}

static int
put_receipts(struct receipts *receipts, struct bytes *body, struct error *err)
{
	struct destination *destination = receipts->destination;
	struct store *store = destination->center->spool.store;
	struct center_send send = { 0 };
	int more = 1;

	bytes_put_text(body, "YZBNDL1\n");
	while (receipts->count < RECEIPTS_MAX &&
	    body->len < RECEIPT_BYTES_MAX &&
	    (more = center_send_next(store_rows(store), destination->name,
		 CENTER_SEND_RECEIPT, send.row, &send, err)) > 0) {
		struct bytes json = { 0 };

		/* Stated, but not under a checkpoint yet: the next time. */
		if (!find_receipt(store, &send, &json)) {
			bytes_free(&json);
			break;
		}
		bytes_put_u8(body, 'R');
		bytes_put_u64(body, json.len);
		bytes_put(body, json.data, json.len);
		bytes_free(&json);
		receipts->sends[receipts->count++] = send.row;
	}
	return more < 0 ? -1 : bytes_failed(body, err);
}

static int
work_receipts(struct destination *destination, struct error *err)
{
	struct center *center = destination->center;
	struct message_call call = { .method = "POST",
		.path = "/v1/receipts",
		.type = "application/vnd.yizhan.bundle",
		.timeout_ms = CALL_TIMEOUT_MS };
	struct receipts *receipts;
	struct bytes body = { 0 };
	int rc;

	if (destination->receipts != NULL)
		return 0;
	receipts = calloc(1, sizeof(*receipts));
	if (receipts == NULL)
		return error_set_memory(err);
	receipts->destination = destination;
	text_copy(call.peer, sizeof(call.peer), destination->name);
	rc = put_receipts(receipts, &body, err);
	call.body = blob_of_bytes(&body);
	if (rc == 0 && receipts->count > 0)
		rc = peer_ask(center->spool.courier, MESSAGE_CALL, &call, -1,
		    on_receipts_sent, receipts, NULL, err);
	if (rc == 0 && receipts->count > 0)
		destination->receipts = receipts;
	else
		free(receipts);
	bytes_free(&body);
	return rc;
}

static void
work(struct destination *destination)
{
	struct error err = { 0 };

	if (work_relays(destination, &err) < 0 ||
	    work_receipts(destination, &err) < 0 ||
	    center_send_withdrawal(destination, &err) < 0)
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
