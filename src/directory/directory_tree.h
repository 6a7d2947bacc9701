/*
 * The directory as a Merkle tree (docs/protocol.md 6.3): entries in 4,096 pages
 * by a hash of their code, the digest of each page, and the root over them that
 * a bulletin names.  A change costs its own page; two directories differ in the
 * pages whose digests differ.  Pure; holds digests, not entries.
 */
#ifndef DIRECTORY_DIRECTORY_TREE_H
#define DIRECTORY_DIRECTORY_TREE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "crypto/merkle.h"
#include "model/digest.h"
#include "model/org.h"

struct directory_changes;
struct error;

enum { DIRECTORY_PAGES = 4096, DIRECTORY_PAGE_PATH = 12 };

/* The page of a code: the first 12 bits of its SHA-256. */
unsigned directory_page_of(const struct org_code *code);

/* The leaf of an entry, from its JSON as entry_org_encode() writes it. */
struct digest directory_leaf(const void *json, size_t len);

struct directory_tree;

int directory_tree_new(struct directory_tree **ret_tree,
    struct error *err) MUST_CHECK;
void directory_tree_free(struct directory_tree *tree);

/* Add an entry, or replace that of its code; ERROR_BUSY without memory. */
int directory_tree_put(struct directory_tree *tree, const struct org_code *code,
    const struct digest *leaf, struct error *err) MUST_CHECK;

/* False if there is none such. */
bool directory_tree_remove(struct directory_tree *tree,
    const struct org_code *code);
bool directory_tree_find(const struct directory_tree *tree,
    const struct org_code *code, struct digest *ret_leaf);

size_t directory_tree_count(const struct directory_tree *tree);

/* How many entries a page has, and each, in the order of codes. */
size_t directory_tree_page_count(const struct directory_tree *tree,
    unsigned page);
const struct org_code *directory_tree_code(const struct directory_tree *tree,
    unsigned page, size_t index);

/* Of an empty page, as of an empty tree: SHA-256 of nothing. */
struct digest directory_tree_page(struct directory_tree *tree, unsigned page);
struct digest directory_tree_root(struct directory_tree *tree);

/* The root over the digests of DIRECTORY_PAGES pages. */
struct digest directory_root_of_pages(const struct digest *pages);

/* The leaf of a page below that root, and its path, lowest first. */
struct digest directory_page_leaf(const struct digest *page);
int directory_page_path(const struct digest *pages, unsigned number,
    struct digest ret_path[DIRECTORY_PAGE_PATH], struct error *err) MUST_CHECK;

/*
 * Lay `changes` over the tree.  With `root`, only if it becomes exactly that;
 * else, or when something is removed that is not there, ERROR_UNTRUSTED E3902
 * and nothing has changed.  What was there before is noted in the changes, for
 * directory_tree_undo().
 */
int directory_tree_apply(struct directory_tree *tree,
    struct directory_changes *changes, const struct digest *root,
    struct error *err) MUST_CHECK;

/* Back to before that; nothing else may have touched the tree since. */
void directory_tree_undo(struct directory_tree *tree,
    const struct directory_changes *changes);

#endif
