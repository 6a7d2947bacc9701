#include "json/json_write.h"

#include <assert.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "json/json_read.h"
#include "model/digest.h"
#include "model/id.h"
#include "model/org.h"
#include "model/times.h"

enum { WRITER_DEPTH_MAX = 31 };

struct json_writer
json_writer_to(struct bytes *out)
{
	return (struct json_writer){ .out = out };
}

/* The letter behind the backslash; 'u' for one that is spelled out; else 0. */
static const char escapes[256] = {
	[0] = 'u',
	[1] = 'u',
	[2] = 'u',
	[3] = 'u',
	[4] = 'u',
	[5] = 'u',
	[6] = 'u',
	[7] = 'u',
	['\b'] = 'b',
	['\t'] = 't',
	['\n'] = 'n',
	[11] = 'u',
	['\f'] = 'f',
	['\r'] = 'r',
	[14] = 'u',
	[15] = 'u',
	[16] = 'u',
	[17] = 'u',
	[18] = 'u',
	[19] = 'u',
	[20] = 'u',
	[21] = 'u',
	[22] = 'u',
	[23] = 'u',
	[24] = 'u',
	[25] = 'u',
	[26] = 'u',
	[27] = 'u',
	[28] = 'u',
	[29] = 'u',
	[30] = 'u',
	[31] = 'u',
	['"'] = '"',
	['\\'] = '\\',
};

/* Eight bytes as they lie, the first one lowest. */
static uint64_t
load_eight(const char *text)
{
	const uint8_t *at = (const uint8_t *)text;

	return (uint64_t)at[0] | (uint64_t)at[1] << 8 | (uint64_t)at[2] << 16 |
	    (uint64_t)at[3] << 24 | (uint64_t)at[4] << 32 |
	    (uint64_t)at[5] << 40 | (uint64_t)at[6] << 48 |
	    (uint64_t)at[7] << 56;
}

/* How many of eight bytes come before the first one to be escaped. */
static size_t
plain_of_eight(uint64_t eight)
{
	const uint64_t ones = 0x0101010101010101u, tops = ones << 7;
	uint64_t quote = eight ^ ones * '"', slash = eight ^ ones * '\\';
	/* The lowest bit that is left is right; borrows go upwards. */
	uint64_t found = ((eight - ones * ' ') & ~eight) |
	    ((quote - ones) & ~quote) | ((slash - ones) & ~slash);

	found &= tops;
	return found == 0 ? 8 : (size_t)__builtin_ctzll(found) / 8;
}

static uint8_t *
put_escape(uint8_t *to, uint8_t c)
{
	static const char digits[] = "0123456789abcdef";

	*to++ = '\\';
	*to++ = (uint8_t)escapes[c];
	if (escapes[c] == 'u') {
		*to++ = '0';
		*to++ = '0';
		*to++ = (uint8_t)digits[c >> 4];
		*to++ = (uint8_t)digits[c & 15];
	}
	return to;
}

/*
 * Receipts hold a statement as a string, with a quote every few bytes and an
 * act without any: eight bytes are copied, and as many of them count as are
 * plain.  `to` has room for PIECE escapes.
 */
static uint8_t *
put_piece(uint8_t *to, const char *text, size_t len)
{
	size_t i = 0;

	while (i < len) {
		if (len - i >= 8) {
			size_t plain = plain_of_eight(load_eight(text + i));

			memcpy(to, text + i, 8);
			to += plain;
			i += plain;
			if (plain == 8)
				continue;
		}
		if (escapes[(uint8_t)text[i]] == 0)
			*to++ = (uint8_t)text[i];
		else
			to = put_escape(to, (uint8_t)text[i]);
		i++;
	}
	return to;
}

enum { PIECE = 1024, ESCAPE_MAX = 6 };

static void
put_escaped(struct bytes *out, const char *text, size_t len)
{
	while (len > 0) {
		size_t part = len < PIECE ? len : PIECE;
		uint8_t *to = bytes_extend(out, part * ESCAPE_MAX);

		if (to == NULL)
			return;
		out->len = (size_t)(put_piece(to, text, part) - out->data);
		text += part;
		len -= part;
	}
}

static void
put_quoted(struct json_writer *writer, const char *text, size_t len)
{
	if (!text_is_utf8(text, len) || memchr(text, '\0', len) != NULL)
		writer->bad_text = true;
	bytes_put_u8(writer->out, '"');
	put_escaped(writer->out, text, len);
	bytes_put_u8(writer->out, '"');
}

