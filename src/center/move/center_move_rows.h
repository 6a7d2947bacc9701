/*
 * Rows of what was handed over: which center stated `moved` of a delivery, to
 * which it went, and the receipt of that.  Those that lead from the center that
 * the leaf names to the one that has the delivery now are its links, in order;
 * others are kept because their centers have had it too.
 */
#ifndef CENTER_CENTER_MOVE_ROWS_H
#define CENTER_CENTER_MOVE_ROWS_H

#include <stdint.h>

#include "base/attr.h"
#include "role/codec.h"

struct error;
struct leaves;
struct rows;

extern const char center_move_schema[];

struct center_move_row {
	int64_t hop; /* of a link, from 1 on; 0: it is none */
	const char *center;
	const char *at;
	uint64_t entry;   /* our own statement, when there is no `json` */
	struct blob json; /* receipt of another center; empty: our own */
};

int center_move_add(struct rows *rows, int64_t delivery,
    const struct center_move_row *move, int64_t *ret_row,
    struct error *err) MUST_CHECK;

/* Did this center have the delivery, and has moved it: 1 or 0. */
int center_move_was_at(struct rows *rows, int64_t delivery, const char *center,
    struct error *err) MUST_CHECK;

/* Append the links as records M, at most `max` of them. */
int center_move_links(struct rows *rows, struct leaves *leaves,
    int64_t delivery, int64_t max, struct bytes *to,
    struct error *err) MUST_CHECK;

/* Append the receipt of row `row` that another center stated: 1 or 0. */
int center_move_receipt(struct rows *rows, int64_t row, struct bytes *to,
    struct error *err) MUST_CHECK;

/* We have it since this hop, and stated that as leaf index `entry`. */
int center_move_taken(struct rows *rows, int64_t delivery, int64_t hop,
    uint64_t entry, struct error *err) MUST_CHECK;
int center_move_find_taken(struct rows *rows, int64_t delivery, int64_t hop,
    uint64_t *ret_entry, struct error *err) MUST_CHECK;

/* Tell `center` of all that other centers moved, and that we have it since. */
int center_move_tell(struct rows *rows, int64_t delivery, const char *center,
    struct error *err) MUST_CHECK;

/* Acts and addenda of the delivery are passed on to nobody any more. */
int center_move_keep_acts(struct rows *rows, int64_t delivery,
    struct error *err) MUST_CHECK;

/* An open delivery above row `after`, wherever it is: 1 or 0. */
int center_open_next(struct rows *rows, int64_t after, int64_t *ret_delivery,
    struct error *err) MUST_CHECK;

/*
 * It came back before we heard that it was taken: who hands it back has had it,
 * and would refuse to have it once more.
 */
int center_move_forget_offer(struct rows *rows, int64_t delivery,
    struct error *err) MUST_CHECK;

/* Nothing of the delivery, or of its waybill, goes to `center` any more. */
int center_move_drop_sends(struct rows *rows, int64_t waybill, int64_t delivery,
    const char *center, struct error *err) MUST_CHECK;

#endif
