/*
 * Texts that are looked through without a tree: what the library reads must
 * pass, and what passes the library must read, but for keys that stand twice.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "json/json_check.h"
#include "json/json_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { LEN_MAX = 65536 };

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct json_document *document = NULL;
	struct error why = { 0 };
	struct error err = { 0 };
	int read = json_read(data, len, LEN_MAX, &document, &why);
	int checked = json_check(data, len, LEN_MAX, &err);

	if (read == 0 && checked < 0)
		abort();
	if (read < 0 && checked == 0 && strstr(why.text, "duplicate") == NULL)
		abort();
	json_document_free(document);
	return 0;
}
