/* What the manifest's reader takes, its writer can write and read again. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/bytes.h"
#include "base/error.h"
#include "package/manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
must(int ok)
{
	if (!ok)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct manifest manifest = { 0 };
	struct manifest again = { 0 };
	struct bytes xml = { 0 };
	struct error err = { 0 };

	if (manifest_parse(data, len, &manifest, &err) == 0) {
		must(manifest_format(&manifest, &xml, &err) == 0);
		must(manifest_parse(xml.data, xml.len, &again, &err) == 0);
		must(again.file_count == manifest.file_count);
	}
	bytes_free(&xml);
	manifest_free(&manifest);
	manifest_free(&again);
	return 0;
}
