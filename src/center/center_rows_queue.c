#include "center/center_rows.h"

#include "base/error.h"
#include "base/text.h"
#include "store/query.h"
#include "store/rows.h"

/* ---- feeds ----------------------------------------------------------- */

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
	return query_finish(query, err) < 0 ? -1 : rows_changed(rows) > 0;
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
	return query_finish(query, err) < 0 ? -1 : rows_changed(rows) > 0;
}
