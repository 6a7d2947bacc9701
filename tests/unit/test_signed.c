#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/cms.h>
#include <openssl/rsa.h>

#include "base/bytes.h"
#include "base/error.h"
#include "crypto/cert_cache.h"
#include "crypto/key.h"
#include "crypto/sha256.h"
#include "crypto/signed.h"
#include "harness/pki.h"

static const char content[] = "{\"format\":\"yizhan-waybill-1\"}";

static struct pki pki;
static struct pki_holder module;
static struct pki_holder other;
static struct cert_cache *cache;

static int
set_up(void **state)
{
	struct error err = { 0 };

	(void)state;
	pki_new(&pki);
	module = pki_issue(&pki, ISSUE_SIGN, CERT_KEY_P256, "module");
	other = pki_issue(&pki, ISSUE_SIGN, CERT_KEY_P256, "other");
	return cert_cache_new(64, &cache, &err);
}

static int
tear_down(void **state)
{
	(void)state;
	cert_cache_free(cache);
	pki_holder_free(&module);
	pki_holder_free(&other);
	pki_free(&pki);
	return 0;
}

static struct bytes
made_by(const struct pki_holder *holder)
{
	struct signer signer = signer_of(holder->cert, holder->key);
	struct bytes cms = { 0 };
	struct error err = { 0 };

	if (signed_make(&signer, 1, content, strlen(content), pki_now, &cms,
		&err) < 0)
		fail_msg("%s", err.text);
	return cms;
}

/* What the library itself makes, as stock tools do. */
static struct bytes
made_by_library(unsigned flags, unsigned signer_flags, bool second,
    const EVP_MD *md)
{
	BIO *in = BIO_new_mem_buf(content, (int)strlen(content));
	CMS_ContentInfo *info =
	    CMS_sign(NULL, NULL, NULL, in, flags | CMS_PARTIAL | CMS_BINARY);
	unsigned char *der = NULL;
	struct bytes cms = { 0 };
	int len;

	assert_non_null(CMS_add1_signer(info, cert_x509(module.cert),
	    key_pkey(module.key), md, signer_flags));
	if (second)
		assert_non_null(CMS_add1_signer(info, cert_x509(other.cert),
		    key_pkey(other.key), md, signer_flags));
	assert_int_equal(CMS_final(info, in, NULL, flags | CMS_BINARY), 1);
	len = i2d_CMS_ContentInfo(info, &der);
	assert_true(len > 0);
	bytes_put(&cms, der, (size_t)len);
	OPENSSL_free(der);
	CMS_ContentInfo_free(info);
	BIO_free(in);
	return cms;
}

/* Refused with one of two ids; frees `cms`. */
static void
refused(struct bytes cms, const char *id)
{
	struct signed_object object;
	struct error err = { 0 };

	assert_int_equal(signed_verify(cache, cms.data, cms.len, 1, &object,
			     &err),
	    -1);
	if (strcmp(err.id, id) != 0)
		fail_msg("%s %s, expected %s", err.id, err.text, id);
	bytes_free(&cms);
}

static void
what_was_signed_is_verified_with_every_kind_of_key(void **state)
{
	static const enum cert_key kinds[] = { CERT_KEY_RSA, CERT_KEY_P256,
		CERT_KEY_P384, CERT_KEY_ED25519 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		struct pki_holder holder =
		    pki_issue(&pki, ISSUE_SIGN, kinds[i], "signer");
		struct bytes cms = made_by(&holder);
		struct signed_object object;
		struct error err = { 0 };
		size_t der_len;
		const uint8_t *der = cert_der(holder.cert, &der_len);

		if (signed_verify(cache, cms.data, cms.len, 1, &object, &err) <
		    0)
			fail_msg("%s", err.text);
		assert_int_equal(object.count, 1);
		assert_int_equal(object.content_len, strlen(content));
		assert_memory_equal(object.content, content,
		    object.content_len);
		assert_true(digest_equal(&object.by[0].fingerprint,
		    cert_fingerprint(holder.cert)));
		assert_int_equal(object.by[0].cert_len, der_len);
		assert_memory_equal(object.by[0].cert, der, der_len);
		assert_int_equal(object.by[0].signed_at, pki_now / 1000 * 1000);
		bytes_free(&cms);
		pki_holder_free(&holder);
	}
}

