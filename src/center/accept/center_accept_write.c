#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "center/accept/center_accept_internal.h"
#include "center/accept/center_event.h"
#include "center/accept/center_queued.h"
#include "center/center_feeds.h"
#include "center/center_rows.h"
#include "center/hold/center_hold.h"
#include "center/log/center_log.h"
#include "center/move/center_move.h"
#include "center/rewrap/center_rewrap.h"
#include "center/send/center_send_rows.h"
#include "crypto/merkle.h"
#include "directory/directory.h"
#include "envelope/receipt.h"
#include "envelope/statement.h"
#include "exchange/routing.h"
#include "exchange/urgency.h"
#include "role/spool/uploads.h"
#include "store/payload.h"
#include "store/store.h"

/* For the paths of all leaves, which a submission comes without. */
static int
make_tree(const struct accepting *accepting, struct merkle_tree **ret_tree,
    struct error *err)
{
	struct digest *hashes = calloc(accepting->leaf_count, sizeof(*hashes));
	int rc;

	if (hashes == NULL)
		return error_set_memory(err);
	for (size_t i = 0; i < accepting->leaf_count; i++)
		hashes[i] = accepting->leaves[i].leaf;
	rc = merkle_tree_new(hashes, accepting->leaf_count, ret_tree, err);
	free(hashes);
	return rc;
}

static void
put_path(const struct merkle_tree *tree, uint32_t index, struct bytes *to)
{
	struct digest path[MERKLE_PATH_MAX];
	size_t count = merkle_tree_path(tree, index, path);

	bytes_put_u32(to, index);
	bytes_put_u32(to, (uint32_t)count);
	for (size_t i = 0; i < count; i++)
		bytes_put(to, path[i].bytes, DIGEST_LEN);
}

/* The gateway that fetches for a recipient of this center; "" for none. */
static const char *
host_of(const struct directory *directory, const char *recipient)
{
	struct directory_org receiver;
	struct directory_key seal;
	struct org_code code;

	if (!org_code_parse(recipient, &code) ||
	    !directory_find_receiver(directory, &code, &receiver, &seal))
		return "";
	return receiver.host;
}

/*
 * Whose feed gets it: "" of nobody, and of who cannot open it yet (of a relay),
 * since he hears of it with its key part.
 */
static const char *
find_host(const struct accepting *accepting, const struct message_leaf *leaf,
    const struct org_code *recipient)
{
	const struct directory *directory =
	    spool_directory(&accepting->request.center->spool);
	const struct org_code nobody = { "" };
	const char *host = host_of(directory, leaf->recipient);

	return host[0] == '\0' ||
		center_rewrap_is_wanted(directory, recipient, &leaf->seal,
		    &nobody)
	    ? ""
	    : host;
}

/* Many may be at one gateway: once is enough. */
static void
wake_later(struct accepting *accepting, const char *host)
{
	if (accepting->woken_count > 0 &&
	    text_equal(accepting->woken[accepting->woken_count - 1], host))
		return;
	text_copy(accepting->woken[accepting->woken_count], MESSAGE_HOST_SIZE,
	    host);
	accepting->woken_count++;
}

static int
add_to_feed(struct accepting *accepting, const char *host, int64_t delivery,
    struct error *err)
{
	wake_later(accepting, host);
	return center_feed_add(accepting->request.center, host, delivery,
	    accepting->entry, err);
}

/* A recipient that is suspended, or held: the delivery waits from the start. */
static int
settle(struct accepting *accepting, const struct center_waybill *waybill,
    struct center_delivery *delivery, struct error *err)
{
	struct center_news news;
	const char *host;

	if (center_hold_settle(accepting->request.center, waybill, delivery,
		&news, &host, err) < 0)
		return -1;
	if (news.host[0] != '\0')
		text_copy(accepting->sender_host,
		    sizeof(accepting->sender_host), news.host);
	return 0;
}

int
center_accept_hand_out(struct accepting *accepting,
    const struct center_waybill *waybill, struct center_delivery *delivery,
    bool announces, struct error *err)
{
	const char *host = announces
	    ? find_host(accepting, &accepting->leaves[0], &delivery->recipient)
	    : "";

	if (host[0] != '\0') {
		wake_later(accepting, host);
		if (center_feed_announce(accepting->request.center,
			delivery->row, host, accepting->entry, err) < 0)
			return -1;
	}
	return settle(accepting, waybill, delivery, err);
}

