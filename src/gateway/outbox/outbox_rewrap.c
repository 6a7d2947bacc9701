/*
 * Another key part for a delivery under way, when its recipient's center marks
 * it `rewrap` (docs/protocol.md 4): whose key it is made for, only our own
 * directory says.  Key part and addendum are durable before they leave, and the
 * same bytes go out until the center answers.  One that fails for its own sake
 * is put off by itself, and others go on.  The sealed key that they are made
 * from stays until retention (outbox_retain.c).
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "crypto/cert_cache.h"
#include "crypto/random.h"
#include "crypto/sealed.h"
#include "crypto/sha256.h"
#include "directory/directory.h"
#include "envelope/addendum.h"
#include "envelope/keypart.h"
#include "exchange/refusal.h"
#include "exchange/retry.h"
#include "gateway/outbox/outbox_internal.h"
#include "json/json_write.h"
#include "role/problem.h"
#include "service/config.h"
#include "store/store.h"
#include "sys/ipc.h"
#include "sys/loop.h"

enum { CALL_TIMEOUT_MS = 60000 };

struct outbox_rewraps {
	struct group_op op; /* first: the group hands it back */
	struct outbox *outbox;
	struct loop_timer *timer;
	struct retry retry;
	bool is_busy;  /* with what follows */
	bool has_made; /* save all of `rewrap`, not its step alone */
	bool is_ahead; /* it was signed when our clock was wrong */
	struct outbox_rewrap rewrap;
	struct outbox_waybill waybill;
	struct outbox_delivery delivery;
	struct directory_key seal;      /* while it is being made, and ... */
	char center[MESSAGE_HOST_SIZE]; /* at which who receives is */
	struct bytes json;              /* the addendum, to be signed */
};

static struct spool *
spool_of(const struct outbox_rewraps *rewraps)
{
	return &rewraps->outbox->gateway->spool;
}

static struct rows *
rows_of(const struct outbox_rewraps *rewraps)
{
	return store_rows(spool_of(rewraps)->store);
}

static uint64_t
serial_of(const struct outbox_rewraps *rewraps)
{
	const struct directory *directory = spool_directory(spool_of(rewraps));

	return directory != NULL ? directory_serials(directory).directory : 0;
}

static void
clear(struct outbox_rewraps *rewraps)
{
	outbox_rewrap_free(&rewraps->rewrap);
	rewraps->rewrap = (struct outbox_rewrap){ 0 };
	bytes_free(&rewraps->json);
	rewraps->is_busy = false;
	rewraps->has_made = false;
	rewraps->is_ahead = false;
}

static void
back_off(const struct outbox_rewraps *rewraps, struct retry *retry)
{
	const struct config *config = spool_of(rewraps)->env->config;
	struct retry_bounds bounds = { config->courier.retry_first_ms,
		config->courier.retry_max_ms };
	struct error err = { 0 };
	uint32_t random = 0;

	if (random_fill(&random, sizeof(random), &err) < 0)
		random = 0;
	retry_failed(retry, &bounds, spool_now(spool_of(rewraps)), 0, random);
}

static void
log_later(const struct outbox_rewraps *rewraps, const struct error *why)
{
	log_failure(&spool_of(rewraps)->env->log, LOG_LEVEL_WARNING,
	    "rewrap.later", why);
}

/* The center is away, or our rows are: all of them. */
static void
try_later(struct outbox_rewraps *rewraps, const struct error *why)
{
	log_later(rewraps, why);
	clear(rewraps);
	back_off(rewraps, &rewraps->retry);
	loop_timer_start(rewraps->timer,
	    (uint64_t)(rewraps->retry.next_at - spool_now(spool_of(rewraps))));
}

static int
apply_later(struct group_op *op, struct error *err)
{
	struct outbox_rewraps *rewraps = (struct outbox_rewraps *)(void *)op;
	struct retry retry = { .failures = rewraps->rewrap.failures };

	back_off(rewraps, &retry);
	return outbox_rewrap_later(rows_of(rewraps), rewraps->rewrap.delivery,
	    &retry, err);
}

