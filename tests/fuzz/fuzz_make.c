#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/bytes.h"
#include "base/error.h"
#include "role/reader/reader_work.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* Any bytes give files or findings; never neither. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct message_make request = { blob_of(data, len) };
	struct message_made made;
	struct bytes answer = { 0 };
	struct error err = { 0 };

	if (reader_make(&request, NULL, &answer, &err) < 0 ||
	    codec_decode(message_fields(MESSAGE_MADE), answer.data, answer.len,
		&made, &err) < 0)
		abort();
	if (made.is_made != (made.bundle.len > 0) || made.json.len == 0)
		abort();
	bytes_free(&answer);
	return 0;
}
