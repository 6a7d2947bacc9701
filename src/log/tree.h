/*
 * The log's Merkle tree (RFC 6962) when it is too large for memory: growing it
 * by a leaf with only its right edge at hand, and paths and proofs made from
 * stored subtree hashes.  Hashes and path verification are crypto/merkle.h.
 *
 * A node is named (level, index): the root of the perfect subtree over the
 * leaves [index << level, (index + 1) << level).
 */
#ifndef LOG_TREE_H
#define LOG_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "crypto/merkle.h"
#include "model/digest.h"

struct error;

enum { TREE_LEVELS = 64 };

/* Supply the hash of a perfect subtree that was complete once. */
typedef int (*tree_node_fn)(void *context, unsigned level, uint64_t index,
    struct digest *ret_hash, struct error *err);

/*
 * The right edge: for each bit that is set in `size`, the root of the perfect
 * subtree of that level.  `{ 0 }` is the empty tree.
 */
struct tree_edge {
	uint64_t size;
	struct digest nodes[TREE_LEVELS];
};

/* Called with each perfect subtree that a new leaf completes, level 0 first. */
typedef void (*tree_complete_fn)(void *context, unsigned level, uint64_t index,
    const struct digest *hash);

/* Add a leaf hash; `complete` may be NULL. */
void tree_edge_append(struct tree_edge *edge, const struct digest *leaf,
    tree_complete_fn complete, void *context);

struct digest tree_edge_root(const struct tree_edge *edge);

/* The edge of the tree of `size` leaves, from stored nodes. */
int tree_edge_load(uint64_t size, tree_node_fn node, void *context,
    struct tree_edge *ret_edge, struct error *err) MUST_CHECK;

/*
 * The inclusion path of leaf `index` in the tree of `size` leaves, lowest
 * first, for merkle_root_of_path().  ERROR_NOT_FOUND if index >= size.
 */
int tree_path(uint64_t index, uint64_t size, tree_node_fn node, void *context,
    struct digest path[MERKLE_PATH_MAX], size_t *ret_count,
    struct error *err) MUST_CHECK;

/*
 * The consistency proof of RFC 6962 2.1.2 that the tree of `old_size` leaves
 * is the beginning of that of `size`; 0 < old_size <= size, else
 * ERROR_NOT_FOUND.
 */
int tree_consistency(uint64_t old_size, uint64_t size, tree_node_fn node,
    void *context, struct digest proof[MERKLE_PATH_MAX], size_t *ret_count,
    struct error *err) MUST_CHECK;

/*
 * The same for showing that somebody signed another beginning: with the root of
 * the old tree in front where tree_consistency() leaves it out.
 */
int tree_conflict(uint64_t old_size, uint64_t size, tree_node_fn node,
    void *context, struct digest proof[MERKLE_PATH_MAX], size_t *ret_count,
    struct error *err) MUST_CHECK;

/*
 * The two roots that a proof leads to, the smaller tree's own where the proof
 * takes that for granted (its size is a power of two, or both are one).  False
 * if the proof has not the length that the sizes ask for.
 */
bool tree_consistency_roots(uint64_t old_size, const struct digest *old_root,
    uint64_t size, const struct digest *proof, size_t count,
    struct digest *ret_old, struct digest *ret_new);

/*
 * Check such a proof between two roots; ERROR_UNTRUSTED if it does not hold:
 * then somebody was shown another tree.
 */
int tree_consistency_check(uint64_t old_size, const struct digest *old_root,
    uint64_t size, const struct digest *root, const struct digest *proof,
    size_t count, struct error *err) MUST_CHECK;

#endif