static void
finish_later(struct group_op *op, const struct error *failure)
{
	struct outbox_rewraps *rewraps = (struct outbox_rewraps *)(void *)op;

	if (failure != NULL) {
		try_later(rewraps, failure);
		return;
	}
	clear(rewraps);
	loop_timer_start(rewraps->timer, 0);
}

/* This one. */
static void
put_off(struct outbox_rewraps *rewraps, const struct error *why)
{
	log_later(rewraps, why);
	rewraps->op.apply = apply_later;
	rewraps->op.finish = finish_later;
	group_add(spool_of(rewraps)->group, &rewraps->op);
}

/* ---- durable --------------------------------------------------------- */

static int
apply(struct group_op *op, struct error *err)
{
	struct outbox_rewraps *rewraps = (struct outbox_rewraps *)(void *)op;

	int rc = rewraps->has_made
	    ? outbox_rewrap_save(rows_of(rewraps), &rewraps->rewrap, err)
	    : outbox_rewrap_step(rows_of(rewraps), &rewraps->rewrap, err);

	/* After a pause: our clock may be wrong still. */
	return rc == 0 && rewraps->is_ahead ? apply_later(op, err) : rc;
}

static void
finish(struct group_op *op, const struct error *failure)
{
	struct outbox_rewraps *rewraps = (struct outbox_rewraps *)(void *)op;

	if (failure != NULL) {
		try_later(rewraps, failure);
		return;
	}
	clear(rewraps);
	retry_succeeded(&rewraps->retry);
	loop_timer_start(rewraps->timer, 0);
}

/* What it came to, by the directory of `tried`. */
static void
store(struct outbox_rewraps *rewraps, enum outbox_rewrap_step step,
    uint64_t tried)
{
	rewraps->rewrap.step = step;
	rewraps->rewrap.tried = tried;
	rewraps->op.apply = apply;
	rewraps->op.finish = finish;
	group_add(spool_of(rewraps)->group, &rewraps->op);
}

static void
note(const struct outbox_rewraps *rewraps, enum log_level level,
    const char *event, const char *code)
{
	char id[ID_TEXT_SIZE];
	struct log_line line;

	id_format(&rewraps->waybill.waybill_id, id);
	log_begin(&line, &spool_of(rewraps)->env->log, level, event);
	log_text(&line, "delivery", id);
	log_text(&line, "org", rewraps->delivery.recipient.text);
	log_text(&line, "receiver", rewraps->rewrap.receiver.text);
	if (code != NULL)
		log_text(&line, "code", code);
	log_end(&line);
}

/* ---- handing in ------------------------------------------------------ */

/* Its time was ahead of the center's: as if it had never been made. */
static void
make_anew(struct outbox_rewraps *rewraps)
{
	rewraps->is_ahead = true;
	rewraps->has_made = true;
	rewraps->rewrap.serial = 0;
	rewraps->rewrap.receiver = (struct org_code){ "" };
	store(rewraps, OUTBOX_REWRAP_MAKE, 0);
}

/* Refused for good: what the sender can do about it, a newer directory says. */
static void
on_refused(struct outbox_rewraps *rewraps, const struct message_called *called)
{
	char code[ERROR_ID_SIZE];
	struct error err = { 0 };
	enum refusal refusal;

	problem_code(called->body, code, sizeof(code));
	if (text_equal(code, "E4025")) {
		make_anew(rewraps);
		return;
	}
	refusal = refusal_judge(called->status, code);
	error_set(&err, ERROR_BUSY, "the center answers %u %s", called->status,
	    code);
	if (refusal == REFUSAL_OF_ALL || refusal_is_of_caller(code)) {
		try_later(rewraps, &err);
		return;
	}
	if (refusal != REFUSAL_FOR_GOOD) {
		put_off(rewraps, &err);
		return;
	}
	note(rewraps, LOG_LEVEL_WARNING, "rewrap.refused", code);
	store(rewraps, OUTBOX_REWRAP_MAKE, rewraps->rewrap.serial);
}

