#include "center/center_rows.h"

#include "base/error.h"
#include "base/text.h"
#include "store/query.h"
#include "store/rows.h"

/* Flags of a delivery as they stand in its row. */
enum {
	FLAG_RELAY_OPEN = 1,
	FLAG_UNREADABLE = 2,
	FLAG_WANTS_PAPER = 4,
	FLAG_PAPER_COPY = 8,
	FLAG_SUSPENDED = CENTER_FLAG_SUSPENDED,
	FLAG_NOTICE = 32,
	FLAG_WANTS_REWRAP = 128,
	FLAG_FLAGGED = 256,
};

static int64_t
flags_of(const struct delivery *life)
{
	return (life->relay_open ? FLAG_RELAY_OPEN : 0) |
	    (life->is_unreadable ? FLAG_UNREADABLE : 0) |
	    (life->wants_paper ? FLAG_WANTS_PAPER : 0) |
	    (life->has_paper_copy ? FLAG_PAPER_COPY : 0) |
	    (life->is_suspended ? FLAG_SUSPENDED : 0) |
	    (life->has_notice ? FLAG_NOTICE : 0) |
	    (life->wants_rewrap ? FLAG_WANTS_REWRAP : 0) |
	    (life->is_flagged ? FLAG_FLAGGED : 0);
}

int
center_delivery_add(struct rows *rows, int64_t waybill,
    const struct message_leaf *leaf, const struct delivery *life,
    const char *host, int64_t *ret_row, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"INSERT INTO delivery (waybill, recipient, center, leaf,"
		" leaf_json, path, key_part, state, reached, flags, seal, host)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)"
		" ON CONFLICT (waybill, recipient) DO NOTHING",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, waybill);
	query_bind_text(query, 2, leaf->recipient);
	query_bind_text(query, 3, leaf->center);
	query_bind_digest(query, 4, &leaf->leaf);
	query_bind_data(query, 5, leaf->leaf_json.data, leaf->leaf_json.len);
	query_bind_data(query, 6, leaf->path.data, leaf->path.len);
	query_bind_data(query, 7, leaf->key.data, leaf->key.len);
	query_bind_int(query, 8, life->state);
	query_bind_int(query, 9, life->reached);
	query_bind_int(query, 10, flags_of(life));
	query_bind_digest(query, 11, &leaf->seal);
	query_bind_text(query, 12, host);
	if (query_finish(query, err) < 0)
		return -1;
	if (rows_changed(rows) == 0)
		return 0;
	*ret_row = rows_last_id(rows);
	return 1;
}

static int
read_delivery(struct query *query, struct center_delivery *ret_delivery,
    struct error *err)
{
	struct center_delivery delivery = { 0 };
	int more = query_next(query, err);
	int64_t state, reached, flags;

	if (more <= 0)
		return more;
	delivery.row = query_int(query, 0);
	delivery.waybill = query_int(query, 1);
	query_digest(query, 4, &delivery.leaf);
	state = query_int(query, 5);
	reached = query_int(query, 6);
	flags = query_int(query, 7);
	query_digest(query, 10, &delivery.seal);
	delivery.hops = query_int(query, 12);
	delivery.life.was_taken = delivery.hops > 0;
	if (!org_code_parse(query_text(query, 2), &delivery.recipient) ||
	    !text_copy(delivery.center, sizeof(delivery.center),
		query_text(query, 3)) ||
	    !text_copy(delivery.host, sizeof(delivery.host),
		query_text(query, 11)) ||
	    state < 0 || state >= DELIVERY_STATE_COUNT || reached < 0 ||
	    reached >= DELIVERY_STATE_COUNT)
		return error_set(err, ERROR_SYSTEM,
		    "row %lld of the deliveries is damaged",
		    (long long)delivery.row);
	delivery.life.state = delivery.was = (enum delivery_state)state;
	delivery.life.reached = (enum delivery_state)reached;
	delivery.life.relay_open = (flags & FLAG_RELAY_OPEN) != 0;
	delivery.life.is_unreadable = (flags & FLAG_UNREADABLE) != 0;
	delivery.life.wants_paper = (flags & FLAG_WANTS_PAPER) != 0;
	delivery.life.has_paper_copy = (flags & FLAG_PAPER_COPY) != 0;
	delivery.life.is_suspended = (flags & FLAG_SUSPENDED) != 0;
	delivery.life.has_notice = (flags & FLAG_NOTICE) != 0;
	delivery.held_at = query_int(query, 8);
	delivery.held_ms = query_int(query, 9);
	delivery.life.wants_rewrap = (flags & FLAG_WANTS_REWRAP) != 0;
	delivery.life.is_flagged = (flags & FLAG_FLAGGED) != 0;
	*ret_delivery = delivery;
	return 1;
}

