/*
 * What a gateway has signed by its keeper: waybills and acts that are ready at
 * the same time get one signature (docs/protocol.md 4, Batches), so that
 * everybody who checks them checks one.  Packages do if the configuration says
 * so (signing.packages), for cards that take their time.
 *
 * Nothing waits for others to come: what is asked for is signed at the end of
 * the loop's turn, or, when the next group commit is not due yet, just before
 * it, since without the group it could not go on anyway.  What comes while the
 * keeper works is signed with its next answer.  One alone is signed as it is.
 */
#ifndef GATEWAY_SIGNING_H
#define GATEWAY_SIGNING_H

#include "base/attr.h"
#include "role/message.h"

struct bytes;
struct error;
struct signing;
struct spool;

/*
 * `signature` is a CMS, or an item of a batch (envelope/batch.h, of packages
 * package/package_batch.h), and lives until the callback returns; NULL with the
 * reason.
 */
typedef void (*signing_fn)(void *ctx, const struct blob *signature,
    const struct error *failure);

/* The spool must outlive it; its keeper and group are known when asked. */
int signing_new(struct spool *spool, struct signing **ret_signing,
    struct error *err) MUST_CHECK;

/* What was asked for is forgotten without a call. */
void signing_free(struct signing *signing);

/*
 * Have a statement, which is copied, signed with the key of that name as
 * KEEPER_WAYBILL, KEEPER_ACT or KEEPER_PACKAGE.  `done` is called exactly once, never from
 * inside.  Fails with ERROR_BUSY; then it is never called.
 */
int signing_ask(struct signing *signing, enum keeper_kind kind, const char *key,
    const struct bytes *statement, signing_fn done, void *ctx,
    struct error *err) MUST_CHECK;

#endif