static void
on_called(void *ctx, struct ipc_message *message)
{
	struct outbox_rewraps *rewraps = ctx;
	struct message_called called;
	struct error err = { 0 };

	if (message_read(message, MESSAGE_CALLED, &called, &err) < 0) {
		try_later(rewraps, &err);
	} else if (called.status >= 300) {
		on_refused(rewraps, &called);
	} else {
		note(rewraps, LOG_LEVEL_NOTICE, "rewrap.posted", NULL);
		store(rewraps, OUTBOX_REWRAP_POSTED, rewraps->rewrap.serial);
	}
}

static int
post(struct outbox_rewraps *rewraps, struct error *err)
{
	struct message_call call = { .method = "POST",
		.path = "/v1/rewraps",
		.type = "application/json",
		.timeout_ms = CALL_TIMEOUT_MS };
	const struct outbox_rewrap *rewrap = &rewraps->rewrap;
	struct bytes body = { 0 };
	struct json_writer writer = json_writer_to(&body);
	int rc = -1;

	json_write_begin_object(&writer, NULL);
	json_write_base64(&writer, "addendum", rewrap->cms.data,
	    rewrap->cms.len);
	json_write_base64(&writer, "key_part", rewrap->key_part.data,
	    rewrap->key_part.len);
	json_write_end(&writer);
	if (json_write_done(&writer, err) == 0) {
		text_copy(call.peer, sizeof(call.peer),
		    rewraps->outbox->gateway->center);
		call.body = blob_of_bytes(&body);
		rc = peer_ask(spool_of(rewraps)->courier, MESSAGE_CALL, &call,
		    -1, on_called, rewraps, NULL, err);
	}
	bytes_free(&body);
	return rc;
}

/* ---- making ---------------------------------------------------------- */

static void
on_signed(void *ctx, struct ipc_message *message)
{
	struct outbox_rewraps *rewraps = ctx;
	struct message_signature answer;
	struct error err = { 0 };

	if (message_read(message, MESSAGE_SIGNATURE, &answer, &err) == 0) {
		bytes_put(&rewraps->rewrap.cms, answer.signature.data,
		    answer.signature.len);
		if (bytes_failed(&rewraps->rewrap.cms, &err) == 0) {
			note(rewraps, LOG_LEVEL_NOTICE, "rewrap.made", NULL);
			rewraps->has_made = true;
			store(rewraps, OUTBOX_REWRAP_POST,
			    rewraps->rewrap.serial);
			return;
		}
	}
	put_off(rewraps, &err);
}

static int
sign(struct outbox_rewraps *rewraps, struct error *err)
{
	struct spool *spool = spool_of(rewraps);
	struct message_sign ask = { .key = "module",
		.kind = KEEPER_ADDENDUM,
		.time = spool_now(spool),
		.statement = blob_of_bytes(&rewraps->json) };

	return peer_ask(spool->keeper, MESSAGE_SIGN, &ask, -1, on_signed,
	    rewraps, NULL, err);
}

/* The new leaf, and what the module is to sign about it. */
static int
encode(struct outbox_rewraps *rewraps, struct error *err)
{
	struct outbox_rewrap *rewrap = &rewraps->rewrap;
	struct addendum addendum = {
		.waybill = rewraps->waybill.digest,
		.waybill_id = rewraps->waybill.waybill_id,
		.recipient = rewraps->delivery.recipient,
		.receiver = rewrap->receiver,
		.old_leaf = rewraps->delivery.leaf,
		.leaf = { .recipient = rewraps->delivery.recipient,
		    .seal = rewrap->seal },
		.directory = rewrap->serial,
		.time_at = spool_now(spool_of(rewraps)),
	};

	sha256(rewrap->key_part.data, rewrap->key_part.len,
	    &addendum.leaf.key_part);
	text_copy(addendum.environment, sizeof(addendum.environment),
	    rewraps->outbox->gateway->environment);
	text_copy(addendum.leaf.center, sizeof(addendum.leaf.center),
	    rewraps->center);
	return addendum_encode(&addendum, &rewraps->json, err);
}

