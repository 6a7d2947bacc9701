/*
 * Deliveries of the outbox: where each recipient of a waybill stands.
 */
#include "gateway/outbox/outbox_rows.h"

#include "base/error.h"
#include "base/text.h"
#include "store/query.h"
#include "store/rows.h"

/* Flags of a delivery as they stand in its row. */
enum {
	FLAG_UNREADABLE = 1,
	FLAG_WANTS_PAPER = 2,
	FLAG_PAPER_COPY = 4,
	FLAG_SUSPENDED = 8,
	FLAG_NOTICE = 16, /* outbox_review_rows.c knows it too */
	FLAG_WANTS_REWRAP = OUTBOX_WANTS_REWRAP,
	FLAG_FLAGGED = 256,
};

int
outbox_delivery_add(struct rows *rows, int64_t waybill, int64_t since,
    const struct outbox_leaf *leaf, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"INSERT INTO outbox_delivery (waybill, recipient, name,"
		" is_copy, center, leaf, leaf_json, key_part, state, reached,"
		" flags, since, reason) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7,"
		" ?8, ?9, ?9, 0, ?10, '')",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, waybill);
	query_bind_text(query, 2, leaf->recipient.text);
	query_bind_text(query, 3, leaf->name);
	query_bind_int(query, 4, leaf->is_copy);
	query_bind_text(query, 5, leaf->center);
	query_bind_digest(query, 6, &leaf->leaf);
	query_bind_data(query, 7, leaf->json.data, leaf->json.len);
	query_bind_data(query, 8, leaf->key_part.data, leaf->key_part.len);
	query_bind_int(query, 9, DELIVERY_QUEUED);
	query_bind_int(query, 10, since);
	return query_finish(query, err);
}

/* What read_delivery() takes, in its order. */
#define COLUMNS                                                      \
	"id, recipient, center, leaf, state, reached, flags, since," \
	" reason"

static int
read_delivery(struct query *query, struct outbox_delivery *ret_delivery,
    struct error *err)
{
	struct outbox_delivery delivery = { 0 };
	int64_t state, reached, flags;

	delivery.row = query_int(query, 0);
	query_digest(query, 3, &delivery.leaf);
	state = query_int(query, 4);
	reached = query_int(query, 5);
	flags = query_int(query, 6);
	delivery.since = query_int(query, 7);
	if (!org_code_parse(query_text(query, 1), &delivery.recipient) ||
	    !text_copy(delivery.center, sizeof(delivery.center),
		query_text(query, 2)) ||
	    !text_copy(delivery.reason, sizeof(delivery.reason),
		query_text(query, 8)) ||
	    state < 0 || state >= DELIVERY_STATE_COUNT || reached < 0 ||
	    reached >= DELIVERY_STATE_COUNT)
		return error_set(err, ERROR_SYSTEM,
		    "row %lld of the outbox's deliveries is damaged",
		    (long long)delivery.row);
	delivery.life.state = (enum delivery_state)state;
	delivery.life.reached = (enum delivery_state)reached;
	delivery.life.is_unreadable = (flags & FLAG_UNREADABLE) != 0;
	delivery.life.wants_paper = (flags & FLAG_WANTS_PAPER) != 0;
	delivery.life.has_paper_copy = (flags & FLAG_PAPER_COPY) != 0;
	delivery.life.is_suspended = (flags & FLAG_SUSPENDED) != 0;
	delivery.life.has_notice = (flags & FLAG_NOTICE) != 0;
	delivery.life.wants_rewrap = (flags & FLAG_WANTS_REWRAP) != 0;
	delivery.life.is_flagged = (flags & FLAG_FLAGGED) != 0;
	*ret_delivery = delivery;
	return query_failed(query, err) < 0 ? -1 : 1;
}

int
outbox_delivery_next(struct rows *rows, int64_t waybill, int64_t after,
    struct outbox_delivery *ret_delivery, struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows,
		"SELECT " COLUMNS " FROM outbox_delivery WHERE waybill = ?1"
		" AND id > ?2 ORDER BY id LIMIT 1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, waybill);
	query_bind_int(query, 2, after);
	found = query_next(query, err);
	if (found > 0)
		found = read_delivery(query, ret_delivery, err);
	query_end(query);
	return found;
}

