#define _GNU_SOURCE
/*
 * What is the same in every process is made once: there are some 110
 * certificates and keys in a history, and hosts that start anew decode them
 * thousands of times, and bulletins too.  What is lent out is read-only, so one
 * copy serves all.
 * TLS is only a name here.
 */
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/bytes.h"
#include "base/error.h"
#include "bulletin/bulletin.h"
#include "crypto/cert.h"
#include "crypto/cert_internal.h"
#include "crypto/key.h"
#include "directory/directory_changes.h"
#include "document/dtd.h"
#include "http/tls.h"
#include "json/json_read.h"
#include "simulate/sim_crypto.h"

enum { BUCKETS = 1024 };

/* ---- certificates ------------------------------------------------------------ */

struct kept {
	struct kept *next;
	struct cert *cert;
};

static struct kept *buckets[BUCKETS];

int __real_cert_parse(const void *der, size_t len, struct cert **ret_cert,
    struct error *err);
int __wrap_cert_parse(const void *der, size_t len, struct cert **ret_cert,
    struct error *err);
void __real_cert_free(struct cert *cert);
void __wrap_cert_free(struct cert *cert);

/* Serial numbers and keys are in its last bytes as well as in its first. */
static struct kept **
bucket_of(const void *der, size_t len)
{
	const uint8_t *data = der;
	uint32_t hash = 2166136261U;

	for (size_t i = len > 64 ? len - 64 : 0; i < len; i++)
		hash = (hash ^ data[i]) * 16777619U;
	return &buckets[hash % BUCKETS];
}

static struct cert *
find(struct kept *kept, const void *der, size_t len)
{
	for (; kept != NULL; kept = kept->next)
		if (kept->cert->der_len == len &&
		    memcmp(kept->cert->der, der, len) == 0)
			return kept->cert;
	return NULL;
}

int
__wrap_cert_parse(const void *der, size_t len, struct cert **ret_cert,
    struct error *err)
{
	struct kept **bucket = bucket_of(der, len);
	struct cert *cert = find(*bucket, der, len);
	struct kept *kept;

	if (cert == NULL) {
		if (__real_cert_parse(der, len, &cert, err) < 0)
			return -1;
		kept = malloc(sizeof(*kept));
		if (kept == NULL)
			abort();
		*kept = (struct kept){ *bucket, cert };
		*bucket = kept;
	}
	*ret_cert = cert;
	return 0;
}

/* Those that were made otherwise are not kept. */
void
__wrap_cert_free(struct cert *cert)
{
	if (cert != NULL &&
	    find(*bucket_of(cert->der, cert->der_len), cert->der,
		cert->der_len) != cert)
		__real_cert_free(cert);
}

/* ---- private keys ------------------------------------------------------------ */

struct kept_key {
	struct kept_key *next;
	struct key *key;
	size_t len;
	char data[];
};

static struct kept_key *keys;

int __real_key_parse(const void *data, size_t len, struct key **ret_key,
    struct error *err);
int __wrap_key_parse(const void *data, size_t len, struct key **ret_key,
    struct error *err);
void __real_key_free(struct key *key);
void __wrap_key_free(struct key *key);

int
__wrap_key_parse(const void *data, size_t len, struct key **ret_key,
    struct error *err)
{
	struct kept_key *kept = keys;

	while (kept != NULL &&
	    (kept->len != len || memcmp(kept->data, data, len) != 0))
		kept = kept->next;
	if (kept == NULL) {
		kept = malloc(sizeof(*kept) + len);
		if (kept == NULL)
			abort();
		if (__real_key_parse(data, len, &kept->key, err) < 0) {
			free(kept);
			return -1;
		}
		kept->len = len;
		memcpy(kept->data, data, len);
		kept->next = keys;
		keys = kept;
	}
	*ret_key = kept->key;
	return 0;
}

void
__wrap_key_free(struct key *key)
{
	for (const struct kept_key *kept = keys; kept != NULL;
	     kept = kept->next)
		if (kept->key == key)
			return;
	sim_crypto_forget(key);
	__real_key_free(key);
}

/* ---- bulletins --------------------------------------------------------------- */

/* Below it a text is an answer or a request rather than a bulletin. */
enum { TEXT_MIN = 512 };

struct kept_text {
	struct kept_text *next;
	json_t *document;
	size_t len;
	char data[];
};

static struct kept_text *texts[BUCKETS];

int __real_json_read(const void *data, size_t len, size_t max,
    struct json_document **ret_document, struct error *err);
int __wrap_json_read(const void *data, size_t len, size_t max,
    struct json_document **ret_document, struct error *err);

static void
keep_text(struct kept_text **bucket, const void *data, size_t len,
    struct json_document *document)
{
	struct kept_text *kept = malloc(sizeof(*kept) + len);

	if (kept == NULL)
		abort();
	kept->next = *bucket;
	kept->document = json_incref((json_t *)(void *)document);
	kept->len = len;
	memcpy(kept->data, data, len);
	*bucket = kept;
}

/* Some of its words: equal or not is seen by comparing. */
static uint32_t
hash_text(const uint8_t *data, size_t len)
{
	size_t step = len / 64 / sizeof(uint64_t) * sizeof(uint64_t) + 8;
	uint64_t hash = len;
	uint64_t word;

	for (size_t at = 0; at + sizeof(word) <= len; at += step) {
		memcpy(&word, data + at, sizeof(word));
		hash = (hash ^ word) * 0x9fb21c651e98df25U;
		hash ^= hash >> 32;
	}
	return (uint32_t)hash;
}

