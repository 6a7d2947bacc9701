#include "center/center_rows.h"

#include "base/error.h"
#include "base/text.h"
#include "store/query.h"
#include "store/rows.h"

/* ---- feeds ----------------------------------------------------------- */

int
center_feed_newest(struct rows *rows, const char *host, uint64_t *ret_newest,
    struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows, "SELECT newest FROM feed_host WHERE host = ?1",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, host);
	found = query_next(query, err);
	*ret_newest = found > 0 ? (uint64_t)query_int(query, 0) : 0;
	query_end(query);
	return found < 0 ? -1 : 0;
}

/* The counter outlives its items: a sequence is never used again. */
static int
next_sequence(struct rows *rows, const char *host, int64_t *ret_sequence,
    struct error *err)
{
	struct query *query;
	int more;

	if (query_begin(rows,
		"INSERT INTO feed_host (host, newest) VALUES (?1, 1)"
		" ON CONFLICT (host) DO UPDATE SET newest = newest + 1"
		" RETURNING newest",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, host);
	more = query_next(query, err);
	if (more > 0) {
		*ret_sequence = query_int(query, 0);
		more = query_next(query, err);
	}
	query_end(query);
	return more;
}

int
center_feed_add(struct rows *rows, const char *host, int64_t delivery,
    uint64_t entry, struct error *err)
{
	struct query *query;
	int64_t newest;

	if (next_sequence(rows, host, &newest, err) < 0 ||
	    query_begin(rows,
		"INSERT INTO feed (host, sequence, delivery, entry)"
		" VALUES (?1, ?2, ?3, ?4)",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, host);
	query_bind_int(query, 2, newest);
	query_bind_int(query, 3, delivery);
	query_bind_int(query, 4, (int64_t)entry);
	return query_finish(query, err);
}

int
center_feed_withhold(struct rows *rows, int64_t delivery, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"DELETE FROM feed WHERE delivery = ?1 AND delivery > 0", &query,
		err) < 0)
		return -1;
	query_bind_int(query, 1, delivery);
	return query_finish(query, err);
}

int
center_feed_forget(struct rows *rows, const char *host, uint64_t through,
    struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"DELETE FROM feed WHERE host = ?1 AND sequence <= ?2", &query,
		err) < 0)
		return -1;
	query_bind_text(query, 1, host);
	query_bind_int(query, 2, (int64_t)through);
	return query_finish(query, err);
}

/* ---- expiry ---------------------------------------------------------- */

int
center_expiry_next(struct rows *rows, int64_t now,
    struct center_waybill *ret_waybill, struct error *err)
{
	struct query *query;
	int64_t row = 0;
	int found;

	if (query_begin(rows,
		"SELECT w.id FROM expiry AS e JOIN waybill AS w"
		" ON (w.not_after, w.id) > (e.not_after, e.waybill)"
		" WHERE w.not_after <= ?1 ORDER BY w.not_after, w.id LIMIT 1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, now);
	found = query_next(query, err);
	if (found > 0)
		row = query_int(query, 0);
	query_end(query);
	return found <= 0
	    ? found
	    : center_waybill_find_row(rows, row, ret_waybill, err);
}

int
center_expiry_pass(struct rows *rows, const struct center_waybill *waybill,
    struct error *err)
{
	struct query *query;

	if (query_begin(rows, "UPDATE expiry SET not_after = ?1, waybill = ?2",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, waybill->not_after);
	query_bind_int(query, 2, waybill->row);
	return query_finish(query, err);
}

int
center_expiry_extend(struct rows *rows, int64_t delivery, int64_t not_after,
    struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"INSERT OR REPLACE INTO extended (delivery, not_after)"
		" VALUES (?1, ?2)",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, delivery);
	query_bind_int(query, 2, not_after);
	return query_finish(query, err);
}

int
center_expiry_is_extended_due(struct rows *rows, int64_t now, struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows,
		"SELECT 1 FROM extended WHERE not_after <= ?1 LIMIT 1", &query,
		err) < 0)
		return -1;
	query_bind_int(query, 1, now);
	found = query_next(query, err);
	query_end(query);
	return found;
}

