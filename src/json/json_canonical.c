#include "json/json_canonical.h"

#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "json/json_decode_internal.h"
#include "model/digest.h"

enum { DIGITS_MAX = 18 }; /* of an integer, so that it cannot overflow */

/* ---- scanning -------------------------------------------------------- */

static bool
take(struct cursor *text, const char *literal)
{
	size_t len = strlen(literal);

	if (text->left < len || memcmp(text->data, literal, len) != 0)
		return false;
	text->data += len;
	text->left -= len;
	return true;
}

static bool
take_key(struct cursor *text, const char *name)
{
	struct cursor rest = *text;

	if (!take(&rest, "\"") || !take(&rest, name) || !take(&rest, "\":"))
		return false;
	*text = rest;
	return true;
}

/*
 * A string up to its closing quote, escapes as our writer has them.  Bytes
 * beyond ASCII are looked at when the text is taken out.
 */
static bool
take_string(struct cursor *text, struct cursor *ret_inside)
{
	const uint8_t *data = text->data;
	size_t len = text->left;
	size_t at = 1;

	if (len == 0 || data[0] != '"')
		return false;
	for (; at < len && data[at] != '"'; at++) {
		if (data[at] < 0x20 || data[at] == 0x7f)
			return false;
		if (data[at] != '\\')
			continue;
		if (++at == len ||
		    (data[at] != '"' && data[at] != '\\' && data[at] != 'n'))
			return false;
	}
	if (at >= len)
		return false;
	*ret_inside = cursor_of(data + 1, at - 1);
	text->data += at + 1;
	text->left -= at + 1;
	return true;
}

static bool
take_integer(struct cursor *text, struct cursor *ret_inside)
{
	size_t len = 0;

	while (len < text->left && text->data[len] >= '0' &&
	    text->data[len] <= '9')
		len++;
	if (len == 0 || len > DIGITS_MAX || (text->data[0] == '0' && len > 1))
		return false;
	*ret_inside = cursor_of(text->data, len);
	text->data += len;
	text->left -= len;
	return true;
}

static bool
take_truth(struct cursor *text, struct cursor *ret_inside)
{
	const uint8_t *data = text->data;

	if (!take(text, "true") && !take(text, "false"))
		return false;
	*ret_inside = cursor_of(data, (size_t)(text->data - data));
	return true;
}

/* Strings of digests' length in brackets, which are left out. */
static bool
take_digests(struct cursor *text, struct cursor *ret_inside)
{
	const uint8_t *data = text->data + 1;
	struct cursor item;

	if (!take(text, "["))
		return false;
	if (!take(text, "]")) {
		do {
			if (!take_string(text, &item) ||
			    item.left != DIGEST_TEXT_SIZE - 1)
				return false;
		} while (take(text, ","));
		if (!take(text, "]"))
			return false;
	}
	*ret_inside = cursor_of(data, (size_t)(text->data - data) - 1);
	return true;
}

static bool take_object(struct cursor *text, const struct json_field *fields,
    size_t count, struct json_canonical *found);

static bool
take_value(struct cursor *text, const struct json_field *field,
    struct json_canonical *found)
{
	struct cursor inside = cursor_of(text->data, 0);
	size_t place = found->count;
	bool is_good;

	if (place == JSON_CANONICAL_MAX)
		return false;
	found->count++;
	switch ((int)field->kind) {
	case JSON_FIELD_OBJECT:
		is_good =
		    take_object(text, field->fields, field->field_count, found);
		break;
	case JSON_FIELD_INT:
		is_good = take_integer(text, &inside);
		break;
	case JSON_FIELD_BOOL:
		is_good = take_truth(text, &inside);
		break;
	case JSON_FIELD_DIGESTS:
		is_good = take_digests(text, &inside);
		break;
	case JSON_FIELD_LIST:
	case JSON_FIELD_EACH:
	case JSON_FIELD_VALUE:
		is_good = false;
		break;
	default:
		is_good = take_string(text, &inside);
		break;
	}
	found->spans[place].at = inside.data;
	found->spans[place].len = inside.left;
	return is_good;
}

/* A field that is left out, with all inside of it. */
static bool
skip_value(const struct json_field *field, struct json_canonical *found)
{
	if (found->count == JSON_CANONICAL_MAX ||
	    field->kind == JSON_FIELD_OBJECT)
		return false;
	found->spans[found->count].at = NULL;
	found->spans[found->count++].len = 0;
	return true;
}

static bool
take_object(struct cursor *text, const struct json_field *fields, size_t count,
    struct json_canonical *found)
{
	bool is_first = true;

