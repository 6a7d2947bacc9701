/*
 * The time in which a sender may undo a letter (docs/api.md, `undo`): all of it
 * is durable, and nothing of it has left.  When the time is over it is handed
 * in; when it is undone before, nobody but this host ever hears of it.
 */
#ifndef GATEWAY_OUTBOX_HOLD_H
#define GATEWAY_OUTBOX_HOLD_H

#include <stdint.h>

#include "base/attr.h"

struct error;
struct rows;

enum {
	OUTBOX_HOLD_MAX_S = 600,
	/* A wait that leads further ahead was begun before the clock was set. */
	OUTBOX_HOLD_SLACK_MS = 60000,
};

/* The column `hold` of a document. */
enum outbox_hold {
	OUTBOX_HOLD_NONE, /* it was handed in at once */
	OUTBOX_HOLD_HELD,
	OUTBOX_HOLD_RELEASED, /* its time is over */
	OUTBOX_HOLD_UNDONE,
	OUTBOX_HOLD_COUNT
};

/* A migration of the gateway's database. */
extern const char outbox_hold_schema[];

/* "sent", "held", "undone": how the state of a document reads. */
const char *outbox_hold_name(enum outbox_hold hold);

/* A document that was just sent (its row) waits for `held_ms` from now on. */
int outbox_hold_begin(struct rows *rows, int64_t document, int64_t now_ms,
    int64_t held_ms, struct error *err) MUST_CHECK;

/* 1 and the column, 0 if there is no such document. */
int outbox_hold_find(struct rows *rows, int64_t document,
    enum outbox_hold *ret_hold, struct error *err) MUST_CHECK;

/* Hand in all whose time is over: what must not be done twice is one change. */
int outbox_hold_release(struct rows *rows, int64_t now_ms,
    struct error *err) MUST_CHECK;

/* When the next time is over; INT64_MAX when none is held. */
int outbox_hold_next(struct rows *rows, int64_t now_ms, int64_t *ret_at,
    struct error *err) MUST_CHECK;

/*
 * Undo a document that is held: its deliveries end as withdrawn here, with the
 * reason "undo", and its waybills are never handed in.
 */
int outbox_hold_undo(struct rows *rows, int64_t document, int64_t now_ms,
    struct error *err) MUST_CHECK;

#endif
