/*
 * Partial payloads: content of which a beginning is durable while the rest is
 * still to come, perhaps after a restart.  docs/store.md has their states.
 *
 * A partial consists of whole frames alone.  Its row claims its blocks as that
 * of a payload does, but it has no digest, and no reader ever finds it: it is
 * no payload until store_payload_add() ends it.
 */
#ifndef STORE_STORE_PARTIAL_H
#define STORE_STORE_PARTIAL_H

#include <stdint.h>

#include "base/attr.h"
#include "model/digest.h"
#include "store/payload.h"

struct error;
struct segment_reader;
struct segment_writer;
struct sha256;
struct store;

enum { STORE_PARTIAL_HOST_SIZE = 41 };

struct store_partial {
	struct payload payload;             /* its length is what is durable */
	char host[STORE_PARTIAL_HOST_SIZE]; /* from which it comes */
	struct digest name;                 /* of the object whose part it is */
	uint64_t total;                     /* length when it is complete */
	int64_t moved_at;                   /* when its last bytes came */
	int64_t ends_at;                    /* of no use afterwards */
};

void store_partial_free(struct store_partial *partial);

/*
 * Write, in the open group, that all full frames of `writer` belong to the
 * partial; at least one must be there.  Of `partial` all but the payload is
 * used.  Tell the writer with segment_writer_keep() once that is durable.
 */
int store_partial_save(struct store *store, const struct store_partial *partial,
    const struct segment_writer *writer, struct error *err) MUST_CHECK;

/* 1, or 0 if there is none; the caller frees `ret_partial`. */
int store_partial_find(struct store *store, uint64_t number,
    struct store_partial *ret_partial, struct error *err) MUST_CHECK;

/* The first one above `number`: 1 or 0. */
int store_partial_next(struct store *store, uint64_t number,
    struct store_partial *ret_partial, struct error *err) MUST_CHECK;

/*
 * Remove it in the open group; its blocks are free after the commit.  No
 * writer may go on with it.
 */
int store_partial_remove(struct store *store, uint64_t number,
    struct error *err) MUST_CHECK;

/* Go on writing it.  `sha`, over what is durable, is taken over. */
int store_partial_resume(struct store *store,
    const struct store_partial *partial, struct sha256 *sha,
    struct segment_writer **ret_writer, struct error *err) MUST_CHECK;

/*
 * All of it has come: it is a payload from now on, as store_payload_add_known()
 * makes it.  After a failure what is kept of it stays a partial.
 */
int store_partial_finish(struct store *store, struct segment_writer *writer,
    const struct digest *wanted, struct payload *ret_payload,
    struct error *err) MUST_CHECK;

#endif
