/*
 * Payload into the store, on the side that has it (listener, courier): bytes
 * go through the slots of an arena of ours to the spooler, which copies them
 * and gives the slots back (docs/processes.md).
 *
 * An upload keeps up to a slot's worth of bytes to itself, so what is small
 * takes a slot only once it is complete.  What is longer waits its turn: slots
 * go round among the uploads that have something to send, and no more than
 * FILLER_OPEN_MAX are known to the spooler at a time.
 */
#ifndef ROLE_FILLER_H
#define ROLE_FILLER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

struct error;
struct ipc_message;
struct peer;

struct filler;
struct filler_upload;

enum {
	FILLER_OPEN_MAX = 40,  /* below UPLOADS_MAX of role/spool/uploads.h */
	FILLER_GROUP_MAX = 32, /* uploads of one group */
};

/*
 * Uploads that one request names together.  Start it as `{ 0 }`; it must
 * outlive its uploads.  The oldest group can always get all its places, so
 * two groups never wait for each other.
 */
struct filler_group {
	struct filler_group *next;
	unsigned held; /* uploads that the spooler knows */
};

struct filler_events {
	/*
	 * `len` bytes of filler_put() left: their source may send as many.
	 * Must not end the upload.
	 */
	void (*on_taken)(void *ctx, size_t len);
	/* All that came before filler_finish() has left. */
	void (*on_sent)(void *ctx);
};

/* Make the arena and announce it to `spooler`, which must outlive it. */
int filler_new(uint16_t slot_count, struct peer *spooler,
    struct filler **ret_filler, struct error *err) MUST_CHECK;

/* After its uploads. */
void filler_free(struct filler *filler);

/* Handle an upload_free of the spooler. */
void filler_take_back(struct filler *filler, struct ipc_message *message);

/* Slots that are free, and uploads that the spooler knows. */
uint16_t filler_free_slots(const struct filler *filler);
unsigned filler_open_count(const struct filler *filler);

/*
 * `len` is told to the spooler, UINT64_MAX if not known.  `group` is NULL for
 * an upload of its own.
 */
int filler_begin(struct filler *filler, uint64_t len,
    struct filler_group *group, const struct filler_events *events, void *ctx,
    struct filler_upload **ret_upload, struct error *err) MUST_CHECK;

/* Before its first bytes: it goes on with a partial. */
void filler_set_ticket(struct filler_upload *upload, uint64_t ticket);

/* May call on_taken, as its last act. */
int filler_put(struct filler_upload *upload, const void *data, size_t len,
    struct error *err) MUST_CHECK;

/* Nothing more comes.  May call on_taken and on_sent, as its last acts. */
void filler_finish(struct filler_upload *upload);
bool filler_is_sent(const struct filler_upload *upload);

/* What the request that ends it says. */
uint64_t filler_number(const struct filler_upload *upload);
uint64_t filler_len(const struct filler_upload *upload);

/*
 * Free it: the spooler has been told to take it; or is now told to forget it.
 * Both accept NULL.
 */
void filler_release(struct filler_upload *upload);
void filler_abort(struct filler_upload *upload);

#endif
