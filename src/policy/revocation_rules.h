/*
 * What follows from what is known of a certificate's revocation and of its end
 * (docs/protocol.md 2; R5.1.4).  Unknown is never revoked: without an answer, or
 * with an old one, work goes on with a warning.  What was revoked stays so,
 * whatever the age of the answer, unless it was only on hold.  Pure.
 */
#ifndef POLICY_REVOCATION_RULES_H
#define POLICY_REVOCATION_RULES_H

#include <stdbool.h>
#include <stdint.h>

#include "model/revocation.h"
#include "policy/verdict.h"

/* What a host knows of one certificate. */
struct revocation_facts {
	bool is_watched;          /* there is a place that may be asked */
	struct revocation newest; /* `this_update` of 0: no answer yet */
};

enum revocation_grade revocation_grade(const struct revocation_facts *facts,
    int64_t now_ms);

/* What an answer is beside the newest one that is known. */
enum revocation_news {
	REVOCATION_NEWER,
	REVOCATION_SAME,        /* of the same time, and says the same */
	REVOCATION_OLDER,       /* a replay: it changes nothing */
	REVOCATION_CONTRADICTS, /* takes back a revocation for good */
};

enum revocation_news revocation_compare(const struct revocation *known,
    const struct revocation *answer);

/*
 * May what was signed at `at_ms` with it count?  VERDICT_REFUSE E3705 when it
 * was revoked by then.  VERDICT_WARN E3706 when it was revoked later, E3707
 * when its standing is stale or unknown.  An answer `now_ms` judges.
 */
struct verdict revocation_judge(const struct revocation_facts *facts,
    int64_t at_ms, int64_t now_ms);

enum { REVOCATION_STEPS = 7 };

/*
 * The step of the expiry watch that a certificate has reached: the least of 90,
 * 60, 30, 14, 7 and 1 days that it does not last longer than; 0 when it has
 * ended, -1 before all of them.
 */
int revocation_expiry_step(int64_t not_after_ms, int64_t now_ms);

/* Whole days that are left; negative ones since it ended. */
int64_t revocation_days_left(int64_t not_after_ms, int64_t now_ms);

/*
 * True when a directory should no longer list it: it ended three months ago
 * (R5.1.4).
 */
bool revocation_is_long_over(int64_t not_after_ms, int64_t now_ms);

#endif
