#include "store/leaves.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "store/leaves_internal.h"
#include "store/query.h"
#include "store/rows.h"

/* The nodes that a new leaf completed. */
struct completed {
	size_t count;
	struct {
		unsigned level;
		uint64_t index;
		struct digest hash;
	} nodes[TREE_LEVELS];
};

int
leaves_open(struct rows *rows, struct leaves **ret_leaves, struct error *err)
{
	struct leaves *leaves = calloc(1, sizeof(*leaves));

	if (leaves == NULL)
		return error_set_memory(err);
	leaves->rows = rows;
	if (leaves_reload(leaves, err) < 0) {
		leaves_free(leaves);
		return -1;
	}
	*ret_leaves = leaves;
	return 0;
}

void
leaves_free(struct leaves *leaves)
{
	if (leaves != NULL)
		leaves_recent_free(leaves);
	free(leaves);
}

static int
read_size(struct leaves *leaves, uint64_t *ret_size, struct error *err)
{
	struct query *query = NULL;
	int more;

	if (query_begin(leaves->rows,
		"SELECT coalesce(max(position) + 1, 0) FROM leaf", &query,
		err) < 0)
		return -1;
	more = query_next(query, err);
	if (more > 0)
		*ret_size = (uint64_t)query_int(query, 0);
	query_end(query);
	return more < 0 ? -1 : 0;
}

int
leaves_reload(struct leaves *leaves, struct error *err)
{
	uint64_t size = 0;

	leaves_tiles_forget(leaves);
	leaves_recent_forget(leaves);
	if (read_size(leaves, &size, err) < 0)
		return -1;
	return tree_edge_load(size, leaves_node, leaves, &leaves->edge, err);
}

uint64_t
leaves_size(const struct leaves *leaves)
{
	return leaves->edge.size;
}

struct digest
leaves_root(const struct leaves *leaves)
{
	return tree_edge_root(&leaves->edge);
}

static void
note_completed(void *context, unsigned level, uint64_t index,
    const struct digest *hash)
{
	struct completed *completed = context;

	completed->nodes[completed->count].level = level;
	completed->nodes[completed->count].index = index;
	completed->nodes[completed->count].hash = *hash;
	completed->count++;
}

static void
take_leaf(struct leaves *leaves, const struct digest *leaf)
{
	struct completed completed = { .count = 0 };

	tree_edge_append(&leaves->edge, leaf, note_completed, &completed);
	for (size_t i = 0; i < completed.count; i++)
		leaves_node_remember(leaves, completed.nodes[i].level,
		    completed.nodes[i].index, &completed.nodes[i].hash);
}

/* Rows behind the edge, at most a tile of them: 1 if there are more. */
static int
take_new_leaves(struct leaves *leaves, struct query *query, struct error *err)
{
	struct digest leaf;
	size_t taken = 0;
	int more;

	while ((more = query_next(query, err)) > 0) {
		if (taken++ == LEAVES_TILE)
			return 1;
		query_digest(query, 1, &leaf);
		if ((uint64_t)query_int(query, 0) != leaves->edge.size ||
		    query_failed(query, err) < 0)
			return leaves_damaged(err, 0, leaves->edge.size);
		take_leaf(leaves, &leaf);
	}
	return more;
}

