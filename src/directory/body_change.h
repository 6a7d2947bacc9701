/*
 * Changes to what is in force, as one list for each bulletin: the entries that
 * get other members, the entries that are new, and those that go.  Management
 * makes them of cases; who prepares a draft lays them over the body in force.
 *
 *   {"type":"directory","name":"","entries":[{"code":"…",…}],"removed":["…"]}
 */
#ifndef DIRECTORY_BODY_CHANGE_H
#define DIRECTORY_BODY_CHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

struct bytes;
struct directory;
struct error;
struct json_value;

/*
 * Append the body that `body` becomes.  An entry is found by its code
 * (directory), name (network, access) or case (hold, suspension); members that
 * the change names replace those of the entry, all others stay.  One that is
 * not found is added at the end.  The same change twice does no more than once.
 * A body of NULL is an empty one.  ERROR_MALFORMED for another type or form.
 */
int body_change_apply(const struct json_value *body,
    const struct json_value *change, struct bytes *to,
    struct error *err) MUST_CHECK;

/*
 * Append the entry that `entry` becomes when the members of `over` take the
 * place of its own; with an `entry` of NULL it is `over`.
 */
int body_change_lay(const struct json_value *entry,
    const struct json_value *over, struct bytes *to,
    struct error *err) MUST_CHECK;

/*
 * True if the directory says all of it: directory, access and network lists
 * alone.  Names of organisations, kinds and keys are compared too.
 */
bool body_change_is_in_force(const struct directory *directory,
    const struct json_value *change);

#endif
