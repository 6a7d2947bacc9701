/*
 * One delivery whose recipient changes centers, perhaps back again, over a
 * network that loses, repeats and reorders, between hosts that crash
 * (T-MODEL-01; docs/decisions/0014).  docs/model.md maps it to the code; names
 * are those of exchange/delivery.h and src/center/move/.
 *
 * Both centers are the same program.  What one has committed survives a crash;
 * *_pending and *_answer do not.  A message in the network may be taken in any
 * order, and the taker may leave it there (a repeat) or never see it (a loss),
 * a bounded number of times.
 *
 * -DBUG=n seeds a bug that one of the properties at the end must find.
 */
#ifndef BUG
#define BUG 0
#endif
#ifndef LOSSES
#define LOSSES 1
#endif
#ifndef REPEATS
#define REPEATS 1
#endif
#ifndef CRASHES
#define CRASHES 1
#endif
#ifndef MOVES
#define MOVES 1
#endif

#define BUG_OFFER_FIRST 1   /* handed over before `moved` is committed */
#define BUG_FORMER_DECIDES 2 /* what has moved is decided all the same */
#define BUG_OFFER_FORGOTTEN 3 /* what is to be handed over is not kept */
#define BUG_TAKE_TWICE 4    /* a move that was taken is taken again */
#define BUG_OLD_DIRECTORY 5 /* taken by an older directory than it moved by */
#define BUG_TAKEN_FIRST 6   /* `taken` is answered, then committed */
#define BUG_TAKE_BACK 7     /* no answer for long: it is ours again */
#define BUG_NOT_PASSED_ON 8 /* a center asked of what ended elsewhere refuses */
#define BUG_STALE_OFFER 9   /* what came back is still to be handed over */

/* enum delivery_state, as far as it matters here */
#define DELIVERY_ACCEPTED 0
#define DELIVERY_FETCHED 1
#define DELIVERY_OPENED 2
#define DELIVERY_CONFIRMED 3
#define DELIVERY_EXPIRED 4
#define is_end(state) ((state) >= DELIVERY_CONFIRMED)

/* What is pending at a center, or answered. */
#define NOTHING 0
#define ACT 1     /* of the recipient */
#define ACTED 2   /* its receipt */
#define ELSEWHERE 3 /* E4401: ask where it is */
#define ENDED 4   /* it has another end */
#define MOVED 5   /* our own statement */
#define MOVE 6    /* POST /v1/moves */
#define TAKEN 7   /* its answer */
#define EXPIRY 8

/* Odd directories have the recipient at center 0, even ones at center 1. */
#define place(serial) (1 - (serial) % 2)
#define other(center) (1 - (center))

byte newest = 1; /* directory that management has published */

byte losses = LOSSES;
byte repeats = REPEATS;
byte crashes = CRASHES;
byte moves = MOVES;

/* Of each center, committed. */
bool decides[2];   /* one does from the start */
byte life[2];
byte hops[2];      /* links that it knows */
bool offers[2];    /* in its queue: to be handed over */
byte taken_at[2];  /* the link with which it took it last; 0: never */
byte directory[2] = 1; /* serial that is in force there */

/* ... and not. */
byte c_pending[2];
byte c_hop[2];     /* of MOVE and TAKEN; of ACT the state */
byte c_reached[2];
byte c_serial[2];
byte c_answer[2];
byte c_answered[2];

/* center_move_is_due() */
#define is_due(c) (decides[c] && !is_end(life[c]) && place(directory[c]) != c)

/* Messages: to each center, and to the recipient's gateway. */
bool move_sent[2];
byte move_hop[2];
byte move_reached[2];
byte move_serial[2];
bool taken_sent[2];
byte taken_hop[2];
bool act_sent[2];
byte act_state[2];
byte reply;        /* NOTHING, ACTED, ELSEWHERE, ENDED */
byte reply_state;

