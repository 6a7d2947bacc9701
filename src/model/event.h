/*
 * The steps of a delivery: the events that receipts state, and the states
 * that follow from them (protocol.md section 3).  One vocabulary for code,
 * API, command line and pages.
 */
#ifndef MODEL_EVENT_H
#define MODEL_EVENT_H

#include <stdbool.h>

/* What a receipt says happened. */
enum event {
	EVENT_NONE,
	EVENT_ACCEPTED,   /* the sender's center made it durable */
	EVENT_RELAYED,    /* the recipient's center made it durable */
	EVENT_FETCHED,    /* the recipient's module has the ciphertext */
	EVENT_OPENED,     /* ... has opened and checked it */
	EVENT_UNREADABLE, /* ... could not */
	EVENT_CONFIRMED,  /* 簽收 */
	EVENT_RETURNED,   /* 退文 */
	EVENT_EXPIRED,
	EVENT_WITHDRAWN,
	EVENT_QUARANTINED,
	EVENT_SUSPENDED, /* not handed out for now: held, or recipient suspended */
	EVENT_RESUMED, /* ... handed out again */
	EVENT_NOTICE,  /* the recipient tells of a mistake after it confirmed */
	EVENT_REWRAP,  /* its key part is for a key that is lost or replaced */
	EVENT_REWRAPPED, /* the sender's module made one for another key */
	EVENT_MOVED,     /* another center decides it from here on */
	EVENT_TAKEN,     /* ... and that center made it durable */
	EVENT_FLAGGED,   /* judged again: its sender was stopped by then */
	EVENT_COUNT
};

/* Where a delivery stands. */
enum delivery_state {
	DELIVERY_QUEUED,
	DELIVERY_ACCEPTED,
	DELIVERY_RELAYED,
	DELIVERY_FETCHED,
	DELIVERY_OPENED,
	DELIVERY_CONFIRMED,
	DELIVERY_RETURNED,
	DELIVERY_REFUSED,
	DELIVERY_EXPIRED,
	DELIVERY_WITHDRAWN,
	DELIVERY_QUARANTINED,
	DELIVERY_PAPER,
	DELIVERY_PASSED_ON, /* at a center that had it: the next one has it */
	DELIVERY_STATE_COUNT
};

/* 速別. */
enum speed { SPEED_NORMAL, SPEED_FAST, SPEED_FASTEST, SPEED_COUNT };

/* True for what moves no delivery: suspended, resumed, notice, moved, flagged. */
bool event_is_note(enum event event);

/* True for what may happen to a delivery often: suspended, resumed, moved,
 * taken. */
bool event_may_repeat(enum event event);

/* Lower-case names, as in objects and API: "accepted", "normal". */
const char *event_name(enum event event);
bool event_parse(const char *name, enum event *ret_event);

/*
 * The event's URI in ETSI EN 319 522, shown beside the local name; one that the
 * standard does not know begins with "yizhan:".
 */
const char *event_etsi(enum event event);

const char *delivery_state_name(enum delivery_state state);
bool delivery_state_parse(const char *name, enum delivery_state *ret_state);
bool delivery_state_is_terminal(enum delivery_state state);

const char *speed_name(enum speed speed);
bool speed_parse(const char *name, enum speed *ret_speed);

#endif
