/*
 * What making and opening of key parts share: the mathematics of wrapping.
 */
#ifndef CRYPTO_SEALED_INTERNAL_H
#define CRYPTO_SEALED_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/sealed.h"

struct evp_pkey_ctx_st;
struct evp_pkey_st;

enum { SEALED_WRAP_LEN = SECRET_KEY_LEN + 8, SEALED_SHARED_MAX = 48 };

/* RSAES-OAEP with SHA-256 for digest and MGF1, empty label. */
bool sealed_set_oaep(struct evp_pkey_ctx_st *ctx);

/*
 * The key-encryption key of a key agreement: ECDH, then the X9.63 derivation
 * of RFC 5753 with SHA-256 for AES-256 key wrap.
 */
bool sealed_agree(struct evp_pkey_st *own, struct evp_pkey_st *peer,
    const uint8_t *ukm, size_t ukm_len, struct secret_key *ret_key);

/* The derivation alone, of the secret that both have. */
bool sealed_derive(const uint8_t *shared, size_t shared_len, const uint8_t *ukm,
    size_t ukm_len, struct secret_key *ret_key);

/* AES-256 key wrap (RFC 3394) and back. */
bool sealed_wrap(const struct secret_key *with, const struct secret_key *key,
    uint8_t to[SEALED_WRAP_LEN]);
bool sealed_wrap_open(const struct secret_key *with,
    const uint8_t wrapped[SEALED_WRAP_LEN], struct secret_key *ret_key);

#endif
