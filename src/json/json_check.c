#include "json/json_check.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "json/json_read.h"

enum { DIGITS_SURE = 18, DIGITS_MAX = 19 }; /* of a number of 64 bits */

/* ---- what a value is made of ------------------------------------------- */

static void
skip(struct cursor *text, size_t len)
{
	text->data += len;
	text->left -= len;
}

static void
skip_blanks(struct cursor *text)
{
	while (text->left > 0 &&
	    (text->data[0] == ' ' || text->data[0] == '\n' ||
		text->data[0] == '\t' || text->data[0] == '\r'))
		skip(text, 1);
}

static bool
take(struct cursor *text, char wanted)
{
	if (text->left == 0 || text->data[0] != (uint8_t)wanted)
		return false;
	skip(text, 1);
	return true;
}

static bool
take_word(struct cursor *text, const char *word)
{
	size_t len = strlen(word);

	if (text->left < len || memcmp(text->data, word, len) != 0)
		return false;
	skip(text, len);
	return true;
}

static int
hex_digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The four digits behind "\u"; -1 for others. */
static int
take_unit(struct cursor *text)
{
	int unit = 0;

	if (!take(text, 'u') || text->left < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		int digit = hex_digit(text->data[i]);

		if (digit < 0)
			return -1;
		unit = unit * 16 + digit;
	}
	skip(text, 4);
	return unit;
}

/* What follows a backslash: a half of a pair never stands alone, nor a NUL. */
static bool
take_escape(struct cursor *text)
{
	int unit;

	if (text->left > 0 && text->data[0] != '\0' &&
	    strchr("\"\\/bfnrt", text->data[0]) != NULL) {
		skip(text, 1);
		return true;
	}
	unit = take_unit(text);
	if (unit < 0xd800 || unit > 0xdfff)
		return unit > 0;
	if (unit > 0xdbff || !take(text, '\\'))
		return false;
	unit = take_unit(text);
	return unit >= 0xdc00 && unit <= 0xdfff;
}

static bool
take_string(struct cursor *text)
{
	if (!take(text, '"'))
		return false;
	while (text->left > 0) {
		uint8_t c = text->data[0];

		if (c < 0x20)
			return false;
		skip(text, 1);
		if (c == '"')
			return true;
		if (c == '\\' && !take_escape(text))
			return false;
	}
	return false;
}

/* An integer of 64 bits. */
static bool
take_number(struct cursor *text)
{
	bool is_negative = take(text, '-');
	const char *most =
	    is_negative ? "9223372036854775808" : "9223372036854775807";
	const uint8_t *digits = text->data;
	size_t count = 0;

	while (
	    count < text->left && digits[count] >= '0' && digits[count] <= '9')
		count++;
	skip(text, count);
	if (count == 0 || (digits[0] == '0' && count > 1) || count > DIGITS_MAX)
		return false;
	return count <= DIGITS_SURE || memcmp(digits, most, DIGITS_MAX) <= 0;
}

static bool
take_plain(struct cursor *text)
{
	if (text->left > 0 && text->data[0] == '"')
		return take_string(text);
	return take_word(text, "true") || take_word(text, "false") ||
	    take_word(text, "null") || take_number(text);
}

/* ---- objects and arrays ------------------------------------------------- */

/* Which brackets are open: each is an object, or an array. */
struct nest {
	bool is_object[JSON_DEPTH_MAX];
	size_t depth;
};

static bool
take_key(struct cursor *text)
{
	skip_blanks(text);
	if (!take_string(text))
		return false;
	skip_blanks(text);
	return take(text, ':');
}

/* Open one; `*ret_is_empty` if it is closed again at once. */
static bool
open_one(struct cursor *text, struct nest *nest, bool *ret_is_empty)
{
	bool is_object = take(text, '{');

	if ((!is_object && !take(text, '[')) || nest->depth == JSON_DEPTH_MAX)
		return false;
	skip_blanks(text);
	*ret_is_empty = take(text, is_object ? '}' : ']');
	if (*ret_is_empty)
		return true;
	nest->is_object[nest->depth++] = is_object;
	return !is_object || take_key(text);
}

/* Behind a value: what ends with it, up to where the next one begins. */
static bool
go_on(struct cursor *text, struct nest *nest)
{
	for (; nest->depth > 0; nest->depth--) {
		bool is_object = nest->is_object[nest->depth - 1];

		skip_blanks(text);
		if (take(text, ','))
			return !is_object || take_key(text);
		if (!take(text, is_object ? '}' : ']'))
			return false;
	}
	return true;
}

static bool
take_all(struct cursor *text)
{
	struct nest nest = { .depth = 0 };

	do {
		bool is_whole = true;

		skip_blanks(text);
		if (text->left == 0)
			return false;
		if (text->data[0] == '{' || text->data[0] == '[') {
			if (!open_one(text, &nest, &is_whole))
				return false;
		} else if (nest.depth == 0 || !take_plain(text)) {
			return false;
		}
		if (is_whole && !go_on(text, &nest))
			return false;
	} while (nest.depth > 0);
	skip_blanks(text);
	return text->left == 0;
}

int
json_check(const void *data, size_t len, size_t max, struct error *err)
{
	struct cursor text = cursor_of(data, len);

	if (len > max)
		return error_set(err, ERROR_MALFORMED,
		    "JSON of %zu bytes, at most %zu are allowed", len, max);
	if (!take_all(&text))
		return error_set(err, ERROR_MALFORMED,
		    "JSON: wrong at byte %zu of %zu", len - text.left, len);
	if (!text_is_utf8(data, len))
		return error_set(err, ERROR_MALFORMED, "JSON is not UTF-8");
	return 0;
}
