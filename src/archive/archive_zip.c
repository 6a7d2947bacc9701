/*
 * The two lists of a ZIP: the directory at its end, and the headers in front
 * of each entry.  Programs differ in which one they believe, so they must say
 * the same; and no byte may belong to nothing, or to two entries.
 */
#include <string.h>

#include "archive/archive_zip_internal.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"

uint16_t
zip_u16(const uint8_t *at)
{
	return (uint16_t)(at[0] | at[1] << 8);
}

uint32_t
zip_u32(const uint8_t *at)
{
	return (uint32_t)zip_u16(at) | (uint32_t)zip_u16(at + 2) << 16;
}

uint64_t
zip_u64(const uint8_t *at)
{
	return (uint64_t)zip_u32(at) | (uint64_t)zip_u32(at + 4) << 32;
}

int
zip_contradicts(struct zip *zip, const char *what)
{
	level_report(zip->level, "E2186", what);
	return 0;
}

int
zip_take(struct zip *zip, uint64_t offset, uint8_t *to, size_t len,
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
	for (size_t at = len >= ZIP_END_LEN ? len - ZIP_END_LEN + 1 : 0;
	     at-- > 0;)
		if (zip_u32(tail + at) == ZIP_END_SIGNATURE &&
		    at + ZIP_END_LEN + zip_u16(tail + at + 20) == len)
			return (long)at;
	return -1;
}

/* With sizes that the old record cannot hold; it must lie right before. */
static int
read_end64(struct zip *zip, uint64_t *end, struct error *err)
{
	uint8_t locator[ZIP_LOCATOR_LEN];
	uint8_t record[ZIP_END64_LEN];
	uint64_t at;
	int rc;

	if (*end < ZIP_LOCATOR_LEN)
		return 1;
	rc = zip_take(zip, *end - ZIP_LOCATOR_LEN, locator, sizeof(locator),
	    err);
	if (rc <= 0 || zip_u32(locator) != ZIP_LOCATOR_SIGNATURE)
		return rc < 0 ? -1 : 1;
	at = zip_u64(locator + 8);
	if (*end < ZIP_LOCATOR_LEN + ZIP_END64_LEN ||
	    at > *end - ZIP_LOCATOR_LEN - ZIP_END64_LEN)
		return zip_contradicts(zip, "ZIP64");
	rc = zip_take(zip, at, record, sizeof(record), err);
	if (rc < 0)
		return -1;
	if (rc == 0 || zip_u32(record) != ZIP_END64_SIGNATURE ||
	    zip_u64(record + 4) + 12 != *end - ZIP_LOCATOR_LEN - at ||
	    zip_u64(record + 24) != zip_u64(record + 32))
		return zip_contradicts(zip, "ZIP64");
	zip->count = zip_u64(record + 32);
	zip->directory_len = zip_u64(record + 40);
	zip->directory_offset = zip_u64(record + 48);
	*end = at;
	return 1;
}

static int
read_end_at(struct zip *zip, const uint8_t *record, uint64_t end,
    struct error *err)
{
	int rc;

	if (zip_u16(record + 4) != zip_u16(record + 6) ||
	    zip_u16(record + 8) != zip_u16(record + 10))
		return zip_contradicts(zip, "disk");
	zip->count = zip_u16(record + 10);
	zip->directory_len = zip_u32(record + 12);
	zip->directory_offset = zip_u32(record + 16);
	rc = read_end64(zip, &end, err);
	if (rc <= 0)
		return rc;
	/* Anything else is hidden in front of it, between, or behind. */
	if (zip->directory_offset > end ||
	    end - zip->directory_offset != zip->directory_len)
		return zip_contradicts(zip, "directory");
	return 1;
}

static int
read_end(struct zip *zip, struct error *err)
{
	uint64_t len = zip->level->source->len;
	size_t tail_len = len < ZIP_END_LEN + ZIP_COMMENT_MAX
	    ? (size_t)len
	    : ZIP_END_LEN + ZIP_COMMENT_MAX;
	struct bytes tail = { 0 };
	uint8_t *room = bytes_extend(&tail, tail_len + 1);
	long at;
	int rc;

	if (room == NULL)
		return error_set_memory(err);
	rc = zip_take(zip, len - tail_len, room, tail_len, err);
	at = rc > 0 ? find_end(room, tail_len) : -1;
	if (rc >= 0 && at < 0)
		rc = zip_contradicts(zip, "end");
	else if (rc > 0)
		rc = read_end_at(zip, room + at, len - tail_len + (uint64_t)at,
		    err);
	bytes_free(&tail);
	return rc;
}