/*
 * Where the directory has its recipient, when that is not where the leaf says:
 * it moves from the start (center_move.h).
 */
static bool
is_elsewhere(const struct accepting *accepting, const struct message_leaf *leaf,
    const char **ret_to)
{
	const struct center *center = accepting->request.center;
	const struct directory *directory = spool_directory(&center->spool);
	struct org_code code;

	return directory != NULL && org_code_parse(leaf->recipient, &code) &&
	    center_move_where(directory, &code, ret_to) &&
	    !text_equal(*ret_to, leaf->center);
}

static int
move_on(struct accepting *accepting, const struct center_waybill *waybill,
    struct center_delivery *delivery, const char *to, struct error *err)
{
	struct center_news news;

	if (center_move_begin(accepting->request.center, waybill, delivery, to,
		&news, err) < 0)
		return -1;
	if (news.host[0] != '\0')
		text_copy(accepting->sender_host,
		    sizeof(accepting->sender_host), news.host);
	if (news.other[0] != '\0')
		wake_later(accepting, news.other);
	return 0;
}

static void
begin_life(const struct accepting *accepting, bool is_local, bool moves,
    struct delivery *life)
{
	life->state = DELIVERY_QUEUED;
	delivery_apply(life, is_local ? DELIVERY_LOCAL : DELIVERY_ORIGIN,
	    EVENT_ACCEPTED, true);
	if (accepting->submit.kind == BUNDLE_RELAY)
		delivery_apply(life, DELIVERY_TARGET, EVENT_RELAYED, true);
	if (!is_local && !moves)
		delivery_relay_begun(life);
}

/* What center_delivery_find() would say of a delivery that was just added. */
static int
make_delivery(const struct center_waybill *waybill,
    const struct message_leaf *leaf, struct center_delivery *delivery,
    struct error *err)
{
	delivery->waybill = waybill->row;
	delivery->leaf = leaf->leaf;
	delivery->seal = leaf->seal;
	return org_code_parse(leaf->recipient, &delivery->recipient) &&
		text_copy(delivery->center, sizeof(delivery->center),
		    leaf->center)
	    ? 0
	    : error_set(err, ERROR_MALFORMED, "recipient %s", leaf->recipient);
}

/* One that is there, of a move or named twice, stays as it is. */
static int
add_delivery(struct accepting *accepting, const struct center_waybill *waybill,
    struct message_leaf *leaf, const struct merkle_tree *tree,
    struct error *err)
{
	struct center *center = accepting->request.center;
	bool is_local = text_equal(leaf->center, center->name);
	struct center_delivery delivery = { .row = 0 };
	struct bytes path = { 0 };
	const char *to = NULL;
	bool moves = is_elsewhere(accepting, leaf, &to);
	int rc = -1;
	int is_new;

	begin_life(accepting, is_local, moves, &delivery.life);
	if (tree != NULL) {
		put_path(tree, leaf->index, &path);
		leaf->path = blob_of_bytes(&path);
	}
	if (bytes_failed(&path, err) < 0 ||
	    make_delivery(waybill, leaf, &delivery, err) < 0)
		goto done;
	if (is_local && !moves)
		text_copy(delivery.host, sizeof(delivery.host),
		    find_host(accepting, leaf, &delivery.recipient));
	is_new = center_queued_add(center, waybill, leaf, &delivery.life,
	    delivery.host, &delivery.row, err);
	if (is_new <= 0) {
		rc = is_new;
		goto done;
	}
	delivery.was = delivery.life.state;
	if (delivery.host[0] != '\0' &&
	    add_to_feed(accepting, delivery.host, delivery.row, err) < 0)
		goto done;
	rc = moves     ? move_on(accepting, waybill, &delivery, to, err)
	    : is_local ? settle(accepting, waybill, &delivery, err)
		       : 0;
done:
	bytes_free(&path);
	return rc;
}

/* One relay per destination, not per recipient. */
static int
add_relays(struct accepting *accepting, const struct center_waybill *waybill,
    struct error *err)
{
	struct center *center = accepting->request.center;
	struct center_send send = { .kind = CENTER_SEND_RELAY,
		.waybill = waybill->row,
		.bytes = waybill->content_len,
		.rank = urgency_rank(waybill->speed, spool_now(&center->spool),
		    0) };
	const char **centers = calloc(accepting->leaf_count, sizeof(*centers));
	struct routing *routing = NULL;
	int rc = -1;

