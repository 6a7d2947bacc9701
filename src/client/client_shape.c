#include "client/client_shape.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Memory that goes with a record. */
struct chunk {
	struct chunk *next;
	max_align_t data[];
};

struct record {
	json_t *root;
	struct chunk *chunks;
	max_align_t open[]; /* what the caller has */
};

static struct record *
record_of(void *open)
{
	return (struct record *)(void *)((char *)open -
	    offsetof(struct record, open));
}

static void *
chunk_new(struct record *record, size_t count, size_t size)
{
	struct chunk *chunk;

	if (count > CLIENT_TEXT_MAX / (size > 0 ? size : 1))
		return NULL;
	chunk = calloc(1, sizeof(*chunk) + count * size + 1);
	if (chunk == NULL)
		return NULL;
	chunk->next = record->chunks;
	record->chunks = chunk;
	return chunk->data;
}

void
client_shape_free(void *open)
{
	struct record *record;

	if (open == NULL)
		return;
	record = record_of(open);
	while (record->chunks != NULL) {
		struct chunk *chunk = record->chunks;

		record->chunks = chunk->next;
		free(chunk);
	}
	json_decref(record->root);
	free(record);
}

/* ---- reading ---------------------------------------------------------------- */

/* "a.0.b": the member of a member; NULL if there is none. */
static json_t *
find(json_t *value, const char *name)
{
	char part[40];

	for (;;) {
		size_t len = strcspn(name, ".");

		if (len >= sizeof(part))
			return NULL;
		memcpy(part, name, len);
		part[len] = '\0';
		value = json_is_array(value)
		    ? json_array_get(value,
			  (size_t)client_number(part, CLIENT_FILES_MAX))
		    : json_object_get(value, part);
		if (name[len] == '\0')
			return value;
		name += len + 1;
	}
}

static bool fill(struct record *record, const struct client_shape *shape,
    json_t *value, char *to);

static bool
fill_texts(struct record *record, json_t *list, size_t *count,
    const char *const **texts)
{
	size_t size = json_array_size(list);
	const char **made = chunk_new(record, size, sizeof(*made));

	if (made == NULL)
		return false;
	for (size_t i = 0; i < size; i++) {
		const char *text = json_string_value(json_array_get(list, i));

		made[i] = text != NULL ? text : "";
	}
	*count = size;
	*texts = made;
	return true;
}

static bool
fill_records(struct record *record, const struct client_shape *items,
    json_t *list, size_t *count, void **records)
{
	size_t size = json_array_size(list);
	char *made = chunk_new(record, size, items->size);

	if (made == NULL)
		return false;
	for (size_t i = 0; i < size; i++)
		if (!fill(record, items, json_array_get(list, i),
			made + i * items->size))
			return false;
	*count = size;
	*records = made;
	return true;
}

static bool
fill_whole(struct record *record, const json_t *value, const char **ret_text)
{
	size_t len = json_dumpb(value, NULL, 0, JSON_COMPACT);
	char *text = chunk_new(record, len, 1);

	if (text == NULL)
		return false;
	json_dumpb(value, text, len, JSON_COMPACT);
	*ret_text = text;
	return true;
}

static bool
fill_field(struct record *record, const struct client_field *field,
    json_t *value, char *to)
{
	json_t *member =
	    field->kind == CLIENT_WHOLE ? value : find(value, field->name);
	void *at = to + field->at;
	void *count = to + field->count_at;
	const char *text = json_string_value(member);
	json_int_t number = json_integer_value(member);

	switch (field->kind) {
	case CLIENT_TEXT:
		*(const char **)at = text != NULL ? text : "";
		return true;
	case CLIENT_NUMBER:
		*(int64_t *)at = number;
		return true;
	case CLIENT_LENGTH:
		*(uint64_t *)at = number > 0 ? (uint64_t)number : 0;
		return true;
	case CLIENT_TRUTH:
		*(int *)at = json_is_true(member);
		return true;
	case CLIENT_TEXTS:
		return fill_texts(record, member, count, at);
	case CLIENT_RECORDS:
		return fill_records(record, field->items, member, count, at);
	case CLIENT_WHOLE:
		return fill_whole(record, value, at);
	}
	return false;
}

