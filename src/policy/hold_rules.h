/*
 * What a hold stops, and which holds there may be (design: protocol 5, 6).
 * Pure.  A hold reduces and never destroys: what it stops waits (I7).
 */
#ifndef POLICY_HOLD_RULES_H
#define POLICY_HOLD_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/hold.h"
#include "policy/verdict.h"

enum {
	HOLD_LONGEST_MS = 72 * 3600 * 1000, /* unless it is renewed */
	HOLD_PER_HOUR_MAX = 20,             /* additions and renewals */
	HOLD_ACTIVE_MAX = 500,
};

/* A delivery, or a waybill that is handed in; texts are borrowed. */
struct hold_delivery {
	const char *sender;         /* code */
	const char *sender_host;    /* gateway that handed it in */
	const char *recipient;      /* code; "" for a whole waybill */
	const char *recipient_host; /* gateway that fetches; "" for none */
	const char *waybill_id;
	int64_t accepted_ms; /* 0: not yet */
};

/* False once its time is over. */
bool hold_is_active(const struct hold *hold, int64_t now_ms);

/* May a new waybill not be handed in? */
bool hold_stops_submission(const struct hold *hold,
    const struct hold_delivery *waybill, int64_t now_ms);

/*
 * May a delivery not be handed out, or relayed?  Its recipient may not receive,
 * or its sender may not send and what it sent before waits as well.  What was
 * accepted when the hold had begun, since nobody here knew of it, waits in any
 * case (design: protocol 5).
 */
bool hold_stops_delivery(const struct hold *hold,
    const struct hold_delivery *delivery, int64_t now_ms);

/* The same where the recipient is served elsewhere: only the sender counts. */
bool hold_stops_relay(const struct hold *hold,
    const struct hold_delivery *delivery, int64_t now_ms);

/* The active hold of the `count` that stops it for longest, or NULL. */
const struct hold *hold_find_submission(const struct hold *holds, size_t count,
    const struct hold_delivery *waybill, int64_t now_ms);
bool hold_any_delivery(const struct hold *holds, size_t count,
    const struct hold_delivery *delivery, int64_t now_ms);
bool hold_any_relay(const struct hold *holds, size_t count,
    const struct hold_delivery *delivery, int64_t now_ms);

/* A hold that somebody asks for. */
struct hold_request {
	const struct hold *hold;
	bool is_known;     /* the directory, or our rows, have what it names */
	bool is_authority; /* a center or a host of management */
	size_t active;     /* holds, without the one that it renews */
	size_t last_hour;  /* additions and renewals */
};

/*
 * E4039 names nothing known, or its words do not go together; E4038 against a
 * center or management; E4040 longer than 72 hours; E4041 too many.
 */
struct verdict hold_judge(const struct hold_request *request, int64_t now_ms);

#endif
