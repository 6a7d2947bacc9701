#include "gateway/outbox/outbox.h"

#include <stdlib.h>

#include "base/text.h"
#include "crypto/cert_cache.h"
#include "gateway/outbox/outbox_early.h"
#include "gateway/outbox/outbox_hold.h"
#include "gateway/outbox/outbox_internal.h"
#include "gateway/outbox/outbox_series.h"
#include "http/http_path.h"
#include "store/store.h"
#include "sys/ipc.h"
#include "sys/loop.h"

int
outbox_new(struct gateway *gateway, struct outbox **ret_outbox,
    struct error *err)
{
	struct outbox *outbox = calloc(1, sizeof(*outbox));
	struct loop *loop = gateway->spool.env->loop;

	if (outbox == NULL)
		return error_set_memory(err);
	outbox->gateway = gateway;
	if (loop_soon_new(loop, outbox_letter_schedule, outbox,
		&outbox->schedule, err) < 0 ||
	    cert_cache_new(OUTBOX_SEALS_MAX, &outbox->seals, err) < 0 ||
	    loop_soon_new(loop, outbox_letter_slices, outbox, &outbox->slices,
		err) < 0 ||
	    outbox_submit_new(outbox, &outbox->submit, err) < 0 ||
	    outbox_holds_new(outbox, &outbox->holds, err) < 0 ||
	    outbox_withdrawals_new(outbox, &outbox->withdrawals, err) < 0 ||
	    outbox_rewraps_new(outbox, &outbox->rewraps, err) < 0 ||
	    outbox_early_new(outbox, &outbox->early, err) < 0 ||
	    retainer_new(&gateway->spool, &outbox_retain_hooks, outbox,
		&outbox->retainer, err) < 0) {
		outbox_free(outbox);
		return -1;
	}
	*ret_outbox = outbox;
	return 0;
}

void
outbox_free(struct outbox *outbox)
{
	if (outbox == NULL)
		return;
	outbox_wait_free_all(outbox);
	while (outbox->first != NULL) {
		struct outbox_letter *letter = outbox->first;

		outbox->first = letter->next;
		outbox_letter_free(letter);
	}
	outbox_submit_free(outbox->submit);
	outbox_holds_free(outbox->holds);
	outbox_withdrawals_free(outbox->withdrawals);
	outbox_rewraps_free(outbox->rewraps);
	outbox_early_free(outbox->early);
	retainer_free(outbox->retainer);
	loop_soon_free(outbox->schedule);
	loop_soon_free(outbox->slices);
	cert_cache_free(outbox->seals);
	free(outbox);
}

/* ---- start ----------------------------------------------------------- */

struct starting {
	struct group_op op; /* first: the group hands it back */
	struct outbox *outbox;
};

/*
 * Drafts are letters of which nobody was told: whoever sent them will send
 * them again, and gets another waybill id (job_send_restart(): JOB_AFRESH).
 */
static int
apply(struct group_op *op, struct error *err)
{
	struct starting *starting = (struct starting *)(void *)op;
	struct rows *rows = store_rows(starting->outbox->gateway->spool.store);
	int64_t draft;
	int more;

	while ((more = outbox_draft_find(rows, &draft, err)) > 0)
		if (outbox_take_remove(starting->outbox, draft, err) < 0)
			return -1;
	return more;
}

static void
begin(struct outbox *outbox)
{
	outbox->is_started = true;
	outbox_submit_wake(outbox->submit);
	outbox_hold_wake(outbox->holds);
	outbox_withdraw_wake(outbox->withdrawals);
	outbox_rewrap_wake(outbox->rewraps);
	outbox_early_look(outbox->early);
	retainer_start(outbox->retainer);
}

/* What could not be removed takes up room, and harms nobody. */
static void
finish(struct group_op *op, const struct error *failure)
{
	struct starting *starting = (struct starting *)(void *)op;
	struct outbox *outbox = starting->outbox;

	if (failure != NULL)
		log_failure(&outbox->gateway->spool.env->log, LOG_LEVEL_WARNING,
		    "outbox.drafts", failure);
	free(starting);
	begin(outbox);
}

void
outbox_start(struct outbox *outbox)
{
	struct starting *starting = calloc(1, sizeof(*starting));

	/* Without memory the next start removes the drafts. */
	if (starting == NULL) {
		begin(outbox);
		return;
	}
	starting->outbox = outbox;
	starting->op.apply = apply;
	starting->op.finish = finish;
	group_add(outbox->gateway->spool.group, &starting->op);
}

void
outbox_on_directory(struct outbox *outbox)
{
	if (!outbox->is_started)
		return;
	outbox_rewrap_wake(outbox->rewraps);
	outbox_early_look(outbox->early);
}

/* ---- requests -------------------------------------------------------- */

void
outbox_request(struct outbox *outbox, struct peer *peer,
    struct ipc_message *message, const struct message_request *request)
{
	if (text_starts(request->path, "/v1/documents"))
		outbox_letter_begin(outbox, peer, message, request);
	else if (text_starts(request->path, "/v1/series"))
		outbox_series_undo(outbox, peer, message->id, request);
	else if (text_equal(request->path, "/v1/review"))
		outbox_review_request(outbox, peer, message->id, request);
	else if (http_path_match("/v1/outbox/{}:undo", request->path, NULL))
		outbox_hold_request(outbox, peer, message->id, request);
	else if (text_equal(request->method, "POST"))
		outbox_withdraw_request(outbox, peer, message->id, request);
	else
		outbox_wait_request(outbox, peer, message->id, request);
}

void
outbox_cancel(struct outbox *outbox, uint32_t id)
{
	if (!outbox_wait_cancel(outbox, id))
		outbox_letter_cancel(outbox, id);
}
