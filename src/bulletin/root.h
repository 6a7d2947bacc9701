/*
 * The root bulletin's body: who may sign which type of bulletin, and the
 * anchors to which certificates must lead.
 */
#ifndef BULLETIN_ROOT_H
#define BULLETIN_ROOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "bulletin/bulletin.h"
#include "model/scope.h"

struct cert_cache;
struct error;
struct json_writer;

enum {
	ROOT_ROLES_MAX = 256,     /* the types, and an access role a center */
	ROOT_ROLE_NAME_SIZE = 48, /* "access/" and a center's name */
	ROOT_CERTIFICATES_MAX = 64,
	ROOT_ANCHORS_MAX = 32,
	ROOT_WITNESSES_MAX = 16,
	ROOT_AUTHORITY_SIZE = 65,
	ROOT_STAMPERS_MAX = 16,
};

struct root_role {
	char name[ROOT_ROLE_NAME_SIZE]; /* "directory", "access/center-a" */
	struct bulletin_role keys;
};

/* Who cosigns the checkpoints of other hosts' logs. */
struct root_witness {
	char name[BULLETIN_NAME_SIZE]; /* of the host */
	/* Who operates it: several witnesses of one count once. */
	char authority[ROOT_AUTHORITY_SIZE];
	uint8_t key[32]; /* Ed25519 */
};

/*
 * A time-stamping authority (RFC 3161): its certificate, or that of who issues
 * it.  One that retires stays with the end of its trust; a newer root that no
 * longer names one ends the trust in all its tokens.
 */
struct root_stamper {
	char name[ROOT_AUTHORITY_SIZE];
	struct bytes certificate; /* DER */
	int64_t until_ms;         /* later tokens do not count; 0: no end */
};

/*
 * Within what the holder of a certificate may sign changes of the directory;
 * who has none may sign any (R5.7).
 */
struct root_scope {
	struct digest certificate;
	struct scope scope;
};

/* Start it as `{ 0 }`; release it with root_free(). */
struct root {
	uint64_t serial;
	struct root_role *roles;
	size_t role_count;
	struct bytes *certificates; /* DER, of all role keys */
	size_t certificate_count;
	struct bytes *anchors; /* DER */
	size_t anchor_count;
	struct root_witness witnesses[ROOT_WITNESSES_MAX];
	size_t witness_count;
	uint32_t quorum; /* authorities that must have cosigned; 0: none must */
	struct root_stamper *stampers;
	size_t stamper_count;
	struct root_scope *scopes;
	size_t scope_count;
};

void root_free(struct root *root);

/*
 * Decode a root bulletin's body.  ERROR_MALFORMED E7001: also when a threshold
 * or quorum cannot be met, a role or witness repeats, a role names a
 * certificate that is not in the list, or two of one person (the same key or
 * subject), or there is no `root` role or no anchor.
 */
int root_decode(const struct bulletin *bulletin, struct root *ret_root,
    struct error *err) MUST_CHECK;

/*
 * How many authorities operate the witnesses, or those of them that are marked;
 * two witnesses of one authority count once.
 */
size_t root_authorities(const struct root *root, const bool *is_counted);

/* The DER of a role's key, borrowed; NULL if the root does not carry it. */
const struct bytes *root_certificate(const struct root *root,
    const struct digest *fingerprint);

/* The scope of a certificate; NULL if it has none. */
const struct scope *root_scope_of(const struct root *root,
    const struct digest *fingerprint);

/* Whether a token that it gave at `at_ms` counts. */
bool root_stamper_counts(const struct root_stamper *stamper, int64_t at_ms);

/* Write the body object; for management and demo. */
void root_encode(const struct root *root, struct json_writer *writer);

/* The role for bulletins of this type and name; NULL if nobody may sign. */
const struct bulletin_role *root_role_of(const struct root *root,
    enum bulletin_type type, const char *name);

/*
 * Verify a root in CMS: the first one is trusted when its JSON's digest is
 * `pin` (`old` is NULL) and its own threshold signed it; a later one when the
 * thresholds of `old` and of itself did and its serial is the next one.
 * ERROR_UNTRUSTED E7003, E7004 (not the pinned one), E7005 (serial).
 */
int root_verify(struct cert_cache *cache, const void *cms, size_t len,
    const struct root *old, const struct digest *pin,
    struct bulletin *ret_bulletin, struct root *ret_root,
    struct error *err) MUST_CHECK;

#endif
