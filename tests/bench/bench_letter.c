#include "bench/bench_letter.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "crypto/cert.h"
#include "crypto/key.h"
#include "crypto/merkle.h"
#include "crypto/random.h"
#include "crypto/sealed.h"
#include "crypto/sha256.h"
#include "crypto/signed.h"
#include "crypto/stream.h"
#include "envelope/act.h"
#include "envelope/batch.h"
#include "envelope/bundle.h"
#include "envelope/keypart.h"
#include "envelope/leaf.h"
#include "envelope/waybill.h"
#include "sys/clock.h"
#include "sys/file.h"

enum {
	PEM_MAX = 65536,
	PATH_SIZE = 4096,
	LIFE_MS = 3600 * 1000,
	CENTER_SIZE = 10,
};

#define SENDER "376490000A"

struct pair {
	struct bytes pem; /* key, then certificate */
	size_t cert_at;
	struct key *key;
	struct cert *cert;
};

struct letter_maker {
	struct pair module, their_module, their_sign, their_seal;
	struct stream *stream;
	uint8_t *package; /* random bytes, all letters alike */
	size_t package_len;
	struct digest package_digest;
};

static void
must(int rc, const struct error *err, const char *what)
{
	if (rc >= 0)
		return;
	fprintf(stderr, "%s: %s\n", what, err->text);
	exit(EXIT_FAILURE);
}

/* ---- keys ------------------------------------------------------------ */

static void
read_pair(const char *folder, const char *name, struct pair *ret_pair)
{
	struct pair pair = { 0 };
	struct error err = { 0 };
	char path[PATH_SIZE];
	const char *text, *cert;

	snprintf(path, sizeof(path), "%s/%s.pem", folder, name);
	must(file_read_all(AT_FDCWD, path, PEM_MAX, &pair.pem, &err), &err,
	    path);
	bytes_put_u8(&pair.pem, '\0');
	text = (const char *)pair.pem.data;
	cert = strstr(text, "-----BEGIN CERTIFICATE");
	if (cert == NULL) {
		fprintf(stderr, "%s: no certificate after the key\n", path);
		exit(EXIT_FAILURE);
	}
	pair.cert_at = (size_t)(cert - text);
	must(key_parse(text, pair.cert_at, &pair.key, &err), &err, path);
	must(cert_parse_pem(cert, strlen(cert), &pair.cert, &err), &err, path);
	*ret_pair = pair;
}

static void
free_pair(struct pair *pair)
{
	key_free(pair->key);
	cert_free(pair->cert);
	bytes_wipe(&pair->pem);
}

static void
read_tls_pair(const char *folder, const char *host, struct pair *ret_pair)
{
	char name[64];

	snprintf(name, sizeof(name), "%s.keys/tls", host);
	read_pair(folder, name, ret_pair);
}

struct tls *
letter_tls(const char *folder, const char *host)
{
	struct pair pair;
	struct tls_identity identity;
	struct tls *tls = NULL;
	struct error err = { 0 };
	const char *text;

	read_tls_pair(folder, host, &pair);
	text = (const char *)pair.pem.data;
	identity = (struct tls_identity){ .key_pem = text,
		.key_len = pair.cert_at,
		.cert_pem = text + pair.cert_at,
		.cert_len = strlen(text + pair.cert_at) };
	must(tls_client_new(&identity, &tls, &err), &err, host);
	free_pair(&pair);
	return tls;
}

struct digest
letter_fingerprint(const char *folder, const char *host)
{
	struct pair pair;
	struct digest fingerprint;

	read_tls_pair(folder, host, &pair);
	fingerprint = *cert_fingerprint(pair.cert);
	free_pair(&pair);
	return fingerprint;
}

struct letter_maker *
letter_maker_new(const char *folder)
{
	struct letter_maker *maker = calloc(1, sizeof(*maker));
	struct error err = { 0 };

	if (maker == NULL)
		abort();
	read_pair(folder, "gateway-1.keys/module", &maker->module);
	read_pair(folder, "gateway-2.keys/module", &maker->their_module);
	read_pair(folder, "gateway-2.keys/sign." LETTER_RECIPIENT,
	    &maker->their_sign);
	read_pair(folder, "gateway-2.keys/seal." LETTER_RECIPIENT,
	    &maker->their_seal);
	must(stream_new(NULL, &maker->stream, &err), &err, "stream");
	return maker;
}

void
letter_maker_free(struct letter_maker *maker)
{
	free_pair(&maker->module);
	free_pair(&maker->their_module);
	free_pair(&maker->their_sign);
	free_pair(&maker->their_seal);
	stream_free(maker->stream);
	free(maker->package);
	free(maker);
}

/* ---- parts of a letter ----------------------------------------------- */

static void
want_package(struct letter_maker *maker, size_t len)
{
	struct error err = { 0 };

	if (maker->package_len == len)
		return;
	free(maker->package);
	maker->package = malloc(len);
	if (maker->package == NULL)
		abort();
	must(random_fill(maker->package, len, &err), &err, "random");
	maker->package_len = len;
	sha256(maker->package, len, &maker->package_digest);
}

