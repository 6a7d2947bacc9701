#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "crypto/sha256.h"
#include "store/segment_internal.h"
#include "sys/file.h"

enum {
	DEFAULT_WRITERS = 256,
	/* Frames of fewer blocks are gathered and written together. */
	GATHER_BLOCKS = 32,
};

struct segment_writer {
	struct segments *segments;
	struct payload payload; /* length and extents: frames written so far */
	uint8_t *frame;
	size_t data_len;    /* of the frame in memory */
	struct sha256 *sha; /* of all, from the second frame on */
	uint64_t kept;      /* bytes that a durable row names */
};

uint8_t *
segment_buffer_take(struct segments *segments)
{
	if (segments->spare_count > 0)
		return segments->spare[--segments->spare_count];
	return aligned_alloc(FILE_DIRECT_ALIGN, PAYLOAD_FRAME);
}

void
segment_buffer_give(struct segments *segments, uint8_t *buffer)
{
	if (buffer != NULL && segments->spare_count < SEGMENT_SPARE_BUFFERS)
		segments->spare[segments->spare_count++] = buffer;
	else
		free(buffer);
}

static int
write_blocks(struct segments *segments, const struct payload_extent *place,
    const uint8_t *data, struct error *err)
{
	struct segment *segment = &segments->list[place->segment - 1];

	segment->is_dirty = true;
	if (file_write_at(segment->fd, data,
		(size_t)place->blocks * PAYLOAD_BLOCK,
		(uint64_t)place->block * PAYLOAD_BLOCK, err) < 0)
		return error_prefix(err, "segment %u block %u", place->segment,
		    place->block);
	return 0;
}

/* A failure here hits payloads finished before, so their group must hear it. */
int
segments_flush(struct segments *segments, struct error *err)
{
	struct payload_extent place = segments->run_place;

	if (segments->run_failed)
		return error_set(err, ERROR_BUSY,
		    "writing an earlier payload of this group failed");
	if (place.blocks == 0)
		return 0;
	segments->run_place.blocks = 0;
	if (write_blocks(segments, &place, segments->run, err) < 0) {
		segments->run_failed = true;
		return -1;
	}
	return 0;
}

void
segments_forget_failure(struct segments *segments)
{
	segments->run_failed = false;
}

static bool
overlaps(const struct payload_extent *a, const struct payload_extent *b)
{
	return a->segment == b->segment && a->block < b->block + b->blocks &&
	    b->block < a->block + a->blocks;
}

static int
store_frame(struct segments *segments, const struct payload_extent *place,
    const uint8_t *frame, struct error *err)
{
	struct payload_extent *run = &segments->run_place;

	if (place->blocks >= GATHER_BLOCKS) {
		/* What was gathered must not come after and destroy this. */
		if (overlaps(run, place) && segments_flush(segments, err) < 0)
			return -1;
		segment_recent_forget(segments->recent, place);
		return write_blocks(segments, place, frame, err);
	}
	segment_recent_put(segments->recent, place, frame);
	if (run->blocks > 0 &&
	    (run->segment != place->segment ||
		run->block + run->blocks != place->block ||
		run->blocks + place->blocks > SEGMENT_RUN_BLOCKS) &&
	    segments_flush(segments, err) < 0)
		return -1;
	if (run->blocks == 0)
		*run = (struct payload_extent){ .segment = place->segment,
			.block = place->block };
	memcpy(segments->run + (size_t)run->blocks * PAYLOAD_BLOCK, frame,
	    (size_t)place->blocks * PAYLOAD_BLOCK);
	run->blocks += place->blocks;
	return 0;
}

/* Find a place for the frame in memory, head it, and write it. */
static int
put_frame(struct segment_writer *writer, const struct digest *digest,
    struct error *err)
{
	struct segments *segments = writer->segments;
	uint32_t blocks = payload_frame_blocks(writer->data_len);
	size_t used = PAYLOAD_HEADER_LEN + writer->data_len;
	struct payload_extent place;
	struct payload_frame_name name;

	if (segments_usable(segments, err) < 0)
		return -1;
	if (segments_allocate(segments, blocks, &place, err) < 0)
		return -1;
	if (payload_add(&writer->payload, &place, err) < 0) {
		segments_release(segments, &place);
		return -1;
	}
	name = (struct payload_frame_name){ .generation = place.generation,
		.number = writer->payload.number,
		.label = writer->payload.label,
		.frame = writer->payload.length / PAYLOAD_FRAME_DATA,
		.segment = place.segment,
		.block = place.block,
		.data_len = (uint32_t)writer->data_len };
	payload_header_write(&name, digest, writer->frame);
	/* Nothing of an older payload may come along. */
	memset(writer->frame + used, 0, (size_t)blocks * PAYLOAD_BLOCK - used);
	if (store_frame(segments, &place, writer->frame, err) < 0)
		return -1;
	writer->payload.length += writer->data_len;
	writer->data_len = 0;
	return 0;
}

