/*
 * Merkle trees of RFC 6962: hashes, roots and inclusion paths over leaf hashes
 * in memory.  The log's tiles are src/log/.
 */
#ifndef CRYPTO_MERKLE_H
#define CRYPTO_MERKLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "model/digest.h"

struct error;

enum { MERKLE_PATH_MAX = 64 };

/* SHA-256(0x00 || data); the salt form is of SHA-256(0x00 || salt || data). */
struct digest merkle_leaf(const void *data, size_t len);
struct digest merkle_leaf_salted(const struct digest *salt, const void *data,
    size_t len);

/* SHA-256(0x01 || left || right). */
struct digest merkle_node(const struct digest *left,
    const struct digest *right);

/* Root over `count` leaf hashes; of none: SHA-256 of nothing. */
struct digest merkle_root(const struct digest *leaves, size_t count);

/* A tree with all its inner nodes, for many paths. */
struct merkle_tree;

/* Over `count` > 0 leaf hashes, which are copied. */
int merkle_tree_new(const struct digest *leaves, size_t count,
    struct merkle_tree **ret_tree, struct error *err) MUST_CHECK;
void merkle_tree_free(struct merkle_tree *tree);

struct digest merkle_tree_root(const struct merkle_tree *tree);

/*
 * The path of leaf `index` < count, lowest first, into `path` of
 * MERKLE_PATH_MAX; returns its length.
 */
size_t merkle_tree_path(const struct merkle_tree *tree, size_t index,
    struct digest *path);

/*
 * The root that `leaf` at `index` of `count` leaves leads to by `path`.  False
 * if the path has not the length that index and count ask for.
 */
bool merkle_root_of_path(const struct digest *leaf, uint64_t index,
    uint64_t count, const struct digest *path, size_t path_count,
    struct digest *ret_root);

#endif
