#include "store/payload.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "crypto/sha256.h"

/* Bytes of one extent in a row, and the first byte, the form's version. */
enum { EXTENT_LEN = 4 + 4 + 4 + 8, EXTENTS_VERSION = 1, EXTENTS_MAX = 1 << 20 };

/* "YZFRAME1": the number at the end is the version of the header. */
static const uint8_t magic[8] = "YZFRAME1";

void
payload_free(struct payload *payload)
{
	free(payload->extents);
	*payload = (struct payload){ 0 };
}

static bool
touches(const struct payload_extent *last, const struct payload_extent *next)
{
	return last->segment == next->segment &&
	    last->generation == next->generation &&
	    last->block + last->blocks == next->block;
}

int
payload_add(struct payload *payload, const struct payload_extent *extent,
    struct error *err)
{
	size_t count = payload->extent_count;
	struct payload_extent *extents = payload->extents;

	if (count > 0 && touches(&extents[count - 1], extent)) {
		extents[count - 1].blocks += extent->blocks;
		return 0;
	}
	/* Grows at each power of two. */
	if ((count & (count - 1)) == 0) {
		size_t room = count == 0 ? 1 : 2 * count;

		extents = realloc(extents, room * sizeof(*extents));
		if (extents == NULL)
			return error_set_memory(err);
		payload->extents = extents;
	}
	extents[count] = *extent;
	payload->extent_count++;
	return 0;
}

uint64_t
payload_frame_count(uint64_t length)
{
	if (length == 0)
		return 1;
	return (length - 1) / PAYLOAD_FRAME_DATA + 1;
}

size_t
payload_frame_len(uint64_t length, uint64_t frame)
{
	uint64_t left = length - frame * PAYLOAD_FRAME_DATA;

	assert(frame < payload_frame_count(length));
	return left < PAYLOAD_FRAME_DATA ? (size_t)left : PAYLOAD_FRAME_DATA;
}

uint32_t
payload_frame_blocks(size_t data_len)
{
	assert(data_len <= PAYLOAD_FRAME_DATA);
	return (uint32_t)((PAYLOAD_HEADER_LEN + data_len + PAYLOAD_BLOCK - 1) /
	    PAYLOAD_BLOCK);
}

int
payload_locate(const struct payload *payload, uint64_t frame,
    struct payload_extent *ret_place, struct error *err)
{
	size_t data_len = payload_frame_len(payload->length, frame);
	uint32_t blocks = payload_frame_blocks(data_len);
	uint64_t skip = frame * PAYLOAD_FRAME_BLOCKS;

	for (size_t i = 0; i < payload->extent_count; i++) {
		const struct payload_extent *extent = &payload->extents[i];

		if (skip >= extent->blocks) {
			skip -= extent->blocks;
			continue;
		}
		if (extent->blocks - skip < blocks)
			break;
		*ret_place = *extent;
		ret_place->block += (uint32_t)skip;
		ret_place->blocks = blocks;
		return 0;
	}
	return error_set_id(err, "E5002", ERROR_MALFORMED,
	    "payload %llu: no place for frame %llu",
	    (unsigned long long)payload->number, (unsigned long long)frame);
}

bool
payload_next_behind(const struct payload *payload, uint64_t kept, size_t *at,
    struct payload_extent *ret_extent)
{
	uint64_t skip = kept / PAYLOAD_FRAME_DATA * PAYLOAD_FRAME_BLOCKS;

	for (size_t i = 0; i < payload->extent_count; i++) {
		const struct payload_extent *extent = &payload->extents[i];
		uint32_t left_out =
		    skip < extent->blocks ? (uint32_t)skip : extent->blocks;

		skip -= left_out;
		if (i < *at || left_out == extent->blocks)
			continue;
		*ret_extent = *extent;
		ret_extent->block += left_out;
		ret_extent->blocks -= left_out;
		*at = i + 1;
		return true;
	}
	return false;
}

void
payload_put_extents(const struct payload *payload, struct bytes *to)
{
	bytes_put_u8(to, EXTENTS_VERSION);
	for (size_t i = 0; i < payload->extent_count; i++) {
		bytes_put_u32(to, payload->extents[i].segment);
		bytes_put_u32(to, payload->extents[i].block);
		bytes_put_u32(to, payload->extents[i].blocks);
		bytes_put_u64(to, payload->extents[i].generation);
	}
}

