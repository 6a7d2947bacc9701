/*
 * Bulletins that somebody hands in, one after another; the first that is refused
 * ends it.  They authenticate themselves, so whoever brings them does not matter.
 */
#ifndef ROLE_PUBLISHING_H
#define ROLE_PUBLISHING_H

#include <stdint.h>

#include "base/attr.h"
#include "role/codec.h"

struct bulletins;
struct error;
struct peer;

/*
 * Take the records of POST /v1/bulletins and answer the request with how many
 * were accepted.  ERROR_MALFORMED, without an answer, when they are no bundle of
 * bulletins.
 */
int publishing_begin(struct bulletins *bulletins, struct peer *peer,
    uint32_t id, struct blob body, struct error *err) MUST_CHECK;

#endif
