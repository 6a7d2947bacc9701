#include "center/accept/center_accept.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/text.h"
#include "center/accept/center_accept_internal.h"
#include "center/accept/center_quota.h"
#include "center/center_rows.h"
#include "center/center_watch.h"
#include "center/epoch/center_epoch.h"
#include "center/log/center_log.h"
#include "center/rewrap/center_rewrap.h"
#include "center/send/center_send.h"
#include "center/send/center_send_rows.h"
#include "exchange/duplicate.h"
#include "policy/admission.h"
#include "role/spool/partials.h"
#include "role/spool/uploads.h"
#include "store/store.h"
#include "sys/ipc.h"

static void
free_accepting(struct accepting *accepting)
{
	upload_free(accepting->upload);
	free(accepting->leaves);
	center_request_free(&accepting->request);
	free(accepting->woken);
	free(accepting);
}

static void
alarm_clash(const struct accepting *accepting)
{
	char id[ID_TEXT_SIZE];
	struct log_line line;

	id_format(&accepting->waybill.waybill_id, id);
	log_begin(&line, &accepting->request.center->spool.env->log,
	    LOG_LEVEL_ERROR, "E4103");
	log_text(&line, "waybill", id);
	log_text(&line, "org", accepting->sender.text);
	log_text(&line, "host", accepting->submit.host);
	log_end(&line);
}

/* So much content is handed in before it is submitted: docs/protocol.md 8. */
static bool
is_offer(const struct accepting *accepting)
{
	return accepting->submit.upload == 0;
}

static int
tell_again(struct accepting *accepting, const struct center_waybill *known,
    struct error *err)
{
	struct center *center = accepting->request.center;

	return center_send_events(store_rows(center->spool.store), known, err);
}

/* Our own receipt, of an earlier epoch, of a waybill that we do not know. */
static bool
is_accepted_before(const struct accepting *accepting)
{
	const struct center *center = accepting->request.center;

	return accepting->submit.kind == BUNDLE_SUBMISSION &&
	    accepting->is_accepted_verified &&
	    text_equal(accepting->waybill.center, center->name);
}

static int
take(struct accepting *accepting, const struct center_waybill *known,
    struct error *err)
{
	bool is_done;
	int rc = center_take_apply(accepting, known, &is_done, err);

	accepting->is_taken = rc == 0 && is_done && !accepting->is_repeat;
	return rc;
}

/*
 * Judged here, not before: what changed meanwhile counts.  What our log has
 * accepted before was judged then, and the restored data lack it.
 */
static int
accept(struct accepting *accepting, const struct center_waybill *known,
    struct error *err)
{
	bool has_content = known != NULL && known->payload != 0;

	if (!is_accepted_before(accepting) &&
	    center_accept_judge(accepting, err) < 0)
		return -1;
	if (is_offer(accepting) && !has_content)
		return 0;
	accepting->accepted_at = spool_now(&accepting->request.center->spool);
	if (center_accept_write(accepting, known, err) < 0)
		return -1;
	accepting->is_taken = has_content;
	center_quotas_count(accepting, false);
	accepting->is_counted = true;
	return 0;
}

/*
 * A waybill that is here: its first answer again.  A relay of one of which only
 * moved deliveries are here brings the others.
 */
static int
accept_again(struct accepting *accepting, const struct center_waybill *known,
    struct error *err)
{
	int found = accepting->submit.kind == BUNDLE_RELAY
	    ? center_accept_is_known(accepting, known, err)
	    : 1;

	if (found < 0)
		return -1;
	if (found == 0)
		return accept(accepting, known, err);
	accepting->is_repeat = true;
	accepting->entry = known->entry;
	/* Whoever relays again may have lost what we answered. */
	return accepting->submit.kind == BUNDLE_RELAY
	    ? tell_again(accepting, known, err)
	    : 0;
}

