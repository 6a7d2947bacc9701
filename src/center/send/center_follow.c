#include "center/send/center_follow.h"

#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "center/accept/center_event.h"
#include "center/center.h"
#include "center/center_feeds.h"
#include "center/center_rows.h"
#include "center/move/center_move.h"
#include "center/send/center_send_rows.h"
#include "directory/directory.h"
#include "envelope/receipt.h"
#include "envelope/statement.h"
#include "store/leaves.h"
#include "store/query.h"
#include "store/rows.h"
#include "store/store.h"

enum {
	ITEMS_MAX = 200, /* in one group */
	RANK = 1,        /* in the queue: it follows its sender */
};

/* A feed names one by its negative number in place of a delivery. */
const char center_follow_schema[] =
    "CREATE TABLE followed ("
    " id INTEGER PRIMARY KEY, leaf BLOB NOT NULL UNIQUE,"
    " json BLOB NOT NULL) STRICT;";

/* The other center that serves this sender by now. */
static bool
is_elsewhere(const struct center *center, const struct org_code *sender,
    const char **ret_center)
{
	const struct directory *directory = spool_directory(&center->spool);

	return directory != NULL &&
	    center_move_where(directory, sender, ret_center) &&
	    !text_equal(*ret_center, center->name);
}

/*
 * 1 if what an entry repeats is kept with it, 0 if with an earlier one that
 * repeated it, too, and has gone before.
 */
static int
has_original(struct rows *rows, uint64_t entry, struct error *err)
{
	struct bytes json = { 0 };
	int found = center_remote_receipt(rows, entry, &json, err);

	bytes_free(&json);
	return found;
}

static int
send_to(struct center *center, const char *to, uint64_t entry, bool is_repeat,
    struct error *err)
{
	struct rows *rows = store_rows(center->spool.store);
	struct center_send send = { .kind = CENTER_SEND_RECEIPT,
		.entry = entry,
		.rank = RANK };

	text_copy(send.center, sizeof(send.center), to);
	/* First what it repeats, as a feed has it. */
	if (is_repeat) {
		int found = has_original(rows, entry, err);

		send.bytes = CENTER_SEND_REPEATED;
		if (found < 0 ||
		    (found > 0 && center_send_add(rows, &send, err) < 0))
			return -1;
		send.bytes = 0;
	}
	return center_send_add(rows, &send, err);
}

int
center_follow_tell(struct center *center, const struct center_waybill *waybill,
    uint64_t entry, bool is_repeat, struct center_news *news, struct error *err)
{
	const char *to;

	if (is_elsewhere(center, &waybill->sender, &to)) {
		news->is_for_others = true;
		return send_to(center, to, entry, is_repeat, err);
	}
	text_copy(news->host, sizeof(news->host), waybill->host);
	return center_feed_add(center, waybill->host, 0, entry, err);
}

/* ---- at its new center ----------------------------------------------- */

static int
keep(struct rows *rows, const struct digest *leaf, struct blob json,
    int64_t *ret_row, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"INSERT OR IGNORE INTO followed (leaf, json) VALUES (?1, ?2)",
		&query, err) < 0)
		return -1;
	query_bind_digest(query, 1, leaf);
	query_bind_data(query, 2, json.data, json.len);
	if (query_finish(query, err) < 0)
		return -1;
	*ret_row = rows_changed(rows) > 0 ? rows_last_id(rows) : 0;
	return 0;
}

int
center_follow_receipt(struct rows *rows, int64_t row, struct bytes *to,
    struct error *err)
{
	struct query *query;

	if (query_begin(rows, "SELECT json FROM followed WHERE id = ?1", &query,
		err) < 0)
		return -1;
	query_bind_int(query, 1, row);
	return query_take(query, to, err);
}

static int
pass_on(struct center *center, const char *to, int64_t row,
    struct center_news *news, struct error *err)
{
	struct center_send send = { .kind = CENTER_SEND_RECEIPT,
		.waybill = row,
		.rank = RANK,
		.bytes = CENTER_SEND_FOLLOWED };

	news->is_for_others = true;
	text_copy(send.center, sizeof(send.center), to);
	return center_send_add(store_rows(center->spool.store), &send, err);
}

