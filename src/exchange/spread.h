/*
 * Spreading what would happen all at once over a while (protocol 8: wake-ups
 * above n are spread over a second).  Pure.
 */
#ifndef EXCHANGE_SPREAD_H
#define EXCHANGE_SPREAD_H

#include <stddef.h>

/*
 * How many of `waiting` to do in this tick, when `ticks` are left with it: all
 * in the last one, none too many before.
 */
size_t spread_share(size_t waiting, size_t ticks);

#endif
