#include "base/text.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"

char *
text_dup_len(const char *text, size_t len)
{
	char *copy = malloc(len + 1);

	if (copy == NULL)
		return NULL;
	memcpy(copy, text, len);
	copy[len] = '\0';
	return copy;
}

char *
text_dup(const char *text)
{
	return text_dup_len(text, strlen(text));
}

bool
text_copy_len(char *to, size_t size, const char *text, size_t len)
{
	if (len >= size || memchr(text, '\0', len) != NULL) {
		to[0] = '\0';
		return false;
	}
	memcpy(to, text, len);
	to[len] = '\0';
	return true;
}

bool
text_copy(char *to, size_t size, const char *text)
{
	return text_copy_len(to, size, text, strlen(text));
}

bool
text_equal(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

int
text_find(const char *const *names, int count, const char *name)
{
	for (int i = 0; i < count; i++)
		if (text_equal(names[i], name))
			return i;
	return -1;
}

bool
text_starts(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool
text_ends(const char *text, const char *suffix)
{
	size_t len = strlen(text);
	size_t suffix_len = strlen(suffix);

	return len >= suffix_len && text_equal(text + len - suffix_len, suffix);
}

bool
text_parse_u64(const char *text, uint64_t max, uint64_t *ret_value)
{
	uint64_t value = 0;

	if (text[0] == '\0')
		return false;
	for (; *text != '\0'; text++) {
		uint64_t digit = (uint64_t)(*text - '0');

		if (*text < '0' || *text > '9' || value > max / 10)
			return false;
		value *= 10;
		if (digit > max - value)
			return false;
		value += digit;
	}
	*ret_value = value;
	return true;
}

/* Length of the valid UTF-8 character at `data`, 0 if there is none. */
static size_t
utf8_len(const uint8_t *data, size_t len, uint32_t *ret_point)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t count;
	uint32_t point;

	if (data[0] < 0x80) {
		*ret_point = data[0];
		return 1;
	}
	count = data[0] >= 0xf0 ? 4 : data[0] >= 0xe0 ? 3 : 2;
	if (data[0] < 0xc2 || data[0] > 0xf4 || count > len)
		return 0;
	point = data[0] & (0x7fu >> count);
	for (size_t i = 1; i < count; i++) {
		if ((data[i] & 0xc0) != 0x80)
			return 0;
		point = point << 6 | (data[i] & 0x3fu);
	}
	if (point < least[count] || point > 0x10ffff ||
	    (point >= 0xd800 && point <= 0xdfff))
		return 0;
	*ret_point = point;
	return count;
}

bool
text_is_utf8(const void *data, size_t len)
{
	const uint8_t *at = data;
	uint32_t point;
	uint64_t eight;

	while (len > 0) {
		/* Nearly all of it is ASCII. */
		if (len >= sizeof(eight)) {
			memcpy(&eight, at, sizeof(eight));
			if ((eight & 0x8080808080808080u) == 0) {
				at += sizeof(eight);
				len -= sizeof(eight);
				continue;
			}
		}
		size_t count = at[0] < 0x80 ? 1 : utf8_len(at, len, &point);

		if (count == 0)
			return false;
		at += count;
		len -= count;
	}
	return true;
}

void
hex_format(const void *data, size_t len, char *to)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *from = data;

	for (size_t i = 0; i < len; i++) {
		to[2 * i] = digits[from[i] >> 4];
		to[2 * i + 1] = digits[from[i] & 15];
	}
	to[2 * len] = '\0';
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool
hex_parse(const char *text, void *to, size_t len)
{
	uint8_t *out = to;

	if (strlen(text) != 2 * len)
		return false;
	for (size_t i = 0; i < len; i++) {
		int high = hex_digit(text[2 * i]);
		int low = hex_digit(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		out[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

static const char base64_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void
base64_put(struct bytes *to, const void *data, size_t len)
{
	const uint8_t *from = data;
	uint8_t *out = bytes_extend(to, (len + 2) / 3 * 4);

	if (out == NULL)
		return;
	for (; len >= 3; from += 3, len -= 3) {
		*out++ = (uint8_t)base64_digits[from[0] >> 2];
		*out++ =
		    (uint8_t)base64_digits[(from[0] & 3) << 4 | from[1] >> 4];
		*out++ =
		    (uint8_t)base64_digits[(from[1] & 15) << 2 | from[2] >> 6];
		*out++ = (uint8_t)base64_digits[from[2] & 63];
	}
	if (len == 0)
		return;
	*out++ = (uint8_t)base64_digits[from[0] >> 2];
	if (len == 1) {
		*out++ = (uint8_t)base64_digits[(from[0] & 3) << 4];
		*out++ = '=';
	} else {
		*out++ =
		    (uint8_t)base64_digits[(from[0] & 3) << 4 | from[1] >> 4];
		*out++ = (uint8_t)base64_digits[(from[1] & 15) << 2];
	}
	*out = '=';
}

static int
base64_digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

int
base64_parse(const char *text, size_t len, struct bytes *to, struct error *err)
{
	size_t start = to->len;
	size_t pad = 0;
	uint8_t *out;

	if (len % 4 != 0)
		return error_set(err, ERROR_MALFORMED,
		    "base64 of %zu characters, not a multiple of 4", len);
	while (pad < 2 && pad < len && text[len - 1 - pad] == '=')
		pad++;
	out = bytes_extend(to, len / 4 * 3);
	if (out == NULL)
		return bytes_failed(to, err);
	to->len = start; /* until all of it is good */
	for (size_t i = 0; i < len; i += 4, out += 3) {
		size_t drop = i + 4 == len ? pad : 0;
		uint32_t bits = 0;

		for (size_t j = 0; j < 4; j++) {
			int digit =
			    j >= 4 - drop ? 0 : base64_digit(text[i + j]);

			if (digit < 0)
				return error_set(err, ERROR_MALFORMED,
				    "base64 broken at character %zu", i + j);
			bits = bits << 6 | (uint32_t)digit;
		}
		if ((drop == 1 && (bits & 0xff) != 0) ||
		    (drop == 2 && (bits & 0xffff) != 0))
			return error_set(err, ERROR_MALFORMED,
			    "base64 has stray bits at its end");
		out[0] = (uint8_t)(bits >> 16);
		out[1] = (uint8_t)(bits >> 8);
		out[2] = (uint8_t)bits;
	}
	to->len = start + len / 4 * 3 - pad;
	return 0;
}

static bool
is_printable(uint32_t point)
{
	return point >= 0x20 && point != 0x7f &&
	    !(point >= 0x80 && point < 0xa0) &&
	    !(point >= 0x200b && point <= 0x200f) &&
	    !(point >= 0x2028 && point <= 0x202e) &&
	    !(point >= 0x2060 && point <= 0x206f) && point != 0xfeff;
}

void
text_put_escaped(struct bytes *to, const char *text, size_t len)
{
	const uint8_t *at = (const uint8_t *)text;

	while (len > 0) {
		uint32_t point = 0;
		size_t count = utf8_len(at, len, &point);

		if (count == 0 || !is_printable(point)) {
			count = count == 0 ? 1 : count;
			for (size_t i = 0; i < count; i++)
				bytes_put_format(to, "\\x%02x", at[i]);
		} else {
			if (point == '"' || point == '\\')
				bytes_put_u8(to, '\\');
			bytes_put(to, at, count);
		}
		at += count;
		len -= count;
	}
}
