/*
 * Any bytes as a table of changes: what it makes of a directory is JSON.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "cli/trust_csv.h"
#include "json/json_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const char body[] =
    "{\"organisations\":[{\"code\":\"A\",\"name\":\"a\",\"accepts\":"
    "{\"letter_bytes\":1},\"keys\":[]}]}";

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct json_document *document = NULL;
	struct json_document *made_document = NULL;
	struct bytes made = { 0 };
	struct error err = { 0 };

	if (json_read(body, strlen(body), strlen(body), &document, &err) < 0)
		abort();
	if (trust_csv_apply(json_root(document), data, len, &made, &err) == 0) {
		/* A column twice in a new line would be a key twice. */
		if (json_read(made.data, made.len, made.len, &made_document,
			&err) < 0)
			abort();
		json_document_free(made_document);
	}
	json_document_free(document);
	bytes_free(&made);
	return 0;
}
