/*
 * The bytes of a directory image: a header, then sections, each an array of
 * one of the structs below, in the machine's own byte order, since an image
 * never leaves the host that built it.  References are indices and offsets.
 * Only directory/ includes this.
 *
 * What directory_open() checks, and every lookup builds on:
 * 1. each section lies within the image, aligned to 8 bytes;
 * 2. each reference points into its section;
 * 3. orgs (code), certs (fingerprint), centers (name) and the codes of each
 *    host are strictly ascending, owners ascending by cert;
 * 4. there are as many signs as organisations;
 * 5. the last byte of the strings is NUL, and offset 0 is "".
 */
#ifndef DIRECTORY_IMAGE_FORMAT_H
#define DIRECTORY_IMAGE_FORMAT_H

#include <stdint.h>

#include "model/digest.h"
#include "model/org.h"

#define IMAGE_MAGIC UINT64_C(0x3172696479) /* "ydir1" */

enum image_section {
	IMAGE_ORGS,
	IMAGE_SIGNS, /* uint64_t, directory_sign() of each organisation */
	IMAGE_KEYS,
	IMAGE_CERTS,
	IMAGE_OWNERS,
	IMAGE_HOSTS,
	IMAGE_CODES, /* struct org_code, of all hosts */
	IMAGE_CENTERS,
	IMAGE_MANAGEMENT,
	IMAGE_TLS, /* uint32_t, certs of centers and management */
	IMAGE_STRINGS,
	IMAGE_DER,
	IMAGE_SECTIONS
};

struct image_span {
	uint64_t offset; /* in the image */
	uint64_t count;  /* of records, or bytes */
};

struct image_header {
	uint64_t magic;
	uint64_t len;                                 /* of the image */
	uint64_t root, directory, network, timestamp; /* serials */
	struct image_span sections[IMAGE_SECTIONS];
};

struct image_org {
	uint64_t accepts_letter_bytes;
	uint32_t name, folded, center, host; /* strings */
	uint32_t first_key, key_count;
	struct org_code code, supervisor, successor;
	uint8_t kind, status;
	uint8_t spare[2];
};

struct image_key {
	int64_t not_after_ms;
	int64_t revoked_at_ms; /* 0: not said */
	uint32_t cert;
	uint8_t use, state, reason;
	uint8_t spare;
};

struct image_cert {
	struct digest fingerprint;
	uint32_t der, len;
};

struct image_owner {
	uint32_t cert;
	uint32_t index;
	uint8_t kind, use, state;
	uint8_t spare;
};

struct image_host {
	uint32_t name, center, address; /* strings */
	uint32_t first_code, code_count;
};

struct image_center {
	uint32_t name, address, origin; /* strings */
	uint32_t log;                   /* cert, UINT32_MAX for none */
	uint32_t first_tls, tls_count;
	uint32_t begins_high, begins_low; /* two, since all is aligned to 4 */
	uint16_t port;
	uint8_t kind, conformance;
};

#endif
