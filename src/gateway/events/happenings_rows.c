#include "gateway/events/happenings.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "envelope/act.h"
#include "gateway/inbox/inbox_history.h"
#include "gateway/inbox/inbox_rows.h"
#include "gateway/inbox/inbox_view.h"
#include "gateway/outbox/outbox_hold.h"
#include "http/http_path.h"
#include "json/json_write.h"
#include "model/event.h"
#include "model/times.h"
#include "role/people/people_admit.h"
#include "store/query.h"
#include "store/rows.h"

enum { LIST_DEFAULT = 100, SCAN_MAX = 5000 };

/* The columns of happening.kind. */
enum kind {
	KIND_DELIVERY,
	KIND_LETTER,
	KIND_DOCUMENT,
	KIND_ASSIGNMENT,
	KIND_NOTICE, /* of a change to an organisation's record */
	KIND_CASE,   /* that management was asked for */
	KIND_COUNT
};

static const char *const kind_names[KIND_COUNT] = { "delivery", "letter",
	"document", "assignment", "notice", "case" };

const char happenings_schema[] =
    "CREATE TABLE happening ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, kind INTEGER NOT NULL,"
    " subject INTEGER NOT NULL, at INTEGER NOT NULL,"
    " state INTEGER NOT NULL, flags INTEGER NOT NULL,"
    " reason TEXT NOT NULL) STRICT;"
    "CREATE TRIGGER happening_delivery_new AFTER INSERT ON outbox_delivery"
    " BEGIN INSERT INTO happening (kind, subject, at, state, flags, reason)"
    " VALUES (0, NEW.id, NEW.since, NEW.state, NEW.flags, NEW.reason); END;"
    "CREATE TRIGGER happening_delivery AFTER UPDATE ON outbox_delivery"
    " WHEN OLD.state <> NEW.state OR OLD.flags <> NEW.flags"
    " OR OLD.reason <> NEW.reason"
    " BEGIN INSERT INTO happening (kind, subject, at, state, flags, reason)"
    " VALUES (0, NEW.id, NEW.since, NEW.state, NEW.flags, NEW.reason); END;"
    "CREATE TRIGGER happening_letter_new AFTER INSERT ON inbox_letter"
    " WHEN NEW.shown > 0"
    " BEGIN INSERT INTO happening (kind, subject, at, state, flags, reason)"
    " VALUES (1, NEW.id, NEW.received_at, NEW.state, NEW.notice, ''); END;"
    "CREATE TRIGGER happening_notice AFTER INSERT ON directory_notice"
    " BEGIN INSERT INTO happening (kind, subject, at, state, flags, reason)"
    " VALUES (4, NEW.id, NEW.at, 0, 0, NEW.action); END;"
    "CREATE TRIGGER happening_case AFTER UPDATE OF changed ON case_request"
    " WHEN OLD.changed <> NEW.changed AND NEW.definition <> ''"
    " BEGIN INSERT INTO happening (kind, subject, at, state, flags, reason)"
    " VALUES (5, NEW.number, NEW.changed_at, 0, 0,"
    " CASE WHEN NEW.refused IS NOT NULL THEN 'refused'"
    " WHEN NEW.case_state = '' THEN 'taken' ELSE NEW.case_state END);"
    " END;"
    "CREATE TRIGGER happening_kept AFTER INSERT ON happening"
    " WHEN NEW.id % 1000 = 0"
    " BEGIN DELETE FROM happening WHERE id <= NEW.id - 1000000; END;";

/* A letter's changes that people hear of: most only move its step. */
const char happenings_letter_schema[] =
    "DROP TRIGGER IF EXISTS happening_letter;"
    "CREATE TRIGGER happening_letter AFTER UPDATE OF shown, state,"
    " notice ON inbox_letter"
    " WHEN NEW.shown > 0 AND (OLD.shown = 0 OR OLD.state <> NEW.state"
    " OR OLD.notice <> NEW.notice)"
    " BEGIN INSERT INTO happening (kind, subject, at, state, flags, reason)"
    " VALUES (1, NEW.id, NEW.received_at, NEW.state, NEW.notice, ''); END;";

/* ---- what is asked for ------------------------------------------------------ */

static int
one_number(struct rows *rows, const char *sql, int64_t *ret_number,
    struct error *err)
{
	struct query *query;

	return query_begin(rows, sql, &query, err) < 0
	    ? -1
	    : query_finish_int(query, ret_number, err);
}

int
happenings_newest(struct rows *rows, int64_t *ret_newest, struct error *err)
{
	/* Also when the newest rows have gone. */
	return one_number(rows,
	    "SELECT seq FROM sqlite_sequence WHERE name = 'happening'",
	    ret_newest, err);
}

