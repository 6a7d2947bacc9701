/*
 * Asking about one certificate: verifier says where and what, courier asks,
 * verifier says what the answer is worth.  A responder first; a list where there
 * is none, or it fails.  One list speaks of all that wait for it.
 */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "crypto/crl.h"
#include "crypto/ocsp.h"
#include "crypto/random.h"
#include "crypto/sha256.h"
#include "role/env.h"
#include "role/spool/spool.h"
#include "role/status/status_watch_internal.h"
#include "store/store.h"
#include "sys/ipc.h"

enum { OCSP_TIMEOUT_MS = 10 * 1000, CRL_TIMEOUT_MS = 60 * 1000 };

static const int64_t day_ms = INT64_C(24) * 3600 * 1000;

static int64_t
now_of(const struct status_check *check)
{
	return spool_now(check->watch->spool);
}

static struct rows *
rows_of(const struct status_check *check)
{
	return store_rows(check->watch->spool->store);
}

/* ---- the end --------------------------------------------------------- */

static void
log_of(const struct status_check *check, enum log_level level,
    const char *event, const struct error *failure)
{
	char fingerprint[DIGEST_TEXT_SIZE];
	struct log_line line;

	digest_format(&check->fingerprint, fingerprint);
	log_begin(&line, &check->watch->spool->env->log, level, event);
	log_text(&line, "org", check->before.owner);
	log_text(&line, "certificate", fingerprint);
	log_text(&line, "url", check->is_list ? check->crl : check->ocsp);
	if (failure != NULL)
		log_error(&line, failure);
	log_end(&line);
}

/* When it begins, when it fails otherwise, and when it is over. */
static void
tell(const struct status_check *check)
{
	struct error why = { 0 };

	if (check->failure.code != ERROR_NONE)
		log_of(check,
		    text_equal(check->before.failure,
			error_message_id(&check->failure))
			? LOG_LEVEL_DEBUG
			: LOG_LEVEL_WARNING,
		    "certificate.status", &check->failure);
	else if (check->before.failures > 0)
		log_of(check, LOG_LEVEL_NOTICE, "certificate.reached", NULL);
	if (check->is_revoked_now) {
		error_set_id(&why, "E3705", ERROR_UNTRUSTED, "%s",
		    revocation_reason_name(check->after.facts.newest.reason));
		log_of(check, LOG_LEVEL_ERROR, "certificate.revoked", &why);
	}
}

void
status_check_clear(struct status_check *check)
{
	struct status_watch *watch = check->watch;

	bytes_free(&check->certificate);
	bytes_free(&check->request);
	bytes_free(&check->answer);
	bytes_free(&check->verdicts);
	free(check->batch);
	memset(check, 0, sizeof(*check));
	check->watch = watch;
}

static void
end(struct status_check *check)
{
	struct status_watch *watch = check->watch;
	struct digest fingerprint = check->fingerprint;

	status_check_clear(check);
	status_watch_wake(watch);
	status_waiters_tell(watch, &fingerprint);
}

/* ---- what becomes durable --------------------------------------------- */

static int64_t
pause_of(const struct status_check *check, uint32_t failures)
{
	struct retry_bounds bounds = check->watch->bounds;
	uint32_t random = 0;
	struct error ignored = { 0 };

	if (random_fill(&random, sizeof(random), &ignored) < 0)
		random = 0;
	if (bounds.max_ms > check->watch->interval_ms)
		bounds.max_ms = check->watch->interval_ms;
	return retry_wait_ms(&bounds, failures + 1, random);
}

/* Before it ends, and every so often. */
static int64_t
due_after(const struct status_check *check, const struct revocation *newest)
{
	int64_t now = now_of(check);
	int64_t due = now + check->watch->interval_ms;
	int64_t half = newest->this_update +
	    (newest->next_update - newest->this_update) / 2;

	if (due > newest->next_update)
		due = half > now ? half : now + check->watch->bounds.first_ms;
	return due;
}

static int
fail_row(struct status_check *check, const struct status_row *row,
    const struct error *failure, struct error *err)
{
	if (digest_equal(&row->fingerprint, &check->fingerprint))
		check->failure = *failure;
	return status_row_failed(rows_of(check), &row->fingerprint, failure,
	    now_of(check) + pause_of(check, row->failures), err);
}

