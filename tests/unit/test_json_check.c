#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "json/json_check.h"
#include "json/json_read.h"

enum { LEN_MAX = 4096 };

static int
check(const char *text)
{
	struct error err = { 0 };

	return json_check(text, strlen(text), LEN_MAX, &err);
}

static void
what_is_json_passes(void **state)
{
	static const char *const texts[] = {
		"{}",
		"[]",
		" [ ] ",
		"{\"a\":1,\"b\":[true,false,null,-0,{}],\"c\":\"\"}",
		"[\"\\u8B39\\ud83d\\ude00\\n\\\\\\\"\\/\",\"函\"]",
		"[9223372036854775807,-9223372036854775808]",
		"[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_int_equal(check(texts[i]), 0);
}

static void
what_is_none_is_refused(void **state)
{
	static const char *const texts[] = {
		"",
		" ",
		"1",
		"\"a\"",
		"{",
		"[1",
		"[1,]",
		"[,1]",
		"[1 2]",
		"{\"a\"}",
		"{\"a\":}",
		"{\"a\":1,}",
		"{a:1}",
		"{\"a\":1]",
		"[1}",
		"[]]",
		"[] x",
		"[01]",
		"[-]",
		"[+1]",
		"[1.0]",
		"[1e3]",
		"[9223372036854775808]",
		"[-9223372036854775809]",
		"[12345678901234567890]",
		"[tru]",
		"[nul]",
		"[\"\n\"]",
		"[\"\\x\"]",
		"[\"\\u12\"]",
		"[\"\\u0000\"]",
		"[\"\\ud83d\"]",
		"[\"\\ud83d\\n\"]",
		"[\"\\ude00\"]",
		"[\"a]",
		"[\"\xff\"]",
		"[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_int_equal(check(texts[i]), -1);
}

/* Each byte of a good text as each of these: the library says the same. */
static void
the_library_says_the_same(void **state)
{
	static const char good[] = "{\"k\": [1,-20,\"\\u8b39\\\"x\",{\"r\":true"
				   "},[]], \"m\":null,\"n\":{\"o\":\"\"}}";
	static const char bytes[] = "{}[]:,\"\\ 0-9xu\n\x7f\x80t";
	char text[sizeof(good)];
	size_t passed = 0;

	(void)state;
	for (size_t i = 0; i + 1 < sizeof(good); i++) {
		for (size_t k = 0; k + 1 < sizeof(bytes); k++) {
			struct json_document *document = NULL;
			struct error err = { 0 };
			int read;

			memcpy(text, good, sizeof(text));
			text[i] = bytes[k];
			read = json_read(text, sizeof(text) - 1, LEN_MAX,
			    &document, &err);
			json_document_free(document);
			if (read < 0 && strstr(err.text, "duplicate") != NULL)
				read = 0;
			assert_int_equal(check(text), read);
			passed += read == 0;
		}
	}
	assert_true(passed > 100);
}

static void
too_much_is_refused_unread(void **state)
{
	struct error err = { 0 };

	(void)state;
	assert_int_equal(json_check("[]", 2, 1, &err), -1);
	assert_int_equal(err.code, ERROR_MALFORMED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_json_passes),
		cmocka_unit_test(what_is_none_is_refused),
		cmocka_unit_test(the_library_says_the_same),
		cmocka_unit_test(too_much_is_refused_unread),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
