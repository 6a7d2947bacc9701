/*
 * A letter made of a draft of the desk (sending/desk_draft.h): its files lie in
 * the store already and stay the draft's until the letter is sent.
 */
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "gateway/outbox/outbox_internal.h"
#include "gateway/sending/settings.h"
#include "http/http_path.h"
#include "store/store.h"

static struct rows *
rows_of(const struct outbox_letter *letter)
{
	return store_rows(letter->outbox->gateway->spool.store);
}

/* ---- sending --------------------------------------------------------- */

int
outbox_draft_check_proofread(struct outbox *outbox,
    const struct desk_draft *draft, struct error *err)
{
	struct spool *spool = &outbox->gateway->spool;
	struct sending_settings settings;

	if (sending_settings_find(store_rows(spool->store), spool->env->config,
		&draft->organisation, &settings, err) < 0)
		return -1;
	if (settings.proofreading && draft->state != DESK_DRAFT_PROOFREAD)
		return error_set_id(err, "E6611", ERROR_DENIED,
		    "the draft is %s", desk_draft_state_name(draft->state));
	return 0;
}

/* 1 when it was sent before: that letter is the answer. */
static int
find_sent(struct outbox_letter *letter, const struct desk_draft *draft,
    struct error *err)
{
	if (draft->state != DESK_DRAFT_SENT)
		return 0;
	if (outbox_document_find(rows_of(letter), &draft->document,
		&letter->document, err) > 0)
		return 1;
	return error_set_id(err, "E6606", ERROR_DENIED, "the draft was sent");
}

static int
begin(struct outbox_letter *letter, const struct desk_draft *draft,
    struct error *err)
{
	struct outbox_document *document = &letter->document;

	if (desk_draft_may_change(rows_of(letter), draft, letter->match,
		&letter->target, err) < 0 ||
	    outbox_draft_check_proofread(letter->outbox, draft, err) < 0 ||
	    desk_draft_files(rows_of(letter), draft->row, &letter->files, err) <
		0)
		return -1;
	letter->draft = draft->row;
	/* Whoever sends it, it is its organisation's. */
	text_copy(letter->scope, sizeof(letter->scope),
	    draft->organisation.text);
	outbox_letter_measure(letter);
	desk_draft_letter_key(draft, document->key);
	if (outbox_files_digest(&letter->files, &document->digest, err) < 0)
		return -1;
	return outbox_take_add(letter, err);
}

static int
apply(struct group_op *op, struct error *err)
{
	struct outbox_letter *letter = (struct outbox_letter *)(void *)op;
	struct desk_draft draft;
	int found;

	if (desk_draft_load(rows_of(letter), letter->draft_id, letter->scope,
		&draft, err) < 0)
		return -1;
	found = find_sent(letter, &draft, err);
	if (found != 0)
		return found < 0 ? -1 : 0;
	if (begin(letter, &draft, err) < 0)
		return -1;
	letter->is_stored = true;
	return 0;
}

static void
finish(struct group_op *op, const struct error *failure)
{
	struct outbox_letter *letter = (struct outbox_letter *)(void *)op;

	if (failure != NULL) {
		letter->is_stored = false;
		outbox_letter_fail(letter, failure);
	} else if (!letter->is_stored) {
		outbox_letter_sent(letter, 200, &letter->document.document_id);
	} else {
		outbox_letter_stage(letter, OUTBOX_WAITS_CHECK);
	}
}

/* Programs have a desk of their own, where letters are proofread. */
int
outbox_draft_is_needed(const struct outbox_letter *letter, struct error *err)
{
	struct sending_settings settings;

	if (letter->draft != 0 || !letter->actor.is_person)
		return 0;
	if (sending_settings_find(rows_of(letter),
		letter->outbox->gateway->spool.env->config,
		&letter->document.sender, &settings, err) < 0)
		return -1;
	if (!settings.proofreading)
		return 0;
	return error_set_id(err, "E6611", ERROR_DENIED,
	    "the letter was not proofread");
}

int
outbox_draft_send(const struct outbox_letter *letter, struct error *err)
{
	if (letter->draft == 0)
		return 0;
	return desk_draft_sent(rows_of(letter), letter->draft, &letter->actor,
	    spool_now(&letter->outbox->gateway->spool), letter->document.row,
	    &letter->document.document_id, err);
}

/* ---- checking -------------------------------------------------------- */

static int
load_files(struct outbox_letter *letter, struct error *err)
{
	struct desk_draft draft;

	if (desk_draft_load(rows_of(letter), letter->draft_id, letter->scope,
		&draft, err) < 0)
		return -1;
	if (draft.state == DESK_DRAFT_SENT)
		return error_set_id(err, "E6606", ERROR_DENIED,
		    "the draft was sent");
	if (desk_draft_files(rows_of(letter), draft.row, &letter->files, err) <
	    0)
		return -1;
	letter->draft = draft.row;
	text_copy(letter->scope, sizeof(letter->scope),
	    draft.organisation.text);
	outbox_letter_measure(letter);
	return 0;
}

/* ---- the request ----------------------------------------------------- */

static int
read_path(struct outbox_letter *letter, const struct message_request *request,
    struct error *err)
{
	struct http_segments segments;

	if (http_target_parse(request->path, strlen(request->path),
		&letter->target, err) < 0)
		return -1;
	text_copy(letter->match, sizeof(letter->match), request->match);
	letter->is_only_check = http_path_match("/v1/drafts/{}:check",
	    letter->target.path, &segments);
	if ((letter->is_only_check ||
		http_path_match("/v1/drafts/{}:send", letter->target.path,
		    &segments)) &&
	    text_copy(letter->draft_id, sizeof(letter->draft_id),
		segments.text[0]))
		return 0;
	return error_set_id(err, "E6604", ERROR_NOT_FOUND, "no such draft");
}

void
outbox_draft_request(struct outbox *outbox, struct peer *peer, uint32_t id,
    const struct message_request *request)
{
	struct outbox_letter *letter =
	    outbox_letter_new(outbox, peer, id, request);
	struct error err = { 0 };

	if (letter == NULL)
		return;
	if (read_path(letter, request, &err) < 0 ||
	    outbox_letter_admit(letter, request, &err) < 0 ||
	    (letter->is_only_check && load_files(letter, &err) < 0)) {
		outbox_letter_refuse(letter, &err);
		return;
	}
	outbox_letter_enter(letter);
	if (letter->is_only_check) {
		outbox_letter_stage(letter, OUTBOX_WAITS_CHECK);
		return;
	}
	letter->op.apply = apply;
	letter->op.finish = finish;
	group_add(outbox->gateway->spool.group, &letter->op);
}
