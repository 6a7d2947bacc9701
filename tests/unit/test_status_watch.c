/*
 * Where certificates may be asked about.  Asking is in
 * tests/scenario/55-revoked.py.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/attr.h"
#include "role/status/status_watch.h"

static const char allowed[] =
    "http://gca.example/ocsp 192.0.2.1, http://192.0.2.2/crl/,"
    "http://xca.example/ 192.0.2.3";

static void
only_what_is_allowed_is_asked(void **state)
{
	static const struct {
		const char *url, *address; /* NULL: not */
	} cases[] = {
		{ "http://gca.example/ocsp", "192.0.2.1" },
		{ "http://192.0.2.2/crl/1.crl", "" },
		{ "http://xca.example/a/b", "192.0.2.3" },
		{ "http://xca.example/", "192.0.2.3" },
		{ "http://gca.example/ocsp/x", NULL },
		{ "http://gca.example/ocs", NULL },
		{ "https://gca.example/ocsp", NULL },
		{ "http://192.0.2.2/crl", NULL },
		{ "http://192.0.2.2/crl/../admin", NULL },
		{ "http://192.0.2.2.evil.example/crl/", NULL },
		{ "http://xca.example@127.0.0.1/", NULL },
		{ "http://127.0.0.1/", NULL },
		{ "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char address[64] = "";
		bool is_allowed = status_place_is_allowed(allowed, cases[i].url,
		    address, sizeof(address));

		assert_int_equal(is_allowed, cases[i].address != NULL);
		if (is_allowed)
			assert_string_equal(address, cases[i].address);
		assert_false(status_place_is_allowed("", cases[i].url, address,
		    sizeof(address)));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_is_allowed_is_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
