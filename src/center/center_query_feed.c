#include "center/center_query_feed.h"

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "center/epoch/center_epoch_rows.h"
#include "json/json_write.h"
#include "model/event.h"
#include "role/courier/courier.h"
#include "role/log/host_log.h"
#include "role/query/queries.h"
#include "store/leaves.h"
#include "store/query.h"
#include "store/store_view.h"
#include "sys/ipc.h"

/*
 * What a gateway's courier takes at once, with room for what follows the items.
 * An item is never longer: two receipts of 256 KiB at most (docs/protocol.md
 * 7).
 */
enum { FEED_MAX = 200, FEED_BYTES_MAX = COURIER_ANSWER_MAX - 1024 };

/*
 * Receipts of both logs for one statement.  False when its group has no
 * checkpoint yet: the list ends before it.
 */
static bool
write_receipts(struct rows *rows, struct leaves *leaves, uint64_t entry,
    struct json_writer *writer)
{
	struct error err = { 0 };
	struct bytes json = { 0 };
	struct query *query;

	if (host_log_receipt(leaves, entry, &json, &err) < 0) {
		bytes_free(&json);
		return false;
	}
	json_write_raw(writer, "receipt", json.data, json.len);
	bytes_free(&json);
	if (query_begin(rows, "SELECT json FROM remote WHERE entry = ?1",
		&query, &err) < 0)
		return true;
	query_bind_int(query, 1, (int64_t)entry);
	if (query_next(query, &err) > 0) {
		size_t len;
		const void *remote = query_data(query, 0, &len);

		json_write_raw(writer, "remote", remote, len);
	}
	query_end(query);
	return true;
}

/* Of a waybill that began elsewhere: as it came (center_follow.h). */
static bool
write_followed(struct rows *rows, int64_t row, struct json_writer *writer)
{
	struct error err = { 0 };
	struct query *query;
	bool is_there = false;

	if (query_begin(rows, "SELECT json FROM followed WHERE id = ?1", &query,
		&err) < 0)
		return false;
	query_bind_int(query, 1, row);
	if (query_next(query, &err) > 0) {
		size_t len;
		const void *json = query_data(query, 0, &len);

		json_write_raw(writer, "receipt", json, len);
		is_there = true;
	}
	query_end(query);
	return is_there;
}

static const char *
speed_of(int64_t speed)
{
	return speed_name(speed > 0 && speed < SPEED_COUNT ? (enum speed)speed
							   : SPEED_NORMAL);
}

/*
 * Columns sequence, delivery, entry, waybill_id, recipient, speed, entry of the
 * waybill.  False when the list ends before this item: the answer is full, or
 * its receipt is not ready, since the newest checkpoint covers `covered` entries.
 */
static bool
write_item(struct rows *rows, struct leaves *leaves, struct query *query,
    uint64_t covered, struct json_writer *writer)
{
	struct bytes item = { 0 };
	struct json_writer inner = json_writer_to(&item);
	struct error err = { 0 };
	struct id waybill_id;
	bool is_good;

	json_write_begin_object(&inner, NULL);
	json_write_int(&inner, "sequence", query_int(query, 0));
	if (query_int(query, 1) < 0) {
		json_write_text(&inner, "kind", "receipt");
		is_good = write_followed(rows, -query_int(query, 1), &inner);
	} else if (query_int(query, 1) != 0) {
		is_good = (uint64_t)query_int(query, 6) < covered;
		query_id(query, 3, &waybill_id);
		json_write_text(&inner, "kind", "delivery");
		json_write_id(&inner, "waybill_id", &waybill_id);
		json_write_text(&inner, "recipient", query_text(query, 4));
		json_write_text(&inner, "speed", speed_of(query_int(query, 5)));
	} else {
		json_write_text(&inner, "kind", "receipt");
		is_good = write_receipts(rows, leaves,
		    (uint64_t)query_int(query, 2), &inner);
	}
	json_write_end(&inner);
	is_good = is_good && json_write_done(&inner, &err) == 0 &&
	    writer->out->len + item.len < FEED_BYTES_MAX;
	if (is_good)
		json_write_raw(writer, NULL, item.data, item.len);
	bytes_free(&item);
	return is_good;
}

