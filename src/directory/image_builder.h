/*
 * Collects the records of a directory image and lays them out.  Only
 * directory_image.c uses it; the failure of memory is kept to the end.
 */
#ifndef DIRECTORY_IMAGE_BUILDER_H
#define DIRECTORY_IMAGE_BUILDER_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "directory/image_format.h"

struct error;

/* A place in a table from a key to an index. */
struct image_slot {
	uint32_t hash;
	uint32_t value; /* + 1; 0 is empty */
};

struct image_table {
	struct image_slot *slots;
	size_t size; /* a power of two */
	size_t count;
};

struct image_builder {
	struct bytes sections[IMAGE_SECTIONS];
	struct image_table strings; /* offset of a text */
	struct image_table certs;   /* index of a certificate */
	bool failed;                /* memory ran out, or 4 GiB exceeded */
};

void image_builder_free(struct image_builder *builder);

/*
 * Before anything else: certificates make most of an image, so they are put
 * where the image will be, behind its header.  Room is made for an image like
 * one of `certs` certificates with `der` bytes; 0 when that is not known.
 */
void image_begin(struct image_builder *builder, size_t certs, size_t der);

/* The offset of `text` among the strings, each of which is there once. */
uint32_t image_text(struct image_builder *builder, const char *text);

/* The index of a certificate, each of which is there once. */
uint32_t image_cert(struct image_builder *builder, const struct bytes *der);

/* The same when its fingerprint is known, as from another image. */
uint32_t image_cert_known(struct image_builder *builder,
    const struct digest *fingerprint, const void *der, size_t len);

void image_own(struct image_builder *builder, uint32_t cert, uint8_t kind,
    uint32_t index, uint8_t use, uint8_t state);

/* How many records a section has; `size` is that of one. */
size_t image_count(const struct image_builder *builder,
    enum image_section section, size_t size);

/*
 * Sort the certificates and whom they belong to, and give the image to `to`,
 * which is empty.  The header's serials are taken from `header`.
 */
int image_finish(struct image_builder *builder, struct image_header header,
    struct bytes *to, struct error *err) MUST_CHECK;

#endif
