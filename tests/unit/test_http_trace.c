/* http/http_trace.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/attr.h"
#include "http/http_trace.h"

#define TRACE "4bf92f3577b34da6a3ce929d0e0e4736"

static void
a_traceparent_has_its_id(void **state)
{
	char trace[HTTP_TRACE_SIZE];

	(void)state;
	assert_true(
	    http_trace_parse("00-" TRACE "-00f067aa0ba902b7-01", trace));
	assert_string_equal(trace, TRACE);
	/* A version to come may say more. */
	assert_true(
	    http_trace_parse("01-" TRACE "-00f067aa0ba902b7-01-more", trace));
	assert_true(
	    http_trace_parse("cc-" TRACE "-00f067aa0ba902b7-09", trace));
}

static void
what_is_none_is_none(void **state)
{
	static const char *const bad[] = {
		"",
		"00",
		TRACE,
		"00-" TRACE "-00f067aa0ba902b7-01-more",
		"00-" TRACE "-00f067aa0ba902b7-0",
		"00-" TRACE "-00f067aa0ba902b7",
		"ff-" TRACE "-00f067aa0ba902b7-01",
		"00-" TRACE "-0000000000000000-01",
		"00-00000000000000000000000000000000-00f067aa0ba902b7-01",
		"00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
		"00-4bf92f3577b34da6a3ce929d0e0e473x-00f067aa0ba902b7-01",
		"00_" TRACE "-00f067aa0ba902b7-01",
		"0x-" TRACE "-00f067aa0ba902b7-01",
		"01-" TRACE "-00f067aa0ba902b7-01more",
	};
	char trace[HTTP_TRACE_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		if (http_trace_parse(bad[i], trace))
			fail_msg("%s was taken", bad[i]);
		assert_string_equal(trace, "");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_traceparent_has_its_id),
		cmocka_unit_test(what_is_none_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
