#include "store/segment.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "store/segment_internal.h"
#include "sys/file.h"

int
segments_open(int dir, const struct segments_options *options,
    uint64_t generation, struct segments **ret_segments, struct error *err)
{
	struct segments *segments = calloc(1, sizeof(*segments));

	if (segments == NULL)
		return error_set_memory(err);
	segments->dir = dir;
	segments->options = *options;
	segments->generation = generation;
	segments->cursor_block = 1;
	segments->run = aligned_alloc(FILE_DIRECT_ALIGN, SEGMENT_RUN_LEN);
	if (segments->run == NULL)
		error_set_memory(err);
	if (segments->run == NULL ||
	    (!options->reads_disk &&
		segment_recent_new(&segments->recent, err) < 0) ||
	    segment_files_open(segments, err) < 0) {
		segments_close(segments);
		return -1;
	}
	*ret_segments = segments;
	return 0;
}

void
segments_close(struct segments *segments)
{
	if (segments == NULL)
		return;
	assert(segments->writers == 0 && segments->oldest == NULL);
	for (uint32_t i = 0; segments->list != NULL && i < segments->count;
	     i++) {
		file_close(segments->list[i].fd);
		free(segments->list[i].used);
	}
	for (size_t i = 0; i < segments->spare_count; i++)
		free(segments->spare[i]);
	free(segments->list);
	free(segments->waiting);
	segment_recent_free(segments->recent);
	free(segments->run);
	free(segments);
}

int
segments_usable(const struct segments *segments, struct error *err)
{
	if (!segments->is_broken)
		return 0;
	return error_set_id(err, "E5003", ERROR_SYSTEM,
	    "a sync of the payload failed earlier");
}

static bool
may_claim(const struct segments *segments, const struct payload_extent *extent)
{
	const struct segment *segment;

	if (extent->segment == 0 || extent->segment > segments->count)
		return false;
	segment = &segments->list[extent->segment - 1];
	if (segment->fd < 0 || extent->block == 0 ||
	    extent->block >= segment->blocks ||
	    extent->blocks > segment->blocks - extent->block)
		return false;
	for (uint32_t i = 0; i < extent->blocks; i++)
		if (segment_is_used(segment, extent->block + i))
			return false;
	return true;
}

/* Two rows name one block: nothing there is written until both are gone. */
static void
freeze(struct segments *segments, const struct payload *payload)
{
	for (size_t i = 0; i < payload->extent_count; i++) {
		uint32_t number = payload->extents[i].segment;

		if (number > 0 && number <= segments->count)
			segments->list[number - 1].is_frozen = true;
	}
}

int
segments_claim(struct segments *segments, const struct payload *payload,
    struct error *err)
{
	for (size_t i = 0; i < payload->extent_count; i++) {
		const struct payload_extent *extent = &payload->extents[i];

		if (!may_claim(segments, extent)) {
			freeze(segments, payload);
			return error_set_id(err, "E5002", ERROR_MALFORMED,
			    "payload %llu: segment %u block %u is missing or "
			    "in use",
			    (unsigned long long)payload->number,
			    extent->segment, extent->block);
		}
		segment_mark(&segments->list[extent->segment - 1],
		    extent->block, extent->blocks);
	}
	return 0;
}

int
segments_sync(struct segments *segments, struct error *err)
{
	if (segments_usable(segments, err) < 0)
		return -1;
	if (segments_flush(segments, err) < 0)
		return -1;
	for (uint32_t i = 0; i < segments->count; i++) {
		struct segment *segment = &segments->list[i];

		if (!segment->is_dirty)
			continue;
		if (!segments->options.tests_never_sync &&
		    file_sync_data(segment->fd, err) < 0) {
			segments->is_broken = true;
			err->code = ERROR_SYSTEM;
			memcpy(err->id, "E5003", sizeof("E5003"));
			return error_prefix(err, "segment %u", i + 1);
		}
		segment->is_dirty = false;
	}
	return 0;
}

