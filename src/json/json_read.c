#include "json/json_read.h"

#include <stddef.h>
#include <stdlib.h>

#include <jansson.h>

#include "base/bytes.h"
#include "base/error.h"
#include "json/json_decode_internal.h"

struct json_document {
	json_t root;
};

/* The two faces of one pointer: the library's type stays in this file. */
static const json_t *
inside(const struct json_value *value)
{
	return (const json_t *)(const void *)value;
}

static const struct json_value *
outside(const json_t *value)
{
	return (const struct json_value *)(const void *)value;
}

/* Before each block of memory, so that free_wiping() knows how long it is. */
union block {
	size_t len;
	max_align_t align;
};

/*
 * Without memory Jansson 2.14 tells of a mistake in the text, which would
 * refuse for good what is to be tried again, or even leaves a character out of
 * a string and goes on: so we look ourselves.
 */
static bool memory_ran_out;

static bool wipes_memory;

static void *
allocate(size_t len)
{
	void *memory = malloc(len);

	if (memory == NULL)
		memory_ran_out = true;
	return memory;
}

static void *
alloc_wiping(size_t len)
{
	union block *block;

	if (len > SIZE_MAX - sizeof(*block))
		return NULL;
	block = allocate(sizeof(*block) + len);
	if (block == NULL)
		return NULL;
	block->len = len;
	return block + 1;
}

static void
free_wiping(void *memory)
{
	volatile uint8_t *at = memory;
	union block *block;

	if (memory == NULL)
		return;
	block = (union block *)memory - 1;
	for (size_t i = 0; i < block->len; i++)
		at[i] = 0;
	free(block);
}

void
json_wipe_memory(void)
{
	wipes_memory = true;
}

bool
json_wipes_memory(void)
{
	return wipes_memory;
}

static void
set_memory(void)
{
	memory_ran_out = false;
	if (wipes_memory)
		json_set_alloc_funcs(alloc_wiping, free_wiping);
	else
		json_set_alloc_funcs(allocate, free);
}

/* Where the scan of the raw text stands. */
struct scan {
	const uint8_t *data;
	size_t len;
	size_t at;
	size_t line;
	size_t line_start;
	int depth;
};

static int
refuse(const struct scan *scan, struct error *err, const char *why)
{
	return error_set(err, ERROR_MALFORMED, "JSON line %zu column %zu: %s",
	    scan->line, scan->at - scan->line_start + 1, why);
}

static void
skip_string(struct scan *scan)
{
	for (scan->at++; scan->at < scan->len; scan->at++) {
		if (scan->data[scan->at] == '"')
			return;
		if (scan->data[scan->at] == '\\')
			scan->at++;
	}
}

static bool
ends_number(uint8_t c)
{
	return !((c >= '0' && c <= '9') || c == '-' || c == '+');
}

static int
check_number(struct scan *scan, struct error *err)
{
	while (
	    scan->at + 1 < scan->len && !ends_number(scan->data[scan->at + 1]))
		scan->at++;
	if (scan->at + 1 < scan->len) {
		uint8_t next = scan->data[scan->at + 1];

		if (next == '.' || next == 'e' || next == 'E')
			return refuse(scan, err, "number is not an integer");
	}
	return 0;
}

static int
scan_one(struct scan *scan, struct error *err)
{
	switch (scan->data[scan->at]) {
	case '"':
		skip_string(scan);
		return 0;
	case '{':
	case '[':
		return ++scan->depth > JSON_DEPTH_MAX
		    ? refuse(scan, err, "nested too deep")
		    : 0;
	case '}':
	case ']':
		scan->depth--;
		return 0;
	case '\n':
		scan->line++;
		scan->line_start = scan->at + 1;
		return 0;
	default:
		return ends_number(scan->data[scan->at])
		    ? 0
		    : check_number(scan, err);
	}
}

/*
 * What the library would let pass or run deep for, looked for in the raw text
 * beforehand: nesting and numbers with fraction or exponent.
 */
