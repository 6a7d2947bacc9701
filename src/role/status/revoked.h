/*
 * Certificates whose authorities have revoked them, as far as this host has been
 * told by OCSP or lists (status_watch.h): in memory, for who judges letter after
 * letter.  What directories and measures say stands there.
 */
#ifndef ROLE_REVOKED_H
#define ROLE_REVOKED_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "model/digest.h"

struct error;
struct rows;

/* A migration of the databases of centers and gateways, behind status_schema. */
extern const char revoked_schema[];

struct revoked_one {
	struct digest fingerprint;
	int64_t at_ms;
};

/* Start it as `{ 0 }`; release it with revoked_free(). */
struct revoked {
	struct revoked_one *items; /* by fingerprint */
	size_t count;
	uint64_t version; /* another one when anything is other than before */
};

void revoked_free(struct revoked *revoked);

/* Read them anew; as it was after a failure. */
int revoked_load(struct rows *rows, struct revoked *revoked,
    struct error *err) MUST_CHECK;

/* When it was revoked; INT64_MAX if nobody says that it is. */
int64_t revoked_at(const struct revoked *revoked,
    const struct digest *fingerprint);

#endif
