#include "gateway/evidence/log_watch_rows.h"

#include "base/error.h"
#include "base/text.h"
#include "store/query.h"
#include "store/rows.h"

/*
 * A checkpoint with NULL for the later one of a kind waits for it; with 0 it
 * does not, because there was nobody to make one.
 */
const char log_watch_schema[] =
    "CREATE TABLE checkpoint_later ("
    " id INTEGER PRIMARY KEY, origin TEXT NOT NULL, size INTEGER NOT NULL,"
    " root BLOB NOT NULL, note BLOB NOT NULL UNIQUE) STRICT;"
    "CREATE TABLE checkpoint_seen ("
    " origin TEXT NOT NULL, size INTEGER NOT NULL, root BLOB NOT NULL,"
    " center TEXT NOT NULL, note BLOB NOT NULL, seen_at INTEGER NOT NULL,"
    " is_told INTEGER NOT NULL DEFAULT 0,"
    " cosigned INTEGER, cosigned_proof BLOB,"
    " stamped INTEGER, stamped_proof BLOB,"
    " PRIMARY KEY (origin, size, root)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX checkpoint_uncosigned ON checkpoint_seen (origin, seen_at)"
    " WHERE cosigned IS NULL;"
    "CREATE INDEX checkpoint_unstamped ON checkpoint_seen (origin, seen_at)"
    " WHERE stamped IS NULL;"
    "CREATE TABLE checkpoint_stamp ("
    " later INTEGER NOT NULL REFERENCES checkpoint_later (id),"
    " token BLOB NOT NULL, PRIMARY KEY (later, token))"
    " STRICT, WITHOUT ROWID;"
    "CREATE TABLE compared ("
    " origin TEXT PRIMARY KEY, size INTEGER NOT NULL, at INTEGER NOT NULL)"
    " STRICT;"
    /* As role/log/witness.h has it, for GET /v1/conflicts. */
    "CREATE TABLE conflict ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, origin TEXT NOT NULL,"
    " seen_at INTEGER NOT NULL, proof BLOB NOT NULL UNIQUE) STRICT;";

/* ---- what waits ------------------------------------------------------ */

int
log_watch_row_has(struct rows *rows, const struct message_receipt *receipt,
    struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows,
		"SELECT 1 FROM checkpoint_seen"
		" WHERE origin = ?1 AND size = ?2 AND root = ?3",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, receipt->origin);
	query_bind_int(query, 2, (int64_t)receipt->log_size);
	query_bind_digest(query, 3, &receipt->log_root);
	found = query_next(query, err);
	query_end(query);
	return found;
}

int
log_watch_row_add(struct rows *rows, const struct message_receipt *receipt,
    struct blob note, const bool *is_wanted, int64_t now_ms, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"INSERT INTO checkpoint_seen (origin, size, root,"
		" center, note, seen_at, cosigned, stamped)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, iif(?7, NULL, 0),"
		" iif(?8, NULL, 0))",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, receipt->origin);
	query_bind_int(query, 2, (int64_t)receipt->log_size);
	query_bind_digest(query, 3, &receipt->log_root);
	query_bind_text(query, 4, receipt->center);
	query_bind_data(query, 5, note.data, note.len);
	query_bind_int(query, 6, now_ms);
	query_bind_int(query, 7, is_wanted[LOG_WATCH_COSIGNED]);
	query_bind_int(query, 8, is_wanted[LOG_WATCH_STAMPED]);
	return query_finish(query, err);
}

int
log_watch_row_logs(struct rows *rows, enum log_watch_kind kind,
    struct log_watch_log *logs, size_t max, struct error *err)
{
	static const char *const statements[LOG_WATCH_KINDS] = {
		[LOG_WATCH_COSIGNED] =
		    "SELECT origin, max(center), min(seen_at)"
		    " FROM checkpoint_seen WHERE cosigned IS NULL"
		    " GROUP BY origin ORDER BY 3 LIMIT ?1",
		[LOG_WATCH_STAMPED] =
		    "SELECT origin, max(center), min(seen_at)"
		    " FROM checkpoint_seen WHERE stamped IS NULL"
		    " GROUP BY origin ORDER BY 3 LIMIT ?1",
	};
	struct query *query;
	size_t count = 0;
	int more;

	if (query_begin(rows, statements[kind], &query, err) < 0)
		return -1;
	query_bind_int(query, 1, (int64_t)max);
	while ((more = query_next(query, err)) > 0) {
		struct log_watch_log *log = &logs[count++];

		if (text_copy(log->origin, sizeof(log->origin),
			query_text(query, 0)) &&
		    text_copy(log->center, sizeof(log->center),
			query_text(query, 1)))
			continue;
		more = error_set(err, ERROR_SYSTEM,
		    "the origin of a checkpoint is too long");
		break;
	}
	query_end(query);
	return more < 0 ? -1 : (int)count;
}

