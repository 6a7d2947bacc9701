/*
 * The JSON reader: whatever it accepts is written again and must be read as
 * the same number of values.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "json/json_read.h"
#include "json/json_write.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

struct copy {
	struct json_writer writer;
	size_t values;
};

static int copy_member(const char *key, const struct json_value *value,
    void *context, struct error *err);

static void
copy_value(struct copy *copy, const char *key, const struct json_value *value)
{
	struct error err = { 0 };
	int64_t number;
	bool truth;

	copy->values++;
	if (json_value_text(value) != NULL) {
		json_write_text(&copy->writer, key, json_value_text(value));
	} else if (json_value_integer(value, &number)) {
		json_write_int(&copy->writer, key, number);
	} else if (json_value_bool(value, &truth)) {
		json_write_bool(&copy->writer, key, truth);
	} else if (json_value_is_object(value)) {
		json_write_begin_object(&copy->writer, key);
		if (json_value_each(value, copy_member, copy, &err) < 0)
			abort();
		json_write_end(&copy->writer);
	} else if (json_value_is_array(value)) {
		json_write_begin_array(&copy->writer, key);
		for (size_t i = 0; i < json_value_count(value); i++)
			copy_value(copy, NULL, json_value_item(value, i));
		json_write_end(&copy->writer);
	} else {
		json_write_null(&copy->writer, key);
	}
}

static int
copy_member(const char *key, const struct json_value *value, void *context,
    struct error *err)
{
	(void)err;
	copy_value(context, key, value);
	return 0;
}

static size_t
write_again(const struct json_document *document, struct bytes *to)
{
	struct error err = { 0 };
	struct copy copy = { .writer = json_writer_to(to) };

	copy_value(&copy, NULL, json_root(document));
	if (json_write_done(&copy.writer, &err) < 0)
		abort();
	return copy.values;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct json_document *first = NULL;
	struct json_document *second = NULL;
	struct bytes once = { 0 };
	struct bytes twice = { 0 };
	struct error err = { 0 };

	if (json_read(data, len, 65536, &first, &err) < 0)
		return 0;
	size_t values = write_again(first, &once);
	if (json_read(once.data, once.len, once.len, &second, &err) < 0)
		abort();
	if (write_again(second, &twice) != values || once.len != twice.len)
		abort();
	bytes_free(&once);
	bytes_free(&twice);
	json_document_free(first);
	json_document_free(second);
	return 0;
}
