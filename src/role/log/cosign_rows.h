/*
 * The newest checkpoint that enough witnesses cosigned, and how the last round
 * went.
 */
#ifndef ROLE_COSIGN_ROWS_H
#define ROLE_COSIGN_ROWS_H

#include <stdint.h>

#include "base/attr.h"

struct bytes;
struct error;
struct rows;

struct cosigned_round {
	uint64_t size;
	unsigned authorities; /* that cosigned it */
	unsigned quorum;      /* that must; 0: none */
	int64_t tried_at;
};

/* Keep what came of a round; the note only when there are enough. */
int cosigned_round_save(struct rows *rows,
    const struct cosigned_round *cosigned, const struct bytes *note,
    struct error *err) MUST_CHECK;

#endif
