/* Forms as browsers send them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "http/http_form.h"

static void
fields_come_in_their_order(void **state)
{
	static const char text[] =
	    "letter=a%2FB&act=confirm&letter=c%2fd&&empty=&alone&note=%E5%85%AC+x";
	struct http_form form;
	struct error err = { 0 };

	(void)state;
	assert_int_equal(http_form_parse(text, sizeof(text) - 1, &form, &err),
	    0);
	assert_int_equal(form.count, 6);
	assert_string_equal(form.fields[0].value, "a/B");
	assert_string_equal(form.fields[2].value, "c/d");
	assert_string_equal(http_form_value(&form, "letter"), "a/B");
	assert_string_equal(http_form_value(&form, "empty"), "");
	assert_string_equal(http_form_value(&form, "note"), "公 x");
	assert_string_equal(http_form_value(&form, "nothing"), "");
	http_form_free(&form);
	assert_int_equal(http_form_parse("", 0, &form, &err), 0);
	assert_int_equal(form.count, 0);
	http_form_free(&form);
}

static void
what_is_no_text_is_refused(void **state)
{
	static const char *const wrong[] = { "a=%", "a=%4", "a=%zz", "a=%00",
		"%0a=b", "a=%ff", "a=\x01", "a=b c" };

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct http_form form;
		struct error err = { 0 };

		assert_int_equal(http_form_parse(wrong[i], strlen(wrong[i]),
				     &form, &err),
		    -1);
		assert_int_equal(err.code, ERROR_MALFORMED);
		assert_null(form.text);
	}
}

static void
there_is_an_end_to_fields(void **state)
{
	char text[4 * (HTTP_FORM_FIELDS_MAX + 1)];
	struct http_form form;
	struct error err = { 0 };

	(void)state;
	for (size_t i = 0; i <= HTTP_FORM_FIELDS_MAX; i++)
		memcpy(text + 4 * i, "a=b&", 4);
	assert_int_equal(http_form_parse(text, 4 * HTTP_FORM_FIELDS_MAX, &form,
			     &err),
	    0);
	assert_int_equal(form.count, HTTP_FORM_FIELDS_MAX);
	http_form_free(&form);
	assert_int_equal(http_form_parse(text, sizeof(text), &form, &err), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_come_in_their_order),
		cmocka_unit_test(what_is_no_text_is_refused),
		cmocka_unit_test(there_is_an_end_to_fields),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
