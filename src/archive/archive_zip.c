/*
 * The two lists of a ZIP: the directory at its end, and the headers in front
 * of each entry.  Programs differ in which one they believe, so they must say
 * the same; and no byte may belong to nothing, or to two entries.
 */
#include <stdlib.h>
#include <string.h>

#include "archive/archive_internal.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"

enum {
	LOCAL_LEN = 30,
	CENTRAL_LEN = 46,
	END_LEN = 22,
	END64_LEN = 56,
	LOCATOR_LEN = 20,
	COMMENT_MAX = 65535,
	DESCRIPTOR_MAX = 24,

	FLAG_ENCRYPTED = 1,
	FLAG_DESCRIPTOR = 1 << 3,
	FLAG_STRONG = 1 << 6,
	FLAG_MASKED = 1 << 13,

	METHOD_STORED = 0,
	METHOD_DEFLATED = 8,
	METHOD_BZIP2 = 12,
	METHOD_LZMA = 14,
	METHOD_XZ = 95,
	METHOD_AES = 99,

	EXTRA_ZIP64 = 0x0001,
	EXTRA_UNICODE_PATH = 0x7075,
	UNICODE_PATH_HEAD = 5, /* version, CRC-32 of the other name */

	MODE_TYPE = 0170000,
	MODE_FOLDER = 0040000,
	MODE_FILE = 0100000,
};

#define LOCAL_SIGNATURE UINT32_C(0x04034b50)
#define CENTRAL_SIGNATURE UINT32_C(0x02014b50)
#define END_SIGNATURE UINT32_C(0x06054b50)
#define END64_SIGNATURE UINT32_C(0x06064b50)
#define LOCATOR_SIGNATURE UINT32_C(0x07064b50)
#define DESCRIPTOR_SIGNATURE UINT32_C(0x08074b50)
#define NO_SIZE UINT32_C(0xffffffff)

/* One entry of the directory. */
struct item {
	struct entry entry;
	const uint8_t *raw; /* name, as it stands */
	size_t raw_len;
	uint16_t flags, method;
	uint32_t crc32;
	uint64_t packed, size, offset;
};

struct zip {
	struct level *level;
	uint64_t directory_offset, directory_len;
	uint64_t count;
	struct bytes directory;
	struct item *items;
	size_t item_count;
};

static uint16_t
u16(const uint8_t *at)
{
	return (uint16_t)(at[0] | at[1] << 8);
}

static uint32_t
u32(const uint8_t *at)
{
	return (uint32_t)u16(at) | (uint32_t)u16(at + 2) << 16;
}

static uint64_t
u64(const uint8_t *at)
{
	return (uint64_t)u32(at) | (uint64_t)u32(at + 4) << 32;
}

/* 0, with the finding. */
static int
contradicts(struct zip *zip, const char *what)
{
	level_report(zip->level, "E2186", what);
	return 0;
}

/* Exactly `len` bytes: 1, or 0 beyond the end, or -1. */
static int
take(struct zip *zip, uint64_t offset, uint8_t *to, size_t len,
    struct error *err)
{
	const struct archive_source *source = zip->level->source;
	size_t got;

	if (source->read_at(source->ctx, offset, to, len, &got, err) < 0)
		return -1;
	return got == len;
}

/* ---- the end --------------------------------------------------------- */

/* The end record whose comment ends the file; -1 for none. */
static long
find_end(const uint8_t *tail, size_t len)
{
	for (size_t at = len >= END_LEN ? len - END_LEN + 1 : 0; at-- > 0;)
		if (u32(tail + at) == END_SIGNATURE &&
		    at + END_LEN + u16(tail + at + 20) == len)
			return (long)at;
	return -1;
}

/* With sizes that the old record cannot hold; it must lie right before. */
static int
read_end64(struct zip *zip, uint64_t *end, struct error *err)
{
	uint8_t locator[LOCATOR_LEN];
	uint8_t record[END64_LEN];
	uint64_t at;
	int rc;

	if (*end < LOCATOR_LEN)
		return 1;
	rc = take(zip, *end - LOCATOR_LEN, locator, sizeof(locator), err);
	if (rc <= 0 || u32(locator) != LOCATOR_SIGNATURE)
		return rc < 0 ? -1 : 1;
	at = u64(locator + 8);
	if (*end < LOCATOR_LEN + END64_LEN ||
	    at > *end - LOCATOR_LEN - END64_LEN)
		return contradicts(zip, "ZIP64");
	rc = take(zip, at, record, sizeof(record), err);
	if (rc < 0)
		return -1;
	if (rc == 0 || u32(record) != END64_SIGNATURE ||
	    u64(record + 4) + 12 != *end - LOCATOR_LEN - at ||
	    u64(record + 24) != u64(record + 32))
		return contradicts(zip, "ZIP64");
	zip->count = u64(record + 32);
	zip->directory_len = u64(record + 40);
	zip->directory_offset = u64(record + 48);
	*end = at;
	return 1;
}

