/*
 * The records of a ZIP file as packages use them (docs/protocol.md 3): stored
 * entries, no extra fields but ZIP64 where a size needs it.  One module writes
 * them and reads them back, so that what is accepted is what is written.
 */
#ifndef PACKAGE_ZIP_FORMAT_H
#define PACKAGE_ZIP_FORMAT_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

struct bytes;
struct error;

enum {
	ZIP_LOCAL_LEN = 30,   /* fixed part of a local header */
	ZIP_CENTRAL_LEN = 46, /* ... of an entry of the central directory */
	ZIP_END_LEN = 22,
	ZIP64_END_LEN = 56,
	ZIP64_LOCATOR_LEN = 20,
	ZIP_NAME_MAX = 255,
	ZIP_LOCAL_MAX = ZIP_LOCAL_LEN + ZIP_NAME_MAX + 20,
	ZIP_CENTRAL_MAX = ZIP_CENTRAL_LEN + ZIP_NAME_MAX + 28,
};

/* Signatures, as read with zip_signature(). */
#define ZIP_LOCAL UINT32_C(0x04034b50)
#define ZIP_CENTRAL UINT32_C(0x02014b50)
#define ZIP_END UINT32_C(0x06054b50)
#define ZIP64_END UINT32_C(0x06064b50)
#define ZIP64_LOCATOR UINT32_C(0x07064b50)

struct zip_entry {
	char name[ZIP_NAME_MAX + 1];
	uint64_t size;
	uint64_t offset; /* of its local header */
	uint32_t crc32;
	uint16_t version; /* needed to extract */
	uint16_t flags;
	uint16_t time, date;
};

uint32_t zip_signature(const uint8_t record[4]);

/* Set version, flags, time and date for writing; name and size are there. */
void zip_entry_prepare(struct zip_entry *entry);

void zip_put_local(struct bytes *to, const struct zip_entry *entry);
void zip_put_central(struct bytes *to, const struct zip_entry *entry);

/* What stands behind the central directory; `offset` is where that begins. */
void zip_put_end(struct bytes *to, size_t count, uint64_t offset, uint64_t len);

/* How many bytes zip_put_local() and zip_put_central() append. */
size_t zip_local_len(const struct zip_entry *entry);
size_t zip_central_len(const struct zip_entry *entry);
size_t zip_end_len(size_t count, uint64_t offset, uint64_t len);

/*
 * How many bytes follow the fixed part of a local or central header: name,
 * extra field and comment.  At most ZIP_NAME_MAX + 28, or -1 with E3201.
 */
int zip_rest_of_local(const uint8_t *record, size_t *ret_len,
    struct error *err) MUST_CHECK;
int zip_rest_of_central(const uint8_t *record, size_t *ret_len,
    struct error *err) MUST_CHECK;

/*
 * Decode a whole local header into all but `offset`.  ERROR_MALFORMED E3201
 * for anything else than a stored entry with its size and without extra field;
 * E3202 for a name that is unsafe.
 */
int zip_parse_local(const uint8_t *record, size_t len,
    struct zip_entry *ret_entry, struct error *err) MUST_CHECK;

/* A central header must say of `entry` exactly what its local header said. */
int zip_check_central(const uint8_t *record, size_t len,
    const struct zip_entry *entry, struct error *err) MUST_CHECK;

/* The end of the file must say what zip_put_end() would write. */
int zip_check_end(const uint8_t *record, size_t len, size_t count,
    uint64_t offset, uint64_t directory_len, struct error *err) MUST_CHECK;

#endif
