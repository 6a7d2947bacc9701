#include "store/store_partial.h"

#include <assert.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "store/query.h"
#include "store/rows.h"
#include "store/store_internal.h"

void
store_partial_free(struct store_partial *partial)
{
	payload_free(&partial->payload);
	*partial = (struct store_partial){ 0 };
}

static int
insert(struct store *store, const struct store_partial *partial,
    const struct payload *frames, const struct bytes *extents,
    struct error *err)
{
	struct query *query = NULL;

	if (query_begin(store->rows,
		"INSERT OR REPLACE INTO partial (number, label, length,"
		" extents, host, name, total, moved_at, ends_at)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, (int64_t)frames->number);
	query_bind_id(query, 2, &frames->label);
	query_bind_int(query, 3, (int64_t)frames->length);
	query_bind_data(query, 4, extents->data, extents->len);
	query_bind_text(query, 5, partial->host);
	query_bind_digest(query, 6, &partial->name);
	query_bind_int(query, 7, (int64_t)partial->total);
	query_bind_int(query, 8, partial->moved_at);
	query_bind_int(query, 9, partial->ends_at);
	return query_finish(query, err);
}

int
store_partial_save(struct store *store, const struct store_partial *partial,
    const struct segment_writer *writer, struct error *err)
{
	const struct payload *frames = segment_writer_frames(writer);
	struct bytes extents = { 0 };
	int rc = -1;

	assert(store->is_open_group && frames->length > 0);
	payload_put_extents(frames, &extents);
	if (bytes_failed(&extents, err) == 0)
		rc = insert(store, partial, frames, &extents, err);
	bytes_free(&extents);
	return rc;
}

static int
read_partial(struct query *query, struct store_partial *ret_partial,
    struct error *err)
{
	struct store_partial partial = { 0 };
	const void *extents;
	size_t len = 0;
	int more = query_next(query, err);

	if (more <= 0)
		return more;
	partial.payload.number = (uint64_t)query_int(query, 0);
	query_id(query, 1, &partial.payload.label);
	partial.payload.length = (uint64_t)query_int(query, 2);
	extents = query_data(query, 3, &len);
	query_digest(query, 5, &partial.name);
	partial.total = (uint64_t)query_int(query, 6);
	partial.moved_at = query_int(query, 7);
	partial.ends_at = query_int(query, 8);
	if (query_failed(query, err) < 0)
		return -1;
	if (!text_copy(partial.host, sizeof(partial.host),
		query_text(query, 4)) ||
	    partial.payload.length == 0 ||
	    partial.payload.length % PAYLOAD_FRAME_DATA != 0 ||
	    partial.payload.length > partial.total)
		return error_set_id(err, "E5006", ERROR_MALFORMED,
		    "the row of partial %llu is damaged",
		    (unsigned long long)partial.payload.number);
	if (payload_parse_extents(&partial.payload, extents, len, err) < 0) {
		store_partial_free(&partial);
		return -1;
	}
	*ret_partial = partial;
	return 1;
}

int
store_partial_find(struct store *store, uint64_t number,
    struct store_partial *ret_partial, struct error *err)
{
	struct query *query = NULL;
	int found;

	if (query_begin(store->rows,
		"SELECT number, label, length, extents, host, name, total,"
		" moved_at, ends_at FROM partial WHERE number = ?1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, (int64_t)number);
	found = read_partial(query, ret_partial, err);
	query_end(query);
	return found;
}

int
store_partial_next(struct store *store, uint64_t number,
    struct store_partial *ret_partial, struct error *err)
{
	struct query *query = NULL;
	int found;

	if (query_begin(store->rows,
		"SELECT number, label, length, extents, host, name, total,"
		" moved_at, ends_at FROM partial WHERE number > ?1"
		" ORDER BY number LIMIT 1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, (int64_t)number);
	found = read_partial(query, ret_partial, err);
	query_end(query);
	return found;
}

int
store_partial_forget(struct store *store, uint64_t number, struct error *err)
{
	struct query *query = NULL;

	if (query_begin(store->rows, "DELETE FROM partial WHERE number = ?1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, (int64_t)number);
	return query_finish(query, err);
}

int
store_partial_remove(struct store *store, uint64_t number, struct error *err)
{
	struct store_partial partial = { 0 };
	int found = store_partial_find(store, number, &partial, err);

	assert(store->is_open_group);
	/* A damaged row goes as well; its blocks come back at the next start. */
	if (found <= 0 && (found == 0 || err->code != ERROR_MALFORMED))
		return found;
	if (store_partial_forget(store, number, err) < 0 ||
	    store_list_add(&store->removed, &partial.payload, 0, err) < 0) {
		store_partial_free(&partial);
		return -1;
	}
	return 0;
}

int
store_partial_resume(struct store *store, const struct store_partial *partial,
    struct sha256 *sha, struct segment_writer **ret_writer, struct error *err)
{
	return segment_writer_resume(store->segments, &partial->payload, sha,
	    ret_writer, err);
}

int
store_partial_finish(struct store *store, struct segment_writer *writer,
    const struct digest *wanted, struct payload *ret_payload, struct error *err)
{
	return store_add(store, writer, wanted, true, ret_payload, err);
}
