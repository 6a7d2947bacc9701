/* GET /v1/reviews: what was recorded of the next day's reviews, by whom. */
#include <inttypes.h>
#include <stdio.h>

#include "base/bytes.h"
#include "base/csv.h"
#include "base/error.h"
#include "base/text.h"
#include "gateway/outbox/outbox_review.h"
#include "json/json_write.h"
#include "model/times.h"
#include "store/query.h"
#include "store/rows.h"

enum { ROW_TEXT_SIZE = 24, TABLE_MAX = 100000 };

#define MONTH_MS (INT64_C(30) * 24 * 3600 * 1000)

/*
 * Columns id, at, reviewer, is_person, action, note; document_id, reference,
 * subject; recipient, name, state.  Of the years before `since` no row is read,
 * also when nobody has reviewed anything since.
 */
const char outbox_reviews_sql[] =
    "SELECT r.id, r.at, r.reviewer, r.is_person, r.action, r.note,"
    " o.document_id, o.reference, o.subject, d.recipient, d.name,"
    " d.state FROM outbox_review AS r"
    " JOIN outbox_delivery AS d ON d.id = r.delivery"
    " JOIN outbox_waybill AS w ON w.id = d.waybill"
    " JOIN outbox_document AS o ON o.id = w.document"
    " WHERE r.id < ?1 AND r.id >="
    " (SELECT min(id) FROM outbox_review WHERE at >= ?2) AND r.at >= ?2"
    " AND (?3 = '' OR r.reviewer = ?3)"
    " AND substr(o.sender, 1, length(?4)) = ?4"
    " ORDER BY r.id DESC LIMIT ?5";

static int
begin(const struct outbox_reading *reading,
    const struct outbox_reviews_ask *ask, uint64_t limit,
    struct query **ret_query, struct error *err)
{
	int64_t since = reading->now - MONTH_MS;
	uint64_t before = INT64_MAX;

	if (ask->cursor[0] != '\0' &&
	    !text_parse_u64(ask->cursor, INT64_MAX, &before))
		return error_set_id(err, "E6204", ERROR_MALFORMED,
		    "cursor is none that a list gave");
	if (ask->since[0] != '\0' && !times_read(ask->since, &since))
		return error_set_id(err, "E6204", ERROR_MALFORMED,
		    "since must be a time");
	if (query_begin(reading->rows, outbox_reviews_sql, ret_query, err) < 0)
		return -1;
	query_bind_int(*ret_query, 1, (int64_t)before);
	query_bind_int(*ret_query, 2, since);
	query_bind_text(*ret_query, 3, ask->reviewer);
	query_bind_text(*ret_query, 4,
	    reading->scope != NULL ? reading->scope : "");
	query_bind_int(*ret_query, 5, (int64_t)limit);
	return 0;
}

static const char *
action_of(struct query *query)
{
	int64_t action = query_int(query, 4);

	return action >= 0 && action < OUTBOX_ACTION_COUNT
	    ? outbox_action_name((enum outbox_action)action)
	    : "";
}

static void
write_one(struct query *query, struct json_writer *writer)
{
	struct id document_id;

	query_id(query, 6, &document_id);
	json_write_begin_object(writer, NULL);
	json_write_time(writer, "at", query_int(query, 1));
	json_write_text(writer, "reviewer", query_text(query, 2));
	json_write_bool(writer, "logged_in", query_int(query, 3) != 0);
	json_write_text(writer, "action", action_of(query));
	json_write_text(writer, "note", query_text(query, 5));
	json_write_id(writer, "document_id", &document_id);
	json_write_text(writer, "reference", query_text(query, 7));
	json_write_text(writer, "subject", query_text(query, 8));
	json_write_text(writer, "recipient", query_text(query, 9));
	json_write_text(writer, "name", query_text(query, 10));
	json_write_end(writer);
}

