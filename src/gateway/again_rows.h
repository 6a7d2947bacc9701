/*
 * The queue of what is handed in again, and which epoch of the center's log we
 * go by.
 */
#ifndef GATEWAY_AGAIN_ROWS_H
#define GATEWAY_AGAIN_ROWS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/bytes.h"

struct error;
struct rows;

enum again_kind {
	AGAIN_WAYBILL = 1,    /* row of the waybill */
	AGAIN_WITHDRAWAL = 2, /* row of the delivery */
	AGAIN_ACT = 3         /* row of the letter */
};

struct again_item {
	int64_t id;
	enum again_kind kind;
	int64_t row;
	int64_t detail; /* row of the receipt; of an act its event */
};

struct again_state {
	uint64_t epoch;
	uint64_t begins; /* as the bulletin said when it was queued */
	bool is_told;    /* the center knows that nothing more will come */
};

/* 1, or 0 before the first epoch is known. */
int again_state_read(struct rows *rows, const char *center,
    struct again_state *ret_state, struct error *err) MUST_CHECK;

/*
 * Queue all that stands in `center`'s log at or behind place `begins` of an
 * epoch before that of `origin`, and go by the latter from now on; the feed
 * begins anew.  Counts what was queued.
 */
int again_rows_begin(struct rows *rows, const char *center, const char *origin,
    uint64_t begins, uint64_t *ret_count, struct error *err) MUST_CHECK;

int again_rows_told(struct rows *rows, const char *center,
    struct error *err) MUST_CHECK;

/* The first item behind `after` that is not of letter `but`: 1 or 0. */
int again_rows_next(struct rows *rows, int64_t after, int64_t but,
    struct again_item *ret_item, struct error *err) MUST_CHECK;
/* Is an act of this letter to be handed in: 1 or 0. */
int again_rows_has_act(struct rows *rows, int64_t letter,
    struct error *err) MUST_CHECK;
int again_rows_remove(struct rows *rows, int64_t id,
    struct error *err) MUST_CHECK;

/* Append the CMS of a withdrawal or act: 1 or 0. */
int again_rows_cms(struct rows *rows, const struct again_item *item,
    struct bytes *to, struct error *err) MUST_CHECK;

#endif