/* The recipient's gateway. */
byte r_life;       /* what it has a receipt of */
byte r_serial = 1; /* its directory */
byte r_pending;
byte r_state;
bool r_over;       /* it was told of another end */
bool r_waits;      /* it was told to ask elsewhere: later */

/* History, for the properties. */
bool has_begun;
bool stated[MOVES + 3]; /* `moved`, by link */
byte ends;
byte first_end;

inline forget_move(to)
{
	move_sent[to] = false; move_hop[to] = 0; move_reached[to] = 0;
	move_serial[to] = 0
}

inline take_move(to)
{
	if
	:: forget_move(to)
	:: repeats > 0 -> repeats--
	fi
}

inline take_taken(to)
{
	if
	:: taken_sent[to] = false; taken_hop[to] = 0
	:: repeats > 0 -> repeats--
	fi
}

inline take_act(to)
{
	if
	:: act_sent[to] = false; act_state[to] = 0
	:: repeats > 0 -> repeats--
	fi
}

inline clear(c)
{
	c_pending[c] = NOTHING; c_hop[c] = 0; c_reached[c] = 0;
	c_serial[c] = 0
}

/* ---- a center ------------------------------------------------------------ */

inline state_end(c, to)
{
	life[c] = to;
	if
	:: is_end(to) ->
		ends++;
		if
		:: first_end == 0 -> first_end = to
		:: else
		fi
	:: else
	fi
}

/* check_place() and delivery_apply() of center_act.c */
inline commit_act(c)
{
	c_answered[c] = c_hop[c];
	if
	:: is_end(life[c]) && life[c] != c_hop[c] && decides[c] ->
		c_answer[c] = ENDED
	:: !decides[c] && BUG != BUG_FORMER_DECIDES ->
		/* center_act_relay(): its recipient is here, it is not. */
		if
		:: !offers[c] && place(directory[c]) == c &&
			BUG != BUG_NOT_PASSED_ON && !act_sent[other(c)] ->
			act_sent[other(c)] = true;
			act_state[other(c)] = c_hop[c]
		:: else -> c_answer[c] = ELSEWHERE
		fi
	:: is_due(c) -> c_answer[c] = ELSEWHERE /* about to move */
	:: else ->
		if
		:: c_hop[c] > life[c] && !is_end(life[c]) ->
			state_end(c, c_hop[c])
		:: else
		fi;
		c_answer[c] = ACTED
	fi
}

/* center_move_begin() */
inline commit_moved(c)
{
	if
	:: is_due(c) ->
		decides[c] = false;
		hops[c]++;
		stated[hops[c]] = true;
		offers[c] = true
	:: else
	fi
}

/* center_take_apply(): a repeat, too new a directory, or ours from now on */
inline commit_move(c)
{
	if
	:: c_hop[c] <= hops[c] && BUG != BUG_TAKE_TWICE ->
		if
		:: c_hop[c] <= taken_at[c] ->
			c_answer[c] = TAKEN; c_answered[c] = c_hop[c]
		:: else
		fi
	:: c_hop[c] > hops[c] && c_serial[c] > directory[c] &&
		BUG != BUG_OLD_DIRECTORY -> skip /* E4402: again, later */
	:: else ->
		hops[c] = c_hop[c];
		taken_at[c] = c_hop[c];
		decides[c] = true;
		/* center_move_forget_offer() */
		if
		:: BUG != BUG_STALE_OFFER -> offers[c] = false
		:: else
		fi;
		life[c] = c_reached[c];
		c_answer[c] = TAKEN; c_answered[c] = c_hop[c]
	fi
}

inline center_commit(c)
{
	if
	:: c_pending[c] == ACT -> commit_act(c)
	:: c_pending[c] == MOVED -> commit_moved(c)
	:: c_pending[c] == MOVE -> commit_move(c)
	:: c_pending[c] == TAKEN ->
		/* center_move_done(): it is there, our queue forgets it */
		if
		:: c_hop[c] == hops[c] -> offers[c] = false
		:: else
		fi
	:: c_pending[c] == EXPIRY ->
		if
		:: decides[c] && !is_end(life[c]) ->
			state_end(c, DELIVERY_EXPIRED)
		:: else
		fi
	:: else
	fi;
	clear(c)
}

