#include "document/pool.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Small: a copy of the reader pays for each page, and most take less. */
enum { BLOCK_SIZE = 4000 };

struct pool_block {
	struct pool_block *next;
	size_t used;
	size_t size;
	max_align_t data[];
};

void
pool_free(struct pool *pool)
{
	while (pool->blocks != NULL) {
		struct pool_block *block = pool->blocks;

		pool->blocks = block->next;
		free(block);
	}
}

static struct pool_block *
block_new(size_t len)
{
	size_t size = len > BLOCK_SIZE ? len : BLOCK_SIZE;
	struct pool_block *block = calloc(1, sizeof(*block) + size);

	if (block != NULL)
		block->size = size;
	return block;
}

void *
pool_alloc(struct pool *pool, size_t count, size_t size)
{
	size_t align = sizeof(max_align_t);
	struct pool_block *block = pool->blocks;
	size_t len;
	void *room;

	if (size != 0 && count > (SIZE_MAX / 2) / size) {
		pool->failed = true;
		return NULL;
	}
	len = (count * size + align - 1) / align * align;
	if (block == NULL || block->size - block->used < len) {
		block = block_new(len);
		if (block == NULL) {
			pool->failed = true;
			return NULL;
		}
		block->next = pool->blocks;
		pool->blocks = block;
	}
	room = (char *)block->data + block->used;
	block->used += len;
	return room;
}

const char *
pool_text(struct pool *pool, const char *text)
{
	return pool_text_len(pool, text, strlen(text));
}

const char *
pool_text_len(struct pool *pool, const char *text, size_t len)
{
	char *copy;

	if (len == 0)
		return "";
	copy = pool_alloc(pool, len + 1, 1);
	if (copy == NULL)
		return "";
	memcpy(copy, text, len);
	return copy;
}