static void
signing_times_change_their_form_in_2050(void **state)
{
	static const int64_t times[] = { 2524607999000, 2524608000000,
		4102444799000 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(times); i++) {
		struct signer signer = signer_of(module.cert, module.key);
		struct bytes cms = { 0 };
		struct signed_object object;
		struct error err = { 0 };

		assert_int_equal(signed_make(&signer, 1, content, 5, times[i],
				     &cms, &err),
		    0);
		assert_int_equal(signed_verify(cache, cms.data, cms.len, 1,
				     &object, &err),
		    0);
		assert_int_equal(object.by[0].signed_at, times[i]);
		bytes_free(&cms);
	}
}

static void
a_detached_signature_holds_for_its_content(void **state)
{
	struct signer signer = signer_of(module.cert, module.key);
	struct signed_object object;
	struct bytes cms = { 0 };
	struct digest digest;
	struct error err = { 0 };

	(void)state;
	sha256(content, strlen(content), &digest);
	assert_int_equal(signed_make_detached(&signer, 1, &digest, pki_now,
			     &cms, &err),
	    0);

	assert_int_equal(signed_verify_detached(cache, cms.data, cms.len,
			     &digest, 1, &object, &err),
	    0);
	assert_null(object.content);
	digest.bytes[0] ^= 1;
	assert_int_equal(signed_verify_detached(cache, cms.data, cms.len,
			     &digest, 1, &object, &err),
	    -1);
	assert_string_equal(err.id, "E3005");
	refused(cms, "E3010");
}

static void
content_inside_is_not_taken_for_detached(void **state)
{
	struct bytes cms = made_by(&module);
	struct signed_object object;
	struct digest digest;
	struct error err = { 0 };

	(void)state;
	sha256(content, strlen(content), &digest);
	assert_int_equal(signed_verify_detached(cache, cms.data, cms.len,
			     &digest, 1, &object, &err),
	    -1);
	bytes_free(&cms);
}

static void
stock_cades_signatures_are_accepted(void **state)
{
	struct bytes cms;
	struct signed_object object;
	struct error err = { 0 };

	(void)state;
	cms = made_by_library(0, CMS_CADES, false, EVP_sha256());
	if (signed_verify(cache, cms.data, cms.len, 1, &object, &err) < 0)
		fail_msg("%s", err.text);
	bytes_free(&cms);
}

static void
stock_pss_signatures_are_accepted(void **state)
{
	struct pki_holder rsa =
	    pki_issue(&pki, ISSUE_SIGN, CERT_KEY_RSA, "rsa");
	BIO *in = BIO_new_mem_buf(content, (int)strlen(content));
	CMS_ContentInfo *info =
	    CMS_sign(NULL, NULL, NULL, in, CMS_PARTIAL | CMS_BINARY);
	CMS_SignerInfo *signer;
	EVP_PKEY_CTX *ctx;
	unsigned char *der = NULL;
	struct signed_object object;
	struct error err = { 0 };
	int len;

	(void)state;
	signer = CMS_add1_signer(info, cert_x509(rsa.cert), key_pkey(rsa.key),
	    EVP_sha256(), CMS_CADES | CMS_KEY_PARAM);
	ctx = CMS_SignerInfo_get0_pkey_ctx(signer);
	EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING);
	EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, 32);
	assert_int_equal(CMS_final(info, in, NULL, CMS_BINARY), 1);
	len = i2d_CMS_ContentInfo(info, &der);
	if (signed_verify(cache, der, (size_t)len, 1, &object, &err) < 0)
		fail_msg("%s", err.text);
	OPENSSL_free(der);
	CMS_ContentInfo_free(info);
	BIO_free(in);
	pki_holder_free(&rsa);
}

