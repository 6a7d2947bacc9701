/*
 * Taking a letter back from a recipient who has not fetched it, or making
 * paper of it (docs/api.md): our module signs, the act is durable, and
 * outbox_withdraw_post.c hands it in.  Whether it came in time, the receipts
 * tell: the first transition that the deciding center logs wins.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "envelope/act.h"
#include "gateway/outbox/outbox_hold.h"
#include "gateway/outbox/outbox_internal.h"
#include "gateway/signing.h"
#include "http/http_path.h"
#include "json/json_write.h"
#include "store/store.h"
#include "sys/ipc.h"

/* One request, until it is answered. */
struct taking_back {
	struct group_op op; /* first: the group hands it back */
	struct outbox *outbox;
	struct peer *peer;
	uint32_t request;
	bool is_paper;
	struct id document_id;
	struct outbox_document document;
	struct outbox_waybill waybill;
	struct outbox_delivery delivery;
	struct org_code recipient;
	struct bytes cms; /* empty: nothing is to be withdrawn */
};

static struct rows *
rows_of(const struct taking_back *taking)
{
	return store_rows(taking->outbox->gateway->spool.store);
}

static void
end(struct taking_back *taking, const struct error *failure)
{
	struct outbox *outbox = taking->outbox;

	if (failure != NULL)
		peer_refuse(taking->peer, taking->request, failure);
	else
		outbox_answer_one(outbox, taking->peer, taking->request,
		    &taking->document_id);
	bytes_free(&taking->cms);
	free(taking);
}

/* ---- what it amounts to ---------------------------------------------- */

static int
find(struct taking_back *taking, struct error *err)
{
	int found = outbox_document_find(rows_of(taking), &taking->document_id,
	    &taking->document, err);

	if (found > 0 && taking->document.is_draft)
		found = 0;
	if (found > 0)
		found = outbox_delivery_find(rows_of(taking),
		    taking->document.row, &taking->recipient, &taking->waybill,
		    &taking->delivery, err);
	if (found == 0)
		return error_set_id(err, "E4208", ERROR_NOT_FOUND,
		    "no letter to %s of that id was sent here",
		    taking->recipient.text);
	return found < 0 ? -1 : 0;
}

static bool
is_wanted_already(const struct taking_back *taking)
{
	enum delivery_state state = taking->delivery.life.state;

	if (taking->is_paper)
		return state == DELIVERY_PAPER ||
		    taking->delivery.life.has_paper_copy;
	return state == DELIVERY_WITHDRAWN || state == DELIVERY_PAPER;
}

/*
 * 1 when an act has to be signed, 0 when the rows alone change, or nothing.
 * Withdrawing twice is withdrawing once; asking for paper afterwards adds that.
 */
static int
judge(struct taking_back *taking, bool *ret_changes, struct error *err)
{
	struct delivery *life = &taking->delivery.life;
	int found;

	*ret_changes = false;
	if (is_wanted_already(taking))
		return 0;
	if (taking->waybill.step == JOB_SEND_HELD)
		return error_set_id(err, "E6603", ERROR_DENIED,
		    "the letter is held: nothing of it has left");
	if (delivery_state_is_terminal(life->state) ||
	    (!taking->is_paper && life->state >= DELIVERY_FETCHED))
		return error_set_id(err, "E4102", ERROR_DENIED,
		    "the delivery to %s is %s already", taking->recipient.text,
		    delivery_state_name(life->state));
	if (taking->is_paper) {
		*ret_changes = true;
		if (!delivery_change_to_paper(life))
			return 0;
	}
	found =
	    outbox_withdrawal_find(rows_of(taking), taking->delivery.row, err);
	return found < 0 ? -1 : found == 0;
}

/* ---- durable --------------------------------------------------------- */

/* Time has passed since it was judged: it is judged again. */
static int
apply(struct group_op *op, struct error *err)
{
	struct taking_back *taking = (struct taking_back *)(void *)op;
	bool changes;
	int needs_act;

	if (find(taking, err) < 0)
		return -1;
	needs_act = judge(taking, &changes, err);
	if (needs_act < 0 ||
	    (changes &&
		outbox_delivery_save(rows_of(taking), &taking->delivery, err) <
		    0))
		return -1;
	if (needs_act == 0 || taking->cms.len == 0)
		return 0;
	return outbox_withdrawal_add(rows_of(taking), taking->delivery.row,
	    blob_of_bytes(&taking->cms), err);
}

