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
	CENTER_MOVED,        /* number: letter; data: index, statement */
	CENTER_TAKEN,        /* the same, of what came from the other center */
	CENTER_DECIDED, /* number: letter, of which MOVED was said before */
};

/* Of all of them but CENTER_SIGNED and CENTER_DECIDED. */
struct center_evidence {
	uint64_t index;
	struct digest statement;
};

/*
 * Run the spooler over the data folder `dir` until it has answered letters
 * `first` to `first + count - 1`, each handed in and, where one is at home
 * here, fetched; `repeats` others from `repeat_from` on before.
 * Letters that are refused for a time are left.  -1 if the spooler ended itself.
 *
 * With `moves` the next directory comes then (center_world.h): what is here of
 * one recipient goes to the other center, which takes it, and what that one has
 * of another is handed over to us.
 */
struct center_round {
	uint32_t repeat_from, repeats;
	uint32_t first, count;
	bool moves;
};

int center_play(const struct center_world *world, const char *dir,
    const struct center_round *round);

#endif
