#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "service/catalogue.h"

static void
every_entry_is_found_by_its_id(void **state)
{
	(void)state;
	assert_true(catalogue_count() > 8);

	for (size_t i = 0; i < catalogue_count(); i++)
		assert_ptr_equal(catalogue_find(catalogue_at(i)->id),
		    catalogue_at(i));
}

static void
an_unknown_id_is_not_found(void **state)
{
	(void)state;

	assert_null(catalogue_find("E0000"));
	assert_null(catalogue_find(""));
	assert_null(catalogue_find("E9999"));
}

static void
every_reaction_has_its_general_entry(void **state)
{
	(void)state;

	for (int code = ERROR_BUSY; code <= ERROR_SYSTEM; code++) {
		struct error err = { 0 };

		error_set(&err, (enum error_code)code, "x");
		assert_int_equal(catalogue_of_error(&err)->code, code);
	}
}

static void
an_id_without_entry_is_shown_as_unclassified(void **state)
{
	struct error err = { 0 };

	(void)state;
	error_set_id(&err, "E9999", ERROR_DENIED, "x");

	assert_string_equal(catalogue_of_error(&err)->id, "E1000");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_entry_is_found_by_its_id),
		cmocka_unit_test(an_unknown_id_is_not_found),
		cmocka_unit_test(every_reaction_has_its_general_entry),
		cmocka_unit_test(an_id_without_entry_is_shown_as_unclassified),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
