/*
 * What our center lost when its data were restored from a backup, handed in once
 * more (docs/protocol.md 5).  The network bulletin names the next epoch of the
 * center's log and how many records were restored; every receipt tells its
 * place in the log, so what was lost is known: waybills of ours, each with the
 * receipt of its acceptance, withdrawals, and acts of our recipients, the same
 * bytes each.  When the center has taken all of it, it is told so.
 *
 * And the other way round: when our own data were restored, the center is asked
 * to put what came to us since into our feed once more.
 */
#ifndef GATEWAY_AGAIN_H
#define GATEWAY_AGAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"

struct again;
struct error;
struct gateway;

extern const char again_schema[];

int again_new(struct gateway *gateway, struct again **ret_again,
    struct error *err) MUST_CHECK;
void again_free(struct again *again);

/* Keys and directory are known: go on with what a restart left. */
void again_start(struct again *again);

/* The directory changed: has the center's log a new epoch? */
void again_look(struct again *again);

/*
 * The epoch of the center's log that we go by; 0 before the first is known, and
 * with NULL, as in tests.
 */
uint64_t again_epoch(const struct again *again);

/*
 * While an act of this letter (its row) is to be handed in again nothing new is
 * stated of it: the center must have the steps before it first.  What it refuses
 * for a while holds up no other letter.
 */
bool again_is_pending_for(const struct again *again, int64_t letter);

#endif