int
center_expiry_take(struct rows *rows, int64_t now, int64_t *ret_delivery,
    struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows,
		"SELECT delivery FROM extended WHERE not_after <= ?1"
		" ORDER BY not_after LIMIT 1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, now);
	found = query_next(query, err);
	if (found > 0)
		*ret_delivery = query_int(query, 0);
	query_end(query);
	if (found <= 0)
		return found;
	if (query_begin(rows, "DELETE FROM extended WHERE delivery = ?1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, *ret_delivery);
	return query_finish(query, err) < 0 ? -1 : 1;
}

/* ---- retention ------------------------------------------------------- */

int
center_ended_note(struct rows *rows, int64_t waybill, int64_t at,
    struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"INSERT OR IGNORE INTO ended (waybill, at) SELECT ?1, ?2"
		" WHERE NOT EXISTS (SELECT 1 FROM delivery"
		" WHERE waybill = ?1 AND state < 5)",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, waybill);
	query_bind_int(query, 2, at);
	return query_finish(query, err);
}

int
center_ended_next(struct rows *rows, int64_t before, int64_t *ret_waybill,
    struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows,
		"SELECT waybill FROM ended WHERE at < ?1 ORDER BY at LIMIT 1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, before);
	found = query_next(query, err);
	if (found > 0)
		*ret_waybill = query_int(query, 0);
	query_end(query);
	return found;
}

int
center_ended_remove(struct rows *rows, int64_t waybill, struct error *err)
{
	struct query *query;

	if (query_begin(rows, "DELETE FROM ended WHERE waybill = ?1", &query,
		err) < 0)
		return -1;
	query_bind_int(query, 1, waybill);
	return query_finish(query, err);
}

/* ---- what other centers must be told --------------------------------- */

int
center_send_add(struct rows *rows, const struct center_send *send,
    struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"INSERT INTO send (center, kind, waybill, entry, rank, bytes)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, send->center);
	query_bind_int(query, 2, send->kind);
	query_bind_int(query, 3, send->waybill);
	query_bind_int(query, 4, (int64_t)send->entry);
	query_bind_int(query, 5, send->rank);
	query_bind_int(query, 6, (int64_t)send->bytes);
	return query_finish(query, err);
}

int
center_send_hold(struct rows *rows, int64_t waybill, bool is_held,
    struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"UPDATE send SET is_held = ?2 WHERE waybill = ?1 AND kind = 1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, waybill);
	query_bind_int(query, 2, is_held);
	return query_finish(query, err);
}

int
center_send_remove(struct rows *rows, int64_t row, struct error *err)
{
	struct query *query;

	if (query_begin(rows, "DELETE FROM send WHERE id = ?1", &query, err) <
	    0)
		return -1;
	query_bind_int(query, 1, row);
	return query_finish(query, err);
}

int
center_send_events(struct rows *rows, const struct center_waybill *waybill,
    struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"INSERT INTO send (center, kind, waybill, entry, rank, bytes)"
		" SELECT ?1, ?2, 0, a.entry, 0, 0 FROM act AS a JOIN delivery AS d"
		" ON d.id = a.delivery WHERE d.waybill = ?3 AND NOT EXISTS"
		" (SELECT 1 FROM send AS s WHERE s.center = ?1 AND s.kind = ?2"
		" AND s.entry = a.entry) ORDER BY a.entry",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, waybill->origin);
	query_bind_int(query, 2, CENTER_SEND_RECEIPT);
	query_bind_int(query, 3, waybill->row);
	return query_finish(query, err);
}

