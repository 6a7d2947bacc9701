/*
 * SHA-256, the one digest of every object, tree and file.
 *
 * The functions without a result cannot fail in a way that a caller could act
 * on: OpenSSL without SHA-256, or without memory for one small context, ends
 * the process, since a digest that was not computed must never be used.
 */
#ifndef CRYPTO_SHA256_H
#define CRYPTO_SHA256_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "model/digest.h"

struct error;

/* A digest in progress, over bytes that come one piece after another. */
struct sha256;

/* One of the byte strings that sha256_parts() takes as one message. */
struct sha256_part {
	const void *data;
	size_t len;
};

void sha256(const void *data, size_t len, struct digest *ret_digest);

/* The digest of the parts put one behind the other. */
void sha256_parts(const struct sha256_part *parts, size_t count,
    struct digest *ret_digest);

/* Ready for the first sha256_update(); the caller frees it. */
int sha256_new(struct sha256 **ret_sha, struct error *err) MUST_CHECK;
void sha256_free(struct sha256 *sha);

void sha256_update(struct sha256 *sha, const void *data, size_t len);

/* End the message; `sha` is then ready for another one. */
void sha256_final(struct sha256 *sha, struct digest *ret_digest);

#endif
