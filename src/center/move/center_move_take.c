/*
 * The next center: a delivery that another center stated as moved to us.  The
 * receipts of that lead from the center that the leaf names, or from the
 * origin, link by link to us; then it is ours to decide, whatever our directory
 * says of its recipient meanwhile: if he is elsewhere it moves on.
 */
#include "center/move/center_move.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/text.h"
#include "center/accept/center_accept_internal.h"
#include "center/accept/center_event.h"
#include "center/accept/center_queued.h"
#include "center/center_rows.h"
#include "center/hold/center_hold.h"
#include "center/log/center_log.h"
#include "center/move/center_move_rows.h"
#include "center/rewrap/center_rewrap.h"
#include "center/send/center_follow.h"
#include "directory/directory.h"
#include "store/store.h"
#include "sys/ipc.h"

/* ---- the receipts ---------------------------------------------------- */

static void verify_next(struct accepting *accepting);

static int
note_link(struct accepting *accepting, const struct message_receipt *receipt,
    struct error *err)
{
	struct accepting_link *link = &accepting->links[accepting->link_count];
	const struct message_leaf *leaf = &accepting->leaves[0];

	if (receipt->event != EVENT_MOVED ||
	    !digest_equal(&receipt->waybill, &accepting->waybill.waybill) ||
	    !digest_equal(&receipt->leaf, &leaf->leaf) ||
	    !text_equal(receipt->recipient, leaf->recipient))
		return error_set_id(err, "E4403", ERROR_UNTRUSTED,
		    "a receipt of %s is not of this move", receipt->center);
	text_copy(link->center, sizeof(link->center), receipt->center);
	text_copy(link->at, sizeof(link->at), receipt->at);
	link->directory = receipt->directory;
	link->entry = receipt->entry;
	accepting->link_count++;
	return 0;
}

static void
on_receipt(void *ctx, struct ipc_message *message)
{
	struct accepting *accepting = ctx;
	struct message_receipt receipt;
	struct error err = { 0 };

	if (message_read(message, MESSAGE_RECEIPT, &receipt, &err) < 0 ||
	    note_link(accepting, &receipt, &err) < 0)
		center_accept_end(accepting, &err);
	else
		verify_next(accepting);
}

/* 1 with the next one, 0 behind the last. */
static int
next_receipt(struct accepting *accepting, struct message_verify_receipt *ask,
    struct error *err)
{
	int more = codec_next(message_fields(MESSAGE_VERIFY_RECEIPT),
	    &accepting->moved, ask, err);

	if (more > 0 && accepting->link_count == CENTER_MOVES_MAX)
		return error_set_id(err, "E4404", ERROR_DENIED,
		    "it was handed over more than %d times", CENTER_MOVES_MAX);
	if (more > 0)
		accepting->links[accepting->link_count].json = ask->receipt;
	return more;
}

static void
verify_next(struct accepting *accepting)
{
	struct center *center = accepting->request.center;
	struct message_verify_receipt ask;
	struct error err = { 0 };
	int more = next_receipt(accepting, &ask, &err);

	if (more > 0)
		more = peer_ask(center->spool.verifier, MESSAGE_VERIFY_RECEIPT,
			   &ask, -1, on_receipt, accepting, NULL, &err) < 0
		    ? -1
		    : 1;
	if (more < 0)
		center_accept_end(accepting, &err);
	else if (more == 0)
		group_add(center->spool.group, &accepting->op);
}

void
center_take_begin(struct accepting *accepting)
{
	struct error err = { 0 };

	if (accepting->leaf_count != 1) {
		error_set(&err, ERROR_MALFORMED, "a move of %zu deliveries",
		    accepting->leaf_count);
		center_accept_end(accepting, &err);
		return;
	}
	accepting->moved = accepting->submit.moved;
	verify_next(accepting);
}

/* ---- judging --------------------------------------------------------- */

/*
 * Who states a link must have had the delivery: by the link before, by the leaf
 * or as the origin; the origin also when the center before is listed no more.
 */
static bool
is_linked(const struct accepting *accepting, const struct directory *directory,
    size_t index)
{
	const struct accepting_link *link = &accepting->links[index];
	bool is_origin = text_equal(link->center, accepting->waybill.center);
	const char *before = index > 0 ? accepting->links[index - 1].at
				       : accepting->leaves[0].center;
	struct directory_center center;

	if (text_equal(link->center, before))
		return true;
	return is_origin &&
	    (index == 0 || !directory_find_center(directory, before, &center));
}

static int
judge_links(const struct accepting *accepting,
    const struct directory *directory, struct error *err)
{
	const struct center *center = accepting->request.center;
	const struct accepting_link *last =
	    &accepting->links[accepting->link_count - 1];
	bool is_good = text_equal(last->at, center->name) &&
	    (text_equal(accepting->submit.host, last->center) ||
		text_equal(accepting->submit.host, accepting->waybill.center));

	for (size_t i = 0; i < accepting->link_count; i++)
		is_good = is_good && is_linked(accepting, directory, i);
	if (!is_good)
		return error_set_id(err, "E4403", ERROR_DENIED,
		    "the receipts do not lead from %s to us",
		    accepting->leaves[0].center);
	/* By an older directory we would send it back. */
	if (last->directory > directory_serials(directory).directory)
		return error_set_id(err, "E4402", ERROR_BUSY,
		    "moved by directory %llu, which is not here yet",
		    (unsigned long long)last->directory);
	return 0;
}

