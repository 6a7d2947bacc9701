#include "store/store.h"

#include <assert.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "store/leaves.h"
#include "store/query.h"
#include "store/rows.h"
#include "store/store_schema.h"
#include "sys/file.h"

enum {
	RUN_SHIFT = 32, /* generations of one run */
	/* Copy the log back even when no moment is idle. */
	LOG_PAGES_MAX = 16384,
	IDLE_SHARE = 4, /* have this part of a segment free */
	DEFAULT_MIB = 64,
	MIB_BLOCKS = 1024 * 1024 / PAYLOAD_BLOCK,
};

/* A growing list; the element size is its user's. */
struct payload_list {
	struct payload *items;
	size_t count, size;
};

struct after {
	store_done_fn done;
	void *context;
};

struct after_list {
	struct after *items;
	size_t count, size;
};

struct store {
	struct store_options options; /* its pointers are not ours */
	int dir, segments_dir, lock_fd;
	struct rows *rows;
	struct segments *segments;
	struct leaves *leaves;
	uint64_t next_number;
	bool is_open_group;
	bool is_broken; /* what is durable is unknown: no more commits */

	/* Of the open group. */
	struct payload_list added, removed;
	struct after_list after;
};

/* Room for one more item; `list` points at { items, count, size }. */
static int
payload_list_add(struct payload_list *list, const struct payload *payload,
    struct error *err)
{
	if (list->count == list->size) {
		size_t size = list->size == 0 ? 64 : 2 * list->size;
		struct payload *items =
		    realloc(list->items, size * sizeof(*items));

		if (items == NULL)
			return error_set_memory(err);
		list->items = items;
		list->size = size;
	}
	list->items[list->count++] = *payload;
	return 0;
}

static void
payload_list_clear(struct payload_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		payload_free(&list->items[i]);
	list->count = 0;
}

static int
open_rows(const struct store_options *options, bool read_only,
    struct rows **ret_rows, struct error *err)
{
	struct rows_options rows = { .application_id = options->application_id,
		.read_only = read_only,
		.cache_kib = options->cache_kib,
		.allow_volatile = options->allow_volatile };
	char path[PATH_MAX];
	int rc;

	if (snprintf(path, sizeof(path), "%s/rows.db", options->dir) >=
	    (int)sizeof(path))
		return error_set(err, ERROR_MALFORMED, "path too long");
	if (store_schema_join(options->migrations, options->migration_count,
		&rows.migrations, &rows.migration_count, err) < 0)
		return -1;
	rows.path = path;
	rc = rows_open(&rows, ret_rows, err);
	free((void *)(uintptr_t)rows.migrations);
	return rc;
}

int
store_open_reader(const struct store_options *options, struct rows **ret_rows,
    struct error *err)
{
	return open_rows(options, true, ret_rows, err);
}

static int
lock(struct store *store, struct error *err)
{
	struct error first = { 0 };

	if (file_open(store->dir, "lock", FILE_CREATE, &store->lock_fd,
		&first) < 0 &&
	    file_open(store->dir, "lock", FILE_WRITE, &store->lock_fd, err) < 0)
		return -1;
	if (file_lock(store->lock_fd, err) < 0)
		return error_set_id(err, "E5004", ERROR_BUSY,
		    "another process owns the store");
	return 0;
}

static int
read_int(struct rows *rows, const char *sql, int64_t *ret_value,
    struct error *err)
{
	struct query *query = NULL;
	int more;

	if (query_begin(rows, sql, &query, err) < 0)
		return -1;
	more = query_next(query, err);
	if (more > 0)
		*ret_value = query_int(query, 0);
	query_end(query);
	return more < 0 ? -1 : 0;
}

/* A number for this run of the process that no earlier run had. */
static int
begin_run(struct store *store, uint64_t *ret_run, struct error *err)
{
	int64_t run = 0;

	if (rows_begin(store->rows, err) < 0)
		return -1;
	if (rows_run(store->rows, "UPDATE store_run SET run = run + 1", err) <
		0 ||
	    read_int(store->rows, "SELECT run FROM store_run", &run, err) < 0) {
		rows_rollback(store->rows);
		return -1;
	}
	if (rows_commit(store->rows, err) < 0)
		return -1;
	*ret_run = (uint64_t)run;
	return 0;
}

