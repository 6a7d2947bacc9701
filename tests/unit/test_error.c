#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"

static void
a_full_disk_is_temporary(void **state)
{
	struct error err = { 0 };

	(void)state;
	errno = ENOSPC;
	assert_int_equal(error_set_errno(&err, "writing %s", "draft"), -1);

	assert_true(error_is_temporary(&err));
	assert_ptr_equal(strstr(err.text, "writing draft: "), err.text);
}

static void
a_prefix_keeps_code_and_id(void **state)
{
	struct error err = { 0 };

	(void)state;
	error_set_id(&err, "E2101", ERROR_MALFORMED, "line %d", 7);
	error_prefix(&err, "letter.di");

	assert_string_equal(err.text, "letter.di: line 7");
	assert_string_equal(error_message_id(&err), "E2101");
	assert_int_equal(err.code, ERROR_MALFORMED);
}

static void
an_error_without_an_id_has_its_codes(void **state)
{
	struct error err = { 0 };

	(void)state;
	error_set(&err, ERROR_DENIED, "no");

	assert_string_equal(error_message_id(&err), "E1006");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_full_disk_is_temporary),
		cmocka_unit_test(a_prefix_keeps_code_and_id),
		cmocka_unit_test(an_error_without_an_id_has_its_codes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
