#include "role/requests/requests_rows_pass.h"

#include "base/error.h"
#include "base/text.h"
#include "store/query.h"
#include "store/rows.h"

/* ---- handing up -------------------------------------------------------- */

int
requests_find_due(struct rows *rows, int64_t now, struct requests_due *ret_due,
    struct error *err)
{
	struct query *query;
	int more;

	if (query_begin(rows,
		"SELECT id, body, failures FROM case_request"
		" WHERE body IS NOT NULL AND is_handed = 0 AND due <= ?1"
		" ORDER BY due, number LIMIT 1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, now);
	more = query_next(query, err);
	if (more > 0) {
		size_t len;
		const void *data = query_data(query, 1, &len);

		text_copy(ret_due->id, sizeof(ret_due->id),
		    query_text(query, 0));
		bytes_put(&ret_due->body, data, len);
		ret_due->failures = (uint32_t)query_int(query, 2);
		if (bytes_failed(&ret_due->body, err) < 0)
			more = -1;
	}
	query_end(query);
	return more;
}

/* Our own number of news: the row that `set` names gets the next one. */
static int
note_change(struct rows *rows, const char *id, int64_t now, struct error *err)
{
	struct query *query;

	if (query_run(rows,
		"UPDATE case_request_place SET changed = changed + 1",
		err) < 0 ||
	    query_begin(rows,
		"UPDATE case_request SET changed ="
		" (SELECT changed FROM case_request_place), changed_at = ?2"
		" WHERE id = ?1",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, id);
	query_bind_int(query, 2, now);
	return query_finish(query, err);
}

int
requests_save_taken(struct rows *rows, const char *id, bool is_last,
    int64_t now, struct error *err)
{
	struct query *query;

	/* What asks for no case of its own has ended once management has it. */
	if (query_begin(rows,
		"UPDATE case_request SET is_handed = 1, is_taken = ?2,"
		" body = CASE WHEN ?2 AND definition = '' THEN NULL"
		" ELSE body END,"
		" is_open = CASE WHEN ?2 AND definition = '' THEN 0"
		" ELSE is_open END WHERE id = ?1",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, id);
	query_bind_int(query, 2, is_last);
	if (query_finish(query, err) < 0)
		return -1;
	if (!is_last)
		return 0;
	/* What was said of it before it was here again. */
	if (query_run(rows,
		"UPDATE case_request_place SET after = 0, missed = 0"
		" WHERE missed = 1",
		err) < 0)
		return -1;
	return note_change(rows, id, now, err);
}

int
requests_save_refused(struct rows *rows, const char *id, const void *problem,
    size_t len, int64_t now, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"UPDATE case_request SET body = NULL, is_open = 0,"
		" refused = ?2 WHERE id = ?1",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, id);
	query_bind_data(query, 2, problem, len);
	return query_finish(query, err) < 0 ? -1
					    : note_change(rows, id, now, err);
}

int
requests_save_failed(struct rows *rows, const char *id, int64_t due,
    struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"UPDATE case_request SET failures = failures + 1, due = ?2"
		" WHERE id = ?1",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, id);
	query_bind_int(query, 2, due);
	return query_finish(query, err);
}

/* ---- another epoch of the host above ----------------------------------- */

int
requests_epoch(struct rows *rows, uint64_t *ret_epoch, struct error *err)
{
	struct query *query;
	int64_t epoch = 0;

	if (query_begin(rows, "SELECT epoch FROM case_request_place", &query,
		err) < 0 ||
	    query_finish_int(query, &epoch, err) < 0)
		return -1;
	*ret_epoch = (uint64_t)epoch;
	return 0;
}

static int
hand_up_again(struct rows *rows, struct error *err)
{
	if (query_run(rows,
		"UPDATE case_request SET is_handed = 0, failures = 0, due = 0"
		" WHERE is_open = 1 AND body IS NOT NULL",
		err) < 0)
		return -1;
	return query_run(rows, "UPDATE case_request_place SET after = 0", err);
}

int
requests_begin_epoch(struct rows *rows, uint64_t epoch, struct error *err)
{
	struct query *query;
	uint64_t known;

	if (requests_epoch(rows, &known, err) < 0)
		return -1;
	if (epoch <= known)
		return 0;
	/* The first one that is heard of says nothing of a loss. */
	if (known != 0 && hand_up_again(rows, err) < 0)
		return -1;
	if (query_begin(rows, "UPDATE case_request_place SET epoch = ?1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, (int64_t)epoch);
	return query_finish(query, err);
}

/* ---- news -------------------------------------------------------------- */

int
requests_after(struct rows *rows, int64_t *ret_after, struct error *err)
{
	struct query *query;

	return query_begin(rows, "SELECT after FROM case_request_place", &query,
		   err) < 0
	    ? -1
	    : query_finish_int(query, ret_after, err);
}

int
requests_save_after(struct rows *rows, int64_t after, struct error *err)
{
	struct query *query;

	if (query_begin(rows, "UPDATE case_request_place SET after = ?1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, after);
	return query_finish(query, err);
}

int
requests_count_open(struct rows *rows, int64_t *ret_count, struct error *err)
{
	struct query *query;

	return query_begin(rows,
		   "SELECT count(*) FROM case_request WHERE is_open = 1"
		   " AND (body IS NULL OR is_handed = 1)",
		   &query, err) < 0
	    ? -1
	    : query_finish_int(query, ret_count, err);
}

static void
bind_json(struct query *query, int at, const struct bytes *json)
{
	if (json != NULL)
		query_bind_data(query, at, json->data, json->len);
	else
		query_bind_null(query, at);
}

static void
bind_news(struct query *query, const struct requests_news *news)
{
	query_bind_text(query, 1, news->id);
	query_bind_int(query, 2, news->is_taken);
	query_bind_int(query, 3, news->is_open);
	query_bind_text(query, 4, news->case_id);
	bind_json(query, 5, news->state);
	bind_json(query, 6, news->refused);
	query_bind_text(query, 7, news->case_state);
}

/* 1: it is here and says the same; 0: another thing; -1; 2: it is not here. */
static int
compare_news(struct rows *rows, const struct requests_news *news,
    struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows,
		"SELECT is_taken = ?2 AND is_open = ?3 AND case_id = ?4"
		" AND case_state = ?7 AND state IS coalesce(?5, state)"
		" AND refused IS coalesce(?6, refused)"
		" FROM case_request WHERE id = ?1",
		&query, err) < 0)
		return -1;
	bind_news(query, news);
	found = query_next(query, err);
	if (found > 0)
		found = query_int(query, 0) != 0;
	else if (found == 0)
		found = 2;
	query_end(query);
	return found;
}

int
requests_save_news(struct rows *rows, const struct requests_news *news,
    int64_t now, struct error *err)
{
	struct query *query;
	int known = compare_news(rows, news, err);

	if (known == 2)
		return query_run(rows,
		    "UPDATE case_request_place SET missed = 1", err);
	if (known != 0)
		return known < 0 ? -1 : 0;
	if (query_begin(rows,
		"UPDATE case_request SET body = CASE WHEN ?3 THEN body"
		" ELSE NULL END, is_handed = 1, is_taken = ?2, is_open = ?3,"
		" case_id = ?4, state = coalesce(?5, state),"
		" refused = coalesce(?6, refused), case_state = ?7"
		" WHERE id = ?1",
		&query, err) < 0)
		return -1;
	bind_news(query, news);
	return query_finish(query, err) < 0
	    ? -1
	    : note_change(rows, news->id, now, err);
}
