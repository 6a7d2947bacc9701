/*
 * What leaves.c and leaves_tile.c share: the tiles, kept in memory as long as
 * they are in use.
 */
#ifndef STORE_LEAVES_INTERNAL_H
#define STORE_LEAVES_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "store/leaves.h"

enum {
	CACHE_TILES = 32,
	RECENT_LEAVES = 256, /* that keep their statement in memory ... */
	RECENT_MAX = 8192,   /* ... if it is not longer than this */
};

/* A leaf that this process added: its receipt is asked for in a moment. */
struct recent_leaf {
	uint64_t index;
	struct digest salt;
	struct bytes statement; /* empty: none is here */
};

/* The newest checkpoint, as this process added it. */
struct recent_checkpoint {
	bool is_known;
	bool has_previous; /* `previous` is the size of the one before it */
	uint64_t size, previous;
	struct bytes note;
};

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
	struct recent_leaf recent[RECENT_LEAVES]; /* at the index modulo */
	struct recent_checkpoint checkpoint;
};

/* leaves_recent.c: what is kept in memory until leaves_recent_forget(). */
void leaves_recent_forget(struct leaves *leaves);
void leaves_recent_free(struct leaves *leaves);
void leaves_recent_add(struct leaves *leaves, uint64_t index,
    const struct digest *salt, const void *statement, size_t len);
const struct recent_leaf *leaves_recent_find(const struct leaves *leaves,
    uint64_t index);
void leaves_recent_add_checkpoint(struct leaves *leaves, uint64_t size,
    const void *note, size_t len);

/* As leaves_checkpoint_find(); NULL if the rows must be asked. */
const struct recent_checkpoint *leaves_recent_checkpoint(const struct leaves
							     *leaves,
    uint64_t min_size);

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
