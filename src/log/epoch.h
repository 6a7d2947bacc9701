/*
 * Epochs of a log (docs/protocol.md 5): the number at the end of its origin
 * line, "yizhan/production/center-a/2".  A log whose data were put back from a
 * backup goes on under the next number.  Pure.
 */
#ifndef LOG_EPOCH_H
#define LOG_EPOCH_H

#include <stdbool.h>
#include <stdint.h>

/* The number, 1 and up; 0 for an origin that ends in none. */
uint64_t epoch_number(const char *origin);

/* Whether `earlier` is an epoch of the same log before that of `origin`. */
bool epoch_is_earlier(const char *earlier, const char *origin);

/* Whether it is the same epoch, or an earlier one, of the same log. */
bool epoch_is_of(const char *origin, const char *newest);

#endif
