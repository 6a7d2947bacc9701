/*
 * The manifest of a backup: what is accepted names only files that a store can
 * have, each once, and is written the same when it is written again and read.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "cli/backup/backup_manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct backup_manifest manifest = { 0 }, again = { 0 };
	struct bytes first = { 0 }, second = { 0 };
	struct error err = { 0 };

	if (backup_manifest_decode(data, len, &manifest, &err) == 0) {
		for (size_t i = 0; i < manifest.file_count; i++)
			if (!store_file_name_is_good(manifest.files[i].name))
				abort();
		if (backup_manifest_encode(&manifest, &first, &err) < 0 ||
		    backup_manifest_decode(first.data, first.len, &again,
			&err) < 0 ||
		    backup_manifest_encode(&again, &second, &err) < 0 ||
		    first.len != second.len ||
		    memcmp(first.data, second.data, first.len) != 0)
			abort();
	}
	bytes_free(&first);
	bytes_free(&second);
	backup_manifest_free(&manifest);
	backup_manifest_free(&again);
	return 0;
}
