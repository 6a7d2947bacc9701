/*
 * What a host believes: the newest bulletin of each type and name, which may
 * replace which, and how fresh it all is.  Time is passed in; storing is the
 * caller's, who loads the state again by giving it the stored bulletins: all
 * roots first, in sequence, then the others, the timestamp last.
 *
 * Attacks that fail here, each with a test: tampering, wrong signer, too few
 * signers, rollback, freeze, mix-and-match, endless data, wrong type, another
 * environment, equivocation (design: architecture 7).
 */
#ifndef BULLETIN_STATE_H
#define BULLETIN_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "bulletin/bulletin.h"
#include "bulletin/root.h"
#include "model/standing.h"

struct error;

/* What is held of one type and name. */
struct bulletin_held {
	enum bulletin_type type;
	char name[BULLETIN_NAME_SIZE];
	uint64_t serial;
	struct digest digest; /* of the JSON */
	int64_t issued_ms;
	int64_t expires_ms;
	/*
	 * A newer root took the role from its signers.  It stays in use, but
	 * any bulletin that is signed well replaces it, whatever its serial:
	 * so a stolen key that signed too high a serial does no lasting harm.
	 */
	bool is_disowned;
	struct bulletin_signers signers;
};

enum bulletin_news {
	BULLETIN_ADOPTED, /* newer than what was held: store it, use it */
	BULLETIN_KNOWN    /* exactly what is held */
};

struct bulletin_state;

/*
 * `environment` is copied; `pin` is the digest of the first root's JSON, from
 * the host's configuration.
 */
int bulletin_state_new(const char *environment, const struct digest *pin,
    struct bulletin_state **ret_state, struct error *err) MUST_CHECK;
void bulletin_state_free(struct bulletin_state *state);

/*
 * The last word on a bulletin that is to be adopted: 0, or -1 and it is
 * refused.  `held` is what it takes the place of, or NULL.
 */
typedef int (*bulletin_admit_fn)(void *ctx, const struct bulletin *bulletin,
    const struct bulletin_held *held, struct error *err);
void bulletin_state_set_admit(struct bulletin_state *state,
    bulletin_admit_fn admit, void *ctx);

/*
 * Take a bulletin that arrived, or is loaded from the store.  On success with
 * BULLETIN_ADOPTED the state holds it; `ret_bulletin` gets it decoded (NULL if
 * not wanted).  After a failure the state is as before.
 *
 * ERROR_MALFORMED E7001; ERROR_UNTRUSTED E7002 signature, E7003 threshold or
 * role, E7004 first root, E7005 serial or predecessor does not fit, E7006
 * rollback (older than what is held, or a timestamp that names older ones than
 * the one before), E7007 equivocation (same serial, other
 * digest: alarm), E7008 environment, E7009 not what the newest timestamp
 * names (mix-and-match), E7010 issued in the future, E7011 the root is missing;
 * ERROR_DENIED E7012, E7013: bulletin/measures.h; and what `admit` says.
 * A serial may skip some that were never seen; only if serial - 1 is held must
 * `previous` be its digest.  Roots come one by one.
 */
int bulletin_state_take(struct bulletin_state *state, const void *cms,
    size_t len, int64_t now_ms, enum bulletin_news *ret_news,
    struct bulletin *ret_bulletin, struct error *err) MUST_CHECK;

/*
 * The same, but one that may enlarge power (bulletin_type_enlarges()) is judged
 * alone: the state stays as it is until bulletin_state_take().  For what must be
 * seen to fit before it counts.
 */
int bulletin_state_try(struct bulletin_state *state, const void *cms,
    size_t len, int64_t now_ms, enum bulletin_news *ret_news,
    struct bulletin *ret_bulletin, struct bulletin_signers *ret_signers,
    struct error *err) MUST_CHECK;

/* NULL if none is held; lives until the next take. */
const struct bulletin_held *bulletin_state_held(const struct bulletin_state
						    *state,
    enum bulletin_type type, const char *name);

/* All that is held, by type and name: the root first. */
size_t bulletin_state_count(const struct bulletin_state *state);
const struct bulletin_held *bulletin_state_at(const struct bulletin_state
						  *state,
    size_t index);

/* The root in force; NULL before the first one; until the next take. */
const struct root *bulletin_state_root(const struct bulletin_state *state);

/* FRESHNESS_EXPIRED while no timestamp is held. */
enum freshness bulletin_state_freshness(const struct bulletin_state *state,
    int64_t now_ms);

/*
 * True if the newest timestamp names a newer bulletin of this type and name
 * than the one held: fetch it.
 */
bool bulletin_state_is_behind(const struct bulletin_state *state,
    enum bulletin_type type, const char *name);

/*
 * The serials as statements and answers name them; 0 for what is not held.
 */
struct bulletin_serials {
	uint64_t root, directory, network, timestamp;
};
struct bulletin_serials bulletin_state_serials(
    const struct bulletin_state *state);

#endif
