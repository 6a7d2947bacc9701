#include "package/zip_format.h"

#include <stdbool.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "package/manifest.h"

enum {
	FLAG_UTF8 = 0x0800,
	VERSION_STORED = 10,
	VERSION_ZIP64 = 45,
	DATE_1980 = 0x0021, /* 1980-01-01: what a file's date is, is in it */
	EXTRA_ZIP64 = 0x0001,
	UNIX_REGULAR = 8, /* S_IFREG >> 12 */
	DOS_DIRECTORY = 0x10,
};

#define FULL32 UINT32_C(0xffffffff)

static uint16_t
le16(const uint8_t *at)
{
	return (uint16_t)(at[0] | at[1] << 8);
}

static uint32_t
le32(const uint8_t *at)
{
	return le16(at) | (uint32_t)le16(at + 2) << 16;
}

static uint64_t
le64(const uint8_t *at)
{
	return le32(at) | (uint64_t)le32(at + 4) << 32;
}

static void
put16(struct bytes *to, uint16_t value)
{
	bytes_put_u8(to, (uint8_t)value);
	bytes_put_u8(to, (uint8_t)(value >> 8));
}

static void
put32(struct bytes *to, uint32_t value)
{
	put16(to, (uint16_t)value);
	put16(to, (uint16_t)(value >> 16));
}

static void
put64(struct bytes *to, uint64_t value)
{
	put32(to, (uint32_t)value);
	put32(to, (uint32_t)(value >> 32));
}

/* A value too large for its field of 32 bits is in the ZIP64 one. */
static bool
is_large(uint64_t value)
{
	return value >= FULL32;
}

static uint32_t
in32(uint64_t value)
{
	return is_large(value) ? FULL32 : (uint32_t)value;
}

static int
malformed(struct error *err, const char *what)
{
	return error_set_id(err, "E3201", ERROR_MALFORMED, "container: %s",
	    what);
}

uint32_t
zip_signature(const uint8_t record[4])
{
	return le32(record);
}

void
zip_entry_prepare(struct zip_entry *entry)
{
	entry->version = is_large(entry->size) ? VERSION_ZIP64 : VERSION_STORED;
	entry->flags = 0;
	entry->time = 0;
	entry->date = DATE_1980;
	for (const char *at = entry->name; *at != '\0'; at++)
		if ((unsigned char)*at >= 0x80)
			entry->flags = FLAG_UTF8;
}

static size_t
local_extra_len(const struct zip_entry *entry)
{
	return is_large(entry->size) ? 20 : 0;
}

static size_t
central_extra_len(const struct zip_entry *entry)
{
	size_t len = (is_large(entry->size) ? 16u : 0u) +
	    (is_large(entry->offset) ? 8u : 0u);

	return len > 0 ? len + 4 : 0;
}

size_t
zip_local_len(const struct zip_entry *entry)
{
	return ZIP_LOCAL_LEN + strlen(entry->name) + local_extra_len(entry);
}

size_t
zip_central_len(const struct zip_entry *entry)
{
	return ZIP_CENTRAL_LEN + strlen(entry->name) + central_extra_len(entry);
}

/* What local and central header have in common, from the version on. */
static void
put_common(struct bytes *to, const struct zip_entry *entry, size_t extra_len)
{
	put16(to, entry->version);
	put16(to, entry->flags);
	put16(to, 0); /* stored */
	put16(to, entry->time);
	put16(to, entry->date);
	put32(to, entry->crc32);
	put32(to, in32(entry->size));
	put32(to, in32(entry->size));
	put16(to, (uint16_t)strlen(entry->name));
	put16(to, (uint16_t)extra_len);
}

void
zip_put_local(struct bytes *to, const struct zip_entry *entry)
{
	put32(to, ZIP_LOCAL);
	put_common(to, entry, local_extra_len(entry));
	bytes_put_text(to, entry->name);
	if (is_large(entry->size)) {
		put16(to, EXTRA_ZIP64);
		put16(to, 16);
		put64(to, entry->size);
		put64(to, entry->size);
	}
}

