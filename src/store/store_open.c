#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "store/leaves.h"
#include "store/query.h"
#include "store/rows.h"
#include "store/store_internal.h"
#include "store/store_schema.h"
#include "sys/file.h"

enum { RUN_SHIFT = 32 }; /* generations of one run */

/* Whose rows claim blocks. */
static const char payload_sql[] =
    "SELECT number, label, length, digest, extents FROM payload";
static const char partial_sql[] =
    "SELECT number, label, length, zeroblob(32), extents FROM partial";

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

/* A payload that cannot be claimed is lost, which must not stop the others. */
static int
claim_all(struct store *store, const char *sql, store_lost_fn lost,
    void *context, struct error *err)
{
	struct query *query = NULL;
	int more;

	if (query_begin(store->rows, sql, &query, err) < 0)
		return -1;
	while ((more = query_next(query, err)) > 0) {
		struct payload payload = { 0 };
		struct error why = { 0 };

		if ((store_payload_read(query, &payload, &why) < 0 ||
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
	if (claim_all(store, payload_sql, lost, context, err) < 0 ||
	    claim_all(store, partial_sql, lost, context, err) < 0)
		return -1;
	if (read_int(store->rows,
		"SELECT max((SELECT coalesce(max(seq), 0) FROM sqlite_sequence"
		" WHERE name = 'payload'),"
		" (SELECT coalesce(max(number), 0) FROM partial))",
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
	store->context = context;
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
	store_list_clear(&store->added);
	store_list_clear(&store->removed);
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
