#include "gateway/again_rows.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "envelope/receipt.h"
#include "envelope/statement.h"
#include "gateway/again.h"
#include "log/epoch.h"
#include "log/note.h"
#include "model/event.h"
#include "store/query.h"
#include "store/rows.h"

const char again_schema[] =
    "CREATE TABLE again ("
    " id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, row INTEGER NOT NULL,"
    " detail INTEGER NOT NULL, UNIQUE (kind, row, detail)) STRICT;"
    "CREATE TABLE center_epoch ("
    " center TEXT PRIMARY KEY, number INTEGER NOT NULL,"
    " begins INTEGER NOT NULL,"
    " is_told INTEGER NOT NULL) STRICT, WITHOUT ROWID;";

/* ---- which epoch ----------------------------------------------------- */

int
again_state_read(struct rows *rows, const char *center,
    struct again_state *ret_state, struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows,
		"SELECT number, is_told, begins FROM center_epoch"
		" WHERE center = ?1",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, center);
	found = query_next(query, err);
	if (found > 0) {
		ret_state->epoch = (uint64_t)query_int(query, 0);
		ret_state->is_told = query_int(query, 1) != 0;
		ret_state->begins = (uint64_t)query_int(query, 2);
	}
	query_end(query);
	return found;
}

static int
save_state(struct rows *rows, const char *center, uint64_t number,
    uint64_t begins, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"INSERT OR REPLACE INTO center_epoch (center, number, begins,"
		" is_told) VALUES (?1, ?2, ?3, 0)",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, center);
	query_bind_int(query, 2, (int64_t)number);
	query_bind_int(query, 3, (int64_t)begins);
	return query_finish(query, err);
}

int
again_rows_told(struct rows *rows, const char *center, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"UPDATE center_epoch SET is_told = 1 WHERE center = ?1", &query,
		err) < 0)
		return -1;
	query_bind_text(query, 1, center);
	return query_finish(query, err);
}

/* ---- what was lost --------------------------------------------------- */

struct lost {
	struct rows *rows;
	const char *center;
	const char *origin; /* of the new epoch */
	uint64_t begins;
	uint64_t count;
};

static bool
states_center(const char *text, const char *center)
{
	struct statement statement = { 0 };
	struct error ignored = { 0 };
	bool is_its =
	    statement_decode(text, strlen(text), &statement, &ignored) == 0 &&
	    text_equal(statement.center, center);

	statement_free(&statement);
	return is_its;
}

/* Did it stand where the restored log has nothing, or something else? */
static bool
is_lost(const struct lost *lost, const void *json, size_t len)
{
	struct receipt receipt = { 0 };
	struct error ignored = { 0 };
	struct note note;
	bool is = receipt_decode(json, len, &receipt, &ignored) == 0 &&
	    receipt.index >= lost->begins &&
	    note_parse(receipt.checkpoint, strlen(receipt.checkpoint), &note,
		&ignored) == 0 &&
	    epoch_is_earlier(note.checkpoint.origin, lost->origin) &&
	    states_center(receipt.statement, lost->center);

	receipt_free(&receipt);
	return is;
}

static int
add(struct lost *lost, enum again_kind kind, int64_t row, int64_t detail,
    struct error *err)
{
	struct query *query;

	if (query_begin(lost->rows,
		"INSERT OR IGNORE INTO again (kind, row, detail)"
		" VALUES (?1, ?2, ?3)",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, kind);
	query_bind_int(query, 2, row);
	query_bind_int(query, 3, detail);
	if (query_finish(query, err) < 0)
		return -1;
	lost->count += rows_changed(lost->rows) > 0;
	return 0;
}

/* Columns row, detail, receipt; parameter 1 is an event. */
static int
add_each(struct lost *lost, const char *sql, enum again_kind kind,
    enum event event, struct error *err)
{
	struct query *query;
	int more;

