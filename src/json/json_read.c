#include "json/json_read.h"

#include <stdlib.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "json/json_tree.h"
#include "json/json_write.h"

int
json_read(const void *data, size_t len, size_t max,
    struct json_document **ret_document, struct error *err)
{
	struct json_document *document;

	if (len > max)
		return error_set(err, ERROR_MALFORMED,
		    "JSON of %zu bytes, at most %zu are allowed", len, max);
	document = calloc(1, sizeof(*document));
	if (document == NULL)
		return error_set_memory(err);
	if (json_parse(data, len, document, err) < 0) {
		json_document_free(document);
		return -1;
	}
	*ret_document = document;
	return 0;
}

void
json_document_free(struct json_document *document)
{
	struct bytes text;

	if (document == NULL)
		return;
	while (document->blocks != NULL) {
		struct json_block *block = document->blocks;

		document->blocks = block->next;
		free(block);
	}
	/* The keys of content parts are read as JSON, too. */
	text = (struct bytes){ .data = (uint8_t *)document->text,
		.len = document->text_size,
		.size = document->text_size };
	bytes_wipe(&text);
	free(document);
}

const struct json_value *
json_root(const struct json_document *document)
{
	return &document->root;
}

bool
json_value_is_object(const struct json_value *value)
{
	return value != NULL && value->type == JSON_TYPE_OBJECT;
}

bool
json_value_is_array(const struct json_value *value)
{
	return value != NULL && value->type == JSON_TYPE_ARRAY;
}

const struct json_value *
json_value_member(const struct json_value *value, const char *key)
{
	if (!json_value_is_object(value))
		return NULL;
	for (size_t i = 0; i < value->count; i++)
		if (text_equal(value->is.items[i].key, key))
			return &value->is.items[i];
	return NULL;
}

size_t
json_value_count(const struct json_value *value)
{
	return json_value_is_object(value) || json_value_is_array(value)
	    ? value->count
	    : 0;
}

const struct json_value *
json_value_item(const struct json_value *value, size_t index)
{
	return json_value_is_array(value) && index < value->count
	    ? &value->is.items[index]
	    : NULL;
}

int
json_value_each(const struct json_value *value, json_member_fn visit,
    void *context, struct error *err)
{
	if (!json_value_is_object(value))
		return error_set(err, ERROR_MALFORMED, "JSON object expected");
	for (size_t i = 0; i < value->count; i++)
		if (visit(value->is.items[i].key, &value->is.items[i], context,
			err) < 0)
			return -1;
	return 0;
}

const char *
json_value_text(const struct json_value *value)
{
	return value != NULL && value->type == JSON_TYPE_TEXT ? value->is.text
							      : NULL;
}

bool
json_value_integer(const struct json_value *value, int64_t *ret_number)
{
	if (value == NULL || value->type != JSON_TYPE_INTEGER)
		return false;
	*ret_number = value->is.number;
	return true;
}

bool
json_value_bool(const struct json_value *value, bool *ret_truth)
{
	if (value == NULL ||
	    (value->type != JSON_TYPE_TRUE && value->type != JSON_TYPE_FALSE))
		return false;
	*ret_truth = value->type == JSON_TYPE_TRUE;
	return true;
}

const void *
json_value_raw(const struct json_value *value, size_t *ret_len)
{
	*ret_len = value->raw_len;
	return value->raw;
}

static void
write_value(struct json_writer *writer, const struct json_value *value)
{
	switch (value->type) {
	case JSON_TYPE_NULL:
		json_write_null(writer, value->key);
		return;
	case JSON_TYPE_FALSE:
	case JSON_TYPE_TRUE:
		json_write_bool(writer, value->key,
		    value->type == JSON_TYPE_TRUE);
		return;
	case JSON_TYPE_INTEGER:
		json_write_int(writer, value->key, value->is.number);
		return;
	case JSON_TYPE_TEXT:
		json_write_text_len(writer, value->key, value->is.text,
		    value->count);
		return;
	case JSON_TYPE_ARRAY:
	case JSON_TYPE_OBJECT:
		break;
	}
	if (value->type == JSON_TYPE_ARRAY)
		json_write_begin_array(writer, value->key);
	else
		json_write_begin_object(writer, value->key);
	for (size_t i = 0; i < value->count; i++)
		write_value(writer, &value->is.items[i]);
	json_write_end(writer);
}

int
json_value_put(const struct json_value *value, struct bytes *to,
    struct error *err)
{
	struct json_writer writer = json_writer_to(to);
	struct json_value alone;

	if (value == NULL)
		return error_set(err, ERROR_MALFORMED, "JSON value expected");
	alone = *value;
	alone.key = NULL;
	write_value(&writer, &alone);
	return json_write_done(&writer, err);
}
