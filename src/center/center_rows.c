#include "center/center_rows.h"

#include "base/error.h"
#include "base/text.h"
#include "center/accept/center_queued.h"
#include "center/accept/center_quota.h"
#include "center/epoch/center_epoch_rows.h"
#include "center/hold/center_hold_rows.h"
#include "center/log/center_stamp.h"
#include "center/move/center_move_rows.h"
#include "center/rewrap/center_rewrap_rows.h"
#include "center/send/center_follow.h"
#include "center/send/center_peers.h"
#include "role/bulletins/bulletins.h"
#include "role/log/cosign.h"
#include "role/log/witness.h"
#include "role/log/witness_stated.h"
#include "role/requests/requests_rows.h"
#include "role/status/card_registry.h"
#include "role/status/card_reports.h"
#include "role/status/review.h"
#include "role/status/revoked.h"
#include "role/status/status_rows.h"
#include "store/query.h"
#include "store/rows.h"

static const char schema_1[] =
    "CREATE TABLE waybill ("
    " id INTEGER PRIMARY KEY, sender TEXT NOT NULL, waybill_id BLOB NOT NULL,"
    " digest BLOB NOT NULL, host TEXT NOT NULL, origin TEXT NOT NULL,"
    " content BLOB NOT NULL, content_len INTEGER NOT NULL,"
    " not_after INTEGER NOT NULL, payload INTEGER NOT NULL,"
    " entry INTEGER NOT NULL, cms BLOB NOT NULL, receipt BLOB NOT NULL,"
    " speed INTEGER NOT NULL, accepted_at INTEGER NOT NULL,"
    /* Whose module signed it, and when its origin accepted it. */
    " module BLOB NOT NULL, origin_at INTEGER NOT NULL,"
    /* In this order, since some know the id alone. */
    " UNIQUE (waybill_id, sender)) STRICT;"
    "CREATE INDEX waybill_digest ON waybill (digest);"
    "CREATE TABLE delivery ("
    " id INTEGER PRIMARY KEY, waybill INTEGER NOT NULL REFERENCES waybill,"
    " recipient TEXT NOT NULL, center TEXT NOT NULL, leaf BLOB NOT NULL,"
    " seal BLOB NOT NULL, leaf_json BLOB NOT NULL, path BLOB NOT NULL,"
    " key_part BLOB NOT NULL, host TEXT NOT NULL DEFAULT '',"
    " state INTEGER NOT NULL, reached INTEGER NOT NULL,"
    " flags INTEGER NOT NULL,"
    /* When it was held, 0 if it is not; and for how long before. */
    " held_at INTEGER NOT NULL DEFAULT 0,"
    " held_ms INTEGER NOT NULL DEFAULT 0,"
    /* How often it was handed over: center_move_rows.h. */
    " hops INTEGER NOT NULL DEFAULT 0,"
    " UNIQUE (waybill, recipient)) STRICT;"
    /* One of thousands after the other, by their rows. */
    "CREATE INDEX delivery_waybill ON delivery (waybill);"
    /* 5 is confirmed: what is open. */
    "CREATE INDEX delivery_open ON delivery (waybill) WHERE state < 5;"
    "CREATE INDEX delivery_held ON delivery (id) WHERE held_at > 0;"
    "CREATE TABLE act ("
    " delivery INTEGER NOT NULL REFERENCES delivery, event INTEGER NOT NULL,"
    " entry INTEGER NOT NULL, PRIMARY KEY (delivery, event))"
    " STRICT, WITHOUT ROWID;"
    /* By the entry that repeats it: each is written behind the last one. */
    "CREATE TABLE remote ("
    " entry INTEGER PRIMARY KEY, leaf BLOB NOT NULL UNIQUE,"
    " json BLOB NOT NULL) STRICT;"
    "CREATE TABLE feed_host ("
    " host TEXT PRIMARY KEY, newest INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE feed ("
    " host TEXT NOT NULL, sequence INTEGER NOT NULL,"
    " delivery INTEGER NOT NULL, entry INTEGER NOT NULL,"
    " PRIMARY KEY (host, sequence)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX feed_delivery ON feed (delivery) WHERE delivery > 0;"
    "CREATE TABLE send ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, center TEXT NOT NULL,"
    " kind INTEGER NOT NULL, waybill INTEGER NOT NULL,"
    " entry INTEGER NOT NULL, is_held INTEGER NOT NULL DEFAULT 0,"
    " rank INTEGER NOT NULL, bytes INTEGER NOT NULL,"
    /* Once it was refused for its own sake: until retry_at, for a reason. */
    " is_aside INTEGER NOT NULL DEFAULT 0,"
    " failures INTEGER NOT NULL DEFAULT 0,"
    " retry_at INTEGER NOT NULL DEFAULT 0,"
    " reason TEXT NOT NULL DEFAULT '') STRICT;"
    "CREATE INDEX send_waybill ON send (waybill) WHERE kind = 1;"
    /* Relays and moves have ranks, all else goes in its order. */
    "CREATE INDEX send_relay ON send (center, rank, id, retry_at)"
    " WHERE kind IN (1, 5);"
    "CREATE INDEX send_told ON send (center, kind, is_aside, id)"
    " WHERE kind IN (2, 3, 4);"
    "CREATE INDEX send_aside ON send (center, retry_at)"
    " WHERE retry_at > 0;";