int
outbox_delivery_find_in(struct rows *rows, int64_t waybill,
    const struct org_code *recipient, struct outbox_delivery *ret_delivery,
    struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows,
		"SELECT " COLUMNS " FROM outbox_delivery WHERE waybill = ?1"
		" AND recipient = ?2",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, waybill);
	query_bind_text(query, 2, recipient->text);
	found = query_next(query, err);
	if (found > 0)
		found = read_delivery(query, ret_delivery, err);
	query_end(query);
	return found;
}

int
outbox_delivery_find_row(struct rows *rows, int64_t row,
    struct outbox_waybill *ret_waybill, struct outbox_delivery *ret_delivery,
    struct error *err)
{
	struct query *query;
	int64_t waybill = 0;
	int found;

	if (query_begin(rows,
		"SELECT " COLUMNS
		", waybill FROM outbox_delivery WHERE id = ?1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, row);
	found = query_next(query, err);
	if (found > 0) {
		waybill = query_int(query, 9);
		found = read_delivery(query, ret_delivery, err);
	}
	query_end(query);
	return found <= 0
	    ? found
	    : outbox_waybill_find(rows, waybill, ret_waybill, err);
}

int
outbox_delivery_leaf(struct rows *rows, int64_t row, struct bytes *to,
    struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows,
		"SELECT leaf_json FROM outbox_delivery WHERE id = ?1", &query,
		err) < 0)
		return -1;
	query_bind_int(query, 1, row);
	found = query_take(query, to, err);
	if (found == 0)
		return error_set(err, ERROR_SYSTEM, "delivery %lld is missing",
		    (long long)row);
	return found < 0 ? -1 : 0;
}

int
outbox_delivery_save(struct rows *rows, const struct outbox_delivery *delivery,
    struct error *err)
{
	const struct delivery *life = &delivery->life;
	struct query *query;

	if (query_begin(rows,
		"UPDATE outbox_delivery SET state = ?2, reached = ?3,"
		" flags = ?4, since = ?5, reason = ?6 WHERE id = ?1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, delivery->row);
	query_bind_int(query, 2, life->state);
	query_bind_int(query, 3, life->reached);
	query_bind_int(query, 4,
	    (life->is_unreadable ? FLAG_UNREADABLE : 0) |
		(life->wants_paper ? FLAG_WANTS_PAPER : 0) |
		(life->has_paper_copy ? FLAG_PAPER_COPY : 0) |
		(life->is_suspended ? FLAG_SUSPENDED : 0) |
		(life->has_notice ? FLAG_NOTICE : 0) |
		(life->wants_rewrap ? FLAG_WANTS_REWRAP : 0) |
		(life->is_flagged ? FLAG_FLAGGED : 0));
	query_bind_int(query, 5, delivery->since);
	query_bind_text(query, 6, delivery->reason);
	return query_finish(query, err);
}

int
outbox_outstanding(struct rows *rows, int64_t document,
    enum delivery_state state, struct outbox_mark *place, struct error *err)
{
	struct query *query;
	int found;

	/* 5 is confirmed: the index of those that are open has it, too. */
	if (query_begin(rows,
		"SELECT w.id, d.id FROM outbox_waybill AS w"
		" CROSS JOIN outbox_delivery AS d ON d.waybill = w.id"
		" WHERE w.document = ?1 AND w.id >= ?3 AND d.state < 5"
		" AND d.reached < ?2 AND d.id >= iif(w.id = ?3, ?4, 0)"
		" ORDER BY w.id, d.id LIMIT 1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, document);
	query_bind_int(query, 2, state);
	query_bind_int(query, 3, place->waybill);
	query_bind_int(query, 4, place->delivery);
	found = query_next(query, err);
	if (found > 0)
		*place = (struct outbox_mark){ query_int(query, 0),
			query_int(query, 1) };
	query_end(query);
	return found;
}
