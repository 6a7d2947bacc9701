/*
 * For people: what waits for other centers, and what one of them refused.
 */
#ifndef CENTER_CENTER_SEND_SHOW_H
#define CENTER_CENTER_SEND_SHOW_H

#include <stdint.h>

#include "base/attr.h"

struct bytes;
struct error;
struct json_writer;
struct leaves;
struct rows;

/* GET /v1/queue: each center with what waits; at most 200 that are set aside. */
int center_send_show(struct rows *rows, struct leaves *leaves,
    struct json_writer *writer, struct error *err) MUST_CHECK;

/* The same in figures, for GET /metrics. */
int center_send_figures(struct rows *rows, struct bytes *to,
    struct error *err) MUST_CHECK;

/* How many are set aside, and why: append "3: center-b E4032" for health. */
int center_send_state(struct rows *rows, int64_t *ret_count, struct bytes *to,
    struct error *err) MUST_CHECK;

#endif
