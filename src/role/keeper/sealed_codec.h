/*
 * The fields of a key part on their way from the verifier, which parsed them,
 * to the keeper, which holds the key: fixed fields, no CMS.  Nonce, tag and
 * ciphertext stay behind, the keeper has no use for them.
 */
#ifndef ROLE_SEALED_CODEC_H
#define ROLE_SEALED_CODEC_H

#include <stddef.h>

#include "base/attr.h"

struct bytes;
struct error;
struct sealed_fields;

/* Append what sealed_unwrap() needs.  bytes_failed() tells. */
void sealed_codec_encode(const struct sealed_fields *fields, struct bytes *to);

/*
 * Read it back, all other fields zero.  ERROR_MALFORMED when a length or the
 * algorithm is out of range, or a field does not belong to the algorithm.
 */
int sealed_codec_decode(const void *data, size_t len,
    struct sealed_fields *ret_fields, struct error *err) MUST_CHECK;

#endif
