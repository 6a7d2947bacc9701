/* POST /v1/series/{id}:undo: all letters of a series that are held, in one change. */
#include "gateway/outbox/outbox_series.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "gateway/outbox/outbox_hold.h"
#include "gateway/outbox/outbox_internal.h"
#include "http/http_path.h"
#include "json/json_write.h"
#include "store/store.h"
#include "sys/ipc.h"

/* One request, until it is answered. */
struct undoing {
	struct group_op op; /* first: the group hands it back */
	struct outbox *outbox;
	struct peer *peer;
	uint32_t request;
	char id[ID_TEXT_SIZE];
	char scope[ORG_TEXT_SIZE];
	struct desk_draft_actor actor;
	struct desk_draft draft;
};

static struct rows *
rows_of(const struct undoing *undoing)
{
	return store_rows(undoing->outbox->gateway->spool.store);
}

/* One of it: its files are the draft's again. */
static int
undo_letter(struct undoing *undoing, int64_t document, struct error *err)
{
	struct rows *rows = rows_of(undoing);
	enum outbox_hold hold = OUTBOX_HOLD_NONE;

	if (outbox_hold_find(rows, document, &hold, err) < 0)
		return -1;
	if (hold != OUTBOX_HOLD_HELD && hold != OUTBOX_HOLD_UNDONE)
		return error_set_id(err, "E6601", ERROR_DENIED,
		    "a letter of the series is on its way");
	if (hold == OUTBOX_HOLD_HELD &&
	    outbox_hold_undo(rows, document,
		spool_now(&undoing->outbox->gateway->spool), err) < 0)
		return -1;
	if (desk_draft_files_from_letter(rows, undoing->draft.row, document,
		err) < 0)
		return -1;
	return outbox_document_free_key(rows, document, err);
}

static int
apply(struct group_op *op, struct error *err)
{
	struct undoing *undoing = (struct undoing *)(void *)op;
	struct desk_draft *draft = &undoing->draft;
	int64_t document = 0;
	int more;

	if (desk_draft_load(rows_of(undoing), undoing->id, undoing->scope,
		draft, err) < 0)
		return -1;
	/* Undone already: the same answer. */
	if (draft->state != DESK_DRAFT_SENT)
		return 0;
	while ((more = outbox_series_next(rows_of(undoing), &draft->id,
		    document, &document, err)) > 0)
		if (undo_letter(undoing, document, err) < 0)
			return -1;
	if (more < 0)
		return -1;
	if (document == 0)
		return error_set_id(err, "E6604", ERROR_NOT_FOUND,
		    "the draft was not sent as a series");
	return desk_draft_undone_apart(rows_of(undoing), draft, &undoing->actor,
	    spool_now(&undoing->outbox->gateway->spool), err);
}

static int
answer(const struct undoing *undoing, struct error *err)
{
	const struct outbox_reading reading =
	    outbox_reading_of(&undoing->outbox->gateway->spool);
	struct message_response response = { .status = 200,
		.type = "application/json" };
	struct bytes json = { 0 };
	struct json_writer writer = json_writer_to(&json);
	int rc = -1;

	if (outbox_series_read(&reading, undoing->id, undoing->scope, &writer,
		err) == 0 &&
	    json_write_done(&writer, err) == 0) {
		response.body = blob_of_bytes(&json);
		peer_tell(undoing->peer, MESSAGE_RESPONSE, undoing->request,
		    &response, -1);
		rc = 0;
	}
	bytes_free(&json);
	return rc;
}

static void
finish(struct group_op *op, const struct error *failure)
{
	struct undoing *undoing = (struct undoing *)(void *)op;
	struct error err = { 0 };
	int64_t document = 0;

	while (failure == NULL &&
	    outbox_series_next(rows_of(undoing), &undoing->draft.id, document,
		&document, &err) > 0)
		outbox_wait_wake(undoing->outbox, document);
	if (failure == NULL && answer(undoing, &err) < 0)
		failure = &err;
	if (failure != NULL)
		peer_refuse(undoing->peer, undoing->request, failure);
	free(undoing);
}

void
outbox_series_undo(struct outbox *outbox, struct peer *peer, uint32_t id,
    const struct message_request *request)
{
	static const struct digest none = { { 0 } };
	struct undoing *undoing = calloc(1, sizeof(*undoing));
	struct http_segments segments;
	struct error err = { 0 };

	if (undoing == NULL)
		error_set_memory(&err);
	else if (!http_path_match("/v1/series/{}:undo", request->path,
		     &segments) ||
	    !text_copy(undoing->id, sizeof(undoing->id), segments.text[0]))
		error_set_id(&err, "E6604", ERROR_NOT_FOUND,
		    "a series is named by its id");
	if (err.code != ERROR_NONE) {
		free(undoing);
		peer_refuse(peer, id, &err);
		return;
	}
	undoing->outbox = outbox;
	undoing->peer = peer;
	undoing->request = id;
	text_copy(undoing->scope, sizeof(undoing->scope), request->scope);
	text_copy(undoing->actor.name, sizeof(undoing->actor.name),
	    request->actor);
	undoing->actor.is_person = !digest_equal(&request->session, &none);
	undoing->op.apply = apply;
	undoing->op.finish = finish;
	group_add(outbox->gateway->spool.group, &undoing->op);
}
