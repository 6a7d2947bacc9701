/*
 * The one place that reads the time of day; everything else is handed `now`.
 */
#ifndef SYS_CLOCK_H
#define SYS_CLOCK_H

#include <stdint.h>

/* Milliseconds since 1970 in UTC. */
int64_t clock_now_ms(void);

/* Microseconds of a clock that never jumps, for measuring spans. */
uint64_t clock_steady_us(void);

#endif
