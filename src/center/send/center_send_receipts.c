/*
 * Receipts for other centers: in groups, the oldest first.  A center takes a
 * group or refuses it, and says nothing of which receipt it means: so what it
 * refused goes once more, one at a time, and the one that is refused alone is
 * set aside with its reason until its next try.  All behind it go on.
 */
#include "center/center.h"

#include <stdlib.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "center/center_rows.h"
#include "center/move/center_move_rows.h"
#include "center/send/center_follow.h"
#include "center/send/center_send_internal.h"
#include "center/send/center_send_rows.h"
#include "envelope/bundle.h"
#include "exchange/refusal.h"
#include "store/store.h"
#include "sys/ipc.h"

enum {
	RECEIPTS_MAX = 64, /* in one request */
	RECEIPT_BYTES_MAX = 8 * 1024 * 1024,
	CALL_TIMEOUT_MS = 60000,
};

/* One group under way. */
struct receipts {
	struct group_op op; /* first: the group hands it back */
	struct destination *destination;
	struct center_send sends[RECEIPTS_MAX];
	size_t count;
	bool is_lost; /* the one alone is not to be found here */
	uint32_t after_s;
	bool is_unclear; /* whether it is for the sake of this one */
};

/* ---- the end of a group ---------------------------------------------- */

static void
end_receipts(struct receipts *receipts, const struct error *failure)
{
	struct destination *destination = receipts->destination;
	bool is_unclear = receipts->is_unclear;

	destination->receipts = NULL;
	free(receipts);
	if (failure != NULL)
		center_send_later(destination, failure);
	else if (is_unclear)
		center_send_unclear(destination);
	else
		center_send_went_well(destination);
}

static int
apply_taken(struct group_op *op, struct error *err)
{
	struct receipts *receipts = (struct receipts *)(void *)op;
	struct rows *rows =
	    store_rows(receipts->destination->center->spool.store);

	for (size_t i = 0; i < receipts->count; i++)
		if (center_send_remove(rows, receipts->sends[i].row, err) < 0)
			return -1;
	return 0;
}

static int
apply_aside(struct group_op *op, struct error *err)
{
	struct receipts *receipts = (struct receipts *)(void *)op;

	return center_send_put_aside(receipts->destination->center,
	    &receipts->sends[0], receipts->after_s, err);
}

static void
finish(struct group_op *op, const struct error *failure)
{
	end_receipts((struct receipts *)(void *)op, failure);
}

static void
settle(struct receipts *receipts,
    int (*apply)(struct group_op *op, struct error *err))
{
	receipts->op.apply = apply;
	receipts->op.finish = finish;
	group_add(receipts->destination->center->spool.group, &receipts->op);
}

/* ---- answers --------------------------------------------------------- */

/* One of them, or this one, for its own sake: the center itself may be well. */
static void
on_refused(struct receipts *receipts, enum refusal refusal,
    const struct error *why)
{
	struct destination *destination = receipts->destination;

	center_send_log_later(destination, why);
	receipts->after_s = why->retry_after_s;
	if (receipts->count == 1) {
		receipts->is_unclear = refusal == REFUSAL_UNCLEAR;
		settle(receipts, apply_aside);
		return;
	}
	destination->alone_until = receipts->sends[receipts->count - 1].row;
	end_receipts(receipts, NULL);
}

static void
on_sent(void *ctx, struct ipc_message *message)
{
	struct receipts *receipts = ctx;
	struct message_called called;
	struct error err = { 0 };
	enum refusal refusal;

	if (message_read(message, MESSAGE_CALLED, &called, &err) < 0) {
		end_receipts(receipts, &err);
		return;
	}
	if (called.status == 200) {
		settle(receipts, apply_taken);
		return;
	}
	refusal =
	    center_send_judge(&called, "receipts", &receipts->sends[0], &err);
	if (refusal == REFUSAL_OF_ALL ||
	    refusal_is_of_caller(receipts->sends[0].reason))
		end_receipts(receipts, &err);
	else
		on_refused(receipts, refusal, &err);
}

/* ---- a group --------------------------------------------------------- */

static int
find_one(int found, struct error *err)
{
	return found == 0 ? error_set(err, ERROR_NOT_FOUND,
				"what is to be told is not here any more")
			  : found;
}

static int
find_receipt(struct store *store, const struct center_send *send,
    struct bytes *json, struct error *err)
{
	struct rows *rows = store_rows(store);

