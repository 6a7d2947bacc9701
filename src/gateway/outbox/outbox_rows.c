#include "gateway/outbox/outbox_rows.h"

#include "base/error.h"
#include "base/text.h"
#include "gateway/outbox/outbox.h"
#include "store/query.h"
#include "store/rows.h"

const char outbox_schema[] =
    "CREATE TABLE outbox_document ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, document_id BLOB NOT NULL UNIQUE,"
    " key TEXT NOT NULL, digest BLOB NOT NULL, is_draft INTEGER NOT NULL,"
    " sender TEXT NOT NULL, reference TEXT NOT NULL, subject TEXT NOT NULL,"
    " created_at INTEGER NOT NULL, trace TEXT NOT NULL,"
    " findings BLOB NOT NULL) STRICT;"
    "CREATE UNIQUE INDEX outbox_document_key ON outbox_document (key)"
    " WHERE key <> '';"
    "CREATE INDEX outbox_document_draft ON outbox_document (id)"
    " WHERE is_draft;"
    "CREATE TABLE outbox_file ("
    " document INTEGER NOT NULL REFERENCES outbox_document,"
    " position INTEGER NOT NULL, name TEXT NOT NULL,"
    " payload INTEGER NOT NULL, len INTEGER NOT NULL, digest BLOB NOT NULL,"
    " PRIMARY KEY (document, position)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE outbox_waybill ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " document INTEGER NOT NULL REFERENCES outbox_document,"
    " step INTEGER NOT NULL, waybill_id BLOB NOT NULL UNIQUE,"
    " with_attachments INTEGER NOT NULL, created_at INTEGER NOT NULL,"
    " not_after INTEGER NOT NULL, digest BLOB NOT NULL UNIQUE,"
    " package BLOB NOT NULL, payload INTEGER NOT NULL,"
    " content_len INTEGER NOT NULL, cms BLOB NOT NULL,"
    " secret BLOB NOT NULL, head BLOB NOT NULL, rank INTEGER NOT NULL,"
    /* Of those to be handed in: the next try, and what it waits for. */
    " failures INTEGER NOT NULL DEFAULT 0,"
    " retry_at INTEGER NOT NULL DEFAULT 0,"
    " waits TEXT NOT NULL DEFAULT '', speed INTEGER NOT NULL DEFAULT 0) STRICT;"
    "CREATE INDEX outbox_waybill_document ON outbox_waybill (document);"
    "CREATE INDEX outbox_waybill_step ON outbox_waybill"
    " (step, rank, id, retry_at);"
    "CREATE TABLE outbox_delivery ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " waybill INTEGER NOT NULL REFERENCES outbox_waybill,"
    " recipient TEXT NOT NULL, name TEXT NOT NULL, is_copy INTEGER NOT NULL,"
    " center TEXT NOT NULL, leaf BLOB NOT NULL, leaf_json BLOB NOT NULL,"
    " key_part BLOB NOT NULL, state INTEGER NOT NULL,"
    " reached INTEGER NOT NULL, flags INTEGER NOT NULL,"
    " since INTEGER NOT NULL, reason TEXT NOT NULL,"
    " UNIQUE (waybill, recipient)) STRICT;"
    /* 5 is confirmed, the first end. */
    /* One of thousands after the other, by their rows. */
    "CREATE INDEX outbox_delivery_waybill ON outbox_delivery (waybill);"
    "CREATE INDEX outbox_delivery_open ON outbox_delivery (waybill)"
    " WHERE state < 5;"
    "CREATE TABLE outbox_receipt ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " waybill INTEGER NOT NULL REFERENCES outbox_waybill,"
    " delivery INTEGER NOT NULL, event INTEGER NOT NULL,"
    " recipient TEXT NOT NULL, at TEXT NOT NULL, time INTEGER NOT NULL,"
    " signer INTEGER NOT NULL, entry BLOB NOT NULL UNIQUE,"
    " json BLOB NOT NULL) STRICT;"
    "CREATE INDEX outbox_receipt_waybill ON outbox_receipt (waybill, id);"
    /* 16 is moved: few deliveries have one. */
    "CREATE INDEX outbox_receipt_moved ON outbox_receipt (delivery)"
    " WHERE event = 16;";

const char outbox_earlier_schema[] =
    "ALTER TABLE outbox_document ADD COLUMN message INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE outbox_document ADD COLUMN earlier BLOB;"
    "CREATE INDEX outbox_document_reference ON outbox_document"
    " (sender, reference, id) WHERE is_draft = 0;"
    "CREATE INDEX outbox_document_earlier ON outbox_document (earlier)"
    " WHERE message > 0;";

