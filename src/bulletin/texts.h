/*
 * The bodies of the bulletins that say what people and programs are to do:
 * release, baseline, rules, forms, notice.  Hosts keep and pass them on; here
 * stands whether they have the form of docs/protocol.md 6.
 */
#ifndef BULLETIN_TEXTS_H
#define BULLETIN_TEXTS_H

#include <stdbool.h>

#include "base/attr.h"
#include "bulletin/bulletin.h"

struct error;

enum {
	TEXTS_FILES_MAX = 20000, /* of a release */
	TEXTS_ITEMS_MAX = 2000,  /* of a baseline, of rules, of forms */
	TEXTS_NOTICES_MAX = 1000,
	TEXTS_NAME_SIZE = 65, /* a version, an id */
	TEXTS_TITLE_SIZE = 257,
	TEXTS_PATH_SIZE = 257,
	TEXTS_VALUE_MAX = 16384,
};

/*
 * True if a file of a release may have that path: below the folder where the
 * release is laid down, and nowhere else.
 */
bool texts_path_is_good(const char *path);

/*
 * Check the body of a bulletin of one of these types.  ERROR_MALFORMED E7001:
 * also a path, id or notice twice, a path that is not below a folder, a
 * version that is not one (model/version.h).
 */
int texts_check(const struct bulletin *bulletin, struct error *err) MUST_CHECK;

#endif
