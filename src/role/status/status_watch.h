/*
 * Watches whether the authorities of certificates have revoked them (RFC 6960,
 * RFC 5280; docs/protocol.md 2), and when they end.  A center watches those of
 * the organisations that it serves, a gateway its own and those that signed
 * letters for it.  Each has the newest answer as a row; nothing waits for one,
 * and unknown is never revoked (docs/decisions/0012).
 *
 * Asked are only places that a certificate names and the configuration allows.
 */
#ifndef ROLE_STATUS_WATCH_H
#define ROLE_STATUS_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "model/digest.h"
#include "policy/verdict.h"

struct directory_key;
struct directory_org;
struct error;
struct spool;
struct status_watch;

/* Whether this host watches the certificates of an organisation. */
typedef bool (
    *status_watch_ours_fn)(void *ctx, const struct directory_org *org);

typedef void (*status_watch_fn)(void *ctx);

int status_watch_new(struct spool *spool, status_watch_ours_fn is_ours,
    void *ctx, struct status_watch **ret_watch, struct error *err) MUST_CHECK;

void status_watch_free(struct status_watch *watch);

/* The directory is another one: go through it again. */
void status_watch_on_directory(struct status_watch *watch);

/* Store and directory are there: begin. */
void status_watch_start(struct status_watch *watch);

/*
 * Call `fn` when what authorities have revoked is other than before, as
 * spool->revoked has it by then: at the start, and when one says so.
 */
void status_watch_tell(struct status_watch *watch, status_watch_fn fn,
    void *ctx);

/*
 * What the newest answer means for what was signed with this certificate at
 * `at_ms` (revocation_judge()), and which answer that is: zeros when none was
 * used.  An answer that a statement will name must be kept: in an open group
 * `keeps` sees to that.
 */
int status_watch_judge(struct status_watch *watch,
    const struct digest *fingerprint, int64_t at_ms, bool keeps,
    struct verdict *ret_verdict, struct digest *ret_answer,
    struct error *err) MUST_CHECK;

/*
 * Ask about a certificate that came with a letter, unless what is known of it is
 * fresh; then judge.  `fn` is called exactly once: when it was asked about, or
 * that takes too long.
 */
void status_watch_ask(struct status_watch *watch,
    const struct directory_org *org, const struct directory_key *key,
    status_watch_fn fn, void *ctx);

/*
 * May `url`, which a certificate names, be asked by what [revocation] urls of
 * the configuration allows, "URL [ADDRESS], ...": it is one of them, or lies
 * below one that ends with a slash.  The address that goes with it, or "".
 */
bool status_place_is_allowed(const char *allowed, const char *url,
    char *ret_address, size_t size);

#endif
