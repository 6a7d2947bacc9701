/*
 * The clerk's pages as they are built in: each in both languages, and nothing
 * in them that is inline or comes from elsewhere.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "role/listener/web_files.h"

static bool
has(const struct web_file *file, const char *text)
{
	size_t len = strlen(text);

	for (size_t at = 0; at + len <= file->plain.len; at++)
		if (memcmp(file->plain.data + at, text, len) == 0)
			return true;
	return false;
}

static bool
is_page(const struct web_file *file)
{
	/* The page about the API is in both languages at once. */
	return strncmp(file->type, "text/html", 9) == 0 &&
	    strcmp(file->path, "/api.html") != 0;
}

static void
each_page_has_both_languages(void **state)
{
	(void)state;
	for (size_t i = 0; i < web_file_count; i++) {
		const struct web_file *file = &web_files[i];
		bool is_english = strncmp(file->path, "/en/", 4) == 0;

		if (!is_page(file) ||
		    strncmp(file->path, "/templates/", 11) == 0)
			continue;
		assert_true(has(file,
		    is_english ? "<html lang=\"en\">"
			       : "<html lang=\"zh-TW\">"));
		if (is_english)
			assert_non_null(web_file_find(file->path + 3));
	}
	assert_non_null(web_file_find("/"));
	assert_non_null(web_file_find("/en/"));
	assert_ptr_equal(web_file_find("/inbox"), web_file_find("/inbox.html"));
	assert_null(web_file_find("/inbox/"));
	assert_null(web_file_find("/Inbox"));
	assert_null(web_file_find("/assets/"));
	assert_null(web_file_find("/../inbox"));
}

static void
nothing_is_inline_and_nothing_comes_from_elsewhere(void **state)
{
	(void)state;
	for (size_t i = 0; i < web_file_count; i++) {
		const struct web_file *file = &web_files[i];

		if (!is_page(file))
			continue;
		assert_false(has(file, "<script>"));
		assert_false(has(file, "<style"));
		assert_false(has(file, " style="));
		assert_false(has(file, " onclick="));
		assert_false(has(file, "http://"));
		assert_false(has(file, "https://"));
	}
}

static void
only_names_of_contents_are_kept_for_ever(void **state)
{
	(void)state;
	for (size_t i = 0; i < web_file_count; i++)
		if (strncmp(web_files[i].path, "/assets/", 8) == 0)
			assert_true(web_files[i].is_lasting);
		else
			assert_false(web_files[i].is_lasting);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_page_has_both_languages),
		cmocka_unit_test(
		    nothing_is_inline_and_nothing_comes_from_elsewhere),
		cmocka_unit_test(only_names_of_contents_are_kept_for_ever),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