static int
open_segments(struct store *store, uint64_t run, struct error *err)
{
	if (file_make_dir(store->dir, "segments", err) < 0)
		return -1;
	if (file_open_dir_at(store->dir, "segments", &store->segments_dir,
		err) < 0)
		return -1;
	return segments_open(store->segments_dir, &store->options.segments,
	    run << RUN_SHIFT, &store->segments, err);
}

/* Columns number, label, length, digest, extents. */
static int
read_payload(struct query *query, struct payload *payload, struct error *err)
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

/* A payload that cannot be claimed is lost, which must not stop the others. */
static int
claim_all(struct store *store, store_lost_fn lost, void *context,
    struct error *err)
{
	struct query *query = NULL;
	int more;

	if (query_begin(store->rows,
		"SELECT number, label, length, digest, extents FROM payload",
		&query, err) < 0)
		return -1;
	while ((more = query_next(query, err)) > 0) {
		struct payload payload = { 0 };
		struct error why = { 0 };

		if ((read_payload(query, &payload, &why) < 0 ||
			segments_claim(store->segments, &payload, &why) < 0) &&
		    lost != NULL)
			lost(context, &payload, &why);
		payload_free(&payload);
	}
	query_end(query);
	return more;
}

static int
open_parts(struct store *store, store_lost_fn lost, void *context,
    struct error *err)
{
	uint64_t run = 0;
	int64_t newest = 0;

	if (file_open_dir(store->options.dir, &store->dir, err) < 0)
		return -1;
	if (lock(store, err) < 0)
		return -1;
	if (open_rows(&store->options, false, &store->rows, err) < 0)
		return -1;
	if (begin_run(store, &run, err) < 0)
		return -1;
	if (open_segments(store, run, err) < 0)
		return -1;
	if (claim_all(store, lost, context, err) < 0)
		return -1;
	if (read_int(store->rows,
		"SELECT seq FROM sqlite_sequence WHERE name = 'payload'",
		&newest, err) < 0)
		return -1;
	store->next_number = (uint64_t)newest + 1;
	return leaves_open(store->rows, &store->leaves, err);
}

int
store_open(const struct store_options *options, store_lost_fn lost,
    void *context, struct store **ret_store, struct error *err)
{
	struct store *store = calloc(1, sizeof(*store));

	if (store == NULL)
		return error_set_memory(err);
	store->options = *options;
	store->dir = store->segments_dir = store->lock_fd = -1;
	if (open_parts(store, lost, context, err) < 0) {
		store_close(store);
		return error_prefix(err, "store %s", options->dir);
	}
	*ret_store = store;
	return 0;
}

void
store_close(struct store *store)
{
	if (store == NULL)
		return;
	if (store->rows != NULL)
		rows_rollback(store->rows);
	payload_list_clear(&store->added);
	payload_list_clear(&store->removed);
	free(store->added.items);
	free(store->removed.items);
	free(store->after.items);
	leaves_free(store->leaves);
	segments_close(store->segments);
	rows_close(store->rows);
	file_close(store->segments_dir);
	file_close(store->lock_fd);
	file_close(store->dir);
	free(store);
}

struct rows *
store_rows(struct store *store)
{
	return store->rows;
}

struct segments *
store_segments(struct store *store)
{
	return store->segments;
}

struct leaves *
store_leaves(struct store *store)
{
	return store->leaves;
}

bool
store_is_open_group(const struct store *store)
{
	return store->is_open_group;
}

static int
usable(const struct store *store, struct error *err)
{
	if (!store->is_broken)
		return 0;
	return error_set_id(err, "E5003", ERROR_SYSTEM,
	    "an earlier commit failed; nothing more is accepted until a "
	    "restart has looked at what is there");
}

int
store_begin(struct store *store, struct error *err)
{
	if (usable(store, err) < 0)
		return -1;
	if (store->is_open_group)
		return 0;
	if (rows_log_pages(store->rows) > LOG_PAGES_MAX &&
	    rows_checkpoint(store->rows, err) < 0)
		return -1;
	if (rows_begin(store->rows, err) < 0)
		return -1;
	store->is_open_group = true;
	return 0;
}

