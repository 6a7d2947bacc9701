/*
 * Letters that wait for their sender to undo them: a timer that lets them go,
 * and POST /v1/outbox/{id}:undo.
 */
#include "gateway/outbox/outbox_hold.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "gateway/outbox/outbox_internal.h"
#include "gateway/sending/settings.h"
#include "http/http_path.h"
#include "service/config.h"
#include "store/store.h"
#include "sys/loop.h"

enum { LOOK_AGAIN_MS = 1000 };

struct outbox_holds {
	struct group_op op; /* first: the group hands it back */
	struct outbox *outbox;
	struct loop_timer *timer;
	struct loop_soon *soon;
	bool is_busy; /* with the group */
};

static struct rows *
rows_of(const struct outbox *outbox)
{
	return store_rows(outbox->gateway->spool.store);
}

static int64_t
now_of(const struct outbox *outbox)
{
	return spool_now(&outbox->gateway->spool);
}

/* ---- letting go ------------------------------------------------------ */

static int
apply_release(struct group_op *op, struct error *err)
{
	struct outbox_holds *holds = (struct outbox_holds *)(void *)op;

	return outbox_hold_release(rows_of(holds->outbox),
	    now_of(holds->outbox), err);
}

static void
finish_release(struct group_op *op, const struct error *failure)
{
	struct outbox_holds *holds = (struct outbox_holds *)(void *)op;
	struct outbox *outbox = holds->outbox;

	holds->is_busy = false;
	if (failure != NULL) {
		log_failure(&outbox->gateway->spool.env->log, LOG_LEVEL_ERROR,
		    "hold.release", failure);
		loop_timer_start(holds->timer, LOOK_AGAIN_MS);
		return;
	}
	outbox_submit_wake(outbox->submit);
	outbox_hold_wake(holds);
}

static void
look(void *ctx)
{
	struct outbox_holds *holds = ctx;
	struct outbox *outbox = holds->outbox;
	int64_t now = now_of(outbox);
	struct error err = { 0 };
	int64_t at;

	if (!outbox->is_started || holds->is_busy)
		return;
	if (outbox_hold_next(rows_of(outbox), now, &at, &err) < 0) {
		log_failure(&outbox->gateway->spool.env->log, LOG_LEVEL_ERROR,
		    "hold.look", &err);
		at = now + LOOK_AGAIN_MS;
	}
	if (at == INT64_MAX)
		return;
	if (at > now) {
		loop_timer_start(holds->timer, (uint64_t)(at - now));
		return;
	}
	holds->is_busy = true;
	holds->op.apply = apply_release;
	holds->op.finish = finish_release;
	group_add(outbox->gateway->spool.group, &holds->op);
}

void
outbox_hold_wake(struct outbox_holds *holds)
{
	loop_soon_start(holds->soon);
}

/* ---- how long -------------------------------------------------------- */

/* A person who is logged in, not a program and not this machine. */
static bool
is_person(const struct message_request *request)
{
	static const struct digest none = { { 0 } };

	return !digest_equal(&request->session, &none);
}

int
outbox_hold_read(struct outbox_letter *letter, const struct http_target *target,
    struct error *err)
{
	const char *undo = http_target_param(target, "undo");
	uint64_t seconds = 0;

	letter->is_undo_default = undo == NULL && letter->actor.is_person;
	if (undo != NULL && !text_parse_u64(undo, OUTBOX_HOLD_MAX_S, &seconds))
		return error_set_id(err, "E6204", ERROR_MALFORMED,
		    "undo must be a number of seconds up to %d",
		    OUTBOX_HOLD_MAX_S);
	letter->undo_s = (uint32_t)seconds;
	return 0;
}

int
outbox_hold_send(const struct outbox_letter *letter, struct error *err)
{
	struct outbox *outbox = letter->outbox;
	struct sending_settings settings;
	int64_t seconds = letter->undo_s;

	if (letter->is_undo_default) {
		if (sending_settings_find(rows_of(outbox),
			outbox->gateway->spool.env->config,
			&letter->document.sender, &settings, err) < 0)
			return -1;
		seconds = settings.undo_s;
	}
	if (seconds == 0)
		return outbox_waybill_step_all(rows_of(outbox),
		    letter->document.row, JOB_SEND_SUBMIT, err);
	return outbox_hold_begin(rows_of(outbox), letter->document.row,
	    now_of(outbox), seconds * 1000, err);
}

