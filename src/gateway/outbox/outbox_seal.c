/*
 * What makes an encrypted package a waybill: a key part and a leaf for each
 * recipient, the tree over them, the module's signature, and all of it in rows
 * before the first byte leaves.
 */
#include <stdlib.h>

#include "base/text.h"
#include "crypto/cert_cache.h"
#include "crypto/merkle.h"
#include "crypto/sealed.h"
#include "crypto/sha256.h"
#include "directory/directory.h"
#include "envelope/leaf.h"
#include "envelope/waybill.h"
#include "exchange/urgency.h"
#include "gateway/outbox/outbox_pack.h"
#include "gateway/signing.h"
#include "json/json_write.h"
#include "store/store.h"
#include "sys/ipc.h"

enum { SEALS_PER_SLICE = 16 };

static const struct outbox_recipient *
recipient_of(const struct outbox_letter *letter, size_t index)
{
	const struct outbox_split *split = &letter->plan.splits[letter->split];

	return &letter->recipients[split->recipients[index]];
}

/* ---- key parts and leaves -------------------------------------------- */

/* Who receives for the recipient, as the directory has it now. */
static int
find_seal(const struct outbox_letter *letter, const struct org_code *code,
    struct directory_org *ret_org, struct directory_key *ret_seal,
    struct error *err)
{
	const struct directory *directory =
	    spool_directory(outbox_pack_spool(letter));
	struct directory_org receiver;

	/* A successor gets what was sent before, and nothing new. */
	if (directory_find_org(directory, code, ret_org) &&
	    directory_find_receiver(directory, code, &receiver, ret_seal) &&
	    !directory_is_heir(&receiver, code))
		return 0;
	return error_set_id(err, "E4016", ERROR_DENIED,
	    "%s cannot receive any more", code->text);
}

static int
seal_key(struct outbox_letter *letter, const struct org_code *recipient,
    const struct directory_key *seal, struct pack_leaf *leaf, struct error *err)
{
	struct outbox_pack *pack = letter->pack;
	const struct cert *cert;
	struct bytes plain = { 0 };
	int rc = -1;

	pack->secret.recipient = *recipient;
	leaf->key_at = pack->key_parts.len;
	if (keypart_encode(&pack->secret, &plain, err) == 0 &&
	    cert_cache_get(letter->outbox->seals, seal->certificate,
		seal->certificate_len, &cert, err) == 0)
		rc = sealed_make(cert, plain.data, plain.len, &pack->key_parts,
		    err);
	bytes_wipe(&plain);
	if (rc < 0 || bytes_failed(&pack->key_parts, err) < 0)
		return -1;
	leaf->key_len = pack->key_parts.len - leaf->key_at;
	return 0;
}

static int
make_leaf(struct outbox_letter *letter, size_t index, struct error *err)
{
	struct outbox_pack *pack = letter->pack;
	const struct org_code *code = &recipient_of(letter, index)->code;
	struct pack_leaf *made = &pack->leaves[index];
	struct leaf leaf = { .recipient = *code };
	struct directory_org org;
	struct directory_key seal;

	if (find_seal(letter, code, &org, &seal, err) < 0 ||
	    seal_key(letter, code, &seal, made, err) < 0)
		return -1;
	if (!text_copy(leaf.center, sizeof(leaf.center), org.center) ||
	    !text_copy(made->center, sizeof(made->center), org.center))
		return error_set(err, ERROR_MALFORMED, "center %s", org.center);
	leaf.seal = seal.fingerprint;
	sha256(pack->key_parts.data + made->key_at, made->key_len,
	    &leaf.key_part);
	made->json_at = pack->leaf_json.len;
	if (leaf_encode(&leaf, &pack->leaf_json, err) < 0)
		return -1;
	made->json_len = pack->leaf_json.len - made->json_at;
	made->hash =
	    merkle_leaf(pack->leaf_json.data + made->json_at, made->json_len);
	return 0;
}

/* ---- the waybill ----------------------------------------------------- */

static int
root_of(const struct outbox_pack *pack, struct digest *ret_root,
    struct error *err)
{
	struct digest *hashes = calloc(pack->leaf_count, sizeof(*hashes));

	if (hashes == NULL)
		return error_set_memory(err);
	for (size_t i = 0; i < pack->leaf_count; i++)
		hashes[i] = pack->leaves[i].hash;
	*ret_root = merkle_root(hashes, pack->leaf_count);
	free(hashes);
	return 0;
}

