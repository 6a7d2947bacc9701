/*
 * The feeds of the hosts that fetch here, as the spooler writes them: the table
 * `feed` has their items, `feed_host` the sequence of the newest one, which
 * outlives its item.  That number stays in memory between groups; what changes
 * that are only undone with their whole group add to it is written once for
 * each host, with the last rows of the group.
 */
#ifndef CENTER_CENTER_FEEDS_H
#define CENTER_CENTER_FEEDS_H

#include <stdint.h>

#include "base/attr.h"

struct center;
struct center_feeds;
struct error;

int center_feeds_new(struct center *center, struct center_feeds **ret_feeds,
    struct error *err) MUST_CHECK;
void center_feeds_free(struct center_feeds *feeds);

/*
 * In the open group, put an item into a host's feed: a delivery to fetch
 * (`delivery` is its row), or a receipt (`delivery` 0) with the leaf index of our
 * statement.
 */
int center_feed_add(struct center *center, const char *host, int64_t delivery,
    uint64_t entry, struct error *err) MUST_CHECK;

/* The same, of a delivery that is in no feed so far, or in another host's. */
int center_feed_announce(struct center *center, int64_t delivery,
    const char *host, uint64_t entry, struct error *err) MUST_CHECK;

/* The sequence of the newest item that there ever was; 0: none. */
int center_feed_newest(struct center *center, const char *host,
    uint64_t *ret_newest, struct error *err) MUST_CHECK;

/* For the hook of the group: write what was added. */
int center_feeds_seal(struct center_feeds *feeds, struct error *err) MUST_CHECK;

#endif