static int
parse_number(const struct http_target *target, const char *name, uint64_t max,
    uint64_t otherwise, uint64_t *ret_number, struct error *err)
{
	const char *text = http_target_param(target, name);

	*ret_number = otherwise;
	if (text == NULL || text[0] == '\0' ||
	    text_parse_u64(text, max, ret_number))
		return 0;
	return error_set_id(err, "E6204", ERROR_MALFORMED,
	    "%s must be a number up to %" PRIu64, name, max);
}

int
happenings_parse(struct rows *rows, const struct http_target *target,
    const struct inbox_view *view, struct happenings_ask *ret_ask,
    struct error *err)
{
	const char *after = http_target_param(target, "after");
	const char *as = http_target_param(target, "as");
	struct happenings_ask ask = { 0 };
	uint64_t number;

	if (parse_number(target, "limit", HAPPENINGS_LIST_MAX, LIST_DEFAULT,
		&number, err) < 0 ||
	    parse_number(target, "wait", HAPPENINGS_WAIT_MAX_S, 0, &ask.wait_s,
		err) < 0)
		return -1;
	ask.limit = number > 0 ? (unsigned)number : 1;
	ask.is_stream = as != NULL && text_equal(as, "stream");
	text_copy(ask.scope, sizeof(ask.scope), view->scope);
	text_copy(ask.unit, sizeof(ask.unit), view->unit);
	ask.is_limited = view->is_limited;
	ask.person = view->person;
	if (parse_number(target, "after", INT64_MAX, 0, &number, err) < 0)
		return -1;
	ask.after = (int64_t)number;
	if ((after == NULL || after[0] == '\0') &&
	    happenings_newest(rows, &ask.after, err) < 0)
		return -1;
	*ret_ask = ask;
	return 0;
}

/* ---- one of them ---------------------------------------------------------------- */

static const char *
reason_of(int64_t reason)
{
	return reason > 0 && reason < ACT_REASON_COUNT
	    ? act_reason_name((enum act_reason)reason)
	    : "";
}

static const char *
state_of(enum kind kind, int64_t state)
{
	assert(kind < KIND_NOTICE);
	if (kind == KIND_DOCUMENT)
		return state >= 0 && state < OUTBOX_HOLD_COUNT
		    ? outbox_hold_name((enum outbox_hold)state)
		    : "";
	if (kind == KIND_ASSIGNMENT)
		return state >= 0 && state < INBOX_ACT_COUNT
		    ? inbox_act_name((enum inbox_act)state)
		    : "";
	if (kind == KIND_DELIVERY)
		return state >= 0 && state < DELIVERY_STATE_COUNT
		    ? delivery_state_name((enum delivery_state)state)
		    : "";
	return state >= 0 && state < INBOX_STATE_COUNT
	    ? inbox_state_name((enum inbox_state)state)
	    : "";
}

static void
write_id(struct json_writer *writer, const char *key, struct query *query,
    int column)
{
	struct id id;

	if (query_is_null(query, column)) {
		json_write_text(writer, key, "");
		return;
	}
	query_id(query, column, &id);
	json_write_id(writer, key, &id);
}

/*
 * Columns: id, kind, at, state, reason, flags; document_id, waybill_id,
 * recipient, whose it is, trace; the notice or request.
 */
static int
write_one(struct query *query, struct bytes *to, struct error *err)
{
	struct json_writer writer = json_writer_to(to);
	int64_t number = query_int(query, 1);
	enum kind kind = number > 0 && number < KIND_COUNT ? (enum kind)number
							   : KIND_DELIVERY;

	json_write_begin_object(&writer, NULL);
	json_write_int(&writer, "id", query_int(query, 0));
	json_write_text(&writer, "type", kind_names[kind]);
	json_write_time(&writer, "at", query_int(query, 2));
	json_write_text(&writer, "organisation", query_text(query, 9));
	write_id(&writer, "document_id", query, 6);
	write_id(&writer, "waybill_id", query, 7);
	json_write_text(&writer, "recipient", query_text(query, 8));
	if (kind >= KIND_NOTICE) {
		json_write_text(&writer, "state", query_text(query, 4));
		json_write_text(&writer, "reason", "");
	} else {
		json_write_text(&writer, "state",
		    state_of(kind, query_int(query, 3)));
		json_write_text(&writer, "reason",
		    kind == KIND_LETTER ? reason_of(query_int(query, 5))
					: query_text(query, 4));
	}
	json_write_text(&writer, "trace_id", query_text(query, 10));
	json_write_text(&writer, "about", query_text(query, 13));
	json_write_end(&writer);
	return json_write_done(&writer, err);
}

