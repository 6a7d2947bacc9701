/*
 * Large content on its way in, over as many requests as it takes: a beginning
 * of it is durable, and the next request goes on behind that (docs/protocol.md
 * 8, docs/store.md).  Only for content whose waybill was verified and may come.
 *
 * A partial belongs to the host from which it comes and to the object that
 * names it; nobody else can reach it, and nothing of it is handed out.  One
 * transfer at a time writes to it, under a ticket; the next one, or whoever
 * asks for the offset, breaks off the one before.
 */
#ifndef ROLE_PARTIALS_H
#define ROLE_PARTIALS_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "model/digest.h"
#include "model/id.h"

struct error;
struct group;
struct payload;
struct role_env;
struct store;

struct partials;

/* What is on its way. */
struct partials_content {
	const char *host;   /* from which it comes */
	struct digest name; /* digest of the waybill */
	struct id label;    /* its id */
	uint64_t total;     /* bytes in all */
	int64_t ends_at;    /* of no use afterwards */
};

/* Finds what is there from before; all three must outlive it. */
int partials_new(struct role_env *env, struct store *store, struct group *group,
    struct partials **ret_partials, struct error *err) MUST_CHECK;

/* Who waits is forgotten. */
void partials_free(struct partials *partials);

/* How many bytes are durable; 0 for none. */
typedef void (*partials_offset_fn)(void *ctx, uint64_t offset);

/*
 * Break off a transfer that is under way, make durable what came of it, and
 * call `fn`, perhaps at once.
 */
void partials_offset(struct partials *partials, const char *host,
    const struct digest *name, partials_offset_fn fn, void *ctx);

/*
 * A ticket for the bytes from `offset` on, or why not: ERROR_BUSY E4105 for
 * another offset than the durable one (0 is always good, and begins afresh),
 * E6221 without room.
 */
typedef void (
    *partials_open_fn)(void *ctx, uint64_t ticket, const struct error *failure);
void partials_open(struct partials *partials,
    const struct partials_content *content, uint64_t offset,
    partials_open_fn fn, void *ctx);

/* The next bytes.  ERROR_BUSY (E6222) once the ticket is void. */
int partials_put(struct partials *partials, uint64_t ticket, const void *data,
    size_t len, struct error *err) MUST_CHECK;

/* No more comes under this ticket: what came of it is made durable. */
void partials_close(struct partials *partials, uint64_t ticket);

/*
 * All bytes are here, as the caller counts them: from now on until
 * partials_store() or partials_close() nobody breaks it off.
 */
int partials_hold(struct partials *partials, uint64_t ticket,
    struct error *err) MUST_CHECK;

/*
 * Make it a payload in the open group.  ERROR_UNTRUSTED when it has another
 * digest than `wanted`: then the partial is thrown away.  After any other
 * failure, also of the group, it is as it was when it was durable last.
 */
int partials_store(struct partials *partials, uint64_t ticket,
    const struct digest *wanted, struct payload *ret_payload,
    struct error *err) MUST_CHECK;

/* Throw it away: it was refused, or is of no use any more. */
void partials_drop(struct partials *partials, const char *host,
    const struct digest *name);

#endif
