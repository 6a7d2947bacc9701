/*
 * Requests to a witness: what is parsed is written again as it was.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "log/add_checkpoint.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* The same with several proofs: each is taken once, in order. */
static void
take_all(const uint8_t *data, size_t len)
{
	struct cursor cursor = cursor_of(data, len);
	struct digest proof[MERKLE_PATH_MAX];
	size_t left = len;
	uint64_t old;
	size_t count;

	while (add_checkpoint_next(&cursor, &old, proof, &count) > 0) {
		if (cursor.left >= left || count > MERKLE_PATH_MAX)
			abort();
		left = cursor.left;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct add_checkpoint request;
	struct bytes again = { 0 };
	struct error err = { 0 };

	take_all(data, len);
	if (add_checkpoint_parse(data, len, &request, &err) < 0)
		return 0;
	if (add_checkpoint_put(request.old_size, request.proof,
		request.proof_count, request.note, request.note_len, &again,
		&err) < 0 ||
	    again.len != len || memcmp(again.data, data, len) != 0)
		abort();
	bytes_free(&again);
	return 0;
}
