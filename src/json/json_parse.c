/*
 * The grammar of RFC 8259, without what two readers might read differently:
 * numbers are integers of 64 bits, keys are not repeated, strings are UTF-8
 * without NUL and without half a surrogate pair.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "json/json_tree.h"

enum {
	BLOCK_VALUES = 64,
	STACK_FIRST = 32,
	FEW_MEMBERS = 16, /* compared each with each */
};

struct parser {
	const uint8_t *at, *start, *end;
	struct json_document *document;
	char *text;               /* where the next string goes */
	struct json_value *stack; /* of arrays and objects not ended yet */
	size_t stack_count, stack_size;
	int depth;
};

static int
refuse(const struct parser *parser, struct error *err, const char *why)
{
	const uint8_t *line_start = parser->start;
	size_t line = 1;

	for (const uint8_t *at = parser->start; at < parser->at; at++) {
		if (*at != '\n')
			continue;
		line++;
		line_start = at + 1;
	}
	return error_set(err, ERROR_MALFORMED, "JSON line %zu column %zu: %s",
	    line, (size_t)(parser->at - line_start) + 1, why);
}

static void
skip_space(struct parser *parser)
{
	while (parser->at < parser->end &&
	    (*parser->at == ' ' || *parser->at == '\n' || *parser->at == '\t' ||
		*parser->at == '\r'))
		parser->at++;
}

/* The next byte behind white space; 0, which stands nowhere, at the end. */
static uint8_t
peek(struct parser *parser)
{
	skip_space(parser);
	return parser->at < parser->end ? *parser->at : 0;
}

/* ---- memory ---------------------------------------------------------- */

static struct json_value *
take_values(struct json_document *document, size_t count)
{
	struct json_block *block = document->blocks;
	struct json_value *values;

	if (block == NULL || block->size - block->used < count) {
		size_t size = count > BLOCK_VALUES ? count : BLOCK_VALUES;

		block =
		    malloc(sizeof(*block) + size * sizeof(block->values[0]));
		if (block == NULL)
			return NULL;
		block->next = document->blocks;
		block->used = 0;
		block->size = size;
		document->blocks = block;
	}
	values = block->values + block->used;
	block->used += count;
	return values;
}

static int
push(struct parser *parser, const struct json_value *value, struct error *err)
{
	if (parser->stack_count == parser->stack_size) {
		size_t size = parser->stack_size == 0 ? STACK_FIRST
						      : 2 * parser->stack_size;
		struct json_value *stack =
		    realloc(parser->stack, size * sizeof(*stack));

		if (stack == NULL)
			return error_set_memory(err);
		parser->stack = stack;
		parser->stack_size = size;
	}
	parser->stack[parser->stack_count++] = *value;
	return 0;
}

/* ---- strings --------------------------------------------------------- */

/* Four digits at `at`, or -1. */
static int32_t
hex4(const struct parser *parser, const uint8_t *at)
{
	int32_t number = 0;

	if (parser->end - at < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		uint8_t c = at[i];

		if (c >= '0' && c <= '9')
			number = number * 16 + (c - '0');
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			number = number * 16 + ((c | 0x20) - 'a' + 10);
		else
			return -1;
	}
	return number;
}

static char *
put_point(char *to, int32_t point)
{
	int more = point < 0x80 ? 0
	    : point < 0x800     ? 1
	    : point < 0x10000   ? 2
				: 3;
	static const uint8_t first[] = { 0, 0xc0, 0xe0, 0xf0 };

	*to++ = (char)(first[more] | point >> (6 * more));
	while (more-- > 0)
		*to++ = (char)(0x80 | (point >> (6 * more) & 0x3f));
	return to;
}

/* What follows \u; surrogates come in pairs. */
static int
take_point(struct parser *parser, struct error *err)
{
	int32_t point = hex4(parser, parser->at);
	int32_t low;

	if (point < 0)
		return refuse(parser, err, "\\u without four digits");
	if (point == 0)
		return refuse(parser, err, "NUL in a string");
	parser->at += 4;
	if (point >= 0xd800 && point <= 0xdfff) {
		if (point >= 0xdc00 || parser->end - parser->at < 6 ||
		    parser->at[0] != '\\' || parser->at[1] != 'u')
			return refuse(parser, err, "half a surrogate pair");
		low = hex4(parser, parser->at + 2);
		if (low < 0xdc00 || low > 0xdfff)
			return refuse(parser, err, "half a surrogate pair");
		point = 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00);
		parser->at += 6;
	}
	parser->text = put_point(parser->text, point);
	return 0;
}

