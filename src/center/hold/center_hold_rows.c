#include "center/hold/center_hold_rows.h"

#include "base/error.h"
#include "base/text.h"
#include "center/hold/center_hold.h"
#include "json/json_write.h"
#include "store/query.h"
#include "store/rows.h"

enum { SHOWN_MAX = 500 };

const char center_hold_schema[] =
    "CREATE TABLE hold ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, scope INTEGER NOT NULL,"
    " name TEXT NOT NULL, direction INTEGER NOT NULL,"
    " waits INTEGER NOT NULL, from_at INTEGER NOT NULL,"
    " until INTEGER NOT NULL, lifted_at INTEGER NOT NULL DEFAULT 0) STRICT;"
    "CREATE INDEX hold_until ON hold (until) WHERE lifted_at = 0;"
    "CREATE TABLE hold_change ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " hold INTEGER NOT NULL REFERENCES hold, action INTEGER NOT NULL,"
    " at INTEGER NOT NULL, by TEXT NOT NULL, reason TEXT NOT NULL,"
    " entry INTEGER NOT NULL) STRICT;"
    "CREATE INDEX hold_change_at ON hold_change (at);"
    "CREATE INDEX hold_change_hold ON hold_change (hold, id);";

/* ---- writing --------------------------------------------------------- */

int
center_hold_add(struct rows *rows, struct hold *hold, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"INSERT INTO hold (scope, name, direction, waits, from_at,"
		" until) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, hold->scope);
	query_bind_text(query, 2, hold->name);
	query_bind_int(query, 3, hold->direction);
	query_bind_int(query, 4, hold->waits);
	query_bind_int(query, 5, hold->from_ms);
	query_bind_int(query, 6, hold->until_ms);
	if (query_finish(query, err) < 0)
		return -1;
	hold->id = rows_last_id(rows);
	return 0;
}

