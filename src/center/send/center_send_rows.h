/*
 * Rows of what other centers must be told: relays and moves, receipts,
 * withdrawals and addenda.  Every function works inside the store's open group.
 */
#ifndef CENTER_CENTER_SEND_ROWS_H
#define CENTER_CENTER_SEND_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "base/error.h"
#include "role/message.h"

struct center_waybill;
struct rows;

/* What another center must be told. */
enum center_send_kind {
	CENTER_SEND_RELAY = 1,
	CENTER_SEND_RECEIPT = 2,
	CENTER_SEND_WITHDRAWAL = 3, /* `waybill` is the row of the delivery */
	CENTER_SEND_REWRAP = 4,     /* as it is of this */
	CENTER_SEND_MOVE = 5,       /* ... and of this */
};

/* As `entry` of a withdrawal: that center had decided it before. */
enum { CENTER_SEND_AGAIN = 1 };

/*
 * As `bytes` of a receipt: not our statement, but what it repeats; or what
 * `waybill` is the row of, passed on once more (center_follow.h).
 */
enum { CENTER_SEND_REPEATED = 1, CENTER_SEND_FOLLOWED };

struct center_send {
	int64_t row;
	enum center_send_kind kind;
	char center[MESSAGE_HOST_SIZE];
	int64_t waybill; /* row, of a relay; of a receipt, see `entry` */
	/* Leaf index, of a receipt; `waybill` is the row of one of another
	 * center that is passed on (center_move_rows.h), else 0. */
	uint64_t entry;
	int64_t rank;   /* whose turn it is: exchange/urgency.h */
	uint64_t bytes; /* of content, of a relay */
	/* Since it is set aside: how often, until when, and why. */
	uint32_t failures;
	int64_t retry_at;
	char reason[ERROR_ID_SIZE];
};

int center_send_add(struct rows *rows, const struct center_send *send,
    struct error *err) MUST_CHECK;
/* Relays of a waybill wait, or go on. */
int center_send_hold(struct rows *rows, int64_t waybill, bool is_held,
    struct error *err) MUST_CHECK;

/*
 * Tell the origin of a relayed waybill once more all that happened to its
 * deliveries here.
 */
int center_send_events(struct rows *rows, const struct center_waybill *waybill,
    struct error *err) MUST_CHECK;

/*
 * Relay once more what began here, still has its content and has not ended at
 * another center: what it answered before may be lost here.
 */
int center_send_again(struct rows *rows, const char *our_name, int64_t rank,
    struct error *err) MUST_CHECK;
int center_send_remove(struct rows *rows, int64_t row,
    struct error *err) MUST_CHECK;

/* The oldest for `center` after row `after` that was never refused: 1 or 0. */
int center_send_next(struct rows *rows, const char *center,
    enum center_send_kind kind, int64_t after, struct center_send *ret_send,
    struct error *err) MUST_CHECK;

/*
 * The one that was set aside and whose time comes first, if it has come, or is
 * further away than `max_wait` (ms), since the clock was set back: 1 or 0.
 */
int center_send_aside(struct rows *rows, const char *center,
    enum center_send_kind kind, int64_t now, int64_t max_wait,
    struct center_send *ret_send, struct error *err) MUST_CHECK;

/*
 * Relays and moves to `center` whose time has come, or is further away than
 * `max_wait` (ms), since the clock was set back: the most urgent first, at most
 * `max`; with `only_small` none of `large_len` or more.
 */
int center_send_due(struct rows *rows, const char *center, int64_t now,
    int64_t max_wait, uint64_t large_len, bool only_small,
    struct center_send *list, size_t max, size_t *ret_count,
    struct error *err) MUST_CHECK;

/* When the next that was set aside for `center` is due; INT64_MAX: none. */
int center_send_next_due(struct rows *rows, const char *center, int64_t now,
    int64_t *ret_at, struct error *err) MUST_CHECK;

/* Set it aside: its failures, its next try and its reason. */
int center_send_set_aside(struct rows *rows, const struct center_send *send,
    struct error *err) MUST_CHECK;

/* Call `fn` for each center that has something waiting. */
int center_send_centers(struct rows *rows,
    void (*fn)(void *ctx, const char *center), void *ctx,
    struct error *err) MUST_CHECK;

/* Acts and addenda of the delivery that wait to be passed on go to `to`. */
int center_send_redirect(struct rows *rows, int64_t delivery, const char *to,
    struct error *err) MUST_CHECK;

/* Has a relay of `waybill` to `center` any delivery to bring: 1 or 0. */
int center_relay_has_any(struct rows *rows, int64_t waybill, const char *center,
    struct error *err) MUST_CHECK;

/*
 * Append to `to` the records of a relay of `waybill` to `center`: W, then the
 * given receipt as R, then L K P of each delivery there that was never moved.
 */
int center_relay_records(struct rows *rows, int64_t waybill, const char *center,
    struct blob receipt, struct bytes *to, struct error *err) MUST_CHECK;

/* The same of one delivery that moves, with what is in `moved` behind R. */
int center_move_records(struct rows *rows, int64_t delivery,
    struct blob receipt, const struct bytes *moved, struct bytes *to,
    struct error *err) MUST_CHECK;

#endif
