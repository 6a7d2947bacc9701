#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "base/error.h"
#include "crypto/cert.h"
#include "crypto/cert_cache.h"
#include "harness/pki.h"

static struct pki pki;

static int
set_up(void **state)
{
	(void)state;
	pki_new(&pki);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	pki_free(&pki);
	return 0;
}

static void
a_certificate_tells_what_it_says(void **state)
{
	struct pki_holder holder =
	    pki_issue(&pki, ISSUE_SIGN, CERT_KEY_P256, "機關甲");
	const struct cert_info *info = cert_info(holder.cert);
	struct error err = { 0 };

	(void)state;
	assert_string_equal(info->subject, "CN=機關甲,O=行政院,C=TW");
	assert_string_equal(info->issuer, "CN=Test Sub CA,O=行政院,C=TW");
	assert_int_equal(info->key, CERT_KEY_P256);
	assert_int_equal(info->key_bits, 256);
	assert_int_equal(info->usage,
	    CERT_USAGE_SIGNATURE | CERT_USAGE_NON_REPUDIATION);
	assert_false(info->is_ca);
	assert_int_equal(info->key_id_len, 20);
	assert_int_equal(info->not_before_at, 1767225600000);
	assert_int_equal(info->not_after_at, 1893456000999);
	assert_int_equal(strlen(info->serial), 32);
	assert_int_equal(cert_check_policy(holder.cert, &err), 0);
	assert_true(cert_info(pki.sub.cert)->is_ca);
	pki_holder_free(&holder);
}

static void
pem_and_der_give_the_same_certificate(void **state)
{
	struct bytes pem = { 0 };
	struct cert *back;
	struct cert *copy;
	struct error err = { 0 };

	(void)state;
	cert_put_pem(pki.root.cert, &pem);
	assert_int_equal(cert_parse_pem((char *)pem.data, pem.len, &back, &err),
	    0);
	assert_int_equal(cert_copy(back, &copy, &err), 0);
	assert_true(digest_equal(cert_fingerprint(pki.root.cert),
	    cert_fingerprint(copy)));
	bytes_put_text(&pem, "more");
	assert_int_equal(cert_parse_pem((char *)pem.data, pem.len, &back, &err),
	    -1);
	assert_string_equal(err.id, "E3001");
	cert_free(back);
	cert_free(copy);
	bytes_free(&pem);
}

static void
bytes_after_a_certificate_are_refused(void **state)
{
	struct bytes der = { 0 };
	struct cert *back;
	struct error err = { 0 };
	size_t len;
	const uint8_t *data = cert_der(pki.root.cert, &len);

	(void)state;
	bytes_put(&der, data, len);
	bytes_put_u8(&der, 0);
	assert_int_equal(cert_parse(der.data, der.len, &back, &err), -1);
	assert_int_equal(cert_parse(der.data, der.len - 2, &back, &err), -1);
	assert_int_equal(cert_parse(der.data, 0, &back, &err), -1);
	assert_int_equal(err.code, ERROR_MALFORMED);
	bytes_free(&der);
}

static void
dates_are_inclusive_to_the_second(void **state)
{
	const struct cert_info *info = cert_info(pki.root.cert);
	struct error err = { 0 };

	(void)state;
	assert_int_equal(cert_check_dates(pki.root.cert, info->not_before_at,
			     &err),
	    0);
	assert_int_equal(cert_check_dates(pki.root.cert, info->not_after_at,
			     &err),
	    0);
	assert_int_equal(cert_check_dates(pki.root.cert,
			     info->not_before_at - 1, &err),
	    -1);
	assert_string_equal(err.id, "E3003");
	assert_int_equal(cert_check_dates(pki.root.cert, info->not_after_at + 1,
			     &err),
	    -1);
}

