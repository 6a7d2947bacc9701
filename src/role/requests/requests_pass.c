/*
 * Between this host and the one above: requests go up, one after the other, the
 * same bytes until they are taken or refused for good; then news are asked for
 * as long as something is open, with pauses that grow while nothing changes.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "crypto/random.h"
#include "directory/directory.h"
#include "exchange/retry.h"
#include "json/json_read.h"
#include "log/epoch.h"
#include "role/env.h"
#include "role/message.h"
#include "role/peer.h"
#include "role/requests/requests_internal.h"
#include "role/spool/spool.h"
#include "service/config.h"
#include "sys/ipc.h"
#include "sys/loop.h"

enum { PROBLEM_MAX = 16384, NEWS_ITEMS_MAX = 10000 };

static void
look_again(struct requests *requests, bool soon)
{
	requests->is_busy = false;
	loop_timer_start(requests->timer, soon ? 0 : REQUESTS_TICK_MS);
}

/* ---- up ------------------------------------------------------------------------- */

static int
apply_passing(struct group_op *op, struct error *err)
{
	struct requests *requests = (struct requests *)(void *)op;
	const struct config *config = requests->spool->env->config;
	const struct retry_bounds bounds = { config->courier.retry_first_ms,
		config->courier.retry_max_ms };
	struct rows *rows = requests_rows_of(requests);
	const char *id = requests->due.id;
	uint32_t random = 0;

	if (requests->outcome == REQUESTS_TAKEN)
		return requests_save_taken(rows, id, requests->is_last,
		    spool_now(requests->spool), err);
	if (requests->outcome == REQUESTS_REFUSED)
		return requests_save_refused(rows, id, requests->answer.data,
		    requests->answer.len, spool_now(requests->spool), err);
	if (random_fill(&random, sizeof(random), err) < 0)
		return -1;
	return requests_save_failed(rows, id,
	    spool_now(requests->spool) +
		retry_wait_ms(&bounds, requests->due.failures + 1, random),
	    err);
}

static void
finish_passing(struct group_op *op, const struct error *failure)
{
	struct requests *requests = (struct requests *)(void *)op;
	bool has_passed =
	    failure == NULL && requests->outcome != REQUESTS_FAILED;

	bytes_free(&requests->due.body);
	bytes_free(&requests->answer);
	if (has_passed)
		requests->wait_ms = REQUESTS_TICK_MS;
	look_again(requests, has_passed);
}

/* What a host says of the request itself, and not of who hands it up. */
static bool
is_verdict(const struct message_called *called)
{
	struct json_document *document = NULL;
	struct error ignored = { 0 };
	const char *code = NULL;
	bool is = false;

	if (called->status < 400 || called->status == 429 ||
	    called->status >= 500 ||
	    json_read(called->body.data, called->body.len, PROBLEM_MAX,
		&document, &ignored) < 0)
		return false;
	code = json_value_text(json_value_member(json_root(document), "code"));
	is = code != NULL &&
	    (text_starts(code, "E71") || text_starts(code, "E73"));
	json_document_free(document);
	return is;
}

static void
conclude(struct requests *requests, const struct message_called *called,
    const struct error *failure)
{
	struct error err = { 0 };

	requests->outcome = REQUESTS_FAILED;
	if (called != NULL && called->status >= 200 && called->status < 300) {
		requests->outcome = REQUESTS_TAKEN;
		requests->is_last = called->status != 202;
	} else if (called != NULL && is_verdict(called)) {
		requests->outcome = REQUESTS_REFUSED;
		bytes_put(&requests->answer, called->body.data,
		    called->body.len);
		if (bytes_failed(&requests->answer, &err) < 0)
			requests->outcome = REQUESTS_FAILED;
	}
	if (requests->outcome == REQUESTS_FAILED) {
		if (called != NULL)
			error_set(&err, ERROR_BUSY, "%s answers %u",
			    requests->upstream, called->status);
		log_failure(&requests->spool->env->log, LOG_LEVEL_WARNING,
		    "request.waits", failure != NULL ? failure : &err);
	}
	requests->op.apply = apply_passing;
	requests->op.finish = finish_passing;
	group_add(requests->spool->group, &requests->op);
}

static void
on_passed(void *ctx, struct ipc_message *message)
{
	struct requests *requests = ctx;
	struct message_called called;
	struct error err = { 0 };

	if (message_read(message, MESSAGE_CALLED, &called, &err) < 0)
		conclude(requests, NULL, &err);
	else
		conclude(requests, &called, NULL);
}