int
center_delivery_find(struct rows *rows, int64_t waybill,
    const struct org_code *recipient, struct center_delivery *ret_delivery,
    struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows,
		"SELECT id, waybill, recipient, center, leaf, state, reached,"
		" flags, held_at, held_ms, seal, host, hops FROM delivery WHERE waybill = ?1 AND recipient = ?2",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, waybill);
	query_bind_text(query, 2, recipient->text);
	found = read_delivery(query, ret_delivery, err);
	query_end(query);
	return found;
}

int
center_delivery_save(struct rows *rows, const struct center_delivery *delivery,
    struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"UPDATE delivery SET state = ?2, reached = ?3, flags = ?4,"
		" held_at = ?5, held_ms = ?6, center = ?7, hops = ?8"
		" WHERE id = ?1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, delivery->row);
	query_bind_int(query, 2, delivery->life.state);
	query_bind_int(query, 3, delivery->life.reached);
	query_bind_int(query, 4, flags_of(&delivery->life));
	query_bind_int(query, 5, delivery->held_at);
	query_bind_int(query, 6, delivery->held_ms);
	query_bind_text(query, 7, delivery->center);
	query_bind_int(query, 8, delivery->hops);
	return query_finish(query, err);
}

int
center_delivery_waiting(struct rows *rows, int64_t after,
    struct center_delivery *ret_delivery, struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows,
		"SELECT id, waybill, recipient, center, leaf, state, reached,"
		" flags, held_at, held_ms, seal, host, hops FROM delivery"
		/* 3 is fetched: by the index of what was not opened. */
		" WHERE state < 4 AND state < 3 AND id > ?1"
		" ORDER BY id LIMIT 1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, after);
	found = read_delivery(query, ret_delivery, err);
	query_end(query);
	return found;
}

int
center_delivery_find_row(struct rows *rows, int64_t row,
    struct center_delivery *ret_delivery, struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows,
		"SELECT id, waybill, recipient, center, leaf, state, reached,"
		" flags, held_at, held_ms, seal, host, hops FROM delivery WHERE id = ?1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, row);
	found = read_delivery(query, ret_delivery, err);
	query_end(query);
	return found;
}

int
center_delivery_any_held(struct rows *rows, struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows,
		"SELECT 1 FROM delivery WHERE held_at > 0 LIMIT 1", &query,
		err) < 0)
		return -1;
	found = query_next(query, err);
	query_end(query);
	return found;
}

/* The next delivery of a waybill at `center` after row `after`. */
static int
next_delivery(struct rows *rows, int64_t waybill, const char *center,
    int64_t after, struct center_delivery *ret_delivery, struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows,
		"SELECT id, waybill, recipient, center, leaf, state, reached,"
		" flags, held_at, held_ms, seal, host, hops FROM delivery WHERE waybill = ?1"
		" AND (?2 IS NULL OR center = ?2)"
		" AND id > ?3 ORDER BY id LIMIT 1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, waybill);
	if (center != NULL)
		query_bind_text(query, 2, center);
	else
		query_bind_null(query, 2);
	query_bind_int(query, 3, after);
	found = read_delivery(query, ret_delivery, err);
	query_end(query);
	return found;
}

int
center_delivery_each(struct rows *rows, int64_t waybill, const char *center,
    center_delivery_fn fn, void *ctx, struct error *err)
{
	struct center_delivery delivery = { 0 };
	int more;

	/* One at a time, since `fn` may change the rows being walked. */
	while ((more = next_delivery(rows, waybill, center, delivery.row,
		    &delivery, err)) > 0)
		if (fn(ctx, &delivery, err) < 0)
			return -1;
	return more;
}

int
center_key_part(struct rows *rows, int64_t delivery, struct bytes *to,
    struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows, "SELECT key_part FROM delivery WHERE id = ?1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, delivery);
	found = query_take(query, to, err);
	if (found == 0)
		return error_set(err, ERROR_NOT_FOUND, "no delivery %lld",
		    (long long)delivery);
	return found < 0 ? -1 : 0;
}
