/*
 * Making another key part: for whom the directory names at that moment, with an
 * addendum that the module signs.
 */
#include <string.h>

#include "base/text.h"
#include "crypto/cert_cache.h"
#include "crypto/sealed.h"
#include "crypto/sha256.h"
#include "envelope/addendum.h"
#include "envelope/keypart.h"
#include "gateway/outbox/outbox_rewrap_internal.h"
#include "sys/ipc.h"

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
			outbox_rewraps_note(rewraps, LOG_LEVEL_NOTICE,
			    "rewrap.made", NULL);
			rewraps->has_made = true;
			outbox_rewraps_store(rewraps, OUTBOX_REWRAP_POST,
			    rewraps->rewrap.serial);
			return;
		}
	}
	outbox_rewraps_put_off(rewraps, &err);
}

static int
sign(struct outbox_rewraps *rewraps, struct error *err)
{
	struct spool *spool = outbox_rewraps_spool(rewraps);
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
		.time_at = spool_now(outbox_rewraps_spool(rewraps)),
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
	const struct directory *directory =
	    spool_directory(outbox_rewraps_spool(rewraps));
	struct directory_org receiver;

	if (directory == NULL ||
	    !directory_find_receiver(directory, &rewraps->delivery.recipient,
		&receiver, &rewraps->seal))
		return false;
	rewraps->rewrap.receiver = receiver.code;
	/* It may have moved since the leaf was made. */
	text_copy(rewraps->center, sizeof(rewraps->center), receiver.center);
	rewraps->rewrap.seal = rewraps->seal.fingerprint;
	rewraps->rewrap.serial =
	    spool_directory_serial(outbox_rewraps_spool(rewraps));
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
		outbox_rewraps_put_off(rewraps, &err);
}

static int
ask_secret(struct outbox_rewraps *rewraps, struct error *err)
{
	struct message_keep ask = { .is_open = true };
	struct bytes sealed = { 0 };
	int rc = outbox_waybill_secret(outbox_rewraps_rows(rewraps),
	    rewraps->waybill.row, &sealed, err);

	ask.secret = blob_of_bytes(&sealed);
	if (rc == 0)
		rc = peer_ask(outbox_rewraps_spool(rewraps)->keeper,
		    MESSAGE_KEEP, &ask, -1, on_opened, rewraps, NULL, err);
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
	if (outbox_delivery_leaf(outbox_rewraps_rows(rewraps),
		rewraps->delivery.row, &json, err) == 0 &&
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
	const struct directory *directory =
	    spool_directory(outbox_rewraps_spool(rewraps));
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

int
outbox_rewrap_make(struct outbox_rewraps *rewraps, struct error *err)
{
	int is_needed = has_new_key(rewraps, err);

	if (is_needed < 0)
		return -1;
	if (is_needed == 0) {
		outbox_rewraps_note(rewraps, LOG_LEVEL_NOTICE, "rewrap.waits",
		    NULL);
		outbox_rewraps_store(rewraps, OUTBOX_REWRAP_MAKE,
		    spool_directory_serial(outbox_rewraps_spool(rewraps)));
		return 0;
	}
	bytes_clear(&rewraps->rewrap.cms);
	bytes_clear(&rewraps->rewrap.key_part);
	return ask_secret(rewraps, err);
}
