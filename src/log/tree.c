#include "log/tree.h"

#include <stdbool.h>

#include "base/error.h"
#include "crypto/sha256.h"

void
tree_edge_append(struct tree_edge *edge, const struct digest *leaf,
    tree_complete_fn complete, void *context)
{
	struct digest hash = *leaf;
	unsigned level = 0;

	if (complete != NULL)
		complete(context, 0, edge->size, &hash);
	for (; (edge->size >> level & 1) != 0; level++) {
		hash = merkle_node(&edge->nodes[level], &hash);
		if (complete != NULL)
			complete(context, level + 1, edge->size >> (level + 1),
			    &hash);
	}
	edge->nodes[level] = hash;
	edge->size++;
}

struct digest
tree_edge_root(const struct tree_edge *edge)
{
	struct digest root;
	bool is_empty = true;

	if (edge->size == 0)
		return merkle_root(NULL, 0);
	for (unsigned level = 0; level < TREE_LEVELS; level++) {
		if ((edge->size >> level & 1) == 0)
			continue;
		root = is_empty ? edge->nodes[level]
				: merkle_node(&edge->nodes[level], &root);
		is_empty = false;
	}
	return root;
}

int
tree_edge_load(uint64_t size, tree_node_fn node, void *context,
    struct tree_edge *ret_edge, struct error *err)
{
	struct tree_edge edge = { .size = size };

	for (unsigned level = 0; level < TREE_LEVELS; level++)
		if ((size >> level & 1) != 0 &&
		    node(context, level, (size >> level) - 1,
			&edge.nodes[level], err) < 0)
			return -1;
	*ret_edge = edge;
	return 0;
}

/*
 * The root over the leaves [from, to), where `from` is a multiple of a power
 * of two that is not less than to - from: then each set bit of to - from is a
 * perfect subtree, the largest one on the left.
 */
static int
range_root(uint64_t from, uint64_t to, tree_node_fn node, void *context,
    struct digest *ret_root, struct error *err)
{
	struct digest left, root;
	bool is_empty = true;

	for (unsigned level = 0; level < TREE_LEVELS; level++) {
		if (((to - from) >> level & 1) == 0)
			continue;
		if (node(context, level, (to >> level) - 1, &left, err) < 0)
			return -1;
		root = is_empty ? left : merkle_node(&left, &root);
		is_empty = false;
	}
	*ret_root = root;
	return 0;
}

int
tree_path(uint64_t index, uint64_t size, tree_node_fn node, void *context,
    struct digest path[MERKLE_PATH_MAX], size_t *ret_count, struct error *err)
{
	uint64_t last = size - 1; /* the last node of the level */
	size_t count = 0;

	if (index >= size)
		return error_set(err, ERROR_NOT_FOUND,
		    "the tree has %llu leaves, not leaf %llu",
		    (unsigned long long)size, (unsigned long long)index);
	for (unsigned level = 0; last > 0; level++, index /= 2, last /= 2) {
		uint64_t from = (index ^ 1) << level;
		uint64_t to = from + (UINT64_C(1) << level);

		if ((index ^ 1) > last)
			continue; /* no neighbour: goes up as it is */
		if (range_root(from, to < size ? to : size, node, context,
			&path[count], err) < 0)
			return -1;
		count++;
	}
	*ret_count = count;
	return 0;
}

/* The largest power of two below `count` > 1. */
static uint64_t
split_of(uint64_t count)
{
	uint64_t split = 1;

	while (split * 2 < count)
		split *= 2;
	return split;
}

int
tree_consistency(uint64_t old_size, uint64_t size, tree_node_fn node,
    void *context, struct digest proof[MERKLE_PATH_MAX], size_t *ret_count,
    struct error *err)
{
	struct digest down[MERKLE_PATH_MAX]; /* from the root downwards */
	uint64_t from = 0, to = size;
	size_t count = 0;

