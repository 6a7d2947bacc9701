#include "gateway/inbox/inbox_rows.h"

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "exchange/urgency.h"
#include "gateway/inbox/inbox.h"
#include "gateway/inbox/inbox_content.h"
#include "store/query.h"
#include "store/rows.h"

const char inbox_schema[] =
    "CREATE TABLE inbox_letter ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, waybill_id BLOB NOT NULL,"
    " recipient TEXT NOT NULL, step INTEGER NOT NULL, state INTEGER NOT NULL,"
    " is_due INTEGER NOT NULL, failures INTEGER NOT NULL DEFAULT 0,"
    " retry_at INTEGER NOT NULL DEFAULT 0, rank INTEGER NOT NULL,"
    " waybill BLOB, head BLOB,"
    " commitment BLOB, content_digest BLOB,"
    " content_len INTEGER NOT NULL DEFAULT 0, leaf BLOB, key_digest BLOB,"
    " seal BLOB, sender TEXT, document_id BLOB,"
    " speed INTEGER NOT NULL DEFAULT 0, message INTEGER NOT NULL DEFAULT 0,"
    " recipients INTEGER NOT NULL DEFAULT 0,"
    " earlier BLOB, content INTEGER NOT NULL DEFAULT 0, package BLOB,"
    " package_len INTEGER NOT NULL DEFAULT 0,"
    " payload INTEGER NOT NULL DEFAULT 0, first INTEGER NOT NULL DEFAULT 0,"
    " shown INTEGER NOT NULL DEFAULT 0, received_at INTEGER NOT NULL,"
    " answer INTEGER NOT NULL DEFAULT 0, reason INTEGER NOT NULL DEFAULT 0,"
    " notice INTEGER NOT NULL DEFAULT 0,"
    " cms BLOB, records BLOB, key_part BLOB, addendum BLOB,"
    " serial INTEGER NOT NULL DEFAULT 0, receiver TEXT NOT NULL DEFAULT '',"
    " subject TEXT NOT NULL DEFAULT '', reference TEXT NOT NULL DEFAULT '',"
    " failure_id TEXT NOT NULL DEFAULT '', failure TEXT NOT NULL DEFAULT '',"
    " signer BLOB,"
    " unit TEXT NOT NULL DEFAULT '', assignee INTEGER NOT NULL DEFAULT 0,"
    " fetch_at INTEGER NOT NULL DEFAULT 0,"
    " center TEXT NOT NULL DEFAULT '',"
    " UNIQUE (waybill_id, recipient)) STRICT;"
    "CREATE INDEX inbox_letter_due ON inbox_letter (retry_at, id)"
    " WHERE is_due = 1;"
    "CREATE INDEX inbox_letter_rank ON inbox_letter (rank, id, retry_at)"
    " WHERE is_due = 1;"
    "CREATE INDEX inbox_letter_needs ON inbox_letter"
    " (waybill_id, is_due, step) WHERE " INBOX_CONTENT_NEEDS ";"
    "CREATE INDEX inbox_letter_content ON inbox_letter (waybill_id, content)"
    " WHERE content > 0;"
    "CREATE INDEX inbox_letter_shown ON inbox_letter (shown)"
    " WHERE shown > 0;"
    "CREATE INDEX inbox_letter_state ON inbox_letter"
    " (state, shown, speed, recipient) WHERE shown > 0;"
    "CREATE INDEX inbox_letter_unit ON inbox_letter (unit, shown)"
    " WHERE shown > 0;"
    "CREATE INDEX inbox_letter_assignee ON inbox_letter (assignee, shown)"
    " WHERE shown > 0;"
    "CREATE INDEX inbox_letter_fetch ON inbox_letter (fetch_at)"
    " WHERE fetch_at > 0;"
    "CREATE INDEX inbox_letter_document ON inbox_letter"
    " (document_id, recipient);"
    "CREATE INDEX inbox_letter_earlier ON inbox_letter (earlier)"
    " WHERE message > 0;"
    "CREATE INDEX inbox_letter_first ON inbox_letter (first)"
    " WHERE first > 0;"
    "CREATE TABLE inbox_file ("
    " letter INTEGER NOT NULL REFERENCES inbox_letter,"
    " position INTEGER NOT NULL, name TEXT NOT NULL,"
    " offset INTEGER NOT NULL, len INTEGER NOT NULL, digest BLOB NOT NULL,"
    " PRIMARY KEY (letter, position)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE inbox_event ("
    " letter INTEGER NOT NULL REFERENCES inbox_letter,"
    " event INTEGER NOT NULL, act BLOB, receipt BLOB,"
    " at TEXT NOT NULL DEFAULT '', time INTEGER NOT NULL DEFAULT 0,"
    " signer INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (letter, event))"
    " STRICT;";

