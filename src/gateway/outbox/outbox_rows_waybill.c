/*
 * Waybills of the outbox; their deliveries are in outbox_rows_delivery.c.
 */
#include "gateway/outbox/outbox_rows.h"

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "envelope/bundle.h"
#include "store/query.h"
#include "store/rows.h"

int
outbox_waybill_add(struct rows *rows, struct outbox_waybill *waybill,
    struct blob cms, struct blob secret, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"INSERT INTO outbox_waybill (document, step, waybill_id,"
		" with_attachments, created_at, not_after, digest, package,"
		" payload, content_len, cms, secret, rank, head, speed) VALUES"
		" (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14,"
		" ?15)",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, waybill->document);
	query_bind_int(query, 2, waybill->step);
	query_bind_id(query, 3, &waybill->waybill_id);
	query_bind_int(query, 4, waybill->with_attachments);
	query_bind_int(query, 5, waybill->created_at);
	query_bind_int(query, 6, waybill->not_after);
	query_bind_digest(query, 7, &waybill->digest);
	query_bind_digest(query, 8, &waybill->package);
	query_bind_int(query, 9, (int64_t)waybill->payload);
	query_bind_int(query, 10, (int64_t)waybill->content_len);
	query_bind_data(query, 11, cms.data, cms.len);
	query_bind_data(query, 12, secret.data, secret.len);
	query_bind_int(query, 13, waybill->rank);
	query_bind_digest(query, 14, &waybill->head);
	query_bind_int(query, 15, waybill->speed);
	if (query_finish(query, err) < 0)
		return -1;
	waybill->row = rows_last_id(rows);
	return 0;
}

int
outbox_waybill_set_payload(struct rows *rows,
    const struct outbox_waybill *waybill, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"UPDATE outbox_waybill SET payload = ?2 WHERE id = ?1", &query,
		err) < 0)
		return -1;
	query_bind_int(query, 1, waybill->row);
	query_bind_int(query, 2, (int64_t)waybill->payload);
	return query_finish(query, err);
}

int
outbox_waybill_step_all(struct rows *rows, int64_t document, enum job_send step,
    struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"UPDATE outbox_waybill SET step = ?2 WHERE document = ?1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, document);
	query_bind_int(query, 2, step);
	return query_finish(query, err);
}

int
outbox_waybill_step(struct rows *rows, int64_t row, enum job_send step,
    int64_t at, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"UPDATE outbox_waybill SET step = ?2 WHERE id = ?1", &query,
		err) < 0)
		return -1;
	query_bind_int(query, 1, row);
	query_bind_int(query, 2, step);
	if (query_finish(query, err) < 0)
		return -1;
	return job_send_has_ended(step) ? outbox_ended_add(rows, row, at, err)
					: 0;
}

/* Steps the query to its row, reads it, and ends the query. */
static int
read_waybill(struct query *query, struct outbox_waybill *ret_waybill,
    struct error *err)
{
	struct outbox_waybill waybill = { 0 };
	int found = query_next(query, err);
	int64_t step;

	if (found <= 0)
		goto done;
	waybill.row = query_int(query, 0);
	waybill.document = query_int(query, 1);
	step = query_int(query, 2);
	query_id(query, 3, &waybill.waybill_id);
	waybill.with_attachments = query_int(query, 4) != 0;
	waybill.created_at = query_int(query, 5);
	waybill.not_after = query_int(query, 6);
	query_digest(query, 7, &waybill.digest);
	query_digest(query, 8, &waybill.package);
	waybill.payload = (uint64_t)query_int(query, 9);
	waybill.content_len = (uint64_t)query_int(query, 10);
	waybill.rank = query_int(query, 11);
	waybill.failures = (uint32_t)query_int(query, 12);
	waybill.retry_at = query_int(query, 13);
	text_copy(waybill.waits, sizeof(waybill.waits), query_text(query, 14));
	query_digest(query, 15, &waybill.head);
	if (query_failed(query, err) < 0) {
		found = -1;
	} else if (step < 0 || step > JOB_SEND_HELD) {
		found = error_set(err, ERROR_SYSTEM,
		    "row %lld of the outbox's waybills is damaged",
		    (long long)waybill.row);
	} else {
		waybill.step = (enum job_send)step;
		*ret_waybill = waybill;
	}
done:
	query_end(query);
	return found;
}

int
outbox_waybill_find(struct rows *rows, int64_t row,
    struct outbox_waybill *ret_waybill, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"SELECT id, document, step, waybill_id, with_attachments,"
		" created_at, not_after, digest, package, payload, content_len,"
		" rank, failures, retry_at, waits, head FROM outbox_waybill WHERE id = ?1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, row);
	return read_waybill(query, ret_waybill, err);
}

int
outbox_waybill_find_digest(struct rows *rows, const struct digest *digest,
    struct outbox_waybill *ret_waybill, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"SELECT id, document, step, waybill_id, with_attachments,"
		" created_at, not_after, digest, package, payload, content_len,"
		" rank, failures, retry_at, waits, head FROM outbox_waybill WHERE digest = ?1",
		&query, err) < 0)
		return -1;
	query_bind_digest(query, 1, digest);
	return read_waybill(query, ret_waybill, err);
}