static int
read_end_at(struct zip *zip, const uint8_t *record, uint64_t end,
    struct error *err)
{
	int rc;

	if (u16(record + 4) != u16(record + 6) ||
	    u16(record + 8) != u16(record + 10))
		return contradicts(zip, "disk");
	zip->count = u16(record + 10);
	zip->directory_len = u32(record + 12);
	zip->directory_offset = u32(record + 16);
	rc = read_end64(zip, &end, err);
	if (rc <= 0)
		return rc;
	/* Anything else is hidden in front of it, between, or behind. */
	if (zip->directory_offset > end ||
	    end - zip->directory_offset != zip->directory_len)
		return contradicts(zip, "directory");
	return 1;
}

static int
read_end(struct zip *zip, struct error *err)
{
	uint64_t len = zip->level->source->len;
	size_t tail_len =
	    len < END_LEN + COMMENT_MAX ? (size_t)len : END_LEN + COMMENT_MAX;
	struct bytes tail = { 0 };
	uint8_t *room = bytes_extend(&tail, tail_len + 1);
	long at;
	int rc;

	if (room == NULL)
		return error_set_memory(err);
	rc = take(zip, len - tail_len, room, tail_len, err);
	at = rc > 0 ? find_end(room, tail_len) : -1;
	if (rc >= 0 && at < 0)
		rc = contradicts(zip, "end");
	else if (rc > 0)
		rc = read_end_at(zip, room + at, len - tail_len + (uint64_t)at,
		    err);
	bytes_free(&tail);
	return rc;
}

/* ---- the directory --------------------------------------------------- */

/* A field that says "see the ZIP64 field", which has them in this order. */
static bool
take_zip64(const uint8_t **at, size_t *left, uint64_t *value)
{
	if (*value != NO_SIZE)
		return true;
	if (*left < 8)
		return false;
	*value = u64(*at);
	*at += 8;
	*left -= 8;
	return true;
}

/* Another name in UTF-8, which some programs use instead. */
static void
check_unicode_path(struct zip *zip, const struct item *item,
    const uint8_t *data, size_t len)
{
	struct entry entry = item->entry;

	if (len <= UNICODE_PATH_HEAD)
		return;
	data += UNICODE_PATH_HEAD;
	len -= UNICODE_PATH_HEAD;
	if (len == item->raw_len && memcmp(data, item->raw, len) == 0)
		return;
	entry.name = level_decode_name(zip->level, data, len);
	if (!text_equal(entry.name, item->entry.name))
		level_check_name(zip->level, &entry);
}

static bool
read_extra(struct zip *zip, struct item *item, const uint8_t *at, size_t left)
{
	while (left >= 4) {
		uint16_t kind = u16(at);
		size_t len = u16(at + 2);
		const uint8_t *data = at + 4;
		size_t rest = len;

		if (len > left - 4)
			return false;
		if (kind == EXTRA_ZIP64 &&
		    (!take_zip64(&data, &rest, &item->size) ||
			!take_zip64(&data, &rest, &item->packed) ||
			!take_zip64(&data, &rest, &item->offset)))
			return false;
		if (kind == EXTRA_UNICODE_PATH)
			check_unicode_path(zip, item, data, len);
		at += 4 + len;
		left -= 4 + len;
	}
	return true;
}

static bool
is_known_method(uint16_t method)
{
	return method == METHOD_STORED || method == METHOD_DEFLATED ||
	    method == METHOD_BZIP2 || method == METHOD_LZMA ||
	    method == METHOD_XZ;
}

static void
describe(struct zip *zip, struct item *item, uint32_t attributes)
{
	uint32_t mode = attributes >> 16 & MODE_TYPE;
	struct entry *entry = &item->entry;
	size_t len = item->raw_len;

	entry->name = level_decode_name(zip->level, item->raw, len);
	entry->is_folder = len > 0 &&
	    (item->raw[len - 1] == '/' || item->raw[len - 1] == '\\');
	entry->is_link = mode != 0 && mode != MODE_FOLDER && mode != MODE_FILE;
	entry->is_encrypted = item->method == METHOD_AES ||
	    (item->flags & (FLAG_ENCRYPTED | FLAG_STRONG | FLAG_MASKED)) != 0;
	entry->is_readable = is_known_method(item->method);
	level_check_name(zip->level, entry);
}

