/* The files for browsers: found by path, in the form that a browser takes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "role/listener/web_files.h"

static void
a_file_is_found_by_its_path_alone(void **state)
{
	const struct web_file *file = web_file_find("/api.html");

	(void)state;
	assert_non_null(file);
	assert_string_equal(file->type, "text/html; charset=utf-8");
	assert_int_equal(strlen(file->tag), 32);
	assert_false(file->is_lasting);
	assert_null(web_file_find(""));
	assert_null(web_file_find("api.html"));
	assert_null(web_file_find("/api.html/"));
	assert_null(web_file_find("/API.html"));
	assert_null(web_file_find("/nothing.html"));
	for (size_t i = 0; i < web_file_count; i++)
		assert_ptr_equal(web_file_find(web_files[i].path),
		    &web_files[i]);
}

static void
a_variant_is_what_the_browser_takes(void **state)
{
	const struct web_file *file = web_file_find("/api.css");
	const char *coding;

	(void)state;
	assert_non_null(file);
	assert_non_null(file->gzip.data);
	assert_ptr_equal(web_file_variant(file, NULL, &coding), &file->plain);
	assert_string_equal(coding, "");
	assert_ptr_equal(web_file_variant(file, "deflate, gzip", &coding),
	    &file->gzip);
	assert_string_equal(coding, "gzip");
	assert_ptr_equal(web_file_variant(file, "gzip;q=0, *", &coding),
	    &file->plain);
	assert_true(web_accepts("gzip;q=0.5", "gzip"));
	assert_false(web_accepts("gzip;q=0.000", "gzip"));
	assert_false(web_accepts("xgzip", "gzip"));
	assert_false(web_accepts("gzipx", "gzip"));
}

static void
a_tag_matches_itself_and_no_other(void **state)
{
	(void)state;
	assert_true(web_matches("\"a\"", "\"a\""));
	assert_true(web_matches("\"b\", \"a\"", "\"a\""));
	assert_true(web_matches("W/\"a\"", "\"a\""));
	assert_true(web_matches("*", "\"a\""));
	assert_false(web_matches(NULL, "\"a\""));
	assert_false(web_matches("", "\"a\""));
	assert_false(web_matches("\"a-br\"", "\"a\""));
	assert_false(web_matches("a", "\"a\""));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_is_found_by_its_path_alone),
		cmocka_unit_test(a_variant_is_what_the_browser_takes),
		cmocka_unit_test(a_tag_matches_itself_and_no_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