/* Every host decodes each bulletin, and again at each start. */
int
__wrap_json_read(const void *data, size_t len, size_t max,
    struct json_document **ret_document, struct error *err)
{
	struct kept_text **bucket;

	if (len < TEXT_MIN || len > max)
		return __real_json_read(data, len, max, ret_document, err);
	bucket = &texts[hash_text(data, len) % BUCKETS];
	for (const struct kept_text *kept = *bucket; kept != NULL;
	     kept = kept->next)
		if (kept->len == len && memcmp(kept->data, data, len) == 0) {
			*ret_document = (void *)json_incref(kept->document);
			return 0;
		}
	if (__real_json_read(data, len, max, ret_document, err) < 0)
		return -1;
	keep_text(bucket, data, len, *ret_document);
	return 0;
}

/* ---- directories -------------------------------------------------------------- */

struct kept_body {
	struct kept_body *next;
	struct digest bulletin;
	struct directory_body body;
};

static struct kept_body *bodies;

int __real_directory_body_decode(const struct bulletin *bulletin,
    struct directory_body *ret_body, struct error *err);
int __wrap_directory_body_decode(const struct bulletin *bulletin,
    struct directory_body *ret_body, struct error *err);

/* Its owner takes it apart. */
static void
copy_body(const struct directory_body *body, struct directory_body *ret_body)
{
	size_t count = body->changes.count;
	struct directory_change *list = calloc(count + 1, sizeof(*list));

	if (list == NULL)
		abort();
	for (size_t i = 0; i < count; i++) {
		const struct bytes *json = &body->changes.list[i].json;

		list[i] = body->changes.list[i];
		list[i].json = (struct bytes){ 0 };
		bytes_put(&list[i].json, json->data, json->len);
	}
	*ret_body = *body;
	ret_body->changes.list = list;
	ret_body->changes.size = count + 1;
}

int
__wrap_directory_body_decode(const struct bulletin *bulletin,
    struct directory_body *ret_body, struct error *err)
{
	struct kept_body *kept = bodies;

	while (
	    kept != NULL && !digest_equal(&kept->bulletin, &bulletin->digest))
		kept = kept->next;
	if (kept == NULL) {
		kept = calloc(1, sizeof(*kept));
		if (kept == NULL)
			abort();
		if (__real_directory_body_decode(bulletin, &kept->body, err) <
		    0) {
			free(kept);
			return -1;
		}
		kept->bulletin = bulletin->digest;
		kept->next = bodies;
		bodies = kept;
	}
	copy_body(&kept->body, ret_body);
	return 0;
}

/* ---- DTDs -------------------------------------------------------------------- */

static struct dtd_set *dtds;

int __real_dtd_set_new(struct dtd_set **ret_set, struct error *err);
int __wrap_dtd_set_new(struct dtd_set **ret_set, struct error *err);
void __wrap_dtd_set_free(struct dtd_set *set);

int
__wrap_dtd_set_new(struct dtd_set **ret_set, struct error *err)
{
	if (dtds == NULL && __real_dtd_set_new(&dtds, err) < 0)
		return -1;
	*ret_set = dtds;
	return 0;
}

void
__wrap_dtd_set_free(struct dtd_set *set)
{
	(void)set;
}

/* ---- TLS --------------------------------------------------------------------- */

struct tls {
	bool has_cert;
	struct digest fingerprint;
};

int __wrap_tls_server_new(const struct tls_identity *identity,
    enum tls_peer peer, struct tls **ret_tls, struct error *err);
int __wrap_tls_client_new(const struct tls_identity *identity,
    struct tls **ret_tls, struct error *err);
bool __wrap_tls_fingerprint(const struct tls *tls,
    struct digest *ret_fingerprint);
void __wrap_tls_free(struct tls *tls);

/* Key and certificate stand in one text. */
static int
read_fingerprint(const struct tls_identity *identity, struct tls *tls,
    struct error *err)
{
	static const char head[] = "-----BEGIN CERTIFICATE-----";
	static const char foot[] = "-----END CERTIFICATE-----\n";
	const char *at = memmem(identity->cert_pem, identity->cert_len, head,
	    sizeof(head) - 1);
	size_t left = at == NULL
	    ? 0
	    : identity->cert_len - (size_t)(at - identity->cert_pem);
	const char *end =
	    at == NULL ? NULL : memmem(at, left, foot, sizeof(foot) - 1);
	struct cert *cert = NULL;

	if (end == NULL)
		return error_set(err, ERROR_MALFORMED, "no certificate");
	if (cert_parse_pem(at, (size_t)(end - at) + sizeof(foot) - 1, &cert,
		err) < 0)
		return -1;
	tls->has_cert = true;
	tls->fingerprint = *cert_fingerprint(cert);
	cert_free(cert);
	return 0;
}

int
__wrap_tls_client_new(const struct tls_identity *identity, struct tls **ret_tls,
    struct error *err)
{
	struct tls *tls = calloc(1, sizeof(*tls));

	if (tls == NULL)
		abort();
	if (identity != NULL && read_fingerprint(identity, tls, err) < 0) {
		free(tls);
		return -1;
	}
	*ret_tls = tls;
	return 0;
}

int
__wrap_tls_server_new(const struct tls_identity *identity, enum tls_peer peer,
    struct tls **ret_tls, struct error *err)
{
	(void)peer;
	return __wrap_tls_client_new(identity, ret_tls, err);
}

bool
__wrap_tls_fingerprint(const struct tls *tls, struct digest *ret_fingerprint)
{
	*ret_fingerprint = tls->fingerprint;
	return tls->has_cert;
}

void
__wrap_tls_free(struct tls *tls)
{
	free(tls);
}
