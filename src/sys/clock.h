/*
 * The one place that reads the time of day; everything else is handed `now`.
 */
#ifndef SYS_CLOCK_H
#define SYS_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"

struct error;

/* Milliseconds since 1970 in UTC. */
int64_t clock_now_ms(void);

/* Whether something keeps the time of day right, as the kernel was told. */
struct clock_discipline {
	bool is_kept;
	double error_ms;     /* as estimated by who keeps it */
	double error_max_ms; /* it is not more wrong than that */
};

int clock_discipline_read(struct clock_discipline *ret_discipline,
    struct error *err) MUST_CHECK;

/* Microseconds of a clock that never jumps, for measuring spans. */
uint64_t clock_steady_us(void);

#endif
