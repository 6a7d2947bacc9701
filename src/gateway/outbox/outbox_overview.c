#include "gateway/outbox/outbox_overview.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/attr.h"
#include "base/error.h"
#include "base/text.h"
#include "exchange/delivery.h"
#include "gateway/outbox/outbox_rows.h"
#include "gateway/words.h"
#include "json/json_write.h"
#include "model/event.h"
#include "model/id.h"
#include "model/times.h"
#include "store/query.h"
#include "store/rows.h"

enum { HOUR_MS = 3600 * 1000, DAY_MS = 24 * HOUR_MS, ROW_TEXT_SIZE = 24 };

/* How long ago a letter was sent. */
enum age { AGE_HOUR, AGE_DAY, AGE_DAYS, AGE_OLDER, AGE_COUNT };

static const struct {
	const char *name;
	int64_t from_ms, to_ms; /* ago: the first, and the first too much */
} ages[AGE_COUNT] = {
	[AGE_HOUR] = { "hour", INT64_MIN, HOUR_MS },
	[AGE_DAY] = { "day", HOUR_MS, DAY_MS },
	[AGE_DAYS] = { "days", DAY_MS, INT64_C(3) * DAY_MS },
	[AGE_OLDER] = { "older", INT64_C(3) * DAY_MS, INT64_MAX },
};

static enum age
age_of(int64_t sent_at, int64_t now)
{
	int age = AGE_HOUR;

	while (age < AGE_OLDER && now - sent_at >= ages[age].to_ms)
		age++;
	return (enum age)age;
}

/*
 * All that the index outbox_delivery_review has (outbox_review_rows.c): not
 * ended, or not well.  ?1 the place to go on after, ?2 the beginning of today,
 * ?3 whose.  Trouble: ended otherwise than signed for, a notice (flag 16), not
 * ended and sent before today, unreadable or suspended (flags 1 and 8); unless
 * somebody has looked at it since, which of what is open counts for a day.
 */
#define FROM                                                           \
	" FROM outbox_delivery AS d INDEXED BY outbox_delivery_review" \
	" JOIN outbox_waybill AS w ON w.id = d.waybill"                \
	" JOIN outbox_document AS o ON o.id = w.document"              \
	" WHERE d.id > ?1"                                             \
	" AND (d.state NOT IN (5, 9, 11) OR d.flags & 16 <> 0)"        \
	" AND o.is_draft = 0 AND substr(o.sender, 1, length(?3)) = ?3"
#define TROUBLE                                                      \
	"((d.state > 5 OR d.flags & 25 <> 0 OR w.created_at < ?2)"   \
	" AND NOT EXISTS (SELECT 1 FROM outbox_review AS r"          \
	" WHERE r.delivery = d.id AND r.at >= CASE WHEN d.state > 5" \
	" OR d.flags & 16 <> 0 THEN d.since ELSE ?2 END))"

static void
bind_from(struct query *query, const struct outbox_reading *reading,
    int64_t after)
{
	query_bind_int(query, 1, after);
	query_bind_int(query, 2, times_next_day(reading->now) - DAY_MS);
	query_bind_text(query, 3, reading->scope != NULL ? reading->scope : "");
}

static const char *
state_name(int64_t state)
{
	return state >= 0 && state < DELIVERY_STATE_COUNT
	    ? delivery_state_name((enum delivery_state)state)
	    : "";
}

/* ---- sums ------------------------------------------------------------ */

struct sums {
	int64_t ages[AGE_COUNT];
	int64_t states[DELIVERY_STATE_COUNT];
	int64_t trouble;
	int64_t review; /* of these, those of outbox_review_read() */
};

static int
count(const struct outbox_reading *reading, struct sums *sums,
    struct error *err)
{
	struct query *query;
	int more;

