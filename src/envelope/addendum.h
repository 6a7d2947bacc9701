/*
 * An addendum: what the sender's module signs when it makes a key part of a
 * waybill for another seal key (docs/protocol.md 4, Rewrap).  The JSON; the
 * signature is crypto/signed.h.
 */
#ifndef ENVELOPE_ADDENDUM_H
#define ENVELOPE_ADDENDUM_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "envelope/envelope_field.h"
#include "envelope/leaf.h"
#include "model/digest.h"
#include "model/id.h"
#include "model/org.h"

struct bytes;
struct error;

enum { ADDENDUM_MAX = 2048, ADDENDUM_CMS_MAX = 16384 };

struct addendum {
	char environment[ENVELOPE_NAME_SIZE];
	struct digest waybill; /* the waybill digest */
	struct id waybill_id;
	struct org_code recipient; /* whom the waybill names */
	struct org_code receiver;  /* whose key it is for */
	struct digest old_leaf;    /* hash of the leaf in the waybill's tree */
	struct leaf leaf;          /* what holds instead */
	uint64_t directory;        /* serial of the bulletin that has the key */
	int64_t time_at;
};

/* Append the JSON to be signed. */
int addendum_encode(const struct addendum *addendum, struct bytes *to,
    struct error *err) MUST_CHECK;

/*
 * Decode what signed_verify() returned.  ERROR_MALFORMED (E3107), also when the
 * leaf in it is of another recipient.
 */
int addendum_decode(const void *json, size_t len, struct addendum *ret_addendum,
    struct error *err) MUST_CHECK;

#endif
