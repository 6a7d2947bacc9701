/*
 * POST /v1/review: what somebody did about deliveries of the work list.
 */
#include "gateway/outbox/outbox_review.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "gateway/outbox/outbox_internal.h"
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
	char reviewer[OUTBOX_REVIEWER_SIZE];
	bool is_person;
	char note[OUTBOX_NOTE_SIZE];
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
		.reviewer = reviewing->reviewer,
		.is_person = reviewing->is_person,
		.action = reviewing->action,
		.note = reviewing->note };
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

/* A text of people: not empty if `is_needed`, and nothing but characters. */
static int
read_text(const struct json_value *root, const char *key, bool is_needed,
    char *to, size_t size, struct error *err)
{
	const char *text = json_value_text(json_value_member(root, key));

	if (text == NULL)
		text = "";
	for (const char *at = text; *at != '\0'; at++)
		if ((unsigned char)*at < ' ' || *at == 0x7f)
			return error_set_id(err, "E6204", ERROR_MALFORMED,
			    "%s holds a control character", key);
	if ((is_needed && *text == '\0') || !text_copy(to, size, text))
		return error_set_id(err, "E6204", ERROR_MALFORMED,
		    "%s must be a text of at most %zu bytes", key, size - 1);
	return 0;
}

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

/* Who is logged in is who reviews, whatever the body says. */
static int
read_reviewer(struct reviewing *reviewing,
    const struct message_request *request, const struct json_value *root,
    struct error *err)
{
	static const struct digest none = { { 0 } };

	reviewing->is_person = !digest_equal(&request->session, &none);
	if (request->actor[0] == '\0')
		return read_text(root, "reviewer", true, reviewing->reviewer,
		    sizeof(reviewing->reviewer), err);
	if (text_copy(reviewing->reviewer, sizeof(reviewing->reviewer),
		request->actor))
		return 0;
	return error_set_id(err, "E6204", ERROR_MALFORMED,
	    "the reviewer's name is too long");
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
	else if (read_reviewer(reviewing, request, root, err) == 0 &&
	    read_text(root, "note", false, reviewing->note,
		sizeof(reviewing->note), err) == 0)
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
