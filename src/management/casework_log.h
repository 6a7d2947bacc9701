/*
 * Steps of cases as entries of management's log: after a step is durable in
 * casework its record is appended, in order, and the place it has there is
 * noted with the step.  What a restart came between is appended again; both
 * entries have the same record.
 */
#ifndef MANAGEMENT_CASEWORK_LOG_H
#define MANAGEMENT_CASEWORK_LOG_H

#include "base/attr.h"

struct casework_log;
struct error;
struct management;
struct rows;

/* `rows` are casework's; both must outlive it. */
int casework_log_new(struct management *management, struct rows *rows,
    struct casework_log **ret_log, struct error *err) MUST_CHECK;
void casework_log_free(struct casework_log *log);

/* There may be steps that the log does not have. */
void casework_log_wake(struct casework_log *log);

#endif
