/*
 * What a center states in its log (role/log/host_log.h).
 */
#ifndef CENTER_CENTER_LOG_H
#define CENTER_CENTER_LOG_H

#include <stdint.h>

#include "base/attr.h"
#include "envelope/statement.h"

struct center;
struct error;

/*
 * Append the statement to the log, in the store's open group.  Environment,
 * center, time and serials are filled in here.
 */
int center_log_state(struct center *center, struct statement *statement,
    uint64_t *ret_entry, struct error *err) MUST_CHECK;

#endif
