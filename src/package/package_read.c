#include "package/package_read.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "crypto/sha256.h"
#include "package/crc32.h"
#include "package/manifest.h"
#include "package/package_facts.h"
#include "package/package_internal.h"
#include "package/zip_format.h"

/* What was read of one entry; what the end says must agree with it. */
struct seen {
	struct zip_entry zip;
	struct digest sha256;
};

/* Which call may come next. */
enum phase {
	PHASE_FRONT, /* nothing was read */
	PHASE_FILE,  /* inside an official file */
	PHASE_OVER,  /* all of it was read and agrees */
	PHASE_FAILED
};

struct package_reader {
	package_source_fn source;
	void *context; /* not ours */
	struct package_limits limits;
	enum phase phase;

	uint8_t chunk[PACKAGE_CHUNK]; /* read ahead */
	size_t chunk_at, chunk_len;
	uint64_t offset; /* in the container, of chunk_at */

	struct seen *seen;
	size_t seen_count, seen_size;
	uint64_t files_size; /* of all official files so far */

	uint64_t left; /* of the current entry */
	uint32_t crc32;
	struct sha256 *sha;

	struct bytes facts_json, manifest_xml, signature;
	struct package_facts facts;
	struct manifest manifest;
};

struct package_limits
package_limits_default(void)
{
	struct package_limits limits = {
		.files_max = MANIFEST_FILES_MAX,
		.file_size_max = UINT64_C(2) << 30,
		.size_max = UINT64_C(2) << 30,
	};

	return limits;
}

int
package_read_open(package_source_fn source, void *context,
    const struct package_limits *limits, struct package_reader **ret_reader,
    struct error *err)
{
	struct package_reader *reader = calloc(1, sizeof(*reader));

	if (reader == NULL)
		return error_set_memory(err);
	if (sha256_new(&reader->sha, err) < 0) {
		free(reader);
		return -1;
	}
	reader->source = source;
	reader->context = context;
	reader->limits = *limits;
	*ret_reader = reader;
	return 0;
}

void
package_read_close(struct package_reader *reader)
{
	if (reader == NULL)
		return;
	sha256_free(reader->sha);
	bytes_free(&reader->facts_json);
	bytes_free(&reader->manifest_xml);
	bytes_free(&reader->signature);
	package_facts_free(&reader->facts);
	manifest_free(&reader->manifest);
	free(reader->seen);
	free(reader);
}

static int
malformed(const struct package_reader *reader, const char *what,
    struct error *err)
{
	return error_set_id(err, "E3201", ERROR_MALFORMED,
	    "container, byte %llu: %s", (unsigned long long)reader->offset,
	    what);
}

/* Up to `size` of the next bytes; 0 of them at the end. */
static int
take_some(struct package_reader *reader, void *to, size_t size, size_t *ret_len,
    struct error *err)
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

