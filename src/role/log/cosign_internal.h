/*
 * What the files cosign*.c share: a round, and the witnesses that it asks.
 */
#ifndef ROLE_COSIGN_INTERNAL_H
#define ROLE_COSIGN_INTERNAL_H

#include "base/bytes.h"
#include "bulletin/root.h"
#include "role/log/cosign.h"
#include "role/log/cosign_rows.h"
#include "role/spool/spool.h"

/* One witness, and how far it has followed. */
struct cosign_witness {
	struct cosign *cosign;
	char name[BULLETIN_NAME_SIZE];
	char authority[ROOT_AUTHORITY_SIZE];
	uint64_t size;
	/* In this round: */
	bool has_retried;  /* it told its size */
	bool has_cosigned; /* with a good line */
	struct bytes line; /* that it answered with */
};

struct cosign {
	struct group_op op; /* first: the group hands it back */
	struct cosign_options options;
	struct spool *spool; /* of the log; not ours */
	struct loop_timer *timer;
	struct cosign_witness witnesses[ROOT_WITNESSES_MAX];
	size_t witness_count;

	/* The round under way. */
	uint64_t round;
	unsigned quorum; /* of the root */
	bool is_busy;
	bool is_due; /* a newer checkpoint came meanwhile */
	uint64_t retry_ms;
	uint64_t size;
	struct bytes own;  /* the checkpoint as we signed it */
	struct bytes note; /* with the good lines that came */
	size_t open;       /* witnesses that have not answered */
	struct cosigned_round result;
};

/* cosign_ask.c: ask it; ends with cosign_close_one(), now or later. */
void cosign_ask(struct cosign_witness *witness);

/*
 * One of the round has answered, or cannot.  With the last, or with enough where
 * somebody waits for it, the verifier says whose cosignatures are good.
 */
void cosign_close_one(struct cosign *cosign);

#endif
