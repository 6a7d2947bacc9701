#include "gateway/inbox/inbox_events.h"

#include "base/bytes.h"
#include "base/error.h"
#include "envelope/statement.h"
#include "json/json_write.h"
#include "store/query.h"
#include "store/rows.h"

int
inbox_event_add(struct rows *rows, int64_t row, enum event event,
    struct blob act, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"INSERT INTO inbox_event (letter, event, act)"
		" VALUES (?1, ?2, ?3) ON CONFLICT (letter, event)"
		" DO UPDATE SET act = excluded.act WHERE act IS NULL",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, row);
	query_bind_int(query, 2, event);
	query_bind_data(query, 3, act.data, act.len);
	return query_finish(query, err);
}

int
inbox_event_act(struct rows *rows, int64_t row, enum event event,
    struct bytes *to, struct error *err)
{
	struct query *query;
	const void *data;
	size_t len;
	int found;

	if (query_begin(rows,
		"SELECT act FROM inbox_event WHERE letter = ?1 AND event = ?2"
		" AND act IS NOT NULL",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, row);
	query_bind_int(query, 2, event);
	found = query_next(query, err);
	if (found > 0) {
		data = query_data(query, 0, &len);
		bytes_put(to, data, len);
	}
	query_end(query);
	return bytes_failed(to, err) < 0 ? -1 : found;
}

int
inbox_event_receipt(struct rows *rows, int64_t row,
    const struct message_receipt *receipt, struct blob json, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"INSERT INTO inbox_event (letter, event, receipt, at, time,"
		" signer) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
		" ON CONFLICT (letter, event) DO UPDATE SET"
		" receipt = excluded.receipt, at = excluded.at,"
		" time = excluded.time, signer = excluded.signer",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, row);
	query_bind_int(query, 2, receipt->event);
	query_bind_data(query, 3, json.data, json.len);
	query_bind_text(query, 4, receipt->at);
	query_bind_int(query, 5, receipt->time);
	query_bind_int(query, 6, receipt->signer_class);
	return query_finish(query, err);
}

int
inbox_event_accepted_at(struct rows *rows, int64_t row, int64_t *ret_at,
    struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows,
		"SELECT time FROM inbox_event WHERE letter = ?1"
		" AND event IN (?2, ?3) AND receipt IS NOT NULL"
		" ORDER BY time LIMIT 1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, row);
	query_bind_int(query, 2, EVENT_ACCEPTED);
	query_bind_int(query, 3, EVENT_RELAYED);
	found = query_next(query, err);
	if (found > 0)
		*ret_at = query_int(query, 0);
	query_end(query);
	return found;
}

int
inbox_event_remove(struct rows *rows, int64_t row, enum event event,
    struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"DELETE FROM inbox_event WHERE letter = ?1 AND event = ?2",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, row);
	query_bind_int(query, 2, event);
	return query_finish(query, err);
}

/* ---- reading --------------------------------------------------------- */

static enum event
event_of(struct query *query)
{
	int64_t event = query_int(query, 0);

	return event > 0 && event < EVENT_COUNT ? (enum event)event
						: EVENT_NONE;
}

static void
write_event(struct query *query, struct json_writer *writer)
{
	enum event event = event_of(query);
	int64_t signer = query_int(query, 3);

	json_write_begin_object(writer, NULL);
	json_write_text(writer, "event", event_name(event));
	json_write_text(writer, "etsi", event_etsi(event));
	json_write_text(writer, "at", query_text(query, 1));
	json_write_time(writer, "time", query_int(query, 2));
	json_write_text(writer, "signer",
	    statement_signer_name(signer >= 0 && signer < STATEMENT_SIGNER_COUNT
		    ? (enum statement_signer)signer
		    : STATEMENT_CENTER));
	json_write_end(writer);
}

int
inbox_event_write(struct rows *rows, int64_t row, struct json_writer *writer,
    struct error *err)
{
	struct query *query;
	int more;

	if (query_begin(rows,
		"SELECT event, at, time, signer FROM inbox_event"
		" WHERE letter = ?1 AND receipt IS NOT NULL"
		" ORDER BY time, event",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, row);
	json_write_begin_array(writer, "events");
	while ((more = query_next(query, err)) > 0)
		write_event(query, writer);
	json_write_end(writer);
	query_end(query);
	return more;
}

int
inbox_event_write_receipts(struct rows *rows, int64_t row,
    const char *recipient, struct json_writer *writer, struct error *err)
{
	struct query *query;
	int more;

	if (query_begin(rows,
		"SELECT event, receipt FROM inbox_event"
		" WHERE letter = ?1 AND receipt IS NOT NULL"
		" ORDER BY time, event",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, row);
	json_write_begin_array(writer, "receipts");
	while ((more = query_next(query, err)) > 0) {
		size_t len;
		const void *json = query_data(query, 1, &len);

		json_write_begin_object(writer, NULL);
		json_write_text(writer, "recipient", recipient);
		json_write_text(writer, "event", event_name(event_of(query)));
		json_write_raw(writer, "receipt", json, len);
		json_write_end(writer);
	}
	json_write_end(writer);
	query_end(query);
	return more;
}