/* In the order of read_row(). */
#define COLUMNS                                                               \
	"id, waybill_id, recipient, step, state, is_due, failures, retry_at," \
	" waybill, head, commitment, content_digest, content_len, leaf,"      \
	" key_digest, seal, sender, document_id, speed, message, earlier,"    \
	" content, package, package_len, payload, first, shown, received_at," \
	" answer, reason, recipients, receive_number, notice, serial,"        \
	" receiver, center, unit, assignee"

static const char *const state_names[INBOX_STATE_COUNT] = {
	[INBOX_ANNOUNCED] = "announced",
	[INBOX_FETCHED] = "fetched",
	[INBOX_OPENED] = "opened",
	[INBOX_CONFIRMED] = "confirmed",
	[INBOX_RETURNED] = "returned",
	[INBOX_UNREADABLE] = "unreadable",
	[INBOX_REFUSED] = "refused",
	[INBOX_ENDED] = "ended",
};

const char *
inbox_state_name(enum inbox_state state)
{
	return state_names[state];
}

bool
inbox_state_parse(const char *name, enum inbox_state *ret_state)
{
	for (int i = 0; i < INBOX_STATE_COUNT; i++) {
		if (text_equal(state_names[i], name)) {
			*ret_state = (enum inbox_state)i;
			return true;
		}
	}
	return false;
}

/* ---- reading --------------------------------------------------------- */

static void
read_waybill(struct query *query, struct inbox_row *row)
{
	query_digest(query, 8, &row->waybill);
	query_digest(query, 9, &row->head);
	query_digest(query, 10, &row->commitment);
	query_digest(query, 11, &row->content_digest);
	row->content_len = (uint64_t)query_int(query, 12);
	query_digest(query, 13, &row->leaf);
	query_digest(query, 14, &row->key_digest);
	query_digest(query, 15, &row->seal);
	query_id(query, 17, &row->document_id);
	row->speed = (enum speed)query_int(query, 18);
	row->message = (int)query_int(query, 19);
	query_id(query, 20, &row->earlier);
	row->content = (uint64_t)query_int(query, 21);
	row->recipients = (uint32_t)query_int(query, 30);
	row->serial = (uint64_t)query_int(query, 33);
}

static void
read_entry(struct query *query, struct inbox_row *row)
{
	query_digest(query, 22, &row->package);
	row->package_len = (uint64_t)query_int(query, 23);
	row->payload = (uint64_t)query_int(query, 24);
	row->first = query_int(query, 25);
	row->shown = query_int(query, 26);
	row->received_at = query_int(query, 27);
	row->answer = (enum event)query_int(query, 28);
	row->reason = (enum act_reason)query_int(query, 29);
	row->notice = (enum act_reason)query_int(query, 32);
	row->assignee = query_int(query, 37);
}

static int
read_row(struct query *query, struct inbox_row *ret_row, struct error *err)
{
	struct inbox_row row = { 0 };
	const char *receiver;
	const char *sender;
	int more = query_next(query, err);

	if (more <= 0)
		return more;
	row.row = query_int(query, 0);
	query_id(query, 1, &row.waybill_id);
	row.step = (enum job_receive)query_int(query, 3);
	row.state = (enum inbox_state)query_int(query, 4);
	row.is_due = query_int(query, 5) != 0;
	row.failures = (uint32_t)query_int(query, 6);
	row.retry_at = query_int(query, 7);
	read_waybill(query, &row);
	read_entry(query, &row);
	sender = query_text(query, 16);
	receiver = query_text(query, 34);
	if (!org_code_parse(query_text(query, 2), &row.recipient) ||
	    (sender[0] != '\0' && !org_code_parse(sender, &row.sender)) ||
	    (receiver[0] != '\0' && !org_code_parse(receiver, &row.receiver)) ||
	    !text_copy(row.receive_number, sizeof(row.receive_number),
		query_text(query, 31)) ||
	    !text_copy(row.center, sizeof(row.center), query_text(query, 35)) ||
	    !text_copy(row.unit, sizeof(row.unit), query_text(query, 36)) ||
	    row.step >= JOB_RECEIVE_COUNT || row.notice >= ACT_REASON_COUNT ||
	    row.state >= INBOX_STATE_COUNT || row.speed >= SPEED_COUNT ||
	    row.answer >= EVENT_COUNT || row.reason >= ACT_REASON_COUNT)
		return error_set_id(err, "E5006", ERROR_MALFORMED,
		    "row %lld of the inbox is damaged", (long long)row.row);
	if (query_failed(query, err) < 0)
		return -1;
	*ret_row = row;
	return 1;
}

