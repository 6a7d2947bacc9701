/*
 * The watch over certificates (R5.1.4): where the last of a use comes to its end
 * a case is opened at 90 days, told again at 60, 30, 14, 7 and 1 and at the end,
 * and closed when the directory has another.  What ended three months ago leads
 * to a case whose bulletin two officers sign.  Part of casework in the spooler.
 */
#ifndef MANAGEMENT_CASEWORK_WATCH_H
#define MANAGEMENT_CASEWORK_WATCH_H

#include <stdint.h>

#include "base/attr.h"
#include "model/digest.h"

struct casework;
struct directory;
struct directory_org;

/*
 * When the first of an organisation's uses has no certificate left, and which
 * one ends then; INT64_MAX when it has none in use.  Pure.
 */
int64_t casework_watch_end(const struct directory *directory,
    const struct directory_org *org, struct digest *ret_certificate);

/* Cases that are open; once an hour the whole directory. */
void casework_watch_look(struct casework *casework);

#endif
