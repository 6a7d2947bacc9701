/*
 * Look up organisations, keys, hosts and centers in a directory image.
 *
 * The image is checked once, on opening, so that no lookup can leave it; the
 * lookups themselves are binary searches and cannot fail.  Everything returned
 * is borrowed from the image and lives as long as its memory stays mapped.
 */
#ifndef DIRECTORY_DIRECTORY_H
#define DIRECTORY_DIRECTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "model/digest.h"
#include "model/org.h"
#include "model/standing.h"

struct error;
struct directory;

/*
 * Open an image; `data` must be aligned to 8 bytes and outlive the directory.
 * ERROR_MALFORMED E7021 if any offset or order in it is wrong.
 */
int directory_open(const void *data, size_t len,
    struct directory **ret_directory, struct error *err) MUST_CHECK;
void directory_close(struct directory *directory);

struct directory_serials {
	uint64_t root, directory, network, timestamp;
};
struct directory_serials directory_serials(const struct directory *directory);

/* ------------------------------------------------------------------ */

struct directory_org {
	struct org_code code;
	const char *name;
	enum org_kind kind;
	enum org_status status;
	const char *center;            /* "" if it has none */
	const char *host;              /* "" if it has none */
	struct org_code supervisor;    /* "" if it has none */
	uint64_t accepts_letter_bytes; /* 0: no limit stated */
	uint32_t index;                /* place in the order of codes */
	uint32_t key_count;
};

struct directory_key {
	enum key_use use;
	enum key_state state;
	int64_t not_after_ms;
	struct digest fingerprint;  /* SHA-256 of the certificate */
	const uint8_t *certificate; /* DER */
	size_t certificate_len;
};

size_t directory_org_count(const struct directory *directory);

/* Entry `index` in the order of codes. */
struct directory_org directory_org_at(const struct directory *directory,
    uint32_t index);

bool directory_find_org(const struct directory *directory,
    const struct org_code *code, struct directory_org *ret_org);

/* Key `index`, below org->key_count. */
struct directory_key directory_key_at(const struct directory *directory,
    const struct directory_org *org, uint32_t index);

/* The key of this use in state `active`, else `next`; false if neither. */
bool directory_find_key(const struct directory *directory,
    const struct directory_org *org, enum key_use use,
    struct directory_key *ret_key);

/*
 * Who receives for `code` (design: protocol 1): itself if it has a usable seal
 * key, else the nearest ancestor by code, then by supervision, that has one.
 */
bool directory_find_receiver(const struct directory *directory,
    const struct org_code *code, struct directory_org *ret_receiver,
    struct directory_key *ret_seal);

/* ------------------------------------------------------------------ */

/* What a certificate is registered for; compared whole, by its digest. */
enum directory_owner_kind {
	DIRECTORY_OWNER_ORG,  /* `use`, `state` and `org` are set */
	DIRECTORY_OWNER_HOST, /* a gateway of an access list */
	DIRECTORY_OWNER_CENTER,
	DIRECTORY_OWNER_MANAGEMENT
};

struct directory_owner {
	enum directory_owner_kind kind;
	uint32_t index; /* of the org, host, center or management host */
	enum key_use use;
	enum key_state state;
	const uint8_t *certificate;
	size_t certificate_len;
};

bool directory_find_owner(const struct directory *directory,
    const struct digest *fingerprint, struct directory_owner *ret_owner);

/* ------------------------------------------------------------------ */

/* A gateway in a center's access list. */
struct directory_host {
	const char *name;
	const char *center; /* whose access list it is in */
	const char *address;
	uint32_t index;
	uint32_t code_count;
};

bool directory_find_host(const struct directory *directory,
    const struct digest *fingerprint, struct directory_host *ret_host);
struct org_code directory_host_code_at(const struct directory *directory,
    const struct directory_host *host, uint32_t index);

/* True if `code` is in the host's list (R5.3.5). */
bool directory_host_serves(const struct directory *directory,
    const struct directory_host *host, const struct org_code *code);

/* What a caller is: the facts of admission_judge_caller(). */
struct directory_caller {
	enum host_kind kind;
	const char *name;
	bool address_matches; /* `address` as text, compared as an address */
	struct directory_host host; /* for HOST_GATEWAY */
};
struct directory_caller directory_identify(const struct directory *directory,
    const struct digest *fingerprint, const char *address);

/* ------------------------------------------------------------------ */

/* A center, or a host of the management tier. */
struct directory_center {
	const char *name;
	const char *address;
	uint16_t port;
	enum center_kind kind; /* centers only, as all that follows */
	enum center_conformance conformance;
	const char *origin; /* origin line of its log */
	const uint8_t *log; /* certificate of its log key, DER */
	size_t log_len;
	uint32_t index;
	uint32_t tls_count;
};

size_t directory_center_count(const struct directory *directory);
struct directory_center directory_center_at(const struct directory *directory,
    uint32_t index);
bool directory_find_center(const struct directory *directory, const char *name,
    struct directory_center *ret_center);

/* The fingerprint of one of its TLS certificates. */
struct digest directory_center_tls_at(const struct directory *directory,
    const struct directory_center *center, uint32_t index);

/* Hosts of the management tier; only name, address, port, tls_count are set. */
size_t directory_management_count(const struct directory *directory);
struct directory_center directory_management_at(const struct directory
						    *directory,
    uint32_t index);
struct digest directory_management_tls_at(const struct directory *directory,
    const struct directory_center *management, uint32_t index);

#endif