static void
finish(struct group_op *op, const struct error *failure)
{
	struct taking_back *taking = (struct taking_back *)(void *)op;
	struct outbox *outbox = taking->outbox;

	end(taking, failure);
	if (failure == NULL)
		outbox_withdraw_wake(outbox->withdrawals);
}

static void
store(struct taking_back *taking)
{
	taking->op.apply = apply;
	taking->op.finish = finish;
	group_add(taking->outbox->gateway->spool.group, &taking->op);
}

/* ---- signing --------------------------------------------------------- */

static void
on_signed(void *ctx, const struct blob *signature, const struct error *failure)
{
	struct taking_back *taking = ctx;
	struct error err = { 0 };

	if (failure != NULL) {
		end(taking, failure);
		return;
	}
	bytes_put(&taking->cms, signature->data, signature->len);
	if (bytes_failed(&taking->cms, &err) < 0)
		end(taking, &err);
	else
		store(taking);
}

static int
encode(struct outbox *outbox, const struct outbox_waybill *waybill,
    const struct outbox_delivery *delivery, struct bytes *to, struct error *err)
{
	const struct spool *spool = &outbox->gateway->spool;
	struct payload payload = { 0 };
	struct act act = { .event = EVENT_WITHDRAWN,
		.waybill = waybill->digest,
		.waybill_id = waybill->waybill_id,
		.leaf = delivery->leaf,
		.recipient = delivery->recipient,
		.time_at = spool_now(spool) };

	if (store_payload_find(spool->store, waybill->payload, &payload, err) <
	    0)
		return -1;
	act.content = payload.digest;
	payload_free(&payload);
	text_copy(act.environment, sizeof(act.environment),
	    outbox->gateway->environment);
	return act_encode(&act, to, err);
}

int
outbox_withdraw_sign(struct outbox *outbox,
    const struct outbox_waybill *waybill,
    const struct outbox_delivery *delivery, signing_fn done, void *ctx,
    struct error *err)
{
	struct bytes json = { 0 };
	int rc = encode(outbox, waybill, delivery, &json, err);

	if (rc == 0)
		rc = signing_ask(outbox->gateway->signing, KEEPER_ACT, "module",
		    &json, done, ctx, err);
	bytes_free(&json);
	return rc;
}

/* ---- the request ----------------------------------------------------- */

static int
read_path(struct taking_back *taking, const char *path, struct error *err)
{
	struct http_segments segments;

	taking->is_paper =
	    http_path_match("/v1/outbox/{}/{}:paper", path, &segments);
	if (!taking->is_paper &&
	    !http_path_match("/v1/outbox/{}/{}:withdraw", path, &segments))
		return error_set_id(err, "E4208", ERROR_NOT_FOUND,
		    "nothing at %s", path);
	if (!id_parse(segments.text[0], &taking->document_id) ||
	    !org_code_parse(segments.text[1], &taking->recipient))
		return error_set_id(err, "E4208", ERROR_NOT_FOUND,
		    "a delivery is named by a document id and a code");
	return 0;
}

void
outbox_withdraw_request(struct outbox *outbox, struct peer *peer, uint32_t id,
    const struct message_request *request)
{
	struct taking_back *taking = calloc(1, sizeof(*taking));
	struct error err = { 0 };
	bool changes;
	int needs_act = -1;

	if (taking == NULL) {
		error_set_memory(&err);
		peer_refuse(peer, id, &err);
		return;
	}
	taking->outbox = outbox;
	taking->peer = peer;
	taking->request = id;
	if (read_path(taking, request->path, &err) == 0 &&
	    find(taking, &err) == 0)
		needs_act = judge(taking, &changes, &err);
	if (needs_act > 0 &&
	    outbox_withdraw_sign(outbox, &taking->waybill, &taking->delivery,
		on_signed, taking, &err) == 0)
		return;
	if (needs_act == 0 && changes)
		store(taking);
	else
		end(taking, needs_act == 0 ? NULL : &err);
}