	if (!take(text, "{"))
		return false;
	for (size_t i = 0; i < count; i++) {
		struct cursor before = *text;

		if ((is_first || take(text, ",")) &&
		    take_key(text, fields[i].name)) {
			if (!take_value(text, &fields[i], found))
				return false;
			is_first = false;
			continue;
		}
		*text = before;
		if (!fields[i].optional || !skip_value(&fields[i], found))
			return false;
	}
	return take(text, "}");
}

bool
json_canonical_scan(const void *data, size_t len,
    const struct json_field *fields, size_t count,
    struct json_canonical *ret_found)
{
	struct cursor text = cursor_of(data, len);

	ret_found->count = 0;
	return take_object(&text, fields, count, ret_found) && text.left == 0;
}

/* ---- decoding -------------------------------------------------------- */

/* The text of a string with a NUL behind it. */
static int
unescape(const uint8_t *data, size_t len, struct bytes *to, struct error *err)
{
	const uint8_t *end = data + len;
	const uint8_t *escape;

	bytes_clear(to);
	while (data < end &&
	    (escape = memchr(data, '\\', (size_t)(end - data))) != NULL) {
		bytes_put(to, data, (size_t)(escape - data));
		bytes_put_u8(to, escape[1] == 'n' ? '\n' : escape[1]);
		data = escape + 2;
	}
	bytes_put(to, data, (size_t)(end - data));
	bytes_put_u8(to, '\0');
	if (bytes_failed(to, err) < 0)
		return -1;
	if (!text_is_utf8(to->data, to->len))
		return error_set(err, ERROR_MALFORMED, "text is not UTF-8");
	return 0;
}

static int
decode_digests(const struct json_field *field, const uint8_t *data, size_t len,
    void *to, void *out, struct error *err)
{
	enum { HEX = DIGEST_TEXT_SIZE - 1, STEP = HEX + 3 };
	size_t count = (len + 1) / STEP;
	struct digest *digests = to;

	if (count > (size_t)field->max)
		return error_set(err, ERROR_MALFORMED, "too many items");
	for (size_t i = 0; i < count; i++) {
		char text[DIGEST_TEXT_SIZE];

		memcpy(text, data + i * STEP + 1, HEX);
		text[HEX] = '\0';
		if (!digest_parse(text, &digests[i]))
			return error_set(err, ERROR_MALFORMED,
			    "\"%.64s\" is not acceptable", text);
	}
	memcpy((char *)out + field->count_offset, &count, sizeof(count));
	return 0;
}

static int64_t
number_of(const uint8_t *data, size_t len)
{
	int64_t number = 0;

	for (size_t i = 0; i < len; i++)
		number = number * 10 + (data[i] - '0');
	return number;
}

static int decode_object(const struct json_canonical *found, size_t *place,
    const struct json_field *fields, size_t count, void *out,
    struct bytes *scratch, struct error *err);

static int
decode_value(const struct json_canonical *found, size_t *place,
    const struct json_field *field, void *out, struct bytes *scratch,
    struct error *err)
{
	const uint8_t *data = found->spans[*place].at;
	size_t len = found->spans[(*place)++].len;
	void *to = (char *)out + field->offset;
	bool truth;

	if (data == NULL)
		return 0;
	switch ((int)field->kind) {
	case JSON_FIELD_OBJECT:
		return decode_object(found, place, field->fields,
		    field->field_count, to, scratch, err);
	case JSON_FIELD_INT:
		return json_decode_number(field, number_of(data, len), to, err);
	case JSON_FIELD_BOOL:
		truth = data[0] == 't';
		memcpy(to, &truth, sizeof(truth));
		return 0;
	case JSON_FIELD_DIGESTS:
		return decode_digests(field, data, len, to, out, err);
	default:
		return unescape(data, len, scratch, err) < 0
		    ? -1
		    : json_decode_string(field, (const char *)scratch->data, to,
			  err);
	}
}

static int
decode_object(const struct json_canonical *found, size_t *place,
    const struct json_field *fields, size_t count, void *out,
    struct bytes *scratch, struct error *err)
{
	for (size_t i = 0; i < count; i++)
		if (decode_value(found, place, &fields[i], out, scratch, err) <
		    0)
			return error_prefix(err, "%s", fields[i].name);
	return 0;
}

int
json_canonical_decode(const struct json_canonical *found,
    const struct json_field *fields, size_t count, void *out,
    struct bytes *scratch, struct error *err)
{
	size_t place = 0;

	return decode_object(found, &place, fields, count, out, scratch, err);
}
