/*
 * What its authority says of a certificate (RFC 6960, RFC 5280), and words for
 * how much that is worth at a time.  What follows from it is decided by
 * policy/revocation_rules.h.
 */
#ifndef MODEL_REVOCATION_H
#define MODEL_REVOCATION_H

#include <stdbool.h>
#include <stdint.h>

/* As answers say it; `unknown` is an answer too. */
enum revocation_state {
	REVOCATION_UNKNOWN,
	REVOCATION_GOOD,
	REVOCATION_REVOKED,
	REVOCATION_STATE_COUNT
};

/* CRLReason of RFC 5280 5.3.1: 0 when none is given. */
enum { REVOCATION_REASON_HOLD = 6, REVOCATION_REASON_MAX = 10 };

/* One answer about one certificate.  Times in milliseconds. */
struct revocation {
	enum revocation_state state;
	int64_t revoked_at; /* of REVOKED */
	int reason;
	int64_t this_update;
	int64_t next_update; /* until then it is fresh */
};

/* What is known of a certificate at a time. */
enum revocation_grade {
	REVOCATION_UNWATCHED,   /* it names no place that we may ask */
	REVOCATION_IS_GOOD,     /* a fresh answer says so */
	REVOCATION_STALE,       /* the last one said so, and is too old */
	REVOCATION_UNREACHABLE, /* nobody said so yet, or does not know it */
	REVOCATION_IS_REVOKED,  /* whatever the age of the answer */
	REVOCATION_GRADE_COUNT
};

/* "superseded", "stale"; "unspecified" for what has no name. */
const char *revocation_reason_name(int reason);
bool revocation_reason_parse(const char *name, int *ret_reason);
const char *revocation_grade_name(enum revocation_grade grade);

#endif
