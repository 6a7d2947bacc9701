#include "center/send/center_send_rows.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "center/center_rows.h"
#include "store/query.h"
#include "store/rows.h"

int
center_send_add(struct rows *rows, const struct center_send *send,
    struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"INSERT INTO send (center, kind, waybill, entry, rank, bytes)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, send->center);
	query_bind_int(query, 2, send->kind);
	query_bind_int(query, 3, send->waybill);
	query_bind_int(query, 4, (int64_t)send->entry);
	query_bind_int(query, 5, send->rank);
	query_bind_int(query, 6, (int64_t)send->bytes);
	return query_finish(query, err);
}

int
center_send_hold(struct rows *rows, int64_t waybill, bool is_held,
    struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"UPDATE send SET is_held = ?2 WHERE waybill = ?1 AND kind = 1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, waybill);
	query_bind_int(query, 2, is_held);
	return query_finish(query, err);
}

int
center_send_remove(struct rows *rows, int64_t row, struct error *err)
{
	struct query *query;

	if (query_begin(rows, "DELETE FROM send WHERE id = ?1", &query, err) <
	    0)
		return -1;
	query_bind_int(query, 1, row);
	return query_finish(query, err);
}

int
center_send_events(struct rows *rows, const struct center_waybill *waybill,
    struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"INSERT INTO send (center, kind, waybill, entry, rank, bytes)"
		" SELECT ?1, ?2, 0, a.entry, 0, 0 FROM act AS a JOIN delivery AS d"
		" ON d.id = a.delivery WHERE d.waybill = ?3 AND NOT EXISTS"
		" (SELECT 1 FROM send AS s WHERE s.center = ?1 AND s.kind = ?2"
		" AND s.entry = a.entry) ORDER BY a.entry",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, waybill->origin);
	query_bind_int(query, 2, CENTER_SEND_RECEIPT);
	query_bind_int(query, 3, waybill->row);
	return query_finish(query, err);
}

int
center_send_again(struct rows *rows, const char *our_name, int64_t rank,
    struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"INSERT INTO send (center, kind, waybill, entry, rank, bytes)"
		" SELECT DISTINCT d.center, iif(d.hops = 0, ?2, ?5),"
		" iif(d.hops = 0, w.id, d.id), 0, ?4, w.content_len"
		" FROM delivery AS d"
		" JOIN waybill AS w ON w.id = d.waybill"
		" WHERE w.origin = ?1 AND d.center <> ?1 AND d.state < ?3"
		" AND w.payload <> 0 AND NOT EXISTS (SELECT 1 FROM send AS s"
		" WHERE s.center = d.center"
		" AND ((s.kind = ?2 AND d.hops = 0 AND s.waybill = w.id)"
		" OR (s.kind = ?5 AND d.hops > 0 AND s.waybill = d.id)))",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, our_name);
	query_bind_int(query, 2, CENTER_SEND_RELAY);
	query_bind_int(query, 3, DELIVERY_CONFIRMED);
	query_bind_int(query, 4, rank);
	query_bind_int(query, 5, CENTER_SEND_MOVE);
	return query_finish(query, err);
}

/* Columns id, waybill, entry, bytes, failures. */
static int
read_send(struct query *query, const char *center, enum center_send_kind kind,
    struct center_send *ret_send, struct error *err)
{
	int found = query_next(query, err);

	if (found > 0) {
		*ret_send = (struct center_send){ .kind = kind,
			.row = query_int(query, 0),
			.waybill = query_int(query, 1),
			.entry = (uint64_t)query_int(query, 2),
			.bytes = (uint64_t)query_int(query, 3),
			.failures = (uint32_t)query_int(query, 4) };
		text_copy(ret_send->center, sizeof(ret_send->center), center);
	}
	query_end(query);
	return found;
}

int
center_send_next(struct rows *rows, const char *center,
    enum center_send_kind kind, int64_t after, struct center_send *ret_send,
    struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"SELECT id, waybill, entry, bytes, failures FROM send"
		" WHERE center = ?1 AND kind = ?2 AND kind IN (2, 3, 4)"
		" AND is_aside = 0 AND id > ?3 ORDER BY id LIMIT 1",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, center);
	query_bind_int(query, 2, kind);
	query_bind_int(query, 3, after);
	return read_send(query, center, kind, ret_send, err);
}

int
center_send_aside(struct rows *rows, const char *center,
    enum center_send_kind kind, int64_t now, int64_t max_wait,
    struct center_send *ret_send, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"SELECT id, waybill, entry, bytes, failures FROM send"
		" WHERE center = ?1 AND kind = ?2 AND is_aside = 1"
		" AND retry_at > 0 AND (retry_at <= ?3 OR retry_at > ?4)"
		" ORDER BY retry_at LIMIT 1",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, center);
	query_bind_int(query, 2, kind);
	query_bind_int(query, 3, now);
	query_bind_int(query, 4, now + max_wait);
	return read_send(query, center, kind, ret_send, err);
}

