#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/error.h"
#include "crypto/known_answers.h"

static void
every_algorithm_gives_its_known_answer(void **state)
{
	(void)state;
	for (int i = 0; i < KNOWN_ANSWER_COUNT; i++) {
		struct error err = { 0 };

		if (known_answer_test((enum known_answer)i, false, &err) < 0)
			fail_msg("%s", err.text);
	}
}

/* The negative control: a test that cannot fail says nothing. */
static void
a_wrong_answer_is_seen_of_each(void **state)
{
	(void)state;
	for (int i = 0; i < KNOWN_ANSWER_COUNT; i++) {
		struct error err = { 0 };

		assert_int_equal(known_answer_test((enum known_answer)i, true,
				     &err),
		    -1);
		assert_string_equal(err.id, "E3620");
		assert_int_equal(err.code, ERROR_SYSTEM);
	}
}

static void
each_has_a_name_of_its_own(void **state)
{
	enum known_answer which;

	(void)state;
	for (int i = 0; i < KNOWN_ANSWER_COUNT; i++) {
		assert_true(
		    known_answer_parse(known_answer_name((enum known_answer)i),
			&which));
		assert_int_equal(which, i);
	}
	assert_false(known_answer_parse("md5", &which));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_algorithm_gives_its_known_answer),
		cmocka_unit_test(a_wrong_answer_is_seen_of_each),
		cmocka_unit_test(each_has_a_name_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
