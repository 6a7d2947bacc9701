/*
 * Who may change which entry of the directory: operators act inside what they
 * supervise or serve only (R5.7).  The same rules when a draft is prepared and
 * when a host judges what was signed by somebody whose scope the root names.
 * Pure: who is above whom is asked by the caller's function.
 */
#ifndef POLICY_DIRECTORY_RULES_H
#define POLICY_DIRECTORY_RULES_H

#include <stdbool.h>

#include "model/scope.h"
#include "policy/verdict.h"

/* An entry before or after a change, as far as it matters. */
struct directory_side {
	bool is_there;
	struct org_code supervisor; /* "" for none */
	const char *center;         /* "" for none */
};

/*
 * Who supervises `code` before the changes or `after` them; false for nobody, or
 * when it is not there.
 */
typedef bool (*directory_above_fn)(void *ctx, bool after,
    const struct org_code *code, struct org_code *ret_above);

/*
 * May somebody with this scope make this change?
 *
 * SCOPE_SUPERVISED: the entry is below the organisation, or a unit of it, before
 * and after; not the organisation's own entry, and not who serves it.
 * SCOPE_SERVED: the center serves it before and after (or it is new); not who
 * supervises it.  VERDICT_REFUSE E3916 otherwise.
 */
struct verdict directory_judge_change(const struct scope *scope,
    const struct org_code *code, const struct directory_side *before,
    const struct directory_side *after, directory_above_fn above, void *ctx);

/* Supervision may go in circles; nobody is further up than this. */
enum { DIRECTORY_LEVELS_MAX = 16 };

#endif
