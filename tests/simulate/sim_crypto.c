/*
 * Cheap deterministic crypto behind the interfaces of src/crypto: a signature
 * is a digest over the public key and what is signed, a key part carries its
 * key.  The formats around them, and all decisions on them, are the product's.
 * This says nothing about the strength of anything; other tests do.
 */
#include "simulate/sim_crypto.h"

/* The method table is deprecated, and just what is needed here. */
#undef OPENSSL_NO_DEPRECATED
#undef OPENSSL_API_COMPAT
#define OPENSSL_API_COMPAT 10101
#define OPENSSL_SUPPRESS_DEPRECATED

#include <stdlib.h>
#include <string.h>

#include <openssl/rand.h>

#include "base/bytes.h"
#include "base/error.h"
#include "crypto/ed25519.h"
#include "crypto/key.h"
#include "crypto/known_answers.h"
#include "crypto/sealed.h"
#include "crypto/sha256.h"
#include "role/keeper/keeper_module.h"
#include "role/keeper/keeper_uses.h"
#include "simulate/sim.h"

void __wrap_keeper_module_open(struct keeper_module *module,
    const struct config *config);
int __wrap_keeper_uses_open(const char *path, struct keeper_keys *keys,
    struct keeper_uses *ret_uses, struct error *err);
int __wrap_known_answer_test(enum known_answer which, bool is_wrong,
    struct error *err);
int __wrap_key_sign(const struct key *key, const void *data, size_t len,
    struct bytes *signature, struct error *err);
int __wrap_key_sign_digest(const struct key *key, const struct digest *digest,
    struct bytes *signature, struct error *err);
int __wrap_key_verify(const struct cert *cert, enum key_scheme scheme,
    const void *data, size_t len, const void *signature, size_t signature_len,
    struct error *err);
int __wrap_ed25519_sign(const struct ed25519_key *key, const void *data,
    size_t len, uint8_t to[ED25519_SIGNATURE_LEN], struct error *err);
int __wrap_ed25519_verify(const uint8_t public_key[ED25519_PUBLIC_LEN],
    const void *data, size_t len,
    const uint8_t signature[ED25519_SIGNATURE_LEN], struct error *err);
int __wrap_sealed_make(const struct cert *recipient, const void *plain,
    size_t len, struct bytes *out, struct error *err);
int __wrap_sealed_parse(const void *der, size_t len,
    struct sealed_fields *ret_fields, struct error *err);
int __wrap_sealed_unwrap(const struct key *key,
    const struct sealed_fields *fields, struct secret_key *ret_key,
    struct error *err);
int __wrap_sealed_open(const struct secret_key *key,
    const struct sealed_fields *fields, struct bytes *plain, struct error *err);

/* ---- random bytes ------------------------------------------------------------ */

static int
random_bytes(unsigned char *to, int len)
{
	uint64_t word = 0;

	for (int i = 0; i < len; i++) {
		if (i % 8 == 0)
			word = sim_random();
		to[i] = (unsigned char)(word >> (i % 8 * 8));
	}
	return 1;
}

static int
random_status(void)
{
	return 1;
}

void
sim_crypto_start(void)
{
	static const RAND_METHOD method = { .bytes = random_bytes,
		.pseudorand = random_bytes,
		.status = random_status };

	if (RAND_set_rand_method(&method) != 1)
		abort();
}

/* ---- signatures ---------------------------------------------------------------- */

enum { MARK_LEN = 64 }; /* of a signature */

static void
mark(const void *public_key, size_t key_len, const void *data, size_t len,
    uint8_t to[MARK_LEN])
{
	const struct sha256_part parts[] = { { "signature", 9 },
		{ public_key, key_len }, { data, len } };
	struct digest digest;

	sha256_parts(parts, 3, &digest);
	memcpy(to, &digest, sizeof(digest));
	memset(to + sizeof(digest), 0x5a, MARK_LEN - sizeof(digest));
}

/* Each writes out its public half once. */
static struct known_key {
	struct known_key *next;
	const struct key *key;
	struct bytes spki;
} * known_keys;

