/*
 * The outbox as JSON (docs/api.md), from rows that may be read-only.
 */
#include "gateway/outbox/outbox.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "directory/directory.h"
#include "envelope/statement.h"
#include "gateway/outbox/outbox_hold.h"
#include "gateway/outbox/outbox_rows.h"
#include "gateway/search/search_text.h"
#include "gateway/words.h"
#include "json/json_write.h"
#include "model/resend.h"
#include "store/query.h"
#include "store/rows.h"

enum { ROW_TEXT_SIZE = 24 };

/* ---- deliveries ------------------------------------------------------ */

enum { UNKNOWN_AFTER_MS = 10 * 60 * 1000 }; /* centers look each second */

static void
write_event(struct query *query, enum event event, struct json_writer *writer)
{
	int64_t signer = query_int(query, 3);

	json_write_begin_object(writer, NULL);
	json_write_text(writer, "event", event_name(event));
	json_write_text(writer, "etsi", event_etsi(event));
	json_write_text(writer, "at", query_text(query, 1));
	json_write_time(writer, "time", query_int(query, 2));
	json_write_text(writer, "signer",
	    signer >= 0 && signer < STATEMENT_SIGNER_COUNT
		? statement_signer_name((enum statement_signer)signer)
		: "");
	json_write_end(writer);
}