static int
collect(void *context, const uint8_t *data, size_t len, struct error *err)
{
	bytes_put(context, data, len);
	return bytes_failed(context, err);
}

static void
encrypt(struct letter_maker *maker, const struct keypart *secret,
    struct bytes *to)
{
	struct error err = { 0 };

	must(stream_begin_encrypt(maker->stream, &secret->key,
		 secret->head.bytes, DIGEST_LEN, collect, to, &err),
	    &err, "content");
	must(stream_push(maker->stream, maker->package, maker->package_len,
		 &err),
	    &err, "content");
	must(stream_finish(maker->stream, &err), &err, "content");
}

static void
make_head(const struct letter_maker *maker, uint32_t number,
    struct waybill *waybill)
{
	struct head *head = &waybill->head;
	uint8_t random[2][ID_RANDOM_LEN];
	int64_t now = clock_now_ms();
	struct bytes text = { 0 };
	struct error err = { 0 };

	must(random_fill(random, sizeof(random), &err), &err, "random");
	for (unsigned i = 0; i < 4; i++)
		random[0][ID_RANDOM_LEN - 4 + i] =
		    (uint8_t)(number >> (24 - 8 * i));
	text_copy(head->environment, sizeof(head->environment), "demo");
	text_copy(head->center, sizeof(head->center), "center-a");
	head->waybill_id = id_make(now, random[0]);
	head->document_id = id_make(now, random[1]);
	org_code_parse(SENDER, &head->sender);
	head->module = *cert_fingerprint(maker->module.cert);
	head->created_at = now;
	head->not_after_at = now + LIFE_MS;
	must(head_encode(head, &text, &err), &err, "head");
	text_copy_len(waybill->head_text, sizeof(waybill->head_text),
	    (const char *)text.data, text.len);
	sha256(text.data, text.len, &waybill->head_digest);
	bytes_free(&text);
}

/* Leaf and key part of one recipient, as records. */
static void
put_recipient(const struct letter_maker *maker, struct keypart *secret,
    unsigned index, unsigned of, struct bytes *to, struct digest *ret_leaf)
{
	struct leaf leaf = { .center = "center-a" };
	struct bytes plain = { 0 }, part = { 0 }, json = { 0 };
	struct error err = { 0 };
	char unit[16];

	snprintf(unit, sizeof(unit), "U%06u", index % 1000000);
	org_code_join(LETTER_RECIPIENT, of > 1 ? unit : "", &leaf.recipient);
	secret->recipient = leaf.recipient;
	must(keypart_encode(secret, &plain, &err), &err, "key part");
	must(sealed_make(maker->their_seal.cert, plain.data, plain.len, &part,
		 &err),
	    &err, "key part");
	leaf.seal = *cert_fingerprint(maker->their_seal.cert);
	sha256(part.data, part.len, &leaf.key_part);
	must(leaf_encode(&leaf, &json, &err), &err, "leaf");
	*ret_leaf = merkle_leaf(json.data, json.len);
	bundle_put(to, BUNDLE_LEAF, json.data, json.len);
	bundle_put(to, BUNDLE_KEY_PART, part.data, part.len);
	bytes_wipe(&plain);
	bytes_free(&part);
	bytes_free(&json);
}

static const enum event act_events[LETTER_ACTS] = { EVENT_FETCHED, EVENT_OPENED,
	EVENT_CONFIRMED };

static void
make_acts(const struct letter_maker *maker, const struct waybill *waybill,
    const struct digest *leaf, unsigned count, struct letter *letter)
{
	struct act act = { .environment = "demo",
		.waybill = waybill->digest,
		.waybill_id = waybill->head.waybill_id,
		.leaf = *leaf,
		.content = waybill->content,
		.time_at = waybill->head.created_at };

	org_code_parse(LETTER_RECIPIENT, &act.recipient);
	for (unsigned i = 0; i < count; i++) {
		struct error err = { 0 };

		act.event = act_events[i];
		if (act.event != EVENT_FETCHED)
			act.package = maker->package_digest;
		must(act_encode(&act, &letter->acts[i], &err), &err, "act");
	}
}

/* ---- signing --------------------------------------------------------- */

static void
sign(const struct pair *pair, const struct bytes *json, struct bytes *to)
{
	struct signer with = signer_of(pair->cert, pair->key);
	struct error err = { 0 };

	must(signed_make(&with, 1, json->data, json->len, clock_now_ms(), to,
		 &err),
	    &err, "signing");
}

/* Each of `texts` becomes the item of a batch, or, alone, a CMS. */
static void
sign_all(const struct pair *pair, enum batch_type type,
    struct bytes *const *texts, size_t count)
{
	struct digest *leaves = calloc(count, sizeof(*leaves));
	struct digest path[MERKLE_PATH_MAX];
	struct batch batch = { .environment = "demo",
		.type = type,
		.count = (uint32_t)count };
	struct batch_item item = { .count = (uint32_t)count };
	struct merkle_tree *tree = NULL;
	struct bytes json = { 0 }, cms = { 0 };
	struct error err = { 0 };