/* Of a sender whom nobody serves it is kept, and that is all. */
int
center_follow_take(struct center *center, const struct message_receipt *receipt,
    struct blob json, const char *from, struct center_news *news,
    struct error *err)
{
	const struct directory *directory = spool_directory(&center->spool);
	struct rows *rows = store_rows(center->spool.store);
	struct directory_org receiver;
	struct directory_key seal;
	struct org_code sender;
	const char *at = "";
	int64_t row;

	if (directory == NULL)
		return error_set(err, ERROR_BUSY, "no directory yet");
	if (!org_code_parse(receipt->sender, &sender))
		return error_set(err, ERROR_MALFORMED, "sender %s",
		    receipt->sender);
	(void)center_move_where(directory, &sender, &at);
	if (text_equal(at, from))
		return error_set_id(err, "E4402", ERROR_BUSY,
		    "%s is at %s by our directory", sender.text, from);
	if (keep(rows, &receipt->entry, json, &row, err) < 0)
		return -1;
	if (row == 0 || at[0] == '\0')
		return 0;
	if (!text_equal(at, center->name))
		return pass_on(center, at, row, news, err);
	if (!directory_find_receiver(directory, &sender, &receiver, &seal) ||
	    receiver.host[0] == '\0')
		return 0;
	text_copy(news->host, sizeof(news->host), receiver.host);
	return center_feed_add(center, receiver.host, -row, 0, err);
}

/* ---- what waits ------------------------------------------------------ */

static int
find_sender(struct center *center, uint64_t entry, struct org_code *ret_sender,
    bool *ret_is_repeat, struct error *err)
{
	static const struct digest none;
	struct statement statement = { 0 };
	struct bytes json = { 0 };
	struct digest salt;
	int rc = leaves_find(store_leaves(center->spool.store), entry, &salt,
	    &json, err);

	if (rc == 0)
		rc = statement_decode(json.data, json.len, &statement, err);
	if (rc == 0) {
		*ret_sender = statement.sender;
		*ret_is_repeat = !digest_equal(&statement.remote, &none);
	}
	statement_free(&statement);
	bytes_free(&json);
	return rc;
}

/* Of what another center stated. */
static int
find_followed_sender(struct rows *rows, int64_t row,
    struct org_code *ret_sender, struct error *err)
{
	struct statement statement = { 0 };
	struct receipt receipt = { 0 };
	struct bytes json = { 0 };
	int rc = -1;

	if (center_follow_receipt(rows, row, &json, err) > 0 &&
	    receipt_decode(json.data, json.len, &receipt, err) == 0 &&
	    statement_decode(receipt.statement, strlen(receipt.statement),
		&statement, err) == 0) {
		*ret_sender = statement.sender;
		rc = 0;
	}
	statement_free(&statement);
	receipt_free(&receipt);
	bytes_free(&json);
	return rc;
}

static int
next_send(struct rows *rows, int64_t after, struct center_send *ret_send,
    struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows,
		"SELECT id, center, waybill, entry, bytes FROM send"
		" WHERE kind = ?1 AND rank = ?2 AND id > ?3 ORDER BY id"
		" LIMIT 1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, CENTER_SEND_RECEIPT);
	query_bind_int(query, 2, RANK);
	query_bind_int(query, 3, after);
	found = query_next(query, err);
	if (found > 0) {
		ret_send->row = query_int(query, 0);
		text_copy(ret_send->center, sizeof(ret_send->center),
		    query_text(query, 1));
		ret_send->waybill = query_int(query, 2);
		ret_send->entry = (uint64_t)query_int(query, 3);
		ret_send->bytes = (uint64_t)query_int(query, 4);
	}
	query_end(query);
	return found;
}

/* The sender is here: into the feed of its gateway, repeats with their own. */
static int
bring_home(struct center *center, const struct center_send *send,
    const struct org_code *sender, struct error *err)
{
	struct rows *rows = store_rows(center->spool.store);
	struct directory_org receiver;
	struct directory_key seal;

	if (center_send_remove(rows, send->row, err) < 0)
		return -1;
	if (send->bytes == CENTER_SEND_REPEATED ||
	    !directory_find_receiver(spool_directory(&center->spool), sender,
		&receiver, &seal) ||
	    receiver.host[0] == '\0')
		return 0;
	return send->bytes == CENTER_SEND_FOLLOWED
	    ? center_feed_add(center, receiver.host, -send->waybill, 0, err)
	    : center_feed_add(center, receiver.host, 0, send->entry, err);
}

