#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "document/big5.h"
#include "document/document.h"
#include "document/utf8.h"
#include "fuzz_dtds.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* Character by character: moves on, stays inside, gives what UTF-8 can hold. */
static void
walk(const uint8_t *data, size_t len)
{
	size_t at = 0;

	while (at < len) {
		struct big5_char found = big5_next(data + at, len - at);

		if (found.len == 0 || found.len > len - at ||
		    found.point > 0xffff ||
		    (found.point >= 0xd800 && found.point < 0xe000) ||
		    (found.kind == BIG5_BROKEN) != (found.point == UTF8_BROKEN))
			abort();
		at += found.len;
	}
}

/* A file that says that it is Big5, whatever follows. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const char head[] = "<?xml version=\"1.0\" encoding=\"big5\"?>";
	struct document_input file = { "1.di", DOCUMENT_DI, NULL, 0 };
	struct document_report *report = NULL;
	struct bytes text = { 0 };
	struct error err = { 0 };

	walk(data, len);
	bytes_put_text(&text, head);
	bytes_put(&text, data, len);
	file.data = text.data;
	file.len = text.len;
	if (bytes_failed(&text, &err) < 0 ||
	    document_check(&file, 1, fuzz_dtds(), &report, &err) < 0)
		abort();
	document_report_free(report);
	bytes_free(&text);
	return 0;
}
