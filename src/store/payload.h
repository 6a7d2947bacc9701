/*
 * Where the bytes of a payload lie in the segments, and the header in front
 * of each of its frames.  Pure: no files here.
 *
 * A payload is cut into frames of PAYLOAD_FRAME_DATA bytes, the last one
 * shorter; an empty payload has one frame.  A frame is a header and its data,
 * rounded up to blocks.  Frames lie one behind another in one or more extents.
 */
#ifndef STORE_PAYLOAD_H
#define STORE_PAYLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "model/digest.h"
#include "model/id.h"

struct bytes;
struct error;

enum {
	PAYLOAD_BLOCK = 4096, /* what is allocated and written at once */
	PAYLOAD_HEADER_LEN = 128,
	PAYLOAD_FRAME = 256 * 1024,
	PAYLOAD_FRAME_BLOCKS = PAYLOAD_FRAME / PAYLOAD_BLOCK,
	PAYLOAD_FRAME_DATA = PAYLOAD_FRAME - PAYLOAD_HEADER_LEN,
};

/* A run of blocks in one segment. */
struct payload_extent {
	uint32_t segment;
	uint32_t block; /* first one; block 0 of a segment is its own header */
	uint32_t blocks;
	uint64_t generation; /* repeated in the header of each frame */
};

/* A finished payload.  `{ 0 }` is none; release with payload_free(). */
struct payload {
	uint64_t number; /* never reused, never 0 */
	struct id label; /* the caller's: the waybill id */
	uint64_t length;
	struct digest digest; /* SHA-256 of all its bytes */
	struct payload_extent *extents;
	size_t extent_count;
};

void payload_free(struct payload *payload);

/* Add blocks at the end, joining them to the last extent where they touch. */
int payload_add(struct payload *payload, const struct payload_extent *extent,
    struct error *err) MUST_CHECK;

uint64_t payload_frame_count(uint64_t length);

/* Bytes of data in frame `frame` of a payload of `length` bytes. */
size_t payload_frame_len(uint64_t length, uint64_t frame);

/* Blocks that a frame with `data_len` bytes of data takes. */
uint32_t payload_frame_blocks(size_t data_len);

/* Where a frame begins. ERROR_MALFORMED if the extents do not reach it. */
int payload_locate(const struct payload *payload, uint64_t frame,
    struct payload_extent *ret_place, struct error *err) MUST_CHECK;

/*
 * Step through the extents, leaving out those of the first `kept` bytes, whole
 * frames: false behind the last one.  Start with `*at` 0.
 */
bool payload_next_behind(const struct payload *payload, uint64_t kept,
    size_t *at, struct payload_extent *ret_extent);

/* The extents as bytes of a row, and back; decoding checks them strictly. */
void payload_put_extents(const struct payload *payload, struct bytes *to);
int payload_parse_extents(struct payload *payload, const void *data, size_t len,
    struct error *err) MUST_CHECK;

/* Which frame this is: all that its header holds besides the data's digest. */
struct payload_frame_name {
	uint64_t generation;
	uint64_t number;
	struct id label;
	uint64_t frame; /* from 0 */
	uint32_t segment;
	uint32_t block;
	uint32_t data_len;
};

/* Write the header of a frame in front of its data. */
void payload_header_write(const struct payload_frame_name *name,
    const struct digest *data_digest, uint8_t to[PAYLOAD_HEADER_LEN]);

/*
 * Check a frame read from disk: the header must name it and no other, and the
 * data must have the digest that stands there.  ERROR_MALFORMED (E5002).
 */
int payload_frame_check(const struct payload_frame_name *name,
    const uint8_t *frame, struct error *err) MUST_CHECK;

#endif
