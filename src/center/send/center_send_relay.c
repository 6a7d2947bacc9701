/*
 * Relays and moves to other centers: of each center many at a time, the most
 * urgent first.  One that is refused for its own sake is set aside for a while
 * with its reason, and all others go on.
 */
#include "center/center.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/text.h"
#include "center/accept/center_act.h"
#include "center/center_expire.h"
#include "center/center_rows.h"
#include "center/log/center_log.h"
#include "center/move/center_move.h"
#include "center/move/center_move_rows.h"
#include "center/send/center_send_internal.h"
#include "center/send/center_send_rows.h"
#include "envelope/bundle.h"
#include "exchange/refusal.h"
#include "role/courier/handover.h"
#include "role/problem.h"
#include "service/config.h"
#include "store/store.h"
#include "sys/ipc.h"

enum {
	RELAYS_MAX = 32, /* under way at once to one center */
	LARGE_MAX = 4,   /* of which with much content ... */
	LARGE_LEN = 8 * 1024 * 1024,
	CALL_TIMEOUT_MS = 60000,
	BYTES_PER_MS = 256, /* the slowest line that we wait for */
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
	bool is_unclear;      /* whether it was refused for its own sake */
	uint32_t after_s;     /* a refusal asked to wait so long */
	struct bytes receipt; /* that came back */
};

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
	bool is_unclear = relaying->is_unclear;

	leave_relay(relaying);
	if (failure != NULL)
		center_send_later(destination, failure);
	else if (is_unclear)
		center_send_unclear(destination);
	else
		center_send_went_well(destination);
}

static int
apply_later(struct group_op *op, struct error *err)
{
	struct relaying *relaying = (struct relaying *)(void *)op;
	struct center *center = relaying->destination->center;

	return center_send_put_aside(center, &relaying->send, relaying->after_s,
	    err);
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
	center_send_log_later(relaying->destination, why);
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
	struct error err = { 0 };
	enum refusal refusal =
	    center_send_judge(called, "relay", &relaying->send, &err);

	if (text_equal(relaying->send.reason, "E4006") &&
	    relaying->send.kind == CENTER_SEND_RELAY) {
		center_expire_relay(center, relaying->send.waybill,
		    relaying->destination->name, relaying->send.row,
		    on_relay_durable, relaying);
		return;
	}
	relaying->is_unclear = refusal == REFUSAL_UNCLEAR;
	if (refusal == REFUSAL_OF_ALL)
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
apply_nothing(struct group_op *op, struct error *err)
{
	struct relaying *relaying = (struct relaying *)(void *)op;
	struct center *center = relaying->destination->center;

	return center_send_remove(store_rows(center->spool.store),
	    relaying->send.row, err);
}

/* 1 if all that it was to bring there has moved, and goes by itself. */
static int
brings_nothing(const struct relaying *relaying, struct error *err)
{
	struct center *center = relaying->destination->center;
	int found;

	if (relaying->send.kind != CENTER_SEND_RELAY)
		return 0;
	found = center_relay_has_any(store_rows(center->spool.store),
	    relaying->send.waybill, relaying->destination->name, err);
	return found < 0 ? -1 : found == 0;
}

static int
begin_relay(struct relaying *relaying, struct error *err)
{
	struct destination *destination = relaying->destination;
	const struct spool *spool = &destination->center->spool;
	struct center_waybill waybill;
	int is_empty = brings_nothing(relaying, err);

	if (is_empty < 0 || find_waybill(relaying, &waybill, err) < 0)
		return -1;
	if (is_empty > 0) {
		relaying->op.apply = apply_nothing;
		relaying->op.finish = finish_later;
		group_add(spool->group, &relaying->op);
		return 0;
	}
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

int
center_send_relays(struct destination *destination, struct error *err)
{
	struct spool *spool = &destination->center->spool;
	/* Those under way are due as well, so twice as many are read. */
	struct center_send due[2 * RELAYS_MAX];
	bool only_small = destination->large >= LARGE_MAX;
	size_t count;

	if (destination->relays >= places(destination))
		return 0;
	if (center_send_due(store_rows(spool->store), destination->name,
		spool_now(spool), spool->env->config->courier.retry_max_ms,
		LARGE_LEN, only_small, due, ARRAY_LEN(due), &count, err) < 0)
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
	return 0;
}
