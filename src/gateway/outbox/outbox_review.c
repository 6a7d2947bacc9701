/*
 * POST /v1/review: what somebody did about deliveries of the work list.
 */
#include "gateway/outbox/outbox_review.h"

#include <stdlib.h>

#include "base/text.h"
#include "gateway/outbox/outbox_internal.h"
#include "gateway/remark.h"
#include "role/people/people_admit.h"
#include "store/store.h"

struct reviewed {
	struct id document_id;
	struct org_code recipient;
};

struct reviewing {
	struct group_op op; /* first: the group hands it back */
	struct outbox *outbox;
	struct peer *peer;
	uint32_t request;
	char scope[ORG_TEXT_SIZE];
	struct remark remark;
	enum outbox_action action;
	struct reviewed deliveries[REMARK_LETTERS_MAX];
	size_t count;
};

static void
end(struct reviewing *reviewing, const struct error *failure)
{
	remark_answer(reviewing->peer, reviewing->request, "reviewed",
	    (int64_t)reviewing->count, failure);
	free(reviewing);
}

/* ---- durable --------------------------------------------------------- */

static int
add_one(const struct reviewing *reviewing, const struct reviewed *one,
    struct error *err)
{
	struct spool *spool = &reviewing->outbox->gateway->spool;
	struct rows *rows = store_rows(spool->store);
	struct outbox_review review = { .at = spool_now(spool),
		.reviewer = reviewing->remark.by,
		.is_person = reviewing->remark.is_person,
		.action = reviewing->action,
		.note = reviewing->remark.note };
	struct outbox_document document;
	struct outbox_delivery delivery;
	struct outbox_waybill waybill;
	int found =
	    outbox_document_find(rows, &one->document_id, &document, err);

	if (found > 0 &&
	    !people_may_see(reviewing->scope, document.sender.text))
		found = 0;
	if (found > 0)
		found = outbox_delivery_find(rows, document.row,
		    &one->recipient, &waybill, &delivery, err);
	if (found == 0)
		return error_set_id(err, "E4208", ERROR_NOT_FOUND,
		    "no letter to %s of that id was sent here",
		    one->recipient.text);
	review.delivery = delivery.row;
	return found < 0 ? -1 : outbox_review_add(rows, &review, err);
}

static int
apply(struct group_op *op, struct error *err)
{
	const struct reviewing *reviewing = (struct reviewing *)(void *)op;

	for (size_t i = 0; i < reviewing->count; i++)
		if (add_one(reviewing, &reviewing->deliveries[i], err) < 0)
			return -1;
	return 0;
}

static void
finish(struct group_op *op, const struct error *failure)
{
	end((struct reviewing *)(void *)op, failure);
}

/* ---- the request ----------------------------------------------------- */

static bool
take_action(void *ctx, const char *action)
{
	struct reviewing *reviewing = ctx;

	return outbox_action_parse(action, &reviewing->action);
}

static bool
take_name(void *ctx, size_t place, const char *name)
{
	struct reviewing *reviewing = ctx;
	struct reviewed *to = &reviewing->deliveries[place];
	const char *code;

	return remark_cut_name(name, &to->document_id, &code) && code != NULL &&
	    org_code_parse(code, &to->recipient);
}

static const struct remark_form form = {
	.member = "deliveries",
	.name = "\"document id/code\"",
	.actions = "wait, chase, resend, paper, other",
	.take_action = take_action,
	.take_name = take_name,
};

void
outbox_review_request(struct outbox *outbox, struct peer *peer, uint32_t id,
    const struct message_request *request)
{
	struct reviewing *reviewing = calloc(1, sizeof(*reviewing));
	struct error err = { 0 };

	if (reviewing == NULL) {
		error_set_memory(&err);
		peer_refuse(peer, id, &err);
		return;
	}
	reviewing->outbox = outbox;
	reviewing->peer = peer;
	reviewing->request = id;
	text_copy(reviewing->scope, sizeof(reviewing->scope), request->scope);
	if (remark_read_form(request, &form, reviewing, &reviewing->remark,
		&reviewing->count, &err) < 0) {
		end(reviewing, &err);
		return;
	}
	reviewing->op.apply = apply;
	reviewing->op.finish = finish;
	group_add(outbox->gateway->spool.group, &reviewing->op);
}