int
center_send_due(struct rows *rows, const char *center, int64_t now,
    int64_t max_wait, uint64_t large_len, bool only_small,
    struct center_send *list, size_t max, size_t *ret_count, struct error *err)
{
	struct query *query;
	int more = 1;

	*ret_count = 0;
	if (query_begin(rows,
		"SELECT id, waybill, bytes, failures, kind FROM send"
		" WHERE center = ?1 AND kind IN (1, 5)"
		" AND (retry_at <= ?2 OR retry_at > ?6)"
		" AND is_held = 0 AND (?3 = 0 OR bytes < ?4)"
		" ORDER BY rank, id LIMIT ?5",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, center);
	query_bind_int(query, 2, now);
	query_bind_int(query, 3, only_small);
	query_bind_int(query, 4, (int64_t)large_len);
	query_bind_int(query, 5, (int64_t)max);
	query_bind_int(query, 6, now + max_wait);
	while (*ret_count < max && (more = query_next(query, err)) > 0) {
		struct center_send *send = &list[(*ret_count)++];

		*send = (struct center_send){ .row = query_int(query, 0),
			.kind = (enum center_send_kind)query_int(query, 4),
			.waybill = query_int(query, 1),
			.bytes = (uint64_t)query_int(query, 2),
			.failures = (uint32_t)query_int(query, 3) };
		text_copy(send->center, sizeof(send->center), center);
	}
	query_end(query);
	return more < 0 ? -1 : 0;
}

int
center_send_next_due(struct rows *rows, const char *center, int64_t now,
    int64_t *ret_at, struct error *err)
{
	struct query *query;
	int found;

	*ret_at = INT64_MAX;
	if (query_begin(rows,
		"SELECT retry_at FROM send WHERE center = ?1"
		" AND retry_at > 0 AND retry_at > ?2 AND is_held = 0"
		" ORDER BY retry_at LIMIT 1",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, center);
	query_bind_int(query, 2, now);
	found = query_next(query, err);
	if (found > 0)
		*ret_at = query_int(query, 0);
	query_end(query);
	return found < 0 ? -1 : 0;
}

int
center_send_set_aside(struct rows *rows, const struct center_send *send,
    struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"UPDATE send SET is_aside = 1, failures = ?2, retry_at = ?3,"
		" reason = ?4 WHERE id = ?1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, send->row);
	query_bind_int(query, 2, send->failures);
	query_bind_int(query, 3, send->retry_at);
	query_bind_text(query, 4, send->reason);
	return query_finish(query, err);
}

/* By one of the two indexes that begin with it: 1 or 0. */
static int
next_center(struct rows *rows, const char *sql, const char *after, char *to,
    size_t size, struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows, sql, &query, err) < 0)
		return -1;
	query_bind_text(query, 1, after);
	found = query_next(query, err);
	if (found > 0 && !text_copy(to, size, query_text(query, 0)))
		found = error_set(err, ERROR_SYSTEM, "a long name of a center");
	query_end(query);
	return found;
}

int
center_send_centers(struct rows *rows,
    void (*fn)(void *ctx, const char *center), void *ctx, struct error *err)
{
	char name[MESSAGE_HOST_SIZE] = "";
	char told[MESSAGE_HOST_SIZE], relayed[MESSAGE_HOST_SIZE];

	for (;;) {
		int has_relayed = next_center(rows,
		    "SELECT center FROM send WHERE kind IN (1, 5)"
		    " AND center > ?1 ORDER BY center LIMIT 1",
		    name, relayed, sizeof(relayed), err);
		int has_told = next_center(rows,
		    "SELECT center FROM send WHERE kind IN (2, 3, 4)"
		    " AND center > ?1 ORDER BY center LIMIT 1",
		    name, told, sizeof(told), err);

		if (has_relayed < 0 || has_told < 0)
			return -1;
		if (has_relayed == 0 && has_told == 0)
			return 0;
		text_copy(name, sizeof(name),
		    has_told == 0 ||
			    (has_relayed > 0 && strcmp(relayed, told) < 0)
			? relayed
			: told);
		fn(ctx, name);
	}
}

int
center_send_redirect(struct rows *rows, int64_t delivery, const char *to,
    struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"UPDATE send SET center = ?2, failures = 0, retry_at = 0,"
		" is_aside = 0, reason = '' WHERE waybill = ?1 AND kind IN (?3, ?4)",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, delivery);
	query_bind_text(query, 2, to);
	query_bind_int(query, 3, CENTER_SEND_WITHDRAWAL);
	query_bind_int(query, 4, CENTER_SEND_REWRAP);
	return query_finish(query, err);
}
