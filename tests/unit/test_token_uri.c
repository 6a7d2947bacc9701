#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/attr.h"
#include "base/error.h"
#include "token/token_uri.h"

#define QUERY "?module-path=/usr/lib/hsm.so&pin-source=file:/etc/pin"

static void
a_uri_is_taken_apart(void **unused)
{
	struct token_uri uri;
	struct error err = { 0 };

	(void)unused;
	assert_int_equal(
	    token_uri_parse("pkcs11:token=%E9%A9%9b%E7%AB%99%3B1;serial=07F;"
			    "object=sign;id=%01%00%fF;type=private" QUERY,
		&uri, &err),
	    0);
	assert_string_equal(uri.token, "驛站;1");
	assert_string_equal(uri.serial, "07F");
	assert_string_equal(uri.object, "sign");
	assert_int_equal(uri.id_len, 3);
	assert_memory_equal(uri.id, "\1\0\377", 3);
	assert_string_equal(uri.module_path, "/usr/lib/hsm.so");
	assert_string_equal(uri.pin_path, "/etc/pin");
}

static void
what_is_no_place_of_a_key_is_refused(void **unused)
{
	static const char *const cases[] = {
		"",
		"file:/x",
		"pkcs11:",
		"pkcs11:token=a;object=b",
		"pkcs11:token=a" QUERY,
		"pkcs11:object=b" QUERY,
		"pkcs11:token=a;object=b?module-path=/x",
		"pkcs11:token=a;object=b?pin-source=/x",
		"pkcs11:token=a;object=b?module-path=x&pin-source=/x",
		"pkcs11:token=a;object=b?module-path=/x&pin-source=http:/x",
		/* A PIN has no place in a configuration. */
		"pkcs11:token=a;object=b?module-path=/x&pin-value=1234",
		"pkcs11:token=a;object=b;pin-value=1234" QUERY,
		"pkcs11:token=a;token=b;object=c" QUERY,
		"pkcs11:token=a;object=b;id=%01;id=%02" QUERY,
		"pkcs11:token=;object=b" QUERY,
		"pkcs11:token=a;object=%0" QUERY,
		"pkcs11:token=a;object=%zz" QUERY,
		"pkcs11:token=a;object=%00" QUERY,
		"pkcs11:token=a;object=%0a" QUERY,
		"pkcs11:token=a;object=%ff" QUERY,
		"pkcs11:token=a;object=b;type=cert" QUERY,
		"pkcs11:token=a;object=b;model=c" QUERY,
		"pkcs11:token=a;;object=b" QUERY,
		"pkcs11:token=a;object=b" QUERY "&module-name=c",
		"pkcs11:token=123456789012345678901234567890123;object=b" QUERY,
	};
	struct token_uri uri;

	(void)unused;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct error err = { 0 };

		if (token_uri_parse(cases[i], &uri, &err) == 0)
			fail_msg("%s", cases[i]);
		assert_string_equal(err.id, "E3730");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_uri_is_taken_apart),
		cmocka_unit_test(what_is_no_place_of_a_key_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
