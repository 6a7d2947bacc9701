/*
 * Receipts of other centers about waybills that began here: each is stated in
 * our own log too, and handed to the sender with the original beside it.
 */
#include "center/center.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/text.h"
#include "center/accept/center_act.h"
#include "center/accept/center_event.h"
#include "center/accept/center_queued.h"
#include "center/center_rows.h"
#include "center/center_watch.h"
#include "center/epoch/center_epoch.h"
#include "center/log/center_log.h"
#include "center/move/center_move_rows.h"
#include "center/rewrap/center_rewrap.h"
#include "center/send/center_follow.h"
#include "center/send/center_send.h"
#include "center/send/center_send_rows.h"
#include "store/store.h"
#include "sys/ipc.h"

struct taking {
	struct group_op op;
	struct center *center;
	struct bytes body; /* what the receipt's blobs point into */
	struct message_receipt receipt;
	struct blob json;
	char from[MESSAGE_HOST_SIZE];
	int64_t send; /* row to remove; 0 for none */
	center_remote_fn done;
	void *ctx;
	struct peer *peer; /* the listener, when it asked */
	uint32_t id;
	struct center_news news;
	const struct center_waybill *waybill; /* inside apply() */
};

static void
free_taking(struct taking *taking)
{
	bytes_free(&taking->body);
	free(taking);
}

/*
 * It goes on at another center: whatever waits to be told of it goes there.
 * One that comes late, of a center that it has left already, is kept alone.
 */
static int
follow(struct taking *taking, struct center_delivery *delivery,
    struct error *err)
{
	struct center *center = taking->center;
	struct rows *rows = store_rows(center->spool.store);
	const struct message_receipt *receipt = &taking->receipt;
	/* What comes to us is ours when it is handed over, not before. */
	bool is_link = text_equal(receipt->center, delivery->center) &&
	    !text_equal(receipt->at, center->name) &&
	    !delivery_state_is_terminal(delivery->life.state);
	const struct center_move_row move = {
		.hop = is_link ? delivery->hops + 1 : 0,
		.center = receipt->center,
		.at = receipt->at,
		.json = taking->json,
	};
	int64_t row;

	if (center_move_add(rows, delivery->row, &move, &row, err) < 0)
		return -1;
	if (!is_link)
		return 0;
	delivery->hops++;
	text_copy(delivery->center, sizeof(delivery->center), receipt->at);
	taking->news.is_for_others = true;
	if (center_move_drop_sends(rows, delivery->waybill, delivery->row,
		receipt->center, err) < 0 ||
	    center_send_redirect(rows, delivery->row, receipt->at, err) < 0)
		return -1;
	return center_rewrap_pass_again(center, delivery, err);
}

static int
move(void *ctx, struct center_delivery *delivery, struct error *err)
{
	struct taking *taking = ctx;
	/* A center returns by itself only what waited for another key part. */
	bool waited = delivery->life.wants_rewrap ||
	    delivery->life.state == DELIVERY_RETURNED;
	bool has_act = taking->receipt.act_cms.len > 0;
	enum delivery_effect effect = delivery_apply(&delivery->life,
	    DELIVERY_ORIGIN, (enum event)taking->receipt.event, true);

	if (taking->receipt.event == EVENT_RETURNED && !has_act && !waited)
		effect = DELIVERY_DENIED;
	if (effect == DELIVERY_DENIED)
		return error_set_id(err, "E4102", ERROR_DENIED,
		    "%s states %s of a delivery that is %s", taking->from,
		    event_name((enum event)taking->receipt.event),
		    delivery_state_name(delivery->life.state));
	if (taking->receipt.event == EVENT_MOVED &&
	    follow(taking, delivery, err) < 0)
		return -1;
	if (center_queued_save(taking->center, taking->waybill, delivery, err) <
	    0)
		return -1;
	return delivery_state_is_terminal(delivery->life.state)
	    ? center_queued_end(taking->center, taking->waybill, err)
	    : 0;
}

