#include <assert.h>
#include <stdlib.h>

#include "base/bytes.h"
#include "base/error.h"
#include "store/query.h"
#include "store/rows.h"
#include "store/store_internal.h"

int
store_list_add(struct payload_list *list, const struct payload *payload,
    uint64_t kept, struct error *err)
{
	if (list->count == list->size) {
		size_t size = list->size == 0 ? 64 : 2 * list->size;
		struct store_change *items =
		    realloc(list->items, size * sizeof(*items));

		if (items == NULL)
			return error_set_memory(err);
		list->items = items;
		list->size = size;
	}
	list->items[list->count++] =
	    (struct store_change){ .payload = *payload, .kept = kept };
	return 0;
}

void
store_list_clear(struct payload_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		payload_free(&list->items[i].payload);
	list->count = 0;
}

int
store_payload_read(struct query *query, struct payload *payload,
    struct error *err)
{
	const void *extents;
	size_t len = 0;

	payload->number = (uint64_t)query_int(query, 0);
	query_id(query, 1, &payload->label);
	payload->length = (uint64_t)query_int(query, 2);
	query_digest(query, 3, &payload->digest);
	extents = query_data(query, 4, &len);
	if (query_failed(query, err) < 0)
		return -1;
	return payload_parse_extents(payload, extents, len, err);
}

int
store_payload_new(struct store *store, const struct id *label,
    struct segment_writer **ret_writer, struct error *err)
{
	if (store_usable(store, err) < 0)
		return -1;
	if (segment_writer_new(store->segments, store->next_number, label,
		ret_writer, err) < 0)
		return -1;
	store->next_number++;
	return 0;
}

static int
insert_payload(struct store *store, const struct payload *payload,
    struct error *err)
{
	struct bytes extents = { 0 };
	struct query *query = NULL;
	int rc = -1;

	payload_put_extents(payload, &extents);
	if (bytes_failed(&extents, err) < 0)
		goto done;
	if (query_begin(store->rows,
		"INSERT INTO payload (number, label, length, digest, extents) "
		"VALUES (?1, ?2, ?3, ?4, ?5)",
		&query, err) < 0)
		goto done;
	query_bind_int(query, 1, (int64_t)payload->number);
	query_bind_id(query, 2, &payload->label);
	query_bind_int(query, 3, (int64_t)payload->length);
	query_bind_digest(query, 4, &payload->digest);
	query_bind_data(query, 5, extents.data, extents.len);
	rc = query_finish(query, err);
done:
	bytes_free(&extents);
	return rc;
}

/* A copy for the caller; the group's own one frees the blocks if it fails. */
static int
copy_payload(const struct payload *payload, struct payload *ret_copy,
    struct error *err)
{
	struct payload copy = *payload;

	copy.extents = NULL;
	copy.extent_count = 0;
	for (size_t i = 0; i < payload->extent_count; i++)
		if (payload_add(&copy, &payload->extents[i], err) < 0) {
			payload_free(&copy);
			return -1;
		}
	*ret_copy = copy;
	return 0;
}

int
store_add(struct store *store, struct segment_writer *writer,
    const struct digest *wanted, bool is_partial, struct payload *ret_payload,
    struct error *err)
{
	struct payload payload = { 0 }, copy = { 0 };
	uint64_t kept = segment_writer_kept(writer);

	assert(store->is_open_group);
	if (segment_writer_finish(writer, &payload, err) < 0)
		return -1;
	if (wanted != NULL && !digest_equal(&payload.digest, wanted)) {
		error_set(err, ERROR_UNTRUSTED,
		    "payload %llu has another digest than it should",
		    (unsigned long long)payload.number);
		goto failed;
	}
	if (copy_payload(&payload, &copy, err) < 0)
		goto failed;
	if (store_list_add(&store->added, &payload, kept, err) < 0)
		goto failed;
	if (insert_payload(store, &payload, err) < 0 ||
	    (is_partial &&
		store_partial_forget(store, payload.number, err) < 0)) {
		store->added.count--;
		goto failed;
	}
	*ret_payload = copy;
	return 0;
failed:
	segments_free_behind(store->segments, &payload, kept);
	payload_free(&payload);
	payload_free(&copy);
	return -1;
}

int
store_payload_add(struct store *store, struct segment_writer *writer,
    struct payload *ret_payload, struct error *err)
{
	return store_add(store, writer, NULL, false, ret_payload, err);
}

int
store_payload_add_known(struct store *store, struct segment_writer *writer,
    const struct digest *wanted, struct payload *ret_payload, struct error *err)
{
	return store_add(store, writer, wanted, false, ret_payload, err);
}

void
store_payload_undo(struct store *store, uint64_t number)
{
	for (size_t i = store->added.count; i > 0; i--)
		if (store->added.items[i - 1].payload.number == number) {
			store->added.items[i - 1].is_undone = true;
			return;
		}
}

int
store_payload_find(struct store *store, uint64_t number,
    struct payload *ret_payload, struct error *err)
{
	struct payload payload = { 0 };
	struct query *query = NULL;
	int more;

	if (query_begin(store->rows,
		"SELECT number, label, length, digest, extents FROM payload "
		"WHERE number = ?1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, (int64_t)number);
	more = query_next(query, err);
	if (more == 0)
		more = error_set(err, ERROR_NOT_FOUND, "no payload %llu",
		    (unsigned long long)number);
	else if (more > 0)
		more = store_payload_read(query, &payload, err);
	query_end(query);
	if (more < 0) {
		payload_free(&payload);
		return -1;
	}
	*ret_payload = payload;
	return 0;
}

int
store_payload_remove(struct store *store, uint64_t number, struct error *err)
{
	struct payload payload = { 0 };
	struct query *query = NULL;

	assert(store->is_open_group);
	/* A damaged row goes as well; its blocks come back at the next start. */
	if (store_payload_find(store, number, &payload, err) < 0 &&
	    err->code != ERROR_MALFORMED)
		return -1;
	if (query_begin(store->rows, "DELETE FROM payload WHERE number = ?1",
		&query, err) < 0)
		goto failed;
	query_bind_int(query, 1, (int64_t)number);
	if (query_finish(query, err) < 0)
		goto failed;
	if (store_list_add(&store->removed, &payload, 0, err) < 0)
		goto failed;
	return 0;
failed:
	payload_free(&payload);
	return -1;
}