/* Withdrawals that were passed on, and up to where deliveries have expired. */
static const char schema_2[] =
    "CREATE TABLE withdrawal ("
    " delivery INTEGER PRIMARY KEY REFERENCES delivery, cms BLOB NOT NULL)"
    " STRICT;"
    "CREATE INDEX waybill_not_after ON waybill (not_after, id);"
    "CREATE TABLE expiry ("
    " one INTEGER PRIMARY KEY CHECK (one = 1), not_after INTEGER NOT NULL,"
    " waybill INTEGER NOT NULL) STRICT;"
    "INSERT INTO expiry (one, not_after, waybill) VALUES (1, 0, 0);"
    /* Deliveries whose clock stood for a time: they expire later. */
    "CREATE TABLE extended ("
    " delivery INTEGER PRIMARY KEY REFERENCES delivery,"
    " not_after INTEGER NOT NULL) STRICT;"
    "CREATE INDEX extended_not_after ON extended (not_after);";

/* Waybills whose deliveries have all ended, until their content is removed. */
static const char schema_3[] =
    "CREATE TABLE ended ("
    " waybill INTEGER PRIMARY KEY REFERENCES waybill, at INTEGER NOT NULL)"
    " STRICT;"
    "CREATE INDEX ended_at ON ended (at);";

/*
 * Ids follow the time, digests do not: an index of these writes a page of its
 * own for each waybill.  It has those that are asked for by digest alone.
 */
static const char schema_4[] = "DROP INDEX waybill_digest;"
			       "CREATE INDEX waybill_large ON waybill (digest)"
			       " WHERE content_len > 262144;";

const char *const center_migrations[] = { bulletins_schema, schema_1, schema_2,
	schema_3, witness_schema, witness_stated_schema, cosign_schema,
	center_hold_schema, center_quota_schema, center_epoch_schema,
	center_peers_schema, center_rewrap_schema, center_stamp_schema,
	status_schema, center_move_schema, center_follow_schema,
	card_reports_schema, card_registry_schema, review_schema,
	requests_schema, requests_again_schema, schema_4, center_queued_schema,
	revoked_schema };
const size_t center_migration_count = ARRAY_LEN(center_migrations);

/* ---- waybills -------------------------------------------------------- */

static int
read_waybill(struct query *query, struct center_waybill *ret_waybill,
    struct error *err)
{
	struct center_waybill waybill = { 0 };
	int more = query_next(query, err);

	if (more <= 0)
		return more;
	waybill.row = query_int(query, 0);
	query_id(query, 2, &waybill.waybill_id);
	query_digest(query, 3, &waybill.digest);
	query_digest(query, 6, &waybill.content);
	waybill.content_len = (uint64_t)query_int(query, 7);
	waybill.not_after = query_int(query, 8);
	waybill.payload = (uint64_t)query_int(query, 9);
	waybill.accepted_at = query_int(query, 11);
	query_digest(query, 12, &waybill.module);
	waybill.origin_at = query_int(query, 13);
	waybill.entry = (uint64_t)query_int(query, 10);
	if (!org_code_parse(query_text(query, 1), &waybill.sender) ||
	    !text_copy(waybill.host, sizeof(waybill.host),
		query_text(query, 4)) ||
	    !text_copy(waybill.origin, sizeof(waybill.origin),
		query_text(query, 5)))
		return error_set(err, ERROR_SYSTEM,
		    "row %lld of the waybills is damaged",
		    (long long)waybill.row);
	*ret_waybill = waybill;
	return 1;
}

int
center_waybill_find(struct rows *rows, const struct org_code *sender,
    const struct id *waybill_id, struct center_waybill *ret_waybill,
    struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows,
		"SELECT id, sender, waybill_id, digest, host, origin, content,"
		" content_len, not_after, payload, entry,"
		" accepted_at, module, origin_at FROM waybill"
		" WHERE sender = ?1 AND waybill_id = ?2",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, sender->text);
	query_bind_id(query, 2, waybill_id);
	found = read_waybill(query, ret_waybill, err);
	query_end(query);
	return found;
}

