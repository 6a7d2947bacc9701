/*
 * Receipts follow a sender that is served by another center now: what this
 * center states of its waybills, or repeats, goes there as it is, and from there
 * into the feed of its gateway.
 */
#ifndef CENTER_CENTER_FOLLOW_H
#define CENTER_CENTER_FOLLOW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "role/codec.h"

struct center;
struct center_news;
struct center_waybill;
struct bytes;
struct error;
struct message_receipt;
struct rows;

extern const char center_follow_schema[];

/*
 * Tell the sender of a waybill that began here of our statement: by the feed of
 * its host, or, when it is elsewhere, its center; with `is_repeat` also what the
 * statement repeats.  In the open group.
 */
int center_follow_tell(struct center *center,
    const struct center_waybill *waybill, uint64_t entry, bool is_repeat,
    struct center_news *news, struct error *err) MUST_CHECK;

/*
 * A receipt for a sender that has moved, which `from` passes on: kept and put
 * into the feed of its gateway, or passed on to where the sender is by now.
 * ERROR_BUSY E4402 when our directory has it at `from` still.
 */
int center_follow_take(struct center *center,
    const struct message_receipt *receipt, struct blob json, const char *from,
    struct center_news *news, struct error *err) MUST_CHECK;

/* Append one that was kept: 1 or 0. */
int center_follow_receipt(struct rows *rows, int64_t row, struct bytes *to,
    struct error *err) MUST_CHECK;

/* Where a sweep stands; starts as { 0 }. */
struct center_follow_place {
	int64_t send; /* first what is queued, then the feeds */
	bool is_of_feeds;
	char host[64];
	uint64_t sequence;
};

/*
 * What waits for senders that went elsewhere goes there, from feeds, and from
 * the queue to where they were before: one page.  *ret_is_last when there are no
 * more.  In the open group.
 */
int center_follow_sweep(struct center *center,
    struct center_follow_place *place, bool *ret_is_last, bool *ret_has_any,
    struct error *err) MUST_CHECK;

#endif
