/*
 * HMAC-SHA-256 (RFC 2104).
 */
#ifndef CRYPTO_HMAC_H
#define CRYPTO_HMAC_H

#include <stddef.h>

#include "base/attr.h"
#include "crypto/secret.h"
#include "model/digest.h"

struct error;

int hmac_sha256(const struct secret_key *key, const void *data, size_t len,
    struct digest *ret_mac, struct error *err) MUST_CHECK;

#endif
