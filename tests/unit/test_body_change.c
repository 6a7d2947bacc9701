#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/error.h"
#include "directory/body_change.h"
#include "json/json_read.h"

static struct json_document *
read_text(const char *text)
{
	struct json_document *document = NULL;
	struct error err = { 0 };

	assert_int_equal(json_read(text, strlen(text), 65536, &document, &err),
	    0);
	return document;
}

/* What `body` becomes; `wanted` NULL: the change is refused. */
static void
check(const char *body, const char *change, const char *wanted)
{
	struct json_document *old = body != NULL ? read_text(body) : NULL;
	struct json_document *over = read_text(change);
	struct bytes to = { 0 };
	struct error err = { 0 };
	int rc = body_change_apply(old != NULL ? json_root(old) : NULL,
	    json_root(over), &to, &err);

	assert_int_equal(rc, wanted != NULL ? 0 : -1);
	if (wanted != NULL) {
		bytes_put_u8(&to, '\0');
		assert_string_equal((const char *)to.data, wanted);
	}
	bytes_free(&to);
	json_document_free(old);
	json_document_free(over);
}

static void
members_are_laid_over_what_is_there(void **state)
{
	static const char body[] =
	    "{\"organisations\":[{\"code\":\"A\",\"name\":\"x\",\"n\":1},"
	    "{\"code\":\"B\",\"name\":\"y\",\"n\":2}]}";
	static const char change[] =
	    "{\"type\":\"directory\",\"name\":\"\",\"entries\":["
	    "{\"code\":\"B\",\"name\":\"z\",\"more\":[1]},"
	    "{\"code\":\"C\",\"name\":\"new\"}],\"removed\":[]}";
	static const char wanted[] =
	    "{\"organisations\":[{\"code\":\"A\",\"name\":\"x\",\"n\":1},"
	    "{\"code\":\"B\",\"name\":\"z\",\"n\":2,\"more\":[1]},"
	    "{\"code\":\"C\",\"name\":\"new\"}]}";

	(void)state;
	check(body, change, wanted);
	/* The same once more changes nothing. */
	check(wanted, change, wanted);
}

static void
other_lists_of_a_body_stay(void **state)
{
	(void)state;
	check("{\"centers\":[{\"name\":\"a\",\"port\":1}],\"management\":[2]}",
	    "{\"type\":\"network\",\"name\":\"\",\"entries\":["
	    "{\"name\":\"a\",\"port\":3}],\"removed\":[]}",
	    "{\"centers\":[{\"name\":\"a\",\"port\":3}],\"management\":[2]}");
	check(NULL,
	    "{\"type\":\"hold\",\"name\":\"\",\"entries\":["
	    "{\"case\":\"1\"}],\"removed\":[]}",
	    "{\"holds\":[{\"case\":\"1\"}]}");
}

static void
what_goes_is_gone(void **state)
{
	(void)state;
	check("{\"hosts\":[{\"name\":\"a\"},{\"name\":\"b\"}]}",
	    "{\"type\":\"access\",\"name\":\"c\",\"entries\":[],"
	    "\"removed\":[\"a\",\"z\"]}",
	    "{\"hosts\":[{\"name\":\"b\"}]}");
}

static void
other_forms_are_refused(void **state)
{
	(void)state;
	check("{}",
	    "{\"type\":\"root\",\"name\":\"\",\"entries\":[],\"removed\":[]}",
	    NULL);
	check("{}", "{\"type\":\"access\",\"name\":\"\",\"entries\":[]}", NULL);
	check("{}",
	    "{\"type\":\"access\",\"name\":\"\",\"entries\":{},"
	    "\"removed\":[]}",
	    NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_are_laid_over_what_is_there),
		cmocka_unit_test(other_lists_of_a_body_stay),
		cmocka_unit_test(what_goes_is_gone),
		cmocka_unit_test(other_forms_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