/* Exactly `len` bytes. */
static int
take(struct package_reader *reader, uint8_t *to, size_t len, struct error *err)
{
	while (len > 0) {
		size_t some;

		if (take_some(reader, to, len, &some, err) < 0)
			return -1;
		if (some == 0)
			return malformed(reader, "it is cut off", err);
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

/* Read the next local header and get ready for its content. */
static int
begin_entry(struct package_reader *reader, struct error *err)
{
	uint8_t record[ZIP_LOCAL_MAX + 8];
	uint64_t offset = reader->offset;
	struct seen *seen;
	size_t rest;

	if (take(reader, record, ZIP_LOCAL_LEN, err) < 0)
		return -1;
	if (zip_signature(record) != ZIP_LOCAL)
		return malformed(reader, "an entry is missing", err);
	if (zip_rest_of_local(record, &rest, err) < 0 ||
	    take(reader, record + ZIP_LOCAL_LEN, rest, err) < 0)
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

/* Content of the current entry; 0 bytes at its end, which is then checked. */
static int
read_entry(struct package_reader *reader, void *to, size_t size,
    size_t *ret_len, struct error *err)
{
	struct seen *seen = &reader->seen[reader->seen_count - 1];

	*ret_len = 0;
	if (reader->left == 0) {
		if (reader->crc32 != seen->zip.crc32)
			return malformed(reader, "CRC-32 is wrong", err);
		return 0;
	}
	if (size > reader->left)
		size = (size_t)reader->left;
	if (take_some(reader, to, size, ret_len, err) < 0)
		return -1;
	if (*ret_len == 0)
		return malformed(reader, "it is cut off", err);
	reader->left -= *ret_len;
	reader->crc32 = crc32_update(reader->crc32, to, *ret_len);
	sha256_update(reader->sha, to, *ret_len);
	if (reader->left == 0)
		sha256_final(reader->sha, &seen->sha256);
	return 0;
}

/* Entry of this name and at most `max` bytes, whole. */
static int
read_small(struct package_reader *reader, const char *name, size_t max,
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
		if (read_entry(reader, chunk, sizeof(chunk), &len, err) < 0)
			return -1;
		bytes_put(to, chunk, len);
	} while (len > 0);
	return bytes_failed(to, err);
}

static int
read_front(struct package_reader *reader, struct error *err)
{
	struct bytes mimetype = { 0 };
	int rc = -1;

	if (begin_entry(reader, err) < 0 ||
	    read_small(reader, PACKAGE_MIMETYPE_NAME, strlen(PACKAGE_MIMETYPE),
		&mimetype, err) < 0)
		goto done;
	if (mimetype.len != strlen(PACKAGE_MIMETYPE) ||
	    memcmp(mimetype.data, PACKAGE_MIMETYPE, mimetype.len) != 0) {
		malformed(reader, "its media type is another", err);
		goto done;
	}
	if (begin_entry(reader, err) < 0 ||
	    read_small(reader, PACKAGE_FACTS_NAME, PACKAGE_FACTS_BYTES_MAX,
		&reader->facts_json, err) < 0)
		goto done;
	rc = package_facts_parse(reader->facts_json.data,
	    reader->facts_json.len, &reader->facts, err);
done:
	bytes_free(&mimetype);
	return rc;
}

/* One entry against the manifest; each line of that serves once. */
static int
check_seen(const struct manifest *manifest, const struct seen *seen, bool *used,
    struct error *err)
{
	long at = manifest_find(manifest, seen->zip.name);

	if (at < 0)
		return error_set_id(err, "E3209", ERROR_MALFORMED,
		    "%s is not in the manifest", seen->zip.name);
	if (used[at])
		return error_set_id(err, "E3202", ERROR_MALFORMED,
		    "%s is there twice", seen->zip.name);
	used[at] = true;
	if (!digest_equal(&manifest->files[at].sha256, &seen->sha256))
		return error_set_id(err, "E3209", ERROR_MALFORMED,
		    "%s has another digest", seen->zip.name);
	return 0;
}

/* Each entry but mimetype, manifest and signature is in the manifest. */
static int
check_manifest(struct package_reader *reader, struct error *err)
{
	const struct manifest *manifest = &reader->manifest;
	bool *used;
	int rc = 0;

	if (!text_equal(manifest->signature, PACKAGE_SIGNATURE_NAME))
		return error_set_id(err, "E3204", ERROR_MALFORMED,
		    "manifest: another signature file is named");
	if (manifest->file_count != reader->seen_count - 3)
		return error_set_id(err, "E3209", ERROR_MALFORMED,
		    "manifest and container do not hold the same files");
	used = calloc(manifest->file_count, sizeof(*used));
	if (used == NULL)
		return error_set_memory(err);
	for (size_t i = 1; i < reader->seen_count - 2 && rc == 0; i++)
		rc = check_seen(manifest, &reader->seen[i], used, err);
	free(used);
	return rc;
}

static int
check_directory(struct package_reader *reader, uint64_t *ret_len,
    struct error *err)
{
	uint64_t begin = reader->offset;
	uint8_t record[ZIP_CENTRAL_MAX];
	size_t rest;

	for (size_t i = 0; i < reader->seen_count; i++) {
		if (take(reader, record, ZIP_CENTRAL_LEN, err) < 0)
			return -1;
		if (zip_signature(record) != ZIP_CENTRAL)
			return malformed(reader, "its directory is short", err);
		if (zip_rest_of_central(record, &rest, err) < 0 ||
		    take(reader, record + ZIP_CENTRAL_LEN, rest, err) < 0)
			return -1;
		if (zip_check_central(record, ZIP_CENTRAL_LEN + rest,
			&reader->seen[i].zip, err) < 0)
			return -1;
	}
	*ret_len = reader->offset - begin;
	return 0;
}

/* Directory and end, and nothing behind them. */
static int
check_end(struct package_reader *reader, struct error *err)
{
	uint8_t record[ZIP64_END_LEN + ZIP64_LOCATOR_LEN + ZIP_END_LEN];
	uint64_t begin = reader->offset;
	uint64_t directory;
	uint8_t more;
	size_t len;

	if (check_directory(reader, &directory, err) < 0)
		return -1;
	len = zip_end_len(reader->seen_count, begin, directory);
	if (take(reader, record, len, err) < 0 ||
	    zip_check_end(record, len, reader->seen_count, begin, directory,
		err) < 0 ||
	    take_some(reader, &more, 1, &len, err) < 0)
		return -1;
	return len == 0 ? 0 : malformed(reader, "bytes after its end", err);
}

/* From the manifest, whose header was read, to the last byte. */
static int
read_back(struct package_reader *reader, struct error *err)
{
	if (read_small(reader, PACKAGE_MANIFEST_NAME, MANIFEST_BYTES_MAX,
		&reader->manifest_xml, err) < 0)
		return -1;
	if (begin_entry(reader, err) < 0 ||
	    read_small(reader, PACKAGE_SIGNATURE_NAME, PACKAGE_SIGNATURE_MAX,
		&reader->signature, err) < 0)
		return -1;
	if (manifest_parse(reader->manifest_xml.data, reader->manifest_xml.len,
		&reader->manifest, err) < 0)
		return -1;
	if (check_manifest(reader, err) < 0)
		return -1;
	return check_end(reader, err);
}

/*
 * Found here and not only at the end, so that who unpacks on the way never
 * meets one name twice.
 */
static int
check_name(const struct package_reader *reader, const char *name,
    struct error *err)
{
	if (package_name_is_reserved(name))
		return error_set_id(err, "E3202", ERROR_MALFORMED,
		    "an official file may not be called %s", name);
	for (size_t i = 0; i + 1 < reader->seen_count; i++)
		if (manifest_name_is_same(reader->seen[i].zip.name, name))
			return error_set_id(err, "E3202", ERROR_MALFORMED,
			    "%s is there twice", name);
	return 0;
}

static int
check_file(struct package_reader *reader, struct error *err)
{
	const struct zip_entry *zip = &reader->seen[reader->seen_count - 1].zip;

	if (check_name(reader, zip->name, err) < 0)
		return -1;
	if (reader->seen_count - 2 > reader->limits.files_max)
		return error_set_id(err, "E3203", ERROR_MALFORMED,
		    "more than %zu files", reader->limits.files_max);
	if (zip->size > reader->limits.file_size_max ||
	    zip->size > reader->limits.size_max - reader->files_size)
		return error_set_id(err, "E3203", ERROR_MALFORMED,
		    "%s is too large", zip->name);
	reader->files_size += zip->size;
	/* An empty file has no piece that would end its digest. */
	if (zip->size == 0)
		sha256("", 0, &reader->seen[reader->seen_count - 1].sha256);
	return 0;
}

static int
skip_rest(struct package_reader *reader, struct error *err)
{
	uint8_t chunk[4096];
	size_t len;

	do {
		if (read_entry(reader, chunk, sizeof(chunk), &len, err) < 0)
			return -1;
	} while (len > 0);
	return 0;
}

/* 1 at a file, 0 at the end. */
static int
next(struct package_reader *reader, struct error *err)
{
	if (reader->phase == PHASE_FRONT) {
		if (read_front(reader, err) < 0)
			return -1;
	} else if (skip_rest(reader, err) < 0) {
		return -1;
	}
	if (begin_entry(reader, err) < 0)
		return -1;
	if (text_equal(reader->seen[reader->seen_count - 1].zip.name,
		PACKAGE_MANIFEST_NAME))
		return read_back(reader, err);
	return check_file(reader, err) < 0 ? -1 : 1;
}

int
package_read_next(struct package_reader *reader,
    struct package_entry *ret_entry, struct error *err)
{
	int rc;

	if (reader->phase == PHASE_OVER)
		return 0;
	if (reader->phase == PHASE_FAILED)
		return malformed(reader, "it was refused before", err);
	rc = next(reader, err);
	if (rc < 0) {
		reader->phase = PHASE_FAILED;
		return -1;
	}
	reader->phase = rc == 0 ? PHASE_OVER : PHASE_FILE;
	if (rc == 1) {
		const struct zip_entry *zip =
		    &reader->seen[reader->seen_count - 1].zip;

		ret_entry->name = zip->name;
		ret_entry->size = zip->size;
		ret_entry->offset = reader->offset;
	}
	return rc;
}

int
package_read_data(struct package_reader *reader, void *to, size_t size,
    size_t *ret_len, struct error *err)
{
	if (reader->phase != PHASE_FILE)
		return malformed(reader, "no file is being read", err);
	if (read_entry(reader, to, size, ret_len, err) < 0) {
		reader->phase = PHASE_FAILED;
		return -1;
	}
	return 0;
}

const struct bytes *
package_read_manifest(const struct package_reader *reader)
{
	return &reader->manifest_xml;
}

const struct bytes *
package_read_signature(const struct package_reader *reader)
{
	return &reader->signature;
}

const struct package_facts *
package_read_facts(const struct package_reader *reader)
{
	return &reader->facts;
}

const struct manifest *
package_read_files(const struct package_reader *reader)
{
	return &reader->manifest;
}
