/*
 * Deliveries whose time is over (`not_after` of their waybill): this center
 * states `expired` of those that it decides, and its sender is told.
 *
 * A cursor over the waybills in the order of their deadlines is kept durably,
 * so that each is looked at once.  What a relay still on its way leaves open is
 * decided when the other center refuses it.
 */
#ifndef CENTER_CENTER_EXPIRE_H
#define CENTER_CENTER_EXPIRE_H

#include <stdint.h>

#include "base/attr.h"

struct center;
struct center_expirer;
struct error;

int center_expirer_new(struct center *center,
    struct center_expirer **ret_expirer, struct error *err) MUST_CHECK;
void center_expirer_free(struct center_expirer *expirer);

/* Begin to look, once receipts can be stated. */
void center_expirer_start(struct center_expirer *expirer);

/*
 * `name` refused our relay of a waybill (its row) because its time is over: it
 * has none of these deliveries and never will.  They are ours again, and
 * expire; the row `send` goes.  `done` is called once that is durable.
 */
typedef void (*center_expired_fn)(void *ctx, const struct error *failure);
void center_expire_relay(struct center *center, int64_t waybill,
    const char *name, int64_t send, center_expired_fn done, void *ctx);

#endif
