#include "json/json_write.h"

#include <assert.h>
#include <inttypes.h>
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

/* Receipts hold a statement as a string, with a quote every few bytes. */
static void
put_escaped(struct bytes *out, const char *text, size_t len)
{
	enum { PIECE = 512, ESCAPE_MAX = 6 };
	static const char digits[] = "0123456789abcdef";
	char piece[PIECE];
	size_t used = 0;
	size_t plain = 0;

	/* What has nothing to escape, keys in hex among it, is not copied. */
	while (plain < len && escapes[(uint8_t)text[plain]] == 0)
		plain++;
	bytes_put(out, text, plain);
	for (size_t i = plain; i < len; i++) {
		uint8_t c = (uint8_t)text[i];

		if (used > PIECE - ESCAPE_MAX) {
			bytes_put(out, piece, used);
			used = 0;
		}
		if (escapes[c] == 0) {
			piece[used++] = (char)c;
			continue;
		}
		piece[used++] = '\\';
		piece[used++] = escapes[c];
		if (escapes[c] == 'u') {
			piece[used++] = '0';
			piece[used++] = '0';
			piece[used++] = digits[c >> 4];
			piece[used++] = digits[c & 15];
		}
	}
	bytes_put(out, piece, used);
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
	put_key(writer, key);
	bytes_put_format(writer->out, "%" PRId64, value);
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
