/*
 * The package reader against any bytes; and whatever it accepts, libarchive
 * must see the same way by the local headers and by the central directory.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <archive.h>
#include <archive_entry.h>

#include "base/bytes.h"
#include "base/error.h"
#include "package/manifest.h"
#include "package/package_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

struct source {
	const uint8_t *data;
	size_t left;
};

static void
must(int ok)
{
	if (!ok)
		abort();
}

static int
pull(void *context, void *to, size_t size, size_t *ret_len, struct error *err)
{
	struct source *source = context;
	size_t len = source->left < size ? source->left : size;

	(void)err;
	if (len > 0)
		memcpy(to, source->data, len);
	source->data += len;
	source->left -= len;
	*ret_len = len;
	return 0;
}

static size_t
count_entries(struct archive *archive, const uint8_t *data, size_t len)
{
	struct archive_entry *entry;
	size_t count = 0;
	int rc;

	must(archive_read_open_memory(archive, data, len) == ARCHIVE_OK);
	/* A name that it cannot convert is a warning. */
	while ((rc = archive_read_next_header(archive, &entry)) == ARCHIVE_OK ||
	    rc == ARCHIVE_WARN) {
		must(archive_entry_filetype(entry) == AE_IFREG);
		count++;
	}
	archive_read_free(archive);
	return count;
}

static void
compare(const struct package_reader *reader, const uint8_t *data, size_t len)
{
	bool is_batched = package_read_signed(reader)->data[0] == '#';
	size_t count = package_read_files(reader)->file_count + 3 + is_batched;
	struct archive *archive = archive_read_new();

	archive_read_support_format_zip_seekable(archive);
	must(count_entries(archive, data, len) == count);
	archive = archive_read_new();
	archive_read_support_format_zip_streamable(archive);
	must(count_entries(archive, data, len) == count);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct package_limits limits = package_limits_default();
	struct source source = { data, len };
	struct package_reader *reader = NULL;
	struct package_entry entry;
	struct error err = { 0 };
	uint8_t chunk[100];
	int rc;

	if (package_read_open(pull, &source, &limits, &reader, &err) < 0)
		return 0;
	while ((rc = package_read_next(reader, &entry, &err)) == 1) {
		size_t some;

		must(strlen(entry.name) > 0);
		if (package_read_data(reader, chunk, sizeof(chunk), &some,
			&err) < 0)
			break;
	}
	if (rc == 0)
		compare(reader, data, len);
	package_read_close(reader);
	return 0;
}