	if (query_begin(reading->rows,
		"SELECT d.state, w.created_at, " TROUBLE ", d.state > 5"
		" OR d.flags & 16 <> 0 OR w.created_at < ?2" FROM,
		&query, err) < 0)
		return -1;
	bind_from(query, reading, 0);
	while ((more = query_next(query, err)) > 0) {
		int64_t state = query_int(query, 0);

		if (state < 0 || state >= DELIVERY_STATE_COUNT)
			continue;
		sums->states[state]++;
		if (state < DELIVERY_CONFIRMED)
			sums->ages[age_of(query_int(query, 1), reading->now)]++;
		sums->trouble += query_int(query, 2);
		sums->review += query_int(query, 2) & query_int(query, 3);
	}
	query_end(query);
	return more;
}

int
outbox_overview_sums(const struct outbox_reading *reading,
    struct json_writer *writer, struct error *err)
{
	static const enum delivery_state states[] = { DELIVERY_QUEUED,
		DELIVERY_ACCEPTED, DELIVERY_RELAYED, DELIVERY_FETCHED,
		DELIVERY_OPENED, DELIVERY_RETURNED, DELIVERY_REFUSED,
		DELIVERY_EXPIRED, DELIVERY_QUARANTINED };
	struct sums sums = { 0 };

	if (count(reading, &sums, err) < 0)
		return -1;
	json_write_begin_object(writer, "unconfirmed");
	for (int i = 0; i < AGE_COUNT; i++)
		json_write_int(writer, ages[i].name, sums.ages[i]);
	json_write_end(writer);
	json_write_begin_object(writer, "sent");
	for (size_t i = 0; i < ARRAY_LEN(states); i++)
		json_write_int(writer, delivery_state_name(states[i]),
		    sums.states[states[i]]);
	json_write_end(writer);
	json_write_int(writer, "trouble", sums.trouble);
	json_write_int(writer, "review", sums.review);
	return 0;
}

/* ---- deliveries ------------------------------------------------------ */

/* Flags of a row (outbox_rows_waybill.c), in the words of docs/api.md. */
static void
write_flags(struct json_writer *writer, int64_t flags, bool is_overdue)
{
	static const struct {
		int64_t flag;
		const char *name;
	} names[] = { { 8, "suspended" }, { 16, "notice" }, { 1, "unreadable" },
		{ OUTBOX_WANTS_REWRAP, "rewrap" }, { 2, "wants_paper" },
		{ 4, "paper_copy" } };

	json_write_begin_array(writer, "flags");
	if (is_overdue)
		json_write_text(writer, NULL, "overdue");
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if ((flags & names[i].flag) != 0)
			json_write_text(writer, NULL, names[i].name);
	json_write_end(writer);
}

/*
 * Columns id, recipient, name, is_copy, state, flags, since, reason;
 * created_at; document_id, reference, subject.
 */
static int
write_delivery(const struct outbox_reading *reading, struct query *query,
    struct json_writer *writer, struct error *err)
{
	int64_t state = query_int(query, 4);
	int64_t sent_at = query_int(query, 8);
	struct id document_id;

	query_id(query, 9, &document_id);
	json_write_begin_object(writer, NULL);
	json_write_id(writer, "document_id", &document_id);
	json_write_text(writer, "reference", query_text(query, 10));
	json_write_text(writer, "subject", query_text(query, 11));
	json_write_text(writer, "recipient", query_text(query, 1));
	json_write_text(writer, "name", query_text(query, 2));
	json_write_bool(writer, "copy", query_int(query, 3) != 0);
	json_write_text(writer, "state", state_name(state));
	write_flags(writer, query_int(query, 5),
	    state >= 0 && state < DELIVERY_STATE_COUNT &&
		delivery_is_overdue((enum delivery_state)state, sent_at,
		    reading->now));
	json_write_time(writer, "sent_at", sent_at);
	json_write_time(writer, "since", query_int(query, 6));
	json_write_text(writer, "reason", query_text(query, 7));
	if (words_write(reading->rows, WORDS_SENT, query_int(query, 0), writer,
		err) < 0)
		return -1;
	json_write_end(writer);
	return 0;
}

