/*
 * The fixed entries of a container; only package_*.c include this.
 */
#ifndef PACKAGE_PACKAGE_INTERNAL_H
#define PACKAGE_PACKAGE_INTERNAL_H

#include <stdbool.h>

#define PACKAGE_MIMETYPE "application/vnd.etsi.asic-e+zip"
#define PACKAGE_MIMETYPE_NAME "mimetype"
#define PACKAGE_FACTS_NAME "META-INF/yizhan.json"
#define PACKAGE_BATCH_NAME "META-INF/batch.sha256"
#define PACKAGE_SIGNATURE_NAME "META-INF/signature001.p7s"

enum {
	PACKAGE_FRONT = 2, /* entries before the official files */
	PACKAGE_CHUNK = 65536,
	PACKAGE_SIGNATURE_MAX = 65536,
};

/*
 * True for `mimetype` and what lies in META-INF, in any case of letters: no
 * official file may be called so.
 */
bool package_name_is_reserved(const char *name);

#endif
