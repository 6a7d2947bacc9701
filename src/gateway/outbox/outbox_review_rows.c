#include "gateway/outbox/outbox_review.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/error.h"
#include "base/text.h"
#include "gateway/words.h"
#include "json/json_write.h"
#include "model/event.h"
#include "model/times.h"
#include "store/query.h"
#include "store/rows.h"

enum { ROW_TEXT_SIZE = 24, DAY_MS = 24 * 3600 * 1000 };

/*
 * 5, 9, 11: confirmed, withdrawn, paper; nothing is to be done about these,
 * unless their recipient told of a mistake (flag 16: notice).
 */
const char outbox_review_schema[] =
    "CREATE TABLE outbox_review ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " delivery INTEGER NOT NULL REFERENCES outbox_delivery,"
    " at INTEGER NOT NULL, reviewer TEXT NOT NULL, action INTEGER NOT NULL,"
    " note TEXT NOT NULL, is_person INTEGER NOT NULL) STRICT;"
    "CREATE INDEX outbox_review_reviewer ON outbox_review (reviewer, id);"
    "CREATE INDEX outbox_review_delivery ON outbox_review (delivery, id);"
    "CREATE INDEX outbox_delivery_review ON outbox_delivery (id)"
    " WHERE state NOT IN (5, 9, 11) OR flags & 16 <> 0;";

const char outbox_review_at_schema[] =
    "CREATE INDEX outbox_review_at ON outbox_review (at);";

static const char *const action_names[OUTBOX_ACTION_COUNT] = {
	[OUTBOX_ACTION_WAIT] = "wait",
	[OUTBOX_ACTION_CHASE] = "chase",
	[OUTBOX_ACTION_RESEND] = "resend",
	[OUTBOX_ACTION_PAPER] = "paper",
	[OUTBOX_ACTION_OTHER] = "other",
};

const char *
outbox_action_name(enum outbox_action action)
{
	return action_names[action];
}

bool
outbox_action_parse(const char *name, enum outbox_action *ret_action)
{
	for (int i = 0; i < OUTBOX_ACTION_COUNT; i++) {
		if (text_equal(action_names[i], name)) {
			*ret_action = (enum outbox_action)i;
			return true;
		}
	}
	return false;
}

int
outbox_review_add(struct rows *rows, const struct outbox_review *review,
    struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"INSERT INTO outbox_review (delivery, at, reviewer, action,"
		" note, is_person) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, review->delivery);
	query_bind_int(query, 2, review->at);
	query_bind_text(query, 3, review->reviewer);
	query_bind_int(query, 4, review->action);
	query_bind_text(query, 5, review->note);
	query_bind_int(query, 6, review->is_person);
	return query_finish(query, err);
}

/* ---- reading --------------------------------------------------------- */

static int
write_reviews(struct rows *rows, int64_t delivery, struct json_writer *writer,
    struct error *err)
{
	struct query *query;
	int more;

	if (query_begin(rows,
		"SELECT at, reviewer, action, note, is_person FROM outbox_review"
		" WHERE delivery = ?1 ORDER BY id",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, delivery);
	json_write_begin_array(writer, "reviews");
	while ((more = query_next(query, err)) > 0) {
		int64_t action = query_int(query, 2);

		json_write_begin_object(writer, NULL);
		json_write_time(writer, "at", query_int(query, 0));
		json_write_text(writer, "reviewer", query_text(query, 1));
		json_write_bool(writer, "logged_in", query_int(query, 4) != 0);
		json_write_text(writer, "action",
		    action >= 0 && action < OUTBOX_ACTION_COUNT
			? action_names[action]
			: "");
		json_write_text(writer, "note", query_text(query, 3));
		json_write_end(writer);
	}
	query_end(query);
	json_write_end(writer);
	return more;
}

/*
 * Columns id, recipient, name, state, since, reason of the delivery;
 * created_at of its waybill; document_id, reference, subject.
 */
static int
write_item(struct rows *rows, struct query *query, struct json_writer *writer,
    struct error *err)
{
	int64_t state = query_int(query, 3);
	struct id document_id;
	int rc;

