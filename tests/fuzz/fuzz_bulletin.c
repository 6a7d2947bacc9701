/*
 * Any JSON as a bulletin: decoded as what its type says, and what makes an
 * image makes one that opens.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/bytes.h"
#include "base/error.h"
#include "bulletin/bulletin.h"
#include "bulletin/root.h"
#include "bulletin/timestamp.h"
#include "directory/directory.h"
#include "directory/directory_image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
build(const struct bulletin *bulletin)
{
	struct directory_sources sources = { .access = &bulletin };
	struct bytes image = { 0 };
	struct directory *directory = NULL;
	struct error err = { 0 };

	if (bulletin->type == BULLETIN_DIRECTORY)
		sources.directory = bulletin;
	if (bulletin->type == BULLETIN_NETWORK)
		sources.network = bulletin;
	if (bulletin->type == BULLETIN_ACCESS)
		sources.access_count = 1;
	if (directory_image_build(&sources, &image, &err) == 0) {
		if (directory_open(image.data, image.len, &directory, &err) < 0)
			abort();
		directory_close(directory);
	}
	bytes_free(&image);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct bulletin bulletin = { 0 };
	struct timestamp timestamp = { 0 };
	struct root root = { 0 };
	struct error err = { 0 };

	if (bulletin_parse(data, len, &bulletin, &err) < 0)
		return 0;
	if (bulletin.type == BULLETIN_ROOT)
		(void)(root_decode(&bulletin, &root, &err) == 0);
	else if (bulletin.type == BULLETIN_TIMESTAMP)
		(void)(timestamp_decode(&bulletin, &timestamp, &err) == 0);
	else
		build(&bulletin);
	root_free(&root);
	timestamp_free(&timestamp);
	bulletin_free(&bulletin);
	return 0;
}
