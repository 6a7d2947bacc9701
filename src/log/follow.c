#include "log/follow.h"

#include <stdbool.h>

#include "base/error.h"
#include "base/text.h"
#include "log/tree.h"

static bool
leads_to(const struct digest *small_root, uint64_t small_size,
    const struct note_checkpoint *large, const struct digest *proof,
    size_t count, struct digest *ret_small)
{
	struct digest made_large;

	return tree_consistency_roots(small_size, small_root, large->size,
		   proof, count, ret_small, &made_large) &&
	    digest_equal(&made_large, &large->root);
}

/*
 * The root of the first `small->size` records in the larger tree, which the
 * proof shows.  Where that is a whole subtree, RFC 6962 leaves its root out of
 * proofs, as it must be the one that was signed; one that shows another has it
 * in front.
 */
static bool
find_beginning(const struct note_checkpoint *small,
    const struct note_checkpoint *large, const struct digest *proof,
    size_t count, struct digest *ret_root)
{
	bool is_perfect = (small->size & (small->size - 1)) == 0;

	if (leads_to(&small->root, small->size, large, proof, count, ret_root))
		return true;
	return is_perfect && count > 0 &&
	    leads_to(&proof[0], small->size, large, proof + 1, count - 1,
		ret_root);
}

/* What the proof says of the smaller tree: the same, another, or nothing. */
static int
compare(const struct note_checkpoint *small,
    const struct note_checkpoint *large, const struct digest *proof,
    size_t count, bool *ret_is_same, struct error *err)
{
	struct digest root;

	/* The empty tree is the beginning of every other. */
	if (small->size == 0) {
		*ret_is_same = true;
		return 0;
	}
	if (!find_beginning(small, large, proof, count, &root))
		return error_set_id(err, "E5022", ERROR_UNTRUSTED,
		    "%s: no proof that its tree of %llu continues that of %llu",
		    large->origin, (unsigned long long)large->size,
		    (unsigned long long)small->size);
	*ret_is_same = digest_equal(&root, &small->root);
	return 0;
}

int
follow_judge(const struct note_checkpoint *held,
    const struct note_checkpoint *next, const struct digest *proof,
    size_t count, enum follow_verdict *ret_verdict, struct error *err)
{
	bool is_same = false;

	if (held == NULL) {
		*ret_verdict = FOLLOW_FIRST;
		return 0;
	}
	if (!text_equal(held->origin, next->origin))
		return error_set_id(err, "E3406", ERROR_UNTRUSTED,
		    "checkpoint of log %s where %s was due", next->origin,
		    held->origin);
	if (next->size == held->size) {
		*ret_verdict = digest_equal(&next->root, &held->root)
		    ? FOLLOW_SAME
		    : FOLLOW_CONFLICT;
		return 0;
	}
	if (next->size > held->size
		? compare(held, next, proof, count, &is_same, err) < 0
		: compare(next, held, proof, count, &is_same, err) < 0)
		return -1;
	*ret_verdict = !is_same       ? FOLLOW_CONFLICT
	    : next->size > held->size ? FOLLOW_GROWN
				      : FOLLOW_BEHIND;
	return 0;
}
