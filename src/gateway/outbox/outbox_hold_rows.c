#include "gateway/outbox/outbox_hold.h"

#include "base/error.h"
#include "base/text.h"
#include "gateway/outbox/outbox_rows.h"
#include "store/query.h"
#include "store/rows.h"

/* 1 is held.  Whoever follows events hears of it by the trigger (happenings.h). */
const char outbox_hold_schema[] =
    "ALTER TABLE outbox_document ADD COLUMN hold INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE outbox_document ADD COLUMN held_until INTEGER NOT NULL"
    " DEFAULT 0;"
    "ALTER TABLE outbox_document ADD COLUMN held_ms INTEGER NOT NULL"
    " DEFAULT 0;"
    "CREATE INDEX outbox_document_held ON outbox_document (held_until)"
    " WHERE hold = 1;"
    "CREATE TRIGGER happening_document AFTER UPDATE ON outbox_document"
    " WHEN OLD.hold <> NEW.hold"
    " BEGIN INSERT INTO happening (kind, subject, at, state, flags, reason)"
    " VALUES (2, NEW.id, CASE NEW.hold WHEN 1"
    " THEN NEW.held_until - NEW.held_ms ELSE NEW.held_until END, NEW.hold,"
    " 0, ''); END;";

const char *
outbox_hold_name(enum outbox_hold hold)
{
	switch (hold) {
	case OUTBOX_HOLD_HELD:
		return "held";
	case OUTBOX_HOLD_UNDONE:
		return "undone";
	case OUTBOX_HOLD_NONE:
	case OUTBOX_HOLD_RELEASED:
	case OUTBOX_HOLD_COUNT:
		break;
	}
	return "sent";
}

int
outbox_hold_begin(struct rows *rows, int64_t document, int64_t now_ms,
    int64_t held_ms, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"UPDATE outbox_document SET hold = 1, held_until = ?2,"
		" held_ms = ?3 WHERE id = ?1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, document);
	query_bind_int(query, 2, now_ms + held_ms);
	query_bind_int(query, 3, held_ms);
	if (query_finish(query, err) < 0)
		return -1;
	return outbox_waybill_step_all(rows, document, JOB_SEND_HELD, err);
}

int
outbox_hold_find(struct rows *rows, int64_t document,
    enum outbox_hold *ret_hold, struct error *err)
{
	struct query *query;
	int64_t hold = 0;
	int found;

	if (query_begin(rows, "SELECT hold FROM outbox_document WHERE id = ?1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, document);
	found = query_next(query, err);
	if (found > 0)
		hold = query_int(query, 0);
	query_end(query);
	if (found > 0 && (hold < 0 || hold >= OUTBOX_HOLD_COUNT))
		return error_set(err, ERROR_SYSTEM,
		    "row %lld of the outbox is damaged", (long long)document);
	*ret_hold = (enum outbox_hold)hold;
	return found;
}

/* One whose time is over: 1 or 0. */
static int
find_over(struct rows *rows, int64_t now_ms, int64_t *ret_document,
    struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows,
		"SELECT id FROM outbox_document WHERE hold = 1 AND"
		" (held_until <= ?1 OR held_until > ?1 + held_ms + ?2) LIMIT 1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, now_ms);
	query_bind_int(query, 2, OUTBOX_HOLD_SLACK_MS);
	found = query_next(query, err);
	if (found > 0)
		*ret_document = query_int(query, 0);
	query_end(query);
	return found;
}

static int
set_hold(struct rows *rows, int64_t document, enum outbox_hold hold,
    int64_t at_ms, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"UPDATE outbox_document SET hold = ?2, held_until = ?3"
		" WHERE id = ?1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, document);
	query_bind_int(query, 2, hold);
	query_bind_int(query, 3, at_ms);
	return query_finish(query, err);
}

int
outbox_hold_release(struct rows *rows, int64_t now_ms, struct error *err)
{
	int64_t document;
	int more;

	while ((more = find_over(rows, now_ms, &document, err)) > 0)
		if (set_hold(rows, document, OUTBOX_HOLD_RELEASED, now_ms,
			err) < 0 ||
		    outbox_waybill_step_all(rows, document, JOB_SEND_SUBMIT,
			err) < 0)
			return -1;
	return more;
}

int
outbox_hold_next(struct rows *rows, int64_t now_ms, int64_t *ret_at,
    struct error *err)
{
	struct query *query;
	int64_t document;
	int found = find_over(rows, now_ms, &document, err);

	*ret_at = found > 0 ? now_ms : INT64_MAX;
	if (found != 0)
		return found < 0 ? -1 : 0;
	if (query_begin(rows,
		"SELECT min(held_until) FROM outbox_document WHERE hold = 1",
		&query, err) < 0)
		return -1;
	found = query_next(query, err);
	if (found > 0 && !query_is_null(query, 0))
		*ret_at = query_int(query, 0);
	query_end(query);
	return found < 0 ? -1 : 0;
}

/* ---- undoing --------------------------------------------------------- */

static int
end_deliveries(struct rows *rows, int64_t waybill, int64_t now_ms,
    struct error *err)
{
	struct outbox_delivery delivery = { 0 };
	int more;

	while ((more = outbox_delivery_next(rows, waybill, delivery.row,
		    &delivery, err)) > 0) {
		delivery.life.state = DELIVERY_WITHDRAWN;
		delivery.since = now_ms;
		text_copy(delivery.reason, sizeof(delivery.reason), "undo");
		if (outbox_delivery_save(rows, &delivery, err) < 0)
			return -1;
	}
	return more;
}

/* The next waybill of a document above row `after`: 1 or 0. */
static int
next_waybill(struct rows *rows, int64_t document, int64_t after,
    int64_t *ret_waybill, struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows,
		"SELECT min(id) FROM outbox_waybill WHERE document = ?1"
		" AND id > ?2",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, document);
	query_bind_int(query, 2, after);
	found = query_next(query, err);
	if (found > 0 && query_is_null(query, 0))
		found = 0;
	if (found > 0)
		*ret_waybill = query_int(query, 0);
	query_end(query);
	return found;
}

int
outbox_hold_undo(struct rows *rows, int64_t document, int64_t now_ms,
    struct error *err)
{
	int64_t waybill = 0;
	int more;

	while (
	    (more = next_waybill(rows, document, waybill, &waybill, err)) > 0)
		if (outbox_waybill_step(rows, waybill,
			job_send_next(JOB_SEND_HELD, JOB_CANCELLED), now_ms,
			err) < 0 ||
		    end_deliveries(rows, waybill, now_ms, err) < 0)
			return -1;
	if (more < 0)
		return -1;
	return set_hold(rows, document, OUTBOX_HOLD_UNDONE, now_ms, err);
}
