#include "log/hash_lines.h"

#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"

void
hash_lines_put(const struct digest *hashes, size_t count, struct bytes *to)
{
	for (size_t i = 0; i < count; i++) {
		base64_put(to, hashes[i].bytes, DIGEST_LEN);
		bytes_put_u8(to, '\n');
	}
	bytes_put_u8(to, '\n');
}

static bool
decode(const char *line, size_t len, struct digest *ret_hash)
{
	struct error ignored = { 0 };
	struct bytes hash = { 0 };
	bool is_good = base64_parse(line, len, &hash, &ignored) == 0 &&
	    hash.len == DIGEST_LEN;

	if (is_good)
		memcpy(ret_hash->bytes, hash.data, DIGEST_LEN);
	bytes_free(&hash);
	return is_good;
}

bool
hash_lines_take(struct cursor *cursor, struct digest hashes[MERKLE_PATH_MAX],
    size_t *ret_count)
{
	size_t count = 0;

	for (;;) {
		const char *line = (const char *)cursor->data;
		const char *end =
		    cursor->left > 0 ? memchr(line, '\n', cursor->left) : NULL;
		size_t len;

		if (end == NULL)
			return false;
		len = (size_t)(end - line);
		cursor_take(cursor, len + 1);
		if (len == 0) {
			*ret_count = count;
			return true;
		}
		if (count == MERKLE_PATH_MAX ||
		    !decode(line, len, &hashes[count++]))
			return false;
	}
}