/* One entry at `at`; its length, or 0 if it is no entry. */
static size_t
read_item(struct zip *zip, const uint8_t *at, size_t left)
{
	struct item *item = &zip->items[zip->item_count++];
	size_t name_len, extra_len, len;

	if (left < CENTRAL_LEN || u32(at) != CENTRAL_SIGNATURE)
		return 0;
	name_len = u16(at + 28);
	extra_len = u16(at + 30);
	len = CENTRAL_LEN + name_len + extra_len + u16(at + 32);
	if (len > left || u16(at + 34) != 0)
		return 0;
	item->flags = u16(at + 8);
	item->method = u16(at + 10);
	item->crc32 = u32(at + 16);
	item->packed = u32(at + 20);
	item->size = u32(at + 24);
	item->offset = u32(at + 42);
	item->raw = at + CENTRAL_LEN;
	item->raw_len = name_len;
	describe(zip, item, u32(at + 38));
	if (!read_extra(zip, item, item->raw + name_len, extra_len))
		return 0;
	item->entry.size = item->size;
	return len;
}

static int
read_items(struct zip *zip)
{
	const uint8_t *at = zip->directory.data;
	size_t left = zip->directory.len;

	for (uint64_t i = 0; i < zip->count; i++) {
		size_t len = 0;

		if (!level_count_file(zip->level))
			return 0;
		len = read_item(zip, at, left);
		if (len == 0)
			return contradicts(zip, "directory");
		at += len;
		left -= len;
	}
	return left == 0 ? 1 : contradicts(zip, "directory");
}

static int
read_directory(struct zip *zip, struct error *err)
{
	struct pool *pool = &zip->level->inspection->pool;
	size_t len = (size_t)zip->directory_len;
	uint8_t *room;
	int rc;

	if (zip->directory_len > ARCHIVE_DIRECTORY_MAX ||
	    zip->count > ARCHIVE_FILES_MAX - zip->level->inspection->files) {
		level_report_bomb(zip->level, "directory");
		return 0;
	}
	room = bytes_extend(&zip->directory, len + 1);
	zip->items =
	    pool_alloc(pool, (size_t)zip->count + 1, sizeof(*zip->items));
	if (room == NULL || zip->items == NULL)
		return error_set_memory(err);
	zip->directory.len = len;
	rc = take(zip, zip->directory_offset, room, len, err);
	if (rc <= 0)
		return rc < 0 ? -1 : contradicts(zip, "directory");
	return read_items(zip);
}

/* ---- the entries themselves ------------------------------------------ */

static int
by_offset(const void *a, const void *b)
{
	const struct item *first = a;
	const struct item *second = b;

	if (first->offset != second->offset)
		return first->offset < second->offset ? -1 : 1;
	return 0;
}

/* Where sizes come behind the data, the header may leave them out. */
static bool
says(const struct item *item, uint32_t field, uint64_t value)
{
	bool is_later = (item->flags & FLAG_DESCRIPTOR) != 0;

	return field == value || field == NO_SIZE || (is_later && field == 0);
}

static bool
agrees(const struct item *item, const uint8_t *local)
{
	return u32(local) == LOCAL_SIGNATURE &&
	    ((u16(local + 6) ^ item->flags) &
		(FLAG_ENCRYPTED | FLAG_DESCRIPTOR | FLAG_STRONG)) == 0 &&
	    u16(local + 8) == item->method &&
	    says(item, u32(local + 14), item->crc32) &&
	    says(item, u32(local + 18), item->packed) &&
	    says(item, u32(local + 22), item->size) &&
	    u16(local + 26) == item->raw_len;
}

/* The local header's sizes where they are ZIP64, as the reader would see them.
 */
static bool
extra_agrees(const struct item *item, const uint8_t *local,
    const uint8_t *extra, size_t left)
{
	uint64_t size = u32(local + 22);
	uint64_t packed = u32(local + 18);
	bool is_later = (item->flags & FLAG_DESCRIPTOR) != 0;

	while (left >= 4) {
		size_t len = u16(extra + 2);
		const uint8_t *data = extra + 4;
		size_t rest = len;

		if (len > left - 4)
			return false;
		if (u16(extra) == EXTRA_ZIP64 &&
		    (!take_zip64(&data, &rest, &size) ||
			!take_zip64(&data, &rest, &packed)))
			return false;
		extra += 4 + len;
		left -= 4 + len;
	}
	return (size == item->size || (is_later && size == 0)) &&
	    (packed == item->packed || (is_later && packed == 0));
}