/* Its deliveries: of the whole waybill at that center, or the one it names. */
static int
move_all(struct taking *taking, struct error *err)
{
	struct rows *rows = store_rows(taking->center->spool.store);
	struct center_delivery delivery;
	struct org_code recipient;
	int found;

	if (taking->receipt.recipient[0] == '\0')
		return center_delivery_each(rows, taking->waybill->row,
		    taking->from, move, taking, err);
	if (!org_code_parse(taking->receipt.recipient, &recipient))
		return error_set(err, ERROR_MALFORMED, "recipient %s",
		    taking->receipt.recipient);
	found = center_delivery_find(rows, taking->waybill->row, &recipient,
	    &delivery, err);
	if (found < 0)
		return -1;
	/* A center speaks only of recipients that it has, or had. */
	if (found > 0 && !text_equal(delivery.center, taking->receipt.center)) {
		found = center_move_was_at(rows, delivery.row,
		    taking->receipt.center, err);
		if (found < 0)
			return -1;
	}
	if (found == 0 || !digest_equal(&delivery.leaf, &taking->receipt.leaf))
		return error_set_id(err, "E4032", ERROR_DENIED,
		    "%s speaks of a delivery that is not its own",
		    taking->from);
	return move(taking, &delivery, err);
}

static int
state(struct taking *taking, uint64_t *ret_entry, struct error *err)
{
	const struct message_receipt *receipt = &taking->receipt;
	struct statement statement = {
		.event = (enum event)receipt->event,
		.waybill = receipt->waybill,
		.waybill_id = receipt->waybill_id,
		.sender = taking->waybill->sender,
		.leaf = receipt->leaf,
		.signer = receipt->signer_class < STATEMENT_SIGNER_COUNT
		    ? (enum statement_signer)receipt->signer_class
		    : STATEMENT_CENTER,
		.remote = receipt->entry,
	};
	int rc = -1;

	if (receipt->recipient[0] != '\0' &&
	    !org_code_parse(receipt->recipient, &statement.recipient))
		return error_set(err, ERROR_MALFORMED, "recipient %s",
		    receipt->recipient);
	text_copy(statement.at, sizeof(statement.at), receipt->at);
	bytes_put(&statement.act, receipt->act_cms.data, receipt->act_cms.len);
	if (bytes_failed(&statement.act, err) == 0)
		rc = center_log_state(taking->center, &statement, ret_entry,
		    err);
	statement_free(&statement);
	return rc;
}

static int
write_receipt(struct taking *taking, struct error *err)
{
	struct rows *rows = store_rows(taking->center->spool.store);
	uint64_t entry;

	if (move_all(taking, err) < 0 || state(taking, &entry, err) < 0 ||
	    center_remote_add(rows, &taking->receipt.entry, entry, taking->json,
		err) < 0)
		return -1;
	return center_follow_tell(taking->center, taking->waybill, entry, true,
	    &taking->news, err);
}

static int
forget(struct taking *taking, struct error *err)
{
	struct rows *rows = store_rows(taking->center->spool.store);

	return taking->send != 0 ? center_send_remove(rows, taking->send, err)
				 : 0;
}

/*
 * Of a waybill that a restore has lost: when it comes again, and is relayed
 * again, its receipts do too.
 */
static bool
is_of_before(const struct taking *taking)
{
	return taking->receipt.time <
	    center_epoch_opened_at(taking->center->epoch);
}

/*
 * 1 when it is for a sender that has moved: the waybill began at another center,
 * or it is our own word that comes back with the sender.
 */
static int
take_for_sender(struct taking *taking, struct error *err)
{
	struct center *center = taking->center;
	struct center_waybill waybill;
	int found = center_waybill_find_named(store_rows(center->spool.store),
	    &taking->receipt.waybill_id, &taking->receipt.waybill, &waybill,
	    err);

	if (found < 0)
		return -1;
	/* After a restore the waybill may yet come back. */
	if ((found == 0 &&
		(is_of_before(taking) ||
		    center_epoch_phase(center->epoch) != CENTER_SERVES)) ||
	    (found > 0 && text_equal(waybill.origin, center->name) &&
		!text_equal(taking->receipt.center, center->name)))
		return 0;
	return center_follow_take(center, &taking->receipt, taking->json,
		   taking->from, &taking->news, err) < 0
	    ? -1
	    : 1;
}

