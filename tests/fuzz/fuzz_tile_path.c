/*
 * Names of tiles: one name for each tile.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "log/tile_path.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char text[TILE_PATH_SIZE * 2], again[TILE_PATH_SIZE];
	struct tile_path path;

	if (!text_copy_len(text, sizeof(text), (const char *)data, len) ||
	    strlen(text) != len || !tile_path_parse(text, &path))
		return 0;
	tile_path_format(&path, again);
	if (!text_equal(text, again) || path.width == 0 ||
	    path.width > TILE_WIDTH || path.level > TILE_LEVEL_MAX)
		abort();
	return 0;
}
