#include "store/store.h"

#include <assert.h>
#include <stdlib.h>

#include "base/error.h"
#include "store/leaves.h"
#include "store/query.h"
#include "store/rows.h"
#include "store/store_internal.h"

enum {
	/* Copy the log back even when no moment is idle: 32 MiB. */
	LOG_PAGES_MAX = 8192,
	IDLE_SHARE = 4, /* have this part of a segment free */
	DEFAULT_MIB = 64,
	MIB_BLOCKS = 1024 * 1024 / PAYLOAD_BLOCK,
};

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

int
store_usable(const struct store *store, struct error *err)
{
	if (!store->is_broken)
		return 0;
	return error_set_id(err, "E5003", ERROR_SYSTEM,
	    "an earlier commit failed; nothing more is accepted until a "
	    "restart has looked at what is there");
}

static void
give_up(struct store *store, const struct error *why)
{
	if (store->is_broken)
		return;
	store->is_broken = true;
	if (store->options.broken != NULL)
		store->options.broken(store->context, why);
}

/* It syncs as well, so it may fail as a commit does. */
static int
checkpoint(struct store *store, struct error *err)
{
	if (rows_checkpoint(store->rows, err) == 0)
		return 0;
	if (!error_is_temporary(err))
		give_up(store, err);
	return -1;
}

int
store_begin(struct store *store, struct error *err)
{
	if (store_usable(store, err) < 0)
		return -1;
	if (store->is_open_group)
		return 0;
	if (rows_log_pages(store->rows) > LOG_PAGES_MAX &&
	    checkpoint(store, err) < 0)
		return -1;
	if (rows_begin(store->rows, err) < 0)
		return -1;
	store->is_open_group = true;
	return 0;
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

	store_list_clear(&store->added);
	store_list_clear(&store->removed);
	store->after = (struct after_list){ 0 };
	store->is_open_group = false;
	for (size_t i = 0; i < list.count; i++)
		list.items[i].done(list.items[i].context, why);
	free(list.items);
}

static void
give_back(struct store *store, const struct store_change *change)
{
	segments_free_behind(store->segments, &change->payload, change->kept);
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
			give_back(store, &store->added.items[i]);
	segments_forget_failure(store->segments);
	if (leaves_reload(store->leaves, &err) < 0)
		give_up(store, &err);
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
	if (store_usable(store, err) < 0)
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
			give_up(store, err);
		undo(store);
		end_group(store, &why);
		return -1;
	}
	for (size_t i = 0; i < store->removed.count; i++)
		give_back(store, &store->removed.items[i]);
	for (size_t i = 0; i < store->added.count; i++)
		if (store->added.items[i].is_undone)
			give_back(store, &store->added.items[i]);
	end_group(store, NULL);
	return 0;
}

int
store_idle(struct store *store, struct error *err)
{
	uint32_t mib = store->options.segments.segment_mib;
	uint64_t blocks =
	    (uint64_t)(mib == 0 ? DEFAULT_MIB : mib) * MIB_BLOCKS / IDLE_SHARE;

	if (store_usable(store, err) < 0)
		return -1;
	if (!store->is_open_group && rows_log_pages(store->rows) > 0 &&
	    checkpoint(store, err) < 0)
		return -1;
	/* Without room for more, what is there can still be used up. */
	if (segments_grow(store->segments, blocks, err) < 0 &&
	    !error_is_temporary(err))
		return -1;
	return 0;
}

int
store_restored_set(struct store *store, const struct store_restored *restored,
    struct error *err)
{
	struct query *query = NULL;

	if (query_begin(store->rows,
		"INSERT OR REPLACE INTO store_restored (one, at, backup_at)"
		" VALUES (1, ?1, ?2)",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, restored->at_ms);
	query_bind_int(query, 2, restored->backup_at_ms);
	return query_finish(query, err);
}

int
store_restored_clear(struct store *store, struct error *err)
{
	return query_run(store->rows, "DELETE FROM store_restored", err);
}

int
store_restored_find(struct rows *rows, struct store_restored *ret_restored,
    struct error *err)
{
	struct query *query = NULL;
	int found;

	if (query_begin(rows, "SELECT at, backup_at FROM store_restored",
		&query, err) < 0)
		return -1;
	found = query_next(query, err);
	if (found > 0) {
		ret_restored->at_ms = query_int(query, 0);
		ret_restored->backup_at_ms = query_int(query, 1);
	}
	query_end(query);
	return found;
}
