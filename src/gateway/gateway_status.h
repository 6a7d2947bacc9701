/*
 * Whether a gateway takes what a card signed, and lets its own cards sign:
 * measures of the bulletins and a report of loss against the card, and what its
 * authority says of its certificate (docs/protocol.md 2, 6.1).
 */
#ifndef GATEWAY_GATEWAY_STATUS_H
#define GATEWAY_GATEWAY_STATUS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "policy/verdict.h"

struct digest;
struct directory_org;
struct error;
struct gateway;

/*
 * A letter's signer, as of the time when the letter was accepted: VERDICT_REFUSE
 * E3705 revoked by then, E3710 blocked by then; VERDICT_WARN E3706, E3707.
 */
int gateway_status_judge(struct gateway *gateway,
    const struct digest *fingerprint, int64_t at_ms,
    struct verdict *ret_verdict, struct error *err) MUST_CHECK;

/*
 * A key of our own that is to sign now, by its name; also E3709 when its
 * certificate has ended.
 */
int gateway_status_judge_own(struct gateway *gateway, const char *key,
    struct verdict *ret_verdict, struct error *err) MUST_CHECK;

/* For status_watch_new(): organisations of this gateway. */
bool gateway_status_is_ours(void *ctx, const struct directory_org *org);

#endif