static int
take_newer(struct status_check *check, const struct status_row *row,
    const struct revocation *newest, struct error *err)
{
	struct digest digest;

	sha256(check->answer.data, check->answer.len, &digest);
	check->tells_revoked = check->tells_revoked ||
	    newest->state == REVOCATION_REVOKED ||
	    row->facts.newest.state == REVOCATION_REVOKED;
	if (digest_equal(&row->fingerprint, &check->fingerprint)) {
		check->after = *row;
		check->after.facts.newest = *newest;
		check->is_revoked_now = newest->state == REVOCATION_REVOKED &&
		    row->facts.newest.state != REVOCATION_REVOKED;
	}
	return status_row_answer(rows_of(check), &row->fingerprint, newest,
	    &digest, now_of(check), due_after(check, newest), err);
}

static int
apply_one(struct status_check *check, const struct digest *fingerprint,
    const struct message_status_one *one, struct error *err)
{
	const struct revocation newest = {
		.state = one->state < REVOCATION_STATE_COUNT
		    ? (enum revocation_state)one->state
		    : REVOCATION_UNKNOWN,
		.revoked_at = one->revoked_at,
		.reason = one->reason,
		.this_update = one->this_update,
		.next_update = one->next_update,
	};
	struct error why = { 0 };
	struct status_row row;
	int found = status_row_find(rows_of(check), fingerprint, &row, err);

	if (found <= 0)
		return found; /* it is not watched any more */
	if (one->failure.code != ERROR_NONE)
		return fail_row(check, &row, &one->failure, err);
	switch (revocation_compare(&row.facts.newest, &newest)) {
	case REVOCATION_NEWER:
		return take_newer(check, &row, &newest, err);
	case REVOCATION_SAME:
		return status_row_answer(rows_of(check), fingerprint,
		    &row.facts.newest, &row.answer, now_of(check),
		    due_after(check, &newest), err);
	case REVOCATION_OLDER:
		error_set_id(&why, "E3704", ERROR_UNTRUSTED,
		    "older than the answer that is known");
		break;
	case REVOCATION_CONTRADICTS:
		error_set_id(&why, "E3702", ERROR_UNTRUSTED,
		    "takes back that it is revoked");
		break;
	}
	return fail_row(check, &row, &why, err);
}

static int
apply_all(struct status_check *check, struct error *err)
{
	struct blob list = blob_of_bytes(&check->verdicts);
	struct message_status_one one;
	struct digest digest;
	int more = 0;

	sha256(check->answer.data, check->answer.len, &digest);
	if (status_answer_put(rows_of(check), &digest,
		blob_of_bytes(&check->answer), false, now_of(check), err) < 0)
		return -1;
	for (size_t i = 0; i < check->batch_count; i++) {
		more = codec_next(message_fields(MESSAGE_STATUS_ONE), &list,
		    &one, err);
		if (more <= 0)
			return error_set(err, ERROR_MALFORMED,
			    "too few verdicts");
		if (apply_one(check, &check->batch[i], &one, err) < 0)
			return -1;
	}
	return status_answers_forget(rows_of(check), err);
}

static int
apply(struct group_op *op, struct error *err)
{
	struct status_check *check = (struct status_check *)(void *)op;

	if (status_row_places(rows_of(check), &check->fingerprint, check->ocsp,
		check->crl, err) < 0)
		return -1;
	if (check->failure.code != ERROR_NONE)
		return fail_row(check, &check->before, &check->failure, err);
	/* Nobody may be asked: look again tomorrow. */
	if (check->batch_count == 0)
		return status_row_due_at(rows_of(check), &check->fingerprint,
		    now_of(check) + day_ms, err);
	return apply_all(check, err);
}

static void
finish(struct group_op *op, const struct error *failure)
{
	struct status_check *check = (struct status_check *)(void *)op;

	if (failure != NULL)
		log_of(check, LOG_LEVEL_WARNING, "certificate.status", failure);
	else
		tell(check);
	if (failure == NULL && check->tells_revoked)
		check->watch->wants_revoked = true;
	end(check);
}

static void
conclude(struct status_check *check, const struct error *failure)
{
	if (failure != NULL)
		check->failure = *failure;
	check->op.apply = apply;
	check->op.finish = finish;
	group_add(check->watch->spool->group, &check->op);
}

/* ---- the answer ------------------------------------------------------ */

static int fetch(struct status_check *check, struct error *err);