static int
make_waybill(struct outbox_pack *pack, struct error *err)
{
	struct waybill waybill = { .content = pack->content,
		.content_len = pack->content_len,
		.count = (uint32_t)pack->leaf_count,
		.commitment = keypart_commitment(&pack->secret) };

	if (!text_copy_len(waybill.head_text, sizeof(waybill.head_text),
		(const char *)pack->head_text.data, pack->head_text.len))
		return error_set(err, ERROR_MALFORMED, "head too long");
	if (root_of(pack, &waybill.root, err) < 0 ||
	    waybill_encode(&waybill, &pack->waybill, err) < 0)
		return -1;
	sha256(pack->waybill.data, pack->waybill.len, &pack->digest);
	return 0;
}

/* ---- rows ------------------------------------------------------------ */

static int
add_deliveries(const struct outbox_letter *letter, int64_t waybill,
    struct error *err)
{
	const struct outbox_pack *pack = letter->pack;
	struct rows *rows = store_rows(outbox_pack_spool(letter)->store);

	for (size_t i = 0; i < pack->leaf_count; i++) {
		const struct outbox_recipient *recipient =
		    recipient_of(letter, i);
		const struct pack_leaf *made = &pack->leaves[i];
		struct outbox_leaf leaf = {
			.recipient = recipient->code,
			.name = recipient->name,
			.is_copy = recipient->is_copy,
			.leaf = made->hash,
			.json = blob_of(pack->leaf_json.data + made->json_at,
			    made->json_len),
			.key_part = blob_of(pack->key_parts.data + made->key_at,
			    made->key_len),
		};

		text_copy(leaf.center, sizeof(leaf.center), made->center);
		if (outbox_delivery_add(rows, waybill, pack->head.created_at,
			&leaf, err) < 0)
			return -1;
	}
	return 0;
}

int
outbox_seal_document(const struct outbox_letter *letter, struct error *err)
{
	struct rows *rows = store_rows(outbox_pack_spool(letter)->store);
	struct bytes findings = { 0 };
	struct json_writer writer = json_writer_to(&findings);
	int rc = -1;

	if (outbox_findings_write(&letter->findings,
		blob_of_bytes(&letter->report), false, NULL, &writer,
		err) == 0 &&
	    json_write_done(&writer, err) == 0 &&
	    outbox_document_send(rows, &letter->document,
		blob_of_bytes(&findings), err) == 0)
		rc = outbox_hold_send(letter, err);
	bytes_free(&findings);
	return rc;
}

/*
 * With the last waybill the letter is sent: none leaves before all can.  A copy
 * of a series is sent with all others (outbox_series.c).
 */
static int
send_document(const struct outbox_letter *letter, struct error *err)
{
	if (letter->split + 1 < letter->plan.count || letter->series != NULL)
		return 0;
	if (outbox_seal_document(letter, err) < 0)
		return -1;
	return outbox_draft_send(letter, err);
}

/* Last, since it cannot be undone with the rows. */
static int
add_content(struct outbox_letter *letter, struct outbox_waybill *waybill,
    struct error *err)
{
	struct store *store = outbox_pack_spool(letter)->store;
	struct outbox_pack *pack = letter->pack;
	struct segment_writer *segment = pack->segment;
	struct payload payload = { 0 };
	int rc = -1;

	pack->segment = NULL;
	if (store_payload_add(store, segment, &payload, err) < 0)
		return -1;
	waybill->payload = payload.number;
	if (!digest_equal(&payload.digest, &pack->content) ||
	    payload.length != pack->content_len)
		error_set(err, ERROR_SYSTEM,
		    "the content part is not what was written");
	else
		rc =
		    outbox_waybill_set_payload(store_rows(store), waybill, err);
	if (rc < 0)
		store_payload_undo(store, payload.number);
	payload_free(&payload);
	return rc;
}

static int
apply(struct group_op *op, struct error *err)
{
	struct outbox_letter *letter = (struct outbox_letter *)(void *)op;
	const struct outbox_pack *pack = letter->pack;
	struct outbox_waybill waybill = {
		.document = letter->document.row,
		.step = JOB_SEND_WAYBILL,
		.waybill_id = pack->head.waybill_id,
		.with_attachments =
		    letter->plan.splits[letter->split].with_attachments,
		.created_at = pack->head.created_at,
		.not_after = pack->head.not_after_at,
		.digest = pack->digest,
		.package = pack->secret.package,
		.head = pack->secret.head,
		.content_len = pack->content_len,
		.speed = pack->head.speed,
		.rank = urgency_rank(pack->head.speed, pack->head.created_at,
		    letter->place),
	};

	if (outbox_waybill_add(store_rows(outbox_pack_spool(letter)->store),
		&waybill, blob_of_bytes(&pack->cms),
		blob_of_bytes(&pack->sealed), err) < 0 ||
	    add_deliveries(letter, waybill.row, err) < 0 ||
	    send_document(letter, err) < 0)
		return -1;
	return add_content(letter, &waybill, err);
}

