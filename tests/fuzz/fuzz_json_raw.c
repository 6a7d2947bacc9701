/*
 * Raw parts of a JSON text: of whatever the reader accepts, raw items and
 * values are as many and of the same kind as the reader says.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "json/json_raw.h"
#include "json/json_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
compare(struct json_raw raw, const struct json_value *value)
{
	bool is_text = json_value_text(value) != NULL;

	if (raw.len == 0 || is_text != (raw.data[0] == '"') ||
	    json_value_is_array(value) != (raw.data[0] == '[') ||
	    json_value_is_object(value) != (raw.data[0] == '{'))
		abort();
	if (json_value_is_array(value)) {
		struct json_raw rest = json_raw_items(raw);
		struct json_raw item;
		size_t count = 0;

		while (json_raw_next(&rest, &item))
			compare(item, json_value_item(value, count++));
		if (count != json_value_count(value))
			abort();
	}
}

static int
compare_member(const char *key, const struct json_value *value, void *context,
    struct error *err)
{
	const struct json_raw *object = context;
	struct json_raw raw;

	(void)err;
	/* One that the text writes with escapes is not found. */
	if (json_raw_member(*object, key, &raw))
		compare(raw, value);
	else if (memchr(object->data, '\\', object->len) == NULL)
		abort();
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct json_document *document = NULL;
	struct json_raw whole = json_raw_of(data, len);
	struct error err = { 0 };

	if (json_read(data, len, 1 << 20, &document, &err) < 0)
		return 0;
	if (json_value_is_object(json_root(document)) &&
	    json_value_each(json_root(document), compare_member, &whole, &err) <
		0)
		abort();
	json_document_free(document);
	return 0;
}