/* A responder that fails leaves the list. */
static void
fail(struct status_check *check, const struct error *failure)
{
	struct error err = { 0 };

	if (!check->is_list && check->crl[0] != '\0') {
		log_of(check, LOG_LEVEL_DEBUG, "certificate.responder",
		    failure);
		check->is_list = true;
		if (fetch(check, &err) == 0)
			return;
		failure = &err;
	}
	conclude(check, failure);
}

/* Whether the one that was asked about is refused, for which there is a list. */
static bool
is_refused(const struct status_check *check, struct error *ret_why)
{
	struct blob list = blob_of_bytes(&check->verdicts);
	struct message_status_one one;

	if (check->is_list ||
	    codec_next(message_fields(MESSAGE_STATUS_ONE), &list, &one,
		ret_why) <= 0)
		return false;
	*ret_why = one.failure;
	return one.failure.code != ERROR_NONE;
}

static void
on_verified(void *ctx, struct ipc_message *message)
{
	struct status_check *check = ctx;
	struct message_status status;
	struct error err = { 0 };

	bytes_clear(&check->verdicts);
	if (message_read(message, MESSAGE_STATUS, &status, &err) < 0) {
		fail(check, &err);
		return;
	}
	bytes_put(&check->verdicts, status.verdicts.data, status.verdicts.len);
	if (bytes_failed(&check->verdicts, &err) < 0 || is_refused(check, &err))
		fail(check, &err);
	else
		conclude(check, NULL);
}

/* All whose only place is this list, and the one that was asked about. */
static int
gather(struct status_check *check, struct error *err)
{
	free(check->batch);
	check->batch = calloc(STATUS_BATCH_MAX, sizeof(*check->batch));
	check->batch_count = 0;
	if (check->batch == NULL)
		return error_set_memory(err);
	if (check->is_list &&
	    status_rows_of_list(rows_of(check), check->crl, now_of(check),
		check->batch, STATUS_BATCH_MAX - 1, &check->batch_count,
		err) < 0)
		return -1;
	for (size_t i = 0; i < check->batch_count; i++)
		if (digest_equal(&check->batch[i], &check->fingerprint))
			return 0;
	check->batch[check->batch_count++] = check->fingerprint;
	return 0;
}

static int
ask_verifier(struct status_check *check, struct error *err)
{
	struct message_verify_status ask = { .is_list = check->is_list,
		.has_nonce = !check->is_list,
		.nonce = check->nonce,
		.answer = blob_of_bytes(&check->answer) };
	struct bytes list = { 0 };
	struct bytes der = { 0 };
	int rc = gather(check, err);

	for (size_t i = 0; rc == 0 && i < check->batch_count; i++) {
		struct message_status_certificate one;

		bytes_clear(&der);
		rc = status_row_certificate(rows_of(check), &check->batch[i],
		    &der, err);
		one.certificate = blob_of_bytes(&der);
		if (rc == 0)
			message_list_add(&list, MESSAGE_STATUS_CERTIFICATE,
			    &one);
	}
	ask.certificates = blob_of_bytes(&list);
	if (rc == 0)
		rc = bytes_failed(&list, err);
	if (rc == 0)
		rc = peer_ask(check->watch->spool->verifier,
		    MESSAGE_VERIFY_STATUS, &ask, -1, on_verified, check, NULL,
		    err);
	bytes_free(&list);
	bytes_free(&der);
	return rc;
}

static void
on_fetched(void *ctx, struct ipc_message *message)
{
	struct status_check *check = ctx;
	struct message_fetched fetched;
	struct error err = { 0 };

	bytes_clear(&check->answer);
	if (message_read(message, MESSAGE_FETCHED, &fetched, &err) == 0 &&
	    fetched.status != 200)
		error_set_id(&err, "E6305", ERROR_BUSY,
		    "it answers with status %u", fetched.status);
	if (err.code == ERROR_NONE) {
		bytes_put(&check->answer, fetched.body.data, fetched.body.len);
		if (bytes_failed(&check->answer, &err) == 0 &&
		    ask_verifier(check, &err) == 0)
			return;
	}
	fail(check, &err);
}

