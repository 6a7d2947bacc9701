/*
 * What the files segment*.c share.
 *
 * Holds whenever no function of the module is running:
 * 1. a block's bit is set if a row names it, a writer holds it, it was freed
 *    and waits for a lease, or it is block 0;
 * 2. the blocks of `run` have their bits set or are nobody's any more;
 * 3. a segment that is frozen is neither written nor are its bits cleared;
 * 4. `waiting` is ordered by generation, the oldest first.
 */
#ifndef STORE_SEGMENT_INTERNAL_H
#define STORE_SEGMENT_INTERNAL_H

#include "store/segment.h"

enum {
	SEGMENT_RUN_LEN = 1024 * 1024,
	SEGMENT_RUN_BLOCKS = SEGMENT_RUN_LEN / PAYLOAD_BLOCK,
	SEGMENT_NAME_SIZE = 16,
	SEGMENT_SPARE_BUFFERS = 16,
};

struct segment {
	int fd; /* -1: missing or unreadable */
	uint32_t blocks;
	uint32_t free_blocks;
	uint32_t run_max; /* no free run is longer, as far as we know */
	uint64_t *used;   /* one bit for each block */
	bool is_dirty;    /* written since its last sync */
	bool is_frozen;
};

/* Blocks that a lease may still name. */
struct segment_waiting {
	struct payload_extent extent;
	uint64_t generation; /* at which they were freed */
};

struct segment_lease {
	struct segments *segments;
	struct segment_lease *next; /* the younger one */
	struct segment_lease *previous;
	uint64_t generation;
};

struct segments {
	int dir; /* not ours */
	struct segments_options options;
	struct segment *list; /* segment number n is list[n - 1] */
	uint32_t count;
	uint32_t cursor_segment; /* where the next search begins: an index */
	uint32_t cursor_block;
	uint64_t generation;

	/* Small frames that lie one behind another, to be written at once. */
	uint8_t *run;
	struct payload_extent run_place; /* blocks: 0 when empty */
	bool run_failed; /* writing it failed: the group cannot be kept */
	struct segment_recent *recent; /* or NULL */

	struct segment_waiting *waiting;
	size_t waiting_count, waiting_size, waiting_first;
	uint64_t waiting_blocks;
	struct segment_lease *oldest, *newest;

	uint8_t *spare[SEGMENT_SPARE_BUFFERS]; /* frame buffers */
	size_t spare_count;
	uint32_t writers;
	bool is_direct;
	bool is_broken;
};

/* segment_space.c: bits */
int segment_space_new(struct segment *segment, struct error *err) MUST_CHECK;
bool segment_is_used(const struct segment *segment, uint32_t block);
void segment_mark(struct segment *segment, uint32_t block, uint32_t count);
void segment_clear(struct segment *segment, uint32_t block, uint32_t count);

/* The first free run of `count` blocks from `from` on; 0 for none. */
uint32_t segment_search(const struct segment *segment, uint32_t from,
    uint32_t count);

/* Find room for a frame and mark it; makes another file if it must. */
int segments_allocate(struct segments *segments, uint32_t count,
    struct payload_extent *ret_place, struct error *err) MUST_CHECK;

/* Use the blocks again now. */
void segments_release(struct segments *segments,
    const struct payload_extent *extent);

/* segment_file.c: files */
int segment_files_open(struct segments *segments, struct error *err) MUST_CHECK;
int segment_file_make(struct segments *segments, struct error *err) MUST_CHECK;

/* segment_recent.c: frames of a few blocks that were written last; NULL: none */
int segment_recent_new(struct segment_recent **ret_recent,
    struct error *err) MUST_CHECK;
void segment_recent_free(struct segment_recent *recent);
void segment_recent_put(struct segment_recent *recent,
    const struct payload_extent *place, const uint8_t *frame);
void segment_recent_forget(struct segment_recent *recent,
    const struct payload_extent *place);

/* False if it must be read from the file. */
bool segment_recent_get(const struct segment_recent *recent,
    const struct payload_extent *place, uint8_t *to) MUST_CHECK;

/* segment_write.c */
int segments_flush(struct segments *segments, struct error *err) MUST_CHECK;
uint8_t *segment_buffer_take(struct segments *segments);
void segment_buffer_give(struct segments *segments, uint8_t *buffer);

/* -1 with ERROR_SYSTEM (E5003) once a sync has failed. */
int segments_usable(const struct segments *segments,
    struct error *err) MUST_CHECK;

#endif
