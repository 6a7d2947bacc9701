/*
 * Copies written apart (分繕): of a letter in JSON with many recipients, one
 * letter for each of them, which names nobody else.  Pure.
 */
#ifndef GATEWAY_SENDING_MAKING_APART_H
#define GATEWAY_SENDING_MAKING_APART_H

#include <stddef.h>

#include "base/attr.h"
#include "role/codec.h"

struct error;

enum {
	MAKING_APART_MAX = 500,
	MAKING_APART_BYTES_MAX = 16 * 1024 * 1024, /* of all copies together */
};

/* Letters to be made, as JSON.  Start it as `{ 0 }`. */
struct making_apart {
	struct bytes *letters;
	size_t count;
	size_t bytes; /* of all */
};

void making_apart_free(struct making_apart *apart);

/*
 * A letter for each entry of the rosters, in their order: its roster has that
 * entry alone, and of originals, attendees and observers it has whoever is
 * named as the entry is, or the entry itself as the only original; copies are
 * none.  Files are named 1, 2, 3 ....  E2175 for what is no letter, E4028 for no
 * or too many recipients, E4205 for too much text in all.
 */
int making_apart_split(struct blob json, struct making_apart *apart,
    struct error *err) MUST_CHECK;

#endif
