/*
 * Places of keys in tokens: what is taken has an end and fits its field.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "token/token_uri.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct token_uri uri;
	struct error err = { 0 };
	char *text = malloc(len + 1);

	if (text == NULL)
		return 0;
	memcpy(text, data, len);
	text[len] = '\0';
	if (token_uri_parse(text, &uri, &err) == 0 &&
	    (strlen(uri.token) >= sizeof(uri.token) ||
		strlen(uri.object) >= sizeof(uri.object) ||
		uri.id_len > sizeof(uri.id) || uri.module_path[0] != '/' ||
		uri.pin_path[0] != '/'))
		abort();
	free(text);
	return 0;
}
