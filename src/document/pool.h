/*
 * Memory of one check: everything a report points to lives in its pool and
 * goes away with it, so that readers neither count nor free single texts.
 */
#ifndef DOCUMENT_POOL_H
#define DOCUMENT_POOL_H

#include <stdbool.h>
#include <stddef.h>

struct pool_block;

/* Start it as `{ 0 }`; release it with pool_free(). */
struct pool {
	struct pool_block *blocks;
	bool failed; /* memory ran out: the whole check is worthless */
};

void pool_free(struct pool *pool);

/*
 * Zeroed room for `count` things of `size` bytes, aligned for any of them;
 * NULL when memory ran out.
 */
void *pool_alloc(struct pool *pool, size_t count, size_t size);

/* A copy of the text; "" when memory ran out. */
const char *pool_text(struct pool *pool, const char *text);
const char *pool_text_len(struct pool *pool, const char *text, size_t len);

#endif