	if (old_size == 0 || old_size > size)
		return error_set(err, ERROR_NOT_FOUND,
		    "no proof from %llu leaves to %llu",
		    (unsigned long long)old_size, (unsigned long long)size);
	while (to != old_size) {
		uint64_t split = from + split_of(to - from);
		bool is_left = old_size <= split;

		if (range_root(is_left ? split : from, is_left ? to : split,
			node, context, &down[count], err) < 0)
			return -1;
		count++;
		from = is_left ? from : split;
		to = is_left ? split : to;
	}
	/* The verifier has the old root itself when that is this subtree. */
	if (from != 0) {
		if (range_root(from, to, node, context, &down[count], err) < 0)
			return -1;
		count++;
	}
	for (size_t i = 0; i < count; i++)
		proof[i] = down[count - 1 - i];
	*ret_count = count;
	return 0;
}

int
tree_conflict(uint64_t old_size, uint64_t size, tree_node_fn node,
    void *context, struct digest proof[MERKLE_PATH_MAX], size_t *ret_count,
    struct error *err)
{
	struct tree_edge edge;
	size_t count;

	if (tree_consistency(old_size, size, node, context, proof, &count,
		err) < 0)
		return -1;
	if ((old_size & (old_size - 1)) == 0 && old_size < size) {
		if (tree_edge_load(old_size, node, context, &edge, err) < 0)
			return -1;
		for (size_t i = count; i > 0; i--)
			proof[i] = proof[i - 1];
		proof[0] = tree_edge_root(&edge);
		count++;
	}
	*ret_count = count;
	return 0;
}

/*
 * RFC 9162 2.1.4.2: climb from the last node of the old tree, making both
 * roots at once.  False if the proof has a wrong length.
 */
static bool
climb(uint64_t old_size, const struct digest *old_root, uint64_t size,
    const struct digest *proof, size_t count, struct digest *ret_old,
    struct digest *ret_new)
{
	uint64_t old_at = old_size - 1, at = size - 1;
	bool is_perfect = (old_size & (old_size - 1)) == 0;
	size_t used = is_perfect ? 0 : 1;
	struct digest left, right;

	if (count < used)
		return false;
	left = is_perfect ? *old_root : proof[0];
	right = left;
	for (; old_at % 2 == 1; old_at /= 2)
		at /= 2;
	for (; used < count; used++) {
		if (at == 0)
			return false;
		if (old_at % 2 == 1 || old_at == at) {
			left = merkle_node(&proof[used], &left);
			right = merkle_node(&proof[used], &right);
			for (; old_at % 2 == 0 && old_at != 0; old_at /= 2)
				at /= 2;
		} else {
			right = merkle_node(&right, &proof[used]);
		}
		old_at /= 2;
		at /= 2;
	}
	*ret_old = left;
	*ret_new = right;
	return at == 0;
}

bool
tree_consistency_roots(uint64_t old_size, const struct digest *old_root,
    uint64_t size, const struct digest *proof, size_t count,
    struct digest *ret_old, struct digest *ret_new)
{
	if (old_size == 0 || old_size > size)
		return false;
	if (old_size == size) {
		*ret_old = *ret_new = *old_root;
		return count == 0;
	}
	return climb(old_size, old_root, size, proof, count, ret_old, ret_new);
}

int
tree_consistency_check(uint64_t old_size, const struct digest *old_root,
    uint64_t size, const struct digest *root, const struct digest *proof,
    size_t count, struct error *err)
{
	struct digest made_old, made_new;

	if (tree_consistency_roots(old_size, old_root, size, proof, count,
		&made_old, &made_new) &&
	    digest_equal(&made_old, old_root) && digest_equal(&made_new, root))
		return 0;
	return error_set_id(err, "E5022", ERROR_UNTRUSTED,
	    "the tree of %llu leaves is not the beginning of that of %llu",
	    (unsigned long long)old_size, (unsigned long long)size);
}