inline send_answer(c)
{
	if
	:: c_answer[c] == TAKEN ->
		taken_sent[other(c)] = true;
		taken_hop[other(c)] = c_answered[c]
	:: else -> reply = c_answer[c]; reply_state = c_answered[c]
	fi;
	c_answer[c] = NOTHING;
	c_answered[c] = 0
}

#define is_idle(c) (c_pending[c] == NOTHING && c_answer[c] == NOTHING)

proctype center(byte c)
{
	bool has_expired;

end:	do
	/* The sweep of center_move.c. */
	:: atomic { is_idle(c) && is_due(c) ->
		c_pending[c] = MOVED;
		if
		:: BUG == BUG_OFFER_FIRST && !move_sent[other(c)] ->
			move_sent[other(c)] = true;
			move_hop[other(c)] = hops[c] + 1;
			move_reached[other(c)] = life[c];
			move_serial[other(c)] = directory[c]
		:: else
		fi }
	/* center_send.c: until it is taken. */
	:: atomic { offers[c] && !move_sent[other(c)] && !taken_sent[c] &&
		c_pending[other(c)] != MOVE && c_answer[other(c)] != TAKEN &&
		c_pending[c] != TAKEN ->
		move_sent[other(c)] = true;
		move_hop[other(c)] = hops[c];
		move_reached[other(c)] = life[c];
		move_serial[other(c)] = directory[c] }
	:: atomic { is_idle(c) && move_sent[c] ->
		c_pending[c] = MOVE; c_hop[c] = move_hop[c];
		c_reached[c] = move_reached[c]; c_serial[c] = move_serial[c];
		take_move(c);
		if
		:: BUG == BUG_TAKEN_FIRST && c_hop[c] > hops[c] &&
			c_serial[c] <= directory[c] ->
			taken_sent[other(c)] = true;
			taken_hop[other(c)] = c_hop[c]
		:: else
		fi }
	:: atomic { is_idle(c) && taken_sent[c] ->
		c_pending[c] = TAKEN; c_hop[c] = taken_hop[c]; take_taken(c) }
	:: atomic { is_idle(c) && act_sent[c] && reply == NOTHING ->
		c_pending[c] = ACT; c_hop[c] = act_state[c]; take_act(c) }
	:: atomic { is_idle(c) && decides[c] && !is_end(life[c]) &&
		!has_expired -> has_expired = true; c_pending[c] = EXPIRY }
	:: atomic { BUG == BUG_TAKE_BACK && is_idle(c) && offers[c] ->
		offers[c] = false; decides[c] = true }
	:: atomic { c_pending[c] != NOTHING -> center_commit(c) }
	:: atomic { c_answer[c] != NOTHING && c_pending[c] == NOTHING &&
		(c_answer[c] == TAKEN -> !taken_sent[other(c)] :
		reply == NOTHING) -> send_answer(c) }
	:: atomic { crashes > 0 && (c_pending[c] != NOTHING ||
		c_answer[c] != NOTHING || (BUG == BUG_OFFER_FORGOTTEN &&
		offers[c])) ->
		crashes--;
		if
		:: c_pending[c] == EXPIRY -> has_expired = false
		:: else
		fi;
		if
		:: BUG == BUG_OFFER_FORGOTTEN -> offers[c] = false
		:: else
		fi;
		clear(c);
		c_answer[c] = NOTHING; c_answered[c] = 0 }
	od
}

/* ---- the recipient's gateway ----------------------------------------------- */

/*
 * Pauses grow with each refusal (exchange/retry.h): whatever else is under way
 * happens before it asks again.
 */
