#include "document/utf8.h"

#include <stddef.h>

#include "base/bytes.h"

static size_t
length_of(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if (first >= 0xc2 && first <= 0xdf)
		return 2;
	if (first >= 0xe0 && first <= 0xef)
		return 3;
	if (first >= 0xf0 && first <= 0xf4)
		return 4;
	return 0;
}

uint32_t
utf8_next(const char **text)
{
	const unsigned char *at = (const unsigned char *)*text;
	size_t len = length_of(at[0]);
	uint32_t point;

	if (at[0] == 0)
		return 0;
	if (len < 2) {
		*text += 1;
		return len == 1 ? at[0] : UTF8_BROKEN;
	}
	point = at[0] & (0xffU >> (len + 1));
	for (size_t i = 1; i < len; i++) {
		/* This stops at the NUL, too: nothing is read beyond it. */
		if ((at[i] & 0xc0) != 0x80) {
			*text += i;
			return UTF8_BROKEN;
		}
		point = point << 6 | (at[i] & 0x3f);
	}
	*text += len;
	return point;
}

void
utf8_put(struct bytes *to, uint32_t point)
{
	if (point < 0x80) {
		bytes_put_u8(to, (uint8_t)point);
	} else if (point < 0x800) {
		bytes_put_u8(to, (uint8_t)(0xc0 | point >> 6));
		bytes_put_u8(to, (uint8_t)(0x80 | (point & 0x3f)));
	} else if (point < 0x10000) {
		bytes_put_u8(to, (uint8_t)(0xe0 | point >> 12));
		bytes_put_u8(to, (uint8_t)(0x80 | (point >> 6 & 0x3f)));
		bytes_put_u8(to, (uint8_t)(0x80 | (point & 0x3f)));
	} else {
		bytes_put_u8(to, (uint8_t)(0xf0 | point >> 18));
		bytes_put_u8(to, (uint8_t)(0x80 | (point >> 12 & 0x3f)));
		bytes_put_u8(to, (uint8_t)(0x80 | (point >> 6 & 0x3f)));
		bytes_put_u8(to, (uint8_t)(0x80 | (point & 0x3f)));
	}
}

bool
utf8_is_space(uint32_t point)
{
	return point == ' ' || point == '\t' || point == '\n' ||
	    point == '\r' || point == 0xa0 || point == 0x3000 ||
	    (point >= 0x2000 && point <= 0x200a);
}

bool
utf8_is_hidden(uint32_t point)
{
	return point < 0x20 || (point >= 0x7f && point < 0xa0) ||
	    point == 0xad || point == 0x61c || point == 0x180e ||
	    (point >= 0x200b && point <= 0x200f) ||
	    (point >= 0x2028 && point <= 0x202e) ||
	    (point >= 0x2060 && point <= 0x206f) || point == 0xfeff ||
	    point == UTF8_BROKEN || (point >= 0xfff9 && point <= 0xfffb);
}
