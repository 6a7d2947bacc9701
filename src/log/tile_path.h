/*
 * How C2SP tlog-tiles names a tile: "1/x001/x234/067.p/8" is the first 8 hashes
 * of tile 1234067 of level 1; "entries/000" a bundle of entries.
 */
#ifndef LOG_TILE_PATH_H
#define LOG_TILE_PATH_H

#include <stdbool.h>
#include <stdint.h>

enum { TILE_PATH_SIZE = 64, TILE_WIDTH = 256, TILE_LEVEL_MAX = 7 };

struct tile_path {
	bool is_entries; /* `level` is 0 then */
	unsigned level;
	uint64_t index;
	unsigned width; /* 1 to TILE_WIDTH */
};

/* False for anything that tile_path_format() would not write. */
bool tile_path_parse(const char *text, struct tile_path *ret_path);

void tile_path_format(const struct tile_path *path, char to[TILE_PATH_SIZE]);

#endif