static int
pass_on(struct requests *requests, struct error *err)
{
	struct message_call call = { .method = "POST",
		.path = "/v1/case-requests",
		.type = "application/json",
		.body = blob_of_bytes(&requests->due.body),
		.timeout_ms = REQUESTS_TIMEOUT_MS };

	text_copy(call.peer, sizeof(call.peer), requests->upstream);
	return peer_ask(requests->spool->courier, MESSAGE_CALL, &call, -1,
	    on_passed, requests, NULL, err);
}

/* ---- down -------------------------------------------------------------------------- */

static bool
truth(const struct json_value *item, const char *name)
{
	bool is = false;

	return json_value_bool(json_value_member(item, name), &is) && is;
}

/* A member as JSON, or nothing for null. */
static int
take_json(const struct json_value *item, const char *name, struct bytes *to,
    struct error *err)
{
	const struct json_value *value = json_value_member(item, name);

	if (!json_value_is_object(value))
		return 0;
	if (json_value_put(value, to, err) < 0 || bytes_failed(to, err) < 0)
		return -1;
	return to->len <= REQUESTS_STATE_MAX
	    ? 0
	    : error_set(err, ERROR_MALFORMED, "%s of %zu bytes", name, to->len);
}

static int
save_one(struct requests *requests, const struct json_value *item,
    struct error *err)
{
	const char *case_id =
	    json_value_text(json_value_member(item, "case_id"));
	const char *case_state = json_value_text(
	    json_value_member(json_value_member(item, "case"), "state"));
	struct bytes state = { 0 };
	struct bytes refused = { 0 };
	struct requests_news news = {
		.id = json_value_text(json_value_member(item, "id")),
		.is_taken = truth(item, "taken"),
		.is_open = truth(item, "open"),
		.case_id = case_id != NULL ? case_id : "",
		.case_state = case_state != NULL ? case_state : "",
	};
	int rc = -1;

	if (news.id == NULL)
		return error_set(err, ERROR_MALFORMED, "news without an id");
	if (take_json(item, "case", &state, err) == 0 &&
	    take_json(item, "refused", &refused, err) == 0) {
		news.state = state.len > 0 ? &state : NULL;
		news.refused = refused.len > 0 ? &refused : NULL;
		rc = requests_save_news(requests_rows_of(requests), &news,
		    spool_now(requests->spool), err);
	}
	bytes_free(&state);
	bytes_free(&refused);
	return rc;
}

static int
apply_news(struct group_op *op, struct error *err)
{
	struct requests *requests = (struct requests *)(void *)op;
	struct json_document *document = NULL;
	const struct json_value *list;
	int64_t next = 0;
	int rc = json_read(requests->answer.data, requests->answer.len,
	    REQUESTS_NEWS_MAX * 2, &document, err);

	if (rc < 0)
		return -1;
	list = json_value_member(json_root(document), "requests");
	if (!json_value_integer(json_value_member(json_root(document), "next"),
		&next) ||
	    json_value_count(list) > NEWS_ITEMS_MAX)
		rc = error_set(err, ERROR_MALFORMED, "news of no form");
	for (size_t i = 0; rc == 0 && i < json_value_count(list); i++)
		rc = save_one(requests, json_value_item(list, i), err);
	if (rc == 0)
		rc = requests_save_after(requests_rows_of(requests), next, err);
	/* Something came: more may follow soon. */
	requests->wait_ms = json_value_count(list) > 0
	    ? REQUESTS_TICK_MS
	    : requests->wait_ms + REQUESTS_TICK_MS;
	json_document_free(document);
	return rc;
}

static void
finish_news(struct group_op *op, const struct error *failure)
{
	struct requests *requests = (struct requests *)(void *)op;

	if (failure != NULL)
		log_failure(&requests->spool->env->log, LOG_LEVEL_WARNING,
		    "request.news", failure);
	if (failure != NULL || requests->wait_ms > REQUESTS_QUIET_MS)
		requests->wait_ms = REQUESTS_QUIET_MS;
	bytes_free(&requests->answer);
	look_again(requests, false);
}

static void
on_news(void *ctx, struct ipc_message *message)
{
	struct requests *requests = ctx;
	struct message_called called;
	struct error err = { 0 };

	if (message_read(message, MESSAGE_CALLED, &called, &err) == 0 &&
	    called.status != 200)
		error_set(&err, ERROR_BUSY, "%s answers %u", requests->upstream,
		    called.status);
	if (err.code == ERROR_NONE)
		bytes_put(&requests->answer, called.body.data, called.body.len);
	if (err.code != ERROR_NONE ||
	    bytes_failed(&requests->answer, &err) < 0) {
		finish_news(&requests->op, &err);
		return;
	}
	requests->op.apply = apply_news;
	requests->op.finish = finish_news;
	group_add(requests->spool->group, &requests->op);
}

