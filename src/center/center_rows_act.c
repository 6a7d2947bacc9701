#include "center/center_rows.h"

#include "base/error.h"
#include "store/query.h"
#include "store/rows.h"

int
center_act_find(struct rows *rows, int64_t delivery, enum event event,
    uint64_t *ret_entry, struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows,
		"SELECT entry FROM act WHERE delivery = ?1 AND event = ?2",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, delivery);
	query_bind_int(query, 2, event);
	found = query_next(query, err);
	if (found > 0)
		*ret_entry = (uint64_t)query_int(query, 0);
	query_end(query);
	return found;
}

int
center_act_add(struct rows *rows, int64_t delivery, enum event event,
    uint64_t entry, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		event == EVENT_REWRAP || event == EVENT_REWRAPPED
		    ? "INSERT OR REPLACE INTO act (delivery, event, entry)"
		      " VALUES (?1, ?2, ?3)"
		    : "INSERT INTO act (delivery, event, entry)"
		      " VALUES (?1, ?2, ?3)",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, delivery);
	query_bind_int(query, 2, event);
	query_bind_int(query, 3, (int64_t)entry);
	return query_finish(query, err);
}

int
center_withdrawal_find(struct rows *rows, int64_t delivery, struct bytes *cms,
    struct error *err)
{
	struct query *query;

	if (query_begin(rows, "SELECT cms FROM withdrawal WHERE delivery = ?1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, delivery);
	return query_take(query, cms, err);
}

int
center_withdrawal_add(struct rows *rows, int64_t delivery, struct blob cms,
    struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"INSERT INTO withdrawal (delivery, cms) VALUES (?1, ?2)",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, delivery);
	query_bind_data(query, 2, cms.data, cms.len);
	return query_finish(query, err);
}

int
center_remote_find(struct rows *rows, const struct digest *leaf,
    struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows, "SELECT 1 FROM remote WHERE leaf = ?1", &query,
		err) < 0)
		return -1;
	query_bind_digest(query, 1, leaf);
	found = query_next(query, err);
	query_end(query);
	return found;
}

int
center_remote_add(struct rows *rows, const struct digest *leaf, uint64_t entry,
    struct blob json, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"INSERT INTO remote (leaf, entry, json) VALUES (?1, ?2, ?3)",
		&query, err) < 0)
		return -1;
	query_bind_digest(query, 1, leaf);
	query_bind_int(query, 2, (int64_t)entry);
	query_bind_data(query, 3, json.data, json.len);
	return query_finish(query, err);
}

int
center_remote_receipt(struct rows *rows, uint64_t entry, struct bytes *to,
    struct error *err)
{
	struct query *query;

	if (query_begin(rows, "SELECT json FROM remote WHERE entry = ?1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, (int64_t)entry);
	return query_take(query, to, err);
}