/* K and r are here for as long as this takes. */
static int
seal_key(struct outbox_rewraps *rewraps, const struct message_kept *kept,
    struct error *err)
{
	struct keypart part = { .head = rewraps->waybill.head,
		.recipient = rewraps->delivery.recipient,
		.package = rewraps->waybill.package };
	const struct cert *cert;
	struct bytes plain = { 0 };
	int rc = -1;

	if (kept->secret.len != sizeof(part.key.bytes) + sizeof(part.random))
		return error_set(err, ERROR_SYSTEM, "a secret of %zu bytes",
		    kept->secret.len);
	memcpy(part.key.bytes, kept->secret.data, sizeof(part.key.bytes));
	memcpy(part.random, kept->secret.data + sizeof(part.key.bytes),
	    sizeof(part.random));
	if (keypart_encode(&part, &plain, err) == 0 &&
	    cert_cache_get(rewraps->outbox->seals, rewraps->seal.certificate,
		rewraps->seal.certificate_len, &cert, err) == 0)
		rc = sealed_make(cert, plain.data, plain.len,
		    &rewraps->rewrap.key_part, err);
	bytes_wipe(&plain);
	secret_wipe(&part, sizeof(part));
	return rc < 0 ? -1 : bytes_failed(&rewraps->rewrap.key_part, err);
}

/* Whose key it is to be for, by the directory as it is at this moment. */
static bool
find_seal(struct outbox_rewraps *rewraps)
{
	const struct directory *directory = spool_directory(spool_of(rewraps));
	struct directory_org receiver;

	if (directory == NULL ||
	    !directory_find_receiver(directory, &rewraps->delivery.recipient,
		&receiver, &rewraps->seal))
		return false;
	rewraps->rewrap.receiver = receiver.code;
	/* It may have moved since the leaf was made. */
	text_copy(rewraps->center, sizeof(rewraps->center), receiver.center);
	rewraps->rewrap.seal = rewraps->seal.fingerprint;
	rewraps->rewrap.serial = serial_of(rewraps);
	return true;
}

static void
on_opened(void *ctx, struct ipc_message *message)
{
	struct outbox_rewraps *rewraps = ctx;
	struct message_kept kept;
	struct error err = { 0 };

	/* The directory may be another one since the keeper was asked. */
	if (message_read(message, MESSAGE_KEPT, &kept, &err) < 0 ||
	    (!find_seal(rewraps) &&
		error_set(&err, ERROR_BUSY, "nobody receives for %s",
		    rewraps->delivery.recipient.text) < 0) ||
	    seal_key(rewraps, &kept, &err) < 0 || encode(rewraps, &err) < 0 ||
	    sign(rewraps, &err) < 0)
		put_off(rewraps, &err);
}

static int
ask_secret(struct outbox_rewraps *rewraps, struct error *err)
{
	struct message_keep ask = { .is_open = true };
	struct bytes sealed = { 0 };
	int rc = outbox_waybill_secret(rows_of(rewraps), rewraps->waybill.row,
	    &sealed, err);

	ask.secret = blob_of_bytes(&sealed);
	if (rc == 0)
		rc = peer_ask(spool_of(rewraps)->keeper, MESSAGE_KEEP, &ask, -1,
		    on_opened, rewraps, NULL, err);
	bytes_free(&sealed);
	return rc;
}

/* The certificate that the newest key part is for. */
static int
seal_so_far(struct outbox_rewraps *rewraps, struct digest *ret_seal,
    struct error *err)
{
	struct bytes json = { 0 };
	struct leaf leaf;
	int rc = -1;

	if (rewraps->rewrap.serial > 0) {
		*ret_seal = rewraps->rewrap.seal;
		return 0;
	}
	if (outbox_delivery_leaf(rows_of(rewraps), rewraps->delivery.row, &json,
		err) == 0 &&
	    leaf_decode(json.data, json.len, &leaf, err) == 0) {
		*ret_seal = leaf.seal;
		rc = 0;
	}
	bytes_free(&json);
	return rc;
}

/*
 * 1 if the directory names another key, or another organisation, than the
 * newest key part is for; only then is there something to make.
 */
