/* cli/conformance: a value against a schema. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/attr.h"
#include "base/error.h"
#include "cli/conformance/conformance.h"
#include "json/json_read.h"

static const char contract[] =
    "{\"components\":{\"schemas\":{\"Item\":{\"type\":\"object\","
    "\"properties\":{\"id\":{\"type\":\"integer\",\"minimum\":1,"
    "\"maximum\":9},\"state\":{\"enum\":[\"opened\",\"confirmed\"]},"
    "\"code\":{\"type\":[\"string\",\"null\"],"
    "\"pattern\":\"^E[0-9]{4}$\"}},\"required\":[\"id\"]},"
    "\"List\":{\"type\":\"array\",\"items\":"
    "{\"$ref\":\"#/components/schemas/Item\"}}}}}";

static struct json_document *
read_text(const char *text)
{
	struct json_document *document = NULL;
	struct error err = { 0 };

	if (json_read(text, strlen(text), 4096, &document, &err) < 0)
		fail_msg("%s", err.text);
	return document;
}

static void
each_difference_is_told_with_its_place(void **state)
{
	static const struct {
		const char *value;
		const char *fault; /* "" for none */
	} cases[] = {
		{ "[]", "" },
		{ "[{\"id\":1}]", "" },
		{ "[{\"id\":1,\"code\":null,\"more\":[]}]", "" },
		{ "[{\"id\":9,\"state\":\"opened\",\"code\":\"E1234\"}]", "" },
		{ "{}", "$ is no array" },
		{ "[[]]", "$[0] is no object" },
		{ "[{\"id\":1},{}]", "$[1] has no \"id\"" },
		{ "[{\"id\":\"1\"}]", "$[0].id is no integer" },
		{ "[{\"id\":0}]", "$[0].id is 0" },
		{ "[{\"id\":10}]", "$[0].id is 10" },
		{ "[{\"id\":1,\"state\":\"lost\"}]",
		    "$[0].state is \"lost\", none of what it may be" },
		{ "[{\"id\":1,\"code\":\"1234\"}]",
		    "$[0].code is \"1234\", not ^E[0-9]{4}$" },
		{ "[{\"id\":1,\"code\":7}]",
		    "$[0].code is of none of its types" },
	};
	struct json_document *document = read_text(contract);
	const struct json_value *root = json_root(document);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct json_document *value = read_text(cases[i].value);
		char fault[CONFORMANCE_DETAIL_SIZE];
		bool differs = conformance_differs(root,
		    conformance_schema(root, "List"), json_root(value), fault);

		assert_string_equal(fault, cases[i].fault);
		assert_int_equal(differs, cases[i].fault[0] != '\0');
		json_document_free(value);
	}
	json_document_free(document);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_difference_is_told_with_its_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
