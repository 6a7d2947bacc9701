#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "package/manifest.h"

#define ASIC "http://uri.etsi.org/02918/v1.2.1#"
#define DSIG "http://www.w3.org/2000/09/xmldsig#"
#define SHA256 "http://www.w3.org/2001/04/xmlenc#sha256"
#define ZEROS "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

/* A manifest of one file, in parts that a test can replace. */
#define ROOT "<a:ASiCManifest xmlns:a=\"" ASIC "\" xmlns:d=\"" DSIG "\">"
#define SIG "<a:SigReference URI=\"META-INF/signature001.p7s\"/>"
#define FILE_OF(uri)                                                         \
	"<a:DataObjectReference URI=\"" uri                                  \
	"\"><d:DigestMethod Algorithm=\"" SHA256 "\"/><d:DigestValue>" ZEROS \
	"</d:DigestValue></a:DataObjectReference>"
#define END "</a:ASiCManifest>"

static void
accepts(const char *text)
{
	struct manifest manifest = { 0 };
	struct error err = { 0 };

	if (manifest_parse(text, strlen(text), &manifest, &err) < 0)
		fail_msg("%s\nin %s", err.text, text);
	assert_int_equal(manifest.file_count, 1);
	manifest_free(&manifest);
}

static void
refuses(const char *text, const char *id)
{
	struct manifest manifest = { 0 };
	struct error err = { 0 };

	if (manifest_parse(text, strlen(text), &manifest, &err) == 0)
		fail_msg("accepted: %s", text);
	assert_int_equal(err.code, ERROR_MALFORMED);
	assert_string_equal(err.id, id);
	assert_null(manifest.files);
}

static void
what_is_written_is_read_back(void **state)
{
	static const char *const names[] = { "META-INF/yizhan.json", "a b.di",
		"附件/計畫書 (1).pdf", "100%&<'\">.txt", "~tilde-._" };
	struct manifest out = { 0 };
	struct manifest in = { 0 };
	struct bytes xml = { 0 };
	struct error err = { 0 };

	(void)state;
	out.signature = text_dup("META-INF/signature001.p7s");
	for (uint8_t i = 0; i < 5; i++) {
		struct digest digest = { { i, 255, i } };

		assert_int_equal(manifest_add(&out, names[i], &digest, &err),
		    0);
	}
	assert_int_equal(manifest_format(&out, &xml, &err), 0);

	assert_int_equal(manifest_parse(xml.data, xml.len, &in, &err), 0);

	assert_string_equal(in.signature, out.signature);
	assert_int_equal(in.file_count, 5);
	for (size_t i = 0; i < 5; i++) {
		assert_string_equal(in.files[i].name, names[i]);
		assert_true(
		    digest_equal(&in.files[i].sha256, &out.files[i].sha256));
	}
	assert_int_equal(manifest_find(&in, "a b.di"), 1);
	assert_int_equal(manifest_find(&in, "other"), -1);
	bytes_free(&xml);
	manifest_free(&in);
	manifest_free(&out);
}

static void
other_writers_may_write_it_their_way(void **state)
{
	(void)state;
	accepts(ROOT SIG FILE_OF("x.di") END);
	accepts(
	    "<?xml version='1.0' encoding='utf-8' standalone=\"no\"?>\r\n" ROOT
	    "\n\t" SIG FILE_OF("x.di") "\n" END "\n");
	/* default namespace, and prefixes declared where they are used */
	accepts("<ASiCManifest xmlns=\"" ASIC "\"><SigReference MimeType=\"x\" "
		"URI='s.p7s'></SigReference><DataObjectReference "
		"MimeType=\"text/xml\" URI=\"x.di\" Rootfile=\"true\">"
		"<q:DigestMethod xmlns:q=\"" DSIG "\" Algorithm=\"" SHA256
		"\"></q:DigestMethod><DigestValue xmlns=\"" DSIG "\">\n  " ZEROS
		"\n</DigestValue></DataObjectReference></ASiCManifest>");
}

static void
names_are_percent_decoded(void **state)
{
	static const char text[] =
	    ROOT SIG FILE_OF("%e9%99%84%E4%BB%B6.pdf") END;
	struct manifest manifest = { 0 };
	struct error err = { 0 };

	(void)state;
	assert_int_equal(manifest_parse(text, strlen(text), &manifest, &err),
	    0);
	assert_string_equal(manifest.files[0].name, "附件.pdf");
	manifest_free(&manifest);
}

