#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/error.h"
#include "document/document.h"
#include "fuzz_dtds.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct document_input file = { "1.dm", DOCUMENT_DM, data, len };
	struct document_report *report = NULL;
	struct error err = { 0 };

	if (document_check(&file, 1, fuzz_dtds(), &report, &err) < 0)
		abort();
	if (report->accepted != (document_report_refusal(report, &err) == 0))
		abort();
	document_report_free(report);
	return 0;
}