/* Use again what no lease from before its freeing names. */
static void
release_waiting(struct segments *segments)
{
	while (segments->waiting_first < segments->waiting_count) {
		const struct segment_waiting *waiting =
		    &segments->waiting[segments->waiting_first];

		if (segments->oldest != NULL &&
		    segments->oldest->generation < waiting->generation)
			break;
		segments_release(segments, &waiting->extent);
		segments->waiting_blocks -= waiting->extent.blocks;
		segments->waiting_first++;
	}
	if (segments->waiting_first == segments->waiting_count)
		segments->waiting_first = segments->waiting_count = 0;
}

/* False without memory: the blocks then stay in use until the next start. */
static bool
make_room_to_wait(struct segments *segments)
{
	size_t size =
	    segments->waiting_size == 0 ? 64 : 2 * segments->waiting_size;
	struct segment_waiting *waiting;

	if (segments->waiting_first > 0 &&
	    segments->waiting_count == segments->waiting_size) {
		segments->waiting_count -= segments->waiting_first;
		memmove(segments->waiting,
		    segments->waiting + segments->waiting_first,
		    segments->waiting_count * sizeof(*waiting));
		segments->waiting_first = 0;
	}
	if (segments->waiting_count < segments->waiting_size)
		return true;
	waiting = realloc(segments->waiting, size * sizeof(*waiting));
	if (waiting == NULL)
		return false;
	segments->waiting = waiting;
	segments->waiting_size = size;
	return true;
}

void
segments_free_behind(struct segments *segments, const struct payload *payload,
    uint64_t kept)
{
	struct payload_extent extent;
	size_t at = 0;

	while (payload_next_behind(payload, kept, &at, &extent)) {
		if (extent.segment == 0 || extent.segment > segments->count)
			continue;
		if (segments->oldest == NULL) {
			segments_release(segments, &extent);
			continue;
		}
		if (!make_room_to_wait(segments))
			return;
		segments->waiting[segments->waiting_count++] =
		    (struct segment_waiting){ extent, segments->generation };
		segments->waiting_blocks += extent.blocks;
	}
}

void
segments_free(struct segments *segments, const struct payload *payload)
{
	segments_free_behind(segments, payload, 0);
}

int
segment_lease_take(struct segments *segments, struct segment_lease **ret_lease,
    struct error *err)
{
	struct segment_lease *lease = calloc(1, sizeof(*lease));

	if (lease == NULL)
		return error_set_memory(err);
	/* What is written from now on is younger than the lease. */
	lease->segments = segments;
	lease->generation = segments->generation++;
	lease->previous = segments->newest;
	if (segments->newest != NULL)
		segments->newest->next = lease;
	else
		segments->oldest = lease;
	segments->newest = lease;
	*ret_lease = lease;
	return 0;
}

void
segment_lease_drop(struct segment_lease *lease)
{
	struct segments *segments;

	if (lease == NULL)
		return;
	segments = lease->segments;
	if (lease->previous != NULL)
		lease->previous->next = lease->next;
	else
		segments->oldest = lease->next;
	if (lease->next != NULL)
		lease->next->previous = lease->previous;
	else
		segments->newest = lease->previous;
	free(lease);
	release_waiting(segments);
}

int
segments_grow(struct segments *segments, uint64_t blocks, struct error *err)
{
	struct segments_state state;

	segments_state(segments, &state);
	if (state.blocks_total - state.blocks_used >= blocks)
		return 0;
	if (segments_usable(segments, err) < 0)
		return -1;
	return segment_file_make(segments, err) < 0 ? -1 : 1;
}

void
segments_state(const struct segments *segments,
    struct segments_state *ret_state)
{
	struct segments_state state = { .segments = segments->count,
		.blocks_waiting = segments->waiting_blocks,
		.is_direct = segments->is_direct,
		.is_broken = segments->is_broken };

	for (uint32_t i = 0; i < segments->count; i++) {
		const struct segment *segment = &segments->list[i];

		if (segment->fd < 0 || segment->is_frozen)
			state.damaged++;
		if (segment->fd < 0)
			continue;
		/* Block 0 holds no payload. */
		state.blocks_total += segment->blocks - 1;
		state.blocks_used += segment->is_frozen
		    ? segment->blocks - 1
		    : segment->blocks - 1 - segment->free_blocks;
	}
	*ret_state = state;
}
