#include <stdlib.h>

#include "base/error.h"
#include "store/segment_internal.h"
#include "sys/file.h"

struct segment_reader {
	struct segments *segments;
	const struct payload *payload; /* not ours */
	struct segment_lease *lease;
	uint8_t *frame;
	uint64_t offset; /* of the next byte */
};

int
segment_reader_new(struct segments *segments, const struct payload *payload,
    struct segment_reader **ret_reader, struct error *err)
{
	struct segment_reader *reader = calloc(1, sizeof(*reader));

	if (reader == NULL)
		return error_set_memory(err);
	reader->segments = segments;
	reader->payload = payload;
	reader->frame = segment_buffer_take(segments);
	if (reader->frame == NULL)
		error_set_memory(err);
	if (reader->frame == NULL ||
	    segment_lease_take(segments, &reader->lease, err) < 0) {
		segment_reader_free(reader);
		return -1;
	}
	*ret_reader = reader;
	return 0;
}

void
segment_reader_free(struct segment_reader *reader)
{
	if (reader == NULL)
		return;
	segment_buffer_give(reader->segments, reader->frame);
	segment_lease_drop(reader->lease);
	free(reader);
}

void
segment_reader_seek(struct segment_reader *reader, uint64_t offset)
{
	reader->offset = offset;
}

static int
read_blocks(struct segments *segments, const struct payload_extent *place,
    uint8_t *to, struct error *err)
{
	size_t len = (size_t)place->blocks * PAYLOAD_BLOCK, got = 0;
	const struct segment *segment;

	if (place->segment == 0 || place->segment > segments->count ||
	    segments->list[place->segment - 1].fd < 0)
		return error_set_id(err, "E5002", ERROR_MALFORMED,
		    "segment %u is missing or damaged", place->segment);
	segment = &segments->list[place->segment - 1];
	if (file_read_at(segment->fd, to, len,
		(uint64_t)place->block * PAYLOAD_BLOCK, &got, err) < 0)
		return error_prefix(err, "segment %u", place->segment);
	if (got != len)
		return error_set_id(err, "E5002", ERROR_MALFORMED,
		    "segment %u ends before block %u", place->segment,
		    place->block + place->blocks);
	return 0;
}

/* Read one frame and check that it is what was written. */
static int
load(struct segment_reader *reader, uint64_t frame, struct error *err)
{
	const struct payload *payload = reader->payload;
	struct payload_extent place;
	struct payload_frame_name name;

	if (payload_locate(payload, frame, &place, err) < 0)
		return -1;
	if (!segment_recent_get(reader->segments->recent, &place,
		reader->frame) &&
	    (segments_flush(reader->segments, err) < 0 ||
		read_blocks(reader->segments, &place, reader->frame, err) < 0))
		return -1;
	name = (struct payload_frame_name){ .generation = place.generation,
		.number = payload->number,
		.label = payload->label,
		.frame = frame,
		.segment = place.segment,
		.block = place.block,
		.data_len =
		    (uint32_t)payload_frame_len(payload->length, frame) };
	return payload_frame_check(&name, reader->frame, err);
}

int
segment_reader_next(struct segment_reader *reader, const uint8_t **ret_data,
    size_t *ret_len, struct error *err)
{
	uint64_t frame = reader->offset / PAYLOAD_FRAME_DATA;
	size_t skip = (size_t)(reader->offset % PAYLOAD_FRAME_DATA);

	if (reader->offset >= reader->payload->length)
		return 0;
	if (load(reader, frame, err) < 0)
		return -1;
	*ret_data = reader->frame + PAYLOAD_HEADER_LEN + skip;
	*ret_len = payload_frame_len(reader->payload->length, frame) - skip;
	reader->offset += *ret_len;
	return 1;
}
