/*
 * The gateway's one parked poll at its center: what is new for us there
 * (docs/protocol.md 8, GET /v1/feed).  Items are handed to inbox and outbox,
 * and acknowledged once all up to them are durable here.
 */
#ifndef GATEWAY_FEED_H
#define GATEWAY_FEED_H

#include "base/attr.h"

struct error;
struct feed;
struct gateway;

extern const char feed_schema[];

int feed_new(struct gateway *gateway, struct feed **ret_feed,
    struct error *err) MUST_CHECK;
void feed_free(struct feed *feed);

/*
 * The center's log has a new epoch (again.h), and with it sequences from 1 on,
 * whatever answer of before is still under way.
 */
void feed_begin_anew(struct feed *feed);

/* Begin to poll; goes on by itself, with back-off. */
void feed_start(struct feed *feed);

#endif