int
leaves_follow(struct leaves *leaves, struct error *err)
{
	struct query *query = NULL;
	int more;

	if (query_begin(leaves->rows,
		"SELECT position, hash FROM leaf WHERE position >= ?1 "
		"ORDER BY position",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, (int64_t)leaves->edge.size);
	more = take_new_leaves(leaves, query, err);
	query_end(query);
	return more > 0 ? leaves_reload(leaves, err) : more;
}

static int
add_row(struct leaves *leaves, const struct digest *leaf,
    const struct digest *salt, const void *statement, size_t len,
    struct error *err)
{
	struct query *query = NULL;

	if (query_begin(leaves->rows,
		"INSERT INTO leaf (position, hash, salt, statement) "
		"VALUES (?1, ?2, ?3, ?4)",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, (int64_t)leaves->edge.size);
	query_bind_digest(query, 2, leaf);
	query_bind_digest(query, 3, salt);
	query_bind_data(query, 4, statement, len);
	return query_finish(query, err);
}

int
leaves_append(struct leaves *leaves, const struct digest *salt,
    const void *statement, size_t len, uint64_t *ret_index, struct error *err)
{
	struct digest leaf = merkle_leaf_salted(salt, statement, len);
	struct completed completed = { .count = 0 };
	struct tree_edge edge = leaves->edge;

	tree_edge_append(&edge, &leaf, note_completed, &completed);
	for (size_t i = 0; i < completed.count; i++)
		if (leaves_node_add(leaves, completed.nodes[i].level,
			completed.nodes[i].index, &completed.nodes[i].hash,
			err) < 0)
			return -1;
	if (add_row(leaves, &leaf, salt, statement, len, err) < 0)
		return -1;
	*ret_index = leaves->edge.size;
	leaves_recent_add(leaves, *ret_index, salt, statement, len);
	leaves->edge = edge;
	return 0;
}

static int
check_size(const struct leaves *leaves, uint64_t size, struct error *err)
{
	if (size <= leaves->edge.size)
		return 0;
	return error_set(err, ERROR_NOT_FOUND,
	    "the log has %llu leaves, not %llu",
	    (unsigned long long)leaves->edge.size, (unsigned long long)size);
}

int
leaves_find(struct leaves *leaves, uint64_t index, struct digest *ret_salt,
    struct bytes *statement, struct error *err)
{
	const struct recent_leaf *recent;
	struct query *query = NULL;
	const void *data;
	size_t len = 0;
	int rc = -1;

	if (index >= leaves->edge.size)
		return check_size(leaves, index + 1, err);
	recent = leaves_recent_find(leaves, index);
	if (recent != NULL) {
		*ret_salt = recent->salt;
		bytes_put(statement, recent->statement.data,
		    recent->statement.len);
		return bytes_failed(statement, err);
	}
	if (query_begin(leaves->rows,
		"SELECT salt, statement FROM leaf WHERE position = ?1", &query,
		err) < 0)
		return -1;
	query_bind_int(query, 1, (int64_t)index);
	rc = query_next(query, err);
	if (rc == 0)
		rc = leaves_damaged(err, 0, index);
	if (rc > 0) {
		query_digest(query, 0, ret_salt);
		data = query_data(query, 1, &len);
		bytes_put(statement, data, len);
		rc = query_failed(query, err) < 0
		    ? -1
		    : bytes_failed(statement, err);
	}
	query_end(query);
	return rc;
}

int
leaves_path(struct leaves *leaves, uint64_t index, uint64_t size,
    struct digest path[MERKLE_PATH_MAX], size_t *ret_count, struct error *err)
{
	if (check_size(leaves, size, err) < 0)
		return -1;
	return tree_path(index, size, leaves_node, leaves, path, ret_count,
	    err);
}

int
leaves_consistency(struct leaves *leaves, uint64_t old_size, uint64_t size,
    struct digest proof[MERKLE_PATH_MAX], size_t *ret_count, struct error *err)
{
	if (check_size(leaves, size, err) < 0)
		return -1;
	return tree_consistency(old_size, size, leaves_node, leaves, proof,
	    ret_count, err);
}

int
leaves_conflict(struct leaves *leaves, uint64_t old_size, uint64_t size,
    struct digest proof[MERKLE_PATH_MAX], size_t *ret_count, struct error *err)
{
	if (check_size(leaves, size, err) < 0)
		return -1;
	return tree_conflict(old_size, size, leaves_node, leaves, proof,
	    ret_count, err);
}

int
leaves_root_at(struct leaves *leaves, uint64_t size, struct digest *ret_root,
    struct error *err)
{
	struct tree_edge edge;

	if (check_size(leaves, size, err) < 0)
		return -1;
	if (tree_edge_load(size, leaves_node, leaves, &edge, err) < 0)
		return -1;
	*ret_root = tree_edge_root(&edge);
	return 0;
}

int
leaves_tile(struct leaves *leaves, unsigned level, uint64_t index, size_t count,
    struct bytes *to, struct error *err)
{
	uint64_t hashes = level < LEAVES_TILE_LEVELS
	    ? leaves->edge.size >> (level * LEAVES_TILE_LEVELS)
	    : 0;
	struct tile *tile = NULL;

	if (count == 0 || count > LEAVES_TILE || index > hashes / LEAVES_TILE ||
	    index * LEAVES_TILE + count > hashes)
		return error_set(err, ERROR_NOT_FOUND,
		    "no tile %u/%llu of %zu hashes", level,
		    (unsigned long long)index, count);
	if (leaves_tile_find(leaves, level, index, count, &tile, err) < 0)
		return -1;
	bytes_put(to, tile->nodes, count * DIGEST_LEN);
	return bytes_failed(to, err);
}

int
leaves_checkpoint_add(struct leaves *leaves, uint64_t size, const void *note,
    size_t len, struct error *err)
{
	struct query *query = NULL;

	if (check_size(leaves, size, err) < 0)
		return -1;
	if (query_begin(leaves->rows,
		"INSERT OR REPLACE INTO checkpoint (size, note) "
		"VALUES (?1, ?2)",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, (int64_t)size);
	query_bind_data(query, 2, note, len);
	if (query_finish(query, err) < 0)
		return -1;
	leaves_recent_add_checkpoint(leaves, size, note, len);
	return 0;
}

int
leaves_checkpoint_find(struct leaves *leaves, uint64_t min_size,
    uint64_t *ret_size, struct bytes *note, struct error *err)
{
	const struct recent_checkpoint *recent =
	    leaves_recent_checkpoint(leaves, min_size);
	bool is_newest = min_size == UINT64_MAX;
	struct query *query = NULL;
	const void *data;
	size_t len = 0;
	int rc;

	if (recent != NULL) {
		*ret_size = recent->size;
		bytes_put(note, recent->note.data, recent->note.len);
		return bytes_failed(note, err);
	}
	if (query_begin(leaves->rows,
		is_newest ? "SELECT size, note FROM checkpoint "
			    "WHERE size >= ?1 ORDER BY size DESC LIMIT 1"
			  : "SELECT size, note FROM checkpoint "
			    "WHERE size >= ?1 ORDER BY size LIMIT 1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1,
	    is_newest || min_size > INT64_MAX ? 0 : (int64_t)min_size);
	rc = query_next(query, err);
	if (rc == 0)
		rc = error_set(err, ERROR_NOT_FOUND, "no such checkpoint");
	if (rc > 0) {
		*ret_size = (uint64_t)query_int(query, 0);
		data = query_data(query, 1, &len);
		bytes_put(note, data, len);
		rc = bytes_failed(note, err);
	}
	query_end(query);
	return rc;
}

/* Compare what a recomputed leaf completes with what is stored. */
static int
compare(struct leaves *leaves, const struct completed *completed,
    struct error *err)
{
	struct digest stored;

	for (size_t i = 0; i < completed->count; i++) {
		unsigned level = completed->nodes[i].level;
		uint64_t index = completed->nodes[i].index;

		if (level % LEAVES_TILE_LEVELS != 0)
			continue;
		if (leaves_node(leaves, level, index, &stored, err) < 0)
			return -1;
		if (!digest_equal(&stored, &completed->nodes[i].hash))
			return leaves_damaged(err, level, index);
	}
	return 0;
}

static int
check_leaf(struct leaves *leaves, struct query *query, struct tree_edge *edge,
    struct error *err)
{
	struct completed completed = { .count = 0 };
	struct digest salt, stored, leaf;
	const void *statement;
	size_t len = 0;

	query_digest(query, 1, &stored);
	query_digest(query, 2, &salt);
	statement = query_data(query, 3, &len);
	leaf = merkle_leaf_salted(&salt, statement, len);
	if ((uint64_t)query_int(query, 0) != edge->size ||
	    !digest_equal(&leaf, &stored))
		return leaves_damaged(err, 0, edge->size);
	tree_edge_append(edge, &leaf, note_completed, &completed);
	return compare(leaves, &completed, err);
}

int
leaves_check(struct leaves *leaves, struct digest *ret_root, struct error *err)
{
	struct tree_edge edge = { .size = 0 };
	struct query *query = NULL;
	int more;

	/* Compare with what is stored, not with what is remembered. */
	leaves_tiles_forget(leaves);
	if (query_begin(leaves->rows,
		"SELECT position, hash, salt, statement FROM leaf "
		"ORDER BY position",
		&query, err) < 0)
		return -1;
	while ((more = query_next(query, err)) > 0)
		if (check_leaf(leaves, query, &edge, err) < 0) {
			more = -1;
			break;
		}
	query_end(query);
	if (more < 0)
		return -1;
	*ret_root = tree_edge_root(&edge);
	return 0;
}
