/*
 * The desk of an organisation (收發): who may assign a letter (分文), move it
 * (改分), or send it back to the registry desk (退分).  Pure.
 *
 * The registry desk assigns to any unit and person.  A person of a unit hands a
 * letter of the unit to somebody of the unit, or back to the desk; to another
 * unit it goes through the desk, so that the register knows where it is.
 */
#ifndef POLICY_DESK_RULES_H
#define POLICY_DESK_RULES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"

struct error;

/* A place for letters: "" and 0 is the registry desk. */
struct desk_place {
	const char *unit;
	int64_t person;
};

struct desk_mover {
	bool is_desk; /* no person of a unit: the registry desk, a system */
	const char *unit;
	int64_t person;
};

/*
 * May it go from where it is to there?  1: it is there already.  E6702 for a
 * move that is not theirs to make.
 */
int desk_check_assign(const struct desk_mover *mover,
    const struct desk_place *from, const struct desk_place *to,
    struct error *err) MUST_CHECK;

/* The same back to the registry desk; E6703 when it is there and was never
 * assigned. */
int desk_check_hand_back(const struct desk_mover *mover,
    const struct desk_place *from, struct error *err) MUST_CHECK;

#endif
