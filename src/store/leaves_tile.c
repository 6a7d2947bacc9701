#include <assert.h>
#include <string.h>

#include "base/error.h"
#include "store/leaves_internal.h"
#include "store/query.h"

int
leaves_damaged(struct error *err, unsigned level, uint64_t index)
{
	return error_set_id(err, "E5007", ERROR_MALFORMED,
	    "the log's node %u/%llu is missing or wrong", level,
	    (unsigned long long)index);
}

/* Where the nodes of a height begin: 256 of height 0, 128 of 1, ... */
static size_t
height_start(unsigned height)
{
	size_t all = 2 * LEAVES_TILE;

	return all - (all >> height);
}

static struct digest *
node_of(struct tile *tile, unsigned height, uint64_t position)
{
	assert(height < LEAVES_TILE_LEVELS);
	return &tile->nodes[height_start(height) +
	    (size_t)(position % (LEAVES_TILE >> height))];
}

static void
fill_heights(struct tile *tile)
{
	for (unsigned height = 1; height < LEAVES_TILE_LEVELS; height++)
		for (size_t i = 0; i < tile->have >> height; i++)
			*node_of(tile, height, i) =
			    merkle_node(node_of(tile, height - 1, 2 * i),
				node_of(tile, height - 1, 2 * i + 1));
}

static int
read_stored(struct leaves *leaves, struct tile *tile, struct error *err)
{
	struct query *query = NULL;
	const void *data;
	size_t len = 0;
	int more;

	if (query_begin(leaves->rows,
		"SELECT hashes FROM tile WHERE level = ?1 AND position = ?2",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, tile->level);
	query_bind_int(query, 2, (int64_t)tile->index);
	more = query_next(query, err);
	if (more > 0) {
		data = query_data(query, 0, &len);
		if (len == 0 || len % DIGEST_LEN != 0 ||
		    len > LEAVES_TILE * DIGEST_LEN) {
			more = leaves_damaged(err, tile->level, tile->index);
		} else {
			memcpy(tile->nodes, data, len);
			tile->have = len / DIGEST_LEN;
		}
	}
	query_end(query);
	return more < 0 ? -1 : 0;
}

/* The tile at the right edge of the leaves exists only as leaves. */
static int
read_leaves(struct leaves *leaves, struct tile *tile, struct error *err)
{
	int64_t first = (int64_t)(tile->index * LEAVES_TILE);
	struct query *query = NULL;
	int more;

	if (query_begin(leaves->rows,
		"SELECT hash FROM leaf WHERE position >= ?1 AND position < ?2 "
		"ORDER BY position",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, first);
	query_bind_int(query, 2, first + LEAVES_TILE);
	while ((more = query_next(query, err)) > 0)
		query_digest(query, 0, &tile->nodes[tile->have++]);
	query_end(query);
	return more;
}

static int
load(struct leaves *leaves, struct tile *tile, struct error *err)
{
	tile->have = 0;
	if (read_stored(leaves, tile, err) < 0)
		return -1;
	if (tile->have == 0 && tile->level == 0 &&
	    read_leaves(leaves, tile, err) < 0) {
		tile->have = 0;
		return -1;
	}
	fill_heights(tile);
	return 0;
}

int
leaves_tile_find(struct leaves *leaves, unsigned level, uint64_t index,
    size_t count, struct tile **ret_tile, struct error *err)
{
	struct tile *tile = NULL, *oldest = &leaves->cache[0];

	for (size_t i = 0; i < CACHE_TILES && tile == NULL; i++) {
		struct tile *at = &leaves->cache[i];

		if (at->have > 0 && at->level == level && at->index == index)
			tile = at;
		else if (at->used_at < oldest->used_at)
			oldest = at;
	}
	if (tile == NULL || tile->have < count) {
		if (tile == NULL)
			tile = oldest;
		tile->level = level;
		tile->index = index;
		if (load(leaves, tile, err) < 0)
			return -1;
	}
	tile->used_at = ++leaves->clock;
	if (tile->have < count)
		return leaves_damaged(err, level * LEAVES_TILE_LEVELS,
		    index * LEAVES_TILE + count - 1);
	*ret_tile = tile;
	return 0;
}

int
leaves_node(void *context, unsigned level, uint64_t index,
    struct digest *ret_hash, struct error *err)
{
	unsigned height = level % LEAVES_TILE_LEVELS;
	uint64_t last = ((index + 1) << height) - 1; /* hash below the node */
	struct tile *tile = NULL;

	if (leaves_tile_find(context, level / LEAVES_TILE_LEVELS,
		last / LEAVES_TILE, (size_t)(last % LEAVES_TILE) + 1, &tile,
		err) < 0)
		return -1;
	*ret_hash = *node_of(tile, height, index);
	return 0;
}

void
leaves_tiles_forget(struct leaves *leaves)
{
	for (size_t i = 0; i < CACHE_TILES; i++) {
		leaves->cache[i].have = 0;
		leaves->cache[i].used_at = 0;
	}
}

void
leaves_node_remember(struct leaves *leaves, unsigned level, uint64_t index,
    const struct digest *hash)
{
	unsigned height = level % LEAVES_TILE_LEVELS;
	unsigned tile_level = level / LEAVES_TILE_LEVELS;
	uint64_t tile_index = index / (LEAVES_TILE >> height);
	size_t position = (size_t)(index % (LEAVES_TILE >> height));

	for (size_t i = 0; i < CACHE_TILES; i++) {
		struct tile *tile = &leaves->cache[i];

		if (tile->have == 0 || tile->level != tile_level ||
		    tile->index != tile_index)
			continue;
		/* One with a gap is read again when it is wanted. */
		if (height == 0 && tile->have != position)
			return;
		*node_of(tile, height, index) = *hash;
		if (height == 0)
			tile->have = position + 1;
		return;
	}
}

static int
write_tile(struct leaves *leaves, struct tile *tile, struct error *err)
{
	struct query *query = NULL;

	if (query_begin(leaves->rows,
		"INSERT OR REPLACE INTO tile (level, position, hashes) "
		"VALUES (?1, ?2, ?3)",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, tile->level);
	query_bind_int(query, 2, (int64_t)tile->index);
	query_bind_data(query, 3, tile->nodes, tile->have * DIGEST_LEN);
	return query_finish(query, err);
}

int
leaves_node_add(struct leaves *leaves, unsigned level, uint64_t index,
    const struct digest *hash, struct error *err)
{
	unsigned height = level % LEAVES_TILE_LEVELS;
	unsigned tile_level = level / LEAVES_TILE_LEVELS;
	uint64_t tile_index = index / (LEAVES_TILE >> height);
	size_t position = (size_t)(index % (LEAVES_TILE >> height));
	struct tile *tile = NULL;

	if (leaves_tile_find(leaves, tile_level, tile_index,
		height == 0 ? position : 1, &tile, err) < 0)
		return -1;
	*node_of(tile, height, index) = *hash;
	if (height > 0)
		return 0;
	tile->have = position + 1;
	/* Below level 1 the leaves' own rows do until the tile is complete. */
	if (tile_level == 0 && tile->have < LEAVES_TILE)
		return 0;
	return write_tile(leaves, tile, err);
}
