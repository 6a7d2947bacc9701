/*
 * The time stamps of a center's log, one row each, kept for good.
 */
#ifndef CENTER_CENTER_STAMP_ROWS_H
#define CENTER_CENTER_STAMP_ROWS_H

#include <stdint.h>

#include "base/attr.h"
#include "base/bytes.h"

struct error;
struct message_stamp;
struct rows;

int center_stamp_row_add(struct rows *rows, const char *url, uint64_t size,
    const struct bytes *note, const struct message_stamp *stamp, int64_t now_ms,
    struct error *err) MUST_CHECK;

/* When this server stamped last, and how many records; zeros for never. */
int center_stamp_row_last(struct rows *rows, const char *url,
    int64_t *ret_at_ms, uint64_t *ret_size, struct error *err) MUST_CHECK;

#endif
