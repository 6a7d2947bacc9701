/* Templates: texts, lists, conditions; data never become markup. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/error.h"
#include "json/json_read.h"
#include "role/listener/web_template.h"

static int
fill(const char *template, const char *json, struct bytes *to,
    struct error *err)
{
	struct json_document *document;
	int rc;

	if (json_read(json, strlen(json), 4096, &document, err) < 0)
		return -1;
	rc = web_template_fill(template, strlen(template), json_root(document),
	    to, err);
	bytes_put_u8(to, '\0');
	json_document_free(document);
	return rc;
}

static void
expect(const char *template, const char *json, const char *wanted)
{
	struct bytes page = { 0 };
	struct error err = { 0 };

	assert_int_equal(fill(template, json, &page, &err), 0);
	assert_string_equal(page.data, wanted);
	bytes_free(&page);
}

static void
values_are_escaped(void **state)
{
	(void)state;
	expect("<p title=\"[[a]]\">[[a]]</p>", "{\"a\":\"<b>'\\\"&\"}",
	    "<p title=\"&lt;b&gt;&#39;&quot;&amp;\">&lt;b&gt;&#39;&quot;&amp;</p>");
	expect("[[n]][[missing]]", "{\"n\":-7}", "-7");
	expect("[[a]]", "{\"a\":\"[[b]]\",\"b\":\"x\"}", "[[b]]");
	expect("[[t|time]]", "{\"t\":\"2026-11-26T02:00:00.000Z\"}",
	    "中華民國115年11月26日 10:00:00");
	expect("[[t|time]]", "{\"t\":\"soon\"}", "soon");
}

static void
sections_repeat_and_decide(void **state)
{
	(void)state;
	expect("[[#l]]<[[x]][[out]]>[[/]][[^l]]none[[/]]",
	    "{\"out\":\"o\",\"l\":[{\"x\":1},{\"x\":2}]}", "<1o><2o>");
	expect("[[#l]]x[[/]][[^l]]none[[/]]", "{\"l\":[]}", "none");
	expect("[[#s=a]]A[[/]][[#s=b]]B[[/]][[^s=b]]C[[/]]", "{\"s\":\"a\"}",
	    "AC");
	expect("[[#s]]S[[/]][[^s]]E[[/]]", "{\"s\":\"\"}", "E");
	expect("[[#t]]T[[/]][[#f]]F[[/]]", "{\"t\":true,\"f\":false}", "T");
	expect("[[#d]][[y]][[#l]][[y]][[/]][[/]]",
	    "{\"y\":1,\"d\":{\"y\":2,\"l\":[{}]}}", "22");
	expect("[[#no]][[#l]]x[[/]]y[[/]]z", "{\"l\":[{}]}", "z");
}

static void
a_malformed_template_is_refused(void **state)
{
	static const char *const wrong[] = { "[[a", "[[a]", "[[]]", "[[#a]]",
		"[[/]]", "[[#l]][[#l]][[/]]",
		"[[#a]][[#a]][[#a]][[#a]][[#a]][[#a]][[#a]][[#a]]"
		"[[/]][[/]][[/]][[/]][[/]][[/]][[/]][[/]]" };

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct bytes page = { 0 };
		struct error err = { 0 };

		assert_int_equal(fill(wrong[i], "{\"l\":[{},{}]}", &page, &err),
		    -1);
		assert_int_equal(err.code, ERROR_SYSTEM);
		bytes_free(&page);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_escaped),
		cmocka_unit_test(sections_repeat_and_decide),
		cmocka_unit_test(a_malformed_template_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