static void
purposes_decide_what_it_signs(void **state)
{
	static const struct {
		const char *purposes;
		bool may_sign;
	} cases[] = {
		{ NULL, true },
		{ "emailProtection", true },
		{ "clientAuth,serverAuth", true },
		{ "1.3.6.1.5.5.7.3.36", true },
		{ "anyExtendedKeyUsage", true },
		{ "OCSPSigning", false },
		{ "timeStamping", false },
		{ "serverAuth,codeSigning", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct pki_holder holder =
		    pki_issue_for(&pki.sub, cases[i].purposes, -1, 1);
		struct error err = { 0 };
		int rc = cert_check_use(holder.cert, CERT_USE_SIGN, &err);

		assert_int_equal(rc, cases[i].may_sign ? 0 : -1);
		if (rc < 0)
			assert_string_equal(err.id, "E3711");
		pki_holder_free(&holder);
	}
}

static void
refused_by_policy(struct pki_holder holder)
{
	struct error err = { 0 };

	assert_int_equal(cert_check_policy(holder.cert, &err), -1);
	assert_int_equal(err.code, ERROR_UNTRUSTED);
	assert_string_equal(err.id, "E3002");
	pki_holder_free(&holder);
}

static void
weak_keys_and_digests_are_refused_t_cry_06(void **state)
{
	struct issue_request request = pki_request(ISSUE_SIGN, "weak");

	(void)state;
	refused_by_policy(pki_issue_rsa(&pki.sub, &request, 1024, 65537));
	refused_by_policy(pki_issue_rsa(&pki.sub, &request, 2048, 3));
	request.digest = "SHA1";
	refused_by_policy(pki_issue_as(&pki.sub, &request, CERT_KEY_P256));
}

static void
every_good_kind_of_key_is_accepted(void **state)
{
	static const enum cert_key kinds[] = { CERT_KEY_RSA, CERT_KEY_P256,
		CERT_KEY_P384, CERT_KEY_ED25519 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		struct pki_holder holder =
		    pki_issue(&pki, ISSUE_SIGN, kinds[i], "good");
		struct error err = { 0 };
		uint8_t raw[32];

		assert_int_equal(cert_info(holder.cert)->key, kinds[i]);
		assert_int_equal(cert_check_policy(holder.cert, &err), 0);
		assert_int_equal(cert_ed25519(holder.cert, raw),
		    kinds[i] == CERT_KEY_ED25519);
		pki_holder_free(&holder);
	}
}

/* Explicit EC parameters: the same curve spelled out is another key. */
static void
explicit_curve_parameters_are_refused(void **state)
{
	char path[4096];
	char pem[8192];
	struct cert *cert = NULL;
	struct error err = { 0 };
	FILE *file;
	size_t len;

	(void)state;
	snprintf(path, sizeof(path),
	    "%s/tests/vectors/cert/bad_explicit_ec.pem", getenv("SOURCE_ROOT"));
	file = fopen(path, "rb");
	assert_non_null(file);
	len = fread(pem, 1, sizeof(pem), file);
	fclose(file);
	assert_int_equal(cert_parse_pem(pem, len, &cert, &err), 0);
	assert_int_equal(cert_check_policy(cert, &err), -1);
	assert_string_equal(err.id, "E3002");
	cert_free(cert);
}

static void
the_cache_gives_what_was_put_in_and_checks_it(void **state)
{
	struct issue_request request = pki_request(ISSUE_SIGN, "weak");
	struct pki_holder weak = pki_issue_rsa(&pki.sub, &request, 1024, 65537);
	struct cert_cache *cache;
	const struct cert *got;
	const struct cert *again;
	struct error err = { 0 };
	const uint8_t *der;
	size_t len;

	(void)state;
	assert_int_equal(cert_cache_new(1, &cache, &err), 0);
	der = cert_der(pki.root.cert, &len);
	assert_int_equal(cert_cache_get(cache, der, len, &got, &err), 0);
	assert_int_equal(cert_cache_get(cache, der, len, &again, &err), 0);
	assert_ptr_equal(got, again);
	der = cert_der(pki.sub.cert, &len);
	assert_int_equal(cert_cache_get(cache, der, len, &got, &err), 0);
	assert_true(digest_equal(cert_fingerprint(got),
	    cert_fingerprint(pki.sub.cert)));
	der = cert_der(weak.cert, &len);
	assert_int_equal(cert_cache_get(cache, der, len, &got, &err), -1);
	assert_string_equal(err.id, "E3002");
	cert_cache_free(cache);
	pki_holder_free(&weak);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_certificate_tells_what_it_says),
		cmocka_unit_test(pem_and_der_give_the_same_certificate),
		cmocka_unit_test(bytes_after_a_certificate_are_refused),
		cmocka_unit_test(dates_are_inclusive_to_the_second),
		cmocka_unit_test(purposes_decide_what_it_signs),
		cmocka_unit_test(weak_keys_and_digests_are_refused_t_cry_06),
		cmocka_unit_test(every_good_kind_of_key_is_accepted),
		cmocka_unit_test(explicit_curve_parameters_are_refused),
		cmocka_unit_test(the_cache_gives_what_was_put_in_and_checks_it),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