void
sim_crypto_forget(const struct key *key)
{
	for (struct known_key *known = known_keys; known != NULL;
	     known = known->next)
		if (known->key == key)
			known->key = NULL;
}

static int
find_spki(const struct key *key, const struct bytes **ret_spki,
    struct error *err)
{
	struct known_key *known = known_keys;

	while (known != NULL && known->key != key)
		known = known->next;
	if (known == NULL) {
		known = calloc(1, sizeof(*known));
		if (known == NULL)
			abort();
		known->key = key;
		if (key_put_spki(key, &known->spki, err) < 0) {
			free(known);
			return -1;
		}
		known->next = known_keys;
		known_keys = known;
	}
	*ret_spki = &known->spki;
	return 0;
}

int
__wrap_key_sign_digest(const struct key *key, const struct digest *digest,
    struct bytes *signature, struct error *err)
{
	const struct bytes *spki;
	uint8_t bytes[MARK_LEN];

	if (find_spki(key, &spki, err) < 0)
		return -1;
	mark(spki->data, spki->len, digest, sizeof(*digest), bytes);
	bytes_put(signature, bytes, sizeof(bytes));
	return 0;
}

int
__wrap_key_sign(const struct key *key, const void *data, size_t len,
    struct bytes *signature, struct error *err)
{
	struct digest digest;

	sha256(data, len, &digest);
	/* A log key: its signatures are checked by ed25519_verify() below. */
	if (key_kind(key) == CERT_KEY_ED25519) {
		const struct bytes *spki;
		uint8_t bytes[MARK_LEN];

		if (find_spki(key, &spki, err) < 0 ||
		    spki->len < ED25519_PUBLIC_LEN)
			return -1;
		mark(spki->data + spki->len - ED25519_PUBLIC_LEN,
		    ED25519_PUBLIC_LEN, data, len, bytes);
		bytes_put(signature, bytes, sizeof(bytes));
		return 0;
	}
	return __wrap_key_sign_digest(key, &digest, signature, err);
}

int
__wrap_key_verify(const struct cert *cert, enum key_scheme scheme,
    const void *data, size_t len, const void *signature, size_t signature_len,
    struct error *err)
{
	uint8_t wanted[MARK_LEN];
	struct digest digest;
	size_t spki_len;
	const uint8_t *spki = cert_spki_der(cert, &spki_len);

	(void)scheme;
	if (cert_ed25519(cert, wanted)) {
		uint8_t public_key[ED25519_PUBLIC_LEN];

		memcpy(public_key, wanted, sizeof(public_key));
		mark(public_key, sizeof(public_key), data, len, wanted);
	} else {
		sha256(data, len, &digest);
		mark(spki, spki_len, &digest, sizeof(digest), wanted);
	}
	if (signature_len == MARK_LEN &&
	    memcmp(wanted, signature, MARK_LEN) == 0)
		return 0;
	return error_set_id(err, "E3005", ERROR_UNTRUSTED,
	    "the signature does not hold");
}

int
__wrap_ed25519_sign(const struct ed25519_key *key, const void *data, size_t len,
    uint8_t to[ED25519_SIGNATURE_LEN], struct error *err)
{
	uint8_t public_key[ED25519_PUBLIC_LEN];

	if (ed25519_key_public(key, public_key, err) < 0)
		return -1;
	mark(public_key, sizeof(public_key), data, len, to);
	return 0;
}

int
__wrap_ed25519_verify(const uint8_t public_key[ED25519_PUBLIC_LEN],
    const void *data, size_t len,
    const uint8_t signature[ED25519_SIGNATURE_LEN], struct error *err)
{
	uint8_t wanted[MARK_LEN];

	mark(public_key, ED25519_PUBLIC_LEN, data, len, wanted);
	if (memcmp(wanted, signature, MARK_LEN) == 0)
		return 0;
	return error_set(err, ERROR_UNTRUSTED, "the signature does not hold");
}

/* ---- key parts ------------------------------------------------------------------- */

static const char seal_magic[] = "SIMSEAL1";

enum { MAGIC_LEN = 8 };

