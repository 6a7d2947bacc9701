/*
 * Read a package in one pass, front to back, in constant memory, and refuse
 * whatever is not exactly the layout of docs/protocol.md 3 (T-ZIP-01..08).
 *
 * Strictness is the protection: local headers and central directory must say
 * the same byte for byte, follow each other without gap or overlap, and end
 * where the file ends, so no two readers can see two different packages.
 *
 * Content reaches the caller before the end has been checked: use none of it
 * until package_read_next() has returned 0 and the signature over
 * package_read_signed() has been verified.
 */
#ifndef PACKAGE_PACKAGE_READ_H
#define PACKAGE_PACKAGE_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "model/digest.h"

struct bytes;
struct error;
struct manifest;
struct package_facts;

/* Read up to `size` bytes; *ret_len 0 at the end of the container. */
typedef int (*package_source_fn)(void *context, void *to, size_t size,
    size_t *ret_len, struct error *err);

struct package_limits {
	size_t files_max;       /* official files */
	uint64_t file_size_max; /* of each */
	uint64_t size_max;      /* of all together */
};

/* 2,000 files; 2 GiB each and together. */
struct package_limits package_limits_default(void);

struct package_reader;

/* `context` must outlive the reader. */
int package_read_open(package_source_fn source, void *context,
    const struct package_limits *limits, struct package_reader **ret_reader,
    struct error *err) MUST_CHECK;
void package_read_close(struct package_reader *reader);

struct package_entry {
	const char *name; /* until the next call of package_read_next() */
	uint64_t size;
	uint64_t offset; /* of its first byte in the container */
};

/*
 * Go to the next official file; what was not read of the one before is read
 * and checked here.  Returns 1 and the entry, or 0 at the end: then names,
 * sizes, CRC-32s and SHA-256 digests all agree with the central directory and
 * the manifest, and the manifest with the list of its batch, and nothing
 * follows.  -1: ERROR_MALFORMED E3201 (container, list), E3202 (name), E3203
 * (limits), E3204 to E3206 (manifest, facts), E3209 (a file is not what the
 * manifest says); ERROR_UNTRUSTED E3210 (the manifest is not what the list
 * says).
 */
int package_read_next(struct package_reader *reader,
    struct package_entry *ret_entry, struct error *err) MUST_CHECK;

/* Bytes of the current file; *ret_len 0 at its end. */
int package_read_data(struct package_reader *reader, void *to, size_t size,
    size_t *ret_len, struct error *err) MUST_CHECK;

/*
 * After package_read_next() returned 0; they live as long as the reader.  What
 * the signature is over is the manifest, or the list of a batch that has it.
 */
const struct bytes *package_read_signed(const struct package_reader *reader);
const struct bytes *package_read_signature(const struct package_reader *reader);
const struct package_facts *package_read_facts(
    const struct package_reader *reader);
const struct manifest *package_read_files(const struct package_reader *reader);

#endif
