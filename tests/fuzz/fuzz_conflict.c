/*
 * Proofs of a conflict: what is parsed can be written again and is the same,
 * and nothing is proven by a key that signed nothing.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "log/conflict.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const uint8_t public_key[NOTE_PUBLIC_LEN] = { 1 };
	struct note_checkpoint checkpoints[2];
	struct conflict conflict;
	struct bytes again = { 0 };
	struct error err = { 0 };
	struct note note;

	if (conflict_parse(data, len, &conflict, &err) < 0)
		return 0;
	if (conflict.small < data || conflict.large < conflict.small ||
	    conflict.large + conflict.large_len != data + len)
		abort();
	if (note_parse(conflict.small, conflict.small_len, &note, &err) == 0 &&
	    conflict_check(&conflict, note.checkpoint.origin, public_key,
		checkpoints, &err) == 0)
		abort();
	if (conflict_put(conflict.small, conflict.small_len, conflict.large,
		conflict.large_len, conflict.proof, conflict.proof_count,
		&again, &err) == 0 &&
	    again.len != len)
		abort();
	bytes_free(&again);
	return 0;
}
