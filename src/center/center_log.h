/*
 * The center's log: what it states becomes a leaf in the transaction of what
 * it speaks of; a checkpoint over each group of them is signed by the keeper
 * and durable before any receipt leaves (docs/protocol.md 5).
 */
#ifndef CENTER_CENTER_LOG_H
#define CENTER_CENTER_LOG_H

#include <stdint.h>

#include "base/attr.h"
#include "envelope/statement.h"

struct bytes;
struct center;
struct error;
struct leaves;

/*
 * Append the statement to the log, in the store's open group.  Environment,
 * center, time and serials are filled in here.
 */
int center_log_state(struct center *center, struct statement *statement,
    uint64_t *ret_entry, struct error *err) MUST_CHECK;

/* Append an entry of another kind, such as a hold, in the open group. */
int center_log_append(struct center *center, const struct bytes *json,
    uint64_t *ret_entry, struct error *err) MUST_CHECK;

/*
 * Write the receipt of a statement as JSON.  ERROR_NOT_FOUND before its group
 * was attested.  Also used by query, over leaves of its own.
 */
int center_log_receipt(struct leaves *leaves, uint64_t entry, struct bytes *to,
    struct error *err) MUST_CHECK;

/* The hook of the group: sign and keep the checkpoint of the log as it is. */
void center_log_attest(void *ctx);

#endif