/* ---- the directory --------------------------------------------------- */

bool
zip_take_zip64(const uint8_t **at, size_t *left, uint64_t *value)
{
	if (*value != ZIP_NO_SIZE)
		return true;
	if (*left < 8)
		return false;
	*value = zip_u64(*at);
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

	if (len <= ZIP_UNICODE_PATH_HEAD)
		return;
	data += ZIP_UNICODE_PATH_HEAD;
	len -= ZIP_UNICODE_PATH_HEAD;
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
		uint16_t kind = zip_u16(at);
		size_t len = zip_u16(at + 2);
		const uint8_t *data = at + 4;
		size_t rest = len;

		if (len > left - 4)
			return false;
		if (kind == ZIP_EXTRA_ZIP64 &&
		    (!zip_take_zip64(&data, &rest, &item->size) ||
			!zip_take_zip64(&data, &rest, &item->packed) ||
			!zip_take_zip64(&data, &rest, &item->offset)))
			return false;
		if (kind == ZIP_EXTRA_UNICODE_PATH)
			check_unicode_path(zip, item, data, len);
		at += 4 + len;
		left -= 4 + len;
	}
	return true;
}

static bool
is_known_method(uint16_t method)
{
	return method == ZIP_METHOD_STORED || method == ZIP_METHOD_DEFLATED ||
	    method == ZIP_METHOD_BZIP2 || method == ZIP_METHOD_LZMA ||
	    method == ZIP_METHOD_XZ;
}

static void
describe(struct zip *zip, struct item *item, uint32_t attributes)
{
	uint32_t mode = attributes >> 16 & ZIP_MODE_TYPE;
	struct entry *entry = &item->entry;
	size_t len = item->raw_len;

	entry->name = level_decode_name(zip->level, item->raw, len);
	entry->is_folder = len > 0 &&
	    (item->raw[len - 1] == '/' || item->raw[len - 1] == '\\');
	entry->is_link =
	    mode != 0 && mode != ZIP_MODE_FOLDER && mode != ZIP_MODE_FILE;
	entry->is_encrypted = item->method == ZIP_METHOD_AES ||
	    (item->flags &
		(ZIP_FLAG_ENCRYPTED | ZIP_FLAG_STRONG | ZIP_FLAG_MASKED)) != 0;
	entry->is_readable = is_known_method(item->method);
	level_check_name(zip->level, entry);
}

/* One entry at `at`; its length, or 0 if it is no entry. */
static size_t
read_item(struct zip *zip, const uint8_t *at, size_t left)
{
	struct item *item = &zip->items[zip->item_count++];
	size_t name_len, extra_len, len;

	if (left < ZIP_CENTRAL_LEN || zip_u32(at) != ZIP_CENTRAL_SIGNATURE)
		return 0;
	name_len = zip_u16(at + 28);
	extra_len = zip_u16(at + 30);
	len = ZIP_CENTRAL_LEN + name_len + extra_len + zip_u16(at + 32);
	if (len > left || zip_u16(at + 34) != 0)
		return 0;
	item->flags = zip_u16(at + 8);
	item->method = zip_u16(at + 10);
	item->crc32 = zip_u32(at + 16);
	item->packed = zip_u32(at + 20);
	item->size = zip_u32(at + 24);
	item->offset = zip_u32(at + 42);
	item->raw = at + ZIP_CENTRAL_LEN;
	item->raw_len = name_len;
	describe(zip, item, zip_u32(at + 38));
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
			return zip_contradicts(zip, "directory");
		at += len;
		left -= len;
	}
	return left == 0 ? 1 : zip_contradicts(zip, "directory");
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
	rc = zip_take(zip, zip->directory_offset, room, len, err);
	if (rc <= 0)
		return rc < 0 ? -1 : zip_contradicts(zip, "directory");
	return read_items(zip);
}

/* ---- the list -------------------------------------------------------- */

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
		rc = zip_check_entries(&zip, err);
	if (rc > 0)
		rc = hand_out(&zip, ret_list, err);
	bytes_free(&zip.directory);
	return rc;
}
