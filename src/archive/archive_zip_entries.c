/*
 * The entries of a ZIP against its directory: their own headers, and that no
 * byte belongs to nothing or to two of them.
 */
#include <stdlib.h>
#include <string.h>

#include "archive/archive_zip_internal.h"
#include "base/error.h"

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
	bool is_later = (item->flags & ZIP_FLAG_DESCRIPTOR) != 0;

	return field == value || field == ZIP_NO_SIZE ||
	    (is_later && field == 0);
}

static bool
agrees(const struct item *item, const uint8_t *local)
{
	return zip_u32(local) == ZIP_LOCAL_SIGNATURE &&
	    ((zip_u16(local + 6) ^ item->flags) &
		(ZIP_FLAG_ENCRYPTED | ZIP_FLAG_DESCRIPTOR | ZIP_FLAG_STRONG)) ==
	    0 &&
	    zip_u16(local + 8) == item->method &&
	    says(item, zip_u32(local + 14), item->crc32) &&
	    says(item, zip_u32(local + 18), item->packed) &&
	    says(item, zip_u32(local + 22), item->size) &&
	    zip_u16(local + 26) == item->raw_len;
}

/* The local header's sizes where they are ZIP64, as the reader would see them.
 */
static bool
extra_agrees(const struct item *item, const uint8_t *local,
    const uint8_t *extra, size_t left)
{
	uint64_t size = zip_u32(local + 22);
	uint64_t packed = zip_u32(local + 18);
	bool is_later = (item->flags & ZIP_FLAG_DESCRIPTOR) != 0;

	while (left >= 4) {
		size_t len = zip_u16(extra + 2);
		const uint8_t *data = extra + 4;
		size_t rest = len;

		if (len > left - 4)
			return false;
		if (zip_u16(extra) == ZIP_EXTRA_ZIP64 &&
		    (!zip_take_zip64(&data, &rest, &size) ||
			!zip_take_zip64(&data, &rest, &packed)))
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
		return (item->flags & ZIP_FLAG_DESCRIPTOR) == 0;
	if ((item->flags & ZIP_FLAG_DESCRIPTOR) == 0 ||
	    (len != with_signature && len != with_signature - 4))
		return false;
	if (len == with_signature) {
		if (zip_u32(at) != ZIP_DESCRIPTOR_SIGNATURE)
			return false;
		at += 4;
	}
	if (zip_u32(at) != item->crc32)
		return false;
	return is_wide
	    ? zip_u64(at + 4) == item->packed && zip_u64(at + 12) == item->size
	    : zip_u32(at + 4) == (uint32_t)item->packed &&
		zip_u32(at + 8) == (uint32_t)item->size;
}

/* Its local header; `*ret_data` is where its bytes begin.  1, 0 or -1. */
static int
check_local(struct zip *zip, const struct item *item, uint64_t *ret_data,
    struct error *err)
{
	uint8_t header[ZIP_LOCAL_LEN];
	struct bytes rest = { 0 };
	size_t len;
	uint8_t *room;
	int rc = zip_take(zip, item->offset, header, sizeof(header), err);

	if (rc <= 0 || !agrees(item, header))
		return rc < 0 ? -1 : zip_contradicts(zip, item->entry.name);
	len = item->raw_len + zip_u16(header + 28);
	room = bytes_extend(&rest, len + 1);
	if (room == NULL)
		return error_set_memory(err);
	rc = zip_take(zip, item->offset + ZIP_LOCAL_LEN, room, len, err);
	if (rc >= 0 &&
	    (rc == 0 || memcmp(room, item->raw, item->raw_len) != 0 ||
		!extra_agrees(item, header, room + item->raw_len,
		    zip_u16(header + 28))))
		rc = zip_contradicts(zip, item->entry.name);
	bytes_free(&rest);
	*ret_data = item->offset + ZIP_LOCAL_LEN + len;
	return rc;
}

/* From the end of its data to `next`, where the next thing begins. */
static int
check_gap(struct zip *zip, const struct item *item, uint64_t data,
    uint64_t next, struct error *err)
{
	uint8_t between[ZIP_DESCRIPTOR_MAX];
	uint64_t end = data + item->packed;
	int rc = 1;

	if (item->packed > zip->directory_offset || end > next ||
	    next - end > sizeof(between))
		return zip_contradicts(zip, item->entry.name);
	if (next > end)
		rc = zip_take(zip, end, between, (size_t)(next - end), err);
	if (rc < 0)
		return -1;
	return is_descriptor(item, between, (size_t)(next - end))
	    ? 1
	    : zip_contradicts(zip, item->entry.name);
}

int
zip_check_entries(struct zip *zip, struct error *err)
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
			return zip_contradicts(zip, item->entry.name);
		rc = check_local(zip, item, &data, err);
		if (rc > 0)
			rc = check_gap(zip, item, data, next, err);
		if (rc <= 0)
			return rc;
		at = next;
	}
	return at == zip->directory_offset ? 1 : zip_contradicts(zip, "");
}
