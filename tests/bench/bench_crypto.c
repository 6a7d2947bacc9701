/*
 * What the cryptographic steps of one document cost: microseconds each, on one
 * core, with the forms around them.  Compare within one run only.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/bytes.h"
#include "base/error.h"
#include "bench/result.h"
#include "crypto/cert_cache.h"
#include "crypto/key.h"
#include "crypto/merkle.h"
#include "crypto/sealed.h"
#include "crypto/sha256.h"
#include "crypto/signed.h"
#include "crypto/stream.h"
#include "crypto/trust.h"
#include "envelope/waybill.h"
#include "harness/pki.h"

enum { CONTENT_LEN = 16384, WAYBILL_LEN = 900, MEASURE_MS = 300 };

struct bench {
	struct pki pki;
	struct pki_holder signer, recipient;
	struct signer with;
	struct cert_cache *cache;
	struct trust *trust;
	struct stream *stream;
	struct secret_key key;
	uint8_t *content;
	char waybill[WAYBILL_LEN];
	struct bytes cms, part, stored, out;
	struct digest leaves[5000];
};

typedef int (*step_fn)(struct bench *bench, struct error *err);

static double
now_us(void)
{
	struct timespec at;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &at);
	return (double)at.tv_sec * 1e6 + (double)at.tv_nsec / 1e3;
}

static void
give_up(const char *what, const struct error *err)
{
	fprintf(stderr, "%s: %s\n", what, err->text);
	exit(1);
}

static void
measure(const char *name, const char *what, step_fn step, struct bench *bench)
{
	double start = now_us();
	struct error err = { 0 };
	long count = 0;

	do {
		if (step(bench, &err) < 0)
			give_up(what, &err);
		count++;
	} while (now_us() - start < MEASURE_MS * 1000.0);
	result_print(name, (now_us() - start) / (double)count, "us", "%s",
	    what);
}

static int
sign_waybill(struct bench *b, struct error *err)
{
	bytes_clear(&b->cms);
	return signed_make(&b->with, 1, b->waybill, WAYBILL_LEN, pki_now,
	    &b->cms, err);
}

static int
verify_waybill(struct bench *b, struct error *err)
{
	struct signed_object object;

	return signed_verify(b->cache, b->cms.data, b->cms.len, 1, &object,
	    err);
}

static int
verify_without_cache(struct bench *b, struct error *err)
{
	struct cert_cache *cache;
	struct signed_object object;
	int rc;

	if (cert_cache_new(1, &cache, err) < 0)
		return -1;
	rc = signed_verify(cache, b->cms.data, b->cms.len, 1, &object, err);
	cert_cache_free(cache);
	return rc;
}

static int
check_chain(struct bench *b, struct error *err)
{
	return trust_check(b->trust, b->signer.cert, pki_now, err);
}

static int
make_part(struct bench *b, struct error *err)
{
	bytes_clear(&b->part);
	return sealed_make(b->recipient.cert, b->waybill, 400, &b->part, err);
}

static int
open_part(struct bench *b, struct error *err)
{
	struct sealed_fields fields;
	struct secret_key cek;

	bytes_clear(&b->out);
	if (sealed_parse(b->part.data, b->part.len, &fields, err) < 0 ||
	    sealed_unwrap(b->recipient.key, &fields, &cek, err) < 0)
		return -1;
	return sealed_open(&cek, &fields, &b->out, err);
}

static int
collect(void *context, const uint8_t *data, size_t len, struct error *err)
{
	bytes_put(context, data, len);
	return bytes_failed(context, err);
}

static int
encrypt_content(struct bench *b, struct error *err)
{
	bytes_clear(&b->stored);
	if (stream_begin_encrypt(b->stream, &b->key, "head", 4, collect,
		&b->stored, err) < 0 ||
	    stream_push(b->stream, b->content, CONTENT_LEN, err) < 0)
		return -1;
	return stream_finish(b->stream, err);
}

static int
decrypt_content(struct bench *b, struct error *err)
{
	bytes_clear(&b->out);
	if (stream_begin_decrypt(b->stream, &b->key, "head", 4, collect,
		&b->out, err) < 0 ||
	    stream_push(b->stream, b->stored.data, b->stored.len, err) < 0)
		return -1;
	return stream_finish(b->stream, err);
}

static int
hash_content(struct bench *b, struct error *err)
{
	struct digest digest;

	(void)err;
	sha256(b->content, CONTENT_LEN, &digest);
	return 0;
}

static int
hash_tree(struct bench *b, struct error *err)
{
	struct merkle_tree *tree;

	if (merkle_tree_new(b->leaves, 5000, &tree, err) < 0)
		return -1;
	merkle_tree_free(tree);
	return 0;
}

/* "crypto.STEP.KEY", and in words. */
static void
measure_with(struct bench *b, const char *step, const char *what,
    const char *key, step_fn fn)
{
	char name[64], text[64];

	snprintf(name, sizeof(name), "crypto.%s.%s", step, key);
	snprintf(text, sizeof(text), "%s, %s", what, key);
	measure(name, text, fn, b);
}

