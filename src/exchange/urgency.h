/*
 * Whose turn it is wherever letters wait: at the gateways and between centers.
 * Pure.
 *
 * Each thing that waits has a rank, a moment in time that never changes; the
 * smallest goes first.  Urgent letters (速別) begin ahead of their time, and of
 * those that belong together, such as one letter's deliveries, each begins
 * behind the one before.  So whatever comes later than rank + head start goes
 * behind: nobody waits for ever, and one letter to thousands lets others pass.
 */
#ifndef EXCHANGE_URGENCY_H
#define EXCHANGE_URGENCY_H

#include <stddef.h>
#include <stdint.h>

#include "model/event.h"

enum {
	URGENCY_FAST_MS = 10 * 60 * 1000,    /* head start of 速件 */
	URGENCY_FASTEST_MS = 30 * 60 * 1000, /* ... and of 最速件 */
	URGENCY_SHARE_MS = 2000,  /* behind each that it belongs with */
	URGENCY_SHARE_MAX = 1000, /* ... of which so many count */
};

/*
 * The rank of what came at `since_ms`, when `before` that belong with it wait
 * already.
 */
int64_t urgency_rank(enum speed speed, int64_t since_ms, size_t before);

#endif
