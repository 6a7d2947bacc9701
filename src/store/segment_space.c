#include <stdlib.h>

#include "base/error.h"
#include "store/segment_internal.h"

enum { WORD_BITS = 64 };

int
segment_space_new(struct segment *segment, struct error *err)
{
	size_t words = (segment->blocks + WORD_BITS - 1) / WORD_BITS;

	segment->used = calloc(words, sizeof(*segment->used));
	if (segment->used == NULL)
		return error_set_memory(err);
	segment->free_blocks = segment->blocks;
	segment->run_max = segment->blocks;
	segment_mark(segment, 0, 1);
	return 0;
}

bool
segment_is_used(const struct segment *segment, uint32_t block)
{
	return (segment->used[block / WORD_BITS] >> block % WORD_BITS & 1) != 0;
}

void
segment_mark(struct segment *segment, uint32_t block, uint32_t count)
{
	for (uint32_t i = block; i < block + count; i++)
		segment->used[i / WORD_BITS] |= UINT64_C(1) << i % WORD_BITS;
	segment->free_blocks -= count;
}

void
segment_clear(struct segment *segment, uint32_t block, uint32_t count)
{
	for (uint32_t i = block; i < block + count; i++)
		segment->used[i / WORD_BITS] &= ~(UINT64_C(1) << i % WORD_BITS);
	segment->free_blocks += count;
	segment->run_max = segment->blocks;
}

uint32_t
segment_search(const struct segment *segment, uint32_t from, uint32_t count)
{
	uint32_t run = 0;

	for (uint32_t i = from; i < segment->blocks; i++) {
		if (i % WORD_BITS == 0 &&
		    segment->used[i / WORD_BITS] == UINT64_MAX) {
			run = 0;
			i += WORD_BITS - 1;
			continue;
		}
		run = segment_is_used(segment, i) ? 0 : run + 1;
		if (run == count)
			return i + 1 - count;
	}
	return 0;
}

/* Search one segment; remember when it has no run so long. */
static uint32_t
search_from(struct segment *segment, uint32_t from, uint32_t count)
{
	uint32_t block;

	if (segment->fd < 0 || segment->is_frozen ||
	    segment->free_blocks < count || segment->run_max < count)
		return 0;
	block = segment_search(segment, from, count);
	if (block == 0 && from == 0)
		segment->run_max = count - 1;
	return block;
}

static bool
find_room(struct segments *segments, uint32_t count,
    struct payload_extent *place)
{
	/* The segment of the cursor comes twice: its rest, then all of it. */
	for (uint32_t i = 0; i <= segments->count && segments->count > 0; i++) {
		uint32_t at = (segments->cursor_segment + i) % segments->count;
		uint32_t from = i == 0 ? segments->cursor_block : 0;
		struct segment *segment = &segments->list[at];
		uint32_t block = search_from(segment, from, count);

		if (block == 0)
			continue;
		segment_mark(segment, block, count);
		segments->cursor_segment = at;
		segments->cursor_block = block + count;
		*place = (struct payload_extent){ .segment = at + 1,
			.block = block,
			.blocks = count,
			.generation = segments->generation };
		return true;
	}
	return false;
}

int
segments_allocate(struct segments *segments, uint32_t count,
    struct payload_extent *ret_place, struct error *err)
{
	if (find_room(segments, count, ret_place))
		return 0;
	if (segment_file_make(segments, err) < 0) {
		if (!error_is_temporary(err))
			segments->is_broken = true;
		return -1;
	}
	segments->cursor_segment = segments->count - 1;
	segments->cursor_block = 1;
	if (find_room(segments, count, ret_place))
		return 0;
	return error_set_id(err, "E5001", ERROR_BUSY,
	    "a new segment has no room");
}

void
segments_release(struct segments *segments, const struct payload_extent *extent)
{
	struct segment *segment = &segments->list[extent->segment - 1];

	if (segment->fd < 0 || segment->is_frozen)
		return;
	for (uint32_t i = 0; i < extent->blocks; i++)
		if (!segment_is_used(segment, extent->block + i)) {
			/* Freed twice: keep all rather than lose one. */
			segment->is_frozen = true;
			return;
		}
	segment_clear(segment, extent->block, extent->blocks);
}
