#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "document/document.h"
#include "document/pool.h"
#include "document/utf8.h"
#include "role/reader/letter_json_internal.h"

enum { YEAR_OF_ROC = 1911 };

void
letter_reader_report(struct letter_reader *reader, const char *argument)
{
	struct finding_place place = { .file = "", .path = reader->path };

	findings_add(reader->findings, &place, "E2175", argument);
}

/* ---- paths ----------------------------------------------------------- */

static void
enter_name(struct letter_reader *reader, const char *name)
{
	size_t len = strlen(reader->path);

	snprintf(reader->path + len, sizeof(reader->path) - len, "/%s", name);
}

static void
enter_index(struct letter_reader *reader, size_t index)
{
	char text[24];

	snprintf(text, sizeof(text), "%zu", index);
	enter_name(reader, text);
}

/* Back to the `len` that the path had before. */
static void
leave(struct letter_reader *reader, size_t len)
{
	reader->path[len] = '\0';
}

/* ---- texts ----------------------------------------------------------- */

/* The text behind blanks, and the length up to those at its end. */
static const char *
trim(const char *text, size_t *ret_len)
{
	const char *at = text;
	size_t end = 0;
	uint32_t point;

	while (utf8_is_space(utf8_next(&at)))
		text = at;
	at = text;
	while ((point = utf8_next(&at)) != 0)
		if (!utf8_is_space(point))
			end = (size_t)(at - text);
	*ret_len = end;
	return text;
}

/* CR LF and CR become LF: forms of pages send the former. */
static const char *
clean(struct letter_reader *reader, const char *text)
{
	struct bytes bytes = { 0 };
	const char *kept;
	size_t len;

	text = trim(text, &len);
	for (size_t i = 0; i < len; i++) {
		if (text[i] != '\r')
			bytes_put_u8(&bytes, (uint8_t)text[i]);
		else if (i + 1 == len || text[i + 1] != '\n')
			bytes_put_u8(&bytes, '\n');
	}
	if (bytes.failed)
		reader->pool->failed = true;
	kept = pool_text_len(reader->pool, (const char *)bytes.data, bytes.len);
	bytes_free(&bytes);
	return kept;
}

static const char *
text_of(struct letter_reader *reader, const struct json_value *value)
{
	const char *text = json_value_text(value);

	if (text == NULL) {
		letter_reader_report(reader, "text");
		return "";
	}
	return clean(reader, text);
}

static bool
is_digits(const char *text, size_t len)
{
	return strspn(text, "0123456789") >= len;
}

/* What no such date is stays as it is: the maker judges it. */
static const char *
date_of(struct letter_reader *reader, const struct json_value *value)
{
	const char *text = text_of(reader, value);
	char made[96];
	int parts[3];

	if (strlen(text) != 10 || !is_digits(text, 4) || text[4] != '-' ||
	    !is_digits(text + 5, 2) || text[7] != '-' ||
	    !is_digits(text + 8, 2))
		return text;
	parts[0] = (text[0] - '0') * 1000 + (text[1] - '0') * 100 +
	    (text[2] - '0') * 10 + (text[3] - '0') - YEAR_OF_ROC;
	parts[1] = (text[5] - '0') * 10 + (text[6] - '0');
	parts[2] = (text[8] - '0') * 10 + (text[9] - '0');
	snprintf(made, sizeof(made), "中華民國%d年%d月%d日", parts[0], parts[1],
	    parts[2]);
	return pool_text(reader->pool, made);
}

/* ---- lists ----------------------------------------------------------- */

/* Room for the items of an array; NULL and a finding for anything else. */
static void *
room_for(struct letter_reader *reader, const struct json_value *value,
    size_t size)
{
	if (!json_value_is_array(value)) {
		letter_reader_report(reader, "array");
		return NULL;
	}
	return pool_alloc(reader->pool, json_value_count(value), size);
}

static void
read_texts(struct letter_reader *reader, const struct json_value *value,
    const char *const **ret_texts, size_t *ret_count)
{
	const char **texts = room_for(reader, value, sizeof(*texts));
	size_t len = strlen(reader->path);

	*ret_texts = (const char *const *)texts;
	*ret_count = texts != NULL ? json_value_count(value) : 0;
	for (size_t i = 0; i < *ret_count; i++) {
		enter_index(reader, i);
		texts[i] = text_of(reader, json_value_item(value, i));
		leave(reader, len);
	}
}

static void
read_files(struct letter_reader *reader, const struct json_value *value,
    const struct document_file **ret_files, size_t *ret_count)
{
	struct document_file *files = room_for(reader, value, sizeof(*files));
	size_t len = strlen(reader->path);

	*ret_files = files;
	*ret_count = files != NULL ? json_value_count(value) : 0;
	for (size_t i = 0; i < *ret_count; i++) {
		enter_index(reader, i);
		files[i].entity = "";
		files[i].name = text_of(reader, json_value_item(value, i));
		leave(reader, len);
	}
}

