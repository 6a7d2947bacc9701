#include "base/bytes.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

void
bytes_free(struct bytes *bytes)
{
	free(bytes->data);
	*bytes = (struct bytes){ 0 };
}

void
bytes_wipe(struct bytes *bytes)
{
	volatile uint8_t *at = bytes->data;

	for (size_t i = 0; i < bytes->size; i++)
		at[i] = 0;
	bytes_free(bytes);
}

void
bytes_clear(struct bytes *bytes)
{
	bytes->len = 0;
	bytes->failed = false;
}

uint8_t *
bytes_extend(struct bytes *bytes, size_t len)
{
	size_t size = bytes->size < 64 ? 64 : bytes->size;
	uint8_t *data;

	if (bytes->failed || len > SIZE_MAX / 2 - bytes->len) {
		bytes->failed = true;
		return NULL;
	}
	while (size < bytes->len + len)
		size *= 2;
	if (size > bytes->size) {
		data = realloc(bytes->data, size);
		if (data == NULL) {
			bytes->failed = true;
			return NULL;
		}
		bytes->data = data;
		bytes->size = size;
	}
	data = bytes->data + bytes->len;
	bytes->len += len;
	return data;
}

void
bytes_put(struct bytes *bytes, const void *data, size_t len)
{
	uint8_t *to = bytes_extend(bytes, len);

	if (to != NULL && len > 0)
		memcpy(to, data, len);
}

void
bytes_put_text(struct bytes *bytes, const char *text)
{
	bytes_put(bytes, text, strlen(text));
}

void
bytes_put_format(struct bytes *bytes, const char *fmt, ...)
{
	va_list args;
	int len;
	uint8_t *to;

	va_start(args, fmt);
	len = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	if (len < 0) {
		bytes->failed = true;
		return;
	}
	to = bytes_extend(bytes, (size_t)len + 1);
	if (to == NULL)
		return;
	va_start(args, fmt);
	vsnprintf((char *)to, (size_t)len + 1, fmt, args);
	va_end(args);
	bytes->len--; /* the NUL is not content */
}

static void
put_integer(struct bytes *bytes, uint64_t value, size_t len)
{
	uint8_t *to = bytes_extend(bytes, len);

	if (to == NULL)
		return;
	for (size_t i = len; i > 0; i--) {
		to[i - 1] = (uint8_t)(value & 0xff);
		value >>= 8;
	}
}

void
bytes_put_u8(struct bytes *bytes, uint8_t value)
{
	/* By far the most frequent: punctuation of texts. */
	if (bytes->len < bytes->size && !bytes->failed)
		bytes->data[bytes->len++] = value;
	else
		put_integer(bytes, value, 1);
}

void
bytes_put_u16(struct bytes *bytes, uint16_t value)
{
	put_integer(bytes, value, 2);
}

void
bytes_put_u32(struct bytes *bytes, uint32_t value)
{
	put_integer(bytes, value, 4);
}

void
bytes_put_u64(struct bytes *bytes, uint64_t value)
{
	put_integer(bytes, value, 8);
}

int
bytes_failed(const struct bytes *bytes, struct error *err)
{
	return bytes->failed ? error_set_memory(err) : 0;
}

struct cursor
cursor_of(const void *data, size_t len)
{
	return (struct cursor){ .data = data, .left = len };
}

const uint8_t *
cursor_take(struct cursor *cursor, size_t len)
{
	const uint8_t *data = cursor->data;

	if (cursor->failed || len > cursor->left) {
		cursor->failed = true;
		cursor->left = 0;
		return NULL;
	}
	if (len > 0)
		cursor->data += len;
	cursor->left -= len;
	return data;
}

const char *
cursor_take_text(struct cursor *cursor)
{
	const uint8_t *end =
	    cursor->left > 0 ? memchr(cursor->data, '\0', cursor->left) : NULL;

	if (end == NULL)
		return NULL;
	return (
	    const char *)cursor_take(cursor, (size_t)(end - cursor->data) + 1);
}

static uint64_t
take_integer(struct cursor *cursor, size_t len)
{
	const uint8_t *data = cursor_take(cursor, len);
	uint64_t value = 0;

	if (data == NULL)
		return 0;
	for (size_t i = 0; i < len; i++)
		value = value << 8 | data[i];
	return value;
}

uint8_t
cursor_u8(struct cursor *cursor)
{
	return (uint8_t)take_integer(cursor, 1);
}

uint16_t
cursor_u16(struct cursor *cursor)
{
	return (uint16_t)take_integer(cursor, 2);
}

uint32_t
cursor_u32(struct cursor *cursor)
{
	return (uint32_t)take_integer(cursor, 4);
}

uint64_t
cursor_u64(struct cursor *cursor)
{
	return take_integer(cursor, 8);
}

void
cursor_copy(struct cursor *cursor, void *to, size_t len)
{
	const uint8_t *data = cursor_take(cursor, len);

	if (data == NULL)
		memset(to, 0, len);
	else if (len > 0)
		memcpy(to, data, len);
}

bool
cursor_done(const struct cursor *cursor)
{
	return !cursor->failed && cursor->left == 0;
}