static int
apply(struct group_op *op, struct error *err)
{
	struct accepting *accepting = (struct accepting *)(void *)op;
	struct center_waybill known;
	struct duplicate_waybill before,
	    now = {
		    .sender = accepting->sender,
		    .waybill_id = accepting->waybill.waybill_id,
		    .digest = accepting->waybill.waybill,
	    };
	int found =
	    center_waybill_find(store_rows(
				    accepting->request.center->spool.store),
		&accepting->sender, &accepting->waybill.waybill_id, &known,
		err);

	if (found < 0)
		return -1;
	if (found > 0) {
		before = (struct duplicate_waybill){ known.sender,
			known.waybill_id, known.digest };
		if (duplicate_check(duplicate_waybill(&before, &now), err) <
		    0) {
			alarm_clash(accepting);
			return -1;
		}
		return accepting->submit.kind == BUNDLE_MOVE
		    ? take(accepting, &known, err)
		    : accept_again(accepting, &known, err);
	}
	return accepting->submit.kind == BUNDLE_MOVE
	    ? take(accepting, NULL, err)
	    : accept(accepting, NULL, err);
}

/* ---- answering ------------------------------------------------------- */

static void
log_accepted(const struct accepting *accepting)
{
	char id[ID_TEXT_SIZE];
	struct log_line line;

	id_format(&accepting->waybill.waybill_id, id);
	log_begin(&line, &accepting->request.center->spool.env->log,
	    LOG_LEVEL_NOTICE,
	    accepting->submit.kind == BUNDLE_MOVE        ? "delivery.taken"
		: accepting->submit.kind == BUNDLE_RELAY ? "waybill.relayed"
							 : "waybill.accepted");
	log_text(&line, "waybill", id);
	log_text(&line, "org", accepting->sender.text);
	log_text(&line, "host", accepting->submit.host);
	log_u64(&line, "recipients", accepting->waybill.count);
	log_u64(&line, "bytes", accepting->waybill.content_len);
	log_end(&line);
}

static void
refuse(const struct accepting *accepting, const struct error *failure)
{
	struct log_line line;

	log_begin(&line, &accepting->request.center->spool.env->log,
	    LOG_LEVEL_WARNING, error_message_id(failure));
	log_text(&line, "org", accepting->sender.text);
	log_text(&line, "host", accepting->submit.host);
	log_error(&line, failure);
	log_end(&line);
	peer_refuse(accepting->request.peer, accepting->request.id, failure);
}

void
center_accept_end(struct accepting *accepting, const struct error *failure)
{
	refuse(accepting, failure);
	free_accepting(accepting);
}

static void
answer(const struct accepting *accepting)
{
	struct center *center = accepting->request.center;
	struct message_submitted submitted = { .is_repeat =
						   accepting->is_repeat };
	struct bytes json = { 0 };
	struct error err = { 0 };

	if (host_log_receipt(store_leaves(center->spool.store),
		accepting->entry, &json, &err) < 0) {
		peer_refuse(accepting->request.peer, accepting->request.id,
		    &err);
	} else {
		submitted.receipt = blob_of_bytes(&json);
		peer_tell(accepting->request.peer, MESSAGE_SUBMITTED,
		    accepting->request.id, &submitted, -1);
	}
	bytes_free(&json);
}

/* What was refused for good needs no content any more. */
static void
drop_partial(const struct accepting *accepting)
{
	partials_drop(accepting->request.center->spool.partials,
	    accepting->submit.host, &accepting->waybill.waybill);
}

static void
on_open(void *ctx, uint64_t ticket, const struct error *failure)
{
	struct accepting *accepting = ctx;
	struct message_arriving arriving = { .ticket = ticket };

	if (failure != NULL)
		refuse(accepting, failure);
	else
		peer_tell(accepting->request.peer, MESSAGE_ARRIVING,
		    accepting->request.id, &arriving, -1);
	free_accepting(accepting);
}

/* It may come: its content goes on behind what is here. */
static void
open_partial(struct accepting *accepting)
{
	struct partials_content content = {
		.host = accepting->submit.host,
		.name = accepting->waybill.waybill,
		.label = accepting->waybill.waybill_id,
		.total = accepting->waybill.content_len,
		.ends_at = accepting->waybill.not_after,
	};

	partials_open(accepting->request.center->spool.partials, &content,
	    accepting->submit.offset, on_open, accepting);
}

/* Of a relay, since its origin accepted: another key part is wanted. */
static void
mark_lost_keys(const struct accepting *accepting)
{
	struct center *center = accepting->request.center;
	const struct directory *directory = spool_directory(&center->spool);
	const struct org_code nobody = { "" };
	struct org_code code;

	for (size_t i = 0; directory != NULL && i < accepting->leaf_count; i++)
		if (org_code_parse(accepting->leaves[i].recipient, &code) &&
		    center_rewrap_is_wanted(directory, &code,
			&accepting->leaves[i].seal, &nobody)) {
			center_rewrapper_on_directory(center->rewrapper);
			return;
		}
}

