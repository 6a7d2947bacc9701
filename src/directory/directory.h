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
#include "directory/directory_network.h"
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

struct directory_org {
	struct org_code code;
	const char *name;
	enum org_kind kind;
	enum org_status status;
	const char *center;            /* "" if it has none */
	const char *host;              /* "" if it has none */
	struct org_code supervisor;    /* "" if it has none */
	struct org_code successor;     /* of a dissolved one, or "" */
	uint64_t accepts_letter_bytes; /* 0: no limit stated */
	uint32_t index;                /* place in the order of codes */
	uint32_t key_count;
};

struct directory_key {
	enum key_use use;
	enum key_state state;
	int64_t not_after_ms;
	int64_t revoked_at_ms;      /* of a revoked one; 0: it was never good */
	int reason;                 /* as in model/revocation.h */
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

/*
 * The name behind a code; "" for what is not listed or no code at all, and
 * while no directory is held (NULL).
 */
const char *directory_name_of(const struct directory *directory,
    const char *code);

/* Key `index`, below org->key_count. */
struct directory_key directory_key_at(const struct directory *directory,
    const struct directory_org *org, uint32_t index);

/*
 * True if what it signed at `at_ms` counts: it is not revoked, or was revoked
 * later.
 */
bool directory_key_counts(const struct directory_key *key, int64_t at_ms);

/* The key of this use in state `active`, else `next`; false if neither. */
bool directory_find_key(const struct directory *directory,
    const struct directory_org *org, enum key_use use,
    struct directory_key *ret_key);

/* The key of this certificate and use, in whatever state. */
bool directory_find_org_key(const struct directory *directory,
    const struct directory_org *org, enum key_use use,
    const struct digest *fingerprint, struct directory_key *ret_key);

/* Links of a chain of successors; the image has no longer one, and no circle. */
enum { DIRECTORY_SUCCESSORS_MAX = 8 };

/*
 * Who took over for `code`: itself, unless it is dissolved; then the last one
 * of its successors.  False when there is none.  A unit that is dissolved or
 * not listed without a successor of its own goes with its organisation.
 */
bool directory_find_heir(const struct directory *directory,
    const struct org_code *code, struct org_code *ret_heir);

/*
 * Who receives for `code` (design: protocol 1): itself if it has a usable seal
 * key, else, for a unit, the nearest one above it in its organisation that has
 * one.  Nobody that is dissolved: then whoever took over, for what was sent
 * before.  `ret_receiver` is of another organisation only then.
 */
bool directory_find_receiver(const struct directory *directory,
    const struct org_code *code, struct directory_org *ret_receiver,
    struct directory_key *ret_seal);

/* True if `receiver` is of another organisation than `code`: it took over. */
bool directory_is_heir(const struct directory_org *receiver,
    const struct org_code *code);

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

/*
 * The first that it is registered for: one module may serve many codes, so to
 * ask about one organisation use directory_find_org_key().
 */
bool directory_find_owner(const struct directory *directory,
    const struct digest *fingerprint, struct directory_owner *ret_owner);

#endif
