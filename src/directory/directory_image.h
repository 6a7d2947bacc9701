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
struct directory;
struct directory_changes;
struct error;

/*
 * The next entry, as JSON, in the order of codes: 1 and the entry, 0 after the
 * last one, -1.  It is borrowed until the next call.
 */
typedef int (*directory_next_fn)(void *ctx, const void **ret_json,
    size_t *ret_len, struct error *err);

/*
 * What goes in; each was verified before and may be NULL if there is none.
 * Organisations come from one of three: the body of a bulletin that says all of
 * them, all entries by `next`, or another image of the same host but for
 * `changes`, which is sorted: that is what a change costs.
 */
struct directory_sources {
	const struct bulletin *directory;
	directory_next_fn next;
	void *next_ctx;
	const struct directory *old;
	const struct directory_changes *changes;

	uint64_t directory_serial; /* of the last two */
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