/* Columns size, root, note. */
static int
take_oldest(struct query *query, struct log_watch_item *items,
    struct bytes *held, struct error *err)
{
	int count = 0;
	int more;

	while ((more = query_next(query, err)) > 0) {
		struct log_watch_item *item = &items[count++];
		struct message_held one;
		size_t len;
		const void *note;

		item->size = (uint64_t)query_int(query, 0);
		query_digest(query, 1, &item->root);
		note = query_data(query, 2, &len);
		one = (struct message_held){ item->size, item->root,
			blob_of(note, len) };
		message_list_add(held, MESSAGE_HELD, &one);
	}
	return more < 0 || bytes_failed(held, err) < 0 ? -1 : count;
}

int
log_watch_row_oldest(struct rows *rows, enum log_watch_kind kind,
    const char *origin, struct log_watch_item *items, size_t max,
    struct bytes *held, struct error *err)
{
	static const char *const statements[LOG_WATCH_KINDS] = {
		[LOG_WATCH_COSIGNED] =
		    "SELECT size, root, note FROM checkpoint_seen"
		    " WHERE origin = ?1 AND cosigned IS NULL"
		    " ORDER BY seen_at LIMIT ?2",
		[LOG_WATCH_STAMPED] =
		    "SELECT size, root, note FROM checkpoint_seen"
		    " WHERE origin = ?1 AND stamped IS NULL"
		    " ORDER BY seen_at LIMIT ?2",
	};
	struct query *query;
	int count;

	if (query_begin(rows, statements[kind], &query, err) < 0)
		return -1;
	query_bind_text(query, 1, origin);
	query_bind_int(query, 2, (int64_t)max);
	count = take_oldest(query, items, held, err);
	query_end(query);
	return count;
}

/* ---- what was found -------------------------------------------------- */

static int
find_later(struct rows *rows, struct blob note, int64_t *ret_later,
    struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows, "SELECT id FROM checkpoint_later WHERE note = ?1",
		&query, err) < 0)
		return -1;
	query_bind_data(query, 1, note.data, note.len);
	found = query_next(query, err);
	if (found > 0)
		*ret_later = query_int(query, 0);
	query_end(query);
	return found;
}

int
log_watch_row_later(struct rows *rows, const char *origin, uint64_t size,
    const struct digest *root, struct blob note, int64_t *ret_later,
    struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"INSERT OR IGNORE INTO checkpoint_later (origin, size, root,"
		" note) VALUES (?1, ?2, ?3, ?4)",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, origin);
	query_bind_int(query, 2, (int64_t)size);
	query_bind_digest(query, 3, root);
	query_bind_data(query, 4, note.data, note.len);
	if (query_finish(query, err) < 0 ||
	    find_later(rows, note, ret_later, err) < 0)
		return -1;
	return 0;
}

int
log_watch_row_stamp(struct rows *rows, int64_t later, struct blob token,
    struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"INSERT OR IGNORE INTO checkpoint_stamp (later, token)"
		" VALUES (?1, ?2)",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, later);
	query_bind_data(query, 2, token.data, token.len);
	return query_finish(query, err);
}

int
log_watch_row_grown(struct rows *rows, enum log_watch_kind kind,
    const char *origin, const struct log_watch_item *item, int64_t later,
    struct blob proof, struct error *err)
{
	static const char *const statements[LOG_WATCH_KINDS] = {
		[LOG_WATCH_COSIGNED] =
		    "UPDATE checkpoint_seen SET cosigned = ?4,"
		    " cosigned_proof = ?5"
		    " WHERE origin = ?1 AND size = ?2 AND root = ?3",
		[LOG_WATCH_STAMPED] =
		    "UPDATE checkpoint_seen SET stamped = ?4,"
		    " stamped_proof = ?5"
		    " WHERE origin = ?1 AND size = ?2 AND root = ?3",
	};
	struct query *query;

	if (query_begin(rows, statements[kind], &query, err) < 0)
		return -1;
	query_bind_text(query, 1, origin);
	query_bind_int(query, 2, (int64_t)item->size);
	query_bind_digest(query, 3, &item->root);
	query_bind_int(query, 4, later);
	query_bind_data(query, 5, proof.data, proof.len);
	return query_finish(query, err);
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

/* One proves it; who goes on with another story fills no disk. */
int
log_watch_row_conflict(struct rows *rows, const char *origin, struct blob proof,
    int64_t now_ms, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"INSERT OR IGNORE INTO conflict (origin, seen_at, proof)"
		" SELECT ?1, ?2, ?3 WHERE (SELECT count(*) FROM conflict"
		" WHERE origin = ?1) < 16",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, origin);
	query_bind_int(query, 2, now_ms);
	query_bind_data(query, 3, proof.data, proof.len);
	return query_finish(query, err);
}