int
inbox_row_find(struct rows *rows, int64_t row, struct inbox_row *ret_row,
    struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows,
		"SELECT " COLUMNS " FROM inbox_letter WHERE id = ?1", &query,
		err) < 0)
		return -1;
	query_bind_int(query, 1, row);
	found = read_row(query, ret_row, err);
	query_end(query);
	return found;
}

int
inbox_row_find_name(struct rows *rows, const struct id *waybill_id,
    const struct org_code *recipient, struct inbox_row *ret_row,
    struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows,
		"SELECT " COLUMNS " FROM inbox_letter"
		" WHERE waybill_id = ?1 AND recipient = ?2",
		&query, err) < 0)
		return -1;
	query_bind_id(query, 1, waybill_id);
	query_bind_text(query, 2, recipient->text);
	found = read_row(query, ret_row, err);
	query_end(query);
	return found;
}

int
inbox_row_find_letter(struct rows *rows, const struct inbox_row *like,
    struct inbox_row *ret_row, struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows,
		"SELECT " COLUMNS " FROM inbox_letter WHERE document_id = ?1"
		" AND recipient = ?2 AND sender = ?3 AND payload > 0"
		" AND id <> ?4 ORDER BY id LIMIT 1",
		&query, err) < 0)
		return -1;
	query_bind_id(query, 1, &like->document_id);
	query_bind_text(query, 2, like->recipient.text);
	query_bind_text(query, 3, like->sender.text);
	query_bind_int(query, 4, like->row);
	found = read_row(query, ret_row, err);
	query_end(query);
	return found;
}

/* ---- writing --------------------------------------------------------- */

/* Deliveries of a waybill that are here; beyond so many it does not matter. */
static int
count_of_waybill(struct rows *rows, const struct id *waybill_id,
    size_t *ret_count, struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows,
		"SELECT count(*) FROM (SELECT 1 FROM inbox_letter"
		" WHERE waybill_id = ?1 LIMIT ?2)",
		&query, err) < 0)
		return -1;
	query_bind_id(query, 1, waybill_id);
	query_bind_int(query, 2, URGENCY_SHARE_MAX);
	found = query_next(query, err);
	*ret_count = found > 0 ? (size_t)query_int(query, 0) : 0;
	query_end(query);
	return found < 0 ? -1 : 0;
}

/* The one that told of it last. */
static int
set_center(struct rows *rows, const struct id *waybill_id,
    const struct org_code *recipient, const char *center, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"UPDATE inbox_letter SET center = ?3"
		" WHERE waybill_id = ?1 AND recipient = ?2 AND center <> ?3",
		&query, err) < 0)
		return -1;
	query_bind_id(query, 1, waybill_id);
	query_bind_text(query, 2, recipient->text);
	query_bind_text(query, 3, center);
	return query_finish(query, err);
}

int
inbox_row_announce(struct rows *rows, const struct id *waybill_id,
    const struct org_code *recipient, enum speed speed, int64_t now_ms,
    const char *center, bool *ret_is_new, struct error *err)
{
	struct query *query;
	size_t before;
	/* One fetches the content, and the others wait aside for it. */
	int awaited = inbox_content_is_awaited(rows, waybill_id, 0, err);

	if (awaited < 0 || count_of_waybill(rows, waybill_id, &before, err) < 0)
		return -1;

	if (query_begin(rows,
		"INSERT INTO inbox_letter (waybill_id, recipient, step, state,"
		" is_due, received_at, speed, rank, center)"
		" VALUES (?1, ?2, ?3, ?4, ?8, ?5, ?6, ?7, ?9)"
		/* Told again, as after a hold: it waits no longer. */
		" ON CONFLICT (waybill_id, recipient) DO UPDATE SET"
		" retry_at = 0 WHERE is_due = 1 AND retry_at > 0",
		&query, err) < 0)
		return -1;
	query_bind_id(query, 1, waybill_id);
	query_bind_text(query, 2, recipient->text);
	query_bind_int(query, 3, JOB_RECEIVE_CONTENT);
	query_bind_int(query, 4, INBOX_ANNOUNCED);
	query_bind_int(query, 5, now_ms);
	query_bind_int(query, 6, speed);
	query_bind_int(query, 7, urgency_rank(speed, now_ms, before));
	query_bind_int(query, 8, awaited == 0);
	query_bind_text(query, 9, center);
	if (query_finish(query, err) < 0)
		return -1;
	*ret_is_new = rows_changed(rows) > 0;
	return set_center(rows, waybill_id, recipient, center, err);
}