/*
 * The rest was judged when it was accepted.  That its time is over matters to
 * whoever decides it, and that are we from now on.
 */
int
center_take_judge(const struct accepting *accepting, struct error *err)
{
	const struct center *center = accepting->request.center;
	const struct directory *directory = spool_directory(&center->spool);
	bool is_open = accepting->submit.reached == DELIVERY_ACCEPTED ||
	    accepting->submit.reached == DELIVERY_RELAYED ||
	    accepting->submit.reached == DELIVERY_FETCHED ||
	    accepting->submit.reached == DELIVERY_OPENED;

	if (directory == NULL)
		return error_set(err, ERROR_BUSY, "no directory yet");
	if (!text_equal(accepting->waybill.environment, center->environment))
		return error_set_id(err, "E4004", ERROR_DENIED,
		    "the waybill is of another environment");
	if (!accepting->is_accepted_verified)
		return error_set_id(err, "E4031", ERROR_UNTRUSTED,
		    "no receipt of acceptance that verifies");
	if (accepting->link_count == 0 || !is_open ||
	    accepting->submit.held_ms < 0)
		return error_set_id(err, "E4403", ERROR_MALFORMED,
		    "it does not say where the delivery stands");
	return judge_links(accepting, directory, err);
}

/* ---- writing --------------------------------------------------------- */

static int
state_taken(struct accepting *accepting, struct error *err)
{
	const struct message_leaf *leaf = &accepting->leaves[0];
	struct statement statement = {
		.event = EVENT_TAKEN,
		.waybill = accepting->waybill.waybill,
		.waybill_id = accepting->waybill.waybill_id,
		.sender = accepting->sender,
		.leaf = leaf->leaf,
		.signer = STATEMENT_CENTER,
	};

	if (!org_code_parse(leaf->recipient, &statement.recipient))
		return error_set(err, ERROR_MALFORMED, "recipient %s",
		    leaf->recipient);
	text_copy(statement.at, sizeof(statement.at),
	    accepting->request.center->name);
	return center_log_state(accepting->request.center, &statement,
	    &accepting->entry, err);
}

static int
add_links(const struct accepting *accepting,
    const struct center_delivery *delivery, struct error *err)
{
	struct rows *rows = store_rows(accepting->request.center->spool.store);
	int64_t row;

	for (size_t i = (size_t)delivery->hops; i < accepting->link_count;
	     i++) {
		const struct accepting_link *link = &accepting->links[i];
		const struct center_move_row move = {
			.hop = (int64_t)i + 1,
			.center = link->center,
			.at = link->at,
			.json = link->json,
		};

		if (center_move_add(rows, delivery->row, &move, &row, err) < 0)
			return -1;
	}
	return center_move_taken(rows, delivery->row,
	    (int64_t)accepting->link_count, accepting->entry, err);
}

/* The sender is told, by its feed or through its center, how it came here. */
static int
tell_sender(struct accepting *accepting, const struct center_waybill *waybill,
    const struct center_delivery *delivery, struct error *err)
{
	const struct center *center = accepting->request.center;
	struct rows *rows = store_rows(center->spool.store);
	const struct accepting_link *last =
	    &accepting->links[accepting->link_count - 1];
	struct center_news news = { 0 };
	int found;

	if (!text_equal(waybill->origin, center->name))
		return center_move_tell(rows, delivery->row, waybill->origin,
		    err);
	found = center_remote_find(rows, &last->entry, err);
	if (found < 0 ||
	    (found == 0 &&
		center_remote_add(rows, &last->entry, accepting->entry,
		    last->json, err) < 0))
		return -1;
	if (center_follow_tell(accepting->request.center, waybill,
		accepting->entry, true, &news, err) < 0)
		return -1;
	text_copy(accepting->sender_host, sizeof(accepting->sender_host),
	    news.host);
	return 0;
}

/* Handed out here, or moved on at once. */
static int
go_on(struct accepting *accepting, const struct center_waybill *waybill,
    struct center_delivery *delivery, struct error *err)
{
	struct center *center = accepting->request.center;
	struct center_news news;
	const char *to;

	if (text_equal(waybill->origin, center->name) &&
	    center_move_come_home(center, waybill, delivery, err) < 0)
		return -1;
	if (delivery_state_is_terminal(delivery->life.state))
		return 0;
	if (!center_move_is_due(center, delivery, &to))
		return center_accept_hand_out(accepting, waybill, delivery,
		    delivery->life.reached < DELIVERY_OPENED, err);
	return center_move_begin(center, waybill, delivery, to, &news, err);
}

