#include "role/codec.h"

#include <stdbool.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "model/digest.h"
#include "model/id.h"

static void
encode_error(const struct error *from, struct bytes *to)
{
	bytes_put_u8(to, (uint8_t)from->code);
	bytes_put_u16(to, (uint16_t)strlen(from->id));
	bytes_put_text(to, from->id);
	bytes_put_u16(to, (uint16_t)strlen(from->text));
	bytes_put_text(to, from->text);
	bytes_put_u32(to, from->retry_after_s);
}

static void
encode_text(const char *text, struct bytes *to)
{
	size_t len = strlen(text);

	bytes_put_u32(to, (uint32_t)len);
	bytes_put(to, text, len);
}

static void
encode_blob(const struct blob *blob, struct bytes *to)
{
	bytes_put_u32(to, (uint32_t)blob->len);
	bytes_put(to, blob->data, blob->len);
}

static void
encode_integer(enum codec_kind kind, const void *from, struct bytes *to)
{
	bool flag;
	uint16_t u16;
	uint32_t u32;
	uint64_t u64;

	if (kind == CODEC_BOOL) {
		memcpy(&flag, from, sizeof(flag));
		bytes_put_u8(to, flag ? 1 : 0);
	} else if (kind == CODEC_U8) {
		bytes_put(to, from, 1);
	} else if (kind == CODEC_U16) {
		memcpy(&u16, from, sizeof(u16));
		bytes_put_u16(to, u16);
	} else if (kind == CODEC_U32) {
		memcpy(&u32, from, sizeof(u32));
		bytes_put_u32(to, u32);
	} else {
		memcpy(&u64, from, sizeof(u64));
		bytes_put_u64(to, u64);
	}
}

static void
encode_field(const struct codec_field *field, const void *from,
    struct bytes *to)
{
	switch (field->kind) {
	case CODEC_BOOL:
	case CODEC_U8:
	case CODEC_U16:
	case CODEC_U32:
	case CODEC_U64:
	case CODEC_TIME:
		encode_integer(field->kind, from, to);
		break;
	case CODEC_DIGEST:
		bytes_put(to, from, DIGEST_LEN);
		break;
	case CODEC_ID:
		bytes_put(to, from, ID_LEN);
		break;
	case CODEC_TEXT:
		encode_text(from, to);
		break;
	case CODEC_BLOB:
		encode_blob(from, to);
		break;
	case CODEC_ERROR:
		encode_error(from, to);
		break;
	case CODEC_END:
		break;
	}
}

void
codec_encode(const struct codec_field *fields, const void *from,
    struct bytes *to)
{
	for (; fields->kind != CODEC_END; fields++)
		encode_field(fields, (const char *)from + fields->offset, to);
}

/* Text of `len` bytes into an array of `size`; no NUL inside. */
static bool
decode_text(struct cursor *cursor, size_t len, char *to, size_t size)
{
	const uint8_t *data = cursor_take(cursor, len);

	if (data == NULL || len >= size || memchr(data, '\0', len) != NULL)
		return false;
	memcpy(to, data, len);
	to[len] = '\0';
	return true;
}

static bool
decode_error(struct cursor *cursor, struct error *to)
{
	uint8_t code = cursor_u8(cursor);

	if (code > ERROR_SYSTEM)
		return false;
	to->code = (enum error_code)code;
	if (!decode_text(cursor, cursor_u16(cursor), to->id, sizeof(to->id)) ||
	    !decode_text(cursor, cursor_u16(cursor), to->text,
		sizeof(to->text)))
		return false;
	to->retry_after_s = cursor_u32(cursor);
	return true;
}

static bool
decode_integer(enum codec_kind kind, struct cursor *cursor, void *to)
{
	uint8_t u8;
	uint16_t u16;
	uint32_t u32;
	uint64_t u64;
	bool flag;

	if (kind == CODEC_BOOL) {
		u8 = cursor_u8(cursor);
		flag = u8 == 1;
		memcpy(to, &flag, sizeof(flag));
		return u8 <= 1;
	}
	if (kind == CODEC_U8) {
		cursor_copy(cursor, to, 1);
	} else if (kind == CODEC_U16) {
		u16 = cursor_u16(cursor);
		memcpy(to, &u16, sizeof(u16));
	} else if (kind == CODEC_U32) {
		u32 = cursor_u32(cursor);
		memcpy(to, &u32, sizeof(u32));
	} else {
		u64 = cursor_u64(cursor);
		memcpy(to, &u64, sizeof(u64));
	}
	return true;
}

static bool
decode_field(const struct codec_field *field, struct cursor *cursor, void *to)
{
	struct blob blob;

	switch (field->kind) {
	case CODEC_BOOL:
	case CODEC_U8:
	case CODEC_U16:
	case CODEC_U32:
	case CODEC_U64:
	case CODEC_TIME:
		return decode_integer(field->kind, cursor, to);
	case CODEC_DIGEST:
		cursor_copy(cursor, to, DIGEST_LEN);
		return true;
	case CODEC_ID:
		cursor_copy(cursor, to, ID_LEN);
		return true;
	case CODEC_TEXT:
		return decode_text(cursor, cursor_u32(cursor), to, field->size);
	case CODEC_BLOB:
		blob.len = cursor_u32(cursor);
		blob.data = cursor_take(cursor, blob.len);
		memcpy(to, &blob, sizeof(blob));
		return blob.data != NULL;
	case CODEC_ERROR:
		return decode_error(cursor, to);
	case CODEC_END:
		break;
	}
	return true;
}

static int
decode(const struct codec_field *fields, struct cursor *cursor, void *to,
    struct error *err)
{
	for (int i = 0; fields[i].kind != CODEC_END; i++)
		if (!decode_field(&fields[i], cursor,
			(char *)to + fields[i].offset) ||
		    cursor->failed)
			return error_set(err, ERROR_MALFORMED,
			    "message between roles is broken at field %d", i);
	return 0;
}

int
codec_decode(const struct codec_field *fields, const void *data, size_t len,
    void *to, struct error *err)
{
	struct cursor cursor = cursor_of(data, len);

	if (decode(fields, &cursor, to, err) < 0)
		return -1;
	if (!cursor_done(&cursor))
		return error_set(err, ERROR_MALFORMED,
		    "message between roles has %zu bytes left over",
		    cursor.left);
	return 0;
}

int
codec_next(const struct codec_field *fields, struct blob *list, void *to,
    struct error *err)
{
	struct cursor cursor = cursor_of(list->data, list->len);

	if (list->len == 0)
		return 0;
	if (decode(fields, &cursor, to, err) < 0)
		return -1;
	*list = blob_of(cursor.data, cursor.left);
	return 1;
}

struct blob
blob_of(const void *data, size_t len)
{
	return (struct blob){ .data = data, .len = len };
}

struct blob
blob_of_bytes(const struct bytes *bytes)
{
	return blob_of(bytes->data, bytes->len);
}
