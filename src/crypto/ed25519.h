/*
 * Ed25519 (RFC 8032) with raw keys: the signatures of log checkpoints.
 */
#ifndef CRYPTO_ED25519_H
#define CRYPTO_ED25519_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

struct error;

enum {
	ED25519_SEED_LEN = 32,
	ED25519_PUBLIC_LEN = 32,
	ED25519_SIGNATURE_LEN = 64
};

/* A private key in memory. */
struct ed25519_key;

/* The key that grows from `seed`; wipe the seed after.  The caller frees it. */
int ed25519_key_new(const uint8_t seed[ED25519_SEED_LEN],
    struct ed25519_key **ret_key, struct error *err) MUST_CHECK;
void ed25519_key_free(struct ed25519_key *key);

int ed25519_key_public(const struct ed25519_key *key,
    uint8_t to[ED25519_PUBLIC_LEN], struct error *err) MUST_CHECK;

int ed25519_sign(const struct ed25519_key *key, const void *data, size_t len,
    uint8_t to[ED25519_SIGNATURE_LEN], struct error *err) MUST_CHECK;

/*
 * Fails with ERROR_UNTRUSTED if `signature` is not that of the holder of
 * `public_key` over these bytes.
 */
int ed25519_verify(const uint8_t public_key[ED25519_PUBLIC_LEN],
    const void *data, size_t len,
    const uint8_t signature[ED25519_SIGNATURE_LEN],
    struct error *err) MUST_CHECK;

#endif