int
log_watch_row_compared(struct rows *rows, const char *origin, uint64_t size,
    int64_t now_ms, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"INSERT OR REPLACE INTO compared (origin, size, at)"
		" VALUES (?1, ?2, ?3)",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, origin);
	query_bind_int(query, 2, (int64_t)size);
	query_bind_int(query, 3, now_ms);
	return query_finish(query, err);
}

int64_t
log_watch_row_overdue(struct rows *rows, int64_t now_ms, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"UPDATE checkpoint_seen SET is_told = 1 WHERE is_told = 0"
		" AND cosigned IS NULL AND seen_at < ?1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, now_ms - LOG_WATCH_HOUR_MS);
	if (query_finish(query, err) < 0)
		return -1;
	return rows_changed(rows);
}

int
log_watch_row_clear(struct rows *rows, enum log_watch_kind kind,
    struct error *err)
{
	static const char *const statements[LOG_WATCH_KINDS] = {
		[LOG_WATCH_COSIGNED] = "UPDATE checkpoint_seen SET cosigned = 0"
				       " WHERE cosigned IS NULL",
		[LOG_WATCH_STAMPED] = "UPDATE checkpoint_seen SET stamped = 0"
				      " WHERE stamped IS NULL",
	};

	return rows_run(rows, statements[kind], err);
}

/* ---- for evidence ---------------------------------------------------- */

int
log_watch_find(struct rows *rows, enum log_watch_kind kind, const char *origin,
    uint64_t size, const struct digest *root, struct bytes *note,
    struct bytes *proof, struct error *err)
{
	static const char *const statements[LOG_WATCH_KINDS] = {
		[LOG_WATCH_COSIGNED] =
		    "SELECT later.note, seen.cosigned_proof"
		    " FROM checkpoint_seen AS seen"
		    " JOIN checkpoint_later AS later ON later.id ="
		    " seen.cosigned WHERE seen.origin = ?1"
		    " AND seen.size = ?2 AND seen.root = ?3",
		[LOG_WATCH_STAMPED] =
		    "SELECT later.note, seen.stamped_proof"
		    " FROM checkpoint_seen AS seen"
		    " JOIN checkpoint_later AS later ON later.id ="
		    " seen.stamped WHERE seen.origin = ?1"
		    " AND seen.size = ?2 AND seen.root = ?3",
	};
	struct query *query;
	const void *data;
	size_t len;
	int found;

	if (query_begin(rows, statements[kind], &query, err) < 0)
		return -1;
	query_bind_text(query, 1, origin);
	query_bind_int(query, 2, (int64_t)size);
	query_bind_digest(query, 3, root);
	found = query_next(query, err);
	if (found > 0) {
		data = query_data(query, 0, &len);
		bytes_put(note, data, len);
		data = query_data(query, 1, &len);
		bytes_put(proof, data, len);
	}
	query_end(query);
	if (bytes_failed(note, err) < 0 || bytes_failed(proof, err) < 0)
		return -1;
	return found;
}

int
log_watch_each_stamp(struct rows *rows, const struct bytes *note,
    int (*fn)(void *ctx, const void *token, size_t len, struct error *err),
    void *ctx, struct error *err)
{
	struct query *query;
	int more;

	if (query_begin(rows,
		"SELECT stamp.token FROM checkpoint_stamp AS stamp"
		" JOIN checkpoint_later AS later ON later.id = stamp.later"
		" WHERE later.note = ?1 ORDER BY stamp.token",
		&query, err) < 0)
		return -1;
	query_bind_data(query, 1, note->data, note->len);
	while ((more = query_next(query, err)) > 0) {
		size_t len;
		const void *token = query_data(query, 0, &len);

		if (fn(ctx, token, len, err) < 0) {
			more = -1;
			break;
		}
	}
	query_end(query);
	return more;
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
log_watch_state(struct rows *rows, int64_t now_ms, const char **ret_id,
    struct bytes *to, struct error *err)
{
	int64_t conflicts, overdue, waiting, compared;

	if (count(rows, "SELECT count(*) FROM conflict WHERE id > ?1", 0,
		&conflicts, err) < 0 ||
	    count(rows,
		"SELECT count(*) FROM checkpoint_seen"
		" WHERE cosigned IS NULL AND seen_at < ?1",
		now_ms - LOG_WATCH_HOUR_MS, &overdue, err) < 0 ||
	    count(rows,
		"SELECT count(*) FROM checkpoint_seen"
		" WHERE cosigned IS NULL AND seen_at > ?1",
		0, &waiting, err) < 0 ||
	    count(rows,
		"SELECT coalesce(max(size), 0) FROM compared"
		" WHERE at > ?1",
		0, &compared, err) < 0)
		return -1;
	*ret_id = conflicts > 0 ? "E5022" : overdue > 0 ? "E5029" : "";
	if (conflicts > 0)
		bytes_put_text(to,
		    "the log of a center told two stories: see "
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
