/*
 * Build the directory image: one read-only block of memory made from the
 * directory, network and access bulletins, without pointers, so that several
 * processes map the same sealed file.  directory/image_format.h has its bytes.
 * Reading it is directory/directory.h.
 */
#ifndef DIRECTORY_DIRECTORY_IMAGE_H
#define DIRECTORY_DIRECTORY_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

struct bulletin;
struct bytes;
struct error;

/* What goes in; each was verified before and may be NULL if there is none. */
struct directory_sources {
	const struct bulletin *directory;
	const struct bulletin *network;
	const struct bulletin *const *access;
	size_t access_count;
	uint64_t root_serial, timestamp_serial;
};

/*
 * Append the image to `to`, which must be empty.  ERROR_MALFORMED E7020 names
 * the entry that breaks the rules: a code, host or center twice, more than one
 * active or next key of a use, a certificate that is not DER, a TLS certificate
 * of two hosts in one list, a center that the network does not list.
 * Management builds it before officers sign, so that no host ever finds one.
 */
int directory_image_build(const struct directory_sources *sources,
    struct bytes *to, struct error *err) MUST_CHECK;

#endif
