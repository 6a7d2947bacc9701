/*
 * Which letters are next: for work, and for people to see.
 */
#include "gateway/inbox/inbox_rows.h"

#include "base/error.h"
#include "gateway/inbox/inbox_view.h"
#include "store/query.h"
#include "store/rows.h"

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

int
inbox_row_wake_failed(struct rows *rows, size_t max, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"UPDATE inbox_letter SET retry_at = 0 WHERE id IN (SELECT id"
		" FROM inbox_letter WHERE is_due = 1 AND retry_at > 0"
		" ORDER BY retry_at DESC, id LIMIT ?1) AND failures > 0",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, (int64_t)max);
	return query_finish(query, err);
}

/* ---- lists of entries ------------------------------------------------------- */

/* ?1 place, ?2 state, ?3 any state, ?4 limit, ?5 scope, ?6 folded; ?7 unit and
 * ?8 person that are looked for; ?9 a limited view of ?10 unit and ?11 person. */
#define FILTER                                                            \
	" AND (?2 = ?3 OR state = ?2)"                                    \
	" AND substr(recipient, 1, length(?5)) = ?5"                      \
	" AND (?9 = 0 OR assignee = ?11 OR (unit <> '' AND unit = ?10))"  \
	" AND (?6 = 0 OR NOT EXISTS (SELECT 1 FROM inbox_letter AS later" \
	" WHERE later.earlier = inbox_letter.document_id"                 \
	" AND later.message > 0 AND later.message IN (1, 2, 3, 6)"        \
	" AND later.sender = inbox_letter.sender"                         \
	" AND later.recipient = inbox_letter.recipient"                   \
	" AND later.payload > 0))"

#define BEFORE(which)                                                             \
	"SELECT id, shown FROM inbox_letter WHERE shown > 0 AND shown < ?1" which \
	    FILTER " ORDER BY shown DESC LIMIT ?4"
#define AFTER(which)                                                              \
	"SELECT id, shown FROM inbox_letter WHERE shown > 0 AND shown > ?1" which \
	    FILTER " ORDER BY shown LIMIT ?4"

#define OF_STATE " AND state = ?2"
#define OF_NOBODY " AND unit = '' AND assignee = 0"
#define OF_UNIT " AND unit = ?7"
#define OF_PERSON " AND assignee = ?8"
#define OF_BOTH " AND unit = ?7 AND assignee = ?8"

/* What was assigned to the unit, and what to the person: each by its index. */
#define EITHER(list, order)                                                          \
	"SELECT id, shown FROM (" list(                                              \
	    OF_UNIT) ") UNION SELECT id, shown FROM (" list(OF_PERSON) ") ORDER"     \
								       " BY 2" order \
								       " LIMIT ?4"

/* By the index of words, whose ids are the places. */
#define FOUND                                                               \
	"SELECT inbox_letter.id, inbox_letter.shown FROM inbox_search"      \
	" CROSS JOIN inbox_letter ON inbox_letter.shown ="                  \
	" inbox_search.rowid AND inbox_letter.shown > 0"                    \
	" WHERE inbox_search MATCH ?12 AND inbox_search.rowid < ?1"         \
	" AND (?13 = 0 OR unit = ?7) AND (?14 = 0 OR assignee = ?8)" FILTER \
	" ORDER BY inbox_search.rowid DESC LIMIT ?4"

/* By what the entries are found. */
enum list_by {
	BY_PLACE,
	BY_STATE,
	BY_NOBODY,
	BY_UNIT,
	BY_PERSON,
	BY_BOTH,
	BY_EITHER,
	BY_WORDS
};

static const char *const before_sql[] = {
	[BY_PLACE] = BEFORE(""),
	[BY_STATE] = BEFORE(OF_STATE),
	[BY_NOBODY] = BEFORE(OF_NOBODY),
	[BY_UNIT] = BEFORE(OF_UNIT),
	[BY_PERSON] = BEFORE(OF_PERSON),
	[BY_BOTH] = BEFORE(OF_BOTH),
	[BY_EITHER] = EITHER(BEFORE, " DESC"),
	[BY_WORDS] = FOUND,
};

static const char *const after_sql[] = {
	[BY_PLACE] = AFTER(""),
	[BY_STATE] = AFTER(OF_STATE),
	[BY_NOBODY] = AFTER(OF_NOBODY),
	[BY_UNIT] = AFTER(OF_UNIT),
	[BY_PERSON] = AFTER(OF_PERSON),
	[BY_BOTH] = AFTER(OF_BOTH),
	[BY_EITHER] = EITHER(AFTER, ""),
};

static enum list_by
list_by_of(const struct inbox_filter *filter)
{
	bool has_unit = filter->unit != NULL && filter->unit[0] != '\0';

	if (filter->question != NULL)
		return BY_WORDS;
	if (filter->unit != NULL && !has_unit)
		return BY_NOBODY;
	if (has_unit)
		return filter->assignee != 0 ? BY_BOTH : BY_UNIT;
	if (filter->assignee != 0)
		return BY_PERSON;
	if (filter->view->is_limited)
		return BY_EITHER;
	return filter->state != INBOX_STATE_COUNT ? BY_STATE : BY_PLACE;
}

static int
list_entries(struct rows *rows, const char *const *sql, int64_t place,
    const struct inbox_filter *filter, int64_t *list, size_t max,
    size_t *ret_count, struct error *err)
{
	const struct inbox_view *view = filter->view;
	enum list_by by = list_by_of(filter);
	struct query *query;

	if (query_begin(rows, sql[by], &query, err) < 0)
		return -1;
	query_bind_int(query, 1, place);
	query_bind_int(query, 2, filter->state);
	query_bind_int(query, 3, INBOX_STATE_COUNT);
	query_bind_int(query, 4, (int64_t)max);
	query_bind_text(query, 5, view->scope);
	query_bind_int(query, 6, filter->is_folded);
	query_bind_int(query, 9, view->is_limited);
	query_bind_text(query, 10, view->unit);
	query_bind_int(query, 11, view->person);
	if (by == BY_UNIT || by == BY_BOTH)
		query_bind_text(query, 7, filter->unit);
	if (by == BY_PERSON || by == BY_BOTH)
		query_bind_int(query, 8, filter->assignee);
	if (by == BY_EITHER) {
		query_bind_text(query, 7, view->unit);
		query_bind_int(query, 8, view->person);
	}
	if (by == BY_WORDS) {
		query_bind_text(query, 7,
		    filter->unit != NULL ? filter->unit : "");
		query_bind_int(query, 8, filter->assignee);
		query_bind_text(query, 12, filter->question);
		query_bind_int(query, 13, filter->unit != NULL);
		query_bind_int(query, 14, filter->assignee != 0);
	}
	return take_list(query, list, max, ret_count, err);
}

int
inbox_row_list_before(struct rows *rows, int64_t before,
    const struct inbox_filter *filter, int64_t *list, size_t max,
    size_t *ret_count, struct error *err)
{
	return list_entries(rows, before_sql, before, filter, list, max,
	    ret_count, err);
}

int
inbox_row_list_after(struct rows *rows, int64_t after,
    const struct inbox_filter *filter, int64_t *list, size_t max,
    size_t *ret_count, struct error *err)
{
	return list_entries(rows, after_sql, after, filter, list, max,
	    ret_count, err);
}
