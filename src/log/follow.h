/*
 * What somebody makes of a log's checkpoints who saw one before: pure.  A log
 * may only grow, and every tree that it signs must begin with the ones that it
 * signed before.
 */
#ifndef LOG_FOLLOW_H
#define LOG_FOLLOW_H

#include <stddef.h>

#include "base/attr.h"
#include "log/note.h"
#include "model/digest.h"

struct error;

enum follow_verdict {
	FOLLOW_FIRST,    /* nothing was known of this log */
	FOLLOW_SAME,     /* the one that is known */
	FOLLOW_GROWN,    /* it continues the known one */
	FOLLOW_BEHIND,   /* smaller than the known one: old, or it was cut */
	FOLLOW_CONFLICT, /* both cannot be trees of one log: see conflict.h */
};

/*
 * Judge `next`, whose signature was verified, against `held` (NULL: none), with
 * the consistency proof from the smaller to the larger of the two; of the same
 * size it is not used.  FOLLOW_BEHIND is said only when the proof holds;
 * FOLLOW_CONFLICT when the roots of one size differ, or when the proof leads to
 * the larger root from another smaller one.  ERROR_UNTRUSTED: another origin
 * (E3406), or a proof that leads nowhere and so shows nothing (E5022).
 */
int follow_judge(const struct note_checkpoint *held,
    const struct note_checkpoint *next, const struct digest *proof,
    size_t count, enum follow_verdict *ret_verdict,
    struct error *err) MUST_CHECK;

#endif
