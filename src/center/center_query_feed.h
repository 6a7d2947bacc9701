/*
 * What waits for a gateway in its feed: message feed_read of the query role.
 */
#ifndef CENTER_CENTER_QUERY_FEED_H
#define CENTER_CENTER_QUERY_FEED_H

#include "base/attr.h"

struct bytes;
struct error;
struct ipc_message;
struct message_feed_read;
struct peer;
struct store_view;

/*
 * The items behind `ask->after` in their order, as many as one answer may have,
 * and as `newest` the last of them, behind which the next answer goes on.  They
 * end before an item that the newest checkpoint does not cover yet.  ERROR_BUSY
 * if the log has no epoch, or another one than asked for (E5047).
 */
int center_feed_write(struct store_view *view,
    const struct message_feed_read *ask, struct bytes *json,
    struct error *err) MUST_CHECK;

/* For the handler table; `ctx` is the role's struct queries. */
void center_query_on_feed_read(void *ctx, struct peer *peer,
    struct ipc_message *message);

#endif