	if (centers == NULL)
		return error_set_memory(err);
	/* What moves from the start is sent on its own. */
	for (size_t i = 0; i < accepting->leaf_count; i++) {
		const struct message_leaf *leaf = &accepting->leaves[i];
		const char *to;

		centers[i] = is_elsewhere(accepting, leaf, &to) ? center->name
								: leaf->center;
	}
	if (routing_split(centers, accepting->leaf_count, center->name,
		&routing, err) < 0)
		goto done;
	for (size_t i = 0; i < routing_count(routing); i++) {
		const struct route *route = routing_at(routing, i);

		if (route->is_local)
			continue;
		text_copy(send.center, sizeof(send.center), route->center);
		if (center_send_add(store_rows(center->spool.store), &send,
			err) < 0)
			goto done;
	}
	rc = 0;
done:
	routing_free(routing);
	free(centers);
	return rc;
}

/* With expired trust none of the relays may go. */
static int
settle_relays(struct accepting *accepting, const struct center_waybill *waybill,
    struct error *err)
{
	struct center *center = accepting->request.center;
	struct center_delivery delivery;
	struct org_code recipient;

	if (!center_holds_lack_trust(center))
		return 0;
	for (size_t i = 0; i < accepting->leaf_count; i++) {
		const struct message_leaf *leaf = &accepting->leaves[i];

		if (text_equal(leaf->center, center->name))
			continue;
		if (!org_code_parse(leaf->recipient, &recipient) ||
		    center_delivery_find(store_rows(center->spool.store),
			waybill->row, &recipient, &delivery, err) <= 0 ||
		    settle(accepting, waybill, &delivery, err) < 0)
			return -1;
	}
	return 0;
}

/* 1 or 0. */
static int
has_delivery(const struct accepting *accepting,
    const struct center_waybill *waybill, const struct message_leaf *leaf,
    struct error *err)
{
	struct center_delivery delivery;
	struct org_code recipient;

	if (!org_code_parse(leaf->recipient, &recipient))
		return error_set(err, ERROR_MALFORMED, "recipient %s",
		    leaf->recipient);
	return center_delivery_find(store_rows(
					accepting->request.center->spool.store),
	    waybill->row, &recipient, &delivery, err);
}

int
center_accept_is_known(const struct accepting *accepting,
    const struct center_waybill *known, struct error *err)
{
	int found = 1;

	for (size_t i = 0; i < accepting->leaf_count && found > 0; i++)
		found =
		    has_delivery(accepting, known, &accepting->leaves[i], err);
	return found;
}

static int
add_deliveries(struct accepting *accepting,
    const struct center_waybill *waybill, struct error *err)
{
	struct merkle_tree *tree = NULL;
	int rc = -1;

	if (accepting->submit.kind == BUNDLE_SUBMISSION &&
	    make_tree(accepting, &tree, err) < 0)
		return -1;
	for (size_t i = 0; i < accepting->leaf_count; i++)
		if (add_delivery(accepting, waybill, &accepting->leaves[i],
			tree, err) < 0)
			goto done;
	rc = add_relays(accepting, waybill, err);
	if (rc == 0)
		rc = settle_relays(accepting, waybill, err);
done:
	merkle_tree_free(tree);
	return rc;
}

static int
store_content(struct accepting *accepting, struct error *err)
{
	struct upload *upload = accepting->upload;
	struct payload payload = { 0 };

	accepting->upload = NULL;
	if (upload_store(upload, &accepting->waybill.content, &payload, err) <
	    0) {
		if (err->code == ERROR_UNTRUSTED)
			error_set_id(err, "E4033", ERROR_MALFORMED,
			    "the content part is not the one that the waybill "
			    "names");
		return -1;
	}
	accepting->payload = payload.number;
	payload_free(&payload);
	return 0;
}

static int
note_payload(const struct accepting *accepting, struct center_waybill *waybill,
    struct error *err)
{
	if (waybill->payload == accepting->payload)
		return 0;
	waybill->payload = accepting->payload;
	return center_waybill_set_payload(store_rows(accepting->request.center
							 ->spool.store),
	    waybill, err);
}

/* The row goes with this change, the blocks with the group. */
static void
undo_content(const struct accepting *accepting)
{
	store_payload_undo(accepting->request.center->spool.store,
	    accepting->payload);
}

/*
 * Content that came in parts is stored last, since that cannot be undone with
 * the rows: its digest is known only when all of it was written.
 */
