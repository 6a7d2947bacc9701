#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/error.h"
#include "envelope/addendum.h"

#define ONES "1111111111111111111111111111111111111111111111111111111111111111"
#define TWOS "2222222222222222222222222222222222222222222222222222222222222222"

/* docs/protocol.md 4, byte for byte. */
static const char json[] =
    "{\"format\":\"yizhan-rewrap-1\",\"environment\":\"demo\","
    "\"waybill\":\"" ONES "\","
    "\"waybill_id\":\"019aa9f5-4e4e-7001-8203-040506070809\","
    "\"recipient\":\"376490000AU000001\",\"receiver\":\"376490000A\","
    "\"old\":\"" TWOS "\",\"leaf\":\"{\\\"format\\\":\\\"yizhan-leaf-1\\\","
    "\\\"recipient\\\":\\\"376490000AU000001\\\","
    "\\\"center\\\":\\\"center-b\\\",\\\"seal\\\":\\\"" TWOS "\\\","
    "\\\"key_part\\\":\\\"" ONES "\\\"}\",\"directory\":7,"
    "\"time\":\"2026-11-22T03:04:05.678Z\"}";

static void
an_addendum_is_written_as_it_was_read(void **state)
{
	struct addendum addendum;
	struct bytes out = { 0 };
	struct error err = { 0 };

	(void)state;
	if (addendum_decode(json, strlen(json), &addendum, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(addendum.directory, 7);
	assert_string_equal(addendum.receiver.text, "376490000A");
	assert_string_equal(addendum.leaf.center, "center-b");
	assert_int_equal(addendum_encode(&addendum, &out, &err), 0);
	assert_int_equal(out.len, strlen(json));
	assert_memory_equal(out.data, json, out.len);
	bytes_free(&out);
}

/* What is at `from` is `to` instead, of the same length. */
static void
is_refused(const char *from, const char *to)
{
	char text[sizeof(json)];
	struct addendum addendum;
	struct error err = { 0 };
	char *at;

	memcpy(text, json, sizeof(json));
	at = strstr(text, from);
	assert_non_null(at);
	assert_int_equal(strlen(from), strlen(to));
	memcpy(at, to, strlen(to));
	assert_int_equal(addendum_decode(text, strlen(text), &addendum, &err),
	    -1);
	assert_int_equal(err.code, ERROR_MALFORMED);
}

static void
an_addendum_against_the_rules_is_refused(void **state)
{
	(void)state;
	is_refused("yizhan-rewrap-1", "yizhan-rewrap-2");
	is_refused("\"directory\":7", "\"directory\":0");
	is_refused("\"receiver\"", "\"receivex\"");
	is_refused("yizhan-leaf-1", "yizhan-leaf-2");
	/* The leaf in it is of another recipient. */
	is_refused("\"recipient\":\"376490000AU000001\"",
	    "\"recipient\":\"376490000AU000002\"");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_addendum_is_written_as_it_was_read),
		cmocka_unit_test(an_addendum_against_the_rules_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
