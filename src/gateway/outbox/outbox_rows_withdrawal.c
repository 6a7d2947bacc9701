#include "gateway/outbox/outbox.h"

#include "base/bytes.h"
#include "base/error.h"
#include "exchange/retry.h"
#include "gateway/outbox/outbox_rows.h"
#include "store/query.h"
#include "store/rows.h"

const char outbox_ended_schema[] =
    "CREATE TABLE outbox_ended ("
    " waybill INTEGER PRIMARY KEY REFERENCES outbox_waybill,"
    " at INTEGER NOT NULL) STRICT;"
    "CREATE INDEX outbox_ended_at ON outbox_ended (at);";

/* ---- withdrawals ----------------------------------------------------- */

const char outbox_withdrawal_schema[] =
    "CREATE TABLE outbox_withdrawal ("
    " delivery INTEGER PRIMARY KEY REFERENCES outbox_delivery,"
    " is_due INTEGER NOT NULL, cms BLOB NOT NULL,"
    " failures INTEGER NOT NULL DEFAULT 0,"
    " retry_at INTEGER NOT NULL DEFAULT 0) STRICT;"
    "CREATE INDEX outbox_withdrawal_due"
    " ON outbox_withdrawal (retry_at, delivery) WHERE is_due;";

int
outbox_withdrawal_find(struct rows *rows, int64_t delivery, struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows,
		"SELECT 1 FROM outbox_withdrawal WHERE delivery = ?1", &query,
		err) < 0)
		return -1;
	query_bind_int(query, 1, delivery);
	found = query_next(query, err);
	query_end(query);
	return found;
}

int
outbox_withdrawal_add(struct rows *rows, int64_t delivery, struct blob cms,
    struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"INSERT INTO outbox_withdrawal (delivery, is_due, cms)"
		" VALUES (?1, 1, ?2) ON CONFLICT (delivery) DO UPDATE"
		" SET is_due = 1, cms = excluded.cms",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, delivery);
	query_bind_data(query, 2, cms.data, cms.len);
	return query_finish(query, err);
}

int
outbox_withdrawal_done(struct rows *rows, int64_t delivery, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"UPDATE outbox_withdrawal SET is_due = 0 WHERE delivery = ?1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, delivery);
	return query_finish(query, err);
}

int
outbox_withdrawal_next(struct rows *rows, int64_t now, int64_t latest,
    int64_t *ret_delivery, uint32_t *ret_failures, struct bytes *cms,
    struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows,
		"SELECT o.delivery, o.cms, o.failures"
		" FROM outbox_withdrawal AS o"
		" CROSS JOIN outbox_delivery AS d ON d.id = o.delivery"
		" CROSS JOIN outbox_waybill AS w ON w.id = d.waybill"
		" WHERE o.is_due AND (o.retry_at <= ?1 OR o.retry_at > ?2)"
		" AND w.step = ?3 ORDER BY o.retry_at, o.delivery LIMIT 1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, now);
	query_bind_int(query, 2, latest);
	query_bind_int(query, 3, JOB_SEND_FOLLOW);
	found = query_next(query, err);
	if (found > 0) {
		size_t len;
		const void *data = query_data(query, 1, &len);

		*ret_delivery = query_int(query, 0);
		*ret_failures = (uint32_t)query_int(query, 2);
		bytes_put(cms, data, len);
		if (bytes_failed(cms, err) < 0)
			found = -1;
	}
	query_end(query);
	return found;
}

int
outbox_withdrawal_next_due(struct rows *rows, int64_t now, int64_t *ret_at,
    struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows,
		"SELECT retry_at FROM outbox_withdrawal"
		" WHERE is_due AND retry_at > ?1 ORDER BY retry_at LIMIT 1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, now);
	found = query_next(query, err);
	*ret_at = found > 0 ? query_int(query, 0) : INT64_MAX;
	query_end(query);
	return found < 0 ? -1 : 0;
}

int
outbox_withdrawal_later(struct rows *rows, int64_t delivery,
    const struct retry *retry, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"UPDATE outbox_withdrawal SET failures = ?2, retry_at = ?3"
		" WHERE delivery = ?1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, delivery);
	query_bind_int(query, 2, retry->failures);
	query_bind_int(query, 3, retry->next_at);
	return query_finish(query, err);
}

/* ---- retention ------------------------------------------------------- */

int
outbox_ended_add(struct rows *rows, int64_t waybill, int64_t at,
    struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"INSERT OR IGNORE INTO outbox_ended (waybill, at)"
		" VALUES (?1, ?2)",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, waybill);
	query_bind_int(query, 2, at);
	return query_finish(query, err);
}

int
outbox_ended_next(struct rows *rows, int64_t before, int64_t *ret_waybill,
    struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows,
		"SELECT waybill FROM outbox_ended WHERE at < ?1"
		" ORDER BY at LIMIT 1",
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
outbox_ended_remove(struct rows *rows, int64_t waybill, struct error *err)
{
	struct query *query;

	if (query_begin(rows, "DELETE FROM outbox_ended WHERE waybill = ?1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, waybill);
	return query_finish(query, err);
}

/* ---- deliveries ------------------------------------------------------ */

int
outbox_delivery_find(struct rows *rows, int64_t document,
    const struct org_code *recipient, struct outbox_waybill *ret_waybill,
    struct outbox_delivery *ret_delivery, struct error *err)
{
	int64_t waybill = 0;
	int64_t row = 0;
	struct query *query;
	int found;

	if (query_begin(rows,
		"SELECT d.waybill, d.id FROM outbox_delivery AS d"
		" JOIN outbox_waybill AS w ON w.id = d.waybill"
		" WHERE w.document = ?1 AND d.recipient = ?2",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, document);
	query_bind_text(query, 2, recipient->text);
	found = query_next(query, err);
	if (found > 0) {
		waybill = query_int(query, 0);
		row = query_int(query, 1);
	}
	query_end(query);
	if (found > 0)
		found = outbox_waybill_find(rows, waybill, ret_waybill, err);
	if (found > 0)
		found = outbox_delivery_next(rows, waybill, row - 1,
		    ret_delivery, err);
	return found;
}
