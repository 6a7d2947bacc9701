#include "center/epoch/center_epoch_rows.h"

#include "base/error.h"
#include "base/text.h"
#include "store/query.h"
#include "store/rows.h"
#include "store/store.h"

const char center_epoch_schema[] =
    "CREATE TABLE epoch ("
    " number INTEGER PRIMARY KEY, origin TEXT NOT NULL,"
    " first INTEGER NOT NULL, opened_at INTEGER NOT NULL,"
    " until INTEGER NOT NULL) STRICT;"
    "CREATE TABLE caught_up ("
    " host TEXT NOT NULL, number INTEGER NOT NULL,"
    " PRIMARY KEY (host, number)) STRICT, WITHOUT ROWID;"
    /* A longer log of this epoch was signed than is here. */
    "CREATE TABLE epoch_lost ("
    " origin TEXT PRIMARY KEY, size INTEGER NOT NULL,"
    " seen_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;";

int
center_epoch_newest(struct rows *rows, struct center_epoch_row *ret_row,
    struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows,
		"SELECT number, origin, first, opened_at, until FROM epoch"
		" ORDER BY number DESC LIMIT 1",
		&query, err) < 0)
		return -1;
	found = query_next(query, err);
	if (found > 0) {
		*ret_row = (struct center_epoch_row){
			.number = (uint64_t)query_int(query, 0),
			.first = (uint64_t)query_int(query, 2),
			.opened_at = query_int(query, 3),
			.until = query_int(query, 4),
		};
		if (!text_copy(ret_row->origin, sizeof(ret_row->origin),
			query_text(query, 1)))
			found = error_set(err, ERROR_SYSTEM,
			    "the origin of an epoch is too long");
	}
	query_end(query);
	return found;
}

int
center_epoch_add(struct rows *rows, const struct center_epoch_row *row,
    struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"INSERT INTO epoch (number, origin, first, opened_at, until)"
		" VALUES (?1, ?2, ?3, ?4, ?5)",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, (int64_t)row->number);
	query_bind_text(query, 2, row->origin);
	query_bind_int(query, 3, (int64_t)row->first);
	query_bind_int(query, 4, row->opened_at);
	query_bind_int(query, 5, row->until);
	return query_finish(query, err);
}

int
center_epoch_close(struct rows *rows, struct error *err)
{
	return query_run(rows, "UPDATE epoch SET until = 0 WHERE until > 0",
	    err);
}

int
center_epoch_report_add(struct rows *rows, const char *host, uint64_t number,
    struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"INSERT OR IGNORE INTO caught_up (host, number)"
		" VALUES (?1, ?2)",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, host);
	query_bind_int(query, 2, (int64_t)number);
	return query_finish(query, err);
}

int
center_epoch_has_reported(struct rows *rows, const char *host, uint64_t number,
    struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows,
		"SELECT 1 FROM caught_up WHERE host = ?1 AND number = ?2",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, host);
	query_bind_int(query, 2, (int64_t)number);
	found = query_next(query, err);
	query_end(query);
	return found;
}

/* ---- what was lost without a word ------------------------------------ */

int
center_epoch_lost_add(struct rows *rows, const char *origin, uint64_t size,
    int64_t now, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"INSERT OR REPLACE INTO epoch_lost (origin, size, seen_at)"
		" VALUES (?1, ?2, ?3)",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, origin);
	query_bind_int(query, 2, (int64_t)size);
	query_bind_int(query, 3, now);
	return query_finish(query, err);
}

int
center_epoch_lost_find(struct rows *rows, uint64_t *ret_size, struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows,
		"SELECT size FROM epoch_lost ORDER BY size DESC LIMIT 1",
		&query, err) < 0)
		return -1;
	found = query_next(query, err);
	if (found > 0)
		*ret_size = (uint64_t)query_int(query, 0);
	query_end(query);
	return found;
}

int
center_epoch_lost_clear(struct rows *rows, struct error *err)
{
	return query_run(rows, "DELETE FROM epoch_lost", err);
}

/* ---- may it serve ---------------------------------------------------- */

/* What the three tables say of it, in one look. */
struct standing {
	bool is_restored;
	bool is_lost;
	uint64_t lost; /* records that its witnesses know */
	bool has_epoch;
	int64_t until;
};

static int
read_standing(struct rows *rows, struct standing *ret_standing,
    struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows,
		"SELECT EXISTS (SELECT 1 FROM store_restored),"
		" (SELECT max(size) FROM epoch_lost),"
		" (SELECT until FROM epoch ORDER BY number DESC LIMIT 1)",
		&query, err) < 0)
		return -1;
	found = query_next(query, err);
	if (found > 0)
		*ret_standing = (struct standing){
			.is_restored = query_int(query, 0) != 0,
			.is_lost = !query_is_null(query, 1),
			.lost = (uint64_t)query_int(query, 1),
			.has_epoch = !query_is_null(query, 2),
			.until = query_int(query, 2),
		};
	query_end(query);
	return found < 0 ? -1 : 0;
}

int
center_epoch_check_rows(struct rows *rows, struct error *err)
{
	struct standing standing = { 0 };

	if (read_standing(rows, &standing, err) < 0)
		return -1;
	if (standing.is_restored)
		return error_set_id(err, "E5044", ERROR_BUSY,
		    "a backup was restored, and no bulletin names the next "
		    "epoch of the log");
	if (standing.is_lost)
		return error_set_id(err, "E4503", ERROR_BUSY,
		    "witnesses cosigned %llu records of this log",
		    (unsigned long long)standing.lost);
	if (!standing.has_epoch)
		return error_set_id(err, "E4502", ERROR_BUSY,
		    "the witnesses are asked whether this log began before");
	if (standing.until > 0)
		return error_set_id(err, "E5046", ERROR_BUSY,
		    "what was lost is being handed in again");
	return 0;
}