struct filter {
	uint64_t after;
	int64_t state;                  /* -1: any */
	int64_t sent_after, sent_until; /* of what has not ended, if has_age */
	bool has_age;
};

static int
parse_ask(const struct outbox_overview_ask *ask, int64_t now,
    struct filter *filter, struct error *err)
{
	enum delivery_state state;

	*filter = (struct filter){ .state = -1 };
	if (ask->cursor[0] != '\0' &&
	    !text_parse_u64(ask->cursor, INT64_MAX, &filter->after))
		return error_set_id(err, "E6204", ERROR_MALFORMED,
		    "cursor is none that a list gave");
	if (ask->state[0] != '\0') {
		if (!delivery_state_parse(ask->state, &state))
			return error_set_id(err, "E6204", ERROR_MALFORMED,
			    "state %.40s is none", ask->state);
		filter->state = state;
	}
	if (ask->age[0] == '\0')
		return 0;
	filter->has_age = true;
	filter->sent_after = INT64_MIN;
	filter->sent_until = INT64_MAX;
	if (text_equal(ask->age, "any"))
		return 0;
	for (int i = 0; i < AGE_COUNT; i++) {
		if (!text_equal(ages[i].name, ask->age))
			continue;
		if (ages[i].to_ms != INT64_MAX)
			filter->sent_after = now - ages[i].to_ms;
		if (ages[i].from_ms != INT64_MIN)
			filter->sent_until = now - ages[i].from_ms;
		return 0;
	}
	return error_set_id(err, "E6204", ERROR_MALFORMED,
	    "age is hour, day, days, older or any");
}

static int
begin_list(const struct outbox_reading *reading, const struct filter *filter,
    bool only_trouble, struct query **ret_query, struct error *err)
{
	if (query_begin(reading->rows,
		"SELECT d.id, d.recipient, d.name, d.is_copy, d.state, d.flags,"
		" d.since, d.reason, w.created_at, o.document_id, o.reference,"
		" o.subject" FROM " AND (?4 < 0 OR d.state = ?4)"
		" AND (?5 = 0 OR d.state < 5 AND w.created_at > ?6"
		" AND w.created_at <= ?7) AND (?8 = 0 OR " TROUBLE ")"
		" ORDER BY d.id",
		ret_query, err) < 0)
		return -1;
	bind_from(*ret_query, reading, (int64_t)filter->after);
	query_bind_int(*ret_query, 4, filter->state);
	query_bind_int(*ret_query, 5, filter->has_age);
	query_bind_int(*ret_query, 6, filter->sent_after);
	query_bind_int(*ret_query, 7, filter->sent_until);
	query_bind_int(*ret_query, 8, only_trouble);
	return 0;
}

int
outbox_overview_list(const struct outbox_reading *reading,
    const struct outbox_overview_ask *ask, struct json_writer *writer,
    struct error *err)
{
	char next[ROW_TEXT_SIZE] = "";
	struct filter filter;
	struct query *query;
	int64_t last = 0;
	unsigned listed = 0;
	int more;

	if (parse_ask(ask, reading->now, &filter, err) < 0 ||
	    begin_list(reading, &filter, ask->only_trouble, &query, err) < 0)
		return -1;
	json_write_begin_object(writer, NULL);
	json_write_begin_array(writer, "deliveries");
	while ((more = query_next(query, err)) > 0 && listed++ < ask->limit) {
		last = query_int(query, 0);
		if (write_delivery(reading, query, writer, err) < 0) {
			query_end(query);
			return -1;
		}
	}
	query_end(query);
	json_write_end(writer);
	/* One more than was asked for is there: the list goes on. */
	if (more > 0)
		snprintf(next, sizeof(next), "%" PRId64, last);
	json_write_text(writer, "next", next);
	json_write_end(writer);
	return more < 0 ? -1 : 0;
}
