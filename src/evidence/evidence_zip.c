#include "evidence/evidence_zip.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "package/crc32.h"
#include "package/zip_format.h"

/* ---- writing --------------------------------------------------------- */

int
evidence_zip_add(struct evidence_zip_writer *writer, const char *name,
    const void *data, size_t len, struct error *err)
{
	struct zip_entry entry = { .size = len, .offset = writer->out.len };

	if (writer->count == EVIDENCE_PARTS_MAX ||
	    strlen(name) >= EVIDENCE_NAME_SIZE ||
	    len > EVIDENCE_BYTES_MAX - writer->out.len)
		return error_set_id(err, "E3508", ERROR_DENIED,
		    "part %s does not fit in", name);
	if (!text_copy(entry.name, sizeof(entry.name), name))
		return error_set(err, ERROR_SYSTEM, "name %s is too long",
		    name);
	entry.crc32 = crc32_update(0, data, len);
	zip_entry_prepare(&entry);
	zip_put_local(&writer->out, &entry);
	bytes_put(&writer->out, data, len);
	zip_put_central(&writer->directory, &entry);
	writer->count++;
	if (bytes_failed(&writer->out, err) < 0 ||
	    bytes_failed(&writer->directory, err) < 0)
		return -1;
	return 0;
}

int
evidence_zip_finish(struct evidence_zip_writer *writer, struct error *err)
{
	uint64_t offset = writer->out.len;

	bytes_put(&writer->out, writer->directory.data, writer->directory.len);
	zip_put_end(&writer->out, writer->count, offset, writer->directory.len);
	if (bytes_failed(&writer->out, err) < 0)
		return -1;
	if (writer->out.len > EVIDENCE_BYTES_MAX)
		return error_set_id(err, "E3508", ERROR_DENIED, "%zu bytes",
		    writer->out.len);
	return 0;
}

void
evidence_zip_writer_free(struct evidence_zip_writer *writer)
{
	bytes_free(&writer->out);
	bytes_free(&writer->directory);
}

/* ---- reading --------------------------------------------------------- */

/* The file, and the entries as their local headers told them. */
struct reading {
	struct cursor cursor;
	size_t len;
	struct zip_entry *entries;
	struct evidence_zip zip;
};

static int
malformed(const struct reading *reading, const char *what, struct error *err)
{
	return error_set_id(err, "E3501", ERROR_MALFORMED, "byte %zu: %s",
	    reading->len - reading->cursor.left, what);
}

/* Failures of zip_format.h speak of packages. */
static int
of_zip(const struct error *why, struct error *err)
{
	return error_set_id(err, "E3501", ERROR_MALFORMED, "%s", why->text);
}

static bool
is_next(const struct reading *reading, uint32_t signature)
{
	return reading->cursor.left >= 4 &&
	    zip_signature(reading->cursor.data) == signature;
}

/* A local header; whatever the writer would not have put is refused. */
static int
take_header(struct reading *reading, struct zip_entry *entry, struct error *err)
{
	const uint8_t *header = reading->cursor.data;
	uint64_t offset = reading->len - reading->cursor.left;
	struct zip_entry as_written;
	struct error why = { 0 };
	size_t rest;

	if (reading->cursor.left < ZIP_LOCAL_LEN)
		return malformed(reading, "it is cut off", err);
	if (zip_rest_of_local(header, &rest, &why) < 0)
		return of_zip(&why, err);
	if (cursor_take(&reading->cursor, ZIP_LOCAL_LEN + rest) == NULL)
		return malformed(reading, "it is cut off", err);
	if (zip_parse_local(header, ZIP_LOCAL_LEN + rest, entry, &why) < 0)
		return of_zip(&why, err);
	entry->offset = offset;
	as_written = *entry;
	zip_entry_prepare(&as_written);
	if (as_written.version != entry->version ||
	    as_written.flags != entry->flags ||
	    as_written.time != entry->time || as_written.date != entry->date)
		return malformed(reading, "a header in another form", err);
	return 0;
}

static int
take_entry(struct reading *reading, struct error *err)
{
	struct zip_entry *entry = &reading->entries[reading->zip.count];
	struct evidence_part *part = &reading->zip.parts[reading->zip.count];

	if (reading->zip.count == EVIDENCE_PARTS_MAX)
		return malformed(reading, "too many parts", err);
	if (take_header(reading, entry, err) < 0)
		return -1;
	if (entry->size > reading->cursor.left)
		return malformed(reading, "it is cut off", err);
	part->len = (size_t)entry->size;
	part->data = cursor_take(&reading->cursor, part->len);
	if (!text_copy(part->name, sizeof(part->name), entry->name))
		return malformed(reading, "the name of a part is too long",
		    err);
	if (evidence_zip_find(&reading->zip, part->name) != NULL)
		return malformed(reading, "a part is there twice", err);
	if (crc32_update(0, part->data, part->len) != entry->crc32)
		return error_set_id(err, "E3502", ERROR_MALFORMED,
		    "%s: its CRC-32 is wrong", part->name);
	reading->zip.count++;
	return 0;
}

/* What follows the entries is known from them, to the last byte. */
static int
check_directory(const struct reading *reading, struct error *err)
{
	uint64_t offset = reading->len - reading->cursor.left;
	struct bytes want = { 0 };
	uint64_t directory_len;
	int rc = -1;

	for (size_t i = 0; i < reading->zip.count; i++)
		zip_put_central(&want, &reading->entries[i]);
	directory_len = want.len;
	zip_put_end(&want, reading->zip.count, offset, directory_len);
	if (bytes_failed(&want, err) < 0)
		goto done;
	if (reading->cursor.left != want.len ||
	    memcmp(reading->cursor.data, want.data, want.len) != 0)
		malformed(reading, "the list of entries does not fit them",
		    err);
	else
		rc = 0;
done:
	bytes_free(&want);
	return rc;
}

int
evidence_zip_read(const void *data, size_t len, struct evidence_zip *ret_zip,
    struct error *err)
{
	struct reading reading = { .cursor = cursor_of(data, len), .len = len };
	int rc = -1;

	if (len > EVIDENCE_BYTES_MAX)
		return malformed(&reading, "the file is too long", err);
	reading.zip.parts =
	    calloc(EVIDENCE_PARTS_MAX + 1, sizeof(*reading.zip.parts));
	reading.entries =
	    calloc(EVIDENCE_PARTS_MAX + 1, sizeof(*reading.entries));
	if (reading.zip.parts == NULL || reading.entries == NULL) {
		error_set_memory(err);
		goto done;
	}
	while (is_next(&reading, ZIP_LOCAL))
		if (take_entry(&reading, err) < 0)
			goto done;
	if (reading.zip.count == 0) {
		malformed(&reading, "no evidence file begins like this", err);
		goto done;
	}
	if (check_directory(&reading, err) < 0)
		goto done;
	*ret_zip = reading.zip;
	reading.zip.parts = NULL;
	rc = 0;
done:
	free(reading.zip.parts);
	free(reading.entries);
	return rc;
}

void
evidence_zip_free(struct evidence_zip *zip)
{
	free(zip->parts);
	*zip = (struct evidence_zip){ 0 };
}

const struct evidence_part *
evidence_zip_find(const struct evidence_zip *zip, const char *name)
{
	for (size_t i = 0; i < zip->count; i++)
		if (text_equal(zip->parts[i].name, name))
			return &zip->parts[i];
	return NULL;
}
