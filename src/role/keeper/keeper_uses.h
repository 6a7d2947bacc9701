/*
 * How often each key was used, over restarts: keeper.uses in the data folder,
 * opened before the sandbox closes.  A use is counted before it happens, and the
 * count on disk is ahead of it, by KEEPER_USES_AHEAD at most: so after a crash a
 * key was used as often as is said or less, never more.  What ends in order
 * leaves the exact number.
 *
 * Each key, by its certificate, has two records that are written in turn, so one
 * that was cut by a crash costs nothing.
 */
#ifndef ROLE_KEEPER_USES_H
#define ROLE_KEEPER_USES_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "model/digest.h"
#include "role/keeper/keeper_keys.h"

struct bytes;
struct error;

enum { KEEPER_USES_AHEAD = 256, KEEPER_USES_KEYS_MAX = 4096 };

struct keeper_uses {
	int fd; /* -1: none, and nothing is durable */
	size_t count;
	struct keeper_uses_key {
		struct digest certificate;
		size_t place;      /* of its two records in the file */
		uint64_t turn;     /* how often they were written */
		uint64_t reserved; /* count on disk */
	} * keys;
};

/*
 * Open or make the file, and give each key the count that is in it.  ERROR_MALFORMED
 * E3310 for a file that is none of these; else as open(2).
 */
int keeper_uses_open(const char *path, struct keeper_keys *keys,
    struct keeper_uses *ret_uses, struct error *err) MUST_CHECK;

/*
 * The key is about to be used for the `uses`-th time: durably, if the count on
 * disk is not ahead of that.  Without a file there is nothing to do.
 */
int keeper_uses_reserve(struct keeper_uses *uses, const struct keeper_key *key,
    uint64_t count, struct error *err) MUST_CHECK;

/* In order: the exact numbers. */
void keeper_uses_close(struct keeper_uses *uses,
    const struct keeper_keys *keys);

/* Append the figures of such a file, for GET /metrics; none if it is not there. */
void keeper_uses_put_metrics(const char *path, struct bytes *to);

#endif
