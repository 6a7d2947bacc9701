/*
 * A receipt: a statement, its place in the log, and the checkpoint that binds
 * it (docs/protocol.md 5).  Encoding and arithmetic; whether the checkpoint's
 * and the act's signatures hold is for the verifier.
 */
#ifndef ENVELOPE_RECEIPT_H
#define ENVELOPE_RECEIPT_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "crypto/merkle.h"
#include "model/digest.h"

struct bytes;
struct error;

enum { RECEIPT_MAX = 160 * 1024 };

/* Start it as `{ 0 }`; release it with receipt_free(). */
struct receipt {
	char *statement; /* as it was logged */
	struct digest salt;
	uint64_t index;
	struct digest path[MERKLE_PATH_MAX]; /* lowest first */
	size_t path_count;
	char *checkpoint; /* signed note */
};

void receipt_free(struct receipt *receipt);

int receipt_encode(const struct receipt *receipt, struct bytes *to,
    struct error *err) MUST_CHECK;

/* ERROR_MALFORMED (E3111). */
int receipt_decode(const void *json, size_t len, struct receipt *receipt,
    struct error *err) MUST_CHECK;

/* The statement's leaf hash in the log. */
struct digest receipt_leaf(const struct receipt *receipt);

/*
 * The root of the log of `size` leaves that the receipt leads to; false when
 * its path does not fit that size.
 */
bool receipt_root(const struct receipt *receipt, uint64_t size,
    struct digest *ret_root);

#endif