#define is_quiet (!is_due(0) && !is_due(1) && directory[0] == newest && directory[1] == newest && \
	r_serial == newest && !offers[0] && !offers[1] && is_idle(0) && \
	is_idle(1) && !move_sent[0] && !move_sent[1] && !taken_sent[0] && \
	!taken_sent[1])

active proctype recipient()
{
end:	do
	/* To the center that serves it, by its own directory. */
	:: atomic { !r_over && r_life < DELIVERY_CONFIRMED &&
		(!r_waits || is_quiet) && r_pending == NOTHING && reply == NOTHING && !act_sent[0] &&
		!act_sent[1] && c_pending[0] != ACT && c_pending[1] != ACT &&
		c_answer[0] != ACTED && c_answer[1] != ACTED &&
		c_answer[0] != ELSEWHERE && c_answer[1] != ELSEWHERE &&
		c_answer[0] != ENDED && c_answer[1] != ENDED ->
		r_waits = false;
		act_sent[place(r_serial)] = true;
		act_state[place(r_serial)] = r_life + 1 }
	:: atomic { r_pending == NOTHING && reply != NOTHING ->
		r_pending = reply; r_state = reply_state;
		if
		:: reply = NOTHING; reply_state = 0
		:: repeats > 0 -> repeats--
		fi }
	:: atomic { r_pending != NOTHING ->
		if
		:: r_pending == ACTED && r_state == r_life + 1 -> r_life++
		:: r_pending == ENDED -> r_over = true
		:: r_pending == ELSEWHERE -> r_waits = true
		:: else
		fi;
		r_pending = NOTHING; r_state = 0 }
	:: atomic { crashes > 0 && r_pending != NOTHING ->
		crashes--; r_pending = NOTHING; r_state = 0 }
	od
}

/* ---- what goes wrong --------------------------------------------------------- */

active proctype network()
{
end:	do
	:: atomic { losses > 0 ->
		if
		:: move_sent[0] -> forget_move(0)
		:: move_sent[1] -> forget_move(1)
		:: taken_sent[0] -> taken_sent[0] = false; taken_hop[0] = 0
		:: taken_sent[1] -> taken_sent[1] = false; taken_hop[1] = 0
		:: act_sent[0] -> act_sent[0] = false; act_state[0] = 0
		:: act_sent[1] -> act_sent[1] = false; act_state[1] = 0
		:: reply != NOTHING -> reply = NOTHING; reply_state = 0
		fi;
		losses-- }
	od
}

/* A newer directory comes, to each host in its time. */
active proctype bulletins()
{
end:	do
	:: atomic { directory[0] < newest -> directory[0]++ }
	:: atomic { directory[1] < newest -> directory[1]++ }
	:: atomic { r_serial < newest -> r_serial++ }
	od
}

/* Each directory has the recipient at the other center. */
active proctype management()
{
end:	do
	:: atomic { moves > 0 -> moves--; newest++ }
	od
}

init
{
	atomic {
		decides[0] = true;
		has_begun = true;
		run center(0);
		run center(1)
	}
}

/* ---- properties ---------------------------------------------------------------- */

/*
 * I2: at most one decides, and there is one end.  By a line of the log: whoever
 * took it has been given it.  I7: it is decided, or somebody hands it over.  No
 * more moves than directories.
 */
#define one_decider (!(decides[0] && decides[1]))
#define by_the_log (!taken_at[0] || stated[taken_at[0]]) && \
	(!taken_at[1] || stated[taken_at[1]])
#define one_end (ends <= 1 && (r_life < DELIVERY_CONFIRMED || \
	first_end == DELIVERY_CONFIRMED))
#define kept (!has_begun || decides[0] || decides[1] || offers[0] || \
	offers[1])
#define bounded (hops[0] < newest && hops[1] < newest)

ltl safe { [] (one_decider && by_the_log && one_end && kept &&
	bounded) }

/* Under weak fairness, with bounded faults, it comes to its end. */
ltl delivered { <> (r_life == DELIVERY_CONFIRMED || r_over) }