static void
measure_kind(struct bench *b, enum cert_key kind, const char *key)
{
	b->signer = pki_issue(&b->pki, ISSUE_SIGN, kind, key);
	b->with = signer_of(b->signer.cert, b->signer.key);
	measure_with(b, "sign", "sign a waybill", key, sign_waybill);
	measure_with(b, "verify", "verify a waybill", key, verify_waybill);
	measure_with(b, "verify_first", "verify the first of a signer", key,
	    verify_without_cache);
	pki_holder_free(&b->signer);
}

static void
measure_parts(struct bench *b, enum cert_key kind, const char *key)
{
	b->recipient = pki_issue(&b->pki, ISSUE_SEAL, kind, key);
	measure_with(b, "seal", "make a key part", key, make_part);
	measure_with(b, "open", "open a key part", key, open_part);
	pki_holder_free(&b->recipient);
}

static void
set_up(struct bench *b)
{
	struct error err = { 0 };

	pki_new(&b->pki);
	memset(b->waybill, 'w', sizeof(b->waybill));
	b->content = calloc(1, CONTENT_LEN);
	if (b->content == NULL || cert_cache_new(1024, &b->cache, &err) < 0 ||
	    stream_new(NULL, &b->stream, &err) < 0 ||
	    trust_new(&b->trust, &err) < 0 ||
	    trust_add_anchor(b->trust, b->pki.root.cert, &err) < 0 ||
	    trust_add_intermediate(b->trust, b->pki.sub.cert, &err) < 0)
		give_up("set up", &err);
}

static void
tear_down(struct bench *b)
{
	trust_free(b->trust);
	stream_free(b->stream);
	cert_cache_free(b->cache);
	free(b->content);
	bytes_free(&b->cms);
	bytes_free(&b->part);
	bytes_free(&b->stored);
	bytes_free(&b->out);
	pki_free(&b->pki);
}

int
main(void)
{
	struct bench *b = calloc(1, sizeof(*b));

	if (b == NULL)
		return 1;
	set_up(b);
	measure_kind(b, CERT_KEY_P256, "p256");
	measure_kind(b, CERT_KEY_RSA, "rsa2048");
	measure_kind(b, CERT_KEY_ED25519, "ed25519");
	measure_parts(b, CERT_KEY_P256, "p256");
	measure_parts(b, CERT_KEY_RSA, "rsa2048");
	b->signer = pki_issue(&b->pki, ISSUE_SIGN, CERT_KEY_P256, "chain");
	measure("crypto.chain", "check a chain seen before", check_chain, b);
	pki_holder_free(&b->signer);
	measure("crypto.encrypt.16k", "encrypt 16 KiB of content",
	    encrypt_content, b);
	measure("crypto.decrypt.16k", "decrypt 16 KiB of content",
	    decrypt_content, b);
	measure("crypto.sha256.16k", "SHA-256 of 16 KiB", hash_content, b);
	measure("crypto.tree.5000", "tree of 5,000 recipients", hash_tree, b);
	tear_down(b);
	free(b);
	return 0;
}
