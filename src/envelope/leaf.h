/*
 * A leaf of the recipients' tree of a waybill: one recipient, its center, and
 * which key part is for which seal certificate (docs/protocol.md 4).
 */
#ifndef ENVELOPE_LEAF_H
#define ENVELOPE_LEAF_H

#include <stddef.h>

#include "base/attr.h"
#include "envelope/envelope_field.h"
#include "model/digest.h"
#include "model/org.h"

struct bytes;
struct error;

enum { LEAF_MAX = 512 };

struct leaf {
	struct org_code recipient;
	char center[ENVELOPE_NAME_SIZE];
	struct digest seal;     /* of the seal certificate */
	struct digest key_part; /* of the key part's bytes */
};

/* Append the one line of JSON, whose hash is merkle_leaf() of these bytes. */
int leaf_encode(const struct leaf *leaf, struct bytes *to,
    struct error *err) MUST_CHECK;

/* ERROR_MALFORMED (E3102). */
int leaf_decode(const void *json, size_t len, struct leaf *ret_leaf,
    struct error *err) MUST_CHECK;

#endif
