/*
 * Key parts that are made anew for deliveries under way; the rest of the
 * outbox's rows is outbox_rows.c.
 */
#include "gateway/outbox/outbox_rows.h"

#include "base/error.h"
#include "exchange/retry.h"
#include "gateway/outbox/outbox.h"
#include "store/query.h"
#include "store/rows.h"

const char outbox_rewrap_schema[] =
    "CREATE TABLE outbox_rewrap ("
    " delivery INTEGER PRIMARY KEY REFERENCES outbox_delivery,"
    " step INTEGER NOT NULL, tried INTEGER NOT NULL DEFAULT 0,"
    " serial INTEGER NOT NULL DEFAULT 0, seal BLOB,"
    " receiver TEXT NOT NULL DEFAULT '', cms BLOB, key_part BLOB,"
    " failures INTEGER NOT NULL DEFAULT 0,"
    " retry_at INTEGER NOT NULL DEFAULT 0) STRICT;";

void
outbox_rewrap_free(struct outbox_rewrap *rewrap)
{
	bytes_free(&rewrap->cms);
	bytes_free(&rewrap->key_part);
}

int
outbox_rewrap_ask(struct rows *rows, int64_t delivery, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"INSERT INTO outbox_rewrap (delivery, step) VALUES (?1, ?2)"
		" ON CONFLICT (delivery) DO UPDATE SET tried = 0,"
		" failures = 0, retry_at = 0,"
		" step = CASE WHEN serial > 0 THEN ?3 ELSE ?2 END",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, delivery);
	query_bind_int(query, 2, OUTBOX_REWRAP_MAKE);
	query_bind_int(query, 3, OUTBOX_REWRAP_POST);
	return query_finish(query, err);
}

static void
take_column(struct query *query, int column, struct bytes *to)
{
	size_t len;
	const void *data = query_data(query, column, &len);

	bytes_put(to, data, len);
}

static int
read_rewrap(struct query *query, struct outbox_rewrap *rewrap,
    struct error *err)
{
	const char *receiver = query_text(query, 5);

	rewrap->delivery = query_int(query, 0);
	rewrap->step = (enum outbox_rewrap_step)query_int(query, 1);
	rewrap->tried = (uint64_t)query_int(query, 2);
	rewrap->serial = (uint64_t)query_int(query, 3);
	if (!query_is_null(query, 4))
		query_digest(query, 4, &rewrap->seal);
	if (receiver[0] != '\0' && !org_code_parse(receiver, &rewrap->receiver))
		return error_set(err, ERROR_SYSTEM,
		    "row %lld of the outbox's rewraps is damaged",
		    (long long)rewrap->delivery);
	take_column(query, 6, &rewrap->cms);
	take_column(query, 7, &rewrap->key_part);
	rewrap->failures = (uint32_t)query_int(query, 8);
	if (bytes_failed(&rewrap->cms, err) < 0 ||
	    bytes_failed(&rewrap->key_part, err) < 0)
		return -1;
	return query_failed(query, err) < 0 ? -1 : 1;
}

int
outbox_rewrap_next(struct rows *rows, uint64_t serial, int64_t now,
    int64_t latest, struct outbox_rewrap *rewrap, struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows,
		"SELECT r.delivery, r.step, r.tried, r.serial, r.seal,"
		" r.receiver, r.cms, r.key_part, r.failures"
		" FROM outbox_rewrap AS r"
		" JOIN outbox_delivery AS d ON d.id = r.delivery"
		" WHERE d.state < ?1 AND (r.step = ?2 OR (r.tried < ?3"
		" AND (d.flags & ?4) <> 0))"
		" AND (r.retry_at <= ?5 OR r.retry_at > ?6)"
		" ORDER BY r.retry_at, r.delivery LIMIT 1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, DELIVERY_CONFIRMED);
	query_bind_int(query, 2, OUTBOX_REWRAP_POST);
	query_bind_int(query, 3, (int64_t)serial);
	query_bind_int(query, 4, OUTBOX_WANTS_REWRAP);
	query_bind_int(query, 5, now);
	query_bind_int(query, 6, latest);
	found = query_next(query, err);
	if (found > 0)
		found = read_rewrap(query, rewrap, err);
	query_end(query);
	return found;
}

int
outbox_rewrap_next_due(struct rows *rows, int64_t now, int64_t *ret_at,
    struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows,
		"SELECT r.retry_at FROM outbox_rewrap AS r"
		" JOIN outbox_delivery AS d ON d.id = r.delivery"
		" WHERE d.state < ?1 AND r.retry_at > ?2"
		" ORDER BY r.retry_at LIMIT 1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, DELIVERY_CONFIRMED);
	query_bind_int(query, 2, now);
	found = query_next(query, err);
	*ret_at = found > 0 ? query_int(query, 0) : INT64_MAX;
	query_end(query);
	return found < 0 ? -1 : 0;
}

int
outbox_rewrap_later(struct rows *rows, int64_t delivery,
    const struct retry *retry, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"UPDATE outbox_rewrap SET failures = ?2, retry_at = ?3"
		" WHERE delivery = ?1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, delivery);
	query_bind_int(query, 2, retry->failures);
	query_bind_int(query, 3, retry->next_at);
	return query_finish(query, err);
}

int
outbox_rewrap_step(struct rows *rows, const struct outbox_rewrap *rewrap,
    struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"UPDATE outbox_rewrap SET step = ?2, tried = ?3"
		" WHERE delivery = ?1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, rewrap->delivery);
	query_bind_int(query, 2, rewrap->step);
	query_bind_int(query, 3, (int64_t)rewrap->tried);
	return query_finish(query, err);
}

int
outbox_rewrap_save(struct rows *rows, const struct outbox_rewrap *rewrap,
    struct error *err)
{
	struct query *query;

	if (outbox_rewrap_step(rows, rewrap, err) < 0 ||
	    query_begin(rows,
		"UPDATE outbox_rewrap SET serial = ?2, seal = ?3,"
		" receiver = ?4, cms = ?5, key_part = ?6 WHERE delivery = ?1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, rewrap->delivery);
	query_bind_int(query, 2, (int64_t)rewrap->serial);
	query_bind_digest(query, 3, &rewrap->seal);
	query_bind_text(query, 4, rewrap->receiver.text);
	query_bind_data(query, 5, rewrap->cms.data, rewrap->cms.len);
	query_bind_data(query, 6, rewrap->key_part.data, rewrap->key_part.len);
	return query_finish(query, err);
}