/*
 * Server-sent events: the id comes back as Last-Event-ID.  JSON of ours has no
 * line ends inside.
 */
static int
put_one(const struct happenings_ask *ask, struct query *query, bool is_first,
    struct bytes *to, struct error *err)
{
	if (ask->is_stream)
		bytes_put_format(to,
		    "id: %" PRId64 "\ndata: ", query_int(query, 0));
	else if (!is_first)
		bytes_put_u8(to, ',');
	if (write_one(query, to, err) < 0)
		return -1;
	if (ask->is_stream)
		bytes_put_text(to, "\n\n");
	return 0;
}

/* ---- all that follow --------------------------------------------------------------- */

/* What follows `after` must be there still. */
static int
check_kept(struct rows *rows, const struct happenings_ask *ask,
    struct error *err)
{
	int64_t oldest;
	int64_t newest;

	if (one_number(rows, "SELECT min(id) FROM happening", &oldest, err) <
		0 ||
	    happenings_newest(rows, &newest, err) < 0)
		return -1;
	if (ask->after > newest || (oldest > 0 && ask->after < oldest - 1))
		return error_set_id(err, "E6419", ERROR_NOT_FOUND,
		    "events from %" PRId64 " to %" PRId64 " are kept, not "
		    "what follows %" PRId64,
		    oldest, newest, ask->after);
	return 0;
}

/* A person of a unit sees letters that are assigned to it, or to them. */
static bool
is_assigned(const struct happenings_ask *ask, struct query *query)
{
	const char *unit = query_text(query, 11);

	return !ask->is_limited || query_is_null(query, 11) ||
	    (unit[0] != '\0' && text_equal(unit, ask->unit)) ||
	    query_int(query, 12) == ask->person;
}

static int
put_all(struct rows *rows, const struct happenings_ask *ask, struct bytes *to,
    int64_t *ret_next, struct error *err)
{
	struct query *query;
	int count = 0;
	int more;

	if (query_begin(rows,
		"SELECT h.id, h.kind, h.at, h.state, h.reason, h.flags,"
		" coalesce(o.document_id, l.document_id, s.document_id),"
		" coalesce(w.waybill_id, l.waybill_id),"
		" coalesce(d.recipient, l.recipient),"
		" coalesce(o.sender, l.recipient, s.sender, n.code,"
		" nullif(r.organisation, ''), ''),"
		" coalesce(o.trace, s.trace, ''), l.unit, l.assignee,"
		" coalesce(CAST(n.id AS TEXT), r.id, '')"
		" FROM happening AS h"
		" LEFT JOIN outbox_delivery AS d ON h.kind = 0"
		" AND d.id = h.subject"
		" LEFT JOIN outbox_waybill AS w ON w.id = d.waybill"
		" LEFT JOIN outbox_document AS o ON o.id = w.document"
		" LEFT JOIN inbox_letter AS l ON h.kind IN (1, 3)"
		" AND l.id = h.subject"
		" LEFT JOIN outbox_document AS s ON h.kind = 2"
		" AND s.id = h.subject"
		" LEFT JOIN directory_notice AS n ON h.kind = 4"
		" AND n.id = h.subject"
		" LEFT JOIN case_request AS r ON h.kind = 5"
		" AND r.number = h.subject"
		" WHERE h.id > ?1 ORDER BY h.id LIMIT ?2",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, ask->after);
	query_bind_int(query, 2, SCAN_MAX);
	*ret_next = ask->after;
	while ((more = query_next(query, err)) > 0 &&
	    (unsigned)count < ask->limit) {
		const char *whose = query_text(query, 9);

		*ret_next = query_int(query, 0);
		/* "": a letter that was given up, of which nobody was told. */
		if (whose[0] == '\0' || !people_may_see(ask->scope, whose) ||
		    !is_assigned(ask, query))
			continue;
		if (put_one(ask, query, count++ == 0, to, err) < 0) {
			more = -1;
			break;
		}
	}
	query_end(query);
	return more < 0 ? -1 : count;
}

int
happenings_read(struct rows *rows, const struct happenings_ask *ask,
    struct bytes *to, int64_t *ret_next, struct error *err)
{
	int count;

	if (check_kept(rows, ask, err) < 0)
		return -1;
	if (!ask->is_stream)
		bytes_put_text(to, "{\"events\":[");
	count = put_all(rows, ask, to, ret_next, err);
	if (count >= 0 && !ask->is_stream)
		bytes_put_format(to, "],\"next\":\"%" PRId64 "\"}", *ret_next);
	return count < 0 || bytes_failed(to, err) < 0 ? -1 : count;
}
