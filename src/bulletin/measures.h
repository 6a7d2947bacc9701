/*
 * Measures against an organisation, a card or a host (docs/protocol.md 6): what
 * the bulletins hold, suspension and restoration say, and who is held or
 * suspended at a given time.  Pure.
 *
 * Each of the three bulletins is the whole list of its kind.  A case is named
 * once and for ever: a hold is ratified by a suspension of the same case, and
 * ends, as that one does, with a restoration of that case.  A hold ends by
 * itself with its term; a suspension never does (design: protocol 5).
 */
#ifndef BULLETIN_MEASURES_H
#define BULLETIN_MEASURES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "bulletin/bulletin.h"
#include "model/hold.h"

struct error;

enum {
	MEASURES_MAX = 4096, /* of one bulletin, and of all holds together */
	MEASURES_AUTHORITY_MAX = 256, /* holds of one exchange authority */
	MEASURE_CASE_SIZE = 41,
	MEASURE_NAME_SIZE = 65, /* a code, a host, a fingerprint */
	MEASURE_REASON_SIZE = 513,
	MEASURE_GROUND_MAX = 12,     /* of the regulation (R13.2) */
	HOLD_TERM_MAX_H = 72,        /* unless ratified */
	HOLDS_AN_HOUR_MAX = 20,      /* that begin in one hour of the clock */
	HOLD_BACKDATED_MAX_MIN = 10, /* `from` before `issued` */
};

/* Whom a measure is against. */
enum measure_subject {
	MEASURE_ORGANISATION,
	MEASURE_UNIT,
	MEASURE_CARD, /* by the fingerprint of its certificate, as modules */
	MEASURE_MODULE,
	MEASURE_HOST,   /* a gateway */
	MEASURE_CENTER, /* never in a hold */
	MEASURE_SUBJECT_COUNT
};

enum measure_direction {
	MEASURE_SENDING,
	MEASURE_RECEIVING,
	MEASURE_BOTH,
	MEASURE_DIRECTION_COUNT
};

/* One hold or suspension. */
struct measure {
	char id[MEASURE_CASE_SIZE]; /* of the case: letters, digits, '-' */
	/* The center whose exchange authority decided it; "" for management. */
	char authority[BULLETIN_NAME_SIZE];
	enum measure_subject subject;
	char name[MEASURE_NAME_SIZE];
	enum measure_direction direction;
	uint32_t ground; /* 1 to 12; 0: emergency, by the authority's notice */
	bool stops_queued; /* what was accepted and not fetched waits too */
	char reason[MEASURE_REASON_SIZE];
	int64_t from_ms;
	int64_t until_ms; /* of a hold, at most 72 h after `from` */
	/* Of a center's suspension: who serves instead, or paper from when. */
	char fallback[BULLETIN_NAME_SIZE];
	int64_t paper_from_ms; /* 0: not said */
};

/* The end of a case. */
struct restoration {
	char id[MEASURE_CASE_SIZE];
	char reason[MEASURE_REASON_SIZE];
	int64_t from_ms;
};

/* All that is known of a network.  Start it as `{ 0 }`. */
struct measures {
	struct measure *holds;
	size_t hold_count;
	struct measure *suspensions;
	size_t suspension_count;
	struct restoration *restorations;
	size_t restoration_count;
};

void measures_free(struct measures *measures);

/*
 * Read the body of a hold, suspension or restoration in place of what was
 * known of that kind and name; after a failure nothing has changed.
 * ERROR_MALFORMED E7001: also a case twice, and a subject that its kind does not
 * allow; ERROR_DENIED E7012: a hold of a center, of more than 72 hours, or more
 * than HOLDS_AN_HOUR_MAX in an hour; and by an exchange authority one whose case
 * does not begin with the name of its center and '-', so that nobody ends or
 * ratifies another's, or more than MEASURES_AUTHORITY_MAX.
 */
int measures_read(struct measures *measures, const struct bulletin *bulletin,
    struct error *err) MUST_CHECK;

/*
 * May `after` follow `before`, of the same type?  What was said once stays:
 * ERROR_DENIED E7013 when a suspension or restoration is left out or altered,
 * or a hold that began less than 72 hours ago; E7012 when a new hold is dated
 * back.  So one duty officer can add to the holds, and undo none.
 */
int measures_check_successor(const struct bulletin *before,
    const struct bulletin *after, struct error *err) MUST_CHECK;

enum measure_state {
	MEASURE_FREE, /* nothing was ever decided, or not for this direction */
	MEASURE_HELD,
	MEASURE_SUSPENDED,
	MEASURE_RESTORED, /* something was, and is over */
	MEASURE_STATE_COUNT
};

/* What holds of a subject; `measure` says why, NULL when it is free. */
struct measure_standing {
	enum measure_state state;
	const struct measure *measure; /* lives with the measures */
};

/*
 * How a subject stands at `now_ms` in one direction; with MEASURE_BOTH, in
 * either.  A suspension outweighs a hold.
 */
struct measure_standing measures_judge(const struct measures *measures,
    enum measure_subject subject, const char *name,
    enum measure_direction direction, int64_t now_ms);

/*
 * Write what is in force at `now_ms` against organisations, units and gateways
 * as holds with the id 0, for policy/hold_rules.h; returns how many, at most
 * MEASURES_HOLDS_MAX.  `ret_next_ms` is when that changes next otherwise than by
 * the end of one of them; INT64_MAX for never.
 */
enum { MEASURES_HOLDS_MAX = 2 * MEASURES_MAX };
size_t measures_put_holds(const struct measures *measures, int64_t now_ms,
    struct hold *to, int64_t *ret_next_ms);

/* True if it is held or suspended. */
bool measures_stop(const struct measures *measures,
    enum measure_subject subject, const char *name,
    enum measure_direction direction, int64_t now_ms);

const char *measure_subject_name(enum measure_subject subject);
bool measure_subject_parse(const char *name, enum measure_subject *ret_subject);
const char *measure_direction_name(enum measure_direction direction);
bool measure_direction_parse(const char *name,
    enum measure_direction *ret_direction);

#endif