/* The comma and the key that go before a value. */
static void
put_key(struct json_writer *writer, const char *key)
{
	uint32_t level = (uint32_t)1 << writer->depth;

	if (writer->depth > 0 && (writer->has_items & level) != 0)
		bytes_put_u8(writer->out, ',');
	writer->has_items |= level;
	assert((key == NULL) ==
	    (writer->depth == 0 || (writer->is_array & level) != 0));
	if (key == NULL)
		return;
	put_quoted(writer, key, strlen(key));
	bytes_put_u8(writer->out, ':');
}

static void
begin(struct json_writer *writer, const char *key, bool is_array)
{
	uint32_t level;

	put_key(writer, key);
	assert(writer->depth < WRITER_DEPTH_MAX);
	writer->depth++;
	level = (uint32_t)1 << writer->depth;
	writer->has_items &= ~level;
	writer->is_array &= ~level;
	if (is_array)
		writer->is_array |= level;
	bytes_put_u8(writer->out, is_array ? '[' : '{');
}

void
json_write_begin_object(struct json_writer *writer, const char *key)
{
	begin(writer, key, false);
}

void
json_write_begin_array(struct json_writer *writer, const char *key)
{
	begin(writer, key, true);
}

void
json_write_end(struct json_writer *writer)
{
	uint32_t level = (uint32_t)1 << writer->depth;

	assert(writer->depth > 0);
	bytes_put_u8(writer->out, (writer->is_array & level) != 0 ? ']' : '}');
	writer->depth--;
}

void
json_write_text_len(struct json_writer *writer, const char *key,
    const char *text, size_t len)
{
	put_key(writer, key);
	put_quoted(writer, text, len);
}

void
json_write_text(struct json_writer *writer, const char *key, const char *text)
{
	json_write_text_len(writer, key, text, strlen(text));
}

void
json_write_int(struct json_writer *writer, const char *key, int64_t value)
{
	/* With its sign; printf() would take longer than the rest of a field. */
	char text[20];
	size_t at = sizeof(text);
	uint64_t left = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;

	put_key(writer, key);
	do
		text[--at] = (char)('0' + left % 10);
	while ((left /= 10) > 0);
	if (value < 0)
		text[--at] = '-';
	bytes_put(writer->out, text + at, sizeof(text) - at);
}

void
json_write_bool(struct json_writer *writer, const char *key, bool value)
{
	put_key(writer, key);
	bytes_put_text(writer->out, value ? "true" : "false");
}

void
json_write_null(struct json_writer *writer, const char *key)
{
	put_key(writer, key);
	bytes_put_text(writer->out, "null");
}

void
json_write_digest(struct json_writer *writer, const char *key,
    const struct digest *value)
{
	json_write_hex(writer, key, value->bytes, sizeof(value->bytes));
}

void
json_write_id(struct json_writer *writer, const char *key,
    const struct id *value)
{
	char text[ID_TEXT_SIZE];

	id_format(value, text);
	json_write_text(writer, key, text);
}

void
json_write_org(struct json_writer *writer, const char *key,
    const struct org_code *value)
{
	json_write_text(writer, key, value->text);
}

void
json_write_time(struct json_writer *writer, const char *key, int64_t at_ms)
{
	char text[TIMES_RFC3339_SIZE];

	times_format(at_ms, text);
	json_write_text(writer, key, text);
}

void
json_write_hex(struct json_writer *writer, const char *key, const void *data,
    size_t len)
{
	uint8_t *to;

	put_key(writer, key);
	bytes_put_u8(writer->out, '"');
	/* The end of the digits gives way to the quote. */
	to = bytes_extend(writer->out, 2 * len + 1);
	if (to == NULL)
		return;
	hex_format(data, len, (char *)to);
	to[2 * len] = '"';
}

void
json_write_base64(struct json_writer *writer, const char *key, const void *data,
    size_t len)
{
	put_key(writer, key);
	bytes_put_u8(writer->out, '"');
	base64_put(writer->out, data, len);
	bytes_put_u8(writer->out, '"');
}

void
json_write_raw(struct json_writer *writer, const char *key, const void *json,
    size_t len)
{
	put_key(writer, key);
	bytes_put(writer->out, json, len);
}

int
json_write_value(struct json_writer *writer, const char *key,
    const struct json_value *value, struct error *err)
{
	struct bytes text = { 0 };
	int rc = json_value_put(value, &text, err);

	if (rc == 0)
		json_write_raw(writer, key, text.data, text.len);
	bytes_free(&text);
	return rc;
}

int
json_write_done(const struct json_writer *writer, struct error *err)
{
	assert(writer->depth == 0);
	if (bytes_failed(writer->out, err) < 0)
		return -1;
	if (writer->bad_text)
		return error_set(err, ERROR_MALFORMED,
		    "text to be written as JSON is not UTF-8");
	return 0;
}
