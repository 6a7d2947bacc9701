#include "center/center_log.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "center/center.h"
#include "center/center_cosign.h"
#include "crypto/random.h"
#include "envelope/receipt.h"
#include "store/leaves.h"
#include "store/store.h"

int
center_log_append(struct center *center, const struct bytes *json,
    uint64_t *ret_entry, struct error *err)
{
	struct digest salt;

	if (random_fill(salt.bytes, sizeof(salt.bytes), err) < 0)
		return -1;
	return leaves_append(store_leaves(center->spool.store), &salt,
	    json->data, json->len, ret_entry, err);
}

int
center_log_state(struct center *center, struct statement *statement,
    uint64_t *ret_entry, struct error *err)
{
	struct bulletin_serials serials =
	    bulletins_serials(center->spool.bulletins);
	struct bytes json = { 0 };
	int rc = -1;

	text_copy(statement->environment, sizeof(statement->environment),
	    center->environment);
	text_copy(statement->center, sizeof(statement->center), center->name);
	statement->time_ms = spool_now(&center->spool);
	statement->serials = (struct statement_serials){ serials.root,
		serials.directory, serials.network, serials.timestamp };
	if (statement_encode(statement, &json, err) == 0)
		rc = center_log_append(center, &json, ret_entry, err);
	bytes_free(&json);
	return rc;
}

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
center_log_receipt(struct leaves *leaves, uint64_t entry, struct bytes *to,
    struct error *err)
{
	struct receipt receipt = { .index = entry };
	struct bytes statement = { 0 };
	struct bytes note = { 0 };
	uint64_t size;
	int rc = -1;

	if (leaves_find(leaves, entry, &receipt.salt, &statement, err) < 0 ||
	    leaves_checkpoint_find(leaves, entry + 1, &size, &note, err) < 0 ||
	    leaves_path(leaves, entry, size, receipt.path, &receipt.path_count,
		err) < 0)
		goto done;
	receipt.statement = take_text(&statement);
	receipt.checkpoint = take_text(&note);
	if (receipt.statement == NULL || receipt.checkpoint == NULL)
		error_set_memory(err);
	else
		rc = receipt_encode(&receipt, to, err);
done:
	bytes_free(&statement);
	bytes_free(&note);
	receipt_free(&receipt);
	return rc;
}

/* ---- checkpoints ----------------------------------------------------- */

static int
put_checkpoint(struct center *center, const struct message_signature *answer,
    struct error *err)
{
	struct leaves *leaves = store_leaves(center->spool.store);
	struct note_checkpoint checkpoint = { .size = leaves_size(leaves),
		.root = leaves_root(leaves) };
	struct bytes note = { 0 };
	int rc = -1;

	text_copy(checkpoint.origin, sizeof(checkpoint.origin), center->origin);
	if (answer->signature.len != NOTE_SIGNATURE_LEN)
		return error_set(err, ERROR_SYSTEM,
		    "checkpoint signature of %zu bytes", answer->signature.len);
	if (note_put(&checkpoint, center->log_public, answer->signature.data,
		&note, err) < 0 ||
	    store_begin(center->spool.store, err) < 0)
		goto done;
	if (leaves_checkpoint_add(leaves, checkpoint.size, note.data, note.len,
		err) < 0) {
		store_abort(center->spool.store, err);
		goto done;
	}
	rc = store_commit(center->spool.store, err);
	if (rc == 0)
		center_cosign_wake(center->cosign);
done:
	bytes_free(&note);
	return rc;
}

/*
 * The rows are durable, yet without a checkpoint nobody may be told.  The next
 * group's checkpoint covers them too, so a repeat will find its receipt.
 */
static void
on_signed(void *ctx, struct ipc_message *message)
{
	struct center *center = ctx;
	struct message_signature answer;
	struct error err = { 0 };

	if (message_read(message, MESSAGE_SIGNATURE, &answer, &err) < 0 ||
	    put_checkpoint(center, &answer, &err) < 0) {
		log_failure(&center->spool.env->log, LOG_LEVEL_ERROR,
		    "log.checkpoint", &err);
		group_attested(center->spool.group, &err);
		return;
	}
	group_attested(center->spool.group, NULL);
}

void
center_log_attest(void *ctx)
{
	struct center *center = ctx;
	struct leaves *leaves = store_leaves(center->spool.store);
	struct note_checkpoint checkpoint = { .size = leaves_size(leaves),
		.root = leaves_root(leaves) };
	struct message_sign ask = { .key = "log",
		.kind = KEEPER_CHECKPOINT,
		.time = spool_now(&center->spool) };
	struct bytes text = { 0 };
	struct error err = { 0 };
	uint64_t size;
	struct bytes newest = { 0 };

	/*
	 * A group that stated nothing needs no new checkpoint.  Before the
	 * directory names our log nothing is stated, though a crash may have
	 * left statements without a checkpoint: on_ready() sees to those.
	 */
	if (checkpoint.size == 0 || !center->has_log_key ||
	    (leaves_checkpoint_find(leaves, UINT64_MAX, &size, &newest, &err) ==
		    0 &&
		size == checkpoint.size)) {
		bytes_free(&newest);
		group_attested(center->spool.group, NULL);
		return;
	}
	bytes_free(&newest);
	text_copy(checkpoint.origin, sizeof(checkpoint.origin), center->origin);
	if (note_put_text(&checkpoint, &text, &err) == 0) {
		ask.statement = blob_of_bytes(&text);
		if (peer_ask(center->spool.keeper, MESSAGE_SIGN, &ask, -1,
			on_signed, center, NULL, &err) == 0) {
			bytes_free(&text);
			return;
		}
	}
	bytes_free(&text);
	group_attested(center->spool.group, &err);
}
