#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "json/json_raw.h"

static struct json_raw
raw_of(const char *text)
{
	return json_raw_of(text, strlen(text));
}

static void
check(struct json_raw raw, const char *text)
{
	assert_int_equal(raw.len, strlen(text));
	assert_memory_equal(raw.data, text, raw.len);
}

static void
a_member_comes_as_it_stands(void **state)
{
	static const char text[] =
	    "{\"a\" : [1,{\"receipt\":0}] ,\"q\":\"}\\\"{\","
	    "\n\"receipt\": {\"x\":\"]\\\\\",\"y\":[ ]} }";
	struct json_raw value;

	(void)state;
	assert_true(json_raw_member(raw_of(text), "receipt", &value));
	check(value, "{\"x\":\"]\\\\\",\"y\":[ ]}");
	assert_true(json_raw_member(raw_of(text), "a", &value));
	check(value, "[1,{\"receipt\":0}]");
	assert_true(json_raw_member(raw_of(text), "q", &value));
	check(value, "\"}\\\"{\"");
	assert_false(json_raw_member(raw_of(text), "x", &value));
	assert_false(json_raw_member(raw_of("[]"), "x", &value));
	assert_false(json_raw_member(raw_of("{}"), "x", &value));
}

static void
a_value_is_no_key(void **state)
{
	struct json_raw value;

	(void)state;
	assert_true(
	    json_raw_member(raw_of("{\"a\":\"b\",\"b\":12}"), "b", &value));
	check(value, "12");
}

static void
items_come_one_after_another(void **state)
{
	struct json_raw rest =
	    json_raw_items(raw_of("[ {\"a\":[]},-12,\"x,]\" , true]"));
	struct json_raw item;

	(void)state;
	assert_true(json_raw_next(&rest, &item));
	check(item, "{\"a\":[]}");
	assert_true(json_raw_next(&rest, &item));
	check(item, "-12");
	assert_true(json_raw_next(&rest, &item));
	check(item, "\"x,]\"");
	assert_true(json_raw_next(&rest, &item));
	check(item, "true");
	assert_false(json_raw_next(&rest, &item));
	rest = json_raw_items(raw_of("[]"));
	assert_false(json_raw_next(&rest, &item));
}

static void
cut_text_stays_inside(void **state)
{
	static const char text[] = "{\"a\":{\"b\":\"c\\";
	struct json_raw value;

	(void)state;
	for (size_t len = 0; len < sizeof(text); len++) {
		struct json_raw cut = json_raw_of(text, len);

		if (json_raw_member(cut, "a", &value))
			assert_true(value.data + value.len <= text + len);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_member_comes_as_it_stands),
		cmocka_unit_test(a_value_is_no_key),
		cmocka_unit_test(items_come_one_after_another),
		cmocka_unit_test(cut_text_stays_inside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
