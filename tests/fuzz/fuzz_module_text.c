/*
 * Requests for the certificate of a crypto module, which come from outside as a
 * file: nothing that is read points outside of it.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/error.h"
#include "role/keeper/module_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct module_text text = { .time_ms = 0 };
	struct error err = { 0 };

	if (module_text_read(data, len, &text, &err) < 0)
		return 0;
	if (text.json != data || text.json_len > len ||
	    text.public_key.len != P256_POINT_LEN)
		abort();
	module_text_free(&text);
	return 0;
}
