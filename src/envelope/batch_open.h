/*
 * What was signed, alone or in a batch: one call for both, so that nobody who
 * takes a waybill or an act has to know which of the two it is.
 */
#ifndef ENVELOPE_BATCH_OPEN_H
#define ENVELOPE_BATCH_OPEN_H

#include <stddef.h>

#include "base/attr.h"
#include "envelope/batch.h"

struct cert_cache;
struct error;
struct signed_object;

/*
 * Signatures over batches that were checked before, by the digest of the CMS:
 * a batch costs one check, an item its path.  Of fixed size; an entry gives way
 * to a newer one with the same place.
 */
struct batch_cache;

int batch_cache_new(size_t size, struct batch_cache **ret_cache,
    struct error *err) MUST_CHECK;
void batch_cache_free(struct batch_cache *cache);

/*
 * Check a CMS with one signer, or an item of a batch of that type which has
 * one, and give the statement as content of `ret_object`.  The object borrows
 * from `data`.  `cache` may be NULL.  Fails as signed_verify(), and for items
 * with E3801, E3802, or E3411 for a batch of another environment.
 */
int batch_open(struct batch_cache *cache, struct cert_cache *certs,
    const char *environment, enum batch_type type, const void *data, size_t len,
    struct signed_object *ret_object, struct error *err) MUST_CHECK;

#endif
