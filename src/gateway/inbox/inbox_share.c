#include "gateway/inbox/inbox_share.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "gateway/inbox/inbox_rows.h"
#include "store/query.h"
#include "store/rows.h"

const char inbox_share_schema[] =
    "CREATE TABLE inbox_offer ("
    " waybill_id BLOB NOT NULL, recipient TEXT NOT NULL,"
    " letter INTEGER NOT NULL,"
    " PRIMARY KEY (waybill_id, recipient)) STRICT, WITHOUT ROWID;";

static int
offer_one(struct rows *rows, const struct inbox_row *row, const char *recipient,
    struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"INSERT OR REPLACE INTO inbox_offer (waybill_id, recipient,"
		" letter) SELECT waybill_id, recipient, ?3 FROM inbox_letter"
		" WHERE waybill_id = ?1 AND recipient = ?2 AND id <> ?3",
		&query, err) < 0)
		return -1;
	query_bind_id(query, 1, &row->waybill_id);
	query_bind_text(query, 2, recipient);
	query_bind_int(query, 3, row->row);
	return query_finish(query, err);
}

int
inbox_share_offer(struct rows *rows, const struct inbox_row *row,
    struct blob recipients, struct error *err)
{
	const char *at = (const char *)recipients.data;
	size_t left = recipients.len;

	while (left > 0) {
		const char *end = memchr(at, '\n', left);
		size_t len = end != NULL ? (size_t)(end - at) : left;
		char code[ORG_TEXT_SIZE];

		if (text_copy_len(code, sizeof(code), at, len) &&
		    offer_one(rows, row, code, err) < 0)
			return -1;
		at += len + (end != NULL);
		left -= len + (end != NULL);
	}
	return 0;
}

int
inbox_share_find(struct rows *rows, const struct inbox_row *row,
    const struct digest *package, struct inbox_shared *ret_shared,
    struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows,
		"SELECT l.id, l.payload, l.package_len, l.signer, l.subject,"
		" l.reference FROM inbox_offer AS o"
		" JOIN inbox_letter AS l ON l.id = o.letter"
		" WHERE o.waybill_id = ?1 AND o.recipient = ?2"
		" AND l.waybill = ?3 AND l.package = ?4 AND l.payload > 0"
		" AND l.signer IS NOT NULL",
		&query, err) < 0)
		return -1;
	query_bind_id(query, 1, &row->waybill_id);
	query_bind_text(query, 2, row->recipient.text);
	query_bind_digest(query, 3, &row->waybill);
	query_bind_digest(query, 4, package);
	found = query_next(query, err);
	if (found > 0) {
		*ret_shared = (struct inbox_shared){ query_int(query, 0),
			(uint64_t)query_int(query, 1),
			(uint64_t)query_int(query, 2), { { 0 } }, "", "" };
		query_digest(query, 3, &ret_shared->signer);
		text_copy(ret_shared->subject, sizeof(ret_shared->subject),
		    query_text(query, 4));
		text_copy(ret_shared->reference, sizeof(ret_shared->reference),
		    query_text(query, 5));
		if (query_failed(query, err) < 0)
			found = -1;
	}
	query_end(query);
	return found;
}

int
inbox_share_files(struct rows *rows, const struct inbox_row *row,
    const struct inbox_shared *shared, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"INSERT INTO inbox_file (letter, position, name, offset, len,"
		" digest) SELECT ?1, position, name, offset, len, digest"
		" FROM inbox_file WHERE letter = ?2",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, row->row);
	query_bind_int(query, 2, shared->letter);
	return query_finish(query, err);
}

int
inbox_share_forget(struct rows *rows, const struct id *waybill_id,
    struct error *err)
{
	struct query *query;

	if (query_begin(rows, "DELETE FROM inbox_offer WHERE waybill_id = ?1",
		&query, err) < 0)
		return -1;
	query_bind_id(query, 1, waybill_id);
	return query_finish(query, err);
}