	if (send->bytes == CENTER_SEND_FOLLOWED)
		return find_one(center_follow_receipt(rows, send->waybill, json,
				    err),
		    err);
	if (send->waybill != 0)
		return find_one(center_move_receipt(rows, send->waybill, json,
				    err),
		    err);
	if (send->bytes == CENTER_SEND_REPEATED)
		return find_one(center_remote_receipt(rows, send->entry, json,
				    err),
		    err);
	return host_log_receipt(store_leaves(store), send->entry, json, err);
}

/* Stated, but not under a checkpoint yet; or there is no memory: another time. */
static bool
is_early(const struct center_send *send, const struct error *why)
{
	return why->code == ERROR_BUSY ||
	    (why->code == ERROR_NOT_FOUND && send->waybill == 0 &&
		send->bytes == 0);
}

/* False when the group ends before it. */
static bool
put_one(struct receipts *receipts, const struct center_send *send,
    struct bytes *body)
{
	struct store *store = receipts->destination->center->spool.store;
	struct center_send *to = &receipts->sends[receipts->count];
	struct bytes json = { 0 };
	struct error why = { 0 };
	bool is_there = find_receipt(store, send, &json, &why) >= 0;

	*to = *send;
	if (is_there) {
		bundle_put(body, BUNDLE_RECEIPT, json.data, json.len);
		receipts->count++;
	} else if (receipts->count == 0 && !is_early(send, &why)) {
		center_send_log_later(receipts->destination, &why);
		text_copy(to->reason, sizeof(to->reason),
		    error_message_id(&why));
		receipts->is_lost = true;
		receipts->count = 1;
	}
	bytes_free(&json);
	return is_there;
}

/* Those that were never refused; what comes alone, alone. */
static int
put_fresh(struct receipts *receipts, struct bytes *body, struct error *err)
{
	struct destination *destination = receipts->destination;
	struct rows *rows = store_rows(destination->center->spool.store);
	struct center_send send = { 0 };
	int more = 1;

	while (receipts->count < RECEIPTS_MAX &&
	    body->len < RECEIPT_BYTES_MAX &&
	    (more = center_send_next(rows, destination->name,
		 CENTER_SEND_RECEIPT, send.row, &send, err)) > 0) {
		bool is_alone = send.row <= destination->alone_until;

		if (!put_one(receipts, &send, body) || is_alone)
			break;
	}
	return more < 0 ? -1 : bytes_failed(body, err);
}

/* In turn with one that was refused, and whose next try has come. */
static int
put_receipts(struct receipts *receipts, struct bytes *body, struct error *err)
{
	struct destination *destination = receipts->destination;
	struct center_send send;

	destination->is_turn_of_refused = !destination->is_turn_of_refused;
	if (!destination->is_turn_of_refused &&
	    put_fresh(receipts, body, err) < 0)
		return -1;
	if (receipts->count > 0)
		return 0;
	switch (
	    center_send_refused(destination, CENTER_SEND_RECEIPT, &send, err)) {
	case 1:
		put_one(receipts, &send, body);
		return bytes_failed(body, err);
	case 0:
		return destination->is_turn_of_refused
		    ? put_fresh(receipts, body, err)
		    : 0;
	default:
		return -1;
	}
}

static int
post(struct receipts *receipts, const struct bytes *body, struct error *err)
{
	struct message_call call = { .method = "POST",
		.path = "/v1/receipts",
		.type = "application/vnd.yizhan.bundle",
		.timeout_ms = CALL_TIMEOUT_MS,
		.body = blob_of_bytes(body) };

	text_copy(call.peer, sizeof(call.peer), receipts->destination->name);
	return peer_ask(receipts->destination->center->spool.courier,
	    MESSAGE_CALL, &call, -1, on_sent, receipts, NULL, err);
}

int
center_send_receipts(struct destination *destination, struct error *err)
{
	struct receipts *receipts;
	struct bytes body = { 0 };
	int rc;

	if (destination->receipts != NULL)
		return 0;
	receipts = calloc(1, sizeof(*receipts));
	if (receipts == NULL)
		return error_set_memory(err);
	receipts->destination = destination;
	bundle_put_magic(&body);
	rc = put_receipts(receipts, &body, err);
	if (rc == 0 && receipts->count > 0 && !receipts->is_lost)
		rc = post(receipts, &body, err);
	if (rc == 0 && receipts->count > 0)
		destination->receipts = receipts;
	bytes_free(&body);
	if (destination->receipts == NULL)
		free(receipts);
	else if (receipts->is_lost)
		settle(receipts, apply_aside);
	return rc;
}
