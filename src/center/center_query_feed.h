/*
 * What waits for a gateway in its feed: message feed_read of the query role.
 */
#ifndef CENTER_CENTER_QUERY_FEED_H
#define CENTER_CENTER_QUERY_FEED_H

struct ipc_message;
struct peer;

/* For the handler table; `ctx` is the role's struct queries. */
void center_query_on_feed_read(void *ctx, struct peer *peer,
    struct ipc_message *message);

#endif
