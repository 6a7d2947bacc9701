#include "json/json_decode.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "json/json_canonical.h"
#include "json/json_decode_internal.h"
#include "model/digest.h"
#include "model/event.h"
#include "model/id.h"
#include "model/org.h"
#include "model/times.h"

enum { FIELDS_MAX = 64 };

static int
refuse(struct error *err, const char *why)
{
	return error_set(err, ERROR_MALFORMED, "%s", why);
}

static bool
is_zero(const void *data, size_t len)
{
	const uint8_t *at = data;

	while (len > 0 && at[len - 1] == 0)
		len--;
	return len == 0;
}

static bool
parse_text(enum json_kind kind, const char *text, void *to)
{
	switch ((int)kind) {
	case JSON_FIELD_DIGEST:
		return digest_parse(text, to);
	case JSON_FIELD_ID:
		return id_parse(text, to) && !id_is_nil(to);
	case JSON_FIELD_ORG:
		return org_code_parse(text, to);
	default:
		return times_parse(text, to);
	}
}

static size_t
size_of(enum json_kind kind)
{
	switch ((int)kind) {
	case JSON_FIELD_DIGEST:
		return sizeof(struct digest);
	case JSON_FIELD_ID:
		return sizeof(struct id);
	case JSON_FIELD_ORG:
		return sizeof(struct org_code);
	default:
		return sizeof(int64_t);
	}
}

/*
 * Fields where "" may stand for none.  Zeros spelled out would then read as
 * none as well, so they are refused: two texts must not mean the same.
 */
static bool
parse_model(const struct json_field *field, const char *text, void *to)
{
	size_t size = size_of(field->kind);

	if (field->may_empty && text[0] == '\0') {
		memset(to, 0, size);
		return true;
	}
	return parse_text(field->kind, text, to) &&
	    !(field->may_empty && is_zero(to, size));
}

static int
decode_text_heap(const struct json_field *field, const char *text, void *to,
    struct error *err)
{
	size_t len = strlen(text);
	char *copy;

	if (field->max > 0 && len > (size_t)field->max)
		return refuse(err, "text too long");
	copy = text_dup_len(text, len);
	if (copy == NULL)
		return error_set_memory(err);
	memcpy(to, &copy, sizeof(copy));
	return 0;
}

static int
decode_base64(const struct json_field *field, const char *text, void *to,
    struct error *err)
{
	struct bytes *blob = to;
	size_t len = strlen(text);
	size_t max = field->max > 0 ? (size_t)field->max : len;

	/* Before decoding, so that memory is not spent on what is refused. */
	if (len / 4 > max / 3 + 1)
		return refuse(err, "data too long");
	if (base64_parse(text, len, blob, err) < 0)
		return -1;
	return blob->len > max ? refuse(err, "data too long") : 0;
}

int
json_decode_string(const struct json_field *field, const char *text, void *to,
    struct error *err)
{
	bool good = false;

	switch (field->kind) {
	case JSON_FIELD_TEXT:
		if (!text_copy(to, field->size, text))
			return refuse(err, "text too long");
		return 0;
	case JSON_FIELD_TEXT_HEAP:
		return decode_text_heap(field, text, to, err);
	case JSON_FIELD_BASE64:
		return decode_base64(field, text, to, err);
	case JSON_FIELD_HEX:
		good = hex_parse(text, to, field->size);
		break;
	case JSON_FIELD_SPEED:
		good = speed_parse(text, to);
		break;
	case JSON_FIELD_EVENT:
		good = event_parse(text, to);
		break;
	case JSON_FIELD_PARSED:
		good = field->parse(text, to);
		break;
	case JSON_FIELD_FORMAT:
		good = text_equal(text, field->format);
		break;
	case JSON_FIELD_DIGEST:
	case JSON_FIELD_ID:
	case JSON_FIELD_ORG:
	case JSON_FIELD_TIME:
		good = parse_model(field, text, to);
		break;
	case JSON_FIELD_INT:
	case JSON_FIELD_BOOL:
	case JSON_FIELD_OBJECT:
	case JSON_FIELD_LIST:
	case JSON_FIELD_DIGESTS:
	case JSON_FIELD_EACH:
	case JSON_FIELD_VALUE:
		break;
	}
	if (!good)
		return error_set(err, ERROR_MALFORMED,
		    "\"%.64s\" is not acceptable", text);
	return 0;
}

int
json_decode_number(const struct json_field *field, int64_t number, void *to,
    struct error *err)
{
	int32_t word;
	int16_t half;
	int8_t byte;

	if (number < field->min || number > field->max)
		return error_set(err, ERROR_MALFORMED,
		    "%lld is not from %lld to %lld", (long long)number,
		    (long long)field->min, (long long)field->max);
	word = (int32_t)number;
	half = (int16_t)number;
	byte = (int8_t)number;
	memcpy(to,
	    field->size == 1       ? (const void *)&byte
		: field->size == 2 ? (const void *)&half
		: field->size == 4 ? (const void *)&word
				   : (const void *)&number,
	    field->size);
	return 0;
}

static int decode_members(const struct json_value *value,
    const struct json_field *fields, size_t count, void *out,
    struct error *err);

