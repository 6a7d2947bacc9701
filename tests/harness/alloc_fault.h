/*
 * Memory that runs out at the n-th request: linked by wrapping malloc, calloc,
 * realloc, aligned_alloc, which Jansson gets from our own layer, and given to
 * SQLite.  OpenSSL and libevent keep the system's.
 */
#ifndef HARNESS_ALLOC_FAULT_H
#define HARNESS_ALLOC_FAULT_H

#include <stdbool.h>

/* Before the first use of SQLite. */
void alloc_fault_init(void);

/* The request after the next `nth` fails, with `for_ever` all later ones. */
void alloc_fault_set(unsigned nth, bool for_ever);

/* None fails any more; how many requests came since the setting. */
unsigned alloc_fault_clear(void);

#endif
