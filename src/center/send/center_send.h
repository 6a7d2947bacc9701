/*
 * What other centers are told: one relay per waybill and destination, and the
 * receipts of deliveries that end here for senders elsewhere.  Each center is
 * a destination of its own, with its own back-off: a dead one slows no other.
 */
#ifndef CENTER_CENTER_SEND_H
#define CENTER_CENTER_SEND_H

#include "base/attr.h"

struct center;
struct center_sender;
struct error;

int center_sender_new(struct center *center, struct center_sender **ret_sender,
    struct error *err) MUST_CHECK;
void center_sender_free(struct center_sender *sender);

/* Something durable may be waiting: look soon. */
void center_sender_wake(struct center_sender *sender);

#endif
