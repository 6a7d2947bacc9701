/*
 * The JSON reader: whatever it accepts is written again and must be read as
 * the same number of values; and Jansson, which is another reader of the same
 * grammar, must say the same of it.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

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

/* Alone, an object or array is the text of the same value. */
static void
check_raw(const struct json_value *value)
{
	struct json_document *alone = NULL;
	struct bytes one = { 0 }, other = { 0 };
	struct error err = { 0 };
	size_t len;
	const void *raw = json_value_raw(value, &len);

	if (!json_value_is_array(value) && !json_value_is_object(value))
		return;
	if (json_read(raw, len, len, &alone, &err) < 0 ||
	    json_value_put(value, &one, &err) < 0 ||
	    json_value_put(json_root(alone), &other, &err) < 0 ||
	    one.len != other.len || memcmp(one.data, other.data, one.len) != 0)
		abort();
	bytes_free(&one);
	bytes_free(&other);
	json_document_free(alone);
}

static void
copy_value(struct copy *copy, const char *key, const struct json_value *value)
{
	struct error err = { 0 };
	int64_t number;
	bool truth;

	copy->values++;
	check_raw(value);
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

static bool is_same(const struct json_value *ours, const json_t *theirs);

static bool
has_same_members(const struct json_value *ours, const json_t *theirs)
{
	void *at = json_object_iter((json_t *)(uintptr_t)theirs);

	for (; at != NULL;
	     at = json_object_iter_next((json_t *)(uintptr_t)theirs, at))
		if (!is_same(json_value_member(ours, json_object_iter_key(at)),
			json_object_iter_value(at)))
			return false;
	return json_value_is_object(ours) &&
	    json_value_count(ours) == json_object_size(theirs);
}

static bool
is_same(const struct json_value *ours, const json_t *theirs)
{
	int64_t number;
	bool truth;

	switch (json_typeof(theirs)) {
	case JSON_OBJECT:
		return has_same_members(ours, theirs);
	case JSON_ARRAY:
		for (size_t i = 0; i < json_array_size(theirs); i++)
			if (!is_same(json_value_item(ours, i),
				json_array_get(theirs, i)))
				return false;
		return json_value_is_array(ours) &&
		    json_value_count(ours) == json_array_size(theirs);
	case JSON_STRING:
		return text_equal(json_value_text(ours),
		    json_string_value(theirs));
	case JSON_INTEGER:
		return json_value_integer(ours, &number) &&
		    number == json_integer_value(theirs);
	case JSON_TRUE:
	case JSON_FALSE:
		return json_value_bool(ours, &truth) &&
		    truth == json_is_true(theirs);
	case JSON_NULL:
		return ours != NULL && json_value_text(ours) == NULL &&
		    !json_value_is_array(ours) && !json_value_is_object(ours) &&
		    !json_value_integer(ours, &number) &&
		    !json_value_bool(ours, &truth);
	case JSON_REAL:
		break;
	}
	return false;
}

/* What we refuse although the grammar allows it. */
static bool
is_too_much(const json_t *theirs, int depth)
{
	json_t *value = (json_t *)(uintptr_t)theirs;

	if (json_is_real(theirs) ||
	    ((json_is_array(theirs) || json_is_object(theirs)) &&
		depth >= JSON_DEPTH_MAX))
		return true;
	for (size_t i = 0; i < json_array_size(theirs); i++)
		if (is_too_much(json_array_get(theirs, i), depth + 1))
			return true;
	for (void *at = json_object_iter(value); at != NULL;
	     at = json_object_iter_next(value, at))
		if (is_too_much(json_object_iter_value(at), depth + 1))
			return true;
	return false;
}

static void
ask_the_other(const uint8_t *data, size_t len, const struct json_value *root)
{
	json_t *theirs =
	    json_loadb((const char *)data, len, JSON_REJECT_DUPLICATES, NULL);

	if (root != NULL && (theirs == NULL || !is_same(root, theirs)))
		abort();
	/* It skips a NUL behind a number. */
	if (root == NULL && theirs != NULL && !is_too_much(theirs, 0) &&
	    memchr(data, '\0', len) == NULL)
		abort();
	json_decref(theirs);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct json_document *first = NULL;
	struct json_document *second = NULL;
	struct bytes once = { 0 };
	struct bytes twice = { 0 };
	struct error err = { 0 };

	if (len > 65536)
		return 0;
	if (json_read(data, len, 65536, &first, &err) < 0) {
		ask_the_other(data, len, NULL);
		return 0;
	}
	ask_the_other(data, len, json_root(first));
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
