/* T-REL-01 to 04 as far as they are about the manifest of a release. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "crypto/sha256.h"
#include "release/release.h"

#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"
#define FILE_OF(path, bytes) \
	"{\"path\":\"" path "\",\"bytes\":" bytes ",\"sha256\":\"" ZEROS "\"}"
#define RELEASE_OF(version, least, files)                 \
	"{\"version\":\"" version "\",\"least\":\"" least \
	"\",\"summary\":\"s\",\"files\":[" files "]}"

static void
the_check_code_is_the_digest_of_the_manifest(void **state)
{
	static const char json[] = RELEASE_OF("0.2.0", "0.1.0",
	    FILE_OF("sbom.cdx.json", "3") "," FILE_OF("bin/yizhan", "7"));
	/* White space is no other release. */
	static const char spaced[] = " " RELEASE_OF("0.2.0", "0.1.0",
	    FILE_OF("sbom.cdx.json", "3") " , " FILE_OF("bin/yizhan", "7"));
	struct release release = { 0 }, again = { 0 };
	struct error err = { 0 };
	struct digest digest;

	(void)state;
	sha256(json, sizeof(json) - 1, &digest);
	assert_int_equal(release_parse(json, sizeof(json) - 1, &release, &err),
	    0);
	assert_true(digest_equal(&digest, &release.code));
	assert_int_equal(release_parse(spaced, sizeof(spaced) - 1, &again,
			     &err),
	    0);
	assert_true(digest_equal(&digest, &again.code));
	assert_string_equal(release.version, "0.2.0");
	assert_int_equal(release.count, 2);
	assert_int_equal(release.bytes, 10);
	assert_string_equal(release.files[0].path, "bin/yizhan");
	assert_true(release_file_runs(&release.files[0]));
	assert_false(release_file_runs(&release.files[1]));
	assert_ptr_equal(release_find(&release, "sbom.cdx.json"),
	    &release.files[1]);
	assert_null(release_find(&release, "sbom"));
	release_free(&release);
	release_free(&again);
}

static void
a_manifest_that_cannot_be_laid_down_is_refused(void **state)
{
	static const char *const bad[] = {
		"{}",
		"[]",
		RELEASE_OF("1.0-rc1", "", ""),
		RELEASE_OF("9223372036854775807", "", ""),
		RELEASE_OF("1.0", "x", ""),
		RELEASE_OF("1.0", "", FILE_OF("../x", "1")),
		RELEASE_OF("1.0", "", FILE_OF("/x", "1")),
		RELEASE_OF("1.0", "", FILE_OF("x", "1") "," FILE_OF("x", "1")),
		RELEASE_OF("1.0", "",
		    FILE_OF("x", "1") "," FILE_OF("x/y", "1")),
		RELEASE_OF("1.0", "",
		    FILE_OF("a/x", "1") "," FILE_OF("a/x-y",
			"1") "," FILE_OF("a/x/y", "1")),
		RELEASE_OF("1.0", "", FILE_OF("x", "4294967297")),
		RELEASE_OF("1.0", "",
		    FILE_OF("x", "4294967296") "," FILE_OF("y", "1")),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct release release = { 0 };
		struct error err = { 0 };

		assert_int_equal(release_parse(bad[i], strlen(bad[i]), &release,
				     &err),
		    -1);
		assert_string_equal(err.id, "E7601");
	}
}

static void
a_lower_version_follows_only_what_a_root_disowned(void **state)
{
	struct release release = { .version = "0.2.0" };
	struct error err = { 0 };

	(void)state;
	assert_int_equal(release_may_follow(&release, "", false, &err), 0);
	assert_int_equal(release_may_follow(&release, "0.1.9", false, &err), 0);
	assert_int_equal(release_may_follow(&release, "0.2.0", false, &err), 0);
	assert_int_equal(release_may_follow(&release, "0.10.0", false, &err),
	    -1);
	assert_string_equal(err.id, "E7605");
	assert_int_equal(release_may_follow(&release, "99999.0", true, &err),
	    0);
}

static void
a_version_that_may_no_longer_run_is_not_gone_back_to(void **state)
{
	struct release release = { .version = "0.3.0", .least = "0.2.1" };
	struct error err = { 0 };

	(void)state;
	assert_int_equal(release_may_return(&release, "0.2.1", &err), 0);
	assert_int_equal(release_may_return(&release, "0.2.0", &err), -1);
	assert_string_equal(err.id, "E7605");
	release.least[0] = '\0';
	assert_int_equal(release_may_return(&release, "0.0.1", &err), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_check_code_is_the_digest_of_the_manifest),
		cmocka_unit_test(
		    a_manifest_that_cannot_be_laid_down_is_refused),
		cmocka_unit_test(
		    a_lower_version_follows_only_what_a_root_disowned),
		cmocka_unit_test(
		    a_version_that_may_no_longer_run_is_not_gone_back_to),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