static void
tag_of(const void *key, const void *plain, size_t len,
    uint8_t to[SEALED_TAG_LEN])
{
	const struct sha256_part parts[] = { { key, SECRET_KEY_LEN },
		{ plain, len } };
	struct digest digest;

	sha256_parts(parts, 2, &digest);
	memcpy(to, &digest, SEALED_TAG_LEN);
}

int
__wrap_sealed_make(const struct cert *recipient, const void *plain, size_t len,
    struct bytes *out, struct error *err)
{
	const struct cert_info *info = cert_info(recipient);
	uint8_t key[SECRET_KEY_LEN];
	uint8_t tag[SEALED_TAG_LEN];

	random_bytes(key, sizeof(key));
	tag_of(key, plain, len, tag);
	bytes_put(out, seal_magic, MAGIC_LEN);
	bytes_put_u8(out, (uint8_t)info->key_id_len);
	bytes_put(out, info->key_id, info->key_id_len);
	bytes_put(out, key, sizeof(key));
	bytes_put(out, tag, sizeof(tag));
	bytes_put(out, plain, len);
	return bytes_failed(out, err);
}

int
__wrap_sealed_parse(const void *der, size_t len,
    struct sealed_fields *ret_fields, struct error *err)
{
	struct cursor cursor = cursor_of(der, len);
	struct sealed_fields fields = { .algorithm = SEALED_ECDH_P256 };
	const uint8_t *magic = cursor_take(&cursor, MAGIC_LEN);

	fields.key_id_len = cursor_u8(&cursor);
	if (magic == NULL || memcmp(magic, seal_magic, MAGIC_LEN) != 0 ||
	    fields.key_id_len > sizeof(fields.key_id))
		return error_set_id(err, "E3020", ERROR_MALFORMED,
		    "not a key part");
	cursor_copy(&cursor, fields.key_id, fields.key_id_len);
	fields.wrapped_len = SECRET_KEY_LEN;
	cursor_copy(&cursor, fields.wrapped, fields.wrapped_len);
	/* Fields that the codec between roles wants to be there. */
	fields.wrapped_len = SECRET_KEY_LEN + 8;
	fields.point_len = 65;
	fields.point[0] = 4;
	cursor_copy(&cursor, fields.tag, sizeof(fields.tag));
	if (cursor.failed)
		return error_set_id(err, "E3020", ERROR_MALFORMED,
		    "a key part cut short");
	fields.ciphertext = cursor.data;
	fields.ciphertext_len = cursor.left;
	*ret_fields = fields;
	return 0;
}

int
__wrap_sealed_unwrap(const struct key *key, const struct sealed_fields *fields,
    struct secret_key *ret_key, struct error *err)
{
	(void)key;
	(void)err;
	memcpy(ret_key->bytes, fields->wrapped, SECRET_KEY_LEN);
	return 0;
}

int
__wrap_sealed_open(const struct secret_key *key,
    const struct sealed_fields *fields, struct bytes *plain, struct error *err)
{
	uint8_t tag[SEALED_TAG_LEN];

	tag_of(key->bytes, fields->ciphertext, fields->ciphertext_len, tag);
	if (memcmp(tag, fields->tag, sizeof(tag)) != 0)
		return error_set_id(err, "E3022", ERROR_UNTRUSTED,
		    "the key part does not open");
	bytes_put(plain, fields->ciphertext, fields->ciphertext_len);
	return bytes_failed(plain, err);
}

/* ---- the crypto module ------------------------------------------------------- */

/* One program runs all of them: not read anew at each start of a keeper. */
void
__wrap_keeper_module_open(struct keeper_module *module,
    const struct config *config)
{
	(void)config;
	memset(module, 0, sizeof(*module));
	module->wrong = -1;
}

/* How often keys were used is counted by a file of the system: not here. */
int
__wrap_keeper_uses_open(const char *path, struct keeper_keys *keys,
    struct keeper_uses *ret_uses, struct error *err)
{
	(void)path;
	(void)keys;
	(void)err;
	*ret_uses = (struct keeper_uses){ .fd = -1 };
	return 0;
}

/* The answers here are not those of the algorithms. */
int
__wrap_known_answer_test(enum known_answer which, bool is_wrong,
    struct error *err)
{
	(void)which;
	(void)is_wrong;
	(void)err;
	return 0;
}
