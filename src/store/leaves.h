/*
 * The log as rows: leaves with salt and statement, tiles of 256 hashes, and
 * checkpoints.  Leaves are added in the transaction of what they speak of, so
 * a statement never exists without its document, nor the other way round.
 *
 * The writer opens it with the store; a query process opens it over rows that
 * it opened read-only, and calls leaves_follow() to see what was added.
 */
#ifndef STORE_LEAVES_H
#define STORE_LEAVES_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "log/tree.h"
#include "model/digest.h"

struct bytes;
struct error;
struct leaves;
struct rows;

enum { LEAVES_TILE = 256, LEAVES_TILE_LEVELS = 8 };

/* The tables are part of the store's schema.  `rows` must outlive it. */
int leaves_open(struct rows *rows, struct leaves **ret_leaves,
    struct error *err) MUST_CHECK;
void leaves_free(struct leaves *leaves);

/* Read the newest size again, after a rollback. */
int leaves_reload(struct leaves *leaves, struct error *err) MUST_CHECK;

/* See what another process added: of a few leaves, only those are read. */
int leaves_follow(struct leaves *leaves, struct error *err) MUST_CHECK;

uint64_t leaves_size(const struct leaves *leaves);
struct digest leaves_root(const struct leaves *leaves);

/*
 * Add a leaf, SHA-256(0x00 || salt || statement), in the open transaction.
 * After a failure the transaction must be given up, and after a rollback
 * leaves_reload() must follow; store_abort() does both.
 */
int leaves_append(struct leaves *leaves, const struct digest *salt,
    const void *statement, size_t len, uint64_t *ret_index,
    struct error *err) MUST_CHECK;

/* ERROR_NOT_FOUND beyond the end.  Appends the statement to `statement`. */
int leaves_find(struct leaves *leaves, uint64_t index, struct digest *ret_salt,
    struct bytes *statement, struct error *err) MUST_CHECK;

/* As tree_path() and tree_consistency(); `size` may be any up to the newest. */
int leaves_path(struct leaves *leaves, uint64_t index, uint64_t size,
    struct digest path[MERKLE_PATH_MAX], size_t *ret_count,
    struct error *err) MUST_CHECK;
int leaves_consistency(struct leaves *leaves, uint64_t old_size, uint64_t size,
    struct digest proof[MERKLE_PATH_MAX], size_t *ret_count,
    struct error *err) MUST_CHECK;

/* As tree_conflict(): for who may hold a checkpoint of another tree. */
int leaves_conflict(struct leaves *leaves, uint64_t old_size, uint64_t size,
    struct digest proof[MERKLE_PATH_MAX], size_t *ret_count,
    struct error *err) MUST_CHECK;

/* The root that the log had when it had `size` leaves. */
int leaves_root_at(struct leaves *leaves, uint64_t size,
    struct digest *ret_root, struct error *err) MUST_CHECK;

/*
 * Append the first `count` hashes of a tile (C2SP tlog-tiles: tile level, tile
 * index).  ERROR_NOT_FOUND if the log has fewer.
 */
int leaves_tile(struct leaves *leaves, unsigned level, uint64_t index,
    size_t count, struct bytes *to, struct error *err) MUST_CHECK;

/* Keep a checkpoint, a signed note, in the open transaction. */
int leaves_checkpoint_add(struct leaves *leaves, uint64_t size,
    const void *note, size_t len, struct error *err) MUST_CHECK;

/*
 * The oldest checkpoint of at least `min_size` leaves, or with UINT64_MAX the
 * newest of all; ERROR_NOT_FOUND.  Appends the note.
 */
int leaves_checkpoint_find(struct leaves *leaves, uint64_t min_size,
    uint64_t *ret_size, struct bytes *note, struct error *err) MUST_CHECK;

/*
 * Recompute every leaf and tile from the statements, and the root; returns -1
 * with ERROR_MALFORMED (E5007) naming the first that differs.  For `doctor`
 * and after restoring a backup.
 */
int leaves_check(struct leaves *leaves, struct digest *ret_root,
    struct error *err) MUST_CHECK;

#endif