/* Each of them, and on how many deliveries in how many days. */
const char outbox_reviewers_sql[] =
    "SELECT r.reviewer, r.is_person, count(*),"
    " count(DISTINCT (r.at + 28800000) / 86400000)"
    " FROM outbox_review AS r INDEXED BY outbox_review_at"
    " JOIN outbox_delivery AS d ON d.id = r.delivery"
    " JOIN outbox_waybill AS w ON w.id = d.waybill"
    " JOIN outbox_document AS o ON o.id = w.document"
    " WHERE r.at >= ?1 AND substr(o.sender, 1, length(?2)) = ?2"
    " GROUP BY r.reviewer, r.is_person ORDER BY r.reviewer";

static int
write_reviewers(const struct outbox_reading *reading,
    const struct outbox_reviews_ask *ask, struct json_writer *writer,
    struct error *err)
{
	int64_t since = reading->now - MONTH_MS;
	struct query *query;
	int more;

	if (ask->since[0] != '\0' && !times_read(ask->since, &since))
		since = reading->now;
	if (query_begin(reading->rows, outbox_reviewers_sql, &query, err) < 0)
		return -1;
	query_bind_int(query, 1, since);
	query_bind_text(query, 2, reading->scope != NULL ? reading->scope : "");
	json_write_begin_array(writer, "reviewers");
	while ((more = query_next(query, err)) > 0) {
		json_write_begin_object(writer, NULL);
		json_write_text(writer, "reviewer", query_text(query, 0));
		json_write_bool(writer, "logged_in", query_int(query, 1) != 0);
		json_write_int(writer, "deliveries", query_int(query, 2));
		json_write_int(writer, "days", query_int(query, 3));
		json_write_end(writer);
	}
	json_write_end(writer);
	query_end(query);
	return more;
}

int
outbox_reviews_read(const struct outbox_reading *reading,
    const struct outbox_reviews_ask *ask, unsigned limit,
    struct json_writer *writer, struct error *err)
{
	char next[ROW_TEXT_SIZE] = "";
	struct query *query;
	int64_t oldest = 0;
	unsigned count = 0;
	int more;

	if (begin(reading, ask, (uint64_t)limit + 1, &query, err) < 0)
		return -1;
	json_write_begin_object(writer, NULL);
	json_write_begin_array(writer, "reviews");
	while ((more = query_next(query, err)) > 0 && count++ < limit) {
		oldest = query_int(query, 0);
		write_one(query, writer);
	}
	query_end(query);
	json_write_end(writer);
	if (more > 0)
		snprintf(next, sizeof(next), "%" PRId64, oldest);
	json_write_text(writer, "next", next);
	if (more < 0 || write_reviewers(reading, ask, writer, err) < 0)
		return -1;
	json_write_end(writer);
	return 0;
}

static void
put_one(struct query *query, struct bytes *to)
{
	char at[TIMES_RFC3339_SIZE];

	times_format(query_int(query, 1), at);
	csv_put(to, true, at);
	csv_put(to, false, query_text(query, 2));
	csv_put(to, false, query_int(query, 3) != 0 ? "登入" : "本機");
	csv_put(to, false, query_text(query, 7));
	csv_put(to, false, query_text(query, 8));
	csv_put(to, false, query_text(query, 9));
	csv_put(to, false, query_text(query, 10));
	csv_put(to, false, action_of(query));
	csv_put(to, false, query_text(query, 5));
	csv_put_end(to);
}

int
outbox_reviews_put_csv(const struct outbox_reading *reading,
    const struct outbox_reviews_ask *ask, struct bytes *to, struct error *err)
{
	static const char *const heads[] = { "檢視時間", "檢視人", "具名方式",
		"發文字號", "主旨", "機關代碼", "受文者", "處理", "備註" };
	struct query *query;
	int more;

	if (begin(reading, ask, TABLE_MAX, &query, err) < 0)
		return -1;
	bytes_put_text(to, "\xef\xbb\xbf");
	for (size_t i = 0; i < ARRAY_LEN(heads); i++)
		csv_put(to, i == 0, heads[i]);
	csv_put_end(to);
	while ((more = query_next(query, err)) > 0)
		put_one(query, to);
	query_end(query);
	return more < 0 ? -1 : bytes_failed(to, err);
}