/* Written once, and read again with each step: compared where it lies. */
static int
save_waybill(struct rows *rows, const struct inbox_row *row, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"UPDATE inbox_letter SET waybill = ?2, head = ?3,"
		" commitment = ?4, content_digest = ?5, content_len = ?6,"
		" leaf = ?7, key_digest = ?8, seal = ?9, sender = ?10,"
		" document_id = ?11, speed = ?12, message = ?13, earlier = ?14,"
		" content = ?15, recipients = ?16, serial = ?17,"
		" receiver = ?18 WHERE id = ?1 AND (waybill, head, commitment,"
		" content_digest, content_len, leaf, key_digest, seal, sender,"
		" document_id, speed, message, earlier, content, recipients,"
		" serial, receiver) IS NOT (?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9,"
		" ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, row->row);
	query_bind_digest(query, 2, &row->waybill);
	query_bind_digest(query, 3, &row->head);
	query_bind_digest(query, 4, &row->commitment);
	query_bind_digest(query, 5, &row->content_digest);
	query_bind_int(query, 6, (int64_t)row->content_len);
	query_bind_digest(query, 7, &row->leaf);
	query_bind_digest(query, 8, &row->key_digest);
	query_bind_digest(query, 9, &row->seal);
	query_bind_text(query, 10, row->sender.text);
	query_bind_id(query, 11, &row->document_id);
	query_bind_int(query, 12, row->speed);
	query_bind_int(query, 13, row->message);
	query_bind_id(query, 14, &row->earlier);
	query_bind_int(query, 15, (int64_t)row->content);
	query_bind_int(query, 16, row->recipients);
	query_bind_int(query, 17, (int64_t)row->serial);
	query_bind_text(query, 18, row->receiver.text);
	return query_finish(query, err);
}

/* What people see, with its indexes and triggers: compared as well. */
static int
save_entry(struct rows *rows, const struct inbox_row *row, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"UPDATE inbox_letter SET state = ?2, package = ?3,"
		" package_len = ?4, payload = ?5, first = ?6, shown = ?7,"
		" received_at = ?8, answer = ?9, reason = ?10,"
		" receive_number = ?11, notice = ?12 WHERE id = ?1 AND (state,"
		" package, package_len, payload, first, shown, received_at,"
		" answer, reason, receive_number, notice) IS NOT (?2, ?3, ?4,"
		" ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, row->row);
	query_bind_int(query, 2, row->state);
	query_bind_digest(query, 3, &row->package);
	query_bind_int(query, 4, (int64_t)row->package_len);
	query_bind_int(query, 5, (int64_t)row->payload);
	query_bind_int(query, 6, row->first);
	query_bind_int(query, 7, row->shown);
	query_bind_int(query, 8, row->received_at);
	query_bind_int(query, 9, row->answer);
	query_bind_int(query, 10, row->reason);
	query_bind_text(query, 11, row->receive_number);
	query_bind_int(query, 12, row->notice);
	return query_finish(query, err);
}

int
inbox_row_save(struct rows *rows, const struct inbox_row *row,
    struct error *err)
{
	struct query *query;

	if (save_waybill(rows, row, err) < 0 ||
	    save_entry(rows, row, err) < 0 ||
	    query_begin(rows,
		"UPDATE inbox_letter SET step = ?2, is_due = ?3,"
		" failures = ?4, retry_at = ?5 WHERE id = ?1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, row->row);
	query_bind_int(query, 2, row->step);
	query_bind_int(query, 3, row->is_due);
	query_bind_int(query, 4, row->failures);
	query_bind_int(query, 5, row->retry_at);
	return query_finish(query, err);
}
