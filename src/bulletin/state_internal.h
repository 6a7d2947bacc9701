/*
 * What a state holds; only state*.c include this.
 */
#ifndef BULLETIN_STATE_INTERNAL_H
#define BULLETIN_STATE_INTERNAL_H

#include "bulletin/state.h"
#include "bulletin/timestamp.h"

struct cert_cache;

struct bulletin_state {
	char environment[BULLETIN_ENVIRONMENT_SIZE];
	struct digest pin;
	struct cert_cache *cache;
	struct root root; /* role_count 0 before the first */
	struct timestamp timestamp;
	struct bulletin_held *held; /* sorted by type, then name */
	/* Hold, suspension, restoration, decoded: what must be kept of them. */
	struct bulletin *measures;
	size_t measure_count;
	size_t held_count, held_size;
	bulletin_admit_fn admit; /* or NULL */
	void *admit_ctx;         /* not ours */
};

/* One that arrived, while it is judged. */
struct arrival {
	struct bulletin bulletin;
	struct bulletin_signers signers;
	struct root root;           /* of a root bulletin */
	struct timestamp timestamp; /* of a timestamp bulletin */
};

/* Where it is held, or would go. */
size_t state_place(const struct bulletin_state *state, enum bulletin_type type,
    const char *name, bool *ret_found);

/* What is held of a type of measures and a name; NULL for none. */
const struct bulletin *state_measures(const struct bulletin_state *state,
    enum bulletin_type type, const char *name);

/*
 * May the arrival, of `len` bytes in CMS, be believed?  Decodes its root or
 * timestamp.
 */
int state_judge(const struct bulletin_state *state, struct arrival *arrival,
    size_t len, int64_t now_ms, enum bulletin_news *ret_news,
    struct error *err) MUST_CHECK;

#endif
