/*
 * What leaves.c and leaves_tile.c share: the tiles, kept in memory as long as
 * they are in use.
 */
#ifndef STORE_LEAVES_INTERNAL_H
#define STORE_LEAVES_INTERNAL_H

#include <stdint.h>

#include "store/leaves.h"

enum { CACHE_TILES = 32 };

/*
 * A tile with the nodes above its hashes, height by height.  `have` counts the
 * hashes at height 0; a node is there when all hashes below it are.
 */
struct tile {
	unsigned level;
	uint64_t index;
	size_t have;      /* 0: the slot is empty */
	uint64_t used_at; /* the greater, the later */
	struct digest nodes[2 * LEAVES_TILE];
};

struct leaves {
	struct rows *rows; /* not ours */
	struct tree_edge edge;
	uint64_t clock;
	struct tile cache[CACHE_TILES];
};

/* A tile with at least `count` hashes, from memory if it is there. */
int leaves_tile_find(struct leaves *leaves, unsigned level, uint64_t index,
    size_t count, struct tile **ret_tile, struct error *err) MUST_CHECK;

/* The hash of a node: a tree_node_fn whose context is the leaves. */
int leaves_node(void *context, unsigned level, uint64_t index,
    struct digest *ret_hash, struct error *err) MUST_CHECK;

/* Put a node into its tile; at height 0 it also makes the tile longer. */
int leaves_node_add(struct leaves *leaves, unsigned level, uint64_t index,
    const struct digest *hash, struct error *err) MUST_CHECK;

/* The same in memory alone, where the tile is there; for what is stored. */
void leaves_node_remember(struct leaves *leaves, unsigned level, uint64_t index,
    const struct digest *hash);

void leaves_tiles_forget(struct leaves *leaves);

/* -1 with ERROR_MALFORMED (E5007). */
int leaves_damaged(struct error *err, unsigned level, uint64_t index);

#endif