static int
decode_list(const struct json_field *field, const struct json_value *value,
    void *to, void *out, struct error *err)
{
	size_t count = json_value_count(value);
	char *items;

	if (!json_value_is_array(value))
		return refuse(err, "array expected");
	if (count > (size_t)field->max)
		return refuse(err, "too many items");
	items = calloc(count > 0 ? count : 1, field->size);
	if (items == NULL)
		return error_set_memory(err);
	/* Handed over before it is filled: the caller releases it either way. */
	memcpy(to, &items, sizeof(items));
	memcpy((char *)out + field->count_offset, &count, sizeof(count));
	for (size_t i = 0; i < count; i++)
		if (decode_members(json_value_item(value, i), field->fields,
			field->field_count, items + i * field->size, err) < 0)
			return error_prefix(err, "item %zu", i);
	return 0;
}

static int
decode_digests(const struct json_field *field, const struct json_value *value,
    void *to, void *out, struct error *err)
{
	size_t count = json_value_count(value);
	struct digest *digests = to;

	if (!json_value_is_array(value))
		return refuse(err, "array expected");
	if (count > (size_t)field->max)
		return refuse(err, "too many items");
	for (size_t i = 0; i < count; i++) {
		const char *text = json_value_text(json_value_item(value, i));

		if (text == NULL || !digest_parse(text, &digests[i]))
			return error_set(err, ERROR_MALFORMED,
			    "item %zu: a digest was expected", i);
	}
	memcpy((char *)out + field->count_offset, &count, sizeof(count));
	return 0;
}

static int
decode_each(const struct json_field *field, const struct json_value *value,
    void *to, struct error *err)
{
	size_t count = json_value_count(value);

	if (!json_value_is_array(value))
		return refuse(err, "array expected");
	if (field->max > 0 && count > (size_t)field->max)
		return refuse(err, "too many items");
	for (size_t i = 0; i < count; i++)
		if (field->item(json_value_item(value, i), i, to, err) < 0)
			return error_prefix(err, "item %zu", i);
	return 0;
}

static int
decode_field(const struct json_field *field, const struct json_value *value,
    void *out, struct error *err)
{
	void *to = (char *)out + field->offset;
	const char *text;
	int64_t number;
	bool truth;

	switch ((int)field->kind) {
	case JSON_FIELD_INT:
		return json_value_integer(value, &number)
		    ? json_decode_number(field, number, to, err)
		    : refuse(err, "integer expected");
	case JSON_FIELD_BOOL:
		if (!json_value_bool(value, &truth))
			return refuse(err, "true or false expected");
		memcpy(to, &truth, sizeof(truth));
		return 0;
	case JSON_FIELD_OBJECT:
		return decode_members(value, field->fields, field->field_count,
		    to, err);
	case JSON_FIELD_LIST:
		return decode_list(field, value, to, out, err);
	case JSON_FIELD_DIGESTS:
		return decode_digests(field, value, to, out, err);
	case JSON_FIELD_EACH:
		return decode_each(field, value, to, err);
	case JSON_FIELD_VALUE:
		memcpy(to, &value, sizeof(value));
		return 0;
	default:
		text = json_value_text(value);
		if (text == NULL)
			return refuse(err, "text expected");
		return json_decode_string(field, text, to, err);
	}
}

/* What the visit of an object's members carries. */
struct visit {
	const struct json_field *fields;
	size_t count;
	void *out;
	size_t position;
	uint64_t seen; /* a bit for each field */
};

static int
decode_member(const char *key, const struct json_value *value, void *context,
    struct error *err)
{
	struct visit *visit = context;
	size_t i = 0;

	while (i < visit->count && !text_equal(visit->fields[i].name, key))
		i++;
	if (i == visit->count)
		return error_set(err, ERROR_MALFORMED, "unknown key \"%.64s\"",
		    key);
	if (visit->fields[i].kind == JSON_FIELD_FORMAT && visit->position != 0)
		return error_set(err, ERROR_MALFORMED,
		    "\"%s\" is not the first key", key);
	visit->position++;
	visit->seen |= (uint64_t)1 << i;
	if (decode_field(&visit->fields[i], value, visit->out, err) < 0)
		return error_prefix(err, "%s", visit->fields[i].name);
	return 0;
}

static int
decode_members(const struct json_value *value, const struct json_field *fields,
    size_t count, void *out, struct error *err)
{
	struct visit visit = { .fields = fields, .count = count, .out = out };

	if (count > FIELDS_MAX)
		return error_set(err, ERROR_SYSTEM, "table of %zu fields",
		    count);
	if (json_value_each(value, decode_member, &visit, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		if ((visit.seen & (uint64_t)1 << i) == 0 && !fields[i].optional)
			return error_set(err, ERROR_MALFORMED,
			    "key \"%s\" is missing", fields[i].name);
	return 0;
}

int
json_decode_value(const struct json_value *value,
    const struct json_field *fields, size_t count, void *out, struct error *err)
{
	return decode_members(value, fields, count, out, err);
}

int
json_decode_read(const void *data, size_t len, size_t max,
    const struct json_field *fields, size_t count, void *out, struct error *err)
{
	struct json_document *document = NULL;
	int rc = -1;

	if (json_read(data, len, max, &document, err) == 0)
		rc = decode_members(json_root(document), fields, count, out,
		    err);
	json_document_free(document);
	return rc;
}

int
json_decode(const void *data, size_t len, size_t max,
    const struct json_field *fields, size_t count, void *out, struct error *err)
{
	struct json_canonical found;
	struct bytes scratch = { 0 };
	int rc;

	if (len > max || !json_canonical_scan(data, len, fields, count, &found))
		return json_decode_read(data, len, max, fields, count, out,
		    err);
	rc = json_canonical_decode(&found, fields, count, out, &scratch, err);
	if (json_wipes_memory())
		bytes_wipe(&scratch);
	else
		bytes_free(&scratch);
	return rc;
}