/* What may stand between the data and the next header. */
static bool
is_descriptor(const struct item *item, const uint8_t *at, size_t len)
{
	bool is_wide = len >= 20;
	size_t with_signature = is_wide ? 24 : 16;

	if (len == 0)
		return (item->flags & FLAG_DESCRIPTOR) == 0;
	if ((item->flags & FLAG_DESCRIPTOR) == 0 ||
	    (len != with_signature && len != with_signature - 4))
		return false;
	if (len == with_signature) {
		if (u32(at) != DESCRIPTOR_SIGNATURE)
			return false;
		at += 4;
	}
	if (u32(at) != item->crc32)
		return false;
	return is_wide
	    ? u64(at + 4) == item->packed && u64(at + 12) == item->size
	    : u32(at + 4) == (uint32_t)item->packed &&
		u32(at + 8) == (uint32_t)item->size;
}

/* Its local header; `*ret_data` is where its bytes begin.  1, 0 or -1. */
static int
check_local(struct zip *zip, const struct item *item, uint64_t *ret_data,
    struct error *err)
{
	uint8_t header[LOCAL_LEN];
	struct bytes rest = { 0 };
	size_t len;
	uint8_t *room;
	int rc = take(zip, item->offset, header, sizeof(header), err);

	if (rc <= 0 || !agrees(item, header))
		return rc < 0 ? -1 : contradicts(zip, item->entry.name);
	len = item->raw_len + u16(header + 28);
	room = bytes_extend(&rest, len + 1);
	if (room == NULL)
		return error_set_memory(err);
	rc = take(zip, item->offset + LOCAL_LEN, room, len, err);
	if (rc >= 0 &&
	    (rc == 0 || memcmp(room, item->raw, item->raw_len) != 0 ||
		!extra_agrees(item, header, room + item->raw_len,
		    u16(header + 28))))
		rc = contradicts(zip, item->entry.name);
	bytes_free(&rest);
	*ret_data = item->offset + LOCAL_LEN + len;
	return rc;
}

/* From the end of its data to `next`, where the next thing begins. */
static int
check_gap(struct zip *zip, const struct item *item, uint64_t data,
    uint64_t next, struct error *err)
{
	uint8_t between[DESCRIPTOR_MAX];
	uint64_t end = data + item->packed;
	int rc = 1;

	if (item->packed > zip->directory_offset || end > next ||
	    next - end > sizeof(between))
		return contradicts(zip, item->entry.name);
	if (next > end)
		rc = take(zip, end, between, (size_t)(next - end), err);
	if (rc < 0)
		return -1;
	return is_descriptor(item, between, (size_t)(next - end))
	    ? 1
	    : contradicts(zip, item->entry.name);
}

static int
check_entries(struct zip *zip, struct error *err)
{
	uint64_t at = 0;

	qsort(zip->items, zip->item_count, sizeof(*zip->items), by_offset);
	for (size_t i = 0; i < zip->item_count; i++) {
		const struct item *item = &zip->items[i];
		uint64_t next = i + 1 < zip->item_count
		    ? zip->items[i + 1].offset
		    : zip->directory_offset;
		uint64_t data = 0;
		int rc;

		if (item->offset != at)
			return contradicts(zip, item->entry.name);
		rc = check_local(zip, item, &data, err);
		if (rc > 0)
			rc = check_gap(zip, item, data, next, err);
		if (rc <= 0)
			return rc;
		at = next;
	}
	return at == zip->directory_offset ? 1 : contradicts(zip, "");
}

static int
hand_out(const struct zip *zip, struct zip_list *list, struct error *err)
{
	struct pool *pool = &zip->level->inspection->pool;

	list->entries =
	    pool_alloc(pool, zip->item_count, sizeof(*list->entries));
	if (list->entries == NULL)
		return error_set_memory(err);
	list->count = zip->item_count;
	for (size_t i = 0; i < zip->item_count; i++)
		list->entries[i] = zip->items[i].entry;
	return 1;
}

int
zip_list_read(struct level *level, struct zip_list *ret_list, struct error *err)
{
	struct zip zip = { .level = level };
	int rc = read_end(&zip, err);

	if (rc > 0)
		rc = read_directory(&zip, err);
	if (rc > 0)
		rc = check_entries(&zip, err);
	if (rc > 0)
		rc = hand_out(&zip, ret_list, err);
	bytes_free(&zip.directory);
	return rc;
}
