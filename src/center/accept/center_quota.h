/*
 * Quotas of this center (policy/quota.h).  What was handed in within the hour is
 * counted in memory, from the rows at start; what is queued stands in rows
 * (center_queued.h), so neither can differ after a crash.
 */
#ifndef CENTER_CENTER_QUOTA_H
#define CENTER_CENTER_QUOTA_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"

struct accepting;
struct center;
struct center_quotas;
struct error;

/* A migration of the center's database. */
extern const char center_quota_schema[];

int center_quotas_new(struct center *center, struct center_quotas **ret_quotas,
    struct error *err) MUST_CHECK;
void center_quotas_free(struct center_quotas *quotas);

/*
 * May a waybill be accepted?  E4042 the sender or its host handed in too much
 * within the hour, E4043 too much of the sender's is queued, E4044 too much is
 * queued for a recipient; HTTP 429.
 */
int center_quotas_judge(const struct accepting *accepting, int64_t now_ms,
    struct error *err) MUST_CHECK;

/* It was accepted, or, with `is_undone`, it was not after all. */
void center_quotas_count(const struct accepting *accepting, bool is_undone);

#endif
