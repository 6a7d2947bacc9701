#include "role/log/host_log.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "crypto/cert.h"
#include "crypto/random.h"
#include "envelope/receipt.h"
#include "role/env.h"
#include "role/spool/spool.h"
#include "store/leaves.h"
#include "store/store.h"
#include "sys/ipc.h"
#include "sys/loop.h"

void
host_log_take_key(struct host_log *log, const void *der, size_t len)
{
	struct cert *cert = NULL;
	struct error err = { 0 };

	if (cert_parse(der, len, &cert, &err) < 0 ||
	    !cert_ed25519(cert, log->public_key))
		log_event(&log->spool->env->log, LOG_LEVEL_ERROR, "log.no_key");
	else
		log->has_public = true;
	cert_free(cert);
}

int
host_log_append(struct host_log *log, const struct bytes *json,
    uint64_t *ret_entry, struct error *err)
{
	struct digest salt;

	if (random_draw(salt.bytes, sizeof(salt.bytes), err) < 0)
		return -1;
	return leaves_append(store_leaves(log->spool->store), &salt, json->data,
	    json->len, ret_entry, err);
}

/* ---- receipts -------------------------------------------------------- */

/* The text of `bytes` as a string of its own; frees `bytes`. */
static char *
take_text(struct bytes *bytes)
{
	char *text = NULL;

	if (!bytes->failed && bytes->data != NULL)
		text = text_dup_len((const char *)bytes->data, bytes->len);
	bytes_free(bytes);
	return text;
}

int
host_log_receipt_by(struct leaves *leaves, uint64_t entry, uint64_t size,
    const struct bytes *note, struct bytes *to, struct error *err)
{
	struct receipt receipt = { .index = entry };
	struct bytes statement = { 0 };
	int rc = -1;

	if (leaves_find(leaves, entry, &receipt.salt, &statement, err) < 0 ||
	    leaves_path(leaves, entry, size, receipt.path, &receipt.path_count,
		err) < 0)
		goto done;
	receipt.statement = take_text(&statement);
	receipt.checkpoint = text_dup_len((const char *)note->data, note->len);
	if (receipt.statement == NULL || receipt.checkpoint == NULL)
		error_set_memory(err);
	else
		rc = receipt_encode(&receipt, to, err);
done:
	bytes_free(&statement);
	receipt_free(&receipt);
	return rc;
}

int
host_log_receipt(struct leaves *leaves, uint64_t entry, struct bytes *to,
    struct error *err)
{
	struct bytes note = { 0 };
	uint64_t size;
	int rc = -1;

	if (leaves_checkpoint_find(leaves, entry + 1, &size, &note, err) == 0 &&
	    bytes_failed(&note, err) == 0)
		rc = host_log_receipt_by(leaves, entry, size, &note, to, err);
	bytes_free(&note);
	return rc;
}

/* ---- checkpoints ----------------------------------------------------- */

static int
make_note(struct host_log *log, const struct message_signature *answer,
    struct error *err)
{
	const struct leaves *leaves = store_leaves(log->spool->store);
	struct note_checkpoint checkpoint = { .size = leaves_size(leaves),
		.root = leaves_root(leaves) };

	text_copy(checkpoint.origin, sizeof(checkpoint.origin), log->origin);
	if (answer->signature.len != NOTE_SIGNATURE_LEN)
		return error_set(err, ERROR_SYSTEM,
		    "checkpoint signature of %zu bytes", answer->signature.len);
	log->size = checkpoint.size;
	bytes_clear(&log->note);
	return note_put(&checkpoint, log->public_key, answer->signature.data,
	    &log->note, err);
}

static void
on_kept(void *ctx, const struct error *failure)
{
	struct host_log *log = ctx;

	if (failure == NULL && log->on_checkpoint != NULL)
		log->on_checkpoint(log);
}

int
host_log_keep(struct host_log *log, struct error *err)
{
	struct store *store = log->spool->store;

	return leaves_checkpoint_add(store_leaves(store), log->size,
		   log->note.data, log->note.len, err) < 0
	    ? -1
	    : store_after(store, on_kept, log, err);
}

/*
 * The rows are durable, yet without a checkpoint nobody may be told.  If it
 * fails the next group's covers them too, so a repeat will find its receipt.
 */
static void
on_signed(void *ctx, struct ipc_message *message)
{
	struct host_log *log = ctx;
	struct message_signature answer;
	struct error err = { 0 };

	if (message_read(message, MESSAGE_SIGNATURE, &answer, &err) == 0 &&
	    make_note(log, &answer, &err) == 0) {
		group_keep_evidence(log->spool->group);
		return;
	}
	log_failure(&log->spool->env->log, LOG_LEVEL_ERROR, "log.checkpoint",
	    &err);
	group_attested(log->spool->group, &err);
}

void
host_log_attest(struct host_log *log)
{
	struct leaves *leaves = store_leaves(log->spool->store);
	struct note_checkpoint checkpoint = { .size = leaves_size(leaves),
		.root = leaves_root(leaves) };
	struct message_sign ask = { .key = "log",
		.kind = KEEPER_CHECKPOINT,
		.time = spool_now(log->spool) };
	struct bytes text = { 0 };
	struct error err = { 0 };
	uint64_t size;
	struct bytes newest = { 0 };

	/*
	 * A group that stated nothing needs no new checkpoint.  Before the
	 * directory names our log nothing is stated, though a crash may have
	 * left statements without a checkpoint: on_ready() sees to those.
	 */
	if (checkpoint.size == 0 || !log->has_key ||
	    (leaves_checkpoint_find(leaves, UINT64_MAX, &size, &newest, &err) ==
		    0 &&
		size == checkpoint.size)) {
		bytes_free(&newest);
		group_attested(log->spool->group, NULL);
		return;
	}
	bytes_free(&newest);
	text_copy(checkpoint.origin, sizeof(checkpoint.origin), log->origin);
	if (note_put_text(&checkpoint, &text, &err) == 0) {
		ask.statement = blob_of_bytes(&text);
		if (peer_ask(log->spool->keeper, MESSAGE_SIGN, &ask, -1,
			on_signed, log, NULL, &err) == 0) {
			bytes_free(&text);
			return;
		}
	}
	bytes_free(&text);
	group_attested(log->spool->group, &err);
}
