/*
 * How much this center has queued: of deliveries for each recipient, until they
 * are fetched, and of each sender's content, until all deliveries of it ended.
 * The table `queued`, for the quotas; it changes in the transaction of what it
 * counts.  What changes that are only undone with their whole group add to it
 * is gathered, and written once for each party, with the last rows of the group.
 */
#ifndef CENTER_CENTER_QUEUED_H
#define CENTER_CENTER_QUEUED_H

#include <stdint.h>

#include "base/attr.h"
#include "role/codec.h"

struct center;
struct center_delivery;
struct center_queued;
struct center_waybill;
struct delivery;
struct error;
struct message_leaf;
struct quota_queue;

/* A migration of the center's database, behind that of the quotas. */
extern const char center_queued_schema[];

/* Of whom: `party` is a recipient's code, or a sender's without its unit. */
enum center_queued_kind { QUEUED_FOR = 1, QUEUED_OF = 2 };

int center_queued_new(struct center *center, struct center_queued **ret_queued,
    struct error *err) MUST_CHECK;
void center_queued_free(struct center_queued *queued);

/*
 * In the open group: what center_rows.h does, and count it.  Whoever adds, moves
 * or ends a delivery does it by these.
 */
int center_queued_add_waybill(struct center *center,
    struct center_waybill *waybill, struct blob cms, struct blob receipt,
    struct error *err) MUST_CHECK;
int center_queued_add(struct center *center,
    const struct center_waybill *waybill, const struct message_leaf *leaf,
    const struct delivery *life, const char *host, int64_t *ret_row,
    struct error *err) MUST_CHECK;
int center_queued_save(struct center *center,
    const struct center_waybill *waybill, struct center_delivery *delivery,
    struct error *err) MUST_CHECK;

/* A delivery of the waybill ended; it is kept no longer, or not ended again. */
int center_queued_end(struct center *center,
    const struct center_waybill *waybill, struct error *err) MUST_CHECK;
int center_queued_reopen(struct center *center,
    const struct center_waybill *waybill, struct error *err) MUST_CHECK;

/* As the open group will leave it. */
int center_queued_find(struct center *center, enum center_queued_kind kind,
    const char *party, struct quota_queue *ret_queue,
    struct error *err) MUST_CHECK;

/* For the hook of the group: write what was gathered. */
int center_queued_seal(struct center_queued *queued,
    struct error *err) MUST_CHECK;

#endif
