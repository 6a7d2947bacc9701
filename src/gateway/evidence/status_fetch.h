/*
 * Gets the revocation answers that receipts name from the centers that used them,
 * for the evidence of a delivery (docs/evidence.md).  Nothing waits for it.
 */
#ifndef GATEWAY_STATUS_FETCH_H
#define GATEWAY_STATUS_FETCH_H

#include "base/attr.h"

struct error;
struct gateway;
struct message_receipt;
struct status_fetch;

/* A migration of the gateway's database. */
extern const char status_fetch_schema[];

int status_fetch_new(struct gateway *gateway, struct status_fetch **ret_fetch,
    struct error *err) MUST_CHECK;

/* Store and directory are there: begin. */
void status_fetch_start(struct status_fetch *fetch);

/*
 * A verified receipt is being kept, in the open group: what it names will be
 * fetched, unless it is here.  NULL fetches nothing.
 */
int status_fetch_add(struct status_fetch *fetch,
    const struct message_receipt *receipt, struct error *err) MUST_CHECK;

#endif