	query_id(query, 7, &document_id);
	json_write_begin_object(writer, NULL);
	json_write_id(writer, "document_id", &document_id);
	json_write_text(writer, "reference", query_text(query, 8));
	json_write_text(writer, "subject", query_text(query, 9));
	json_write_text(writer, "recipient", query_text(query, 1));
	json_write_text(writer, "name", query_text(query, 2));
	json_write_text(writer, "state",
	    state >= 0 && state < DELIVERY_STATE_COUNT
		? delivery_state_name((enum delivery_state)state)
		: "");
	json_write_time(writer, "sent_at", query_int(query, 6));
	json_write_time(writer, "since", query_int(query, 4));
	json_write_text(writer, "reason", query_text(query, 5));
	if (words_write(rows, WORDS_SENT, query_int(query, 0), writer, err) < 0)
		return -1;
	rc = write_reviews(rows, query_int(query, 0), writer, err);
	json_write_end(writer);
	return rc;
}

const char outbox_review_list_sql[] =
    "SELECT d.id, d.recipient, d.name, d.state, d.since, d.reason,"
    " w.created_at, o.document_id, o.reference, o.subject"
    " FROM outbox_delivery AS d"
    " JOIN outbox_waybill AS w ON w.id = d.waybill"
    " JOIN outbox_document AS o ON o.id = w.document"
    " WHERE d.id > ?1"
    " AND (d.state NOT IN (5, 9, 11) OR d.flags & 16 <> 0)"
    " AND o.is_draft = 0 AND substr(o.sender, 1, length(?3)) = ?3"
    " AND (d.state > 5 OR d.flags & 16 <> 0 OR w.created_at < ?2)"
    " AND NOT EXISTS (SELECT 1 FROM outbox_review AS r"
    " WHERE r.delivery = d.id AND r.at >= CASE WHEN d.state > 5"
    " OR d.flags & 16 <> 0 THEN d.since ELSE ?2 END)"
    " ORDER BY d.id";

static int
begin_list(const struct outbox_reading *reading, uint64_t after,
    struct query **ret_query, struct error *err)
{
	int64_t today = times_next_day(reading->now) - DAY_MS;

	if (query_begin(reading->rows, outbox_review_list_sql, ret_query, err) <
	    0)
		return -1;
	query_bind_int(*ret_query, 1, (int64_t)after);
	query_bind_int(*ret_query, 2, today);
	query_bind_text(*ret_query, 3,
	    reading->scope != NULL ? reading->scope : "");
	return 0;
}

int
outbox_review_read(const struct outbox_reading *reading, const char *cursor,
    unsigned limit, struct json_writer *writer, struct error *err)
{
	char next[ROW_TEXT_SIZE] = "";
	struct query *query;
	uint64_t after = 0;
	int64_t newest = 0;
	unsigned count = 0;
	int more;

	if (cursor[0] != '\0' && !text_parse_u64(cursor, INT64_MAX, &after))
		return error_set_id(err, "E6204", ERROR_MALFORMED,
		    "cursor is none that a list gave");
	if (begin_list(reading, after, &query, err) < 0)
		return -1;
	json_write_begin_object(writer, NULL);
	json_write_begin_array(writer, "deliveries");
	while ((more = query_next(query, err)) > 0 && count++ < limit) {
		newest = query_int(query, 0);
		if (write_item(reading->rows, query, writer, err) < 0) {
			more = -1;
			break;
		}
	}
	query_end(query);
	json_write_end(writer);
	if (more > 0)
		snprintf(next, sizeof(next), "%" PRId64, newest);
	json_write_text(writer, "next", next);
	json_write_end(writer);
	return more < 0 ? -1 : 0;
}
