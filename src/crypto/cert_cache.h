/*
 * Certificates by fingerprint, so that one seen before is not decoded again:
 * decoding costs more than checking a signature.  Of fixed size; an entry
 * gives way to a newer one with the same place.
 */
#ifndef CRYPTO_CERT_CACHE_H
#define CRYPTO_CERT_CACHE_H

#include <stddef.h>

#include "base/attr.h"

struct cert;
struct error;

struct cert_cache;

int cert_cache_new(size_t size, struct cert_cache **ret_cache,
    struct error *err) MUST_CHECK;
void cert_cache_free(struct cert_cache *cache);

/*
 * The certificate of these bytes, decoded if need be and checked against the
 * policy of cert_check_policy().  Borrowed until the next call on `cache`.
 * Fails as cert_parse() and cert_check_policy().
 */
int cert_cache_get(struct cert_cache *cache, const void *der, size_t len,
    const struct cert **ret_cert, struct error *err) MUST_CHECK;

#endif