/* ---- undoing --------------------------------------------------------- */

/* One request, until it is answered. */
struct undoing {
	struct group_op op; /* first: the group hands it back */
	struct outbox *outbox;
	struct peer *peer;
	uint32_t request;
	struct id document_id;
	int64_t document; /* its row */
	struct desk_draft_actor actor;
};

static int
apply_undo(struct group_op *op, struct error *err)
{
	struct undoing *undoing = (struct undoing *)(void *)op;
	struct rows *rows = rows_of(undoing->outbox);
	struct outbox_document document;
	enum outbox_hold hold = OUTBOX_HOLD_NONE;
	int found =
	    outbox_document_find(rows, &undoing->document_id, &document, err);

	if (found > 0 && document.is_draft)
		found = 0;
	if (found > 0)
		found = outbox_hold_find(rows, document.row, &hold, err);
	if (found <= 0)
		return found < 0 ? -1
				 : error_set_id(err, "E4208", ERROR_NOT_FOUND,
				       "no such letter was sent here");
	undoing->document = document.row;
	if (hold == OUTBOX_HOLD_UNDONE)
		return 0;
	if (hold != OUTBOX_HOLD_HELD)
		return error_set_id(err, "E6601", ERROR_DENIED,
		    "the letter is on its way");
	if (outbox_hold_undo(rows, document.row, now_of(undoing->outbox), err) <
	    0)
		return -1;
	return desk_draft_undone(rows, &undoing->document_id, document.row,
	    &undoing->actor, now_of(undoing->outbox), err);
}

static void
finish_undo(struct group_op *op, const struct error *failure)
{
	struct undoing *undoing = (struct undoing *)(void *)op;
	struct outbox *outbox = undoing->outbox;

	if (failure != NULL) {
		peer_refuse(undoing->peer, undoing->request, failure);
	} else {
		outbox_wait_wake(outbox, undoing->document);
		outbox_answer_one(outbox, undoing->peer, undoing->request,
		    &undoing->document_id);
	}
	free(undoing);
}

void
outbox_hold_request(struct outbox *outbox, struct peer *peer, uint32_t id,
    const struct message_request *request)
{
	struct undoing *undoing = calloc(1, sizeof(*undoing));
	struct http_segments segments;
	struct error err = { 0 };

	if (undoing == NULL) {
		error_set_memory(&err);
	} else if (!http_path_match("/v1/outbox/{}:undo", request->path,
		       &segments) ||
	    !id_parse(segments.text[0], &undoing->document_id)) {
		error_set_id(&err, "E4208", ERROR_NOT_FOUND,
		    "a letter is named by its id");
	} else {
		undoing->outbox = outbox;
		undoing->peer = peer;
		undoing->request = id;
		undoing->actor.is_person = is_person(request);
		text_copy(undoing->actor.name, sizeof(undoing->actor.name),
		    request->actor);
		undoing->op.apply = apply_undo;
		undoing->op.finish = finish_undo;
		group_add(outbox->gateway->spool.group, &undoing->op);
		return;
	}
	peer_refuse(peer, id, &err);
	free(undoing);
}

/* ---- life ------------------------------------------------------------ */

int
outbox_holds_new(struct outbox *outbox, struct outbox_holds **ret_holds,
    struct error *err)
{
	struct outbox_holds *holds = calloc(1, sizeof(*holds));
	struct loop *loop = outbox->gateway->spool.env->loop;

	if (holds == NULL)
		return error_set_memory(err);
	holds->outbox = outbox;
	if (loop_timer_new(loop, look, holds, &holds->timer, err) < 0 ||
	    loop_soon_new(loop, look, holds, &holds->soon, err) < 0) {
		outbox_holds_free(holds);
		return -1;
	}
	*ret_holds = holds;
	return 0;
}

void
outbox_holds_free(struct outbox_holds *holds)
{
	if (holds == NULL)
		return;
	loop_timer_free(holds->timer);
	loop_soon_free(holds->soon);
	free(holds);
}