	if (query_begin(lost->rows, sql, &query, err) < 0)
		return -1;
	if (event != EVENT_NONE)
		query_bind_int(query, 1, event);
	while ((more = query_next(query, err)) > 0) {
		size_t len;
		const void *json = query_data(query, 2, &len);

		if (is_lost(lost, json, len) &&
		    add(lost, kind, query_int(query, 0), query_int(query, 1),
			err) < 0) {
			more = -1;
			break;
		}
	}
	query_end(query);
	return more;
}

/*
 * In the order in which the center can take them.  What has no content any
 * more has ended long ago, at both ends.
 */
static int
add_all(struct lost *lost, struct error *err)
{
	if (add_each(lost,
		"SELECT w.id, r.id, r.json FROM outbox_receipt AS r"
		" JOIN outbox_waybill AS w ON w.id = r.waybill"
		" WHERE r.event = ?1 AND w.payload <> 0 ORDER BY r.id",
		AGAIN_WAYBILL, EVENT_ACCEPTED, err) < 0 ||
	    add_each(lost,
		"SELECT o.delivery, 0, r.json FROM outbox_receipt AS r"
		" JOIN outbox_withdrawal AS o ON o.delivery = r.delivery"
		" WHERE r.event = ?1 ORDER BY r.id",
		AGAIN_WITHDRAWAL, EVENT_WITHDRAWN, err) < 0)
		return -1;
	return add_each(lost,
	    "SELECT letter, event, receipt FROM inbox_event"
	    " WHERE act IS NOT NULL AND receipt IS NOT NULL"
	    " ORDER BY letter, time",
	    AGAIN_ACT, EVENT_NONE, err);
}

static int
restart_feed(struct rows *rows, const char *center, struct error *err)
{
	struct query *query;

	if (query_begin(rows, "UPDATE feed SET through = 0 WHERE center = ?1",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, center);
	return query_finish(query, err);
}

int
again_rows_begin(struct rows *rows, const char *center, const char *origin,
    uint64_t begins, uint64_t *ret_count, struct error *err)
{
	struct lost lost = { rows, center, origin, begins, 0 };

	if (add_all(&lost, err) < 0 ||
	    save_state(rows, center, epoch_number(origin), begins, err) < 0 ||
	    restart_feed(rows, center, err) < 0)
		return -1;
	*ret_count = lost.count;
	return 0;
}

/* ---- the queue ------------------------------------------------------- */

int
again_rows_next(struct rows *rows, int64_t after, int64_t but,
    struct again_item *ret_item, struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows,
		"SELECT id, kind, row, detail FROM again WHERE id > ?1"
		" AND (kind <> ?3 OR row <> ?2) ORDER BY id LIMIT 1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, after);
	query_bind_int(query, 2, but);
	query_bind_int(query, 3, AGAIN_ACT);
	found = query_next(query, err);
	if (found > 0)
		*ret_item = (struct again_item){ query_int(query, 0),
			(enum again_kind)query_int(query, 1),
			query_int(query, 2), query_int(query, 3) };
	query_end(query);
	return found;
}

int
again_rows_has_act(struct rows *rows, int64_t letter, struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows,
		"SELECT 1 FROM again WHERE kind = ?1 AND row = ?2 LIMIT 1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, AGAIN_ACT);
	query_bind_int(query, 2, letter);
	found = query_next(query, err);
	query_end(query);
	return found;
}

int
again_rows_remove(struct rows *rows, int64_t id, struct error *err)
{
	struct query *query;

	if (query_begin(rows, "DELETE FROM again WHERE id = ?1", &query, err) <
	    0)
		return -1;
	query_bind_int(query, 1, id);
	return query_finish(query, err);
}

int
again_rows_cms(struct rows *rows, const struct again_item *item,
    struct bytes *to, struct error *err)
{
	bool is_act = item->kind == AGAIN_ACT;
	struct query *query;

	if (query_begin(rows,
		is_act ? "SELECT act FROM inbox_event WHERE letter = ?1"
			 " AND event = ?2"
		       : "SELECT cms FROM outbox_withdrawal"
			 " WHERE delivery = ?1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, item->row);
	if (is_act)
		query_bind_int(query, 2, item->detail);
	return query_take(query, to, err);
}
