#define ZLIB_CONST /* what goes in is only read */
#include "package/zip_stream.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "package/crc32.h"

enum {
	VERSION = 20,
	FLAG_LATER = 1 << 3, /* lengths follow the data */
	FLAG_UTF8 = 1 << 11,
	STORED = 0,
	DEFLATED = 8,
	DATE_1980 = 0x21, /* the first day that there is */
	CHUNK = 8192,
	RAW_WINDOW = -15,
	MEMORY_LEVEL = 8,
};

#define LOCAL UINT32_C(0x04034b50)
#define LATER UINT32_C(0x08074b50)
#define CENTRAL UINT32_C(0x02014b50)
#define END UINT32_C(0x06054b50)

struct stream_entry {
	char name[ZIP_STREAM_NAME_SIZE];
	uint16_t flags;
	uint16_t method;
	uint32_t crc32;
	uint64_t packed;
	uint64_t size;
	uint64_t offset;
};

struct zip_stream {
	struct stream_entry entries[ZIP_STREAM_ENTRIES_MAX];
	size_t count;
	uint64_t offset; /* of what comes next */
	z_stream deflate;
	bool is_open; /* `deflate` has to be ended */
};

static void
put_u16(struct bytes *to, unsigned value)
{
	bytes_put_u8(to, (uint8_t)value);
	bytes_put_u8(to, (uint8_t)(value >> 8));
}

static void
put_u32(struct bytes *to, uint64_t value)
{
	put_u16(to, (unsigned)(value & 0xffff));
	put_u16(to, (unsigned)(value >> 16 & 0xffff));
}

int
zip_stream_new(struct zip_stream **ret_stream, struct error *err)
{
	struct zip_stream *stream = calloc(1, sizeof(*stream));

	if (stream == NULL)
		return error_set_memory(err);
	*ret_stream = stream;
	return 0;
}

void
zip_stream_free(struct zip_stream *stream)
{
	if (stream == NULL)
		return;
	if (stream->is_open)
		deflateEnd(&stream->deflate);
	free(stream);
}

/* What local header and directory have in common. */
static void
put_common(const struct stream_entry *entry, bool is_known, struct bytes *to)
{
	put_u16(to, VERSION);
	put_u16(to, entry->flags);
	put_u16(to, entry->method);
	put_u16(to, 0);
	put_u16(to, DATE_1980);
	put_u32(to, is_known ? entry->crc32 : 0);
	put_u32(to, is_known ? entry->packed : 0);
	put_u32(to, is_known ? entry->size : 0);
	put_u16(to, (unsigned)strlen(entry->name));
	put_u16(to, 0);
}

static int
begin(struct zip_stream *stream, const char *name, uint16_t method,
    struct stream_entry **ret_entry, struct error *err)
{
	struct stream_entry *entry;

	if (stream->count == ZIP_STREAM_ENTRIES_MAX ||
	    strlen(name) >= ZIP_STREAM_NAME_SIZE)
		return error_set(err, ERROR_SYSTEM, "no room for %s", name);
	entry = &stream->entries[stream->count++];
	text_copy(entry->name, sizeof(entry->name), name);
	entry->method = method;
	entry->flags = method == DEFLATED ? FLAG_LATER | FLAG_UTF8 : 0;
	entry->offset = stream->offset;
	*ret_entry = entry;
	return 0;
}

static void
put_local(struct zip_stream *stream, const struct stream_entry *entry,
    struct bytes *to)
{
	size_t before = to->len;

	put_u32(to, LOCAL);
	put_common(entry, entry->method == STORED, to);
	bytes_put(to, entry->name, strlen(entry->name));
	stream->offset += to->len - before;
}

int
zip_stream_add(struct zip_stream *stream, const char *name, const void *data,
    size_t len, struct bytes *to, struct error *err)
{
	struct stream_entry *entry;

	if (begin(stream, name, STORED, &entry, err) < 0)
		return -1;
	entry->crc32 = crc32_update(0, data, len);
	entry->packed = entry->size = len;
	put_local(stream, entry, to);
	bytes_put(to, data, len);
	stream->offset += len;
	return bytes_failed(to, err);
}

