#include "gateway/evidence/status_fetch.h"

#include <stdlib.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "crypto/random.h"
#include "crypto/sha256.h"
#include "exchange/retry.h"
#include "gateway/gateway.h"
#include "role/status/status_rows.h"
#include "service/config.h"
#include "store/query.h"
#include "store/rows.h"
#include "store/store.h"
#include "sys/ipc.h"
#include "sys/loop.h"

enum {
	TICK_MS = 1000,
	TIMEOUT_MS = 30 * 1000,
	FAILURES_MAX = 40, /* some days: then it is not to be had */
};

const char status_fetch_schema[] =
    "CREATE TABLE revocation_wanted ("
    " digest BLOB PRIMARY KEY, center TEXT NOT NULL,"
    " failures INTEGER NOT NULL DEFAULT 0, due INTEGER NOT NULL DEFAULT 0)"
    " STRICT;"
    "CREATE INDEX revocation_wanted_due ON revocation_wanted (due);";

/* One at a time: they are small, and few are new. */
struct status_fetch {
	struct group_op op; /* first: the group hands it back */
	struct gateway *gateway;
	struct loop_timer *timer;
	bool is_busy;
	struct digest digest;
	char center[MESSAGE_HOST_SIZE];
	uint32_t failures;
	struct bytes answer; /* empty: it failed */
};

static struct rows *
rows_of(const struct status_fetch *fetch)
{
	return store_rows(fetch->gateway->spool.store);
}

/* ---- what is wanted -------------------------------------------------- */

/* One that our own watch has is kept from now on. */
int
status_fetch_add(struct status_fetch *fetch,
    const struct message_receipt *receipt, struct error *err)
{
	static const struct digest none;
	struct query *query;

	if (fetch == NULL || digest_equal(&receipt->status, &none))
		return 0;
	if (status_answer_keep(rows_of(fetch), &receipt->status, err) < 0 ||
	    query_begin(rows_of(fetch),
		"INSERT INTO revocation_wanted (digest, center)"
		" SELECT ?1, ?2 WHERE NOT EXISTS"
		" (SELECT 1 FROM revocation_answer WHERE digest = ?1)"
		" ON CONFLICT DO NOTHING",
		&query, err) < 0)
		return -1;
	query_bind_digest(query, 1, &receipt->status);
	query_bind_text(query, 2, receipt->center);
	return query_finish(query, err);
}

