/*
 * POST /v1/review: what somebody did about deliveries of the work list.
 */
#include "gateway/outbox/outbox_review.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "gateway/outbox/outbox_internal.h"
#include "gateway/remark.h"
#include "json/json_read.h"
#include "json/json_write.h"
#include "role/people/people_admit.h"
#include "store/store.h"

enum { BODY_MAX = 65536, DELIVERIES_MAX = 500, NAME_SIZE = 64 };

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
	struct reviewed deliveries[DELIVERIES_MAX];
	size_t count;
};

static void
end(struct reviewing *reviewing, const struct error *failure)
{
	struct message_response response = { .status = 200,
		.type = "application/json" };
	struct bytes json = { 0 };
	struct json_writer writer = json_writer_to(&json);
	struct error err = { 0 };

	json_write_begin_object(&writer, NULL);
	json_write_int(&writer, "reviewed", (int64_t)reviewing->count);
	json_write_end(&writer);
	if (failure == NULL && json_write_done(&writer, &err) < 0)
		failure = &err;
	response.body = blob_of_bytes(&json);
	if (failure != NULL)
		peer_refuse(reviewing->peer, reviewing->request, failure);
	else
		peer_tell(reviewing->peer, MESSAGE_RESPONSE, reviewing->request,
		    &response, -1);
	bytes_free(&json);
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

/* "document id/code". */
static bool
parse_delivery(const char *name, struct reviewed *to)
{
	const char *slash = name != NULL ? strchr(name, '/') : NULL;
	char id[NAME_SIZE];

	return slash != NULL &&
	    text_copy_len(id, sizeof(id), name, (size_t)(slash - name)) &&
	    id_parse(id, &to->document_id) &&
	    org_code_parse(slash + 1, &to->recipient);
}

static int
read_deliveries(struct reviewing *reviewing, const struct json_value *list,
    struct error *err)
{
	size_t count = json_value_count(list);

	if (!json_value_is_array(list) || count == 0 || count > DELIVERIES_MAX)
		return error_set_id(err, "E6204", ERROR_MALFORMED,
		    "deliveries must be a list of 1 to %d", DELIVERIES_MAX);
	for (size_t i = 0; i < count; i++)
		if (!parse_delivery(json_value_text(json_value_item(list, i)),
			&reviewing->deliveries[i]))
			return error_set_id(err, "E6204", ERROR_MALFORMED,
			    "a delivery is named \"document id/code\"");
	reviewing->count = count;
	return 0;
}

static int
read_body(struct reviewing *reviewing, const struct message_request *request,
    struct error *err)
{
	struct json_document *document = NULL;
	const struct json_value *root;
	const char *action;
	int rc = -1;

	if (json_read(request->body.data, request->body.len, BODY_MAX,
		&document, err) < 0)
		return -1;
	root = json_root(document);
	action = json_value_text(json_value_member(root, "action"));
	if (action == NULL || !outbox_action_parse(action, &reviewing->action))
		error_set_id(err, "E6204", ERROR_MALFORMED,
		    "action is one of wait, chase, resend, paper, other");
	else if (remark_read(request, root, &reviewing->remark, err) == 0)
		rc = read_deliveries(reviewing,
		    json_value_member(root, "deliveries"), err);
	json_document_free(document);
	return rc;
}

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
	if (read_body(reviewing, request, &err) < 0) {
		end(reviewing, &err);
		return;
	}
	reviewing->op.apply = apply;
	reviewing->op.finish = finish;
	group_add(outbox->gateway->spool.group, &reviewing->op);
}