static bool
fill(struct record *record, const struct client_shape *shape, json_t *value,
    char *to)
{
	for (const struct client_field *field = shape->fields;
	     field->name != NULL; field++)
		if (!fill_field(record, field, value, to))
			return false;
	return true;
}

void *
client_shape_read(const struct client_shape *shape, json_t *root)
{
	struct record *record = calloc(1, sizeof(*record) + shape->size);

	if (record == NULL)
		return NULL;
	record->root = json_incref(root);
	if (fill(record, shape, root, (char *)record->open))
		return record->open;
	client_shape_free(record->open);
	return NULL;
}

/* ---- targets ------------------------------------------------------------------ */

bool
client_target(char target[CLIENT_TARGET_SIZE], const char *pattern, ...)
{
	char piece[CLIENT_TARGET_SIZE];
	bool is_good = true;
	va_list args;

	target[0] = '\0';
	va_start(args, pattern);
	while (is_good) {
		const char *place = strstr(pattern, "{}");
		size_t len =
		    place != NULL ? (size_t)(place - pattern) : strlen(pattern);
		const char *text = "";

		if (len >= sizeof(piece)) {
			is_good = false;
			break;
		}
		memcpy(piece, pattern, len);
		piece[len] = '\0';
		if (place != NULL)
			text = va_arg(args, const char *);
		is_good =
		    text != NULL && client_path_add(target, piece, text, "");
		if (place == NULL)
			break;
		pattern = place + 2;
	}
	va_end(args);
	return is_good;
}

bool
client_param(char target[CLIENT_TARGET_SIZE], const char *name,
    const char *value)
{
	char prefix[40];

	if (value == NULL)
		return true;
	snprintf(prefix, sizeof(prefix),
	    "%c%s=", strchr(target, '?') != NULL ? '&' : '?', name);
	return client_path_add(target, prefix, value, "");
}

bool
client_param_number(char target[CLIENT_TARGET_SIZE], const char *name,
    int64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRId64, value);
	return client_param(target, name, value != 0 ? text : NULL);
}

/* ---- asking ------------------------------------------------------------------- */

enum yizhan_result
client_shape_ask(struct yizhan *yizhan, const struct client_request *request,
    const struct client_shape *shape, void *ret_record)
{
	struct client_answer answer = { 0 };
	json_t *root = NULL;
	enum yizhan_result result =
	    client_ask_json(yizhan, request, &answer, &root);
	void *record;

	if (result == YIZHAN_OK && shape != NULL) {
		record = client_shape_read(shape, root);
		if (record != NULL)
			memcpy(ret_record, &record, sizeof(record));
		else
			result = client_no_memory(yizhan);
	}
	json_decref(root);
	client_answer_free(&answer);
	return result;
}

enum yizhan_result
client_get(struct yizhan *yizhan, const char *target,
    const struct client_shape *shape, void *ret_record)
{
	const struct client_request request = { .method = "GET",
		.target = target };

	return client_shape_ask(yizhan, &request, shape, ret_record);
}

enum yizhan_result
client_get_text(struct yizhan *yizhan, const char *target, char **ret_json)
{
	return yizhan_call(yizhan, "GET", target, NULL, ret_json, NULL);
}

enum yizhan_result
client_post(struct yizhan *yizhan, const char *target, json_t *body,
    const struct client_shape *shape, void *ret_record)
{
	char *json = body != NULL ? client_dump(body) : NULL;
	const struct client_request request = { .method = "POST",
		.target = target,
		.json = json };
	enum yizhan_result result;

	if (body != NULL && json == NULL)
		result = client_no_memory(yizhan);
	else
		result = client_shape_ask(yizhan, &request, shape, ret_record);
	json_decref(body);
	free(json);
	return result;
}
