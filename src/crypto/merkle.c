#include "crypto/merkle.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "crypto/sha256.h"

static const uint8_t leaf_prefix = 0x00;
static const uint8_t node_prefix = 0x01;

/*
 * Level 0 holds the leaves, each level above the parents of pairs; a node
 * without a neighbour goes up as it is, which gives the tree of RFC 6962.
 */
struct merkle_tree {
	size_t levels;
	size_t counts[MERKLE_PATH_MAX + 1];
	struct digest *nodes[MERKLE_PATH_MAX + 1]; /* into `memory` */
	struct digest memory[];
};

struct digest
merkle_leaf(const void *data, size_t len)
{
	const struct sha256_part parts[] = { { &leaf_prefix, 1 },
		{ data, len } };
	struct digest digest;

	sha256_parts(parts, 2, &digest);
	return digest;
}

struct digest
merkle_leaf_salted(const struct digest *salt, const void *data, size_t len)
{
	const struct sha256_part parts[] = { { &leaf_prefix, 1 },
		{ salt->bytes, DIGEST_LEN }, { data, len } };
	struct digest digest;

	sha256_parts(parts, 3, &digest);
	return digest;
}

struct digest
merkle_node(const struct digest *left, const struct digest *right)
{
	uint8_t pair[1 + 2 * DIGEST_LEN];
	struct digest digest;

	pair[0] = node_prefix;
	memcpy(pair + 1, left->bytes, DIGEST_LEN);
	memcpy(pair + 1 + DIGEST_LEN, right->bytes, DIGEST_LEN);
	sha256(pair, sizeof(pair), &digest);
	return digest;
}

struct digest
merkle_root(const struct digest *leaves, size_t count)
{
	/* Roots of full subtrees, the largest first. */
	struct digest stack[MERKLE_PATH_MAX + 1];
	struct digest root;
	size_t top = 0;

	if (count == 0) {
		sha256("", 0, &root);
		return root;
	}
	for (size_t i = 0; i < count; i++) {
		stack[top++] = leaves[i];
		for (size_t done = i + 1; done % 2 == 0; done /= 2, top--)
			stack[top - 2] =
			    merkle_node(&stack[top - 2], &stack[top - 1]);
	}
	for (; top > 1; top--)
		stack[top - 2] = merkle_node(&stack[top - 2], &stack[top - 1]);
	return stack[0];
}

int
merkle_tree_new(const struct digest *leaves, size_t count,
    struct merkle_tree **ret_tree, struct error *err)
{
	struct merkle_tree *tree;
	struct digest *at;

	assert(count > 0);
	tree = malloc(sizeof(*tree) +
	    (2 * count + MERKLE_PATH_MAX) * sizeof(struct digest));
	if (tree == NULL)
		return error_set_memory(err);
	tree->levels = 1;
	tree->counts[0] = count;
	tree->nodes[0] = tree->memory;
	memcpy(tree->memory, leaves, count * sizeof(*leaves));
	at = tree->memory + count;
	for (; count > 1; tree->levels++) {
		const struct digest *below = tree->nodes[tree->levels - 1];

		tree->nodes[tree->levels] = at;
		for (size_t i = 0; i + 1 < count; i += 2)
			*at++ = merkle_node(&below[i], &below[i + 1]);
		if (count % 2 != 0)
			*at++ = below[count - 1];
		count = (count + 1) / 2;
		tree->counts[tree->levels] = count;
	}
	*ret_tree = tree;
	return 0;
}

void
merkle_tree_free(struct merkle_tree *tree)
{
	free(tree);
}

struct digest
merkle_tree_root(const struct merkle_tree *tree)
{
	return tree->nodes[tree->levels - 1][0];
}

size_t
merkle_tree_path(const struct merkle_tree *tree, size_t index,
    struct digest *path)
{
	size_t len = 0;

	assert(index < tree->counts[0]);
	for (size_t level = 0; level + 1 < tree->levels; level++) {
		size_t neighbour = index ^ 1;

		if (neighbour < tree->counts[level])
			path[len++] = tree->nodes[level][neighbour];
		index /= 2;
	}
	return len;
}

bool
merkle_root_of_path(const struct digest *leaf, uint64_t index, uint64_t count,
    const struct digest *path, size_t path_count, struct digest *ret_root)
{
	struct digest root = *leaf;
	uint64_t last = count - 1; /* the last node of the level */
	size_t used = 0;

	if (index >= count)
		return false;
	for (; last > 0; index /= 2, last /= 2) {
		if (index % 2 == 0 && index == last)
			continue; /* no neighbour: goes up as it is */
		if (used == path_count)
			return false;
		root = index % 2 == 0 ? merkle_node(&root, &path[used])
				      : merkle_node(&path[used], &root);
		used++;
	}
	if (used != path_count)
		return false;
	*ret_root = root;
	return true;
}
