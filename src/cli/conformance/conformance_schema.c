/* A value against a schema: of JSON Schema 2020-12 what the contract uses. */
#include "cli/conformance/conformance.h"

#include <regex.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "json/json_read.h"

enum { PLACE_SIZE = 160 };

struct look {
	const struct json_value *contract;
	char place[PLACE_SIZE];
	char *fault;
};

static bool differs(struct look *look, const struct json_value *schema,
    const struct json_value *value);

static bool PRINTF_LIKE(2, 3) say(struct look *look, const char *fmt, ...)
{
	char what[CONFORMANCE_DETAIL_SIZE - PLACE_SIZE];
	va_list args;

	va_start(args, fmt);
	vsnprintf(what, sizeof(what), fmt, args);
	va_end(args);
	snprintf(look->fault, CONFORMANCE_DETAIL_SIZE, "%s %s", look->place,
	    what);
	return true;
}

const struct json_value *
conformance_schema(const struct json_value *contract, const char *name)
{
	return json_value_member(json_value_member(json_value_member(contract,
						       "components"),
				     "schemas"),
	    name);
}

/* What a $ref names; the schema itself without one. */
static const struct json_value *
resolve(const struct look *look, const struct json_value *schema)
{
	static const char prefix[] = "#/components/schemas/";
	const char *ref = json_value_text(json_value_member(schema, "$ref"));

	if (ref == NULL || !text_starts(ref, prefix))
		return schema;
	return conformance_schema(look->contract, ref + strlen(prefix));
}

static bool
is_of_type(const struct json_value *value, const char *type)
{
	int64_t number;
	bool truth;

	if (text_equal(type, "object"))
		return json_value_is_object(value);
	if (text_equal(type, "array"))
		return json_value_is_array(value);
	if (text_equal(type, "string"))
		return json_value_text(value) != NULL;
	if (text_equal(type, "integer"))
		return json_value_integer(value, &number);
	if (text_equal(type, "boolean"))
		return json_value_bool(value, &truth);
	return text_equal(type, "null") && json_value_is_null(value);
}

static bool
type_differs(struct look *look, const struct json_value *schema,
    const struct json_value *value)
{
	const struct json_value *type = json_value_member(schema, "type");
	const char *one = json_value_text(type);

	if (type == NULL)
		return false;
	if (one != NULL)
		return is_of_type(value, one) ? false
					      : say(look, "is no %.20s", one);
	for (size_t i = 0; i < json_value_count(type); i++) {
		one = json_value_text(json_value_item(type, i));
		if (one != NULL && is_of_type(value, one))
			return false;
	}
	return say(look, "is of none of its types");
}

static bool
is_equal(const struct json_value *a, const struct json_value *b)
{
	const char *text = json_value_text(a);
	const char *other = json_value_text(b);
	int64_t number, other_number;
	bool truth, other_truth;

	if (text != NULL && other != NULL)
		return text_equal(text, other);
	if (json_value_integer(a, &number) &&
	    json_value_integer(b, &other_number))
		return number == other_number;
	return json_value_bool(a, &truth) && json_value_bool(b, &other_truth) &&
	    truth == other_truth;
}

static bool
value_differs(struct look *look, const struct json_value *schema,
    const struct json_value *value)
{
	const struct json_value *list = json_value_member(schema, "enum");
	const struct json_value *one = json_value_member(schema, "const");
	const char *text = json_value_text(value);

	if (one != NULL && !is_equal(one, value))
		return say(look, "is another value");
	if (list == NULL)
		return false;
	for (size_t i = 0; i < json_value_count(list); i++)
		if (is_equal(json_value_item(list, i), value))
			return false;
	return say(look, "is \"%.40s\", none of what it may be",
	    text != NULL ? text : "");
}

static bool
bounds_differ(struct look *look, const struct json_value *schema,
    const struct json_value *value)
{
	int64_t number, bound;

	if (!json_value_integer(value, &number))
		return false;
	if (json_value_integer(json_value_member(schema, "minimum"), &bound) &&
	    number < bound)
		return say(look, "is %lld", (long long)number);
	if (json_value_integer(json_value_member(schema, "maximum"), &bound) &&
	    number > bound)
		return say(look, "is %lld", (long long)number);
	return false;
}

static bool
pattern_differs(struct look *look, const struct json_value *schema,
    const struct json_value *value)
{
	const char *pattern =
	    json_value_text(json_value_member(schema, "pattern"));
	const char *text = json_value_text(value);
	regex_t regex;
	bool is_match;

	if (pattern == NULL || text == NULL ||
	    regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB) != 0)
		return false;
	is_match = regexec(&regex, text, 0, NULL, 0) == 0;
	regfree(&regex);
	return is_match ? false
			: say(look, "is \"%.60s\", not %.60s", text, pattern);
}

/* ---- inside ------------------------------------------------------------------ */

struct members {
	struct look *look;
	const struct json_value *value;
	bool is_different;
};

/* One property that the schema describes, where it is there. */
static int
visit(const char *key, const struct json_value *schema, void *context,
    struct error *err)
{
	struct members *members = context;
	const struct json_value *value = json_value_member(members->value, key);
	size_t len = strlen(members->look->place);

	(void)err;
	if (value == NULL)
		return 0;
	snprintf(members->look->place + len, PLACE_SIZE - len, ".%s", key);
	members->is_different = differs(members->look, schema, value);
	if (members->is_different)
		return -1;
	members->look->place[len] = '\0';
	return 0;
}

static bool
members_differ(struct look *look, const struct json_value *schema,
    const struct json_value *value)
{
	const struct json_value *required =
	    json_value_member(schema, "required");
	const struct json_value *properties =
	    json_value_member(schema, "properties");
	struct members members = { look, value, false };
	struct error stopped = { 0 };

	for (size_t i = 0; i < json_value_count(required); i++) {
		const char *name =
		    json_value_text(json_value_item(required, i));

		if (name != NULL && json_value_member(value, name) == NULL)
			return say(look, "has no \"%.60s\"", name);
	}
	if (properties != NULL &&
	    json_value_each(properties, visit, &members, &stopped) < 0)
		return members.is_different;
	return false;
}

static bool
items_differ(struct look *look, const struct json_value *schema,
    const struct json_value *value)
{
	const struct json_value *items = json_value_member(schema, "items");
	size_t len = strlen(look->place);

	for (size_t i = 0; items != NULL && i < json_value_count(value); i++) {
		snprintf(look->place + len, PLACE_SIZE - len, "[%zu]", i);
		if (differs(look, items, json_value_item(value, i)))
			return true;
		look->place[len] = '\0';
	}
	return false;
}

static bool
differs(struct look *look, const struct json_value *schema,
    const struct json_value *value)
{
	schema = resolve(look, schema);
	if (type_differs(look, schema, value) ||
	    value_differs(look, schema, value) ||
	    bounds_differ(look, schema, value) ||
	    pattern_differs(look, schema, value))
		return true;
	if (json_value_is_object(value))
		return members_differ(look, schema, value);
	return json_value_is_array(value) && items_differ(look, schema, value);
}

bool
conformance_differs(const struct json_value *contract,
    const struct json_value *schema, const struct json_value *value,
    char fault[CONFORMANCE_DETAIL_SIZE])
{
	struct look look = { contract, "$", fault };

	fault[0] = '\0';
	return differs(&look, schema, value);
}