/* Two centers may state one event: it is shown once. */
static int
write_events(struct rows *rows, int64_t waybill, int64_t delivery,
    const char *center, struct json_writer *writer, struct error *err)
{
	bool seen[EVENT_COUNT] = { false };
	struct query *query;
	int more;

	if (query_begin(rows,
		"SELECT event, at, time, signer FROM outbox_receipt"
		" WHERE waybill = ?1 AND (delivery = ?2 OR (delivery = 0"
		" AND (event = ?4 OR at = ?3))) ORDER BY id",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, waybill);
	query_bind_int(query, 2, delivery);
	query_bind_text(query, 3, center);
	query_bind_int(query, 4, EVENT_ACCEPTED);
	json_write_begin_array(writer, "events");
	while ((more = query_next(query, err)) > 0) {
		int64_t event = query_int(query, 0);

		if (event <= EVENT_NONE || event >= EVENT_COUNT || seen[event])
			continue;
		seen[event] = true;
		write_event(query, (enum event)event, writer);
	}
	json_write_end(writer);
	query_end(query);
	return more;
}

/* Asked for, and neither granted nor too late yet. */
static int
is_withdrawing(struct rows *rows, const struct outbox_delivery *delivery,
    struct error *err)
{
	if (delivery->life.state >= DELIVERY_FETCHED)
		return 0;
	return outbox_withdrawal_find(rows, delivery->row, err);
}

static int
write_flags(const struct outbox_reading *reading,
    const struct outbox_waybill *waybill,
    const struct outbox_delivery *delivery, struct json_writer *writer,
    struct error *err)
{
	const struct delivery *life = &delivery->life;
	int withdrawing = is_withdrawing(reading->rows, delivery, err);

	if (withdrawing < 0)
		return -1;
	json_write_begin_array(writer, "flags");
	if (delivery_is_overdue(life->state, waybill->created_at, reading->now))
		json_write_text(writer, NULL, "overdue");
	if (withdrawing > 0)
		json_write_text(writer, NULL, "withdrawing");
	if (life->is_suspended)
		json_write_text(writer, NULL, "suspended");
	if (life->has_notice)
		json_write_text(writer, NULL, "notice");
	if (life->is_unreadable)
		json_write_text(writer, NULL, "unreadable");
	if (life->is_flagged)
		json_write_text(writer, NULL, "flagged");
	if (life->wants_rewrap)
		json_write_text(writer, NULL, "rewrap");
	if (life->wants_paper)
		json_write_text(writer, NULL, "wants_paper");
	if (life->has_paper_copy)
		json_write_text(writer, NULL, "paper_copy");
	json_write_end(writer);
	return 0;
}

/*
 * Its time is over, and no center has said what came of it: whoever decides it
 * is silent, and may have handed it out (docs/decisions/0014).
 */
static bool
is_unknown(const struct outbox_reading *reading,
    const struct outbox_waybill *waybill, const struct delivery *life)
{
	return (life->state == DELIVERY_ACCEPTED ||
		   life->state == DELIVERY_RELAYED) &&
	    !life->is_suspended &&
	    reading->now - waybill->not_after > UNKNOWN_AFTER_MS;
}

/* What it waits for; when it is not handed in yet, also until when. */
static void
write_waiting(const struct outbox_reading *reading,
    const struct outbox_waybill *waybill,
    const struct outbox_delivery *delivery, struct json_writer *writer)
{
	bool waits =
	    waybill->step == JOB_SEND_SUBMIT && waybill->waits[0] != '\0';
	bool is_silent = is_unknown(reading, waybill, &delivery->life);

	json_write_text(writer, "waits_for",
	    waits           ? waybill->waits
		: is_silent ? "E4405"
			    : "");
	if (waits)
		json_write_time(writer, "next_try", waybill->retry_at);
}

/* Columns id, name, is_copy of the delivery; waybill_id, with_attachments. */
static int
write_delivery(const struct outbox_reading *reading, struct query *query,
    const struct outbox_waybill *waybill, struct json_writer *writer,
    struct error *err)
{
	struct outbox_delivery delivery;
	int64_t row = query_int(query, 0);
	int found = outbox_delivery_next(reading->rows, waybill->row, row - 1,
	    &delivery, err);
	int rc;

	if (found <= 0)
		return found;
	json_write_begin_object(writer, NULL);
	json_write_id(writer, "waybill_id", &waybill->waybill_id);
	json_write_org(writer, "recipient", &delivery.recipient);
	json_write_text(writer, "name", query_text(query, 1));
	json_write_bool(writer, "with_attachments", waybill->with_attachments);
	json_write_bool(writer, "copy", query_int(query, 2) != 0);
	json_write_text(writer, "center", delivery.center);
	json_write_text(writer, "state",
	    delivery_state_name(delivery.life.state));
	rc = write_flags(reading, waybill, &delivery, writer, err);
	json_write_time(writer, "since", delivery.since);
	json_write_text(writer, "reason", delivery.reason);
	if (rc == 0)
		rc = words_write(reading->rows, WORDS_SENT, row, writer, err);
	write_waiting(reading, waybill, &delivery, writer);
	if (rc == 0)
		rc = write_events(reading->rows, waybill->row, row,
		    delivery.center, writer, err);
	json_write_end(writer);
	return rc;
}

static int
write_waybill(const struct outbox_reading *reading,
    const struct outbox_waybill *waybill, struct json_writer *writer,
    struct error *err)
{
	struct query *query;
	int more;

	if (query_begin(reading->rows,
		"SELECT id, name, is_copy FROM outbox_delivery"
		" WHERE waybill = ?1 ORDER BY id",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, waybill->row);
	while ((more = query_next(query, err)) > 0) {
		if (write_delivery(reading, query, waybill, writer, err) < 0) {
			more = -1;
			break;
		}
	}
	query_end(query);
	return more;
}

static int
write_deliveries(const struct outbox_reading *reading, int64_t document,
    struct json_writer *writer, struct error *err)
{
	struct outbox_waybill waybill;
	struct query *query;
	int more;

	if (query_begin(reading->rows,
		"SELECT id FROM outbox_waybill WHERE document = ?1 ORDER BY id",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, document);
	json_write_begin_array(writer, "deliveries");
	while ((more = query_next(query, err)) > 0) {
		int found = outbox_waybill_find(reading->rows,
		    query_int(query, 0), &waybill, err);

		if (found < 0 ||
		    (found > 0 &&
			write_waybill(reading, &waybill, writer, err) < 0)) {
			more = -1;
			break;
		}
	}
	json_write_end(writer);
	query_end(query);
	return more;
}

/* ---- documents ------------------------------------------------------- */

/* Column earlier: an id, nil or NULL. */
static void
write_earlier(struct query *query, struct json_writer *writer)
{
	struct id earlier = { 0 };
	size_t len;

	if (query_data(query, 8, &len) != NULL && len == sizeof(earlier.bytes))
		query_id(query, 8, &earlier);
	if (id_is_nil(&earlier))
		json_write_text(writer, "earlier", "");
	else
		json_write_id(writer, "earlier", &earlier);
}

/* Letters that are about this one, the newest last, and what that makes of it. */
static int
write_later(struct rows *rows, const struct id *document_id,
    struct json_writer *writer, struct error *err)
{
	enum resend_effect effect = RESEND_NONE;
	struct query *query;
	int more;

	if (query_begin(rows,
		"SELECT document_id, message FROM outbox_document"
		" WHERE earlier = ?1 AND message > 0 AND is_draft = 0"
		" AND hold <> 3"
		" ORDER BY id",
		&query, err) < 0)
		return -1;
	query_bind_id(query, 1, document_id);
	json_write_begin_array(writer, "later");
	while ((more = query_next(query, err)) > 0) {
		struct id later;

		query_id(query, 0, &later);
		effect = resend_effect((int)query_int(query, 1));
		json_write_begin_object(writer, NULL);
		json_write_id(writer, "id", &later);
		json_write_int(writer, "message", query_int(query, 1));
		json_write_end(writer);
	}
	json_write_end(writer);
	query_end(query);
	json_write_text(writer, "superseded", resend_effect_name(effect));
	return more;
}

/* Columns hold and held_until; of one that is held, how long it still is. */
static void
write_hold(const struct outbox_reading *reading, struct query *query,
    struct json_writer *writer)
{
	int64_t column = query_int(query, 9);
	enum outbox_hold hold = column >= 0 && column < OUTBOX_HOLD_COUNT
	    ? (enum outbox_hold)column
	    : OUTBOX_HOLD_NONE;
	int64_t left = query_int(query, 10) - reading->now;

	json_write_text(writer, "state", outbox_hold_name(hold));
	if (hold != OUTBOX_HOLD_HELD)
		return;
	json_write_time(writer, "held_until", query_int(query, 10));
	json_write_int(writer, "undo_s", left > 0 ? (left + 999) / 1000 : 0);
}

/*
 * Columns id, document_id, sender, reference, subject, created_at, findings,
 * message, earlier, hold, held_until.
 */
static int
write_document(const struct outbox_reading *reading, struct query *query,
    struct json_writer *writer, struct error *err)
{
	const char *sender = query_text(query, 2);
	const void *findings;
	struct id document_id;
	size_t len;
	int rc;

	query_id(query, 1, &document_id);
	json_write_begin_object(writer, NULL);
	json_write_id(writer, "id", &document_id);
	json_write_text(writer, "reference", query_text(query, 3));
	json_write_text(writer, "subject", query_text(query, 4));
	json_write_text(writer, "sender", sender);
	json_write_text(writer, "sender_name",
	    directory_name_of(reading->directory, sender));
	json_write_time(writer, "created_at", query_int(query, 5));
	json_write_text(writer, "trace_id", query_text(query, 11));
	write_hold(reading, query, writer);
	json_write_int(writer, "message", query_int(query, 7));
	write_earlier(query, writer);
	if (write_later(reading->rows, &document_id, writer, err) < 0)
		return -1;
	rc = write_deliveries(reading, query_int(query, 0), writer, err);
	findings = query_data(query, 6, &len);
	if (len > 0)
		json_write_raw(writer, "findings", findings, len);
	else
		json_write_raw(writer, "findings", "[]", 2);
	json_write_end(writer);
	return rc;
}

int
outbox_read_one(const struct outbox_reading *reading, const struct id *document,
    struct json_writer *writer, struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(reading->rows,
		"SELECT id, document_id, sender, reference, subject,"
		" created_at, findings, message, earlier, hold, held_until,"
		" trace"
		" FROM outbox_document"
		" WHERE document_id = ?1 AND is_draft = 0",
		&query, err) < 0)
		return -1;
	query_bind_id(query, 1, document);
	found = query_next(query, err);
	if (found > 0 && write_document(reading, query, writer, err) < 0)
		found = -1;
	query_end(query);
	if (found == 0)
		return error_set_id(err, "E4208", ERROR_NOT_FOUND,
		    "no such letter was sent here");
	return found < 0 ? -1 : 0;
}

#define COLUMNS                                                         \
	"SELECT o.id, o.document_id, o.sender, o.reference, o.subject," \
	" o.created_at, o.findings, o.message, o.earlier, o.hold,"      \
	" o.held_until, o.trace FROM "
#define OF_SCOPE " AND o.is_draft = 0 AND substr(o.sender, 1, length(?2)) = ?2"

/* All, or those that the index finds, whose ids are those of its words. */
static int
begin_list(const struct outbox_reading *reading, uint64_t before,
    struct bytes *question, struct query **ret_query, struct error *err)
{
	bool is_question = question->len > 0;

	bytes_put_u8(question, '\0');
	if (bytes_failed(question, err) < 0 ||
	    query_begin(reading->rows,
		is_question ? COLUMNS
		    "outbox_search s CROSS JOIN outbox_document o"
		    " ON o.id = s.rowid WHERE outbox_search MATCH ?3"
		    " AND s.rowid < ?1" OF_SCOPE " ORDER BY s.rowid DESC"
			    : COLUMNS
		    "outbox_document o WHERE o.id < ?1" OF_SCOPE
		    " ORDER BY o.id DESC",
		ret_query, err) < 0)
		return -1;
	query_bind_int(*ret_query, 1, (int64_t)before);
	query_bind_text(*ret_query, 2,
	    reading->scope != NULL ? reading->scope : "");
	if (is_question)
		query_bind_text(*ret_query, 3, (const char *)question->data);
	return 0;
}

int
outbox_read_list(const struct outbox_reading *reading, const char *text,
    const char *cursor, unsigned limit, struct json_writer *writer,
    struct error *err)
{
	struct bytes question = { 0 };
	char next[ROW_TEXT_SIZE] = "";
	uint64_t before = INT64_MAX;
	int64_t newest_left = 0;
	struct query *query;
	unsigned count = 0;
	int more;

	if (cursor[0] != '\0' && !text_parse_u64(cursor, INT64_MAX, &before))
		return error_set_id(err, "E6204", ERROR_MALFORMED,
		    "cursor is none that a list gave");
	if (text[0] != '\0' && search_put_question(&question, text, err) < 0)
		return -1;
	if (begin_list(reading, before, &question, &query, err) < 0) {
		bytes_free(&question);
		return -1;
	}
	json_write_begin_object(writer, NULL);
	json_write_begin_array(writer, "documents");
	while ((more = query_next(query, err)) > 0 && count++ < limit) {
		newest_left = query_int(query, 0);
		if (write_document(reading, query, writer, err) < 0) {
			more = -1;
			break;
		}
	}
	query_end(query);
	bytes_free(&question);
	json_write_end(writer);
	/* One more than was asked for is there: the list goes on. */
	if (more > 0)
		snprintf(next, sizeof(next), "%" PRId64, newest_left);
	json_write_text(writer, "next", next);
	json_write_end(writer);
	return more < 0 ? -1 : 0;
}

/* ---- receipts -------------------------------------------------------- */

static int
find_document(struct rows *rows, const struct id *document_id,
    int64_t *ret_document, struct error *err)
{
	struct outbox_document document;
	int found = outbox_document_find(rows, document_id, &document, err);

	if (found < 0)
		return -1;
	if (found == 0 || document.is_draft)
		return error_set_id(err, "E4208", ERROR_NOT_FOUND,
		    "no such letter was sent here");
	*ret_document = document.row;
	return 0;
}

int
outbox_read_receipts(struct rows *rows, const struct id *document,
    struct json_writer *writer, struct error *err)
{
	struct query *query;
	int64_t row;
	int more;

	if (find_document(rows, document, &row, err) < 0 ||
	    query_begin(rows,
		"SELECT recipient, event, json FROM outbox_receipt"
		" WHERE waybill IN (SELECT id FROM outbox_waybill"
		" WHERE document = ?1) ORDER BY id",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, row);
	json_write_begin_object(writer, NULL);
	json_write_begin_array(writer, "receipts");
	while ((more = query_next(query, err)) > 0) {
		int64_t event = query_int(query, 1);
		size_t len;
		const void *json = query_data(query, 2, &len);

		if (event <= EVENT_NONE || event >= EVENT_COUNT)
			continue;
		json_write_begin_object(writer, NULL);
		json_write_text(writer, "recipient", query_text(query, 0));
		json_write_text(writer, "event", event_name((enum event)event));
		json_write_raw(writer, "receipt", json, len);
		json_write_end(writer);
	}
	query_end(query);
	json_write_end(writer);
	json_write_end(writer);
	return more;
}
