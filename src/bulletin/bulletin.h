/*
 * A bulletin (docs/protocol.md 6): its header, its bytes, and whether enough
 * of the right keys signed it.  What the bodies of root and timestamp say is
 * in bulletin/root.h and bulletin/timestamp.h; those of directory, network and
 * access in directory/; those of hold, suspension and restoration in
 * bulletin/measures.h, of the rest in bulletin/texts.h.  Which bulletin may
 * follow which: bulletin/state.h.
 */
#ifndef BULLETIN_BULLETIN_H
#define BULLETIN_BULLETIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "model/digest.h"

struct cert_cache;
struct error;
struct json_document;
struct json_value;

enum bulletin_type {
	BULLETIN_ROOT,
	BULLETIN_DIRECTORY,
	BULLETIN_NETWORK,
	BULLETIN_ACCESS, /* each center's own; `name` is the center */
	BULLETIN_TIMESTAMP,
	BULLETIN_RELEASE,
	BULLETIN_BASELINE,
	BULLETIN_NOTICE,
	BULLETIN_RULES,
	BULLETIN_FORMS,
	BULLETIN_HOLD,
	BULLETIN_SUSPENSION,
	BULLETIN_RESTORATION,
	BULLETIN_TYPE_COUNT
};

enum {
	BULLETIN_NAME_SIZE = 41,
	BULLETIN_ENVIRONMENT_SIZE = 41,
	BULLETIN_SIGNERS_MAX = 16,
};

const char *bulletin_type_name(enum bulletin_type type);
bool bulletin_type_parse(const char *name, enum bulletin_type *ret_type);

/*
 * May a bulletin of this type give anybody power: keys, organisations,
 * addresses, programs (design: protocol 5)?
 */
bool bulletin_type_enlarges(enum bulletin_type type);

/*
 * The most bytes of CMS that a bulletin of this type may have; a transfer that
 * goes beyond is cut off (endless data).
 */
size_t bulletin_bytes_max(enum bulletin_type type);

/*
 * The JSON of a bulletin, decoded.  Start it as `{ 0 }`; release it with
 * bulletin_free().
 */
struct bulletin {
	char environment[BULLETIN_ENVIRONMENT_SIZE];
	enum bulletin_type type;
	char name[BULLETIN_NAME_SIZE]; /* "" but for access */
	uint64_t serial;               /* from 1 */
	int64_t issued_ms;
	int64_t expires_ms;
	struct digest previous; /* of the JSON of serial - 1; zeros for none */
	struct digest digest;   /* of this JSON */
	struct bytes json;      /* as it was signed */
	struct json_document *document;
	const struct json_value *body; /* lives with the bulletin */
};

void bulletin_free(struct bulletin *bulletin);

/*
 * Decode the JSON of a bulletin.  It proves nothing: for what was verified
 * before, such as the host's own store.  ERROR_MALFORMED E7001.
 */
int bulletin_parse(const void *json, size_t len, struct bulletin *ret_bulletin,
    struct error *err) MUST_CHECK;

/* Who must sign: `threshold` distinct certificates out of these. */
struct bulletin_role {
	uint32_t threshold;
	struct digest certificates[BULLETIN_SIGNERS_MAX];
	size_t certificate_count;
};

/*
 * Decode and verify a bulletin in CMS: every signature in it must verify, and
 * at least role->threshold distinct certificates of the role must be among the
 * signers.  `cache` remembers the certificates.  ERROR_MALFORMED E7001 (format,
 * size), ERROR_UNTRUSTED E7002 (signature), E7003 (below the threshold).
 */
int bulletin_verify(struct cert_cache *cache, const void *cms, size_t len,
    const struct bulletin_role *role, struct bulletin *ret_bulletin,
    struct error *err) MUST_CHECK;

/*
 * The same in two steps, for who must know the type before the role: verify
 * the signatures, and then count how many of `signers` the role knows.
 */
struct bulletin_signers {
	struct digest fingerprints[BULLETIN_SIGNERS_MAX];
	size_t count;
};
int bulletin_open(struct cert_cache *cache, const void *cms, size_t len,
    struct bulletin *ret_bulletin, struct bulletin_signers *ret_signers,
    struct error *err) MUST_CHECK;
int bulletin_check_role(const struct bulletin_signers *signers,
    const struct bulletin_role *role, struct error *err) MUST_CHECK;

#endif
