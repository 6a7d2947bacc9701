/*
 * The manifest of a release: what is accepted can be laid down below one folder,
 * and has a check code that depends on nothing but its contents.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "release/release.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct release release = { 0 };
	struct error err = { 0 };
	uint64_t bytes = 0;

	if (release_parse(data, len, &release, &err) < 0)
		return 0;
	if (!version_is_good(release.version))
		abort();
	for (size_t i = 0; i < release.count; i++) {
		const struct release_file *file = &release.files[i];

		if (!texts_path_is_good(file->path) || file->path[0] == '/' ||
		    release_find(&release, file->path) != file)
			abort();
		bytes += file->bytes;
	}
	if (bytes != release.bytes || bytes > RELEASE_BYTES_MAX)
		abort();
	release_free(&release);
	return 0;
}