int
center_send_again(struct rows *rows, const char *our_name, int64_t rank,
    struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"INSERT INTO send (center, kind, waybill, entry, rank, bytes)"
		" SELECT DISTINCT d.center, iif(d.hops = 0, ?2, ?5),"
		" iif(d.hops = 0, w.id, d.id), 0, ?4, w.content_len"
		" FROM delivery AS d"
		" JOIN waybill AS w ON w.id = d.waybill"
		" WHERE w.origin = ?1 AND d.center <> ?1 AND d.state < ?3"
		" AND w.payload <> 0 AND NOT EXISTS (SELECT 1 FROM send AS s"
		" WHERE s.center = d.center"
		" AND ((s.kind = ?2 AND d.hops = 0 AND s.waybill = w.id)"
		" OR (s.kind = ?5 AND d.hops > 0 AND s.waybill = d.id)))",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, our_name);
	query_bind_int(query, 2, CENTER_SEND_RELAY);
	query_bind_int(query, 3, DELIVERY_CONFIRMED);
	query_bind_int(query, 4, rank);
	query_bind_int(query, 5, CENTER_SEND_MOVE);
	return query_finish(query, err);
}

int
center_send_next(struct rows *rows, const char *center,
    enum center_send_kind kind, int64_t after, struct center_send *ret_send,
    struct error *err)
{
	struct center_send send = { .kind = kind };
	struct query *query;
	int found;

	if (query_begin(rows,
		"SELECT id, waybill, entry, bytes FROM send WHERE center = ?1"
		" AND kind = ?2 AND id > ?3 AND is_held = 0"
		" ORDER BY id LIMIT 1",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, center);
	query_bind_int(query, 2, kind);
	query_bind_int(query, 3, after);
	found = query_next(query, err);
	if (found > 0) {
		send.row = query_int(query, 0);
		send.waybill = query_int(query, 1);
		send.entry = (uint64_t)query_int(query, 2);
		send.bytes = (uint64_t)query_int(query, 3);
		text_copy(send.center, sizeof(send.center), center);
		*ret_send = send;
	}
	query_end(query);
	return found;
}

int
center_send_due(struct rows *rows, const char *center, int64_t now,
    int64_t max_wait, uint64_t large_len, bool only_small,
    struct center_send *list, size_t max, size_t *ret_count, struct error *err)
{
	struct query *query;
	int more = 1;

