/* Where events may be sent: what is listed, and nothing that looks like it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/attr.h"
#include "base/error.h"
#include "policy/webhook_address.h"

static const char list[] =
    "10.1.2.0/24, 192.0.2.7, 2001:db8::/32,127.0.0.1,::1";

static bool
may(const char *url, const char *allowed)
{
	struct error err = { 0 };
	bool is_allowed = webhook_address_check(url, allowed, &err) == 0;

	if (!is_allowed) {
		assert_int_equal(err.code, ERROR_DENIED);
		assert_string_equal(err.id, "E6413");
	}
	return is_allowed;
}

static void
what_is_listed_is_allowed(void **state)
{
	static const char *const good[] = {
		"https://10.1.2.0",
		"https://10.1.2.255/",
		"http://10.1.2.3:8080/hook?a=b&c=d",
		"https://192.0.2.7/a/b-c_d.e~f",
		"https://[2001:db8::1]/x",
		"https://[2001:db8::1]:8443/x",
		"http://127.0.0.1:9000/",
		"http://[::1]:9000/",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		if (!may(good[i], list))
			fail_msg("%s", good[i]);
}

static void
everything_else_is_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"10.1.2.3",
		"ftp://10.1.2.3/",
		"HTTPS://10.1.2.3/",
		"https://",
		"https:///x",
		"https://10.1.3.1/",
		"https://192.0.2.8/",
		"https://localhost/",
		"https://10.1.2.3.example/",
		"https://10.1.2.3@192.0.2.9/",
		"https://user@10.1.2.3/",
		"https://10.1.2.3:0/",
		"https://10.1.2.3:65536/",
		"https://10.1.2.3:/",
		"https://10.1.2.3:80x/",
		"https://10.1.2.3\\@192.0.2.9/",
		"https://10.1.2.3#@192.0.2.9/",
		"https://10.1.2.3/a b",
		"https://10.1.2.3/%0d%0a",
		"https://10.1.2.3?x",
		/* Other ways to write an address. */
		"https://10.1.515/",
		"https://167838211/",
		"https://0xa010203/",
		"https://012.1.2.3/",
		"https://10.1.2.03/",
		"https://10.1.2.3./",
		"https://[10.1.2.3]/",
		"https://[::ffff:10.1.2.3]/",
		"https://[2001:DB8::1]/",
		"https://[2001:db8:0::1]/",
		"https://[2001:db8::1/",
		"https://[fe80::1]/",
		"https://127.0.0.2/",
		"https://127.1/",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (may(bad[i], list))
			fail_msg("%s", bad[i]);
	assert_false(may("https://10.1.2.3/", ""));
}

/* Whatever the list says. */
static void
some_addresses_are_never_allowed(void **state)
{
	static const char *const bad[] = {
		"http://0.0.0.0/",
		"http://169.254.169.254/latest",
		"http://224.0.0.1/",
		"http://255.255.255.255/",
		"http://127.0.0.1/",
		"http://[::]/",
		"http://[::1]/",
		"http://[::ffff:169.254.169.254]/",
		"http://[64:ff9b::a9fe:a9fe]/",
		"http://[2002:a9fe:a9fe::1]/",
		"http://[fe80::1]/",
		"http://[ff02::1]/",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (may(bad[i], "0.0.0.0/0, ::/0"))
			fail_msg("%s", bad[i]);
	assert_true(may("http://192.0.2.1/", "0.0.0.0/0"));
}

static void
a_list_is_addresses_and_lengths(void **state)
{
	(void)state;
	assert_true(webhook_address_is_list(""));
	assert_true(webhook_address_is_list(list));
	assert_false(webhook_address_is_list("10.1.2.3/24"));
	assert_false(webhook_address_is_list("10.1.2.0/33"));
	assert_false(webhook_address_is_list("10.1.2.0/"));
	assert_false(webhook_address_is_list("example"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_listed_is_allowed),
		cmocka_unit_test(everything_else_is_refused),
		cmocka_unit_test(some_addresses_are_never_allowed),
		cmocka_unit_test(a_list_is_addresses_and_lengths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
