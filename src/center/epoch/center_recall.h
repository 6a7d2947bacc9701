/*
 * Does anybody remember more of our log than is here?  A center whose data are
 * gone, or were put back without a word, cannot know it by itself, and would
 * sign another story under the same name.  So the witnesses that the root names
 * are asked (docs/protocol.md 5).  What they answer counts only with our own
 * signature on it: a witness can stop nobody by a mere word.
 */
#ifndef CENTER_CENTER_RECALL_H
#define CENTER_CENTER_RECALL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"

struct center;
struct center_recall;
struct error;

enum center_memory {
	CENTER_MEMORY_UNKNOWN, /* not enough have answered */
	/*
	 * Of so many authorities nobody knows more that everything which a
	 * quorum ever cosigned would be known to one of them.
	 */
	CENTER_MEMORY_NONE,
	CENTER_MEMORY_MORE /* a longer log was signed */
};

/* What they said; `size` is of the longer log. */
struct center_recalled {
	enum center_memory memory;
	uint64_t size;
};

/* `fn` is called when the answer is known; not with CENTER_MEMORY_UNKNOWN. */
typedef void (
    *center_recall_fn)(void *ctx, const struct center_recalled *recalled);

int center_recall_new(struct center *center, center_recall_fn fn, void *ctx,
    struct center_recall **ret_recall, struct error *err) MUST_CHECK;
void center_recall_free(struct center_recall *recall);

/*
 * Ask about the log `origin`, until it is known; not while that is under way.
 * With `from_all` each is asked once, and none of them is enough: where one has
 * said already that it knows of more.
 */
void center_recall_begin(struct center_recall *recall, const char *origin,
    bool from_all);

#endif
