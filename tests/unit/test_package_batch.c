#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/error.h"
#include "package/package_batch.h"

static void
a_manifest_has_its_line_in_its_name(void **state)
{
	static const char *const others[] = { "", "META-INF/ASiCManifest",
		"META-INF/ASiCManifest000.xml", "META-INF/ASiCManifest1.xml",
		"META-INF/ASiCManifest01x.xml", "META-INF/ASiCManifest1000.xml",
		"META-INF/ASiCManifest001.xml ", "meta-inf/ASiCManifest001.xml",
		"META-INF/ASiCManifest001", "ASiCManifest001.xml" };
	char name[PACKAGE_MANIFEST_NAME_SIZE];

	(void)state;
	for (size_t line = 1; line <= PACKAGE_BATCH_ITEMS_MAX; line++) {
		package_manifest_name(line, name);
		assert_int_equal(package_manifest_line(name), line);
	}
	assert_string_equal(name, "META-INF/ASiCManifest999.xml");
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_int_equal(package_manifest_line(others[i]), 0);
}

static const char written[] =
    "# yizhan-package-batch-1 demo\n"
    "0000000000000000000000000000000000000000000000000000000000000000"
    "  META-INF/ASiCManifest001.xml\n"
    "ab00000000000000000000000000000000000000000000000000000000000000"
    "  META-INF/ASiCManifest002.xml\n";

static void
a_list_is_what_sha256sum_reads(void **state)
{
	struct digest manifests[2] = { { { 0 } }, { { 0xab } } };
	struct bytes list = { 0 };

	(void)state;
	package_batch_put_list("demo", manifests, 2, &list);
	assert_int_equal(list.len, strlen(written));
	assert_memory_equal(list.data, written, list.len);
	bytes_free(&list);
}

static void
refuses(const char *text, const char *environment, size_t line,
    const struct digest *manifest, const char *id)
{
	struct error err = { 0 };

	assert_int_equal(package_batch_check(text, strlen(text), environment,
			     line, manifest, &err),
	    -1);
	assert_string_equal(err.id, id);
}

static void
only_the_manifest_of_the_line_is_in_it(void **state)
{
	struct digest zero = { { 0 } };
	struct digest digest = { { 0xab } };
	struct error err = { 0 };

	(void)state;
	assert_int_equal(package_batch_check(written, strlen(written), "demo",
			     2, &digest, &err),
	    0);
	assert_int_equal(package_batch_check(written, strlen(written), "demo",
			     1, &zero, &err),
	    0);
	refuses(written, "demo", 1, &digest, "E3210");
	refuses(written, "demo", 2, &zero, "E3210");
	/* No line of an empty digest where there is none. */
	refuses(written, "demo", 0, &zero, "E3210");
	refuses(written, "demo", 3, &zero, "E3210");
	refuses(written, "dem", 2, &digest, "E3210");
	refuses(written, "demo\n", 2, &digest, "E3210");
	refuses(written, "production", 2, &digest, "E3210");
	refuses(written + 1, "demo", 2, &digest, "E3201");
	refuses("", "demo", 2, &digest, "E3201");
}

/* Each byte of the form counts; of the first line's digest none does. */
static void
no_other_form_is_taken(void **state)
{
	char text[sizeof(written)];
	struct digest digest = { { 0xab } };
	size_t at_digest = strlen("# yizhan-package-batch-1 demo\n");

	(void)state;
	for (size_t i = 0; i < strlen(written); i++) {
		struct error err = { 0 };
		int rc;

		memcpy(text, written, sizeof(written));
		text[i] ^= 0x01;
		rc = package_batch_check(text, strlen(text), "demo", 2, &digest,
		    &err);
		if (rc == 0)
			assert_true(i >= at_digest && i < at_digest + 64);
		memcpy(text, written, sizeof(written));
		text[i] = '\0';
		assert_int_equal(package_batch_check(text, i, "demo", 2,
				     &digest, &err),
		    -1);
	}
}

static void
an_item_is_taken_apart_as_it_was_put(void **state)
{
	struct package_batch_item item = { .line = 999,
		.list = (const uint8_t *)"list",
		.list_len = 4,
		.cms = (const uint8_t *)"0cms",
		.cms_len = 4 };
	struct package_batch_item found;
	struct bytes bytes = { 0 };
	struct error err = { 0 };

	(void)state;
	package_batch_put_item(&item, &bytes);
	assert_true(package_batch_is_item(bytes.data, bytes.len));
	assert_false(package_batch_is_item("0\x80", 2));
	assert_int_equal(package_batch_parse_item(bytes.data, bytes.len, &found,
			     &err),
	    0);
	assert_int_equal(found.line, 999);
	assert_int_equal(found.list_len, 4);
	assert_memory_equal(found.list, "list", 4);
	assert_int_equal(found.cms_len, 4);
	assert_memory_equal(found.cms, "0cms", 4);
	for (size_t len = 0; len < bytes.len - 3; len++)
		assert_int_equal(package_batch_parse_item(bytes.data, len,
				     &found, &err),
		    -1);
	bytes_free(&bytes);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_manifest_has_its_line_in_its_name),
		cmocka_unit_test(a_list_is_what_sha256sum_reads),
		cmocka_unit_test(only_the_manifest_of_the_line_is_in_it),
		cmocka_unit_test(no_other_form_is_taken),
		cmocka_unit_test(an_item_is_taken_apart_as_it_was_put),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
