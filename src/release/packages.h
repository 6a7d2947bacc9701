/*
 * The packages of a host, as dpkg keeps them (/var/lib/dpkg/status), and how
 * they compare with those that a release was built and tested with (T-REL-07,
 * R5.2.4).
 */
#ifndef RELEASE_PACKAGES_H
#define RELEASE_PACKAGES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "release/sbom.h"

struct error;

enum { PACKAGES_STATUS_MAX = 64 << 20, PACKAGES_MAX = 100000 };

/* Start it as `{ 0 }`; release it with packages_free(). */
struct packages {
	struct sbom_package *list; /* those that are installed, by name */
	size_t count;
};

void packages_free(struct packages *packages);

/* Read the status file.  ERROR_MALFORMED E7606. */
int packages_parse(const char *text, size_t len, struct packages *ret_packages,
    struct error *err) MUST_CHECK;

/* As dpkg orders versions: epoch, upstream, revision; '~' before nothing. */
int packages_compare_versions(const char *a, const char *b);

enum package_finding {
	PACKAGE_MISSING,
	PACKAGE_OLDER, /* than the release was built with */
	PACKAGE_NEWER,
};

typedef void (*package_finding_fn)(void *context, enum package_finding what,
    const struct sbom_package *wanted, const char *installed);

/* Tell of every package that is not as the list has it; how many there are. */
size_t packages_compare(const struct packages *packages,
    const struct sbom *sbom, package_finding_fn tell, void *context);

#endif
