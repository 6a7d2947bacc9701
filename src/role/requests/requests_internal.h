/*
 * The parts of requests in the spooler: taking them, and what passes between
 * this host and the one above.
 */
#ifndef ROLE_REQUESTS_REQUESTS_INTERNAL_H
#define ROLE_REQUESTS_REQUESTS_INTERNAL_H

#include "role/requests/requests.h"
#include "role/requests/requests_rows.h"
#include "role/requests/requests_rows_pass.h"
#include "role/spool/group.h"

struct loop_timer;

enum {
	REQUESTS_TICK_MS = 1000,
	REQUESTS_QUIET_MS = 15 * 1000, /* between questions when all is quiet */
	REQUESTS_TIMEOUT_MS = 30 * 1000,
};

/* What is between us and the host above: one thing at a time. */
struct requests {
	struct group_op op; /* first: the group hands it back */
	struct spool *spool;
	const char *upstream;
	struct loop_timer *timer;
	bool is_busy;
	struct requests_due due; /* being handed up */
	enum { REQUESTS_TAKEN, REQUESTS_REFUSED, REQUESTS_FAILED } outcome;
	bool is_last; /* management has it, not a host on the way */
	struct bytes answer;
	int64_t wait_ms;  /* until news are asked for again */
	int64_t asked_at; /* when they were */
	struct requests_epoch_op {
		struct group_op op; /* first: the group hands it back */
		struct requests *requests;
		uint64_t epoch; /* being noted; 0: none */
	} noting;
};

struct rows *requests_rows_of(const struct requests *requests);

/* Something was kept, or news are to be expected: look soon. */
void requests_wake(struct requests *requests);

/* The timer of requests_new(). */
void requests_on_tick(void *ctx);

#endif
