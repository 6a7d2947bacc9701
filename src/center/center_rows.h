/*
 * The center's rows: waybills, deliveries, acts, feeds and what other centers
 * have yet to be told.  Every function works inside the store's open group.
 * docs/store.md has the states of each.
 */
#ifndef CENTER_CENTER_ROWS_H
#define CENTER_CENTER_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "exchange/delivery.h"
#include "model/digest.h"
#include "model/id.h"
#include "model/org.h"
#include "role/message.h"

struct error;
struct rows;

/* All that a center's database has been, the newest last. */
extern const char *const center_migrations[];
extern const size_t center_migration_count;

/* A waybill; texts and data are copies. */
struct center_waybill {
	int64_t row;
	struct org_code sender;
	struct id waybill_id;
	struct digest digest;
	char host[MESSAGE_HOST_SIZE];   /* that handed it in */
	char origin[MESSAGE_HOST_SIZE]; /* origin center */
	struct digest content;
	uint64_t content_len;
	int64_t not_after;
	uint64_t payload; /* 0: removed by retention */
	enum speed speed; /* to be added only */
	int64_t accepted_at;
	struct digest module; /* certificate that signed it */
	int64_t origin_at;    /* when its origin accepted it */
	uint64_t entry; /* leaf index of our accepted or relayed statement */
};

/* 1, or 0 if there is none. */
int center_waybill_find(struct rows *rows, const struct org_code *sender,
    const struct id *waybill_id, struct center_waybill *ret_waybill,
    struct error *err) MUST_CHECK;
/* The same by what acts, receipts and addenda name: its id and its digest. */
int center_waybill_find_named(struct rows *rows, const struct id *waybill_id,
    const struct digest *digest, struct center_waybill *ret_waybill,
    struct error *err) MUST_CHECK;

/* By its digest alone: one whose content may come in parts (a frame and more).
 */
int center_waybill_find_large(struct rows *rows, const struct digest *digest,
    struct center_waybill *ret_waybill, struct error *err) MUST_CHECK;

int center_waybill_find_row(struct rows *rows, int64_t row,
    struct center_waybill *ret_waybill, struct error *err) MUST_CHECK;

/* The one that was accepted next behind another one; at once: by its row. */
int center_waybill_next(struct rows *rows, const struct center_waybill *after,
    struct center_waybill *ret_waybill, struct error *err) MUST_CHECK;

/* Is any sender's waybill of that id here: 1 or 0. */
int center_waybill_is_known(struct rows *rows, const struct id *waybill_id,
    struct error *err) MUST_CHECK;

/* Sets `waybill->row`.  `receipt` is the origin's, of a relay, or empty. */
int center_waybill_add(struct rows *rows, struct center_waybill *waybill,
    struct blob cms, struct blob receipt, struct error *err) MUST_CHECK;

/* Append the origin's receipt, of what came from another center. */
int center_waybill_receipt(struct rows *rows, int64_t waybill, struct bytes *to,
    struct error *err) MUST_CHECK;

/* Note the entry of its relay, after some of its deliveries had moved here. */
int center_waybill_set_entry(struct rows *rows,
    const struct center_waybill *waybill, struct error *err) MUST_CHECK;

/* Note another payload, or that it is gone. */
int center_waybill_set_payload(struct rows *rows,
    const struct center_waybill *waybill, struct error *err) MUST_CHECK;

struct center_delivery {
	int64_t row;
	int64_t waybill; /* its row */
	struct org_code recipient;
	char center[MESSAGE_HOST_SIZE]; /* that decides it, or is to */
	struct digest leaf;
	struct digest seal;           /* certificate that the leaf names */
	char host[MESSAGE_HOST_SIZE]; /* whose feed had it last; "": none */
	struct delivery life;
	enum delivery_state was; /* of life, as the row has it */
	int64_t held_at;         /* by us, since then; 0 if it is not */
	int64_t held_ms; /* how long it was held before: its clock stood */
	int64_t hops;    /* how often it was handed over: center_move.h */
};

/* Among the flags of a delivery, for the query role. */
enum { CENTER_FLAG_SUSPENDED = 16 };

/* `host` is whose feed has it from the start, or "".  0 if it is there: 1 or 0.
 */
int center_delivery_add(struct rows *rows, int64_t waybill,
    const struct message_leaf *leaf, const struct delivery *life,
    const char *host, int64_t *ret_row, struct error *err) MUST_CHECK;