static void
finish(struct group_op *op, const struct error *failure)
{
	struct accepting *accepting = (struct accepting *)(void *)op;
	struct center *center = accepting->request.center;

	if (failure != NULL) {
		if (accepting->is_counted)
			center_quotas_count(accepting, true);
		refuse(accepting, failure);
		if (!error_is_temporary(failure) &&
		    failure->code != ERROR_SYSTEM)
			drop_partial(accepting);
		free_accepting(accepting);
		return;
	}
	if (is_offer(accepting) && !accepting->is_repeat &&
	    !accepting->is_taken) {
		open_partial(accepting);
		return;
	}
	if (accepting->is_repeat ||
	    (accepting->is_taken && is_offer(accepting)))
		drop_partial(accepting);
	answer(accepting);
	if (accepting->is_repeat) {
		center_sender_wake(center->sender);
	} else {
		log_accepted(accepting);
		mark_lost_keys(accepting);
		for (size_t i = 0; i < accepting->woken_count; i++)
			center_watch_wake(center->watch, accepting->woken[i]);
		if (accepting->sender_host[0] != '\0')
			center_watch_wake(center->watch,
			    accepting->sender_host);
		center_sender_wake(center->sender);
	}
	free_accepting(accepting);
}

/* ---- taking the request ---------------------------------------------- */

static int
read_leaves(struct accepting *accepting, struct error *err)
{
	struct blob list = accepting->waybill.leaves;
	uint32_t count = accepting->waybill.count;
	struct message_leaf leaf;
	int more;

	if (count == 0 || count > ADMISSION_RECIPIENTS_MAX)
		return error_set_id(err, "E4028", ERROR_DENIED, "%u recipients",
		    count);
	accepting->leaves = calloc(count, sizeof(*accepting->leaves));
	accepting->woken = calloc(count, sizeof(*accepting->woken));
	if (accepting->leaves == NULL || accepting->woken == NULL)
		return error_set_memory(err);
	while ((more = codec_next(message_fields(MESSAGE_LEAF), &list, &leaf,
		    err)) > 0) {
		if (accepting->leaf_count == count)
			return error_set(err, ERROR_MALFORMED,
			    "more leaves than recipients");
		accepting->leaves[accepting->leaf_count++] = leaf;
	}
	if (more == 0 && accepting->leaf_count == 0)
		return error_set(err, ERROR_MALFORMED, "no leaf");
	return more;
}

static int
read_submit(struct accepting *accepting, struct error *err)
{
	struct center *center = accepting->request.center;
	const struct bytes *body = &accepting->request.body;

	if (codec_decode(message_fields(MESSAGE_SUBMIT), body->data, body->len,
		&accepting->submit, err) < 0)
		return -1;
	/* Taken first: whatever fails from here on drops the upload too. */
	if (!is_offer(accepting) &&
	    uploads_take(center->spool.from_listener, accepting->submit.upload,
		accepting->submit.content_len, &accepting->upload, err) < 0)
		return -1;
	if (accepting->upload != NULL)
		accepting->payload = upload_payload(accepting->upload);
	if (codec_decode(message_fields(MESSAGE_WAYBILL),
		accepting->submit.waybill.data, accepting->submit.waybill.len,
		&accepting->waybill, err) < 0)
		return -1;
	if (!org_code_parse(accepting->waybill.sender, &accepting->sender))
		return error_set(err, ERROR_MALFORMED, "sender %s",
		    accepting->waybill.sender);
	if (accepting->submit.offset > accepting->waybill.content_len ||
	    accepting->submit.content_len !=
		accepting->waybill.content_len - accepting->submit.offset)
		return error_set_id(err, "E4033", ERROR_MALFORMED,
		    "content part of another length than the waybill says");
	return read_leaves(accepting, err);
}

