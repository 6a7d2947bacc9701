/*
 * ASiCManifest (ETSI EN 319 162-1, annex A): the list of a container's files
 * with their digests, over whose bytes the organisation signs.
 *
 * The reader takes exactly this grammar, from any writer (prefixes, order of
 * attributes and white space are free), without an XML library: no document
 * type, no entities but the five, no comments, no processing instructions, no
 * element, attribute or namespace beyond those of the format.
 */
#ifndef PACKAGE_MANIFEST_H
#define PACKAGE_MANIFEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "model/digest.h"

struct bytes;
struct error;

enum {
	MANIFEST_FILES_MAX = 2000,
	MANIFEST_NAME_MAX = 255,             /* bytes of UTF-8 */
	MANIFEST_BYTES_MAX = 4 * 1024 * 1024 /* of the XML text */
};

struct manifest_file {
	char *name; /* as in the container, percent-decoded */
	struct digest sha256;
};

/* Start it as `{ 0 }`; release it with manifest_free(). */
struct manifest {
	char *signature; /* name of the signature file */
	struct manifest_file *files;
	size_t file_count;
	size_t file_size; /* capacity */
};

void manifest_free(struct manifest *manifest);

/* ERROR_MALFORMED E3202 for a bad or repeated name, E3203 for too many. */
int manifest_add(struct manifest *manifest, const char *name,
    const struct digest *sha256, struct error *err) MUST_CHECK;

/* The index of `name`, or -1. */
long manifest_find(const struct manifest *manifest, const char *name);

/* Append the XML text: the bytes that are signed. */
int manifest_format(const struct manifest *manifest, struct bytes *to,
    struct error *err) MUST_CHECK;

/*
 * Read XML text.  ERROR_MALFORMED E3204 with the offset; E3205 for a digest
 * that is not SHA-256 (T-CRY-06).  After a failure `ret_manifest` is empty.
 */
int manifest_parse(const void *data, size_t len, struct manifest *ret_manifest,
    struct error *err) MUST_CHECK;

/*
 * A name that a package may hold: relative, UTF-8, parts of it not empty, "."
 * or ".." and without dot or blank at the end, no backslash, colon, control or
 * hidden character, at most MANIFEST_NAME_MAX bytes (T-ZIP-01).
 */
bool manifest_name_is_safe(const char *name, size_t len);

/* True if a file system that ignores the case of ASCII takes them for one. */
bool manifest_name_is_same(const char *a, const char *b);

#endif