static void
put_central_extra(struct bytes *to, const struct zip_entry *entry)
{
	size_t len = central_extra_len(entry);

	if (len == 0)
		return;
	put16(to, EXTRA_ZIP64);
	put16(to, (uint16_t)(len - 4));
	if (is_large(entry->size)) {
		put64(to, entry->size);
		put64(to, entry->size);
	}
	if (is_large(entry->offset))
		put64(to, entry->offset);
}

void
zip_put_central(struct bytes *to, const struct zip_entry *entry)
{
	put32(to, ZIP_CENTRAL);
	put16(to, VERSION_ZIP64);
	put_common(to, entry, central_extra_len(entry));
	put16(to, 0); /* comment */
	put16(to, 0); /* disk */
	put16(to, 0); /* attributes */
	put32(to, 0);
	put32(to, in32(entry->offset));
	bytes_put_text(to, entry->name);
	put_central_extra(to, entry);
}

static bool
needs_zip64_end(size_t count, uint64_t offset, uint64_t len)
{
	return count >= 0xffff || is_large(offset) || is_large(len);
}

size_t
zip_end_len(size_t count, uint64_t offset, uint64_t len)
{
	return needs_zip64_end(count, offset, len)
	    ? ZIP64_END_LEN + ZIP64_LOCATOR_LEN + ZIP_END_LEN
	    : ZIP_END_LEN;
}

static void
put_zip64_end(struct bytes *to, size_t count, uint64_t offset, uint64_t len)
{
	put32(to, ZIP64_END);
	put64(to, ZIP64_END_LEN - 12);
	put16(to, VERSION_ZIP64);
	put16(to, VERSION_ZIP64);
	put32(to, 0);
	put32(to, 0);
	put64(to, count);
	put64(to, count);
	put64(to, len);
	put64(to, offset);

	put32(to, ZIP64_LOCATOR);
	put32(to, 0);
	put64(to, offset + len);
	put32(to, 1);
}

void
zip_put_end(struct bytes *to, size_t count, uint64_t offset, uint64_t len)
{
	uint16_t count16 = count >= 0xffff ? 0xffff : (uint16_t)count;

	if (needs_zip64_end(count, offset, len))
		put_zip64_end(to, count, offset, len);
	put32(to, ZIP_END);
	put16(to, 0);
	put16(to, 0);
	put16(to, count16);
	put16(to, count16);
	put32(to, in32(len));
	put32(to, in32(offset));
	put16(to, 0);
}

/* `at` is where the lengths of name and extra field stand. */
static int
rest_of(const uint8_t *at, size_t comment_len, size_t *ret_len,
    struct error *err)
{
	size_t name_len = le16(at);
	size_t extra_len = le16(at + 2);

	if (name_len == 0 || name_len > ZIP_NAME_MAX)
		return error_set_id(err, "E3202", ERROR_MALFORMED,
		    "a name of %zu bytes", name_len);
	if (comment_len != 0)
		return malformed(err, "a comment");
	if (extra_len > 28)
		return malformed(err, "an extra field");
	*ret_len = name_len + extra_len;
	return 0;
}

int
zip_rest_of_local(const uint8_t *record, size_t *ret_len, struct error *err)
{
	return rest_of(record + 26, 0, ret_len, err);
}

int
zip_rest_of_central(const uint8_t *record, size_t *ret_len, struct error *err)
{
	return rest_of(record + 28, le16(record + 32), ret_len, err);
}

/* The sizes of a local header, in the ZIP64 field if need be. */
static int
parse_size(const uint8_t *record, const uint8_t *extra, size_t extra_len,
    uint64_t *ret_size, struct error *err)
{
	uint32_t packed = le32(record + 18);
	uint32_t size = le32(record + 22);

	if (packed != size)
		return malformed(err, "the two sizes of an entry differ");
	if (size != FULL32) {
		if (extra_len != 0)
			return malformed(err, "an extra field");
		*ret_size = size;
		return 0;
	}
	if (extra_len != 20 || le16(extra) != EXTRA_ZIP64 ||
	    le16(extra + 2) != 16)
		return malformed(err, "a ZIP64 size is missing");
	if (le64(extra + 4) != le64(extra + 12))
		return malformed(err, "the two sizes of an entry differ");
	if (!is_large(le64(extra + 4)))
		return malformed(err, "ZIP64 without need");
	*ret_size = le64(extra + 4);
	return 0;
}

