/*
 * The small frames written last: a letter is read several times on its way out,
 * each time from the disk past the page cache otherwise.
 */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "store/segment_internal.h"

enum { RECENT_BLOCKS = 1024 };

/* Slot i of `data` holds what was last written to blocks[i]. */
struct segment_recent {
	struct {
		uint32_t segment; /* 0: none */
		uint32_t block;
	} blocks[RECENT_BLOCKS];
	uint32_t next;
	uint8_t data[RECENT_BLOCKS][PAYLOAD_BLOCK];
};

int
segment_recent_new(struct segment_recent **ret_recent, struct error *err)
{
	struct segment_recent *recent = calloc(1, sizeof(*recent));

	if (recent == NULL)
		return error_set_memory(err);
	*ret_recent = recent;
	return 0;
}

void
segment_recent_free(struct segment_recent *recent)
{
	free(recent);
}

void
segment_recent_forget(struct segment_recent *recent,
    const struct payload_extent *place)
{
	if (recent == NULL)
		return;
	for (uint32_t i = 0; i < RECENT_BLOCKS; i++)
		if (recent->blocks[i].segment == place->segment &&
		    recent->blocks[i].block >= place->block &&
		    recent->blocks[i].block < place->block + place->blocks)
			recent->blocks[i].segment = 0;
}

void
segment_recent_put(struct segment_recent *recent,
    const struct payload_extent *place, const uint8_t *frame)
{
	if (recent == NULL)
		return;
	segment_recent_forget(recent, place);
	if (place->blocks > RECENT_BLOCKS - recent->next)
		recent->next = 0;
	for (uint32_t i = 0; i < place->blocks; i++) {
		recent->blocks[recent->next + i].segment = place->segment;
		recent->blocks[recent->next + i].block = place->block + i;
	}
	memcpy(recent->data[recent->next], frame,
	    (size_t)place->blocks * PAYLOAD_BLOCK);
	recent->next += place->blocks;
}

bool
segment_recent_get(const struct segment_recent *recent,
    const struct payload_extent *place, uint8_t *to)
{
	uint32_t first = 0;

	if (recent == NULL)
		return false;
	while (first < RECENT_BLOCKS &&
	    (recent->blocks[first].segment != place->segment ||
		recent->blocks[first].block != place->block))
		first++;
	if (place->blocks > RECENT_BLOCKS - first)
		return false;
	for (uint32_t i = 0; i < place->blocks; i++)
		if (recent->blocks[first + i].segment != place->segment ||
		    recent->blocks[first + i].block != place->block + i)
			return false;
	memcpy(to, recent->data[first], (size_t)place->blocks * PAYLOAD_BLOCK);
	return true;
}
