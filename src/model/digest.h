/*
 * A SHA-256 digest as a value.  Computing one is crypto/sha256.h.
 */
#ifndef MODEL_DIGEST_H
#define MODEL_DIGEST_H

#include <stdbool.h>
#include <stdint.h>

enum { DIGEST_LEN = 32, DIGEST_TEXT_SIZE = 65 };

struct digest {
	uint8_t bytes[DIGEST_LEN];
};

bool digest_equal(const struct digest *a, const struct digest *b);

/* 64 lower-case hex digits, the one form used in every object and page. */
void digest_format(const struct digest *digest, char to[DIGEST_TEXT_SIZE]);
bool digest_parse(const char *text, struct digest *ret_digest);

#endif