static int
send_elsewhere(struct rows *rows, const struct center_send *send,
    const char *to, struct error *err)
{
	struct query *query;

	if (query_begin(rows, "UPDATE send SET center = ?2 WHERE id = ?1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, send->row);
	query_bind_text(query, 2, to);
	return query_finish(query, err);
}

/* Its sender has moved on, or back, since it was queued. */
static int
reroute(struct center *center, const struct center_send *send,
    bool *ret_has_any, struct error *err)
{
	struct rows *rows = store_rows(center->spool.store);
	struct org_code sender;
	const char *to;
	bool is_repeat;

	if ((send->bytes == CENTER_SEND_FOLLOWED
		    ? find_followed_sender(rows, send->waybill, &sender, err)
		    : find_sender(center, send->entry, &sender, &is_repeat,
			  err)) < 0)
		return -1;
	if (!center_move_where(spool_directory(&center->spool), &sender, &to) ||
	    text_equal(to, send->center))
		return 0;
	*ret_has_any = true;
	return text_equal(to, center->name)
	    ? bring_home(center, send, &sender, err)
	    : send_elsewhere(rows, send, to, err);
}

/* An item of a feed: our statement, or what followed its sender to here. */
struct item {
	uint64_t entry;
	int64_t followed; /* row, or 0 */
};

static int
redirect(struct center *center, const struct center_follow_place *place,
    const struct item *item, bool *ret_has_any, struct error *err)
{
	struct center_news ignored = { 0 };
	struct org_code sender;
	struct query *query;
	const char *to;
	bool is_repeat = false;

	if ((item->followed != 0
		    ? find_followed_sender(store_rows(center->spool.store),
			  item->followed, &sender, err)
		    : find_sender(center, item->entry, &sender, &is_repeat,
			  err)) < 0)
		return -1;
	if (!is_elsewhere(center, &sender, &to))
		return 0;
	*ret_has_any = true;
	if ((item->followed != 0
		    ? pass_on(center, to, item->followed, &ignored, err)
		    : send_to(center, to, item->entry, is_repeat, err)) < 0 ||
	    query_begin(store_rows(center->spool.store),
		"DELETE FROM feed WHERE host = ?1 AND sequence = ?2", &query,
		err) < 0)
		return -1;
	query_bind_text(query, 1, place->host);
	query_bind_int(query, 2, (int64_t)place->sequence);
	return query_finish(query, err);
}

static int
next_item(struct rows *rows, struct center_follow_place *place,
    struct item *ret_item, struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows,
		"SELECT host, sequence, entry, delivery FROM feed"
		" WHERE delivery <= 0 AND (host, sequence) > (?1, ?2) ORDER BY host, sequence"
		" LIMIT 1",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, place->host);
	query_bind_int(query, 2, (int64_t)place->sequence);
	found = query_next(query, err);
	if (found > 0) {
		text_copy(place->host, sizeof(place->host),
		    query_text(query, 0));
		place->sequence = (uint64_t)query_int(query, 1);
		ret_item->entry = (uint64_t)query_int(query, 2);
		ret_item->followed = -query_int(query, 3);
	}
	query_end(query);
	return found;
}

static int
sweep_one(struct center *center, struct center_follow_place *place,
    bool *ret_has_any, struct error *err)
{
	struct rows *rows = store_rows(center->spool.store);
	struct center_send send = { .kind = CENTER_SEND_RECEIPT };
	struct item item;
	int more;

	if (!place->is_of_feeds) {
		more = next_send(rows, place->send, &send, err);
		place->is_of_feeds = more == 0;
		place->send = send.row;
		return more > 0 && reroute(center, &send, ret_has_any, err) < 0
		    ? -1
		    : more < 0 ? -1
			       : 1;
	}
	more = next_item(rows, place, &item, err);
	return more > 0 && redirect(center, place, &item, ret_has_any, err) < 0
	    ? -1
	    : more;
}

int
center_follow_sweep(struct center *center, struct center_follow_place *place,
    bool *ret_is_last, bool *ret_has_any, struct error *err)
{
	int more = 1;

	for (int i = 0; i < ITEMS_MAX && more > 0; i++)
		more = sweep_one(center, place, ret_has_any, err);
	*ret_is_last = more == 0;
	return more < 0 ? -1 : 0;
}
