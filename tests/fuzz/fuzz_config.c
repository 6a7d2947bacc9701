/*
 * Configuration text: whatever is accepted is formatted to text that is
 * accepted again and means the same.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "service/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
check_round_trip(const struct config *config)
{
	struct bytes first = { 0 };
	struct bytes second = { 0 };
	struct error err = { 0 };
	struct config *again = NULL;

	config_format(config, &first);
	bytes_put_u8(&first, '\0');
	if (config_parse_text((const char *)first.data, "again", &again, &err) <
	    0)
		abort();
	config_format(again, &second);
	bytes_put_u8(&second, '\0');
	if (first.len != second.len ||
	    memcmp(first.data, second.data, first.len) != 0)
		abort();
	config_free(again);
	bytes_free(&first);
	bytes_free(&second);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct error err = { 0 };
	struct config *config = NULL;
	char *text = malloc(len + 1);

	if (text == NULL)
		return 0;
	memcpy(text, data, len);
	text[len] = '\0';
	if (config_parse_text(text, "fuzz", &config, &err) == 0)
		check_round_trip(config);
	config_free(config);
	free(text);
	return 0;
}
