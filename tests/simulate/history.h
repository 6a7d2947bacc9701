/*
 * One history: a network that runs well, then with faults (safety), then well
 * again until everything has ended (liveness).
 */
#ifndef SIMULATE_HISTORY_H
#define SIMULATE_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct history_options {
	uint64_t seed;
	size_t letters;
	uint64_t steps; /* of events, at most; 0: no bound */
};

/* Make the network and start it; once, before any history. */
void history_prepare(void);

/* False when an invariant was broken: sim.why says which. */
bool history_run(const struct history_options *options);

#endif