int
center_accept_add_payload(struct accepting *accepting,
    struct center_waybill *waybill, struct error *err)
{
	if (store_content(accepting, err) < 0)
		return -1;
	if (note_payload(accepting, waybill, err) == 0)
		return 0;
	undo_content(accepting);
	return -1;
}

static int
state_accepted(struct accepting *accepting, struct error *err)
{
	bool is_relay = accepting->submit.kind == BUNDLE_RELAY;
	struct statement statement = {
		.event = is_relay ? EVENT_RELAYED : EVENT_ACCEPTED,
		.waybill = accepting->waybill.waybill,
		.waybill_id = accepting->waybill.waybill_id,
		.sender = accepting->sender,
		.signer = STATEMENT_CENTER,
		.status = accepting->status,
	};

	text_copy(statement.at, sizeof(statement.at),
	    accepting->request.center->name);
	return center_log_state(accepting->request.center, &statement,
	    &accepting->entry, err);
}

/* When its origin accepted it: by the receipt of then, which was verified. */
static int64_t
origin_at(const struct accepting *accepting)
{
	const struct blob *json = &accepting->submit.receipt;
	struct receipt receipt = { 0 };
	struct statement statement = { 0 };
	struct error ignored = { 0 };
	int64_t at = accepting->accepted_at;

	if (json->len > 0 &&
	    receipt_decode(json->data, json->len, &receipt, &ignored) == 0 &&
	    statement_decode(receipt.statement, strlen(receipt.statement),
		&statement, &ignored) == 0)
		at = statement.time_ms;
	statement_free(&statement);
	receipt_free(&receipt);
	return at;
}

int
center_accept_add_waybill(struct accepting *accepting,
    struct center_waybill *ret_waybill, struct error *err)
{
	struct center_waybill waybill = {
		.sender = accepting->sender,
		.waybill_id = accepting->waybill.waybill_id,
		.digest = accepting->waybill.waybill,
		.content = accepting->waybill.content,
		.content_len = accepting->waybill.content_len,
		.not_after = accepting->waybill.not_after,
		.payload = accepting->payload,
		.accepted_at = accepting->accepted_at,
		.module = accepting->waybill.signer,
		.origin_at = origin_at(accepting),
		.speed = accepting->waybill.speed < SPEED_COUNT
		    ? (enum speed)accepting->waybill.speed
		    : SPEED_NORMAL,
		.entry = accepting->entry,
	};

	text_copy(waybill.host, sizeof(waybill.host), accepting->submit.host);
	text_copy(waybill.origin, sizeof(waybill.origin),
	    accepting->waybill.center);
	if (center_queued_add_waybill(accepting->request.center, &waybill,
		accepting->submit.cms, accepting->submit.receipt, err) < 0)
		return -1;
	*ret_waybill = waybill;
	return 0;
}

/* What moved here came with the waybill; the entry is that of its relay now. */
static int
join_waybill(const struct accepting *accepting,
    const struct center_waybill *known, struct center_waybill *ret_waybill,
    struct error *err)
{
	struct rows *rows = store_rows(accepting->request.center->spool.store);

	*ret_waybill = *known;
	ret_waybill->entry = accepting->entry;
	if (center_waybill_set_entry(rows, ret_waybill, err) < 0)
		return -1;
	return center_queued_reopen(accepting->request.center, known, err);
}

static int
write_rows(struct accepting *accepting, const struct center_waybill *known,
    struct center_waybill *ret_waybill, struct error *err)
{
	if (state_accepted(accepting, err) < 0 ||
	    (known != NULL ? join_waybill(accepting, known, ret_waybill, err)
			   : center_accept_add_waybill(accepting, ret_waybill,
				 err)) < 0)
		return -1;
	return add_deliveries(accepting, ret_waybill, err);
}

int
center_accept_write(struct accepting *accepting,
    const struct center_waybill *known, struct error *err)
{
	bool wants_content = known == NULL || known->payload == 0;
	struct center_waybill waybill;

	if (!wants_content || accepting->payload == 0) {
		if (write_rows(accepting, known, &waybill, err) < 0)
			return -1;
		return wants_content
		    ? center_accept_add_payload(accepting, &waybill, err)
		    : 0;
	}
	/* In one piece: refused before anything is written. */
	if (store_content(accepting, err) < 0)
		return -1;
	if (write_rows(accepting, known, &waybill, err) == 0 &&
	    note_payload(accepting, &waybill, err) == 0)
		return 0;
	undo_content(accepting);
	return -1;
}