int
center_hold_renew(struct rows *rows, const struct hold *hold, struct error *err)
{
	struct query *query;

	if (query_begin(rows, "UPDATE hold SET until = ?2 WHERE id = ?1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, hold->id);
	query_bind_int(query, 2, hold->until_ms);
	return query_finish(query, err);
}

int
center_hold_lift(struct rows *rows, int64_t id, int64_t at, struct error *err)
{
	struct query *query;

	if (query_begin(rows, "UPDATE hold SET lifted_at = ?2 WHERE id = ?1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, id);
	query_bind_int(query, 2, at);
	return query_finish(query, err);
}

int
center_hold_note(struct rows *rows, const struct hold_record *record,
    uint64_t entry, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"INSERT INTO hold_change (hold, action, at, by, reason, entry)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, record->hold.id);
	query_bind_int(query, 2, record->action);
	query_bind_int(query, 3, record->time_ms);
	query_bind_text(query, 4, record->by);
	query_bind_text(query, 5, record->reason);
	query_bind_int(query, 6, (int64_t)entry);
	return query_finish(query, err);
}

/* ---- reading --------------------------------------------------------- */

/* Columns id, scope, name, direction, waits, from_at, until. */
static int
read_hold(struct query *query, struct hold *ret_hold, struct error *err)
{
	int64_t scope = query_int(query, 1);
	int64_t direction = query_int(query, 3);
	struct hold hold = { .id = query_int(query, 0),
		.waits = query_int(query, 4) != 0,
		.from_ms = query_int(query, 5),
		.until_ms = query_int(query, 6) };

	if (scope < 0 || scope >= HOLD_SCOPE_COUNT || direction < 0 ||
	    direction >= HOLD_DIRECTION_COUNT ||
	    !text_copy(hold.name, sizeof(hold.name), query_text(query, 2)))
		return error_set(err, ERROR_SYSTEM, "hold %lld is damaged",
		    (long long)hold.id);
	hold.scope = (enum hold_scope)scope;
	hold.direction = (enum hold_direction)direction;
	*ret_hold = hold;
	return 1;
}

int
center_hold_find(struct rows *rows, int64_t id, int64_t now,
    struct hold *ret_hold, struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows,
		"SELECT id, scope, name, direction, waits, from_at, until"
		" FROM hold WHERE id = ?1 AND lifted_at = 0 AND until > ?2",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, id);
	query_bind_int(query, 2, now);
	found = query_next(query, err);
	if (found > 0)
		found = read_hold(query, ret_hold, err);
	query_end(query);
	return found;
}

int
center_hold_find_like(struct rows *rows, const struct hold *like, int64_t now,
    struct hold *ret_hold, struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows,
		"SELECT id, scope, name, direction, waits, from_at, until"
		" FROM hold WHERE lifted_at = 0 AND until > ?1 AND scope = ?2"
		" AND name = ?3 AND direction = ?4 AND waits = ?5",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, now);
	query_bind_int(query, 2, like->scope);
	query_bind_text(query, 3, like->name);
	query_bind_int(query, 4, like->direction);
	query_bind_int(query, 5, like->waits);
	found = query_next(query, err);
	if (found > 0)
		found = read_hold(query, ret_hold, err);
	query_end(query);
	return found;
}

int
center_hold_list(struct rows *rows, int64_t now, struct hold *list, size_t max,
    size_t *ret_count, struct error *err)
{
	struct query *query;
	int more;

	*ret_count = 0;
	if (query_begin(rows,
		"SELECT id, scope, name, direction, waits, from_at, until"
		" FROM hold WHERE lifted_at = 0 AND until > ?1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, now);
	while ((more = query_next(query, err)) > 0 && *ret_count < max) {
		if (read_hold(query, &list[*ret_count], err) < 0) {
			more = -1;
			break;
		}
		++*ret_count;
	}
	query_end(query);
	return more < 0 ? -1 : 0;
}

int
center_hold_count_active(struct rows *rows, int64_t now, size_t *ret_count,
    struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows,
		"SELECT count(*) FROM hold WHERE lifted_at = 0 AND until > ?1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, now);
	found = query_next(query, err);
	*ret_count = found > 0 ? (size_t)query_int(query, 0) : 0;
	query_end(query);
	return found < 0 ? -1 : 0;
}

int
center_hold_count(struct rows *rows, int64_t since, size_t *ret_count,
    struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows,
		"SELECT count(*) FROM hold_change"
		" WHERE at > ?1 AND action <> ?2",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, since);
	query_bind_int(query, 2, HOLD_LIFT);
	found = query_next(query, err);
	*ret_count = found > 0 ? (size_t)query_int(query, 0) : 0;
	query_end(query);
	return found < 0 ? -1 : 0;
}

/* ---- as JSON --------------------------------------------------------- */

static int
write_changes(struct rows *rows, int64_t hold, struct json_writer *writer,
    struct error *err)
{
	struct query *query;
	int more;

	if (query_begin(rows,
		"SELECT action, at, by, reason, entry FROM hold_change"
		" WHERE hold = ?1 ORDER BY id",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, hold);
	json_write_begin_array(writer, "changes");
	while ((more = query_next(query, err)) > 0) {
		int64_t action = query_int(query, 0);

		json_write_begin_object(writer, NULL);
		json_write_text(writer, "action",
		    action >= 0 && action < HOLD_ACTION_COUNT
			? hold_action_name((enum hold_action)action)
			: "");
		json_write_time(writer, "time", query_int(query, 1));
		json_write_text(writer, "by", query_text(query, 2));
		json_write_text(writer, "reason", query_text(query, 3));
		json_write_int(writer, "entry", query_int(query, 4));
		json_write_end(writer);
	}
	json_write_end(writer);
	query_end(query);
	return more;
}

/* The columns of read_hold(), and lifted_at. */
static int
write_hold(struct rows *rows, struct query *query, int64_t now_ms,
    struct json_writer *writer, struct error *err)
{
	struct hold hold;
	bool is_lifted = query_int(query, 7) != 0;
	int rc;

	if (read_hold(query, &hold, err) < 0)
		return -1;
	json_write_begin_object(writer, NULL);
	json_write_int(writer, "id", hold.id);
	json_write_text(writer, "state",
	    is_lifted                    ? "lifted"
		: now_ms < hold.until_ms ? "active"
					 : "over");
	json_write_text(writer, "scope", hold_scope_name(hold.scope));
	json_write_text(writer, "name", hold.name);
	json_write_text(writer, "direction",
	    hold_direction_name(hold.direction));
	json_write_bool(writer, "wait", hold.waits);
	json_write_time(writer, "from", hold.from_ms);
	json_write_time(writer, "until", hold.until_ms);
	rc = write_changes(rows, hold.id, writer, err);
	json_write_end(writer);
	return rc;
}

static int
write_waiting(struct rows *rows, struct json_writer *writer, struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows, "SELECT count(*) FROM delivery WHERE held_at > 0",
		&query, err) < 0)
		return -1;
	found = query_next(query, err);
	if (found > 0)
		json_write_int(writer, "waiting", query_int(query, 0));
	query_end(query);
	return found < 0 ? -1 : 0;
}

int
center_hold_write(struct rows *rows, int64_t now_ms, struct json_writer *writer,
    struct error *err)
{
	struct query *query;
	int more;

	if (query_begin(rows,
		"SELECT id, scope, name, direction, waits, from_at, until,"
		" lifted_at FROM hold ORDER BY id DESC LIMIT ?1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, SHOWN_MAX);
	json_write_begin_object(writer, NULL);
	json_write_begin_array(writer, "holds");
	while ((more = query_next(query, err)) > 0) {
		if (write_hold(rows, query, now_ms, writer, err) < 0) {
			more = -1;
			break;
		}
	}
	json_write_end(writer);
	query_end(query);
	if (more == 0)
		more = write_waiting(rows, writer, err);
	json_write_end(writer);
	return more;
}
