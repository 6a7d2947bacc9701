#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "service/suggest.h"

static const char *
nearest(const char *typed)
{
	static const char *const words[] = { "serve", "demo", "explain",
		"config", "doctor", "address" };
	struct suggest suggest = suggest_for(typed);

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		suggest_offer(&suggest, words[i]);
	return suggest.best;
}

static void
a_typo_finds_its_word(void **state)
{
	(void)state;

	assert_string_equal(nearest("serv"), "serve");
	assert_string_equal(nearest("confgi"), "config");
	assert_string_equal(nearest("exlpain"), "explain");
	assert_string_equal(nearest("adress"), "address");
	assert_string_equal(nearest("dmeo"), "demo");
}

static void
another_word_finds_nothing(void **state)
{
	(void)state;

	assert_null(nearest("keeper"));
	assert_null(nearest(""));
	assert_null(nearest("x"));
}

static void
a_very_long_word_finds_nothing(void **state)
{
	char typed[200];

	(void)state;
	memset(typed, 'd', sizeof(typed) - 1);
	typed[sizeof(typed) - 1] = '\0';

	assert_null(nearest(typed));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_typo_finds_its_word),
		cmocka_unit_test(another_word_finds_nothing),
		cmocka_unit_test(a_very_long_word_finds_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