static int
scan_text(const uint8_t *data, size_t len, struct error *err)
{
	struct scan scan = { .data = data, .len = len, .line = 1 };

	for (; scan.at < len; scan.at++)
		if (scan_one(&scan, err) < 0)
			return -1;
	return 0;
}

int
json_read(const void *data, size_t len, size_t max,
    struct json_document **ret_document, struct error *err)
{
	json_error_t why;
	json_t *root;

	if (len > max)
		return error_set(err, ERROR_MALFORMED,
		    "JSON of %zu bytes, at most %zu are allowed", len, max);
	if (scan_text(data, len, err) < 0)
		return -1;
	set_memory();
	root = json_loadb(data, len, JSON_REJECT_DUPLICATES, &why);
	if (memory_ran_out) {
		json_decref(root);
		return error_set_memory(err);
	}
	if (root == NULL)
		return error_set(err, ERROR_MALFORMED,
		    "JSON line %d column %d: %s", why.line, why.column,
		    why.text);
	*ret_document = (struct json_document *)(void *)root;
	return 0;
}

void
json_document_free(struct json_document *document)
{
	if (document != NULL)
		json_decref(&document->root);
}

const struct json_value *
json_root(const struct json_document *document)
{
	return outside(&document->root);
}

bool
json_value_is_object(const struct json_value *value)
{
	return value != NULL && inside(value)->type == JSON_OBJECT;
}

bool
json_value_is_null(const struct json_value *value)
{
	return json_is_null(inside(value));
}

bool
json_value_is_array(const struct json_value *value)
{
	return value != NULL && inside(value)->type == JSON_ARRAY;
}

const struct json_value *
json_value_member(const struct json_value *value, const char *key)
{
	return json_value_is_object(value)
	    ? outside(json_object_get(inside(value), key))
	    : NULL;
}

size_t
json_value_count(const struct json_value *value)
{
	if (json_value_is_object(value))
		return json_object_size(inside(value));
	return json_value_is_array(value) ? json_array_size(inside(value)) : 0;
}

const struct json_value *
json_value_item(const struct json_value *value, size_t index)
{
	return json_value_is_array(value)
	    ? outside(json_array_get(inside(value), index))
	    : NULL;
}

int
json_value_each(const struct json_value *value, json_member_fn visit,
    void *context, struct error *err)
{
	json_t *object;

	if (!json_value_is_object(value))
		return error_set(err, ERROR_MALFORMED, "JSON object expected");
	/* The library iterates over objects that it could change. */
	object = (json_t *)(uintptr_t)inside(value);
	for (void *at = json_object_iter(object); at != NULL;
	     at = json_object_iter_next(object, at))
		if (visit(json_object_iter_key(at),
			outside(json_object_iter_value(at)), context, err) < 0)
			return -1;
	return 0;
}

const char *
json_value_text(const struct json_value *value)
{
	return value != NULL ? json_string_value(inside(value)) : NULL;
}

bool
json_value_integer(const struct json_value *value, int64_t *ret_number)
{
	if (value == NULL || inside(value)->type != JSON_INTEGER)
		return false;
	*ret_number = json_integer_value(inside(value));
	return true;
}

bool
json_value_bool(const struct json_value *value, bool *ret_truth)
{
	if (value == NULL ||
	    (inside(value)->type != JSON_TRUE &&
		inside(value)->type != JSON_FALSE))
		return false;
	*ret_truth = inside(value)->type == JSON_TRUE;
	return true;
}

static int
put_chunk(const char *data, size_t len, void *context)
{
	bytes_put(context, data, len);
	return 0;
}

int
json_value_put(const struct json_value *value, struct bytes *to,
    struct error *err)
{
	if (value == NULL)
		return error_set(err, ERROR_MALFORMED, "JSON value expected");
	if (json_dump_callback(inside(value), put_chunk, to,
		JSON_COMPACT | JSON_ENCODE_ANY) < 0)
		return error_set_memory(err);
	return bytes_failed(to, err);
}
