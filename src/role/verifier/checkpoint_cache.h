/*
 * Checkpoints whose signature was checked before: many receipts share one.  Of
 * fixed size; an entry gives way to a newer one with the same place.
 */
#ifndef ROLE_CHECKPOINT_CACHE_H
#define ROLE_CHECKPOINT_CACHE_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "model/digest.h"

struct error;

struct checkpoint_cache;

int checkpoint_cache_new(size_t size, struct checkpoint_cache **ret_cache,
    struct error *err) MUST_CHECK;
void checkpoint_cache_free(struct checkpoint_cache *cache);

/*
 * Size and root that the note states, signed by the holder of `public_key`
 * under the name `origin`, which is also the note's origin.  Fails as
 * note_verify(), or with ERROR_UNTRUSTED (E3406).
 */
int checkpoint_cache_verify(struct checkpoint_cache *cache, const char *note,
    const char *origin, const uint8_t public_key[32], uint64_t *ret_size,
    struct digest *ret_root, struct error *err) MUST_CHECK;

#endif
