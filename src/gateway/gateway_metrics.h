/*
 * GET /metrics of a gateway: figures in the text form of Prometheus (ux.md 5.1).
 * What an operator must know stands in GET /v1/health; this is what is drawn.
 */
#ifndef GATEWAY_GATEWAY_METRICS_H
#define GATEWAY_GATEWAY_METRICS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"

struct bytes;
struct error;
struct queries;
struct rows;

int gateway_metrics_put(struct queries *queries, struct rows *rows,
    struct bytes *to, struct error *err) MUST_CHECK;

/* The check of GET /v1/health: what waits to be handed in (queries_state_fn). */
int gateway_metrics_queue(struct rows *rows, int64_t now_ms,
    const char **ret_id, struct bytes *to, struct error *err) MUST_CHECK;

#endif