	if (leaves == NULL)
		abort();
	for (size_t i = 0; i < count; i++)
		leaves[i] = batch_leaf(type, texts[i]->data, texts[i]->len);
	must(merkle_tree_new(leaves, count, &tree, &err), &err, "tree");
	batch.root = merkle_tree_root(tree);
	must(batch_encode(&batch, &json, &err), &err, "batch");
	sign(pair, count > 1 ? &json : texts[0], &cms);
	item.cms = cms.data;
	item.cms_len = cms.len;
	for (size_t i = 0; i < count; i++) {
		struct bytes whole = { 0 };

		item.index = (uint32_t)i;
		item.path_count = merkle_tree_path(tree, i, path);
		memcpy(item.path, path, item.path_count * sizeof(*path));
		item.statement = texts[i]->data;
		item.statement_len = texts[i]->len;
		if (count > 1)
			batch_item_put(&item, &whole);
		else
			bytes_put(&whole, cms.data, cms.len);
		bytes_free(texts[i]);
		*texts[i] = whole;
	}
	merkle_tree_free(tree);
	bytes_free(&json);
	bytes_free(&cms);
	free(leaves);
}

static void
put_body(struct letter *letter)
{
	struct bytes rest = letter->body;
	struct error err = { 0 };

	letter->body = (struct bytes){ 0 };
	bundle_put_magic(&letter->body);
	bundle_put(&letter->body, BUNDLE_WAYBILL, letter->waybill.data,
	    letter->waybill.len);
	bytes_put(&letter->body, rest.data, rest.len);
	must(bytes_failed(&letter->body, &err), &err, "memory");
	bytes_free(&rest);
	bytes_free(&letter->waybill);
}

void
letter_sign(struct letter_maker *maker, struct letter *letters, size_t count)
{
	struct bytes *texts[BATCH_ITEMS_MAX] = { NULL };

	for (size_t i = 0; i < count; i++)
		texts[i] = &letters[i].waybill;
	sign_all(&maker->module, BATCH_WAYBILL, texts, count);
	for (size_t i = 0; i < count; i++)
		put_body(&letters[i]);
	for (unsigned act = 0;
	     act < LETTER_ACTS && letters[0].acts[act].len > 0; act++) {
		for (size_t i = 0; i < count; i++)
			texts[i] = &letters[i].acts[act];
		sign_all(act_is_of_organisation(act_events[act])
			? &maker->their_sign
			: &maker->their_module,
		    BATCH_ACT, texts, count);
	}
}

void
letter_make(struct letter_maker *maker, uint32_t number, size_t bytes,
    unsigned recipients, unsigned acts, struct letter *ret_letter)
{
	struct waybill waybill = { .count = recipients };
	struct digest *leaves = calloc(recipients, sizeof(*leaves));
	struct bytes content = { 0 };
	struct letter letter = { 0 };
	struct keypart secret = { 0 };
	struct error err = { 0 };

	if (leaves == NULL)
		abort();
	want_package(maker, bytes);
	make_head(maker, number, &waybill);
	must(random_fill(secret.key.bytes, SECRET_KEY_LEN, &err), &err, "key");
	must(random_fill(secret.random, KEYPART_RANDOM_LEN, &err), &err, "key");
	secret.head = waybill.head_digest;
	secret.package = maker->package_digest;
	encrypt(maker, &secret, &content);
	for (unsigned i = 0; i < recipients; i++)
		put_recipient(maker, &secret, i, recipients, &letter.body,
		    &leaves[i]);
	sha256(content.data, content.len, &waybill.content);
	waybill.content_len = content.len;
	waybill.root = merkle_root(leaves, recipients);
	waybill.commitment = keypart_commitment(&secret);
	must(waybill_encode(&waybill, &letter.waybill, &err), &err, "waybill");
	sha256(letter.waybill.data, letter.waybill.len, &waybill.digest);
	bundle_put(&letter.body, BUNDLE_CONTENT, content.data, content.len);
	must(bytes_failed(&letter.body, &err), &err, "memory");
	letter.waybill_id = waybill.head.waybill_id;
	make_acts(maker, &waybill, &leaves[0], acts, &letter);
	bytes_free(&content);
	free(leaves);
	*ret_letter = letter;
}

void
letter_free(struct letter *letter)
{
	bytes_free(&letter->body);
	bytes_free(&letter->waybill);
	for (unsigned i = 0; i < LETTER_ACTS; i++)
		bytes_free(&letter->acts[i]);
}

uint32_t
letter_number(const struct id *waybill_id)
{
	struct cursor cursor = cursor_of(waybill_id->bytes + ID_LEN - 4, 4);

	return cursor_u32(&cursor);
}
