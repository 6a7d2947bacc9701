#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "base/error.h"
#include "cli/trust_csv.h"
#include "json/json_read.h"

static const char body[] =
    "{\"organisations\":["
    "{\"code\":\"A\",\"name\":\"a\",\"accepts\":{\"letter_bytes\":1},"
    "\"keys\":[7]},"
    "{\"code\":\"B\",\"name\":\"b\",\"accepts\":{\"letter_bytes\":2},"
    "\"keys\":[]}]}";

static int
apply(const char *csv, struct bytes *to, struct error *err)
{
	struct json_document *document = NULL;
	int rc;

	if (json_read(body, strlen(body), strlen(body), &document, err) < 0)
		fail_msg("%s", err->text);
	rc = trust_csv_apply(json_root(document), csv, strlen(csv), to, err);
	json_document_free(document);
	return rc;
}

static void
makes(const char *csv, const char *wanted)
{
	struct bytes made = { 0 };
	struct error err = { 0 };

	if (apply(csv, &made, &err) < 0)
		fail_msg("%s", err.text);
	bytes_put_u8(&made, '\0');
	assert_string_equal((const char *)made.data, wanted);
	bytes_free(&made);
}

static void
a_line_changes_what_it_names_and_no_more(void **unused)
{
	(void)unused;
	makes("code,name\n", body);
	makes("name,code\r\n\"x, \"\"y\"\"\",A\r\n",
	    "{\"organisations\":["
	    "{\"code\":\"A\",\"name\":\"x, \\\"y\\\"\",\"accepts\":"
	    "{\"letter_bytes\":1},\"keys\":[7]},"
	    "{\"code\":\"B\",\"name\":\"b\",\"accepts\":{\"letter_bytes\":2},"
	    "\"keys\":[]}]}");
	makes("\xef\xbb\xbf"
	      "code,letter_bytes\nB,3\n",
	    "{\"organisations\":["
	    "{\"code\":\"A\",\"name\":\"a\",\"accepts\":{\"letter_bytes\":1},"
	    "\"keys\":[7]},"
	    "{\"code\":\"B\",\"name\":\"b\",\"accepts\":{\"letter_bytes\":3},"
	    "\"keys\":[]}]}");
}

static void
another_code_is_added_without_keys(void **unused)
{
	(void)unused;
	makes("code,name,letter_bytes\nC,新機關,5",
	    "{\"organisations\":["
	    "{\"code\":\"A\",\"name\":\"a\",\"accepts\":{\"letter_bytes\":1},"
	    "\"keys\":[7]},"
	    "{\"code\":\"B\",\"name\":\"b\",\"accepts\":{\"letter_bytes\":2},"
	    "\"keys\":[]},"
	    "{\"code\":\"C\",\"name\":\"新機關\",\"accepts\":"
	    "{\"letter_bytes\":5},\"keys\":[]}]}");
}

static void
bad_tables_are_refused(void **unused)
{
	static const char *const cases[] = {
		"",
		"name\nx\n",
		"code,code\nA,A\n",
		"code,\nA,x\n",
		"code,keys\nA,x\n",
		"code,name\nA\n",
		"code,name\nA,x,y\n",
		"code,name\nA,\"x\n",
		"code,name\nA,\"x\"y\n",
		"code,name\nA,x\nA,y\n",
		"code,color\nA,red\n",
		"code,letter_bytes\nA,much\n",
		"code,letter_bytes\nC,-1\n",
		"code,name\nA,\xff\n",
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct bytes made = { 0 };
		struct error err = { 0 };

		if (apply(cases[i], &made, &err) == 0)
			fail_msg("case %zu", i);
		assert_int_equal(err.code, ERROR_MALFORMED);
		bytes_free(&made);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_changes_what_it_names_and_no_more),
		cmocka_unit_test(another_code_is_added_without_keys),
		cmocka_unit_test(bad_tables_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
