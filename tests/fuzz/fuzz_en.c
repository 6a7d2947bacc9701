#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/error.h"
#include "document/document.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* Both kinds of envelope: the root element tells which it is. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct document_input file = { "1.en", DOCUMENT_ENVELOPE, data, len };
	struct document_report *report = NULL;
	struct error err = { 0 };

	if (document_check(&file, 1, NULL, &report, &err) < 0)
		abort();
	if (report->accepted && report->envelope_count != 1)
		abort();
	document_report_free(report);
	return 0;
}
