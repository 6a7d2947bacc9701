/*
 * Private keys: in memory, or elsewhere, such as in a token.  Only the keeper
 * and the tools that make keys hold one.
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
 * What is done with a key that is elsewhere.  Results are at most `size` bytes;
 * failures are those of the one who has it.
 */
struct key_elsewhere {
	/* As key_sign(). */
	int (*sign)(void *ctx, const void *data, size_t len,
	    struct bytes *signature, struct error *err);
	/* RSAES-OAEP with SHA-256 for digest and MGF1, empty label. */
	int (*decrypt)(void *ctx, const void *wrapped, size_t len, uint8_t *to,
	    size_t size, size_t *ret_len, struct error *err);
	/* ECDH: the first coordinate that comes of the point. */
	int (*agree)(void *ctx, const void *point, size_t len, uint8_t *to,
	    size_t size, size_t *ret_len, struct error *err);
	void (*release)(void *ctx);
};

/* The key of this certificate; `ways` must outlive it, `ctx` becomes its own. */
int key_elsewhere(const struct cert *cert, const struct key_elsewhere *ways,
    void *ctx, struct key **ret_key, struct error *err) MUST_CHECK;

/* NULL for a key in memory; else what is done with it, and by whom. */
const struct key_elsewhere *key_ways(const struct key *key, void **ret_ctx);

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

/* Append as PKCS #8 PEM, if it is in memory; wipe `to` with bytes_wipe(). */
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

/* The library's object, borrowed; of a key elsewhere, its public half. */
struct evp_pkey_st *key_pkey(const struct key *key);

#endif