static int
write_taken(struct accepting *accepting, const struct center_waybill *waybill,
    struct center_delivery *delivery, struct error *err)
{
	const struct message_submit *submit = &accepting->submit;
	struct center *center = accepting->request.center;
	struct rows *rows = store_rows(center->spool.store);

	if (center_move_forget_offer(rows, delivery->row, err) < 0 ||
	    add_links(accepting, delivery, err) < 0)
		return -1;
	delivery->hops = (int64_t)accepting->link_count;
	text_copy(delivery->center, sizeof(delivery->center), center->name);
	delivery_take(&delivery->life, (enum delivery_state)submit->reached);
	delivery->life.is_unreadable =
	    (submit->flags & MESSAGE_MOVED_UNREADABLE) != 0;
	delivery->life.is_suspended = false;
	delivery->life.wants_rewrap = false;
	delivery->held_at = 0;
	delivery->held_ms = submit->held_ms;
	if (center_queued_save(center, waybill, delivery, err) < 0 ||
	    center_queued_reopen(center, waybill, err) < 0 ||
	    (submit->held_ms > 0 || waybill->not_after <= accepting->accepted_at
		    ? center_expiry_extend(rows, delivery->row,
			  waybill->not_after + submit->held_ms, err)
		    : 0) < 0 ||
	    tell_sender(accepting, waybill, delivery, err) < 0)
		return -1;
	return go_on(accepting, waybill, delivery, err);
}

/* A row for it, unless it has been here before. */
static int
find_or_add(struct accepting *accepting, const struct center_waybill *waybill,
    struct center_delivery *ret_delivery, struct error *err)
{
	struct rows *rows = store_rows(accepting->request.center->spool.store);
	const struct delivery life = { .state = DELIVERY_RELAYED,
		.reached = DELIVERY_RELAYED };
	struct org_code recipient;
	int64_t row;
	int found;

	if (!org_code_parse(accepting->leaves[0].recipient, &recipient))
		return error_set(err, ERROR_MALFORMED, "recipient");
	found = center_delivery_find(rows, waybill->row, &recipient,
	    ret_delivery, err);
	if (found != 0)
		return found < 0 ? -1 : 0;
	if (center_queued_add(accepting->request.center, waybill,
		&accepting->leaves[0], &life, "", &row, err) <= 0 ||
	    center_delivery_find_row(rows, row, ret_delivery, err) <= 0)
		return -1;
	return 0;
}

static int
take(struct accepting *accepting, const struct center_waybill *known,
    struct error *err)
{
	struct center_waybill waybill = { 0 };
	struct center_delivery delivery;

	accepting->accepted_at = spool_now(&accepting->request.center->spool);
	if (state_taken(accepting, err) < 0)
		return -1;
	if (known != NULL)
		waybill = *known;
	else if (center_accept_add_waybill(accepting, &waybill, err) < 0)
		return -1;
	if (find_or_add(accepting, &waybill, &delivery, err) < 0 ||
	    write_taken(accepting, &waybill, &delivery, err) < 0)
		return -1;
	/* The payload comes last: it cannot be undone with the rows. */
	return known != NULL && known->payload != 0
	    ? 0
	    : center_accept_add_payload(accepting, &waybill, err);
}

/* 1 and the first answer, if this very move was taken before. */
static int
find_repeat(struct accepting *accepting, const struct center_waybill *known,
    struct error *err)
{
	struct rows *rows = store_rows(accepting->request.center->spool.store);
	struct center_delivery delivery;
	struct org_code recipient;
	int found;

	if (!org_code_parse(accepting->leaves[0].recipient, &recipient))
		return error_set(err, ERROR_MALFORMED, "recipient");
	found =
	    center_delivery_find(rows, known->row, &recipient, &delivery, err);
	if (found <= 0 || delivery.hops < (int64_t)accepting->link_count)
		return found < 0 ? -1 : 0;
	found = center_move_find_taken(rows, delivery.row,
	    (int64_t)accepting->link_count, &accepting->entry, err);
	if (found < 0)
		return -1;
	if (found == 0)
		return error_set_id(err, "E4403", ERROR_DENIED,
		    "the delivery came here on another way");
	/* Whoever hands it over again may have lost what we answered. */
	return text_equal(known->origin, accepting->request.center->name) ||
		center_move_tell(rows, delivery.row, known->origin, err) == 0
	    ? 1
	    : -1;
}

int
center_take_apply(struct accepting *accepting,
    const struct center_waybill *known, bool *ret_is_done, struct error *err)
{
	bool has_content = known != NULL && known->payload != 0;
	int found = known != NULL ? find_repeat(accepting, known, err) : 0;

	*ret_is_done = true;
	if (found != 0) {
		accepting->is_repeat = found > 0;
		return found < 0 ? -1 : 0;
	}
	if (center_take_judge(accepting, err) < 0)
		return -1;
	if (!has_content && accepting->submit.upload == 0) {
		*ret_is_done = false;
		return 0;
	}
	return take(accepting, known, err);
}
