/*
 * Which letters are next: for work, and for people to see.
 */
#include "gateway/inbox/inbox_rows.h"

#include "base/error.h"
#include "store/query.h"
#include "store/rows.h"

/* What both ways to list share; with a state it is found by its index. */
#define SHOWN "SELECT id FROM inbox_letter WHERE shown > 0"
#define WHOSE " AND substr(recipient, 1, length(?4)) = ?4"

/* Take the first column of each row; frees the query. */
static int
take_list(struct query *query, int64_t *list, size_t max, size_t *ret_count,
    struct error *err)
{
	size_t count = 0;
	int more;

	while ((more = query_next(query, err)) > 0 && count < max)
		list[count++] = query_int(query, 0);
	query_end(query);
	*ret_count = count;
	return more < 0 ? -1 : 0;
}

static int
take_number(struct query *query, int64_t *ret_number, struct error *err)
{
	int found = query_next(query, err);

	if (found > 0)
		*ret_number = query_int(query, 0);
	query_end(query);
	return found < 0 ? -1 : 0;
}

/* With retry_at after `from_ms`, through `through_ms`. */
int
inbox_row_due(struct rows *rows, int64_t now_ms, int64_t latest_ms,
    int64_t *list, size_t max, size_t *ret_count, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"SELECT id FROM inbox_letter WHERE is_due = 1 AND"
		" (retry_at <= ?1 OR retry_at > ?2) ORDER BY rank, id"
		" LIMIT ?3",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, now_ms);
	query_bind_int(query, 2, latest_ms);
	query_bind_int(query, 3, (int64_t)max);
	return take_list(query, list, max, ret_count, err);
}

int
inbox_row_next_due(struct rows *rows, int64_t now_ms, int64_t latest_ms,
    int64_t *ret_at, struct error *err)
{
	struct query *query;

	*ret_at = INT64_MAX;
	if (query_begin(rows,
		"SELECT retry_at FROM inbox_letter WHERE is_due = 1 AND"
		" retry_at > ?1 AND retry_at <= ?2 ORDER BY retry_at LIMIT 1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, now_ms);
	query_bind_int(query, 2, latest_ms);
	return take_number(query, ret_at, err);
}

int
inbox_row_next_place(struct rows *rows, int64_t *ret_place, struct error *err)
{
	struct query *query;

	*ret_place = 1;
	if (query_begin(rows,
		"SELECT shown + 1 FROM inbox_letter WHERE shown > 0"
		" ORDER BY shown DESC LIMIT 1",
		&query, err) < 0)
		return -1;
	return take_number(query, ret_place, err);
}

int
inbox_row_wake_repeats(struct rows *rows, int64_t first, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"UPDATE inbox_letter SET is_due = 1, retry_at = 0"
		" WHERE first = ?1 AND first > 0 AND step = ?2",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, first);
	query_bind_int(query, 2, JOB_RECEIVE_INBOX);
	return query_finish(query, err);
}

static void
bind_filter(struct query *query, int64_t place,
    const struct inbox_filter *filter, size_t max)
{
	query_bind_int(query, 1, place);
	query_bind_int(query, 3, (int64_t)max);
	query_bind_text(query, 4, filter->scope != NULL ? filter->scope : "");
	if (filter->state != INBOX_STATE_COUNT)
		query_bind_int(query, 2, filter->state);
}

int
inbox_row_list_before(struct rows *rows, int64_t before,
    const struct inbox_filter *filter, int64_t *list, size_t max,
    size_t *ret_count, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		filter->state == INBOX_STATE_COUNT ? SHOWN
		    " AND shown < ?1" WHOSE " ORDER BY shown DESC LIMIT ?3"
						   : SHOWN
		    " AND shown < ?1 AND state = ?2" WHOSE
		    " ORDER BY shown DESC LIMIT ?3",
		&query, err) < 0)
		return -1;
	bind_filter(query, before, filter, max);
	return take_list(query, list, max, ret_count, err);
}

int
inbox_row_list_after(struct rows *rows, int64_t after,
    const struct inbox_filter *filter, int64_t *list, size_t max,
    size_t *ret_count, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		filter->state == INBOX_STATE_COUNT
		    ? SHOWN " AND shown > ?1" WHOSE " ORDER BY shown LIMIT ?3"
		    : SHOWN " AND shown > ?1 AND state = ?2" WHOSE
			    " ORDER BY shown LIMIT ?3",
		&query, err) < 0)
		return -1;
	bind_filter(query, after, filter, max);
	return take_list(query, list, max, ret_count, err);
}
