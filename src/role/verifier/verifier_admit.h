/*
 * Which bulletins need witnesses before they take effect (docs/protocol.md 6):
 * what enlarges power does, what only reduces it does not.
 */
#ifndef ROLE_VERIFIER_ADMIT_H
#define ROLE_VERIFIER_ADMIT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "role/codec.h"

struct bulletin;
struct bulletin_held;
struct error;

/* What comes with the bulletin that is taken, and what is found of it. */
struct verifier_admission {
	struct blob receipt; /* of management's log; may be empty */
	bool is_stored;      /* it was judged when it came */
	bool needs;
	bool is_shown;
	int64_t witnessed_at; /* when it is shown */
};

/*
 * A bulletin_admit_fn; `ctx` is the verifier, whose `admission` is filled in.
 * Management, which makes the log, is told what needs witnesses and refuses
 * nothing.  Others: ERROR_UNTRUSTED E3611 without what it needs, E3613 for a
 * network that leaves management's log out.  ERROR_DENIED E3616: an exchange
 * authority holds somebody of another center.
 */
int verifier_admit(void *ctx, const struct bulletin *bulletin,
    const struct bulletin_held *held, struct error *err) MUST_CHECK;

#endif
