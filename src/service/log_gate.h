/*
 * Lines that outsiders can cause at will: only so many a second are written,
 * and the next one says how many were not.  Pure.
 */
#ifndef SERVICE_LOG_GATE_H
#define SERVICE_LOG_GATE_H

#include <stdbool.h>
#include <stdint.h>

enum { LOG_GATE_LINES = 20 }; /* a second */

/* Start it as `{ 0 }`. */
struct log_gate {
	int64_t second; /* of the clock */
	uint32_t lines; /* written in it */
	uint64_t held;  /* not written since the last one that was */
};

/* True to write a line now; `*ret_held` is how many were held back before it. */
bool log_gate_pass(struct log_gate *gate, int64_t now_ms, uint64_t *ret_held);

#endif
