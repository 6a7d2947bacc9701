/*
 * When to try a destination again: waits that double, with jitter, between
 * bounds, and no try after the deadline.  One `struct retry` per destination,
 * so that one dead center delays nobody else.  Pure.
 */
#ifndef EXCHANGE_RETRY_H
#define EXCHANGE_RETRY_H

#include <stdbool.h>
#include <stdint.h>

struct retry_bounds {
	int64_t first_ms; /* wait after the first failure; at least 1 */
	int64_t max_ms;   /* longest wait; at least `first_ms` */
};

/* 2 seconds to 15 minutes. */
struct retry_bounds retry_bounds_default(void);

/* Start it as `{ 0 }`: due at once. */
struct retry {
	uint32_t failures; /* since the last success */
	int64_t next_at;
	int64_t failed_at; /* by the clock of then */
};

/*
 * The wait after `failures` failures in a row, between half of and the whole of
 * first * 2^(failures-1), limited to `max_ms`; `random` spreads it evenly.
 */
int64_t retry_wait_ms(const struct retry_bounds *bounds, uint32_t failures,
    uint32_t random);

/* Also obeys a peer's Retry-After of `after_ms` (0: none) up to `max_ms`. */
void retry_failed(struct retry *retry, const struct retry_bounds *bounds,
    int64_t now_ms, int64_t after_ms, uint32_t random);
void retry_succeeded(struct retry *retry);

/* Also when the clock was set back: what it says of the wait is worth nothing. */
bool retry_is_due(const struct retry *retry, int64_t now_ms);

/*
 * True if something with this deadline is to be given up: it has passed.  A
 * destination is never given up, only what was to go there.
 */
bool retry_is_over(int64_t not_after_ms, int64_t now_ms);

/*
 * When to look again: the next try, or the deadline if that comes first, so
 * that an expiry is not found late.
 */
int64_t retry_wake_at(const struct retry *retry, int64_t not_after_ms);

#endif
