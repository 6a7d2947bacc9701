/*
 * Whether a center takes what a card or module signed: measures of the bulletins
 * against it, and what its authority says of its certificate.  Judged once, by
 * the center that accepts, when it does (docs/protocol.md 2, 6.1).
 */
#ifndef CENTER_CENTER_STATUS_H
#define CENTER_CENTER_STATUS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "model/org.h"
#include "model/standing.h"

struct center;
struct digest;
struct directory;
struct directory_org;
struct error;

/*
 * May what was signed at `at_ms` count?  ERROR_UNTRUSTED: revoked by then (E3705),
 * or the card is blocked (E3710).  In an open group; `ret_answer` is the
 * revocation answer that was used, for the statement, zeros for none.
 */
int center_status_check(struct center *center, const struct digest *fingerprint,
    enum key_use use, int64_t at_ms, struct digest *ret_answer,
    struct error *err) MUST_CHECK;

/*
 * May the organisation send at all?  The package is not seen here, so any of its
 * cards that may sign will do; the same errors when none may.
 */
int center_status_check_sender(struct center *center,
    const struct directory *directory, const struct org_code *sender,
    struct error *err) MUST_CHECK;

/* For status_watch_new(): organisations that this center serves. */
bool center_status_is_ours(void *ctx, const struct directory_org *org);

#endif