/* Frames lie whole in an extent, so only the last extent may be odd. */
static bool
extents_fit(const struct payload *payload)
{
	uint64_t frames = payload_frame_count(payload->length);
	uint64_t blocks = 0;
	uint64_t wanted = (frames - 1) * PAYLOAD_FRAME_BLOCKS +
	    payload_frame_blocks(
		payload_frame_len(payload->length, frames - 1));

	for (size_t i = 0; i < payload->extent_count; i++) {
		const struct payload_extent *extent = &payload->extents[i];

		if (extent->blocks == 0 || extent->block == 0 ||
		    extent->block > UINT32_MAX - extent->blocks)
			return false;
		if (i + 1 < payload->extent_count &&
		    extent->blocks % PAYLOAD_FRAME_BLOCKS != 0)
			return false;
		blocks += extent->blocks;
	}
	return blocks == wanted;
}

int
payload_parse_extents(struct payload *payload, const void *data, size_t len,
    struct error *err)
{
	struct cursor cursor = cursor_of(data, len);
	size_t count = len / EXTENT_LEN, room = 1;

	if (cursor_u8(&cursor) != EXTENTS_VERSION || count == 0 ||
	    len != 1 + count * EXTENT_LEN || count > EXTENTS_MAX)
		goto malformed;
	free(payload->extents);
	payload->extent_count = 0;
	while (room < count)
		room *= 2; /* as payload_add() grows it */
	payload->extents = calloc(room, sizeof(*payload->extents));
	if (payload->extents == NULL)
		return error_set_memory(err);
	for (size_t i = 0; i < count; i++) {
		struct payload_extent *extent = &payload->extents[i];

		extent->segment = cursor_u32(&cursor);
		extent->block = cursor_u32(&cursor);
		extent->blocks = cursor_u32(&cursor);
		extent->generation = cursor_u64(&cursor);
	}
	payload->extent_count = count;
	if (cursor_done(&cursor) && extents_fit(payload))
		return 0;
malformed:
	return error_set_id(err, "E5002", ERROR_MALFORMED,
	    "payload %llu: its list of extents is damaged",
	    (unsigned long long)payload->number);
}

static uint8_t *
put_integer(uint8_t *to, uint64_t value, size_t len)
{
	for (size_t i = 0; i < len; i++)
		to[i] = (uint8_t)(value >> (8 * (len - 1 - i)));
	return to + len;
}

void
payload_header_write(const struct payload_frame_name *name,
    const struct digest *data_digest, uint8_t to[PAYLOAD_HEADER_LEN])
{
	uint8_t *at = to;

	memset(to, 0, PAYLOAD_HEADER_LEN);
	memcpy(at, magic, sizeof(magic));
	at = put_integer(at + sizeof(magic), name->generation, 8);
	at = put_integer(at, name->number, 8);
	memcpy(at, name->label.bytes, ID_LEN);
	at = put_integer(at + ID_LEN, name->frame, 8);
	at = put_integer(at, name->segment, 4);
	at = put_integer(at, name->block, 4);
	at = put_integer(at, name->data_len, 4);
	memcpy(at, data_digest->bytes, DIGEST_LEN);
}

int
payload_frame_check(const struct payload_frame_name *name, const uint8_t *frame,
    struct error *err)
{
	uint8_t wanted[PAYLOAD_HEADER_LEN];
	struct digest digest;
	const char *what = NULL;

	/*
	 * Everything in the header is known beforehand but for the digest, and
	 * that is known from the data: so one comparison covers all of it.
	 */
	sha256(frame + PAYLOAD_HEADER_LEN, name->data_len, &digest);
	payload_header_write(name, &digest, wanted);
	if (memcmp(frame, wanted, sizeof(magic)) != 0)
		what = "no frame is there";
	else if (memcmp(frame, wanted, PAYLOAD_HEADER_LEN) != 0)
		what = "another or a damaged frame is there";
	if (what == NULL)
		return 0;
	return error_set_id(err, "E5002", ERROR_MALFORMED,
	    "payload %llu frame %llu, segment %u block %u generation %llu: %s",
	    (unsigned long long)name->number, (unsigned long long)name->frame,
	    name->segment, name->block, (unsigned long long)name->generation,
	    what);
}