static void
log_packed(const struct outbox_letter *letter)
{
	const struct outbox_pack *pack = letter->pack;
	char id[ID_TEXT_SIZE];
	struct log_line line;

	id_format(&pack->head.waybill_id, id);
	log_begin(&line, &outbox_pack_spool(letter)->env->log, LOG_LEVEL_NOTICE,
	    "waybill.made");
	log_text(&line, "waybill", id);
	log_text(&line, "org", letter->document.sender.text);
	log_text(&line, "trace", letter->document.trace);
	log_u64(&line, "recipients", pack->leaf_count);
	log_u64(&line, "bytes", pack->content_len);
	log_end(&line);
}

static void
finish(struct group_op *op, const struct error *failure)
{
	struct outbox_letter *letter = (struct outbox_letter *)(void *)op;

	if (failure != NULL) {
		outbox_letter_fail(letter, failure);
		return;
	}
	log_packed(letter);
	outbox_pack_next(letter);
}

/* ---- the keeper ------------------------------------------------------ */

static void
on_waybill_signed(void *ctx, const struct blob *signature,
    const struct error *failure)
{
	struct outbox_letter *letter = ctx;
	struct outbox_pack *pack = letter->pack;
	struct error err = { 0 };

	if (failure != NULL) {
		outbox_letter_fail(letter, failure);
		return;
	}
	bytes_put(&pack->cms, signature->data, signature->len);
	if (bytes_failed(&pack->cms, &err) < 0) {
		outbox_letter_fail(letter, &err);
		return;
	}
	letter->op.apply = apply;
	letter->op.finish = finish;
	group_add(outbox_pack_spool(letter)->group, &letter->op);
}

/* Last before the group, so that all that go into it are signed together. */
static void
on_kept(void *ctx, struct ipc_message *message)
{
	struct outbox_letter *letter = ctx;
	struct outbox_pack *pack = letter->pack;
	struct message_kept kept;
	struct error err = { 0 };

	if (message_read(message, MESSAGE_KEPT, &kept, &err) == 0)
		bytes_put(&pack->sealed, kept.secret.data, kept.secret.len);
	if (err.code != ERROR_NONE || bytes_failed(&pack->sealed, &err) < 0 ||
	    signing_ask(letter->outbox->gateway->signing, KEEPER_WAYBILL,
		"module", &pack->waybill, on_waybill_signed, letter, &err) < 0)
		outbox_letter_fail(letter, &err);
}

/* K and r never lie in the store as they are. */
static int
ask_keep(struct outbox_letter *letter, struct error *err)
{
	struct outbox_pack *pack = letter->pack;
	struct message_keep keep = { .is_open = false };
	struct bytes secret = { 0 };
	int rc = -1;

	bytes_put(&secret, pack->secret.key.bytes,
	    sizeof(pack->secret.key.bytes));
	bytes_put(&secret, pack->secret.random, sizeof(pack->secret.random));
	keep.secret = blob_of_bytes(&secret);
	if (bytes_failed(&secret, err) == 0)
		rc = peer_ask(outbox_pack_spool(letter)->keeper, MESSAGE_KEEP,
		    &keep, -1, on_kept, letter, NULL, err);
	bytes_wipe(&secret);
	return rc;
}

/* ---- slices ---------------------------------------------------------- */

int
outbox_seal_slice(struct outbox_letter *letter, struct error *err)
{
	struct outbox_pack *pack = letter->pack;
	size_t count = letter->plan.splits[letter->split].count;

	if (pack->leaves == NULL)
		pack->leaves = calloc(count, sizeof(*pack->leaves));
	if (pack->leaves == NULL)
		return error_set_memory(err);
	for (int i = 0; i < SEALS_PER_SLICE && pack->leaf_count < count; i++) {
		if (make_leaf(letter, pack->leaf_count, err) < 0)
			return -1;
		pack->leaf_count++;
	}
	if (pack->leaf_count < count)
		return 0;
	pack->step = PACK_WAITS;
	if (make_waybill(pack, err) < 0)
		return -1;
	return ask_keep(letter, err);
}
