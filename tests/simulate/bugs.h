/*
 * Seeded bugs, the negative controls of the simulation: each must break an
 * invariant (STYLE.md 9: a test must be able to fail).
 */
#ifndef SIMULATE_BUGS_H
#define SIMULATE_BUGS_H

enum bug {
	BUG_NONE,
	BUG_ACK_BEFORE_COMMIT, /* store.sync = off at gateways */
	BUG_LYING_SYNC,        /* syncs that do nothing */
	BUG_FINISH_EARLY,      /* feeds, letters: said before the commit */
	BUG_WAYBILL_TWICE,     /* a center does not know a waybill again */
	BUG_ACT_TWICE,         /* ... nor an act */
	BUG_GIVE_UP,           /* a destination is given up after some tries */
	BUG_ANY_SENDER,        /* suspensions are not looked at */
	BUG_LEAF_LOST,         /* a log loses its last leaf at a start */
	BUG_MOVE_UNSTATED,     /* a delivery moves without a line of the log */
	BUG_MOVE_TWICE,        /* the next center does not know a move again */
	BUG_MOVE_FORGOTTEN,    /* what moved is not handed over */
	BUG_FORMER_DECIDES,    /* ... and is decided where it was, too */
	BUG_ACT_AHEAD,         /* an act of a wrong clock is kept for ever */
	BUG_REFUSAL_BLOCKS,    /* one that a center refuses holds up the rest */
	BUG_FAILURE_BLOCKS,    /* ... or over which it fails */
	BUG_GOES_ON,           /* a spooler whose rows failed goes on */
	BUG_COUNT
};

extern enum bug bug;

const char *bug_name(enum bug which);

struct sim_host;

/* Before a host starts. */
void bug_at_start(const struct sim_host *host);

#endif