static int
parse_name(const uint8_t *name, size_t len, struct zip_entry *entry,
    struct error *err)
{
	bool is_ascii = true;

	if (!manifest_name_is_safe((const char *)name, len) ||
	    !text_copy_len(entry->name, sizeof(entry->name), (const char *)name,
		len))
		return error_set_id(err, "E3202", ERROR_MALFORMED,
		    "a name that is not acceptable");
	for (size_t i = 0; i < len; i++)
		is_ascii = is_ascii && name[i] < 0x80;
	if ((entry->flags & FLAG_UTF8) == 0 && !is_ascii)
		return error_set_id(err, "E3202", ERROR_MALFORMED,
		    "a name that is not marked as UTF-8");
	return 0;
}

int
zip_parse_local(const uint8_t *record, size_t len, struct zip_entry *ret_entry,
    struct error *err)
{
	size_t name_len = le16(record + 26);
	const uint8_t *name = record + ZIP_LOCAL_LEN;
	struct zip_entry entry = {
		.version = le16(record + 4),
		.flags = le16(record + 6),
		.time = le16(record + 10),
		.date = le16(record + 12),
		.crc32 = le32(record + 14),
	};

	if (entry.version > VERSION_ZIP64)
		return malformed(err, "a version we do not know");
	/* Encryption, data descriptors, patches and masking among them. */
	if ((entry.flags & ~FLAG_UTF8) != 0)
		return malformed(err, "an entry with flags");
	if (le16(record + 8) != 0)
		return malformed(err, "an entry that is not stored");
	if (parse_size(record, name + name_len, len - ZIP_LOCAL_LEN - name_len,
		&entry.size, err) < 0)
		return -1;
	if (parse_name(name, name_len, &entry, err) < 0)
		return -1;
	*ret_entry = entry;
	return 0;
}

/* Attributes may be any writer's, as long as they say: a file. */
static bool
is_plain_file(const uint8_t *record)
{
	uint32_t attributes = le32(record + 38);
	uint32_t type = attributes >> 28;

	return le16(record + 36) <= 1 && (attributes & DOS_DIRECTORY) == 0 &&
	    (type == 0 || type == UNIX_REGULAR);
}

int
zip_check_central(const uint8_t *record, size_t len,
    const struct zip_entry *entry, struct error *err)
{
	struct bytes want = { 0 };
	int rc = -1;

	zip_put_central(&want, entry);
	if (bytes_failed(&want, err) < 0)
		goto done;
	if (!is_plain_file(record)) {
		malformed(err, "an entry that is not a file");
		goto done;
	}
	/* All but signature and `version made by`, and the attributes. */
	if (len != want.len || memcmp(record + 6, want.data + 6, 36 - 6) != 0 ||
	    memcmp(record + 42, want.data + 42, len - 42) != 0) {
		malformed(err, "local header and central directory differ");
		goto done;
	}
	rc = 0;
done:
	bytes_free(&want);
	return rc;
}

int
zip_check_end(const uint8_t *record, size_t len, size_t count, uint64_t offset,
    uint64_t directory_len, struct error *err)
{
	struct bytes want = { 0 };
	int rc = -1;

	zip_put_end(&want, count, offset, directory_len);
	if (bytes_failed(&want, err) < 0)
		goto done;
	if (len != want.len) {
		malformed(err, "it does not end where it should");
		goto done;
	}
	/* The versions of the ZIP64 record are the writer's. */
	if (len > ZIP_END_LEN)
		memcpy(want.data + 12, record + 12, 4);
	if (memcmp(record, want.data, len) != 0) {
		malformed(err, "its end does not fit its entries");
		goto done;
	}
	rc = 0;
done:
	bytes_free(&want);
	return rc;
}