static int
take_escape(struct parser *parser, struct error *err)
{
	static const char letters[] = "\"\\/bfnrt";
	static const char meant[] = "\"\\/\b\f\n\r\t";
	const char *at;
	uint8_t c;

	if (++parser->at == parser->end)
		return refuse(parser, err, "string without end");
	c = *parser->at++;
	if (c == 'u')
		return take_point(parser, err);
	at = c == '\0' ? NULL : strchr(letters, c);
	if (at == NULL)
		return refuse(parser, err, "unknown escape");
	*parser->text++ = meant[at - letters];
	return 0;
}

/*
 * A string at its opening quote.  It never takes more room than in the text:
 * the two quotes make place for the end, and escapes are longer than what they
 * mean.
 */
static int
take_string(struct parser *parser, const char **ret_text, size_t *ret_len,
    struct error *err)
{
	char *begin = parser->text;
	uint8_t seen = 0; /* all bits of its bytes */

	parser->at++;
	for (;;) {
		const uint8_t *run = parser->at;

		while (parser->at < parser->end && *parser->at != '"' &&
		    *parser->at != '\\' && *parser->at >= 0x20)
			seen |= *parser->at++;
		memcpy(parser->text, run, (size_t)(parser->at - run));
		parser->text += parser->at - run;
		if (parser->at == parser->end)
			return refuse(parser, err, "string without end");
		if (*parser->at == '"')
			break;
		if (*parser->at != '\\')
			return refuse(parser, err, "control in a string");
		if (take_escape(parser, err) < 0)
			return -1;
	}
	if (seen >= 0x80 &&
	    !text_is_utf8(begin, (size_t)(parser->text - begin)))
		return refuse(parser, err, "string is not UTF-8");
	parser->at++;
	*ret_text = begin;
	*ret_len = (size_t)(parser->text - begin);
	*parser->text++ = '\0';
	return 0;
}

/* ---- numbers and names ----------------------------------------------- */

static int
take_number(struct parser *parser, struct json_value *value, struct error *err)
{
	const uint8_t *at = parser->at;
	bool is_negative = *at == '-';
	int64_t number = 0; /* negative: there is one more of these */

	at += is_negative;
	if (at == parser->end || *at < '0' || *at > '9')
		return refuse(parser, err, "- without a number");
	if (*at == '0') {
		at++;
	} else {
		for (; at < parser->end && *at >= '0' && *at <= '9'; at++) {
			int digit = *at - '0';

			if (number < (INT64_MIN + digit) / 10)
				return refuse(parser, err, "integer too large");
			number = number * 10 - digit;
		}
	}
	if (at < parser->end && (*at == '.' || *at == 'e' || *at == 'E'))
		return refuse(parser, err, "number is not an integer");
	if (!is_negative && number == INT64_MIN)
		return refuse(parser, err, "integer too large");
	value->type = JSON_TYPE_INTEGER;
	value->is.number = is_negative ? number : -number;
	parser->at = at;
	return 0;
}

static int
take_name(struct parser *parser, struct json_value *value, struct error *err)
{
	static const struct {
		const char *name;
		enum json_type type;
	} names[] = {
		{ "true", JSON_TYPE_TRUE },
		{ "false", JSON_TYPE_FALSE },
		{ "null", JSON_TYPE_NULL },
	};
	size_t left = (size_t)(parser->end - parser->at);

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		size_t len = strlen(names[i].name);

		if (left < len || memcmp(parser->at, names[i].name, len) != 0)
			continue;
		value->type = names[i].type;
		parser->at += len;
		return 0;
	}
	return refuse(parser, err, "value expected");
}

/* ---- arrays and objects ---------------------------------------------- */

static int
compare_keys(const void *a, const void *b)
{
	const char *const *one = a, *const *other = b;

	return strcmp(*one, *other);
}

