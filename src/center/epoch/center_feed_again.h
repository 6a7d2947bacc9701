/*
 * A gateway whose data were restored from a backup has forgotten what came to it
 * since: its feed gets all of it once more, as far as it is here.
 */
#ifndef CENTER_CENTER_FEED_AGAIN_H
#define CENTER_CENTER_FEED_AGAIN_H

#include "base/attr.h"

struct center;
struct error;

/*
 * In the store's open group: the deliveries that `host` fetches whose content is
 * here and that have not ended without it, and what was stated of the waybills
 * that it handed in.
 */
int center_feed_again(struct center *center, const char *host,
    struct error *err) MUST_CHECK;

#endif
