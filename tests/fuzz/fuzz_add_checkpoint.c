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

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct add_checkpoint request;
	struct bytes again = { 0 };
	struct error err = { 0 };

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
