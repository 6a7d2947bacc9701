/*
 * An open directory image; only directory*.c include this.
 */
#ifndef DIRECTORY_DIRECTORY_INTERNAL_H
#define DIRECTORY_DIRECTORY_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "directory/image_format.h"

struct error;

/* Pointers into the image, which is not ours, and how many stand there. */
struct directory {
	const struct image_header *header;
	const struct image_org *orgs;
	const uint64_t *signs;
	const struct image_key *keys;
	const struct image_cert *certs;
	const struct image_owner *owners;
	const struct image_host *hosts;
	const struct org_code *codes;
	const struct image_center *centers;
	const struct image_center *management;
	const uint32_t *tls;
	const char *strings;
	const uint8_t *der;
	size_t count[IMAGE_SECTIONS];
};

/* Whether all that image_format.h promises holds; ERROR_MALFORMED E7021. */
int directory_check(const struct directory *directory,
    struct error *err) MUST_CHECK;

/* The index of a certificate; false if there is none such. */
bool directory_find_cert(const struct directory *directory,
    const struct digest *fingerprint, uint32_t *ret_cert);

/* The first owner of this kind that the certificate has. */
bool directory_find_owner_of(const struct directory *directory, uint32_t cert,
    uint8_t kind, struct image_owner *ret_owner);

/* The host of the certificate: of the access list of `center`, or the first. */
bool directory_find_host_of(const struct directory *directory, uint32_t cert,
    const char *center, struct image_owner *ret_owner);

#endif