static void
a_second_signature_is_refused_t_cry_05(void **state)
{
	struct signer signers[] = { signer_of(module.cert, module.key),
		signer_of(other.cert, other.key) };
	struct signed_object object;
	struct bytes cms = { 0 };
	struct error err = { 0 };

	(void)state;
	refused(made_by_library(0, CMS_CADES, true, EVP_sha256()), "E3011");
	assert_int_equal(signed_make(signers, 2, content, strlen(content),
			     pki_now, &cms, &err),
	    0);
	if (signed_verify(cache, cms.data, cms.len, 2, &object, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(object.count, 2);
	refused(cms, "E3011");
}

static void
the_same_signer_does_not_count_twice(void **state)
{
	struct signer signers[] = { signer_of(module.cert, module.key),
		signer_of(module.cert, module.key) };
	struct bytes cms = { 0 };
	struct error err = { 0 };

	(void)state;
	assert_int_equal(signed_make(signers, 2, content, strlen(content),
			     pki_now, &cms, &err),
	    -1);
	bytes_free(&cms);
}

static void
a_stripped_signature_is_refused_t_cry_05(void **state)
{
	BIO *in = BIO_new_mem_buf(content, (int)strlen(content));
	CMS_ContentInfo *info = CMS_data_create(in, CMS_BINARY);
	CMS_ContentInfo *empty;
	unsigned char *der = NULL;
	struct bytes cms = { 0 };
	int len = i2d_CMS_ContentInfo(info, &der);

	(void)state;
	bytes_put(&cms, der, (size_t)len);
	refused(cms, "E3010");
	OPENSSL_free(der);
	CMS_ContentInfo_free(info);
	BIO_free(in);

	/* SignedData with certificate and content, but without SignerInfo. */
	in = BIO_new_mem_buf(content, (int)strlen(content));
	empty = CMS_sign(NULL, NULL, NULL, in, CMS_PARTIAL | CMS_BINARY);
	CMS_add1_cert(empty, cert_x509(module.cert));
	CMS_final(empty, in, NULL, CMS_BINARY);
	der = NULL;
	len = i2d_CMS_ContentInfo(empty, &der);
	cms = (struct bytes){ 0 };
	bytes_put(&cms, der, (size_t)len);
	refused(cms, "E3010"); /* no digest algorithm either */
	OPENSSL_free(der);
	CMS_ContentInfo_free(empty);
	BIO_free(in);
}

static void
missing_attributes_are_refused_t_cry_05(void **state)
{
	(void)state;
	/* Without signing-certificate-v2, then without any attribute. */
	refused(made_by_library(0, 0, false, EVP_sha256()), "E3012");
	refused(made_by_library(0, CMS_NOATTR, false, EVP_sha256()), "E3010");
}

static void
sha1_and_key_identifiers_are_refused_t_cry_06(void **state)
{
	(void)state;
	refused(made_by_library(0, CMS_CADES, false, EVP_sha1()), "E3010");
	refused(made_by_library(0, CMS_CADES, false, EVP_sha512()), "E3010");
	refused(made_by_library(0, CMS_CADES | CMS_USE_KEYID, false,
		    EVP_sha256()),
	    "E3010");
}

static void
a_foreign_certificate_inside_is_refused_t_cry_05(void **state)
{
	BIO *in = BIO_new_mem_buf(content, (int)strlen(content));
	CMS_ContentInfo *info =
	    CMS_sign(NULL, NULL, NULL, in, CMS_PARTIAL | CMS_BINARY);
	unsigned char *der = NULL;
	struct bytes cms = { 0 };
	int len;

	(void)state;
	CMS_add1_signer(info, cert_x509(module.cert), key_pkey(module.key),
	    EVP_sha256(), CMS_CADES);
	CMS_add1_cert(info, cert_x509(other.cert));
	CMS_final(info, in, NULL, CMS_BINARY);
	len = i2d_CMS_ContentInfo(info, &der);
	bytes_put(&cms, der, (size_t)len);
	refused(cms, "E3011");
	OPENSSL_free(der);
	CMS_ContentInfo_free(info);
	BIO_free(in);
}

static void
weak_signers_are_refused_t_cry_06(void **state)
{
	struct issue_request request = pki_request(ISSUE_SIGN, "weak");
	struct pki_holder seal =
	    pki_issue(&pki, ISSUE_SEAL, CERT_KEY_P256, "seal");
	struct signer signer;
	struct pki_holder weak;
	struct bytes cms = { 0 };
	struct error err = { 0 };

	(void)state;
	request.digest = "SHA1";
	weak = pki_issue_as(&pki.sub, &request, CERT_KEY_P256);
	signer = signer_of(weak.cert, weak.key);
	assert_int_equal(signed_make(&signer, 1, content, 5, pki_now, &cms,
			     &err),
	    -1);
	assert_string_equal(err.id, "E3002");
	bytes_free(&cms);
	/* A certificate for opening key parts does not sign. */
	refused(made_by(&seal), "E3711");
	pki_holder_free(&weak);
	pki_holder_free(&seal);
}

static void
no_byte_can_be_changed_cut_or_added(void **state)
{
	struct bytes cms = made_by(&module);
	struct signed_object object;
	struct error err = { 0 };

	(void)state;
	for (size_t i = 0; i < cms.len; i++) {
		cms.data[i] ^= 0x01;
		assert_int_equal(signed_verify(cache, cms.data, cms.len, 1,
				     &object, &err),
		    -1);
		cms.data[i] ^= 0x01;
	}
	for (size_t len = 0; len < cms.len; len++)
		assert_int_equal(signed_verify(cache, cms.data, len, 1, &object,
				     &err),
		    -1);
	bytes_put_u8(&cms, 0);
	refused(cms, "E3010");
}

static int
sign_nothing(void *context, const void *data, size_t len,
    struct bytes *signature, struct error *err)
{
	(void)context;
	(void)data;
	(void)len;
	(void)signature;
	return error_set(err, ERROR_BUSY, "token is locked");
}

static void
a_locked_token_is_told_to_the_caller(void **state)
{
	struct signer signer = { .cert = module.cert, .sign = sign_nothing };
	struct bytes cms = { 0 };
	struct error err = { 0 };

	(void)state;
	assert_int_equal(signed_make(&signer, 1, content, 5, pki_now, &cms,
			     &err),
	    -1);
	assert_true(error_is_temporary(&err));
	bytes_free(&cms);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    what_was_signed_is_verified_with_every_kind_of_key),
		cmocka_unit_test(signing_times_change_their_form_in_2050),
		cmocka_unit_test(a_detached_signature_holds_for_its_content),
		cmocka_unit_test(content_inside_is_not_taken_for_detached),
		cmocka_unit_test(stock_cades_signatures_are_accepted),
		cmocka_unit_test(stock_pss_signatures_are_accepted),
		cmocka_unit_test(a_second_signature_is_refused_t_cry_05),
		cmocka_unit_test(the_same_signer_does_not_count_twice),
		cmocka_unit_test(a_stripped_signature_is_refused_t_cry_05),
		cmocka_unit_test(missing_attributes_are_refused_t_cry_05),
		cmocka_unit_test(sha1_and_key_identifiers_are_refused_t_cry_06),
		cmocka_unit_test(
		    a_foreign_certificate_inside_is_refused_t_cry_05),
		cmocka_unit_test(weak_signers_are_refused_t_cry_06),
		cmocka_unit_test(no_byte_can_be_changed_cut_or_added),
		cmocka_unit_test(a_locked_token_is_told_to_the_caller),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