static int
put_full_frame(struct segment_writer *writer, struct error *err)
{
	const uint8_t *data = writer->frame + PAYLOAD_HEADER_LEN;
	struct digest digest;

	if (writer->sha == NULL && sha256_new(&writer->sha, err) < 0)
		return -1;
	sha256_update(writer->sha, data, writer->data_len);
	sha256(data, writer->data_len, &digest);
	return put_frame(writer, &digest, err);
}

static int
put_last_frame(struct segment_writer *writer, struct error *err)
{
	const uint8_t *data = writer->frame + PAYLOAD_HEADER_LEN;
	struct digest digest;

	sha256(data, writer->data_len, &digest);
	writer->payload.digest = digest;
	if (writer->sha != NULL) {
		sha256_update(writer->sha, data, writer->data_len);
		sha256_final(writer->sha, &writer->payload.digest);
	}
	return put_frame(writer, &digest, err);
}

int
segment_writer_new(struct segments *segments, uint64_t number,
    const struct id *label, struct segment_writer **ret_writer,
    struct error *err)
{
	uint32_t max = segments->options.writers_max;
	struct segment_writer *writer;

	if (segments_usable(segments, err) < 0)
		return -1;
	if (segments->writers >= (max == 0 ? DEFAULT_WRITERS : max))
		return error_set(err, ERROR_BUSY,
		    "%u payloads are being written", segments->writers);
	writer = calloc(1, sizeof(*writer));
	if (writer == NULL)
		return error_set_memory(err);
	writer->frame = segment_buffer_take(segments);
	if (writer->frame == NULL) {
		free(writer);
		return error_set_memory(err);
	}
	writer->segments = segments;
	writer->payload.number = number;
	writer->payload.label = *label;
	segments->writers++;
	*ret_writer = writer;
	return 0;
}

static void
writer_free(struct segment_writer *writer)
{
	writer->segments->writers--;
	segment_buffer_give(writer->segments, writer->frame);
	payload_free(&writer->payload);
	sha256_free(writer->sha);
	free(writer);
}

int
segment_writer_put(struct segment_writer *writer, const void *data, size_t len,
    struct error *err)
{
	const uint8_t *from = data;

	while (len > 0) {
		size_t room = PAYLOAD_FRAME_DATA - writer->data_len;
		size_t part = len < room ? len : room;

		/* Only when more follows: the last frame is never empty. */
		if (room == 0) {
			if (put_full_frame(writer, err) < 0)
				return -1;
			continue;
		}
		memcpy(writer->frame + PAYLOAD_HEADER_LEN + writer->data_len,
		    from, part);
		writer->data_len += part;
		from += part;
		len -= part;
	}
	return 0;
}

int
segment_writer_finish(struct segment_writer *writer,
    struct payload *ret_payload, struct error *err)
{
	if (put_last_frame(writer, err) < 0) {
		segment_writer_abort(writer);
		return -1;
	}
	*ret_payload = writer->payload;
	writer->payload = (struct payload){ 0 };
	writer_free(writer);
	return 0;
}

void
segment_writer_abort(struct segment_writer *writer)
{
	struct payload_extent extent;
	size_t at = 0;

	if (writer == NULL)
		return;
	/* No durable row ever named these blocks, so no reader can. */
	while (
	    payload_next_behind(&writer->payload, writer->kept, &at, &extent))
		segments_release(writer->segments, &extent);
	writer_free(writer);
}

/* ---- partial payloads ------------------------------------------------ */

int
segment_writer_resume(struct segments *segments, const struct payload *payload,
    struct sha256 *sha, struct segment_writer **ret_writer, struct error *err)
{
	struct segment_writer *writer = NULL;

	assert(
	    payload->length > 0 && payload->length % PAYLOAD_FRAME_DATA == 0);
	if (segment_writer_new(segments, payload->number, &payload->label,
		&writer, err) < 0) {
		sha256_free(sha);
		return -1;
	}
	writer->sha = sha;
	for (size_t i = 0; i < payload->extent_count; i++)
		if (payload_add(&writer->payload, &payload->extents[i], err) <
		    0) {
			writer_free(writer);
			return -1;
		}
	writer->payload.length = writer->kept = payload->length;
	*ret_writer = writer;
	return 0;
}

const struct payload *
segment_writer_frames(const struct segment_writer *writer)
{
	return &writer->payload;
}

void
segment_writer_keep(struct segment_writer *writer, uint64_t length)
{
	assert(length <= writer->payload.length &&
	    length % PAYLOAD_FRAME_DATA == 0);
	writer->kept = length;
}

uint64_t
segment_writer_kept(const struct segment_writer *writer)
{
	return writer->kept;
}

struct sha256 *
segment_writer_take_hash(struct segment_writer *writer)
{
	struct sha256 *sha = writer->sha;

	writer->sha = NULL;
	return sha;
}
