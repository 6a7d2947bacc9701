#include "model/digest.h"

#include <string.h>

#include "base/text.h"

bool
digest_equal(const struct digest *a, const struct digest *b)
{
	return memcmp(a->bytes, b->bytes, DIGEST_LEN) == 0;
}

void
digest_format(const struct digest *digest, char to[DIGEST_TEXT_SIZE])
{
	hex_format(digest->bytes, DIGEST_LEN, to);
}

bool
digest_parse(const char *text, struct digest *ret_digest)
{
	struct digest digest = { 0 };

	if (!hex_parse(text, digest.bytes, DIGEST_LEN))
		return false;
	*ret_digest = digest;
	return true;
}