static void
on_receipt(void *ctx, struct ipc_message *message)
{
	struct accepting *accepting = ctx;
	struct message_receipt receipt;
	struct error err = { 0 };

	if (message_read(message, MESSAGE_RECEIPT, &receipt, &err) < 0) {
		refuse(accepting, &err);
		free_accepting(accepting);
		return;
	}
	accepting->is_accepted_verified = receipt.event == EVENT_ACCEPTED &&
	    digest_equal(&receipt.waybill, &accepting->waybill.waybill) &&
	    text_equal(receipt.center, accepting->waybill.center);
	if (accepting->submit.kind == BUNDLE_MOVE)
		center_take_begin(accepting);
	else
		group_add(accepting->request.center->spool.group,
		    &accepting->op);
}

/* A relay brings the origin's receipt, which the verifier looks at first. */
static int
begin(struct accepting *accepting, struct error *err)
{
	struct center *center = accepting->request.center;
	struct message_verify_receipt ask = {
		.receipt = accepting->submit.receipt,
	};

	if (center_epoch_check(center->epoch, err) < 0)
		return -1;
	/* Content in one piece is compared before its rows are written. */
	accepting->op.judges_first =
	    accepting->submit.kind != BUNDLE_MOVE && accepting->payload != 0;
	/* A submission brings one when it was accepted in an earlier epoch. */
	if (accepting->submit.kind == BUNDLE_RELAY ||
	    accepting->submit.kind == BUNDLE_MOVE ||
	    (accepting->submit.kind == BUNDLE_SUBMISSION &&
		accepting->submit.receipt.len > 0))
		return peer_ask(center->spool.verifier, MESSAGE_VERIFY_RECEIPT,
		    &ask, -1, on_receipt, accepting, NULL, err);
	if (accepting->submit.kind != BUNDLE_SUBMISSION)
		return error_set(err, ERROR_MALFORMED, "bundle of kind %u",
		    accepting->submit.kind);
	group_add(center->spool.group, &accepting->op);
	return 0;
}

void
center_accept_on_submit(void *ctx, struct peer *peer,
    struct ipc_message *message)
{
	struct accepting *accepting = calloc(1, sizeof(*accepting));
	struct error err = { 0 };

	if (accepting == NULL) {
		error_set_memory(&err);
		peer_refuse(peer, message->id, &err);
		return;
	}
	accepting->op.apply = apply;
	accepting->op.finish = finish;
	if (center_request_keep(ctx, peer, message, &accepting->request, &err) <
	    0) {
		peer_refuse(peer, message->id, &err);
		free(accepting);
		return;
	}
	if (read_submit(accepting, &err) < 0 || begin(accepting, &err) < 0) {
		refuse(accepting, &err);
		free_accepting(accepting);
	}
}

/* ---- how much is here ------------------------------------------------ */

struct asking {
	struct center *center;
	struct peer *peer;
	uint32_t id;
	struct message_offset_read read;
};

/*
 * Of what is accepted all of it is here; only who handed it in learns that, and
 * who hands over a delivery, when its content is here still.
 */
static void
on_offset(void *ctx, uint64_t offset)
{
	struct asking *asking = ctx;
	struct message_offset answer = { .offset = offset };
	struct center_waybill waybill;
	struct error err = { 0 };

	if (center_waybill_find_large(store_rows(asking->center->spool.store),
		&asking->read.waybill, &waybill, &err) > 0 &&
	    (asking->read.is_move
		    ? waybill.payload != 0
		    : text_equal(waybill.host, asking->read.host)))
		answer = (struct message_offset){ true, waybill.content_len };
	if (err.code != ERROR_NONE)
		peer_refuse(asking->peer, asking->id, &err);
	else
		peer_tell(asking->peer, MESSAGE_OFFSET, asking->id, &answer,
		    -1);
	free(asking);
}

void
center_accept_on_offset_read(void *ctx, struct peer *peer,
    struct ipc_message *message)
{
	struct center *center = ctx;
	struct asking *asking = calloc(1, sizeof(*asking));
	struct error err = { 0 };

	if (asking == NULL)
		error_set_memory(&err);
	if (asking == NULL ||
	    message_read(message, MESSAGE_OFFSET_READ, &asking->read, &err) <
		0) {
		peer_refuse(peer, message->id, &err);
		free(asking);
		return;
	}
	asking->center = center;
	asking->peer = peer;
	asking->id = message->id;
	partials_offset(center->spool.partials, asking->read.host,
	    &asking->read.waybill, on_offset, asking);
}
