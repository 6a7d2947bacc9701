/*
 * The keys of logs that network bulletins name, the present ones and those of
 * before.
 */
#ifndef CLI_LOG_KEYS_H
#define CLI_LOG_KEYS_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "store/leaves_audit.h"

struct error;
struct offline;

/*
 * Of the center `name`, or with NULL of all of them; each once, at most `max`
 * (ERROR_DENIED beyond).
 */
int log_keys_find(struct offline *offline, const char *name, int64_t now,
    struct leaves_log_key *keys, size_t max, size_t *ret_count,
    struct error *err) MUST_CHECK;

#endif
