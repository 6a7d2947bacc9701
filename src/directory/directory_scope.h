/*
 * Changes of the directory against the scope of somebody who states or signs
 * them (policy/directory_rules.h is the rule).  Pure.
 */
#ifndef DIRECTORY_DIRECTORY_SCOPE_H
#define DIRECTORY_DIRECTORY_SCOPE_H

#include "base/attr.h"
#include "model/org.h"
#include "model/scope.h"

struct directory;
struct directory_changes;
struct error;

/*
 * Whether each of `changes`, sorted, lies within `scope` before and after it;
 * `before` is the directory as it is, NULL for none.  ERROR_DENIED E3916 names
 * the first that does not, whose code `ret_code` gets (NULL if not wanted).
 */
int directory_scope_check(const struct scope *scope,
    const struct directory *before, const struct directory_changes *changes,
    struct org_code *ret_code, struct error *err) MUST_CHECK;

#endif
