/*
 * Many packages under one signature of their organisation (docs/protocol.md 3):
 * the list of their manifests' digests is signed instead of each manifest, and
 * lies in every package as META-INF/batch.sha256.  It is what sha256sum writes:
 * each manifest has the number of its line in its name, so that in an unpacked
 * container `sha256sum -c --ignore-missing` finds the one that is there.
 *
 * A list names no letter: a recipient learns how many others were signed with
 * his, and nothing of them.
 */
#ifndef PACKAGE_PACKAGE_BATCH_H
#define PACKAGE_PACKAGE_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "model/digest.h"

struct bytes;
struct error;

enum {
	PACKAGE_BATCH_ITEMS_MAX = 999,
	PACKAGE_BATCH_BYTES_MAX = 128 * 1024, /* of a list */
	PACKAGE_MANIFEST_NAME_SIZE = 32,
};

/* "META-INF/ASiCManifest017.xml" for line 17; a package by itself has 1. */
void package_manifest_name(size_t line, char name[PACKAGE_MANIFEST_NAME_SIZE]);

/* The number in such a name; 0 for another name. */
size_t package_manifest_line(const char *name);

/* Append the list of these digests, which stand on lines 1 to `count`. */
void package_batch_put_list(const char *environment,
    const struct digest *manifests, size_t count, struct bytes *to);

/*
 * Whether `text` is a list of that environment, with this digest on that line.
 * ERROR_MALFORMED E3201 for what is no list, ERROR_UNTRUSTED E3210 for another
 * environment or digest.
 */
int package_batch_check(const void *text, size_t len, const char *environment,
    size_t line, const struct digest *manifest, struct error *err) MUST_CHECK;

/*
 * What stands where the signature of a package stands while it is made: line,
 * list, and the CMS over the list.  Borrows all.
 */
struct package_batch_item {
	uint32_t line;
	const uint8_t *list;
	size_t list_len;
	const uint8_t *cms;
	size_t cms_len;
};

/* Whether these bytes begin as an item does, which no CMS does. */
bool package_batch_is_item(const void *data, size_t len);

void package_batch_put_item(const struct package_batch_item *item,
    struct bytes *to);

/* ERROR_MALFORMED E3201. */
int package_batch_parse_item(const void *data, size_t len,
    struct package_batch_item *ret_item, struct error *err) MUST_CHECK;

#endif
