/*
 * The bill of materials of a release: CycloneDX 1.4 in JSON.  Of it a host uses
 * the components that are Debian packages (purl "pkg:deb/...") and the names of
 * the shared libraries in them (property "yizhan:soname"); the rest is for
 * people and their tools (R5.2.1, T-REL-07).
 */
#ifndef RELEASE_SBOM_H
#define RELEASE_SBOM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

struct error;

enum {
	SBOM_JSON_MAX = 4 << 20,
	SBOM_PACKAGES_MAX = 2000,
	SBOM_SONAMES_MAX = 4000,
	SBOM_NAME_SIZE = 128,
	SBOM_VERSION_SIZE = 128,
};

struct sbom_package {
	char name[SBOM_NAME_SIZE];
	char version[SBOM_VERSION_SIZE];
};

/* Start it as `{ 0 }`; release it with sbom_free(). */
struct sbom {
	struct sbom_package *packages;
	size_t package_count;
	char (*sonames)[SBOM_NAME_SIZE];
	size_t soname_count;
};

void sbom_free(struct sbom *sbom);

/* ERROR_MALFORMED E7606: also another format, a package twice or nameless. */
int sbom_parse(const void *json, size_t len, struct sbom *ret_sbom,
    struct error *err) MUST_CHECK;

/* True if a package of the list brings that shared library. */
bool sbom_has_soname(const struct sbom *sbom, const char *soname);

#endif
