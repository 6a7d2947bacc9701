#include "center/move/center_move_rows.h"

#include "base/error.h"
#include "center/center_rows.h"
#include "center/send/center_send_rows.h"
#include "envelope/bundle.h"
#include "role/log/host_log.h"
#include "store/query.h"
#include "store/rows.h"

const char center_move_schema[] =
    "CREATE TABLE moved ("
    " id INTEGER PRIMARY KEY,"
    " delivery INTEGER NOT NULL REFERENCES delivery, hop INTEGER NOT NULL,"
    " center TEXT NOT NULL, at TEXT NOT NULL, entry INTEGER NOT NULL,"
    " json BLOB NOT NULL, taken INTEGER) STRICT;"
    "CREATE UNIQUE INDEX moved_link ON moved (delivery, hop) WHERE hop > 0;"
    "CREATE INDEX moved_center ON moved (delivery, center);"
    /* 5 is confirmed. */
    "CREATE INDEX delivery_not_ended ON delivery (id) WHERE state < 5;";

int
center_move_add(struct rows *rows, int64_t delivery,
    const struct center_move_row *move, int64_t *ret_row, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"INSERT INTO moved (delivery, hop, center, at, entry, json)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, delivery);
	query_bind_int(query, 2, move->hop);
	query_bind_text(query, 3, move->center);
	query_bind_text(query, 4, move->at);
	query_bind_int(query, 5, (int64_t)move->entry);
	query_bind_data(query, 6, move->json.data, move->json.len);
	if (query_finish(query, err) < 0)
		return -1;
	*ret_row = rows_last_id(rows);
	return 0;
}

int
center_move_was_at(struct rows *rows, int64_t delivery, const char *center,
    struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows,
		"SELECT 1 FROM moved WHERE delivery = ?1 AND center = ?2"
		" LIMIT 1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, delivery);
	query_bind_text(query, 2, center);
	found = query_next(query, err);
	query_end(query);
	return found;
}

/* Columns json, entry. */
static int
put_link(struct query *query, struct leaves *leaves, struct bytes *to,
    struct error *err)
{
	struct bytes receipt = { 0 };
	const void *data;
	size_t len;
	int rc;

	data = query_data(query, 0, &len);
	if (len > 0) {
		bundle_put(to, BUNDLE_MOVED, data, len);
		return bytes_failed(to, err);
	}
	rc = host_log_receipt(leaves, (uint64_t)query_int(query, 1), &receipt,
	    err);
	bundle_put(to, BUNDLE_MOVED, receipt.data, receipt.len);
	bytes_free(&receipt);
	return rc < 0 ? -1 : bytes_failed(to, err);
}

int
center_move_links(struct rows *rows, struct leaves *leaves, int64_t delivery,
    int64_t max, struct bytes *to, struct error *err)
{
	struct query *query;
	int more;

	if (query_begin(rows,
		"SELECT json, entry FROM moved WHERE delivery = ?1 AND hop > 0"
		" ORDER BY hop LIMIT ?2",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, delivery);
	query_bind_int(query, 2, max);
	while ((more = query_next(query, err)) > 0)
		if (put_link(query, leaves, to, err) < 0) {
			more = -1;
			break;
		}
	query_end(query);
	return more;
}

int
center_move_receipt(struct rows *rows, int64_t row, struct bytes *to,
    struct error *err)
{
	struct query *query;

	if (query_begin(rows, "SELECT json FROM moved WHERE id = ?1", &query,
		err) < 0)
		return -1;
	query_bind_int(query, 1, row);
	return query_take(query, to, err);
}

int
center_move_taken(struct rows *rows, int64_t delivery, int64_t hop,
    uint64_t entry, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"UPDATE moved SET taken = ?3 WHERE delivery = ?1 AND hop = ?2",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, delivery);
	query_bind_int(query, 2, hop);
	query_bind_int(query, 3, (int64_t)entry);
	return query_finish(query, err);
}

int
center_move_find_taken(struct rows *rows, int64_t delivery, int64_t hop,
    uint64_t *ret_entry, struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows,
		"SELECT taken FROM moved WHERE delivery = ?1 AND hop = ?2"
		" AND taken IS NOT NULL",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, delivery);
	query_bind_int(query, 2, hop);
	found = query_next(query, err);
	if (found > 0)
		*ret_entry = (uint64_t)query_int(query, 0);
	query_end(query);
	return found;
}

/* In the order in which they happened: kept receipts, then our statements. */
int
center_move_tell(struct rows *rows, int64_t delivery, const char *center,
    struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"INSERT INTO send (center, kind, waybill, entry, rank, bytes)"
		" SELECT ?2, ?3, id, 0, 0, 0 FROM moved WHERE delivery = ?1"
		" AND length(json) > 0 AND center <> ?2 ORDER BY hop",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, delivery);
	query_bind_text(query, 2, center);
	query_bind_int(query, 3, CENTER_SEND_RECEIPT);
	if (query_finish(query, err) < 0 ||
	    query_begin(rows,
		"INSERT INTO send (center, kind, waybill, entry, rank, bytes)"
		" SELECT ?2, ?3, 0, taken, 0, 0 FROM moved WHERE delivery = ?1"
		" AND taken IS NOT NULL ORDER BY hop DESC LIMIT 1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, delivery);
	query_bind_text(query, 2, center);
	query_bind_int(query, 3, CENTER_SEND_RECEIPT);
	return query_finish(query, err);
}

int
center_move_keep_acts(struct rows *rows, int64_t delivery, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"DELETE FROM send WHERE waybill = ?1 AND kind IN (?2, ?3)",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, delivery);
	query_bind_int(query, 2, CENTER_SEND_WITHDRAWAL);
	query_bind_int(query, 3, CENTER_SEND_REWRAP);
	return query_finish(query, err);
}

int
center_open_next(struct rows *rows, int64_t after, int64_t *ret_delivery,
    struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows,
		"SELECT id FROM delivery WHERE state < 5 AND id > ?1"
		" ORDER BY id LIMIT 1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, after);
	found = query_next(query, err);
	if (found > 0)
		*ret_delivery = query_int(query, 0);
	query_end(query);
	return found;
}

int
center_move_forget_offer(struct rows *rows, int64_t delivery, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"DELETE FROM send WHERE waybill = ?1 AND kind = ?2", &query,
		err) < 0)
		return -1;
	query_bind_int(query, 1, delivery);
	query_bind_int(query, 2, CENTER_SEND_MOVE);
	return query_finish(query, err);
}

int
center_move_drop_sends(struct rows *rows, int64_t waybill, int64_t delivery,
    const char *center, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"DELETE FROM send WHERE center = ?1 AND"
		" ((kind = ?4 AND waybill = ?3) OR (kind = ?5 AND waybill = ?2"
		" AND NOT EXISTS (SELECT 1 FROM delivery WHERE waybill = ?2"
		" AND center = ?1 AND hops = 0)))",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, center);
	query_bind_int(query, 2, waybill);
	query_bind_int(query, 3, delivery);
	query_bind_int(query, 4, CENTER_SEND_MOVE);
	query_bind_int(query, 5, CENTER_SEND_RELAY);
	return query_finish(query, err);
}
