/*
 * Whether a bulletin that says who is in the network gives anybody anything, or
 * only takes away (design: protocol 5).  While trust is stale a host takes on no
 * new keys, organisations and addresses; what only reduces it takes at any age.
 * Pure.
 */
#ifndef DIRECTORY_DIRECTORY_PRIVILEGE_H
#define DIRECTORY_DIRECTORY_PRIVILEGE_H

#include <stdbool.h>

#include "base/attr.h"

struct directory;
struct directory_changes;
struct error;
struct json_value;

/*
 * Of a directory that is in force: every entry that `changes` does not remove is
 * there with the same members, but that its status may go from active towards
 * dissolved, its largest letter become smaller, and its keys go away, retire or
 * be revoked.  A dissolved organisation gets no successor, since that one would
 * receive for it.  ERROR_MALFORMED E7020.
 */
int directory_privilege_reduces(const struct directory *before,
    const struct directory_changes *changes, bool *ret_reduces,
    struct error *err) MUST_CHECK;

/*
 * Of the bodies of two network or two access bulletins: all that is there
 * afterwards was there, an entry by its name with the same members, but that
 * certificates (`tls`) and codes may go away.
 */
bool directory_privilege_list_reduces(const struct json_value *before,
    const struct json_value *after);

#endif