/* hold: 3 is undone (outbox_hold.h): it never was on its way. */

/* ---- documents ------------------------------------------------------- */

int
outbox_document_add(struct rows *rows, struct outbox_document *document,
    struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"INSERT INTO outbox_document (document_id, key, digest,"
		" is_draft, sender, reference, subject, created_at, trace, findings)"
		" VALUES (?1, ?2, ?3, 1, '', '', '', ?4, ?5, x'')",
		&query, err) < 0)
		return -1;
	query_bind_id(query, 1, &document->document_id);
	query_bind_text(query, 2, document->key);
	query_bind_digest(query, 3, &document->digest);
	query_bind_int(query, 4, document->created_at);
	query_bind_text(query, 5, document->trace);
	if (query_finish(query, err) < 0)
		return -1;
	document->row = rows_last_id(rows);
	return 0;
}

static int
read_document(struct query *query, struct outbox_document *ret_document,
    struct error *err)
{
	struct outbox_document document = { 0 };
	int more = query_next(query, err);

	if (more <= 0)
		return more;
	document.row = query_int(query, 0);
	query_id(query, 1, &document.document_id);
	query_digest(query, 3, &document.digest);
	document.is_draft = query_int(query, 4) != 0;
	document.created_at = query_int(query, 8);
	text_copy(document.trace, sizeof(document.trace), query_text(query, 9));
	if (!text_copy(document.key, sizeof(document.key),
		query_text(query, 2)) ||
	    (!document.is_draft &&
		!org_code_parse(query_text(query, 5), &document.sender)) ||
	    !text_copy(document.reference, sizeof(document.reference),
		query_text(query, 6)) ||
	    !text_copy(document.subject, sizeof(document.subject),
		query_text(query, 7)))
		return error_set(err, ERROR_SYSTEM,
		    "row %lld of the outbox is damaged",
		    (long long)document.row);
	if (query_failed(query, err) < 0)
		return -1;
	*ret_document = document;
	return 1;
}

int
outbox_document_find(struct rows *rows, const struct id *document_id,
    struct outbox_document *ret_document, struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows,
		"SELECT id, document_id, key, digest, is_draft, sender,"
		" reference, subject, created_at, trace FROM outbox_document"
		" WHERE document_id = ?1",
		&query, err) < 0)
		return -1;
	query_bind_id(query, 1, document_id);
	found = read_document(query, ret_document, err);
	query_end(query);
	return found;
}

int
outbox_document_find_key(struct rows *rows, const char *key,
    struct outbox_document *ret_document, struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows,
		"SELECT id, document_id, key, digest, is_draft, sender,"
		" reference, subject, created_at, trace FROM outbox_document"
		" WHERE key = ?1 AND key <> ''",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, key);
	found = read_document(query, ret_document, err);
	query_end(query);
	return found;
}

int
outbox_document_send(struct rows *rows, const struct outbox_document *document,
    struct blob findings, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"UPDATE outbox_document SET is_draft = 0, sender = ?2,"
		" reference = ?3, subject = ?4, findings = ?5, message = ?6,"
		" earlier = ?7 WHERE id = ?1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, document->row);
	query_bind_text(query, 2, document->sender.text);
	query_bind_text(query, 3, document->reference);
	query_bind_text(query, 4, document->subject);
	query_bind_data(query, 5, findings.data, findings.len);
	query_bind_int(query, 6, document->message);
	query_bind_id(query, 7, &document->earlier);
	return query_finish(query, err);
}

int
outbox_document_find_reference(struct rows *rows, const struct org_code *sender,
    const char *reference, struct id *ret_document_id, struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows,
		"SELECT document_id FROM outbox_document WHERE sender = ?1"
		" AND reference = ?2 AND is_draft = 0 AND hold <> 3"
		" ORDER BY id DESC LIMIT 1",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, sender->text);
	query_bind_text(query, 2, reference);
	found = query_next(query, err);
	if (found > 0)
		query_id(query, 0, ret_document_id);
	query_end(query);
	return found;
}

/* One statement that names a document's row. */
static int
run_with_row(struct rows *rows, const char *sql, int64_t row, struct error *err)
{
	struct query *query;

	if (query_begin(rows, sql, &query, err) < 0)
		return -1;
	query_bind_int(query, 1, row);
	return query_finish(query, err);
}

