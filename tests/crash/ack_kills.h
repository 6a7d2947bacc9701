/*
 * Kills a writer often: each life is a copy of this process, which opens the
 * store, works and says what has to hold, until it is killed at a random
 * moment; then another copy compares all that any of them said.  No program is
 * started anew, so a kill costs little more than the work before it.
 */
#ifndef CRASH_ACK_KILLS_H
#define CRASH_ACK_KILLS_H

#include <stdint.h>

/*
 * `kills` of them, in stores under `dir`, each of a few lives.  Prints
 * "KILLS ACKNOWLEDGED" and, when something was lost, that on the next line.
 * Returns the exit status: 0, 1 when something was lost, 2 when it could not.
 */
int ack_kills(const char *dir, unsigned kills, uint64_t seed);

/* Where a writer says what it has to: standard output, or to who kills it. */
int ack_kills_fd(void);

#endif