static int
apply(struct group_op *op, struct error *err)
{
	struct taking *taking = (struct taking *)(void *)op;
	struct rows *rows = store_rows(taking->center->spool.store);
	struct center_waybill waybill;
	int found;

	if (center_epoch_check(taking->center->epoch, err) < 0)
		return -1;
	found = take_for_sender(taking, err);
	if (found != 0)
		return found < 0 ? -1 : forget(taking, err);
	found = center_remote_find(rows, &taking->receipt.entry, err);
	if (found != 0)
		return found < 0 ? -1 : forget(taking, err);
	/* That it moved is told by either center. */
	if (!text_equal(taking->receipt.center, taking->from) &&
	    (taking->receipt.event != EVENT_MOVED ||
		!text_equal(taking->receipt.at, taking->from)))
		return error_set_id(err, "E4019", ERROR_DENIED,
		    "%s hands in a receipt of %s", taking->from,
		    taking->receipt.center);
	found = center_waybill_find_named(rows, &taking->receipt.waybill_id,
	    &taking->receipt.waybill, &waybill, err);
	if (found < 0)
		return -1;
	if (found == 0 && is_of_before(taking))
		return forget(taking, err);
	if (found == 0 || !text_equal(waybill.origin, taking->center->name))
		return error_set_id(err, "E4032", ERROR_NOT_FOUND,
		    "no such waybill began here");
	taking->waybill = &waybill;
	if (write_receipt(taking, err) < 0)
		return -1;
	taking->waybill = NULL;
	return forget(taking, err);
}

static void
finish(struct group_op *op, const struct error *failure)
{
	struct taking *taking = (struct taking *)(void *)op;

	if (failure != NULL)
		log_failure(&taking->center->spool.env->log, LOG_LEVEL_WARNING,
		    "receipt.refused", failure);
	else
		center_news_tell(taking->center, &taking->news);
	if (taking->peer != NULL && failure != NULL)
		peer_refuse(taking->peer, taking->id, failure);
	else if (taking->peer != NULL)
		peer_tell(taking->peer, MESSAGE_DONE, taking->id, NULL, -1);
	if (taking->done != NULL)
		taking->done(taking->ctx, failure);
	free_taking(taking);
}

static struct taking *
new_taking(struct center *center)
{
	struct taking *taking = calloc(1, sizeof(*taking));

	if (taking == NULL)
		return NULL;
	taking->op.apply = apply;
	taking->op.finish = finish;
	taking->center = center;
	return taking;
}

void
center_remote_on_submit(void *ctx, struct peer *peer,
    struct ipc_message *message)
{
	struct center *center = ctx;
	struct taking *taking = new_taking(center);
	struct message_receipt_submit submit;
	struct error err = { 0 };

	if (taking == NULL) {
		error_set_memory(&err);
		peer_refuse(peer, message->id, &err);
		return;
	}
	bytes_put(&taking->body, message->body, message->len);
	if (bytes_failed(&taking->body, &err) < 0 ||
	    codec_decode(message_fields(MESSAGE_RECEIPT_SUBMIT),
		taking->body.data, taking->body.len, &submit, &err) < 0 ||
	    codec_decode(message_fields(MESSAGE_RECEIPT), submit.receipt.data,
		submit.receipt.len, &taking->receipt, &err) < 0) {
		peer_refuse(peer, message->id, &err);
		free_taking(taking);
		return;
	}
	taking->json = submit.json;
	text_copy(taking->from, sizeof(taking->from), submit.host);
	taking->peer = peer;
	taking->id = message->id;
	group_add(center->spool.group, &taking->op);
}

/* Copy a blob to the end of `body`, whose room was reserved before. */
static struct blob
keep(struct bytes *body, struct blob blob)
{
	size_t at = body->len;

	bytes_put(body, blob.data, blob.len);
	return body->failed ? blob_of(NULL, 0)
			    : blob_of(body->data + at, blob.len);
}

void
center_remote_take(struct center *center, const char *from,
    const struct message_receipt *receipt, const void *json, size_t len,
    int64_t send, center_remote_fn done, void *ctx)
{
	struct taking *taking = new_taking(center);
	struct error err = { 0 };
	size_t room = receipt->act.len + receipt->act_cms.len + len;

	if (taking != NULL && bytes_extend(&taking->body, room) != NULL)
		bytes_clear(&taking->body);
	if (taking == NULL || bytes_failed(&taking->body, &err) < 0) {
		error_set_memory(&err);
		free(taking);
		done(ctx, &err);
		return;
	}
	taking->receipt = *receipt;
	taking->receipt.act = keep(&taking->body, receipt->act);
	taking->receipt.act_cms = keep(&taking->body, receipt->act_cms);
	taking->json = keep(&taking->body, blob_of(json, len));
	text_copy(taking->from, sizeof(taking->from), from);
	taking->send = send;
	taking->done = done;
	taking->ctx = ctx;
	group_add(center->spool.group, &taking->op);
}
