#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/error.h"
#include "crypto/key.h"
#include "crypto/sha256.h"
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

static const enum cert_key kinds[] = { CERT_KEY_RSA, CERT_KEY_P256,
	CERT_KEY_P384, CERT_KEY_ED25519 };

static void
a_key_is_read_back_from_pem(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		struct pki_holder holder =
		    pki_issue(&pki, ISSUE_SIGN, kinds[i], "key");
		struct bytes pem = { 0 };
		struct key *back;
		struct error err = { 0 };

		assert_int_equal(key_put_pem(holder.key, &pem, &err), 0);
		if (key_parse(pem.data, pem.len, &back, &err) < 0)
			fail_msg("%s", err.text);
		assert_int_equal(key_kind(back), kinds[i]);
		assert_true(key_matches(back, holder.cert));
		assert_false(key_matches(back, pki.root.cert));
		key_free(back);
		bytes_wipe(&pem);
		pki_holder_free(&holder);
	}
}

static void
what_is_no_key_is_refused(void **state)
{
	struct key *key;
	struct error err = { 0 };

	(void)state;
	assert_int_equal(key_parse("nothing", 7, &key, &err), -1);
	assert_int_equal(err.code, ERROR_MALFORMED);
	assert_int_equal(key_parse("", 0, &key, &err), -1);
}

static void
a_signature_holds_for_its_data_only(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		struct pki_holder holder =
		    pki_issue(&pki, ISSUE_SIGN, kinds[i], "key");
		struct bytes signature = { 0 };
		struct error err = { 0 };

		assert_int_equal(key_sign(holder.key, "data", 4, &signature,
				     &err),
		    0);
		assert_int_equal(key_verify(holder.cert, KEY_SCHEME_PLAIN,
				     "data", 4, signature.data, signature.len,
				     &err),
		    0);
		assert_int_equal(key_verify(holder.cert, KEY_SCHEME_PLAIN,
				     "date", 4, signature.data, signature.len,
				     &err),
		    -1);
		assert_string_equal(err.id, "E3005");
		assert_int_equal(key_verify(pki.root.cert, KEY_SCHEME_PLAIN,
				     "data", 4, signature.data, signature.len,
				     &err),
		    -1);
		assert_int_equal(key_verify(holder.cert, KEY_SCHEME_PSS, "data",
				     4, signature.data, signature.len, &err),
		    -1);
		bytes_free(&signature);
		pki_holder_free(&holder);
	}
}

static void
signing_a_digest_is_signing_the_data(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		struct pki_holder holder =
		    pki_issue(&pki, ISSUE_SIGN, kinds[i], "key");
		struct bytes signature = { 0 };
		struct digest digest;
		struct error err = { 0 };
		int rc;

		sha256("data", 4, &digest);
		rc = key_sign_digest(holder.key, &digest, &signature, &err);
		assert_int_equal(rc, kinds[i] == CERT_KEY_ED25519 ? -1 : 0);
		if (rc == 0)
			assert_int_equal(key_verify(holder.cert,
					     KEY_SCHEME_PLAIN, "data", 4,
					     signature.data, signature.len,
					     &err),
			    0);
		bytes_free(&signature);
		pki_holder_free(&holder);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_is_read_back_from_pem),
		cmocka_unit_test(what_is_no_key_is_refused),
		cmocka_unit_test(a_signature_holds_for_its_data_only),
		cmocka_unit_test(signing_a_digest_is_signing_the_data),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
