/*
 * Stamps before a checkpoint: what is taken lies inside the input, and says
 * the same when it is put again.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "log/stamp_lines.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct cursor cursor = cursor_of(data, len);
	struct bytes again = { 0 };
	int more;

	for (;;) {
		struct bytes token = { 0 };

		more = stamp_lines_next(&cursor, &token);
		if (more > 0)
			stamp_lines_put(token.data, token.len, &again);
		bytes_free(&token);
		if (more <= 0)
			break;
	}
	stamp_lines_end(&again);
	if (more == 0 &&
	    (again.failed || again.len + cursor.left != len ||
		memcmp(again.data, data, again.len) != 0))
		abort();
	bytes_free(&again);
	return 0;
}
