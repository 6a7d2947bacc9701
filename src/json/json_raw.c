#include "json/json_raw.h"

#include <string.h>

#include "base/text.h"

struct json_raw
json_raw_of(const void *data, size_t len)
{
	return (struct json_raw){ data, len };
}

static void
skip(struct json_raw *rest, size_t len)
{
	rest->data += len;
	rest->len -= len;
}

static void
skip_blanks(struct json_raw *rest)
{
	while (rest->len > 0 && strchr(" \t\r\n,:", rest->data[0]) != NULL &&
	    rest->data[0] != '\0')
		skip(rest, 1);
}

/* Length of the string that begins here, with its quotes. */
static size_t
string_len(struct json_raw text)
{
	size_t at = 1;

	/* Most are long and without escapes: base64. */
	while (at < text.len) {
		const char *from = text.data + at;
		const char *quote = memchr(from, '"', text.len - at);
		size_t len =
		    quote == NULL ? text.len - at : (size_t)(quote - from);
		const char *escape = memchr(from, '\\', len);

		if (escape == NULL)
			return quote == NULL ? text.len : at + len + 1;
		at += (size_t)(escape - from) + 2;
	}
	return text.len;
}

/* Length of the object or array that begins here. */
static size_t
nested_len(struct json_raw text)
{
	struct json_raw rest = text;
	size_t depth = 0;

	while (rest.len > 0) {
		char next = rest.data[0];

		if (next == '"') {
			skip(&rest, string_len(rest));
			continue;
		}
		skip(&rest, 1);
		if (next == '{' || next == '[')
			depth++;
		else if ((next == '}' || next == ']') && --depth == 0)
			break;
	}
	return text.len - rest.len;
}

static size_t
value_len(struct json_raw text)
{
	size_t at = 0;

	if (text.len == 0)
		return 0;
	if (text.data[0] == '"')
		return string_len(text);
	if (text.data[0] == '{' || text.data[0] == '[')
		return nested_len(text);
	while (at < text.len &&
	    (text.data[at] == '\0' ||
		strchr(" \t\r\n,]}", text.data[at]) == NULL))
		at++;
	return at;
}

/* The next value inside an object or array; false at its end. */
static bool
take_value(struct json_raw *rest, struct json_raw *ret_value)
{
	skip_blanks(rest);
	ret_value->data = rest->data;
	ret_value->len = value_len(*rest);
	skip(rest, ret_value->len);
	return ret_value->len > 0;
}

/* What is inside the brackets; nothing if it does not begin with this one. */
static struct json_raw
inside(struct json_raw value, char bracket)
{
	skip_blanks(&value);
	if (value.len == 0 || value.data[0] != bracket)
		return (struct json_raw){ value.data, 0 };
	skip(&value, 1);
	return value;
}

bool
json_raw_member(struct json_raw object, const char *name,
    struct json_raw *ret_value)
{
	struct json_raw key;
	struct json_raw value;

	object = inside(object, '{');
	while (take_value(&object, &key) && take_value(&object, &value)) {
		if (json_raw_is_text(key, name)) {
			*ret_value = value;
			return true;
		}
	}
	return false;
}

void
json_raw_members(struct json_raw object, const char *const *names, size_t count,
    struct json_raw *values)
{
	struct json_raw key;
	struct json_raw value;

	memset(values, 0, count * sizeof(*values));
	object = inside(object, '{');
	while (take_value(&object, &key) && take_value(&object, &value))
		for (size_t i = 0; i < count; i++)
			if (values[i].data == NULL &&
			    json_raw_is_text(key, names[i]))
				values[i] = value;
}

bool
json_raw_is_text(struct json_raw value, const char *text)
{
	size_t len = strlen(text);

	return value.len == len + 2 && value.data[0] == '"' &&
	    memcmp(value.data + 1, text, len) == 0;
}

bool
json_raw_text(struct json_raw value, char *to, size_t size)
{
	return value.len >= 2 && value.data[0] == '"' &&
	    memchr(value.data, '\\', value.len) == NULL &&
	    text_copy_len(to, size, value.data + 1, value.len - 2);
}

bool
json_raw_number(struct json_raw value, uint64_t max, uint64_t *ret_number)
{
	char text[24];

	return text_copy_len(text, sizeof(text), value.data, value.len) &&
	    text_parse_u64(text, max, ret_number);
}

struct json_raw
json_raw_items(struct json_raw array)
{
	return inside(array, '[');
}

bool
json_raw_next(struct json_raw *rest, struct json_raw *ret_item)
{
	return take_value(rest, ret_item);
}
