/*
 * What this center accepted before it knew of a hold, suspension or revocation
 * that had begun by then is judged again (role/status/review.h): what was not
 * fetched waits (center_hold.h), what was fetched is flagged.  `flagged` is
 * stated in the log, so the sender is told by a receipt, through its center if
 * need be; the recipient's gateway judges for itself.
 */
#ifndef CENTER_CENTER_REVIEW_H
#define CENTER_CENTER_REVIEW_H

#include "base/attr.h"

struct center;
struct error;
struct reviewer;

int center_review_new(struct center *center, struct reviewer **ret_reviewer,
    struct error *err) MUST_CHECK;

#endif
