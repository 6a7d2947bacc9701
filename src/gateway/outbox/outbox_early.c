#include "gateway/outbox/outbox_early.h"

#include <stdlib.h>

#include "base/text.h"
#include "crypto/sha256.h"
#include "directory/directory.h"
#include "gateway/outbox/outbox_internal.h"
#include "store/query.h"
#include "store/store.h"
#include "sys/loop.h"

static const int64_t day_ms = INT64_C(86400000);

const char outbox_early_id[] = "E4222";

const char outbox_early_schema[] =
    "CREATE TABLE outbox_early (id INTEGER PRIMARY KEY,"
    " digest BLOB NOT NULL UNIQUE, json BLOB NOT NULL,"
    " came_at INTEGER NOT NULL) STRICT;";

struct outbox_early {
	struct group_op op; /* first: the group hands it back */
	struct outbox *outbox;
	struct loop_soon *soon;
	int64_t row; /* under way; before: the last that was looked at */
	int64_t came_at;
	bool is_busy;
	bool again;      /* something changed meanwhile */
	bool has_failed; /* one of this round, for another reason */
	struct directory_serials looked_by; /* in the last round */
};

/* ---- rows -------------------------------------------------------------- */

int
outbox_early_count(struct rows *rows, int64_t *ret_count,
    int64_t *ret_oldest_at, struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows,
		"SELECT count(*), coalesce(min(came_at), 0) FROM outbox_early",
		&query, err) < 0)
		return -1;
	found = query_next(query, err);
	if (found > 0) {
		*ret_count = query_int(query, 0);
		*ret_oldest_at = query_int(query, 1);
	}
	query_end(query);
	return found < 0 ? -1 : 0;
}

int
outbox_early_add(struct rows *rows, struct blob receipt, int64_t now_ms,
    struct error *err)
{
	struct digest digest;
	struct query *query;
	int64_t count = 0, oldest;

	if (outbox_early_count(rows, &count, &oldest, err) < 0)
		return -1;
	if (count >= OUTBOX_EARLY_MAX)
		return error_set_id(err, outbox_early_id, ERROR_BUSY,
		    "%lld receipts wait for bulletins already",
		    (long long)count);
	sha256(receipt.data, receipt.len, &digest);
	if (query_begin(rows,
		"INSERT OR IGNORE INTO outbox_early (digest, json, came_at)"
		" VALUES (?1, ?2, ?3)",
		&query, err) < 0)
		return -1;
	query_bind_digest(query, 1, &digest);
	query_bind_data(query, 2, receipt.data, receipt.len);
	query_bind_int(query, 3, now_ms);
	return query_finish(query, err);
}

/* The one behind `early->row`, which it becomes: 1 or 0. */
static int
next(struct outbox_early *early, struct rows *rows, struct bytes *json,
    struct error *err)
{
	struct query *query;
	size_t len;
	int found;

	if (query_begin(rows,
		"SELECT id, came_at, json FROM outbox_early WHERE id > ?1"
		" ORDER BY id LIMIT 1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, early->row);
	found = query_next(query, err);
	if (found > 0) {
		const void *data = query_data(query, 2, &len);

		early->row = query_int(query, 0);
		early->came_at = query_int(query, 1);
		bytes_put(json, data, len);
	}
	query_end(query);
	return found <= 0 ? found : bytes_failed(json, err) < 0 ? -1 : 1;
}

static int
apply_done(struct group_op *op, struct error *err)
{
	struct outbox_early *early = (struct outbox_early *)(void *)op;
	struct query *query;

	if (query_begin(store_rows(early->outbox->gateway->spool.store),
		"DELETE FROM outbox_early WHERE id = ?1", &query, err) < 0)
		return -1;
	query_bind_int(query, 1, early->row);
	return query_finish(query, err);
}

/* ---- a round ----------------------------------------------------------- */

static void
go_on(struct outbox_early *early, const struct error *failure)
{
	if (failure != NULL)
		early->has_failed = true;
	early->is_busy = false;
	loop_soon_start(early->soon);
}

static void
finish_done(struct group_op *op, const struct error *failure)
{
	go_on((struct outbox_early *)(void *)op, failure);
}

static void
log_given_up(const struct outbox_early *early, const struct error *why)
{
	log_failure(&early->outbox->gateway->spool.env->log, LOG_LEVEL_ERROR,
	    "receipt.early", why);
}

/* It was taken, or refused; or it is early still. */
static void
on_judged(void *ctx, const struct error *failure)
{
	struct outbox_early *early = ctx;
	const struct spool *spool = &early->outbox->gateway->spool;

	if (failure != NULL) {
		if (!text_equal(failure->id, outbox_early_id)) {
			go_on(early, failure);
			return;
		}
		if (spool_now(spool) - early->came_at <
		    OUTBOX_EARLY_DAYS * day_ms) {
			go_on(early, NULL);
			return;
		}
		log_given_up(early, failure);
	}
	early->op.apply = apply_done;
	early->op.finish = finish_done;
	group_add(spool->group, &early->op);
}

/* From the first one on, unless all were looked at by these bulletins. */
static void
begin(struct outbox_early *early)
{
	const struct directory *directory =
	    spool_directory(&early->outbox->gateway->spool);
	struct directory_serials now;

	early->again = false;
	if (directory == NULL)
		return;
	now = directory_serials(directory);
	if (!early->has_failed && now.root == early->looked_by.root &&
	    now.directory == early->looked_by.directory &&
	    now.network == early->looked_by.network)
		return;
	early->looked_by = now;
	early->has_failed = false;
	early->row = 0;
}

static void
work(void *ctx)
{
	struct outbox_early *early = ctx;
	struct bytes json = { 0 };
	struct error err = { 0 };
	int found;

	if (early->is_busy)
		return;
	if (early->again)
		begin(early);
	found = next(early, store_rows(early->outbox->gateway->spool.store),
	    &json, &err);
	if (found < 0) {
		log_failure(&early->outbox->gateway->spool.env->log,
		    LOG_LEVEL_ERROR, "receipt.early", &err);
		early->has_failed = true;
	} else if (found > 0) {
		early->is_busy = true;
		outbox_judge_receipt(early->outbox, blob_of_bytes(&json),
		    on_judged, early);
	}
	bytes_free(&json);
}

void
outbox_early_look(struct outbox_early *early)
{
	early->again = true;
	loop_soon_start(early->soon);
}

/* ---- life -------------------------------------------------------------- */

int
outbox_early_new(struct outbox *outbox, struct outbox_early **ret_early,
    struct error *err)
{
	struct outbox_early *early = calloc(1, sizeof(*early));

	if (early == NULL)
		return error_set_memory(err);
	early->outbox = outbox;
	if (loop_soon_new(outbox->gateway->spool.env->loop, work, early,
		&early->soon, err) < 0) {
		free(early);
		return -1;
	}
	*ret_early = early;
	return 0;
}

void
outbox_early_free(struct outbox_early *early)
{
	if (early == NULL)
		return;
	loop_soon_free(early->soon);
	free(early);
}