	*ret_count = 0;
	if (query_begin(rows,
		"SELECT id, waybill, bytes, failures, kind FROM send"
		" WHERE center = ?1 AND kind IN (?2, ?7)"
		" AND (retry_at <= ?3 OR retry_at > ?8)"
		" AND is_held = 0 AND (?4 = 0 OR bytes < ?5)"
		" ORDER BY rank, id LIMIT ?6",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, center);
	query_bind_int(query, 2, CENTER_SEND_RELAY);
	query_bind_int(query, 3, now);
	query_bind_int(query, 4, only_small);
	query_bind_int(query, 5, (int64_t)large_len);
	query_bind_int(query, 6, (int64_t)max);
	query_bind_int(query, 7, CENTER_SEND_MOVE);
	query_bind_int(query, 8, now + max_wait);
	while (*ret_count < max && (more = query_next(query, err)) > 0) {
		struct center_send *send = &list[(*ret_count)++];

		*send = (struct center_send){ .row = query_int(query, 0),
			.kind = (enum center_send_kind)query_int(query, 4),
			.waybill = query_int(query, 1),
			.bytes = (uint64_t)query_int(query, 2),
			.failures = (uint32_t)query_int(query, 3) };
		text_copy(send->center, sizeof(send->center), center);
	}
	query_end(query);
	return more < 0 ? -1 : 0;
}

int
center_send_next_due(struct rows *rows, const char *center, int64_t now,
    int64_t *ret_at, struct error *err)
{
	struct query *query;
	int found;

	*ret_at = INT64_MAX;
	if (query_begin(rows,
		"SELECT min(retry_at) FROM send WHERE center = ?1"
		" AND kind IN (?2, ?4) AND retry_at > ?3 AND is_held = 0",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, center);
	query_bind_int(query, 2, CENTER_SEND_RELAY);
	query_bind_int(query, 3, now);
	query_bind_int(query, 4, CENTER_SEND_MOVE);
	found = query_next(query, err);
	if (found > 0 && !query_is_null(query, 0))
		*ret_at = query_int(query, 0);
	query_end(query);
	return found < 0 ? -1 : 0;
}

int
center_send_later_one(struct rows *rows, const struct center_send *send,
    struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"UPDATE send SET failures = ?2, retry_at = ?3 WHERE id = ?1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, send->row);
	query_bind_int(query, 2, send->failures);
	query_bind_int(query, 3, send->retry_at);
	return query_finish(query, err);
}

int
center_send_centers(struct rows *rows,
    void (*fn)(void *ctx, const char *center), void *ctx, struct error *err)
{
	struct query *query;
	int more;

	if (query_begin(rows, "SELECT DISTINCT center FROM send", &query, err) <
	    0)
		return -1;
	while ((more = query_next(query, err)) > 0)
		fn(ctx, query_text(query, 0));
	query_end(query);
	return more;
}

static void
put_record(struct bytes *to, char kind, const void *data, size_t len)
{
	bytes_put_u8(to, (uint8_t)kind);
	bytes_put_u64(to, len);
	bytes_put(to, data, len);
}

static void
put_column(struct bytes *to, char kind, struct query *query, int column)
{
	size_t len;
	const void *data = query_data(query, column, &len);

	put_record(to, kind, data, len);
}

static int
put_waybill(struct rows *rows, int64_t waybill, struct bytes *to,
    struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows, "SELECT cms FROM waybill WHERE id = ?1", &query,
		err) < 0)
		return -1;
	query_bind_int(query, 1, waybill);
	found = query_next(query, err);
	if (found > 0)
		put_column(to, 'W', query, 0);
	query_end(query);
	if (found == 0)
		return error_set(err, ERROR_NOT_FOUND, "no waybill %lld",
		    (long long)waybill);
	return found < 0 ? -1 : 0;
}

static int
put_deliveries(struct query *query, struct bytes *to, struct error *err)
{
	int more;

	while ((more = query_next(query, err)) > 0) {
		put_column(to, 'L', query, 0);
		put_column(to, 'K', query, 1);
		put_column(to, 'P', query, 2);
	}
	query_end(query);
	return more < 0 ? -1 : bytes_failed(to, err);
}

int
center_relay_records(struct rows *rows, int64_t waybill, const char *center,
    struct blob receipt, struct bytes *to, struct error *err)
{
	struct query *query;

	if (put_waybill(rows, waybill, to, err) < 0)
		return -1;
	put_record(to, 'R', receipt.data, receipt.len);
	if (query_begin(rows,
		"SELECT leaf_json, key_part, path FROM delivery"
		" WHERE waybill = ?1 AND center = ?2 AND hops = 0 ORDER BY id",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, waybill);
	query_bind_text(query, 2, center);
	return put_deliveries(query, to, err);
}

int
center_move_records(struct rows *rows, int64_t delivery, struct blob receipt,
    const struct bytes *moved, struct bytes *to, struct error *err)
{
	struct center_delivery found;
	struct query *query;

	if (center_delivery_find_row(rows, delivery, &found, err) <= 0 ||
	    put_waybill(rows, found.waybill, to, err) < 0)
		return -1;
	put_record(to, 'R', receipt.data, receipt.len);
	bytes_put(to, moved->data, moved->len);
	if (query_begin(rows,
		"SELECT leaf_json, key_part, path FROM delivery WHERE id = ?1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, delivery);
	return put_deliveries(query, to, err);
}

int
center_send_redirect(struct rows *rows, int64_t delivery, const char *to,
    struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"UPDATE send SET center = ?2, failures = 0, retry_at = 0"
		" WHERE waybill = ?1 AND kind IN (?3, ?4)",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, delivery);
	query_bind_text(query, 2, to);
	query_bind_int(query, 3, CENTER_SEND_WITHDRAWAL);
	query_bind_int(query, 4, CENTER_SEND_REWRAP);
	return query_finish(query, err);
}
