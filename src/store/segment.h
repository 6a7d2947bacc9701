/*
 * Payload in preallocated files of one size, whose blocks are used again.
 *
 * Which blocks are in use stands nowhere but in the rows of the payloads:
 * after opening, segments_claim() is called for each of them and only then
 * may anything be written.  Frames of many payloads may be written at the same
 * time; each writer holds one frame in memory.
 *
 * Nothing is durable before segments_sync().  After a sync has failed the
 * segments are broken: every call that writes or syncs fails with ERROR_SYSTEM
 * (E5003) until the process starts anew.
 */
#ifndef STORE_SEGMENT_H
#define STORE_SEGMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "model/id.h"
#include "store/payload.h"

struct error;
struct sha256;

struct segments;
struct segment_writer;
struct segment_reader;
struct segment_lease;

struct segments_options {
	uint32_t segment_mib; /* size of new files; 0 for 64 */
	uint32_t first_count; /* made at the first opening; 0 for 1 */
	uint32_t count_max;   /* 0 for as many as the disk holds */
	/*
	 * Room that new segments leave on the disk, so that rows - receipts,
	 * acts, the log - are still written when payload is refused.
	 */
	uint32_t reserve_mib;
	uint32_t writers_max;  /* frames in memory; 0 for 256 */
	bool buffered;         /* never write directly */
	bool reads_disk;       /* keep nothing in memory of what was written */
	bool tests_never_sync; /* loses data: negative control of tests */
};

struct segments_state {
	uint32_t segments;
	uint32_t damaged; /* unreadable files: never written, never removed */
	uint64_t blocks_total;
	uint64_t blocks_used;
	uint64_t blocks_waiting; /* freed, but a lease may still name them */
	bool is_direct;          /* writes go past the page cache */
	bool is_broken;          /* a sync failed */
};

/*
 * Open the segments in directory `dir`, which stays the caller's, and clear
 * away files that a crash left half made.  `generation` must be greater than
 * in any call before it.
 */
int segments_open(int dir, const struct segments_options *options,
    uint64_t generation, struct segments **ret_segments,
    struct error *err) MUST_CHECK;
void segments_close(struct segments *segments);

/*
 * Mark the blocks of a payload that a row names as used.  ERROR_MALFORMED
 * (E5002) if a block is missing, or claimed already; then the payload counts
 * as lost and none of its blocks is ever written again.
 */
int segments_claim(struct segments *segments, const struct payload *payload,
    struct error *err) MUST_CHECK;

/* Make all frames written so far durable. */
int segments_sync(struct segments *segments, struct error *err) MUST_CHECK;

/*
 * When frames cannot be written (ERROR_BUSY: no room), segments_sync() and all
 * later writing fail, until the payloads finished since the last sync have
 * been given up and this is called.
 */
void segments_forget_failure(struct segments *segments);

/* Begin a payload.  ERROR_BUSY when too many are being written. */
int segment_writer_new(struct segments *segments, uint64_t number,
    const struct id *label, struct segment_writer **ret_writer,
    struct error *err) MUST_CHECK;

/* ERROR_BUSY (E5001) when there is no room: abort the payload. */
int segment_writer_put(struct segment_writer *writer, const void *data,
    size_t len, struct error *err) MUST_CHECK;

/*
 * End the payload and free the writer, also on failure, in which case its
 * blocks are free again.  `ret_payload` becomes the caller's.
 */
int segment_writer_finish(struct segment_writer *writer,
    struct payload *ret_payload, struct error *err) MUST_CHECK;

/* Drop what was written and is not kept; accepts NULL. */
void segment_writer_abort(struct segment_writer *writer);

/*
 * Go on behind a partial payload: `payload`, of full frames that a durable row
 * names, is copied and counts as kept.  `sha`, over all its bytes, is taken
 * over, also on failure.
 */
int segment_writer_resume(struct segments *segments,
    const struct payload *payload, struct sha256 *sha,
    struct segment_writer **ret_writer, struct error *err) MUST_CHECK;

/* The full frames written so far; lent until the next call, without digest. */
const struct payload *segment_writer_frames(
    const struct segment_writer *writer);

/*
 * A durable row names the first `length` bytes, whole frames: giving up the
 * writer, or the payload that it became, leaves them to that row.
 */
void segment_writer_keep(struct segment_writer *writer, uint64_t length);
uint64_t segment_writer_kept(const struct segment_writer *writer);

/* The hash over segment_writer_frames(), now the caller's; NULL for none. */
struct sha256 *segment_writer_take_hash(struct segment_writer *writer);

/*
 * Read a payload from its first frame on; `payload` must outlive the reader.
 * Its blocks are not used again while the reader is open.
 */
int segment_reader_new(struct segments *segments, const struct payload *payload,
    struct segment_reader **ret_reader, struct error *err) MUST_CHECK;
void segment_reader_free(struct segment_reader *reader);

/* The next read begins at byte `offset`; beyond the end there is nothing. */
void segment_reader_seek(struct segment_reader *reader, uint64_t offset);

/*
 * The next piece, checked, borrowed until the next call: 1, or 0 at the end.
 * ERROR_MALFORMED (E5002): the frame is not what was written; it is lost.
 */
int segment_reader_next(struct segment_reader *reader, const uint8_t **ret_data,
    size_t *ret_len, struct error *err) MUST_CHECK;

/*
 * Give the blocks of a payload back: at once for one that no durable row ever
 * named, else only after the transaction that removed its row is durable.
 * They are used again when no lease is left from before.
 */
void segments_free(struct segments *segments, const struct payload *payload);

/* The same of all behind the first `kept` bytes, which are whole frames. */
void segments_free_behind(struct segments *segments,
    const struct payload *payload, uint64_t kept);

/* Keep all blocks freed from now on: for readers elsewhere and for backups. */
int segment_lease_take(struct segments *segments,
    struct segment_lease **ret_lease, struct error *err) MUST_CHECK;
void segment_lease_drop(struct segment_lease *lease);

/*
 * Make one more file when fewer than `blocks` are free: for idle moments, since
 * writing it takes a while.  Returns 1 if it made one, else 0.
 */
int segments_grow(struct segments *segments, uint64_t blocks,
    struct error *err) MUST_CHECK;

void segments_state(const struct segments *segments,
    struct segments_state *ret_state);

#endif