int
store_payload_new(struct store *store, const struct id *label,
    struct segment_writer **ret_writer, struct error *err)
{
	if (usable(store, err) < 0)
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
store_payload_add(struct store *store, struct segment_writer *writer,
    struct payload *ret_payload, struct error *err)
{
	struct payload payload = { 0 }, copy = { 0 };

	assert(store->is_open_group);
	if (segment_writer_finish(writer, &payload, err) < 0)
		return -1;
	if (copy_payload(&payload, &copy, err) < 0)
		goto failed;
	if (payload_list_add(&store->added, &payload, err) < 0)
		goto failed;
	if (insert_payload(store, &payload, err) < 0) {
		store->added.count--;
		goto failed;
	}
	*ret_payload = copy;
	return 0;
failed:
	segments_free(store->segments, &payload);
	payload_free(&payload);
	payload_free(&copy);
	return -1;
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
		more = read_payload(query, &payload, err);
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
	if (payload_list_add(&store->removed, &payload, err) < 0)
		goto failed;
	return 0;
failed:
	payload_free(&payload);
	return -1;
}

int
store_after(struct store *store, store_done_fn done, void *context,
    struct error *err)
{
	struct after_list *list = &store->after;

	assert(store->is_open_group);
	if (list->count == list->size) {
		size_t size = list->size == 0 ? 64 : 2 * list->size;
		struct after *items =
		    realloc(list->items, size * sizeof(*items));

		if (items == NULL)
			return error_set_memory(err);
		list->items = items;
		list->size = size;
	}
	list->items[list->count++] = (struct after){ done, context };
	return 0;
}

/* The calls may begin the next group, so nothing here may follow them. */
static void
end_group(struct store *store, const struct error *why)
{
	struct after_list list = store->after;

	payload_list_clear(&store->added);
	payload_list_clear(&store->removed);
	store->after = (struct after_list){ 0 };
	store->is_open_group = false;
	for (size_t i = 0; i < list.count; i++)
		list.items[i].done(list.items[i].context, why);
	free(list.items);
}

/*
 * Undo the group.  Blocks of its payloads are free again only when it is sure
 * that no row names them.
 */
static void
undo(struct store *store)
{
	struct error err = { 0 };

	rows_rollback(store->rows);
	if (!store->is_broken)
		for (size_t i = 0; i < store->added.count; i++)
			segments_free(store->segments, &store->added.items[i]);
	segments_forget_failure(store->segments);
	if (leaves_reload(store->leaves, &err) < 0)
		store->is_broken = true;
}

void
store_abort(struct store *store, const struct error *why)
{
	if (!store->is_open_group)
		return;
	undo(store);
	end_group(store, why);
}

/*
 * Payload before rows: a crash between the two leaves blocks that no row
 * names, which are free, and never a row without its payload.
 */
static int
make_durable(struct store *store, struct error *err)
{
	if (usable(store, err) < 0)
		return -1;
	if (segments_sync(store->segments, err) < 0)
		return -1;
	return rows_commit(store->rows, err);
}

int
store_commit(struct store *store, struct error *err)
{
	assert(store->is_open_group);
	if (store->options.tests_ack_too_early) {
		for (size_t i = 0; i < store->after.count; i++)
			store->after.items[i]
			    .done(store->after.items[i].context, NULL);
		store->after.count = 0;
	}
	if (make_durable(store, err) < 0) {
		struct error why = *err;

		if (!error_is_temporary(err))
			store->is_broken = true;
		undo(store);
		end_group(store, &why);
		return -1;
	}
	for (size_t i = 0; i < store->removed.count; i++)
		segments_free(store->segments, &store->removed.items[i]);
	end_group(store, NULL);
	return 0;
}

int
store_idle(struct store *store, struct error *err)
{
	uint32_t mib = store->options.segments.segment_mib;
	uint64_t blocks =
	    (uint64_t)(mib == 0 ? DEFAULT_MIB : mib) * MIB_BLOCKS / IDLE_SHARE;

	if (usable(store, err) < 0)
		return -1;
	if (!store->is_open_group && rows_log_pages(store->rows) > 0 &&
	    rows_checkpoint(store->rows, err) < 0)
		return -1;
	/* Without room for more, what is there can still be used up. */
	if (segments_grow(store->segments, blocks, err) < 0 &&
	    !error_is_temporary(err))
		return -1;
	return 0;
}
