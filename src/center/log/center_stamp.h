/*
 * Has the newest checkpoint of the center's log stamped once a day by each
 * time-stamping authority that is configured (RFC 3161, docs/protocol.md 5).
 * An authority that cannot be reached, or lies, is asked again with growing
 * pauses and stops nothing.
 */
#ifndef CENTER_CENTER_STAMP_H
#define CENTER_CENTER_STAMP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"

struct bytes;
struct center;
struct center_stamp;
struct error;
struct rows;

/* A migration of the center's database. */
extern const char center_stamp_schema[];

/* ERROR_MALFORMED (E1103) for what [timestamp] urls cannot be. */
int center_stamp_new(struct center *center, struct center_stamp **ret_stamp,
    struct error *err) MUST_CHECK;

/* Bulletins and checkpoints are there: begin. */
void center_stamp_start(struct center_stamp *stamp);

/*
 * Append the tokens over the oldest stamped checkpoint of at least `size`
 * records, or over the newest of all, and that checkpoint, as
 * log/stamp_lines.h has them: 1, or 0 for none.
 */
int center_stamp_read(struct rows *rows, uint64_t size, uint64_t *ret_size,
    struct bytes *to, struct error *err) MUST_CHECK;

/* In a word for people; false is a warning. */
int center_stamp_state(struct rows *rows, int64_t now_ms, const char **ret_id,
    struct bytes *to, struct error *err) MUST_CHECK;

#endif