static int
check_many_keys(const struct parser *parser, const struct json_value *members,
    size_t count, struct error *err)
{
	const char **keys = calloc(count, sizeof(*keys));
	bool is_repeated = false;

	if (keys == NULL)
		return error_set_memory(err);
	for (size_t i = 0; i < count; i++)
		keys[i] = members[i].key;
	qsort(keys, count, sizeof(*keys), compare_keys);
	for (size_t i = 1; i < count; i++)
		is_repeated |= text_equal(keys[i - 1], keys[i]);
	free(keys);
	return is_repeated ? refuse(parser, err, "key stands twice") : 0;
}

static int
check_keys(const struct parser *parser, const struct json_value *members,
    size_t count, struct error *err)
{
	if (count > FEW_MEMBERS)
		return check_many_keys(parser, members, count, err);
	for (size_t i = 1; i < count; i++)
		for (size_t j = 0; j < i; j++)
			if (text_equal(members[i].key, members[j].key))
				return refuse(parser, err, "key stands twice");
	return 0;
}

static int
take_key(struct parser *parser, const char **ret_key, struct error *err)
{
	size_t len;

	if (peek(parser) != '"')
		return refuse(parser, err, "key expected");
	if (take_string(parser, ret_key, &len, err) < 0)
		return -1;
	if (peek(parser) != ':')
		return refuse(parser, err, "\":\" expected");
	parser->at++;
	return 0;
}

static int take_value(struct parser *parser, struct json_value *value,
    struct error *err);

/* Items or members up to the closing bracket, onto the stack. */
static int
take_items(struct parser *parser, bool is_object, struct error *err)
{
	uint8_t close = is_object ? '}' : ']';

	parser->at++;
	if (peek(parser) == close)
		return 0;
	for (;;) {
		struct json_value value = { 0 };

		if (is_object && take_key(parser, &value.key, err) < 0)
			return -1;
		if (take_value(parser, &value, err) < 0 ||
		    push(parser, &value, err) < 0)
			return -1;
		if (peek(parser) == close)
			return 0;
		if (peek(parser) != ',')
			return refuse(parser, err, "\",\" or end expected");
		parser->at++;
	}
}

static int
take_list(struct parser *parser, struct json_value *value, struct error *err)
{
	bool is_object = *parser->at == '{';
	size_t first = parser->stack_count;
	struct json_value *items;

	if (++parser->depth > JSON_DEPTH_MAX)
		return refuse(parser, err, "nested too deep");
	if (take_items(parser, is_object, err) < 0)
		return -1;
	parser->at++;
	parser->depth--;
	value->type = is_object ? JSON_TYPE_OBJECT : JSON_TYPE_ARRAY;
	value->count = parser->stack_count - first;
	parser->stack_count = first;
	if (value->count == 0)
		return 0;
	items = take_values(parser->document, value->count);
	if (items == NULL)
		return error_set_memory(err);
	memcpy(items, parser->stack + first, value->count * sizeof(*items));
	value->is.items = items;
	return is_object ? check_keys(parser, items, value->count, err) : 0;
}

static int
take_kind(struct parser *parser, uint8_t c, struct json_value *value,
    struct error *err)
{
	if (c == '"') {
		value->type = JSON_TYPE_TEXT;
		return take_string(parser, &value->is.text, &value->count, err);
	}
	if (c == '{' || c == '[')
		return take_list(parser, value, err);
	if (c == '-' || (c >= '0' && c <= '9'))
		return take_number(parser, value, err);
	return take_name(parser, value, err);
}

static int
take_value(struct parser *parser, struct json_value *value, struct error *err)
{
	uint8_t first = peek(parser);

	value->raw = parser->at;
	if (take_kind(parser, first, value, err) < 0)
		return -1;
	value->raw_len = (size_t)(parser->at - value->raw);
	return 0;
}

int
json_parse(const void *data, size_t len, struct json_document *document,
    struct error *err)
{
	struct parser parser = { .at = data,
		.start = data,
		.end = (const uint8_t *)data + len,
		.document = document };
	uint8_t first = peek(&parser);
	int rc = -1;

	if (first != '{' && first != '[')
		return refuse(&parser, err, "object or array expected");
	document->text = malloc(len);
	if (document->text == NULL)
		return error_set_memory(err);
	document->text_size = len;
	parser.text = document->text;
	if (take_value(&parser, &document->root, err) < 0)
		goto done;
	if (peek(&parser) != 0 || parser.at < parser.end) {
		refuse(&parser, err, "bytes after the end");
		goto done;
	}
	rc = 0;
done:
	free(parser.stack);
	return rc;
}
