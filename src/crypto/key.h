/*
 * Private keys in memory: soft keys of tests, demo and modules without token.
 * Only the keeper and the tools that make keys hold one.
 */
#ifndef CRYPTO_KEY_H
#define CRYPTO_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "crypto/cert.h"

struct bytes;
struct error;
struct evp_pkey_st;

struct key;

enum { KEY_RSA_BITS = 2048, KEY_SIGNATURE_MAX = 512 };

/* Make one; an RSA key gets KEY_RSA_BITS bits. */
int key_generate(enum cert_key kind, struct key **ret_key,
    struct error *err) MUST_CHECK;

/*
 * Read an unencrypted PKCS #8 key, PEM or DER.  Fails with ERROR_MALFORMED,
 * or ERROR_UNTRUSTED (E3002) for a kind that cert_check_policy() refuses.
 */
int key_parse(const void *data, size_t len, struct key **ret_key,
    struct error *err) MUST_CHECK;
void key_free(struct key *key);

/*
 * The same for one that a passphrase locks: PKCS #8 PEM with PBES2, scrypt and
 * AES-256-CBC, as `openssl pkcs8 -scrypt` writes it.  Reading fails with
 * ERROR_DENIED (E7033) for the wrong passphrase.
 */
bool key_is_locked(const void *data, size_t len);
int key_unlock(const void *data, size_t len, const char *passphrase,
    struct key **ret_key, struct error *err) MUST_CHECK;
int key_put_locked_pem(const struct key *key, const char *passphrase,
    struct bytes *to, struct error *err) MUST_CHECK;

/* Append as PKCS #8 PEM; wipe `to` with bytes_wipe(). */
int key_put_pem(const struct key *key, struct bytes *to,
    struct error *err) MUST_CHECK;

/* Append the public key as SubjectPublicKeyInfo. */
int key_put_spki(const struct key *key, struct bytes *to,
    struct error *err) MUST_CHECK;

enum cert_key key_kind(const struct key *key);
bool key_matches(const struct key *key, const struct cert *cert);

/*
 * Append the signature over `data`: RSASSA-PKCS1-v1_5 or ECDSA with SHA-256,
 * or Ed25519.
 */
int key_sign(const struct key *key, const void *data, size_t len,
    struct bytes *signature, struct error *err) MUST_CHECK;

/* The same over a digest made already; not with Ed25519. */
int key_sign_digest(const struct key *key, const struct digest *digest,
    struct bytes *signature, struct error *err) MUST_CHECK;

/* How a signature was made; kinds of key and these go together. */
enum key_scheme { KEY_SCHEME_PLAIN, KEY_SCHEME_PSS };

/*
 * Check a signature made as by key_sign(), or by RSASSA-PSS with SHA-256 and
 * 32 bytes of salt.  ERROR_UNTRUSTED (E3005).
 */
int key_verify(const struct cert *cert, enum key_scheme scheme,
    const void *data, size_t len, const void *signature, size_t signature_len,
    struct error *err) MUST_CHECK;

/* The library's object, borrowed. */
struct evp_pkey_st *key_pkey(const struct key *key);

#endif
