/*
 * Retention: content leaves some time after what it belongs to has ended;
 * evidence stays (architecture 6).  When to look and how much to remove in one
 * group, for the spoolers of all tiers; what there is to remove they know.
 */
#ifndef ROLE_RETAINER_H
#define ROLE_RETAINER_H

#include <stdint.h>

#include "base/attr.h"

struct error;
struct retainer;
struct spool;

struct retainer_hooks {
	/* What ended before `before`, the oldest first: 1, or 0 for none. */
	int (*next)(void *ctx, int64_t before, int64_t *ret_row,
	    struct error *err);
	/* Remove its content, in the store's open group; next() forgets it. */
	int (*remove)(void *ctx, int64_t row, struct error *err);
};

/* Content stays for `content_s` of the configuration's section retention. */
int retainer_new(struct spool *spool, const struct retainer_hooks *hooks,
    void *ctx, struct retainer **ret_retainer, struct error *err) MUST_CHECK;
void retainer_free(struct retainer *retainer);
void retainer_start(struct retainer *retainer);

#endif