static int
has_new_key(struct outbox_rewraps *rewraps, struct error *err)
{
	const struct directory *directory = spool_directory(spool_of(rewraps));
	const struct org_code *recipient = &rewraps->delivery.recipient;
	struct directory_org receiver;
	struct directory_key seal;
	struct digest last;

	if (directory == NULL ||
	    !directory_find_receiver(directory, recipient, &receiver, &seal))
		return 0;
	if (seal_so_far(rewraps, &last, err) < 0)
		return -1;
	return !digest_equal(&seal.fingerprint, &last) ||
	    (directory_is_heir(&receiver, recipient) &&
		!org_code_equal(&receiver.code, &rewraps->rewrap.receiver));
}

static int
make(struct outbox_rewraps *rewraps, struct error *err)
{
	int is_needed = has_new_key(rewraps, err);

	if (is_needed < 0)
		return -1;
	if (is_needed == 0) {
		note(rewraps, LOG_LEVEL_NOTICE, "rewrap.waits", NULL);
		store(rewraps, OUTBOX_REWRAP_MAKE, serial_of(rewraps));
		return 0;
	}
	bytes_clear(&rewraps->rewrap.cms);
	bytes_clear(&rewraps->rewrap.key_part);
	return ask_secret(rewraps, err);
}

/* ---- one after the other --------------------------------------------- */

/* 1, or 0 if there is nothing to do now. */
static int
find_next(struct outbox_rewraps *rewraps, int64_t now, struct error *err)
{
	int64_t latest =
	    now + spool_of(rewraps)->env->config->courier.retry_max_ms;
	int found = outbox_rewrap_next(rows_of(rewraps), serial_of(rewraps),
	    now, latest, &rewraps->rewrap, err);

	return found <= 0 ? found
			  : outbox_delivery_find_row(rows_of(rewraps),
				rewraps->rewrap.delivery, &rewraps->waybill,
				&rewraps->delivery, err);
}

static int
watch_due(struct outbox_rewraps *rewraps, int64_t now, struct error *err)
{
	int64_t next_at;

	clear(rewraps);
	if (outbox_rewrap_next_due(rows_of(rewraps), now, &next_at, err) < 0)
		return -1;
	if (next_at != INT64_MAX)
		loop_timer_start(rewraps->timer, (uint64_t)(next_at - now));
	return 0;
}

static void
look(void *ctx)
{
	struct outbox_rewraps *rewraps = ctx;
	int64_t now = spool_now(spool_of(rewraps));
	struct error err = { 0 };
	int found;

	if (rewraps->is_busy)
		return;
	rewraps->is_busy = true;
	found = find_next(rewraps, now, &err);
	if (found > 0 && rewraps->rewrap.step != OUTBOX_REWRAP_POST) {
		if (make(rewraps, &err) < 0)
			put_off(rewraps, &err);
		return;
	}
	if (found > 0)
		found = post(rewraps, &err);
	else if (found == 0)
		found = watch_due(rewraps, now, &err);
	if (found < 0)
		try_later(rewraps, &err);
}

void
outbox_rewrap_wake(struct outbox_rewraps *rewraps)
{
	if (!rewraps->is_busy &&
	    retry_is_due(&rewraps->retry, spool_now(spool_of(rewraps))))
		loop_timer_start(rewraps->timer, 0);
}

int
outbox_rewraps_new(struct outbox *outbox, struct outbox_rewraps **ret_rewraps,
    struct error *err)
{
	struct outbox_rewraps *rewraps = calloc(1, sizeof(*rewraps));

	if (rewraps == NULL)
		return error_set_memory(err);
	rewraps->outbox = outbox;
	if (loop_timer_new(outbox->gateway->spool.env->loop, look, rewraps,
		&rewraps->timer, err) < 0) {
		free(rewraps);
		return -1;
	}
	*ret_rewraps = rewraps;
	return 0;
}

void
outbox_rewraps_free(struct outbox_rewraps *rewraps)
{
	if (rewraps == NULL)
		return;
	loop_timer_free(rewraps->timer);
	clear(rewraps);
	free(rewraps);
}
