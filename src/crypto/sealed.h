/*
 * Key parts as CMS AuthEnvelopedData in the one profile of docs/protocol.md 3.
 *
 * Opening is cut in three, because who parses hostile bytes must not hold keys:
 * sealed_parse() turns the bytes into fixed fields, sealed_unwrap() in the
 * keeper turns the fields and the private key into the content-encryption key,
 * sealed_open() decrypts with that.
 */
#ifndef CRYPTO_SEALED_H
#define CRYPTO_SEALED_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "crypto/cert.h"
#include "crypto/secret.h"

struct bytes;
struct error;
struct key;

enum {
	SEALED_WRAPPED_MAX = 512, /* RSA of 4096 bits */
	SEALED_POINT_MAX = 97,    /* uncompressed, P-384 */
	SEALED_UKM_MAX = 64,
	SEALED_NONCE_LEN = 12,
	SEALED_TAG_LEN = 16,
	SEALED_PLAIN_MAX = 4096,
};

enum sealed_algorithm { SEALED_RSA_OAEP, SEALED_ECDH_P256, SEALED_ECDH_P384 };

struct sealed_fields {
	enum sealed_algorithm algorithm;
	uint8_t key_id[CERT_KEY_ID_MAX]; /* the recipient's */
	size_t key_id_len;
	uint8_t wrapped[SEALED_WRAPPED_MAX];
	size_t wrapped_len;
	uint8_t point[SEALED_POINT_MAX]; /* ephemeral key; ECDH only */
	size_t point_len;
	uint8_t ukm[SEALED_UKM_MAX];
	size_t ukm_len; /* 0: none */
	uint8_t nonce[SEALED_NONCE_LEN];
	uint8_t tag[SEALED_TAG_LEN];
	const uint8_t *ciphertext; /* borrowed from the input */
	size_t ciphertext_len;
};

/*
 * Append the encryption of `plain` to the key of `recipient`, under a fresh
 * key and nonce (T-CRY-09).  ERROR_UNTRUSTED if the certificate's key is too
 * short, cannot receive, or has no key identifier (E3002), or if it is for
 * something else (E3711).
 */
int sealed_make(const struct cert *recipient, const void *plain, size_t len,
    struct bytes *out, struct error *err) MUST_CHECK;

/*
 * Decode; refuses everything but the profile: EnvelopedData, PKCS #1 v1.5,
 * SHA-1, several recipients, attributes (T-CRY-02, T-CRY-03).  ERROR_MALFORMED
 * (E3020) or ERROR_UNTRUSTED (E3021).
 */
int sealed_parse(const void *der, size_t len, struct sealed_fields *ret_fields,
    struct error *err) MUST_CHECK;

/*
 * The one private-key operation.  Every failure to unwrap is the same
 * ERROR_UNTRUSTED (E3022), so that nobody learns why.
 */
int sealed_unwrap(const struct key *key, const struct sealed_fields *fields,
    struct secret_key *ret_key, struct error *err) MUST_CHECK;

/*
 * Append the plain text to `plain`, nothing of it unless the tag holds;
 * ERROR_UNTRUSTED (E3022).
 */
int sealed_open(const struct secret_key *key,
    const struct sealed_fields *fields, struct bytes *plain,
    struct error *err) MUST_CHECK;

#endif