int
zip_stream_begin(struct zip_stream *stream, const char *name, struct bytes *to,
    struct error *err)
{
	struct stream_entry *entry;

	if (begin(stream, name, DEFLATED, &entry, err) < 0)
		return -1;
	stream->deflate = (z_stream){ 0 };
	if (deflateInit2(&stream->deflate, Z_DEFAULT_COMPRESSION, Z_DEFLATED,
		RAW_WINDOW, MEMORY_LEVEL, Z_DEFAULT_STRATEGY) != Z_OK)
		return error_set_memory(err);
	stream->is_open = true;
	put_local(stream, entry, to);
	return bytes_failed(to, err);
}

/* All that is there, or, with Z_FINISH, all that is left. */
static int
run(struct zip_stream *stream, int flush, struct bytes *to, struct error *err)
{
	struct stream_entry *entry = &stream->entries[stream->count - 1];
	uint8_t chunk[CHUNK];
	int rc;

	do {
		size_t len;

		stream->deflate.next_out = chunk;
		stream->deflate.avail_out = sizeof(chunk);
		rc = deflate(&stream->deflate, flush);
		if (rc == Z_STREAM_ERROR)
			return error_set(err, ERROR_SYSTEM, "deflate failed");
		len = sizeof(chunk) - stream->deflate.avail_out;
		bytes_put(to, chunk, len);
		entry->packed += len;
		stream->offset += len;
	} while (stream->deflate.avail_out == 0);
	return bytes_failed(to, err);
}

int
zip_stream_put(struct zip_stream *stream, const void *data, size_t len,
    struct bytes *to, struct error *err)
{
	struct stream_entry *entry = &stream->entries[stream->count - 1];

	entry->crc32 = crc32_update(entry->crc32, data, len);
	entry->size += len;
	if (entry->size > UINT32_MAX)
		return error_set(err, ERROR_SYSTEM, "%s has more than 4 GiB",
		    entry->name);
	stream->deflate.next_in = data;
	stream->deflate.avail_in = (uInt)len;
	return run(stream, Z_NO_FLUSH, to, err);
}

int
zip_stream_end(struct zip_stream *stream, struct bytes *to, struct error *err)
{
	const struct stream_entry *entry = &stream->entries[stream->count - 1];
	size_t before;

	stream->deflate.next_in = NULL;
	stream->deflate.avail_in = 0;
	if (run(stream, Z_FINISH, to, err) < 0)
		return -1;
	deflateEnd(&stream->deflate);
	stream->is_open = false;
	before = to->len;
	put_u32(to, LATER);
	put_u32(to, entry->crc32);
	put_u32(to, entry->packed);
	put_u32(to, entry->size);
	stream->offset += to->len - before;
	return bytes_failed(to, err);
}

static void
put_central(const struct stream_entry *entry, struct bytes *to)
{
	put_u32(to, CENTRAL);
	put_u16(to, VERSION);
	put_common(entry, true, to);
	put_u16(to, 0); /* comment */
	put_u16(to, 0); /* disk */
	put_u16(to, 0);
	put_u32(to, 0);
	put_u32(to, entry->offset);
	bytes_put(to, entry->name, strlen(entry->name));
}

int
zip_stream_finish(struct zip_stream *stream, struct bytes *to,
    struct error *err)
{
	uint64_t offset = stream->offset;
	size_t before = to->len;

	for (size_t i = 0; i < stream->count; i++)
		put_central(&stream->entries[i], to);
	stream->offset += to->len - before;
	if (stream->offset > UINT32_MAX)
		return error_set(err, ERROR_SYSTEM, "more than 4 GiB");
	put_u32(to, END);
	put_u32(to, 0);
	put_u16(to, (unsigned)stream->count);
	put_u16(to, (unsigned)stream->count);
	put_u32(to, stream->offset - offset);
	put_u32(to, offset);
	put_u16(to, 0);
	return bytes_failed(to, err);
}
