/* T-REL-07: what is installed against what a release was built with. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "release/packages.h"
#include "release/sbom.h"

enum { SAID_SIZE = 256 };

static const char status[] = "Package: libssl3\n"
			     "Status: install ok installed\n"
			     "Architecture: amd64\n"
			     "Version: 3.0.17-1~deb12u2\n"
			     "Description: TLS\n"
			     " Package: not-a-field\n"
			     "\n"
			     "Package: gone\n"
			     "Status: deinstall ok config-files\n"
			     "Version: 1.0-1\n"
			     "\n"
			     "Package: libc6\n"
			     "Status: install ok installed\n"
			     "Version: 2.36-9+deb12u10\n";

static const char list[] =
    "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.4\",\"components\":["
    "{\"type\":\"library\",\"name\":\"libc6\",\"version\":\"2.36-9+deb12u10\","
    "\"purl\":\"pkg:deb/debian/libc6@2.36\",\"properties\":["
    "{\"name\":\"yizhan:soname\",\"value\":\"libc.so.6\"}]},"
    "{\"type\":\"library\",\"name\":\"libssl3\",\"version\":\"%s\","
    "\"purl\":\"pkg:deb/debian/libssl3@3\"},"
    "{\"type\":\"library\",\"name\":\"preact\",\"version\":\"10\","
    "\"purl\":\"pkg:npm/preact@10\"}%s]}";

static const char gone[] =
    ",{\"name\":\"gone\",\"version\":\"1.0-1\",\"purl\":\"pkg:deb/debian/gone\"}";

static void
note(void *context, enum package_finding what,
    const struct sbom_package *wanted, const char *installed)
{
	char *to = context;

	snprintf(to + strlen(to), SAID_SIZE - strlen(to), "%d %s %s;",
	    (int)what, wanted->name, installed);
}

static size_t
compare(const char *wanted, const char *more, char *to)
{
	struct packages packages = { 0 };
	struct sbom sbom = { 0 };
	struct error err = { 0 };
	char json[2048];
	size_t count;
	int len = snprintf(json, sizeof(json), list, wanted, more);

	assert_int_equal(packages_parse(status, sizeof(status) - 1, &packages,
			     &err),
	    0);
	assert_int_equal(packages.count, 2);
	assert_int_equal(sbom_parse(json, (size_t)len, &sbom, &err), 0);
	assert_true(sbom_has_soname(&sbom, "libc.so.6"));
	assert_false(sbom_has_soname(&sbom, "libc.so"));
	to[0] = '\0';
	count = packages_compare(&packages, &sbom, note, to);
	packages_free(&packages);
	sbom_free(&sbom);
	return count;
}

static void
what_is_as_the_list_says_is_no_finding(void **state)
{
	char said[SAID_SIZE];

	(void)state;
	assert_int_equal(compare("3.0.17-1~deb12u2", "", said), 0);
}

static void
missing_older_and_newer_are_told_apart(void **state)
{
	char said[SAID_SIZE];

	(void)state;
	assert_int_equal(compare("3.0.17-1~deb12u3", "", said), 1);
	assert_string_equal(said, "1 libssl3 3.0.17-1~deb12u2;");
	assert_int_equal(compare("3.0.16-1", "", said), 1);
	assert_string_equal(said, "2 libssl3 3.0.17-1~deb12u2;");
	/* Removed is not installed, whatever dpkg remembers of it. */
	assert_int_equal(compare("3.0.17-1~deb12u2", gone, said), 1);
	assert_string_equal(said, "0 gone ;");
}

static void
versions_are_ordered_as_dpkg_orders_them(void **state)
{
	static const char *const order[] = { "1.0~rc1-1", "1.0-1~deb12u1",
		"1.0-1", "1.0-1+b1", "1.0-2", "1.0a-1", "1.0+dfsg-1", "1.0.1-1",
		"1.9-1", "1.10-1", "1:0.1-1", "2:0.1-1" };

	(void)state;
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		for (size_t k = 0; k < sizeof(order) / sizeof(order[0]); k++) {
			int rc = packages_compare_versions(order[i], order[k]);

			assert_int_equal(rc < 0, i < k);
			assert_int_equal(rc > 0, i > k);
		}
	assert_int_equal(packages_compare_versions("1.0-1", "0:1.0-1"), 0);
	assert_int_equal(packages_compare_versions("1.00", "1.0"), 0);
}

static void
refuse(const char *json)
{
	struct sbom sbom = { 0 };
	struct error err = { 0 };

	assert_int_equal(sbom_parse(json, strlen(json), &sbom, &err), -1);
	assert_string_equal(err.id, "E7606");
}

static void
a_list_that_is_none_is_refused(void **state)
{
	struct packages packages = { 0 };
	struct error err = { 0 };

	(void)state;
	refuse("{}");
	refuse("[1]");
	refuse("{\"bomFormat\":\"SPDX\",\"components\":[]}");
	refuse("{\"bomFormat\":\"CycloneDX\",\"components\":{}}");
	refuse("{\"bomFormat\":\"CycloneDX\",\"components\":[{\"name\":\"a\","
	       "\"purl\":\"pkg:deb/debian/a\"}]}");
	refuse("{\"bomFormat\":\"CycloneDX\",\"components\":["
	       "{\"name\":\"a\",\"version\":\"1\",\"purl\":\"pkg:deb/a\"},"
	       "{\"name\":\"a\",\"version\":\"2\",\"purl\":\"pkg:deb/a\"}]}");
	assert_int_equal(packages_parse("nothing\n", 8, &packages, &err), -1);
	assert_string_equal(err.id, "E7606");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_as_the_list_says_is_no_finding),
		cmocka_unit_test(missing_older_and_newer_are_told_apart),
		cmocka_unit_test(versions_are_ordered_as_dpkg_orders_them),
		cmocka_unit_test(a_list_that_is_none_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