static int
ask_news(struct requests *requests, struct error *err)
{
	struct message_call call = { .method = "GET",
		.timeout_ms = REQUESTS_TIMEOUT_MS };
	int64_t after = 0;

	if (requests_after(requests_rows_of(requests), &after, err) < 0)
		return -1;
	text_copy(call.peer, sizeof(call.peer), requests->upstream);
	snprintf(call.path, sizeof(call.path),
	    "/v1/case-requests?after=%" PRId64, after);
	requests->asked_at = spool_now(requests->spool);
	return peer_ask(requests->spool->courier, MESSAGE_CALL, &call, -1,
	    on_news, requests, NULL, err);
}

/* ---- another epoch -------------------------------------------------------------------- */

static int
apply_epoch(struct group_op *op, struct error *err)
{
	struct requests_epoch_op *noting =
	    (struct requests_epoch_op *)(void *)op;

	return requests_begin_epoch(requests_rows_of(noting->requests),
	    noting->epoch, err);
}

/* What could not be noted is with the next bulletin, which comes soon. */
static void
finish_epoch(struct group_op *op, const struct error *failure)
{
	struct requests_epoch_op *noting =
	    (struct requests_epoch_op *)(void *)op;

	noting->epoch = 0;
	if (failure != NULL)
		log_failure(&noting->requests->spool->env->log,
		    LOG_LEVEL_WARNING, "request.epoch", failure);
	else
		requests_wake(noting->requests);
}

/* Of the host above's log; 0 when it keeps none. */
static uint64_t
epoch_above(const struct requests *requests, const struct directory *directory)
{
	struct directory_center host;
	uint64_t newest = 0;

	if (!config_has_kind(requests->spool->env->config, CONFIG_CENTER))
		return directory_find_center(directory, requests->upstream,
			   &host)
		    ? epoch_number(host.origin)
		    : 0;
	for (uint32_t i = 0; i < directory_management_count(directory); i++) {
		uint64_t epoch =
		    epoch_number(directory_management_at(directory, i).origin);

		newest = epoch > newest ? epoch : newest;
	}
	return newest;
}

void
requests_on_directory(struct requests *requests)
{
	const struct directory *directory = spool_directory(requests->spool);
	struct error err = { 0 };
	uint64_t epoch, known;

	if (requests->upstream == NULL || directory == NULL ||
	    requests->noting.epoch != 0)
		return;
	epoch = epoch_above(requests, directory);
	if (requests_epoch(requests_rows_of(requests), &known, &err) < 0) {
		log_failure(&requests->spool->env->log, LOG_LEVEL_WARNING,
		    "request.epoch", &err);
		return;
	}
	if (epoch <= known)
		return;
	requests->noting =
	    (struct requests_epoch_op){ .op = { .apply = apply_epoch,
					    .finish = finish_epoch },
		    .requests = requests,
		    .epoch = epoch };
	group_add(requests->spool->group, &requests->noting.op);
}

/* ---- which --------------------------------------------------------------------------- */

/* 1: news are to be asked for now, 0: not yet, or there is nothing open. */
static int
wants_news(struct requests *requests, struct error *err)
{
	int64_t now = spool_now(requests->spool);
	int64_t open = 0;

	/* Also when the clock was set back. */
	if (now >= requests->asked_at &&
	    now < requests->asked_at + requests->wait_ms)
		return 0;
	if (requests_count_open(requests_rows_of(requests), &open, err) < 0)
		return -1;
	return open > 0 ? 1 : 0;
}

void
requests_on_tick(void *ctx)
{
	struct requests *requests = ctx;
	struct error err = { 0 };
	int found;

	if (requests->upstream == NULL || requests->is_busy)
		return;
	found = requests_find_due(requests_rows_of(requests),
	    spool_now(requests->spool), &requests->due, &err);
	if (found > 0) {
		requests->is_busy = true;
		if (pass_on(requests, &err) < 0)
			conclude(requests, NULL, &err);
		return;
	}
	if (found == 0)
		found = wants_news(requests, &err);
	if (found > 0) {
		requests->is_busy = true;
		if (ask_news(requests, &err) == 0)
			return;
		requests->is_busy = false;
		found = -1;
	}
	if (found < 0)
		log_failure(&requests->spool->env->log, LOG_LEVEL_WARNING,
		    "request.waits", &err);
	loop_timer_start(requests->timer, REQUESTS_TICK_MS);
}
