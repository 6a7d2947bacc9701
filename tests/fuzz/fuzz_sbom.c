/*
 * The list of packages of a release, CycloneDX in JSON, from outside.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "release/sbom.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct sbom sbom = { 0 };
	struct error err = { 0 };

	if (sbom_parse(data, len, &sbom, &err) < 0)
		return 0;
	for (size_t i = 0; i < sbom.package_count; i++)
		if (sbom.packages[i].name[0] == '\0' ||
		    sbom.packages[i].version[0] == '\0')
			abort();
	for (size_t i = 0; i < sbom.soname_count; i++)
		if (!sbom_has_soname(&sbom, sbom.sonames[i]))
			abort();
	sbom_free(&sbom);
	return 0;
}
