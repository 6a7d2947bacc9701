#include "base/error.h"
#include "center/center_rows.h"
#include "center/send/center_send_rows.h"
#include "store/query.h"
#include "store/rows.h"

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
center_relay_has_any(struct rows *rows, int64_t waybill, const char *center,
    struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows,
		"SELECT 1 FROM delivery WHERE waybill = ?1 AND center = ?2"
		" AND hops = 0 LIMIT 1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, waybill);
	query_bind_text(query, 2, center);
	found = query_next(query, err);
	query_end(query);
	return found;
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
