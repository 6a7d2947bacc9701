/*
 * The status file of dpkg; versions of it are in one order, whatever they are.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "release/packages.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct packages packages = { 0 };
	struct error err = { 0 };

	if (packages_parse((const char *)data, len, &packages, &err) < 0)
		return 0;
	for (size_t i = 0; i < packages.count && i < 16; i++)
		for (size_t k = 0; k < packages.count && k < 16; k++) {
			const char *a = packages.list[i].version;
			const char *b = packages.list[k].version;
			int order = packages_compare_versions(a, b);
			int back = packages_compare_versions(b, a);

			if ((order < 0) != (back > 0) ||
			    (order == 0) != (back == 0))
				abort();
		}
	packages_free(&packages);
	return 0;
}
