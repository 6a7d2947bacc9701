#include "package/package_read.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "crypto/sha256.h"
#include "package/package_batch.h"
#include "package/package_read_internal.h"

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
	struct package_reader *reader = malloc(sizeof(*reader));

	if (reader == NULL)
		return error_set_memory(err);
	memset(reader, 0, offsetof(struct package_reader, chunk));
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
	bytes_free(&reader->list);
	bytes_free(&reader->signature);
	package_facts_free(&reader->facts);
	manifest_free(&reader->manifest);
	free(reader->seen);
	free(reader);
}

static int
read_front(struct package_reader *reader, struct error *err)
{
	struct bytes mimetype = { 0 };
	int rc = -1;

	if (package_begin_entry(reader, err) < 0 ||
	    package_read_small(reader, PACKAGE_MIMETYPE_NAME,
		strlen(PACKAGE_MIMETYPE), &mimetype, err) < 0)
		goto done;
	if (mimetype.len != strlen(PACKAGE_MIMETYPE) ||
	    memcmp(mimetype.data, PACKAGE_MIMETYPE, mimetype.len) != 0) {
		package_malformed(reader, "its media type is another", err);
		goto done;
	}
	if (package_begin_entry(reader, err) < 0 ||
	    package_read_small(reader, PACKAGE_FACTS_NAME,
		PACKAGE_FACTS_BYTES_MAX, &reader->facts_json, err) < 0)
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

/* Each entry but mimetype and those from the manifest on is in the manifest. */
static int
check_manifest(struct package_reader *reader, struct error *err)
{
	const struct manifest *manifest = &reader->manifest;
	size_t end = reader->seen_count - (reader->list.len > 0 ? 3 : 2);
	bool *used;
	int rc = 0;

	if (!text_equal(manifest->signature, PACKAGE_SIGNATURE_NAME))
		return error_set_id(err, "E3204", ERROR_MALFORMED,
		    "manifest: another signature file is named");
	if (manifest->file_count != end - 1)
		return error_set_id(err, "E3209", ERROR_MALFORMED,
		    "manifest and container do not hold the same files");
	used = calloc(manifest->file_count, sizeof(*used));
	if (used == NULL)
		return error_set_memory(err);
	for (size_t i = 1; i < end && rc == 0; i++)
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
		if (package_take(reader, record, ZIP_CENTRAL_LEN, err) < 0)
			return -1;
		if (zip_signature(record) != ZIP_CENTRAL)
			return package_malformed(reader,
			    "its directory is short", err);
		if (zip_rest_of_central(record, &rest, err) < 0 ||
		    package_take(reader, record + ZIP_CENTRAL_LEN, rest, err) <
			0)
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
	if (package_take(reader, record, len, err) < 0 ||
	    zip_check_end(record, len, reader->seen_count, begin, directory,
		err) < 0 ||
	    package_take_some(reader, &more, 1, &len, err) < 0)
		return -1;
	return len == 0 ? 0
			: package_malformed(reader, "bytes after its end", err);
}

/* The list of its batch, if there is one, must have the manifest. */
static int
read_list(struct package_reader *reader, size_t line, struct error *err)
{
	struct digest digest;

	if (package_begin_entry(reader, err) < 0)
		return -1;
	if (!text_equal(package_entry_name(reader), PACKAGE_BATCH_NAME))
		return line == 1
		    ? 0
		    : package_malformed(reader,
			  "its manifest has the name of one of a batch", err);
	if (package_read_small(reader, PACKAGE_BATCH_NAME,
		PACKAGE_BATCH_BYTES_MAX, &reader->list, err) < 0)
		return -1;
	sha256(reader->manifest_xml.data, reader->manifest_xml.len, &digest);
	if (package_batch_check(reader->list.data, reader->list.len,
		reader->facts.environment, line, &digest, err) < 0)
		return -1;
	return package_begin_entry(reader, err);
}

/* From the manifest, whose header was read, to the last byte. */
static int
read_back(struct package_reader *reader, size_t line, struct error *err)
{
	char name[PACKAGE_MANIFEST_NAME_SIZE];

	package_manifest_name(line, name);
	if (package_read_small(reader, name, MANIFEST_BYTES_MAX,
		&reader->manifest_xml, err) < 0)
		return -1;
	if (read_list(reader, line, err) < 0 ||
	    package_read_small(reader, PACKAGE_SIGNATURE_NAME,
		PACKAGE_SIGNATURE_MAX, &reader->signature, err) < 0)
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
		if (package_read_entry(reader, chunk, sizeof(chunk), &len,
			err) < 0)
			return -1;
	} while (len > 0);
	return 0;
}

/* 1 at a file, 0 at the end. */
static int
next(struct package_reader *reader, struct error *err)
{
	size_t line;

	if (reader->phase == PHASE_FRONT) {
		if (read_front(reader, err) < 0)
			return -1;
	} else if (skip_rest(reader, err) < 0) {
		return -1;
	}
	if (package_begin_entry(reader, err) < 0)
		return -1;
	line = package_manifest_line(package_entry_name(reader));
	if (line > 0)
		return read_back(reader, line, err);
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
		return package_malformed(reader, "it was refused before", err);
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
		return package_malformed(reader, "no file is being read", err);
	if (package_read_entry(reader, to, size, ret_len, err) < 0) {
		reader->phase = PHASE_FAILED;
		return -1;
	}
	return 0;
}

const struct bytes *
package_read_signed(const struct package_reader *reader)
{
	return reader->list.len > 0 ? &reader->list : &reader->manifest_xml;
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
