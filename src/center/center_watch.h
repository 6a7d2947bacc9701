/*
 * Who waits for news in the feed of a host.  A watch is registered first and
 * compared then, so that no wake-up is lost (protocol 8).
 */
#ifndef CENTER_CENTER_WATCH_H
#define CENTER_CENTER_WATCH_H

#include <stdint.h>

#include "base/attr.h"

struct center;
struct error;
struct ipc_message;
struct peer;

struct center_watch;

int center_watch_new(struct center *center, struct center_watch **ret_watch,
    struct error *err) MUST_CHECK;
void center_watch_free(struct center_watch *watch);

/* Messages watch and unwatch of the listener. */
void center_watch_on_watch(void *ctx, struct peer *peer,
    struct ipc_message *message);
void center_watch_on_unwatch(void *ctx, struct peer *peer,
    struct ipc_message *message);

/*
 * The feed of `host` got something durable: answer who waits for it, at once or,
 * when very many are to be told, within a second.
 */
void center_watch_wake(struct center_watch *watch, const char *host);

#endif
