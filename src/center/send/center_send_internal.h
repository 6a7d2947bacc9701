/*
 * What center_send.c and center_send_withdrawal.c share.
 */
#ifndef CENTER_CENTER_SEND_INTERNAL_H
#define CENTER_CENTER_SEND_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "exchange/retry.h"
#include "role/message.h"

struct center;
struct center_sender;
struct error;
struct loop_timer;
struct receipts;
struct relaying;
struct withdrawing;

/* Another center. */
struct destination {
	struct destination *next;
	struct center_sender *sender;
	struct center *center; /* ours */
	char name[MESSAGE_HOST_SIZE];
	struct retry retry;
	struct loop_timer *timer;        /* running: waiting after a failure */
	struct loop_timer *due;          /* for the next relay that waits */
	struct relaying *relaying;       /* under way */
	size_t relays, large;            /* how many; of which large */
	struct receipts *receipts;       /* under way */
	struct withdrawing *withdrawing; /* under way */
};

/* Something went wrong there: all of it later. */
void center_send_later(struct destination *destination,
    const struct error *why);

/* Something went well there: go on. */
void center_send_went_well(struct destination *destination);

/* Pass on the oldest withdrawal, or addendum, unless one is under way. */
int center_send_withdrawal(struct destination *destination,
    struct error *err) MUST_CHECK;

#endif
