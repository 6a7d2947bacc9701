#include "model/id.h"

#include <string.h>

#include "base/text.h"

struct id
id_make(int64_t now_ms, const uint8_t random[ID_RANDOM_LEN])
{
	struct id id;
	uint64_t ms = (uint64_t)now_ms;

	for (int i = 5; i >= 0; i--) {
		id.bytes[i] = (uint8_t)(ms & 0xff);
		ms >>= 8;
	}
	memcpy(id.bytes + 6, random, ID_RANDOM_LEN);
	id.bytes[6] = (uint8_t)(0x70 | (id.bytes[6] & 0x0f));
	id.bytes[8] = (uint8_t)(0x80 | (id.bytes[8] & 0x3f));
	return id;
}

bool
id_equal(const struct id *a, const struct id *b)
{
	return id_compare(a, b) == 0;
}

int
id_compare(const struct id *a, const struct id *b)
{
	return memcmp(a->bytes, b->bytes, ID_LEN);
}

bool
id_is_nil(const struct id *id)
{
	static const struct id nil;

	return id_equal(id, &nil);
}

void
id_format(const struct id *id, char to[ID_TEXT_SIZE])
{
	static const int groups[] = { 4, 2, 2, 2, 6 };
	const uint8_t *from = id->bytes;

	for (int i = 0; i < 5; i++) {
		hex_format(from, (size_t)groups[i], to);
		from += groups[i];
		to += 2 * groups[i];
		if (i < 4)
			*to++ = '-';
	}
}

bool
id_parse(const char *text, struct id *ret_id)
{
	char digits[2 * ID_LEN + 1];
	int count = 0;

	if (strlen(text) != ID_TEXT_SIZE - 1)
		return false;
	for (int i = 0; text[i] != '\0'; i++) {
		bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (is_dash != (text[i] == '-'))
			return false;
		if (!is_dash)
			digits[count++] = text[i];
	}
	digits[count] = '\0';
	return hex_parse(digits, ret_id->bytes, ID_LEN);
}