static void
read_list(struct letter_reader *reader, const struct json_value *value,
    const struct letter_field *field, void **ret_list, size_t *ret_count)
{
	uint8_t *list = room_for(reader, value, field->size);
	size_t len = strlen(reader->path);

	*ret_list = list;
	*ret_count = list != NULL ? json_value_count(value) : 0;
	for (size_t i = 0; i < *ret_count; i++) {
		enter_index(reader, i);
		letter_reader_object(reader, json_value_item(value, i),
		    field->shape, list + i * field->size);
		leave(reader, len);
	}
}

/* ---- fields ---------------------------------------------------------- */

static void
read_word(struct letter_reader *reader, const struct json_value *value,
    const struct letter_field *field, int *to)
{
	const char *text = json_value_text(value);

	for (int i = 0; text != NULL && field->words[i] != NULL; i++)
		if (text_equal(field->words[i], text)) {
			*to = i;
			return;
		}
	letter_reader_report(reader, text != NULL ? text : "text");
}

static void
read_code(struct letter_reader *reader, const struct json_value *value,
    struct org_code *to)
{
	const char *text = text_of(reader, value);

	if (!org_code_parse(text, to)) {
		struct finding_place place = { .file = "",
			.path = reader->path };

		to->text[0] = '\0';
		findings_add(reader->findings, &place, "E2110", text);
	}
}

static void
read_scalar(struct letter_reader *reader, const struct json_value *value,
    const struct letter_field *field, void *to)
{
	int64_t number = 0;

	if (field->kind == LETTER_FIELD_BOOL) {
		if (!json_value_bool(value, to))
			letter_reader_report(reader, "true, false");
	} else if (!json_value_integer(value, &number) || number < 0 ||
	    number > 1000) {
		letter_reader_report(reader, "0 - 1000");
	} else {
		*(int *)to = (int)number;
	}
}

static void
read_field(struct letter_reader *reader, const struct json_value *value,
    const struct letter_field *field, uint8_t *out)
{
	void *to = out + field->offset;
	size_t *count = (size_t *)(void *)(out + field->count_offset);

	switch (field->kind) {
	case LETTER_FIELD_TEXT:
		*(const char **)to = text_of(reader, value);
		break;
	case LETTER_FIELD_DATE:
		*(const char **)to = date_of(reader, value);
		break;
	case LETTER_FIELD_TEXTS:
		read_texts(reader, value, to, count);
		break;
	case LETTER_FIELD_FILES:
		read_files(reader, value, to, count);
		break;
	case LETTER_FIELD_CODE:
		read_code(reader, value, to);
		break;
	case LETTER_FIELD_BOOL:
	case LETTER_FIELD_NUMBER:
		read_scalar(reader, value, field, to);
		break;
	case LETTER_FIELD_WORD:
		read_word(reader, value, field, to);
		break;
	case LETTER_FIELD_LIST:
		read_list(reader, value, field, to, count);
		break;
	case LETTER_FIELD_OBJECT:
		*(void **)to = pool_alloc(reader->pool, 1, field->size);
		if (*(void **)to != NULL)
			letter_reader_object(reader, value, field->shape,
			    *(void **)to);
		break;
	}
}

struct visit {
	struct letter_reader *reader;
	const struct letter_shape *shape;
	void *out;
};

static int
visit_member(const char *key, const struct json_value *value, void *context,
    struct error *err)
{
	struct visit *visit = context;
	struct letter_reader *reader = visit->reader;
	size_t len = strlen(reader->path);
	size_t i = 0;

	(void)err;
	enter_name(reader, key);
	while (i < visit->shape->count &&
	    !text_equal(visit->shape->fields[i].name, key))
		i++;
	if (i == visit->shape->count)
		letter_reader_report(reader, key);
	else
		read_field(reader, value, &visit->shape->fields[i], visit->out);
	leave(reader, len);
	return 0;
}

void
letter_reader_object(struct letter_reader *reader,
    const struct json_value *value, const struct letter_shape *shape, void *out)
{
	struct visit visit = { reader, shape, out };
	struct error ignored = { 0 };

	for (size_t i = 0; i < shape->count; i++) {
		const struct letter_field *field = &shape->fields[i];

		if (field->kind == LETTER_FIELD_TEXT ||
		    field->kind == LETTER_FIELD_DATE)
			*(const char **)(void *)((uint8_t *)out +
			    field->offset) = "";
	}
	if (!json_value_is_object(value))
		letter_reader_report(reader, "object");
	else if (json_value_each(value, visit_member, &visit, &ignored) < 0)
		reader->pool->failed = true;
}
