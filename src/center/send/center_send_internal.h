/*
 * What center_send.c, which has the destinations, shares with the files of what
 * goes there: center_send_relay.c, _receipts.c and _withdrawal.c.
 */
#ifndef CENTER_CENTER_SEND_INTERNAL_H
#define CENTER_CENTER_SEND_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "center/send/center_send_rows.h"
#include "exchange/refusal.h"
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
	struct loop_timer *timer; /* running: waiting after a failure */
	bool is_unclear; /* the last answer was center_send_unclear()'s */
	struct loop_timer *due;    /* for the next that was set aside */
	struct relaying *relaying; /* under way */
	size_t relays, large;      /* how many; of which large */
	struct receipts *receipts; /* under way */
	int64_t alone_until;     /* receipts up to this row go one at a time */
	bool is_turn_of_refused; /* of receipts; of the rest: */
	bool is_turn_of_others;
	struct withdrawing *withdrawing; /* under way */
};

/* Something went wrong there: all of it later. */
void center_send_later(struct destination *destination,
    const struct error *why);
void center_send_log_later(const struct destination *destination,
    const struct error *why);

/*
 * It failed over one, which is set aside, or fails over all: the others go on.
 * When nothing went well since the last time, then after a pause, which never
 * grows: who waits behind it may be all right.
 */
void center_send_unclear(struct destination *destination);

/* Something went well there, or the center answers at least: go on. */
void center_send_went_well(struct destination *destination);

/*
 * What a refusal means; its catalogue id is noted in `send`, and what it says in
 * *ret_why.
 */
enum refusal center_send_judge(const struct message_called *called,
    const char *what, struct center_send *send, struct error *ret_why);

/*
 * It was refused for its own sake, for `send->reason`: in the open group, note
 * that and its next try, no sooner than in `after_s`; others go on.
 */
int center_send_put_aside(struct center *center, struct center_send *send,
    uint32_t after_s, struct error *err) MUST_CHECK;

/* One that was set aside, and whose next try has come: 1 or 0. */
int center_send_refused(const struct destination *destination,
    enum center_send_kind kind, struct center_send *ret_send,
    struct error *err) MUST_CHECK;

/* Begin what is due and has a place. */
int center_send_relays(struct destination *destination,
    struct error *err) MUST_CHECK;

/* The next receipts, unless some are under way. */
int center_send_receipts(struct destination *destination,
    struct error *err) MUST_CHECK;

/* Pass on the oldest withdrawal, or addendum, unless one is under way. */
int center_send_withdrawal(struct destination *destination,
    struct error *err) MUST_CHECK;

#endif
