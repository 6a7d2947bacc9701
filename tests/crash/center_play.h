/*
 * A center's spooler, the real one, among roles that the test plays: listener,
 * keeper, verifier, courier and query.  Letters are made from their numbers,
 * so that whoever looks at a store later knows what must be there.
 */
#ifndef CRASH_CENTER_PLAY_H
#define CRASH_CENTER_PLAY_H

#include "crash/center_world.h"
#include "harness/crash_disk.h"

/* What the play says. */
enum center_said {
	CENTER_ACCEPTED = 1, /* number: letter; data: index, statement */
	CENTER_FETCHED,      /* number: letter; data: index, statement */
	CENTER_SIGNED,       /* number: size; data: digest of the text */
};

/* Of CENTER_ACCEPTED and CENTER_FETCHED. */
struct center_evidence {
	uint64_t index;
	struct digest statement;
};

/*
 * Run the spooler over the data folder `dir` until it has answered letters
 * `first` to `first + count - 1`, each handed in and, where one is at home
 * here, fetched; `repeats` others from `repeat_from` on before.
 * Letters that are refused for a time are left.  -1 if the spooler ended itself.
 */
int center_play(const struct center_world *world, const char *dir,
    uint32_t repeat_from, uint32_t repeats, uint32_t first, uint32_t count);

#endif
