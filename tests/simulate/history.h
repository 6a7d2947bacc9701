/*
 * One history: a network that runs well, then with faults (safety), then well
 * again until everything has ended (liveness).
 */
#ifndef SIMULATE_HISTORY_H
#define SIMULATE_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Short ones hold some letters, a few crashes and what comes of them: twenty
 * seconds of faults that come and go three times as quickly as in long ones.
 * These have three minutes, in which pauses grow, timestamps follow each other
 * by themselves and much comes together.  One in 31 is long, unless all are of
 * one kind.
 */
enum history_length { HISTORY_BY_SEED, HISTORY_SHORT, HISTORY_LONG };

struct history_options {
	uint64_t seed;
	enum history_length length;
	size_t letters; /* 0: as many as its length has */
	uint64_t steps; /* of events, at most; 0: no bound */
};

/* Make the network and start it; once, before any history. */
void history_prepare(void);

bool history_is_long(const struct history_options *options);

/* False when an invariant was broken: sim.why says which. */
bool history_run(const struct history_options *options);

#endif
