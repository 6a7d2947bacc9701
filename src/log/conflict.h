/*
 * Transferable proof that a log told two stories: two checkpoints that it
 * signed and that cannot both be (T-LOG-09).  Of one size, with two roots; or of
 * two sizes, with a consistency proof that leads to the larger root from
 * another smaller one than the log signed.  As text:
 *
 *	yizhan-log-conflict-1
 *	<hash of the proof, base64>	any number of lines
 *
 *	<the smaller checkpoint, a signed note>
 *
 *	<the larger one>
 */
#ifndef LOG_CONFLICT_H
#define LOG_CONFLICT_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "crypto/merkle.h"
#include "log/note.h"
#include "model/digest.h"

struct bytes;
struct error;

enum { CONFLICT_MAX = 2 * NOTE_MAX + 4096 };

/* A parsed one; the notes are borrowed from the text. */
struct conflict {
	const uint8_t *small, *large;
	size_t small_len, large_len;
	struct digest proof[MERKLE_PATH_MAX];
	size_t proof_count;
};

/* Append the text; either note may come first. */
int conflict_put(const void *note, size_t len, const void *other,
    size_t other_len, const struct digest *proof, size_t count,
    struct bytes *to, struct error *err) MUST_CHECK;

/* ERROR_MALFORMED (E5023). */
int conflict_parse(const void *data, size_t len, struct conflict *ret_conflict,
    struct error *err) MUST_CHECK;

/*
 * Whether it proves something: both notes signed by the holder of `public_key`
 * as the log `origin`, and not reconcilable.  ERROR_UNTRUSTED: E5021 signature,
 * E5024 they can both be.  The checkpoints are returned, the smaller first.
 */
int conflict_check(const struct conflict *conflict, const char *origin,
    const uint8_t public_key[NOTE_PUBLIC_LEN],
    struct note_checkpoint ret_checkpoints[2], struct error *err) MUST_CHECK;

#endif