static int
fetch(struct status_check *check, struct error *err)
{
	struct message_fetch ask = { .answer_max = OCSP_ANSWER_MAX,
		.timeout_ms = OCSP_TIMEOUT_MS };
	const char *url = check->is_list ? check->crl : check->ocsp;
	const char *address =
	    check->is_list ? check->crl_address : check->ocsp_address;

	text_copy(ask.url, sizeof(ask.url), url);
	text_copy(ask.address, sizeof(ask.address), address);
	if (check->is_list) {
		ask.answer_max = CRL_MAX;
		ask.timeout_ms = CRL_TIMEOUT_MS;
	} else {
		text_copy(ask.type, sizeof(ask.type),
		    "application/ocsp-request");
		ask.body = blob_of_bytes(&check->request);
	}
	return peer_ask(check->watch->spool->courier, MESSAGE_FETCH, &ask, -1,
	    on_fetched, check, NULL, err);
}

/* ---- asking ---------------------------------------------------------- */

/* The first of these lines that the configuration allows, or "". */
static void
choose(const struct status_check *check, const struct blob *lines, char *to,
    char *address)
{
	const char *at = (const char *)lines->data;
	size_t left = lines->len;

	to[0] = address[0] = '\0';
	while (left > 0) {
		const char *end = memchr(at, '\n', left);
		size_t len = end != NULL ? (size_t)(end - at) : left;

		if (text_copy_len(to, STATUS_URL_SIZE, at, len) &&
		    status_place_is_allowed(check->watch->allowed, to, address,
			MESSAGE_ADDRESS_SIZE))
			return;
		to[0] = '\0';
		len += end != NULL ? 1 : 0;
		at += len;
		left -= len;
	}
}

static void
on_places(void *ctx, struct ipc_message *message)
{
	struct status_check *check = ctx;
	struct message_status_places places;
	struct error err = { 0 };

	if (message_read(message, MESSAGE_STATUS_PLACES, &places, &err) == 0) {
		choose(check, &places.ocsp, check->ocsp, check->ocsp_address);
		choose(check, &places.crl, check->crl, check->crl_address);
		check->is_list = check->ocsp[0] == '\0';
		bytes_put(&check->request, places.request.data,
		    places.request.len);
		if (check->ocsp[0] == '\0' && check->crl[0] == '\0') {
			conclude(check, NULL);
			return;
		}
		if (bytes_failed(&check->request, &err) == 0 &&
		    fetch(check, &err) == 0)
			return;
	}
	conclude(check, &err);
}

static int
begin(struct status_check *check, const struct digest *fingerprint,
    struct error *err)
{
	struct message_status_ask ask;

	check->is_busy = true;
	check->fingerprint = *fingerprint;
	if (status_row_find(rows_of(check), fingerprint, &check->before, err) <
		0 ||
	    status_row_certificate(rows_of(check), fingerprint,
		&check->certificate, err) < 0 ||
	    random_fill(check->nonce.bytes, sizeof(check->nonce.bytes), err) <
		0)
		return -1;
	ask.certificate = blob_of_bytes(&check->certificate);
	ask.nonce = check->nonce;
	return peer_ask(check->watch->spool->verifier, MESSAGE_STATUS_ASK, &ask,
	    -1, on_places, check, NULL, err);
}

static bool
is_busy(const struct status_watch *watch, const struct digest *fingerprint)
{
	for (size_t i = 0; i < STATUS_CHECKS_MAX; i++) {
		const struct status_check *check = &watch->checks[i];

		if (!check->is_busy)
			continue;
		if (digest_equal(&check->fingerprint, fingerprint))
			return true;
		for (size_t k = 0; k < check->batch_count; k++)
			if (digest_equal(&check->batch[k], fingerprint))
				return true;
	}
	return false;
}

static struct status_check *
free_place(struct status_watch *watch)
{
	for (size_t i = 0; i < STATUS_CHECKS_MAX; i++)
		if (!watch->checks[i].is_busy)
			return &watch->checks[i];
	return NULL;
}

void
status_checks_begin(struct status_watch *watch)
{
	struct digest due[2 * STATUS_CHECKS_MAX];
	struct error err = { 0 };
	size_t count;

	if (watch->allowed[0] == '\0' || free_place(watch) == NULL)
		return;
	if (status_rows_due(store_rows(watch->spool->store),
		spool_now(watch->spool), due, ARRAY_LEN(due), &count,
		&err) < 0) {
		log_failure(&watch->spool->env->log, LOG_LEVEL_WARNING,
		    "certificate.status", &err);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		struct status_check *check = free_place(watch);
		struct error failure = { 0 };

		if (check == NULL)
			return;
		if (is_busy(watch, &due[i]))
			continue;
		check->watch = watch;
		if (begin(check, &due[i], &failure) < 0)
			conclude(check, &failure);
	}
}
