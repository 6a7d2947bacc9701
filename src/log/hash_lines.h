/*
 * Hashes in base64, one a line, up to an empty line: what conflict.h and
 * add_checkpoint.h have in common.
 */
#ifndef LOG_HASH_LINES_H
#define LOG_HASH_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "crypto/merkle.h"
#include "model/digest.h"

struct bytes;
struct cursor;

/* Append the lines and the empty one. */
void hash_lines_put(const struct digest *hashes, size_t count,
    struct bytes *to);

/* False for a line that is no hash, for too many, or without the empty one. */
bool hash_lines_take(struct cursor *cursor,
    struct digest hashes[MERKLE_PATH_MAX], size_t *ret_count);

#endif