static void
anything_beyond_the_grammar_is_refused(void **state)
{
	(void)state;
	refuses("", "E3204");
	refuses("<", "E3204");
	refuses(ROOT SIG END, "E3204");
	refuses(ROOT FILE_OF("x.di") END, "E3204");
	refuses(ROOT SIG FILE_OF("x.di"), "E3204");
	refuses(ROOT SIG FILE_OF("x.di") END "x", "E3204");
	refuses(ROOT SIG FILE_OF("x.di") END ROOT, "E3204");
	refuses(ROOT SIG SIG FILE_OF("x.di") END, "E3204");
	refuses(ROOT SIG "text" FILE_OF("x.di") END, "E3204");
	refuses(ROOT SIG "<!-- -->" FILE_OF("x.di") END, "E3204");
	refuses(ROOT SIG "<?pi ?>" FILE_OF("x.di") END, "E3204");
	refuses(ROOT SIG "<![CDATA[]]>" FILE_OF("x.di") END, "E3204");
	refuses("<!DOCTYPE a [<!ENTITY x \"y\">]>" ROOT SIG FILE_OF("x.di") END,
	    "E3204");
	refuses(ROOT SIG FILE_OF("&x;") END, "E3204");
	refuses(ROOT SIG FILE_OF("&#120;") END, "E3204");
	refuses(ROOT SIG FILE_OF("x%4") END, "E3204");
	refuses(ROOT SIG FILE_OF("x%00") END, "E3204");
	refuses("<?xml version=\"1.1\"?>" ROOT SIG FILE_OF("x.di") END,
	    "E3204");
	refuses("<?xml version=\"1.0\" encoding=\"Big5\"?>" ROOT SIG FILE_OF(
		    "x.di") END,
	    "E3204");
	refuses("<ASiCManifest>" SIG FILE_OF("x.di") "</ASiCManifest>",
	    "E3204");
	refuses("<a:ASiCManifest xmlns:a=\"urn:x\">" END, "E3204");
	refuses("<a:ASiCManifest xmlns:a=\"" ASIC "\" x=\"y\">" SIG END,
	    "E3204");
	refuses(ROOT "<a:SigReference URI=\"a\" URI=\"b\"/>" FILE_OF("x") END,
	    "E3204");
	refuses(ROOT "<a:SigReference/>" FILE_OF("x") END, "E3204");
}

static void
digests_are_sha_256_and_whole(void **state)
{
#define WITH(method, value)                                          \
	ROOT SIG "<a:DataObjectReference URI=\"x\"><d:DigestMethod " \
		 "Algorithm=\"" method "\"/><d:DigestValue>" value   \
		 "</d:DigestValue></a:DataObjectReference>" END
	(void)state;
	refuses(WITH("http://www.w3.org/2000/09/xmldsig#sha1", ZEROS), "E3205");
	refuses(WITH("http://www.w3.org/2001/04/xmlenc#sha512", ZEROS),
	    "E3205");
	refuses(WITH(SHA256, ""), "E3204");
	refuses(WITH(SHA256, "AAAA"), "E3204");
	refuses(WITH(SHA256, ZEROS "AAAA"), "E3204");
	refuses(WITH(SHA256, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB="),
	    "E3204");
#undef WITH
}

static void
unsafe_names_are_refused(void **state)
{
	static const char *const unsafe[] = { "", "/etc/passwd", "../x", "a/..",
		"a/../b", "./a", "a//b", "a/", ".", "..", "a\\b", "C:x", "a\nb",
		"a\x7f", "a\xc2\x85", "a\xff", "gpj.\xe2\x80\xae.exe", "a.",
		"a ", "dir ./x", "\xef\xbb\xbfmimetype" };
	static const char *const safe[] = { "a", "附件1.pdf", "a/b", "..a",
		"a..b", "...x", "a b", "(1)#%&'+=@[]~.doc", "é" };
	char overlong[MANIFEST_NAME_MAX + 2];

	(void)state;
	for (size_t i = 0; i < sizeof(unsafe) / sizeof(unsafe[0]); i++)
		if (manifest_name_is_safe(unsafe[i], strlen(unsafe[i])))
			fail_msg("accepted: %s", unsafe[i]);
	for (size_t i = 0; i < sizeof(safe) / sizeof(safe[0]); i++)
		if (!manifest_name_is_safe(safe[i], strlen(safe[i])))
			fail_msg("refused: %s", safe[i]);
	memset(overlong, 'a', sizeof(overlong));
	assert_true(manifest_name_is_safe(overlong, MANIFEST_NAME_MAX));
	assert_false(manifest_name_is_safe(overlong, MANIFEST_NAME_MAX + 1));
	refuses(ROOT SIG FILE_OF("..%2Fx") END, "E3202");
}

static void
names_differ_in_more_than_case(void **state)
{
	struct manifest manifest = { 0 };
	struct digest digest = { { 0 } };
	struct error err = { 0 };

	(void)state;
	assert_int_equal(manifest_add(&manifest, "A.pdf", &digest, &err), 0);
	assert_int_equal(manifest_add(&manifest, "a.PDF", &digest, &err), -1);
	assert_string_equal(err.id, "E3202");
	assert_int_equal(manifest_add(&manifest, "A.pdf", &digest, &err), -1);
	assert_int_equal(manifest_add(&manifest, "A.pd", &digest, &err), 0);
	manifest_free(&manifest);
}

static void
there_is_a_limit_to_files(void **state)
{
	struct manifest manifest = { 0 };
	struct digest digest = { { 0 } };
	struct error err = { 0 };
	char name[32];

	(void)state;
	for (int i = 0; i <= MANIFEST_FILES_MAX; i++) {
		snprintf(name, sizeof(name), "%d", i);
		assert_int_equal(manifest_add(&manifest, name, &digest, &err),
		    0);
	}
	assert_int_equal(manifest_add(&manifest, "one more", &digest, &err),
	    -1);
	assert_string_equal(err.id, "E3203");
	manifest_free(&manifest);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read_back),
		cmocka_unit_test(other_writers_may_write_it_their_way),
		cmocka_unit_test(names_are_percent_decoded),
		cmocka_unit_test(anything_beyond_the_grammar_is_refused),
		cmocka_unit_test(digests_are_sha_256_and_whole),
		cmocka_unit_test(unsafe_names_are_refused),
		cmocka_unit_test(names_differ_in_more_than_case),
		cmocka_unit_test(there_is_a_limit_to_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
