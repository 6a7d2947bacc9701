#include "gateway/log_watch_rows.h"

#include "base/error.h"
#include "base/text.h"
#include "gateway/log_watch.h"
#include "store/query.h"
#include "store/rows.h"

const char log_watch_schema[] =
    "CREATE TABLE checkpoint_seen ("
    " origin TEXT NOT NULL, size INTEGER NOT NULL, root BLOB NOT NULL,"
    " receipt BLOB NOT NULL, seen_at INTEGER NOT NULL,"
    " is_told INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (origin, size, root))"
    " STRICT, WITHOUT ROWID;"
    "CREATE INDEX checkpoint_seen_at ON checkpoint_seen (seen_at);"
    "CREATE TABLE compared ("
    " id INTEGER PRIMARY KEY CHECK (id = 1), size INTEGER NOT NULL,"
    " at INTEGER NOT NULL) STRICT;"
    /* As role/witness.h has it, for GET /v1/conflicts. */
    "CREATE TABLE conflict ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, origin TEXT NOT NULL,"
    " seen_at INTEGER NOT NULL, proof BLOB NOT NULL UNIQUE) STRICT;";

int
log_watch_row_add(struct rows *rows, const struct message_receipt *receipt,
    struct blob json, int64_t now_ms, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"INSERT OR IGNORE INTO checkpoint_seen (origin, size, root,"
		" receipt, seen_at) VALUES (?1, ?2, ?3, ?4, ?5)",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, receipt->origin);
	query_bind_int(query, 2, (int64_t)receipt->log_size);
	query_bind_digest(query, 3, &receipt->log_root);
	query_bind_data(query, 4, json.data, json.len);
	query_bind_int(query, 5, now_ms);
	return query_finish(query, err);
}

/* Columns origin, size, root, receipt. */
static int
take_oldest(struct query *query, char origin[MESSAGE_ORIGIN_SIZE],
    struct log_watch_item *items, size_t max, struct bytes *held,
    struct error *err)
{
	size_t count = 0;
	int more;

	while (count < max && (more = query_next(query, err)) != 0) {
		struct message_held one;
		size_t len;
		const void *receipt;

		if (more < 0)
			return -1;
		if (count == 0 &&
		    !text_copy(origin, MESSAGE_ORIGIN_SIZE,
			query_text(query, 0)))
			return error_set(err, ERROR_SYSTEM,
			    "the origin of a checkpoint is too long");
		if (!text_equal(origin, query_text(query, 0)))
			continue;
		items[count].size = (uint64_t)query_int(query, 1);
		query_digest(query, 2, &items[count].root);
		receipt = query_data(query, 3, &len);
		one = (struct message_held){ items[count].size,
			items[count].root, blob_of(receipt, len) };
		message_list_add(held, MESSAGE_HELD, &one);
		count++;
	}
	if (query_failed(query, err) < 0 || bytes_failed(held, err) < 0)
		return -1;
	return (int)count;
}

int
log_watch_row_oldest(struct rows *rows, char origin[MESSAGE_ORIGIN_SIZE],
    struct log_watch_item *items, size_t max, struct bytes *held,
    struct error *err)
{
	struct query *query;
	int count;

	if (query_begin(rows,
		"SELECT origin, size, root, receipt FROM checkpoint_seen"
		" ORDER BY seen_at LIMIT ?1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, (int64_t)max);
	count = take_oldest(query, origin, items, max, held, err);
	query_end(query);
	return count;
}

int
log_watch_row_remove(struct rows *rows, const char *origin,
    const struct log_watch_item *item, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"DELETE FROM checkpoint_seen WHERE origin = ?1 AND size = ?2"
		" AND root = ?3",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, origin);
	query_bind_int(query, 2, (int64_t)item->size);
	query_bind_digest(query, 3, &item->root);
	return query_finish(query, err);
}

int
log_watch_row_conflict(struct rows *rows, const char *origin, struct blob proof,
    int64_t now_ms, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"INSERT OR IGNORE INTO conflict (origin, seen_at, proof)"
		" VALUES (?1, ?2, ?3)",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, origin);
	query_bind_int(query, 2, now_ms);
	query_bind_data(query, 3, proof.data, proof.len);
	return query_finish(query, err);
}

int
log_watch_row_compared(struct rows *rows, uint64_t size, int64_t now_ms,
    struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"INSERT OR REPLACE INTO compared (id, size, at)"
		" VALUES (1, ?1, ?2)",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, (int64_t)size);
	query_bind_int(query, 2, now_ms);
	return query_finish(query, err);
}

int64_t
log_watch_row_overdue(struct rows *rows, int64_t now_ms, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"UPDATE checkpoint_seen SET is_told = 1 WHERE is_told = 0"
		" AND seen_at < ?1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, now_ms - LOG_WATCH_HOUR_MS);
	if (query_finish(query, err) < 0)
		return -1;
	return rows_changed(rows);
}

int
log_watch_row_clear(struct rows *rows, struct error *err)
{
	return rows_run(rows, "DELETE FROM checkpoint_seen", err);
}

/* ---- for people ------------------------------------------------------ */

static int
count(struct rows *rows, const char *sql, int64_t limit, int64_t *ret_count,
    struct error *err)
{
	struct query *query;
	int found;

	*ret_count = 0;
	if (query_begin(rows, sql, &query, err) < 0)
		return -1;
	query_bind_int(query, 1, limit);
	found = query_next(query, err);
	if (found > 0)
		*ret_count = query_int(query, 0);
	query_end(query);
	return found < 0 ? -1 : 0;
}

int
log_watch_state(struct rows *rows, int64_t now_ms, bool *ret_is_good,
    struct bytes *to, struct error *err)
{
	int64_t conflicts, overdue, waiting, compared;

	if (count(rows, "SELECT count(*) FROM conflict WHERE id > ?1", 0,
		&conflicts, err) < 0 ||
	    count(rows,
		"SELECT count(*) FROM checkpoint_seen"
		" WHERE seen_at < ?1",
		now_ms - LOG_WATCH_HOUR_MS, &overdue, err) < 0 ||
	    count(rows,
		"SELECT count(*) FROM checkpoint_seen"
		" WHERE seen_at > ?1",
		0, &waiting, err) < 0 ||
	    count(rows, "SELECT size FROM compared WHERE id > ?1", 0, &compared,
		err) < 0)
		return -1;
	*ret_is_good = conflicts == 0 && overdue == 0;
	if (conflicts > 0)
		bytes_put_text(to,
		    "the log of our center told two stories: see "
		    "yizhan log conflicts");
	else if (overdue > 0)
		bytes_put_format(to,
		    "%lld checkpoints not cosigned within the hour",
		    (long long)overdue);
	else if (compared == 0 && waiting == 0)
		bytes_put_text(to, "unwitnessed");
	else
		bytes_put_format(to,
		    "compared up to %lld records, %lld checkpoints wait",
		    (long long)compared, (long long)waiting);
	return bytes_failed(to, err);
}