/* Sequences begin anew with an epoch: who names another one must hear of it. */
static int
check_epoch(struct rows *rows, uint64_t number, struct error *err)
{
	struct center_epoch_row row;
	int found;

	if (center_epoch_check_rows(rows, err) < 0)
		return -1;
	found = number == 0 ? 0 : center_epoch_newest(rows, &row, err);
	if (found > 0 && row.number != number)
		return error_set_id(err, "E5047", ERROR_BUSY,
		    "the log is in epoch %llu, not %llu",
		    (unsigned long long)row.number, (unsigned long long)number);
	return found < 0 ? -1 : 0;
}

/* How many entries have receipts: none before the first checkpoint. */
static int
find_covered(struct leaves *leaves, uint64_t *ret_covered, struct error *err)
{
	struct bytes note = { 0 };
	struct error quiet = { 0 };
	int rc = leaves_checkpoint_find(leaves, UINT64_MAX, ret_covered, &note,
	    &quiet);

	bytes_free(&note);
	if (rc < 0 && quiet.code == ERROR_NOT_FOUND) {
		*ret_covered = 0;
		rc = 0;
	} else if (rc < 0) {
		*err = quiet;
	}
	return rc;
}

int
center_feed_write(struct store_view *view, const struct message_feed_read *ask,
    struct bytes *json, struct error *err)
{
	struct rows *rows = store_view_rows(view);
	struct json_writer writer = json_writer_to(json);
	struct leaves *leaves;
	struct query *query;
	int64_t newest = (int64_t)ask->after;
	uint64_t covered;
	int more;

	if (check_epoch(rows, ask->epoch, err) < 0 ||
	    store_view_leaves(view, &leaves, err) < 0 ||
	    find_covered(leaves, &covered, err) < 0 ||
	    query_begin(rows,
		"SELECT f.sequence, f.delivery, f.entry, w.waybill_id,"
		" d.recipient, w.speed, w.entry FROM feed AS f"
		" LEFT JOIN delivery AS d ON d.id = f.delivery"
		" LEFT JOIN waybill AS w ON w.id = d.waybill"
		" WHERE f.host = ?1 AND f.sequence > ?2"
		" ORDER BY f.sequence LIMIT ?3",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, ask->host);
	query_bind_int(query, 2, (int64_t)ask->after);
	query_bind_int(query, 3,
	    ask->limit > 0 && ask->limit < FEED_MAX ? ask->limit : FEED_MAX);
	json_write_begin_object(&writer, NULL);
	json_write_begin_array(&writer, "items");
	while ((more = query_next(query, err)) > 0 &&
	    write_item(rows, leaves, query, covered, &writer))
		newest = query_int(query, 0);
	query_end(query);
	json_write_end(&writer);
	json_write_int(&writer, "newest", newest);
	json_write_end(&writer);
	return more < 0 ? -1 : json_write_done(&writer, err);
}

void
center_query_on_feed_read(void *ctx, struct peer *peer,
    struct ipc_message *message)
{
	struct queries *queries = ctx;
	struct message_feed_read ask;
	struct message_feed feed;
	struct bytes json = { 0 };
	struct error err = { 0 };
	int rc = -1;

	if (message_read(message, MESSAGE_FEED_READ, &ask, &err) == 0 &&
	    queries_rows(queries, &err) != NULL &&
	    store_view_begin(queries->view, &err) == 0) {
		rc = center_feed_write(queries->view, &ask, &json, &err);
		store_view_end(queries->view);
	}
	if (rc < 0) {
		peer_refuse(peer, message->id, &err);
	} else {
		feed.json = blob_of_bytes(&json);
		peer_tell(peer, MESSAGE_FEED, message->id, &feed, -1);
	}
	bytes_free(&json);
}
