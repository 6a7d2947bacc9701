/*
 * What a case wants changed in the bulletins: made of its fields, its request
 * file and the directory in force.  Officers sign drafts that are made of it;
 * nothing here publishes anything.  Pure.
 */
#ifndef MANAGEMENT_CASEWORK_EFFECT_H
#define MANAGEMENT_CASEWORK_EFFECT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "management/casework_rows.h"

struct bytes;
struct directory;
struct error;
struct json_value;
struct measures;
struct registration;

/* What is known when changes are made. */
struct casework_facts {
	const struct directory *directory;
	const struct registration *registration; /* NULL: no request file */
	int64_t now_ms;
};

/*
 * Append an array of changes (directory/body_change.h).  `effect` is that
 * of a state.  ERROR_DENIED E7118 when what the case names is not there, is
 * there already, or does not go together.
 */
int casework_effect_put(const struct casework_case *file, const char *effect,
    const struct casework_facts *facts, struct bytes *to,
    struct error *err) MUST_CHECK;

/* True if all of it is in force; of a measure, by the case's id. */
bool casework_effect_is_in_force(const struct casework_case *file,
    const struct json_value *changes, const struct directory *directory,
    const struct measures *measures);

/* True for what the directory does not show: persons. */
bool casework_effect_is_ours(const char *effect);

/* A field of the case; "" when it is missing. */
const char *casework_field(const struct json_value *fields, const char *name);

#endif