int center_delivery_find(struct rows *rows, int64_t waybill,
    const struct org_code *recipient, struct center_delivery *ret_delivery,
    struct error *err) MUST_CHECK;
int center_delivery_save(struct rows *rows,
    const struct center_delivery *delivery, struct error *err) MUST_CHECK;

/* The first one above row `after` that was not fetched: 1 or 0. */
int center_delivery_waiting(struct rows *rows, int64_t after,
    struct center_delivery *ret_delivery, struct error *err) MUST_CHECK;
int center_delivery_find_row(struct rows *rows, int64_t row,
    struct center_delivery *ret_delivery, struct error *err) MUST_CHECK;

/* Is any held: 1 or 0. */
int center_delivery_any_held(struct rows *rows, struct error *err) MUST_CHECK;

/* Call `fn` for each delivery of a waybill, at `center` if it is not NULL. */
typedef int (*center_delivery_fn)(void *ctx, struct center_delivery *delivery,
    struct error *err);
int center_delivery_each(struct rows *rows, int64_t waybill, const char *center,
    center_delivery_fn fn, void *ctx, struct error *err) MUST_CHECK;

/* Append the key part of a delivery to `to`. */
int center_key_part(struct rows *rows, int64_t delivery, struct bytes *to,
    struct error *err) MUST_CHECK;

/* The leaf index under which an event of a delivery was stated: 1 or 0. */
int center_act_find(struct rows *rows, int64_t delivery, enum event event,
    uint64_t *ret_entry, struct error *err) MUST_CHECK;
/* The last one stands: only `rewrap` and `rewrapped` come again. */
int center_act_add(struct rows *rows, int64_t delivery, enum event event,
    uint64_t entry, struct error *err) MUST_CHECK;

/* The sender's act for a delivery that another center decides: 1 or 0. */
int center_withdrawal_find(struct rows *rows, int64_t delivery,
    struct bytes *cms, struct error *err) MUST_CHECK;
int center_withdrawal_add(struct rows *rows, int64_t delivery, struct blob cms,
    struct error *err) MUST_CHECK;

/* A receipt of another center that is stated here already: 1 or 0. */
int center_remote_find(struct rows *rows, const struct digest *leaf,
    struct error *err) MUST_CHECK;
int center_remote_add(struct rows *rows, const struct digest *leaf,
    uint64_t entry, struct blob json, struct error *err) MUST_CHECK;
/* Append the receipt that our statement `entry` repeats: 1 or 0. */
int center_remote_receipt(struct rows *rows, uint64_t entry, struct bytes *to,
    struct error *err) MUST_CHECK;

/* The host has these; center_feeds.h adds them. */
int center_feed_forget(struct rows *rows, const char *host, uint64_t through,
    struct error *err) MUST_CHECK;
/* A delivery that was announced is not to be handed out. */
int center_feed_withhold(struct rows *rows, int64_t delivery,
    struct error *err) MUST_CHECK;

/* Its clock stood: it expires at `not_after` instead. */
int center_expiry_extend(struct rows *rows, int64_t delivery, int64_t not_after,
    struct error *err) MUST_CHECK;

/* One of these whose time was over at `now`, taken from the list: 1 or 0. */
int center_expiry_take(struct rows *rows, int64_t now, int64_t *ret_delivery,
    struct error *err) MUST_CHECK;

/* Is any of these due: 1 or 0. */
int center_expiry_is_extended_due(struct rows *rows, int64_t now,
    struct error *err) MUST_CHECK;

/* The next waybill whose time was over at `now`, and that it was seen. */
int center_expiry_next(struct rows *rows, int64_t now,
    struct center_waybill *ret_waybill, struct error *err) MUST_CHECK;
int center_expiry_pass(struct rows *rows, const struct center_waybill *waybill,
    struct error *err) MUST_CHECK;

/*
 * A delivery of the waybill ended `at`: if it was the last one, retention
 * begins: 1 or 0.  The next waybill whose retention began before `before`; no
 * retention any more: the same.
 */
int center_ended_note(struct rows *rows, int64_t waybill, int64_t at,
    struct error *err) MUST_CHECK;
int center_ended_next(struct rows *rows, int64_t before, int64_t *ret_waybill,
    struct error *err) MUST_CHECK;
int center_ended_remove(struct rows *rows, int64_t waybill,
    struct error *err) MUST_CHECK;

#endif
