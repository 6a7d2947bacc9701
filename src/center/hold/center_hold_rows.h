/*
 * The rows of holds, and what was done about each.  What changes them works
 * inside the store's open group.
 */
#ifndef CENTER_CENTER_HOLD_ROWS_H
#define CENTER_CENTER_HOLD_ROWS_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "envelope/hold_record.h"

struct error;
struct rows;

/* A migration of the center's database. */
extern const char center_hold_schema[];

/* A new one; sets its id. */
int center_hold_add(struct rows *rows, struct hold *hold,
    struct error *err) MUST_CHECK;

int center_hold_renew(struct rows *rows, const struct hold *hold,
    struct error *err) MUST_CHECK;
int center_hold_lift(struct rows *rows, int64_t id, int64_t at,
    struct error *err) MUST_CHECK;

/* 1, or 0 if there is none that still holds at `now`. */
int center_hold_find(struct rows *rows, int64_t id, int64_t now,
    struct hold *ret_hold, struct error *err) MUST_CHECK;

/* The active one with the same scope, name, direction and wait: 1 or 0. */
int center_hold_find_like(struct rows *rows, const struct hold *like,
    int64_t now, struct hold *ret_hold, struct error *err) MUST_CHECK;

/* All that are active, at most `max`. */
int center_hold_list(struct rows *rows, int64_t now, struct hold *list,
    size_t max, size_t *ret_count, struct error *err) MUST_CHECK;

/* How many these are. */
int center_hold_count_active(struct rows *rows, int64_t now, size_t *ret_count,
    struct error *err) MUST_CHECK;

/* Note what was done, and the log entry that says so. */
int center_hold_note(struct rows *rows, const struct hold_record *record,
    uint64_t entry, struct error *err) MUST_CHECK;

/* Additions and renewals after `since`. */
int center_hold_count(struct rows *rows, int64_t since, size_t *ret_count,
    struct error *err) MUST_CHECK;

#endif