int
center_waybill_find_named(struct rows *rows, const struct id *waybill_id,
    const struct digest *digest, struct center_waybill *ret_waybill,
    struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows,
		"SELECT id, sender, waybill_id, digest, host, origin, content,"
		" content_len, not_after, payload, entry,"
		" accepted_at, module, origin_at FROM waybill"
		" WHERE waybill_id = ?1 AND digest = ?2",
		&query, err) < 0)
		return -1;
	query_bind_id(query, 1, waybill_id);
	query_bind_digest(query, 2, digest);
	found = read_waybill(query, ret_waybill, err);
	query_end(query);
	return found;
}

int
center_waybill_find_large(struct rows *rows, const struct digest *digest,
    struct center_waybill *ret_waybill, struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows,
		"SELECT id, sender, waybill_id, digest, host, origin, content,"
		" content_len, not_after, payload, entry,"
		" accepted_at, module, origin_at FROM waybill"
		" WHERE digest = ?1 AND content_len > 262144",
		&query, err) < 0)
		return -1;
	query_bind_digest(query, 1, digest);
	found = read_waybill(query, ret_waybill, err);
	query_end(query);
	return found;
}

int
center_waybill_find_row(struct rows *rows, int64_t row,
    struct center_waybill *ret_waybill, struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows,
		"SELECT id, sender, waybill_id, digest, host, origin, content,"
		" content_len, not_after, payload, entry,"
		" accepted_at, module, origin_at FROM waybill"
		" WHERE id = ?1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, row);
	found = read_waybill(query, ret_waybill, err);
	query_end(query);
	return found;
}

int
center_waybill_next(struct rows *rows, const struct center_waybill *after,
    struct center_waybill *ret_waybill, struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows,
		"SELECT id, sender, waybill_id, digest, host, origin, content,"
		" content_len, not_after, payload, entry,"
		" accepted_at, module, origin_at FROM waybill"
		" WHERE (accepted_at, id) > (?1, ?2)"
		" ORDER BY accepted_at, id LIMIT 1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, after->accepted_at);
	query_bind_int(query, 2, after->row);
	found = read_waybill(query, ret_waybill, err);
	query_end(query);
	return found;
}

int
center_waybill_is_known(struct rows *rows, const struct id *waybill_id,
    struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows,
		"SELECT 1 FROM waybill WHERE waybill_id = ?1 LIMIT 1", &query,
		err) < 0)
		return -1;
	query_bind_id(query, 1, waybill_id);
	found = query_next(query, err);
	query_end(query);
	return found;
}

int
center_waybill_add(struct rows *rows, struct center_waybill *waybill,
    struct blob cms, struct blob receipt, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"INSERT INTO waybill (sender, waybill_id, digest, host, origin,"
		" content, content_len, not_after, payload, entry, cms,"
		" receipt, speed, accepted_at, module, origin_at)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6,"
		" ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, waybill->sender.text);
	query_bind_id(query, 2, &waybill->waybill_id);
	query_bind_digest(query, 3, &waybill->digest);
	query_bind_text(query, 4, waybill->host);
	query_bind_text(query, 5, waybill->origin);
	query_bind_digest(query, 6, &waybill->content);
	query_bind_int(query, 7, (int64_t)waybill->content_len);
	query_bind_int(query, 8, waybill->not_after);
	query_bind_int(query, 9, (int64_t)waybill->payload);
	query_bind_int(query, 10, (int64_t)waybill->entry);
	query_bind_data(query, 11, cms.data, cms.len);
	query_bind_data(query, 12, receipt.data, receipt.len);
	query_bind_int(query, 13, waybill->speed);
	query_bind_int(query, 14, waybill->accepted_at);
	query_bind_digest(query, 15, &waybill->module);
	query_bind_int(query, 16, waybill->origin_at);
	if (query_finish(query, err) < 0)
		return -1;
	waybill->row = rows_last_id(rows);
	return 0;
}

int
center_waybill_receipt(struct rows *rows, int64_t waybill, struct bytes *to,
    struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows, "SELECT receipt FROM waybill WHERE id = ?1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, waybill);
	found = query_take(query, to, err);
	if (found == 0)
		return error_set(err, ERROR_NOT_FOUND, "no waybill %lld",
		    (long long)waybill);
	return found < 0 ? -1 : 0;
}

int
center_waybill_set_entry(struct rows *rows,
    const struct center_waybill *waybill, struct error *err)
{
	struct query *query;

	if (query_begin(rows, "UPDATE waybill SET entry = ?2 WHERE id = ?1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, waybill->row);
	query_bind_int(query, 2, (int64_t)waybill->entry);
	return query_finish(query, err);
}

int
center_waybill_set_payload(struct rows *rows,
    const struct center_waybill *waybill, struct error *err)
{
	struct query *query;

	if (query_begin(rows, "UPDATE waybill SET payload = ?2 WHERE id = ?1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, waybill->row);
	query_bind_int(query, 2, (int64_t)waybill->payload);
	return query_finish(query, err);
}
