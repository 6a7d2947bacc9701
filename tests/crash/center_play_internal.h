/*
 * What the files center_play*.c share: the play, and its parts that speak of
 * moves.
 */
#ifndef CRASH_CENTER_PLAY_INTERNAL_H
#define CRASH_CENTER_PLAY_INTERNAL_H

#include "crash/center_play.h"
#include "role/env.h"
#include "role/message.h"
#include "role/peer.h"

struct arena;
struct center;
struct error;

enum { PLAY_SLOTS = 8, PLAY_LETTERS = 128 };

struct play {
	const struct center_world *world;
	const struct center_round *round;
	struct role_env env;
	struct center *center; /* the spooler's own, seen by a wrapper */
	struct peer *listener, *query, *keeper, *verifier, *courier;
	struct arena *arena;
	uint64_t uploads;
	unsigned slots;      /* in use */
	uint32_t next, last; /* letters to hand in */
	uint32_t repeat, repeat_last;
	unsigned waiting; /* answers */
	unsigned answered;
	uint64_t directory; /* serial of the newest */

	/* Of moves. */
	bool has_directory;           /* the next one was offered */
	uint32_t move, move_last;     /* letters to be handed over to us */
	uint32_t moves_done;          /* rounds of them */
	bool has_moved[PLAY_LETTERS]; /* to the other center, by our word */
};

extern struct play play;

void play_must(int rc, const struct error *err);

/* A receipt is in somebody's hands. */
void play_say(enum center_said kind, uint32_t number, struct blob json);

/* The recipient of this leaf states `fetched`; `answer` gets the number. */
void play_fetch(const struct world_letter *letter, size_t leaf,
    peer_answer_fn answer);
void play_on_acted(void *ctx, struct ipc_message *message);

/* ---- center_play_move.c ----------------------------------------------- */

/* Is it a receipt of a move: then what the verifier says of it. */
bool play_move_receipt(const struct blob *json,
    struct message_receipt *ret_receipt);

/* The other center is handed a delivery, or asked for its content. */
bool play_move_call(const struct message_call *call, uint32_t id);

/* The next directory, then one delivery after the other; false at the end. */
bool play_move_next(void);

#endif
