/*
 * One archive being unpacked; only archive_walk.c and archive_content.c include
 * this.
 */
#ifndef ARCHIVE_ARCHIVE_WALK_INTERNAL_H
#define ARCHIVE_ARCHIVE_WALK_INTERNAL_H

#include "archive/archive_internal.h"
#include "base/attr.h"
#include "base/error.h"

struct archive;

struct walk {
	struct level *level;
	struct archive *archive;
	struct error failure; /* of the source */
	uint64_t offset;
	enum file_type type; /* what is unpacked */
	bool is_raw;         /* one compressed file, seen as such */
	bool holds_archive;  /* ... which is an archive in the end */
	uint8_t in[ARCHIVE_CHUNK];
	uint8_t out[ARCHIVE_CHUNK];
};

/*
 * Unpack the entry that libarchive stands at, and look at its bytes.  Fails only
 * if memory ran out.
 */
int walk_inspect_content(struct walk *walk, const struct entry *entry,
    struct error *err) MUST_CHECK;

#endif
