/*
 * A ZIP whose two lists are being compared; only archive_zip*.c include this.
 */
#ifndef ARCHIVE_ARCHIVE_ZIP_INTERNAL_H
#define ARCHIVE_ARCHIVE_ZIP_INTERNAL_H

#include "archive/archive_internal.h"
#include "base/attr.h"
#include "base/bytes.h"

enum {
	ZIP_LOCAL_LEN = 30,
	ZIP_CENTRAL_LEN = 46,
	ZIP_END_LEN = 22,
	ZIP_END64_LEN = 56,
	ZIP_LOCATOR_LEN = 20,
	ZIP_COMMENT_MAX = 65535,
	ZIP_DESCRIPTOR_MAX = 24,

	ZIP_FLAG_ENCRYPTED = 1,
	ZIP_FLAG_DESCRIPTOR = 1 << 3,
	ZIP_FLAG_STRONG = 1 << 6,
	ZIP_FLAG_MASKED = 1 << 13,

	ZIP_METHOD_STORED = 0,
	ZIP_METHOD_DEFLATED = 8,
	ZIP_METHOD_BZIP2 = 12,
	ZIP_METHOD_LZMA = 14,
	ZIP_METHOD_XZ = 95,
	ZIP_METHOD_AES = 99,

	ZIP_EXTRA_ZIP64 = 0x0001,
	ZIP_EXTRA_UNICODE_PATH = 0x7075,
	ZIP_UNICODE_PATH_HEAD = 5, /* version, CRC-32 of the other name */

	ZIP_MODE_TYPE = 0170000,
	ZIP_MODE_FOLDER = 0040000,
	ZIP_MODE_FILE = 0100000,
};

#define ZIP_LOCAL_SIGNATURE UINT32_C(0x04034b50)
#define ZIP_CENTRAL_SIGNATURE UINT32_C(0x02014b50)
#define ZIP_END_SIGNATURE UINT32_C(0x06054b50)
#define ZIP_END64_SIGNATURE UINT32_C(0x06064b50)
#define ZIP_LOCATOR_SIGNATURE UINT32_C(0x07064b50)
#define ZIP_DESCRIPTOR_SIGNATURE UINT32_C(0x08074b50)
#define ZIP_NO_SIZE UINT32_C(0xffffffff)

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

/* Numbers as ZIP has them, the smallest byte first. */
uint16_t zip_u16(const uint8_t *at);
uint32_t zip_u32(const uint8_t *at);
uint64_t zip_u64(const uint8_t *at);

/* Add E2186 about `what`; returns 0. */
int zip_contradicts(struct zip *zip, const char *what);

/* Exactly `len` bytes at `offset`: 1, or 0 beyond the end, or -1. */
int zip_take(struct zip *zip, uint64_t offset, uint8_t *to, size_t len,
    struct error *err) MUST_CHECK;

/*
 * Where `value` says so, take it from a ZIP64 field, which has its numbers in a
 * fixed order; false if that is too short.
 */
bool zip_take_zip64(const uint8_t **at, size_t *left, uint64_t *value);

/*
 * Sort the entries by place, and compare each with its local header and with
 * what follows it: 1, or 0 with its finding, or -1.
 */
int zip_check_entries(struct zip *zip, struct error *err) MUST_CHECK;

#endif
