/*
 * What a log sends to its witnesses (C2SP tlog-witness, add-checkpoint):
 *
 *	old <size that the witness has cosigned>
 *	<hash of the consistency proof, base64>		any number of lines
 *
 *	<the checkpoint, a signed note>
 */
#ifndef LOG_ADD_CHECKPOINT_H
#define LOG_ADD_CHECKPOINT_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "crypto/merkle.h"
#include "log/note.h"
#include "model/digest.h"

struct bytes;
struct cursor;
struct error;

enum { ADD_CHECKPOINT_MAX = NOTE_MAX + 4096 };

/* The note is borrowed from the text. */
struct add_checkpoint {
	uint64_t old_size;
	struct digest proof[MERKLE_PATH_MAX];
	size_t proof_count;
	const uint8_t *note;
	size_t note_len;
};

int add_checkpoint_put(uint64_t old_size, const struct digest *proof,
    size_t count, const void *note, size_t note_len, struct bytes *to,
    struct error *err) MUST_CHECK;

/*
 * The same shape with several proofs, each from another old size to the one
 * checkpoint: what a center answers to who holds older ones.  Take the next
 * "old" with its proof from the front: 1, 0 when none follows and the note is
 * what is left, or -1 for what is malformed.
 */
int add_checkpoint_next(struct cursor *cursor, uint64_t *ret_old_size,
    struct digest proof[MERKLE_PATH_MAX], size_t *ret_count);
void add_checkpoint_put_proof(uint64_t old_size, const struct digest *proof,
    size_t count, struct bytes *to);

/* ERROR_MALFORMED (E5025).  The note itself is not looked into. */
int add_checkpoint_parse(const void *data, size_t len,
    struct add_checkpoint *ret_request, struct error *err) MUST_CHECK;

#endif
