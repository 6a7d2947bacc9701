/*
 * The reader's state, and the level below it: bytes of the container, one entry
 * after the other.  Only package_read*.c include this.
 */
#ifndef PACKAGE_PACKAGE_READ_INTERNAL_H
#define PACKAGE_PACKAGE_READ_INTERNAL_H

#include "base/attr.h"
#include "base/bytes.h"
#include "model/digest.h"
#include "package/manifest.h"
#include "package/package_facts.h"
#include "package/package_internal.h"
#include "package/package_read.h"
#include "package/zip_format.h"

struct sha256;

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

	size_t chunk_at, chunk_len; /* of `chunk` */
	uint64_t offset;            /* in the container, of chunk_at */

	struct seen *seen;
	size_t seen_count, seen_size;
	uint64_t files_size; /* of all official files so far */

	uint64_t left; /* of the current entry */
	uint32_t crc32;
	struct sha256 *sha;

	struct bytes facts_json, manifest_xml, signature;
	struct bytes list; /* of its batch; empty: signed by itself */
	struct package_facts facts;
	struct manifest manifest;

	/* Read ahead.  Last: most packages touch a few of its pages. */
	uint8_t chunk[PACKAGE_CHUNK];
};

/* ERROR_MALFORMED E3201 at the present offset. */
int package_malformed(const struct package_reader *reader, const char *what,
    struct error *err);

/* Up to `size` of the next bytes; 0 of them at the end. */
int package_take_some(struct package_reader *reader, void *to, size_t size,
    size_t *ret_len, struct error *err) MUST_CHECK;

/* Exactly `len` bytes. */
int package_take(struct package_reader *reader, uint8_t *to, size_t len,
    struct error *err) MUST_CHECK;

/* Read the next local header and get ready for its content. */
int package_begin_entry(struct package_reader *reader,
    struct error *err) MUST_CHECK;

/* Content of the current entry; 0 bytes at its end, which is then checked. */
int package_read_entry(struct package_reader *reader, void *to, size_t size,
    size_t *ret_len, struct error *err) MUST_CHECK;

/* The name of the current entry. */
const char *package_entry_name(const struct package_reader *reader);

/* The current entry, which has this name and at most `max` bytes, whole. */
int package_read_small(struct package_reader *reader, const char *name,
    size_t max, struct bytes *to, struct error *err) MUST_CHECK;

#endif
