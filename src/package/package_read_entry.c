#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "crypto/sha256.h"
#include "package/crc32.h"
#include "package/package_read_internal.h"

int
package_malformed(const struct package_reader *reader, const char *what,
    struct error *err)
{
	return error_set_id(err, "E3201", ERROR_MALFORMED,
	    "container, byte %llu: %s", (unsigned long long)reader->offset,
	    what);
}

int
package_take_some(struct package_reader *reader, void *to, size_t size,
    size_t *ret_len, struct error *err)
{
	size_t have = reader->chunk_len - reader->chunk_at;

	if (have == 0) {
		reader->chunk_at = 0;
		reader->chunk_len = 0;
		if (reader->source(reader->context, reader->chunk,
			sizeof(reader->chunk), &reader->chunk_len, err) < 0)
			return -1;
		have = reader->chunk_len;
	}
	if (size > have)
		size = have;
	memcpy(to, reader->chunk + reader->chunk_at, size);
	reader->chunk_at += size;
	reader->offset += size;
	*ret_len = size;
	return 0;
}

int
package_take(struct package_reader *reader, uint8_t *to, size_t len,
    struct error *err)
{
	while (len > 0) {
		size_t some;

		if (package_take_some(reader, to, len, &some, err) < 0)
			return -1;
		if (some == 0)
			return package_malformed(reader, "it is cut off", err);
		to += some;
		len -= some;
	}
	return 0;
}

/* The record for one more entry. */
static struct seen *
add_seen(struct package_reader *reader, struct error *err)
{
	if (reader->seen_count == reader->seen_size) {
		size_t size = reader->seen_size * 2 + 8;
		struct seen *seen = realloc(reader->seen, size * sizeof(*seen));

		if (seen == NULL) {
			error_set_memory(err);
			return NULL;
		}
		reader->seen = seen;
		reader->seen_size = size;
	}
	return &reader->seen[reader->seen_count++];
}

int
package_begin_entry(struct package_reader *reader, struct error *err)
{
	uint8_t record[ZIP_LOCAL_MAX + 8];
	uint64_t offset = reader->offset;
	struct seen *seen;
	size_t rest;

	if (package_take(reader, record, ZIP_LOCAL_LEN, err) < 0)
		return -1;
	if (zip_signature(record) != ZIP_LOCAL)
		return package_malformed(reader, "an entry is missing", err);
	if (zip_rest_of_local(record, &rest, err) < 0 ||
	    package_take(reader, record + ZIP_LOCAL_LEN, rest, err) < 0)
		return -1;
	seen = add_seen(reader, err);
	if (seen == NULL ||
	    zip_parse_local(record, ZIP_LOCAL_LEN + rest, &seen->zip, err) < 0)
		return -1;
	seen->zip.offset = offset;
	reader->left = seen->zip.size;
	reader->crc32 = 0;
	return 0;
}

const char *
package_entry_name(const struct package_reader *reader)
{
	return reader->seen[reader->seen_count - 1].zip.name;
}

int
package_read_entry(struct package_reader *reader, void *to, size_t size,
    size_t *ret_len, struct error *err)
{
	struct seen *seen = &reader->seen[reader->seen_count - 1];

	*ret_len = 0;
	if (reader->left == 0) {
		if (reader->crc32 != seen->zip.crc32)
			return package_malformed(reader, "CRC-32 is wrong",
			    err);
		return 0;
	}
	if (size > reader->left)
		size = (size_t)reader->left;
	if (package_take_some(reader, to, size, ret_len, err) < 0)
		return -1;
	if (*ret_len == 0)
		return package_malformed(reader, "it is cut off", err);
	reader->left -= *ret_len;
	reader->crc32 = crc32_update(reader->crc32, to, *ret_len);
	sha256_update(reader->sha, to, *ret_len);
	if (reader->left == 0)
		sha256_final(reader->sha, &seen->sha256);
	return 0;
}

int
package_read_small(struct package_reader *reader, const char *name, size_t max,
    struct bytes *to, struct error *err)
{
	const struct seen *seen = &reader->seen[reader->seen_count - 1];
	uint8_t chunk[4096];
	size_t len;

	if (!text_equal(seen->zip.name, name))
		return error_set_id(err, "E3201", ERROR_MALFORMED,
		    "container: %s is missing", name);
	if (seen->zip.size > max || seen->zip.size == 0)
		return error_set_id(err, "E3203", ERROR_MALFORMED,
		    "%s is empty or too large", name);
	do {
		if (package_read_entry(reader, chunk, sizeof(chunk), &len,
			err) < 0)
			return -1;
		bytes_put(to, chunk, len);
	} while (len > 0);
	return bytes_failed(to, err);
}
