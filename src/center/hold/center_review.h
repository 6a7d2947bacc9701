/*
 * What this center accepted before it knew of a hold, suspension or revocation
 * that had begun by then is judged again (role/status/review.h): what was not
 * fetched waits (center_hold.h), what was fetched is flagged.  `flagged` is
 * stated in the log, so the sender is told by a receipt, through its center if
 * need be; the recipient's gateway judges for itself.
 *
 * It goes through the waybills in slices, from the time on that is in question,
 * and can be begun again at any time.
 */
#ifndef CENTER_CENTER_REVIEW_H
#define CENTER_CENTER_REVIEW_H

#include "base/attr.h"

struct center;
struct center_review;
struct error;

int center_review_new(struct center *center, struct center_review **ret_review,
    struct error *err) MUST_CHECK;
void center_review_free(struct center_review *review);

/* Receipts can be stated: begin. */
void center_review_start(struct center_review *review);

/* Bulletins or the directory changed. */
void center_review_on_directory(struct center_review *review);

#endif