int
outbox_waybill_due(struct rows *rows, int64_t now_ms, int64_t latest_ms,
    uint64_t large_len, bool only_small, int64_t *list, size_t max,
    size_t *ret_count, struct error *err)
{
	struct query *query;
	int more;

	*ret_count = 0;
	if (query_begin(rows,
		"SELECT id FROM outbox_waybill WHERE step = ?1"
		" AND (retry_at <= ?2 OR retry_at > ?3)"
		" AND (?4 = 0 OR content_len < ?5) ORDER BY rank, id LIMIT ?6",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, JOB_SEND_SUBMIT);
	query_bind_int(query, 2, now_ms);
	query_bind_int(query, 3, latest_ms);
	query_bind_int(query, 4, only_small);
	query_bind_int(query, 5, (int64_t)large_len);
	query_bind_int(query, 6, (int64_t)max);
	while (*ret_count < max && (more = query_next(query, err)) > 0)
		list[(*ret_count)++] = query_int(query, 0);
	query_end(query);
	return err->code != ERROR_NONE ? -1 : 0;
}

int
outbox_waybill_next_due(struct rows *rows, int64_t now_ms, int64_t latest_ms,
    int64_t *ret_at, struct error *err)
{
	struct query *query;
	int found;

	*ret_at = INT64_MAX;
	if (query_begin(rows,
		"SELECT min(retry_at) FROM outbox_waybill WHERE step = ?1"
		" AND retry_at > ?2 AND retry_at <= ?3",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, JOB_SEND_SUBMIT);
	query_bind_int(query, 2, now_ms);
	query_bind_int(query, 3, latest_ms);
	found = query_next(query, err);
	if (found > 0 && !query_is_null(query, 0))
		*ret_at = query_int(query, 0);
	query_end(query);
	return found < 0 ? -1 : 0;
}

int
outbox_waybill_later(struct rows *rows, const struct outbox_waybill *waybill,
    struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"UPDATE outbox_waybill SET failures = ?2, retry_at = ?3,"
		" waits = ?4 WHERE id = ?1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, waybill->row);
	query_bind_int(query, 2, waybill->failures);
	query_bind_int(query, 3, waybill->retry_at);
	query_bind_text(query, 4, waybill->waits);
	return query_finish(query, err);
}

int
outbox_waybill_later_all(struct rows *rows,
    const struct outbox_waybill *waybill, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"UPDATE outbox_waybill SET failures = ?2, retry_at = ?3,"
		" waits = ?4 WHERE step = ?5 AND document IN"
		" (SELECT id FROM outbox_document WHERE sender ="
		" (SELECT sender FROM outbox_document WHERE id = ?1))",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, waybill->document);
	query_bind_int(query, 2, waybill->failures);
	query_bind_int(query, 3, waybill->retry_at);
	query_bind_text(query, 4, waybill->waits);
	query_bind_int(query, 5, JOB_SEND_SUBMIT);
	return query_finish(query, err);
}

int
outbox_waybill_is_open(struct rows *rows, int64_t waybill, struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows,
		"SELECT 1 FROM outbox_delivery WHERE waybill = ?1"
		" AND state < 5 LIMIT 1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, waybill);
	found = query_next(query, err);
	query_end(query);
	return found;
}

int
outbox_waybill_secret(struct rows *rows, int64_t row, struct bytes *to,
    struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows, "SELECT secret FROM outbox_waybill WHERE id = ?1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, row);
	found = query_take(query, to, err);
	if (found == 0)
		return error_set(err, ERROR_SYSTEM, "waybill %lld is missing",
		    (long long)row);
	return found < 0 ? -1 : 0;
}

static void
put_column(struct bytes *to, enum bundle_kind kind, struct query *query,
    int column)
{
	size_t len;
	const void *data = query_data(query, column, &len);

	bundle_put(to, kind, data, len);
}

static int
put_leaves(struct rows *rows, int64_t waybill, struct bytes *to,
    struct error *err)
{
	struct query *query;
	int more;

	if (query_begin(rows,
		"SELECT leaf_json, key_part FROM outbox_delivery"
		" WHERE waybill = ?1 ORDER BY id",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, waybill);
	while ((more = query_next(query, err)) > 0) {
		put_column(to, BUNDLE_LEAF, query, 0);
		put_column(to, BUNDLE_KEY_PART, query, 1);
	}
	query_end(query);
	return more;
}

static int
put_receipt(struct rows *rows, int64_t receipt, struct bytes *to,
    struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows, "SELECT json FROM outbox_receipt WHERE id = ?1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, receipt);
	found = query_next(query, err);
	if (found > 0)
		put_column(to, BUNDLE_RECEIPT, query, 0);
	query_end(query);
	return found < 0 ? -1 : 0;
}

int
outbox_waybill_put(struct rows *rows, const struct outbox_waybill *waybill,
    int64_t receipt, struct bytes *to, struct error *err)
{
	struct query *query;
	int found;

	bundle_put_magic(to);
	if (query_begin(rows, "SELECT cms FROM outbox_waybill WHERE id = ?1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, waybill->row);
	found = query_next(query, err);
	if (found > 0)
		put_column(to, BUNDLE_WAYBILL, query, 0);
	query_end(query);
	if (found == 0)
		return error_set(err, ERROR_SYSTEM, "waybill %lld is missing",
		    (long long)waybill->row);
	if (found < 0 ||
	    (receipt != 0 && put_receipt(rows, receipt, to, err) < 0) ||
	    put_leaves(rows, waybill->row, to, err) < 0)
		return -1;
	return bytes_failed(to, err);
}