int
outbox_document_free_key(struct rows *rows, int64_t row, struct error *err)
{
	return run_with_row(rows,
	    "UPDATE outbox_document SET key = '' WHERE id = ?1", row, err);
}

int
outbox_document_remove(struct rows *rows, int64_t row, struct error *err)
{
	if (run_with_row(rows,
		"DELETE FROM outbox_delivery WHERE waybill IN"
		" (SELECT id FROM outbox_waybill WHERE document = ?1)",
		row, err) < 0 ||
	    run_with_row(rows, "DELETE FROM outbox_waybill WHERE document = ?1",
		row, err) < 0 ||
	    run_with_row(rows, "DELETE FROM outbox_file WHERE document = ?1",
		row, err) < 0)
		return -1;
	return run_with_row(rows, "DELETE FROM outbox_document WHERE id = ?1",
	    row, err);
}

int
outbox_draft_find(struct rows *rows, int64_t *ret_row, struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows,
		"SELECT id FROM outbox_document WHERE is_draft LIMIT 1", &query,
		err) < 0)
		return -1;
	found = query_next(query, err);
	if (found > 0)
		*ret_row = query_int(query, 0);
	query_end(query);
	return found;
}

/* ---- files ----------------------------------------------------------- */

int
outbox_file_add(struct rows *rows, int64_t document, int64_t position,
    const char *name, uint64_t payload, uint64_t len,
    const struct digest *digest, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"INSERT INTO outbox_file (document, position, name, payload,"
		" len, digest) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, document);
	query_bind_int(query, 2, position);
	query_bind_text(query, 3, name);
	query_bind_int(query, 4, (int64_t)payload);
	query_bind_int(query, 5, (int64_t)len);
	query_bind_digest(query, 6, digest);
	return query_finish(query, err);
}

int
outbox_payload_next(struct rows *rows, int64_t document, uint64_t after,
    uint64_t *ret_payload, struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows,
		"SELECT payload FROM outbox_file WHERE document = ?1"
		" AND payload > ?2 UNION"
		" SELECT payload FROM outbox_waybill WHERE document = ?1"
		" AND payload > ?2 ORDER BY payload LIMIT 1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, document);
	query_bind_int(query, 2, (int64_t)after);
	found = query_next(query, err);
	if (found > 0)
		*ret_payload = (uint64_t)query_int(query, 0);
	query_end(query);
	return found;
}

/* ---- receipts -------------------------------------------------------- */

int
outbox_receipt_find(struct rows *rows, const struct digest *entry,
    struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows, "SELECT 1 FROM outbox_receipt WHERE entry = ?1",
		&query, err) < 0)
		return -1;
	query_bind_digest(query, 1, entry);
	found = query_next(query, err);
	query_end(query);
	return found;
}

int
outbox_delivery_moved_to(struct rows *rows, int64_t delivery, const char *at,
    struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows,
		"SELECT 1 FROM outbox_receipt WHERE delivery = ?1"
		" AND event = 16 AND at = ?2 LIMIT 1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, delivery);
	query_bind_text(query, 2, at);
	found = query_next(query, err);
	query_end(query);
	return found;
}

int
outbox_waybill_accepted_at(struct rows *rows, int64_t waybill, const char *at,
    struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows,
		"SELECT 1 FROM outbox_receipt WHERE waybill = ?1"
		" AND event = ?2 AND at = ?3 LIMIT 1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, waybill);
	query_bind_int(query, 2, EVENT_ACCEPTED);
	query_bind_text(query, 3, at);
	found = query_next(query, err);
	query_end(query);
	return found;
}

int
outbox_receipt_add(struct rows *rows, int64_t waybill, int64_t delivery,
    const struct message_receipt *receipt, struct blob json, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"INSERT INTO outbox_receipt (waybill, delivery, event,"
		" recipient, at, time, signer, entry, json)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, waybill);
	query_bind_int(query, 2, delivery);
	query_bind_int(query, 3, receipt->event);
	query_bind_text(query, 4, receipt->recipient);
	query_bind_text(query, 5, receipt->at);
	query_bind_int(query, 6, receipt->time);
	query_bind_int(query, 7, receipt->signer_class);
	query_bind_digest(query, 8, &receipt->entry);
	query_bind_data(query, 9, json.data, json.len);
	return query_finish(query, err);
}