/* 1 and what is due. */
static int
find_due(struct status_fetch *fetch, struct error *err)
{
	struct query *query;
	int more;

	if (query_begin(rows_of(fetch),
		"SELECT digest, center, failures FROM revocation_wanted"
		" WHERE due <= ?1 ORDER BY due LIMIT 1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, spool_now(&fetch->gateway->spool));
	more = query_next(query, err);
	if (more > 0) {
		query_digest(query, 0, &fetch->digest);
		text_copy(fetch->center, sizeof(fetch->center),
		    query_text(query, 1));
		fetch->failures = (uint32_t)query_int(query, 2);
		if (query_failed(query, err) < 0)
			more = -1;
	}
	query_end(query);
	return more;
}

/* ---- the end --------------------------------------------------------- */

static int
forget(struct status_fetch *fetch, struct error *err)
{
	struct query *query;

	if (query_begin(rows_of(fetch),
		"DELETE FROM revocation_wanted WHERE digest = ?1", &query,
		err) < 0)
		return -1;
	query_bind_digest(query, 1, &fetch->digest);
	return query_finish(query, err);
}

static int
postpone(struct status_fetch *fetch, struct error *err)
{
	const struct config *config = fetch->gateway->spool.env->config;
	const struct retry_bounds bounds = { config->courier.retry_first_ms,
		60 * 60 * 1000 };
	struct query *query;
	uint32_t random = 0;

	if (fetch->failures >= FAILURES_MAX)
		return forget(fetch, err);
	if (random_fill(&random, sizeof(random), err) < 0 ||
	    query_begin(rows_of(fetch),
		"UPDATE revocation_wanted SET failures = failures + 1,"
		" due = ?2 WHERE digest = ?1",
		&query, err) < 0)
		return -1;
	query_bind_digest(query, 1, &fetch->digest);
	query_bind_int(query, 2,
	    spool_now(&fetch->gateway->spool) +
		retry_wait_ms(&bounds, fetch->failures + 1, random));
	return query_finish(query, err);
}

static int
apply(struct group_op *op, struct error *err)
{
	struct status_fetch *fetch = (struct status_fetch *)(void *)op;

	if (fetch->answer.len == 0)
		return postpone(fetch, err);
	if (status_answer_put(rows_of(fetch), &fetch->digest,
		blob_of_bytes(&fetch->answer), true,
		spool_now(&fetch->gateway->spool), err) < 0)
		return -1;
	return forget(fetch, err);
}

static void
finish(struct group_op *op, const struct error *failure)
{
	struct status_fetch *fetch = (struct status_fetch *)(void *)op;

	fetch->is_busy = false;
	loop_timer_start(fetch->timer,
	    failure != NULL || fetch->answer.len == 0 ? TICK_MS : 0);
	bytes_free(&fetch->answer);
	if (failure != NULL)
		log_failure(&fetch->gateway->spool.env->log, LOG_LEVEL_WARNING,
		    "certificate.answer", failure);
}

static void
conclude(struct status_fetch *fetch, const struct error *failure)
{
	if (failure != NULL) {
		log_failure(&fetch->gateway->spool.env->log, LOG_LEVEL_DEBUG,
		    "certificate.answer", failure);
		bytes_free(&fetch->answer);
	}
	fetch->op.apply = apply;
	fetch->op.finish = finish;
	group_add(fetch->gateway->spool.group, &fetch->op);
}

/* ---- asking ---------------------------------------------------------- */

/* Whoever sent it: what has this digest is what the statement names. */
static void
on_called(void *ctx, struct ipc_message *message)
{
	struct status_fetch *fetch = ctx;
	struct message_called called;
	struct digest digest;
	struct error err = { 0 };

	if (message_read(message, MESSAGE_CALLED, &called, &err) == 0 &&
	    called.status != 200)
		error_set(&err, ERROR_BUSY, "the center answers %u",
		    called.status);
	if (err.code == ERROR_NONE) {
		sha256(called.body.data, called.body.len, &digest);
		bytes_put(&fetch->answer, called.body.data, called.body.len);
		if (!digest_equal(&digest, &fetch->digest))
			error_set(&err, ERROR_UNTRUSTED,
			    "another answer than the receipt names");
		else if (bytes_failed(&fetch->answer, &err) == 0) {
			conclude(fetch, NULL);
			return;
		}
	}
	conclude(fetch, &err);
}

static int
ask(struct status_fetch *fetch, struct error *err)
{
	const struct gateway *gateway = fetch->gateway;
	struct message_call call = { .method = "GET",
		.timeout_ms = TIMEOUT_MS };
	struct bytes path = { 0 };
	char text[DIGEST_TEXT_SIZE];
	int rc = -1;

	digest_format(&fetch->digest, text);
	if (text_equal(fetch->center, gateway->center))
		bytes_put_format(&path, "/v1/log/status/%s", text);
	else
		bytes_put_format(&path, "/v1/logs/%s/status/%s", fetch->center,
		    text);
	text_copy(call.peer, sizeof(call.peer), gateway->center);
	if (bytes_failed(&path, err) == 0) {
		text_copy_len(call.path, sizeof(call.path),
		    (const char *)path.data, path.len);
		rc = peer_ask(gateway->spool.courier, MESSAGE_CALL, &call, -1,
		    on_called, fetch, NULL, err);
	}
	bytes_free(&path);
	return rc;
}

static void
on_tick(void *ctx)
{
	struct status_fetch *fetch = ctx;
	struct error err = { 0 };
	int found;

	if (fetch->is_busy)
		return;
	found = find_due(fetch, &err);
	if (found > 0) {
		fetch->is_busy = true;
		if (ask(fetch, &err) < 0)
			conclude(fetch, &err);
		return;
	}
	if (found < 0)
		log_failure(&fetch->gateway->spool.env->log, LOG_LEVEL_WARNING,
		    "certificate.answer", &err);
	loop_timer_start(fetch->timer, TICK_MS);
}

void
status_fetch_start(struct status_fetch *fetch)
{
	loop_timer_start(fetch->timer, TICK_MS);
}

int
status_fetch_new(struct gateway *gateway, struct status_fetch **ret_fetch,
    struct error *err)
{
	struct status_fetch *fetch = calloc(1, sizeof(*fetch));

	if (fetch == NULL)
		return error_set_memory(err);
	fetch->gateway = gateway;
	if (loop_timer_new(gateway->spool.env->loop, on_tick, fetch,
		&fetch->timer, err) < 0) {
		free(fetch);
		return -1;
	}
	*ret_fetch = fetch;
	return 0;
}
