/*
 * Public keys on P-256 as points, of fixed length: nothing is parsed.
 */
#ifndef CRYPTO_P256_H
#define CRYPTO_P256_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

struct bytes;
struct error;
struct key;

enum { P256_POINT_LEN = 65, P256_UNCOMPRESSED = 4 };

/* Append the SubjectPublicKeyInfo of an uncompressed point. */
void p256_put_spki(const uint8_t point[P256_POINT_LEN], struct bytes *to);

/* The point of a private key on P-256; ERROR_MALFORMED for any other key. */
int p256_point(const struct key *key, uint8_t to[P256_POINT_LEN],
    struct error *err) MUST_CHECK;

/* ECDSA with SHA-256, the signature in DER; ERROR_UNTRUSTED (E3005). */
int p256_verify(const uint8_t point[P256_POINT_LEN], const void *data,
    size_t len, const void *signature, size_t signature_len,
    struct error *err) MUST_CHECK;

#endif
