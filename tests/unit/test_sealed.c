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
#include "crypto/key.h"
#include "crypto/sealed.h"
#include "harness/pki.h"

static const char secret[] = "{\"format\":\"yizhan-key-1\",\"key\":\"00\"}";

static struct pki pki;
static struct pki_holder recipients[3]; /* RSA, P-256, P-384 */

static int
set_up(void **state)
{
	static const enum cert_key kinds[] = { CERT_KEY_RSA, CERT_KEY_P256,
		CERT_KEY_P384 };

	(void)state;
	pki_new(&pki);
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		recipients[i] =
		    pki_issue(&pki, ISSUE_SEAL, kinds[i], "recipient");
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(recipients); i++)
		pki_holder_free(&recipients[i]);
	pki_free(&pki);
	return 0;
}

static struct bytes
made_for(const struct pki_holder *holder)
{
	struct bytes der = { 0 };
	struct error err = { 0 };

	if (sealed_make(holder->cert, secret, strlen(secret), &der, &err) < 0)
		fail_msg("%s", err.text);
	return der;
}

/* All three steps; -1 if one fails, and then `plain` must be empty. */
static int
open_all(const struct key *key, const void *der, size_t len,
    struct bytes *plain, struct error *err)
{
	struct sealed_fields fields;
	struct secret_key cek;
	int rc = -1;

	if (sealed_parse(der, len, &fields, err) == 0 &&
	    sealed_unwrap(key, &fields, &cek, err) == 0)
		rc = sealed_open(&cek, &fields, plain, err);
	if (rc < 0)
		assert_int_equal(plain->len, 0);
	return rc;
}

static void
the_recipient_opens_its_key_part(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(recipients); i++) {
		struct bytes der = made_for(&recipients[i]);
		struct bytes plain = { 0 };
		struct sealed_fields fields;
		struct error err = { 0 };

		if (open_all(recipients[i].key, der.data, der.len, &plain,
			&err) < 0)
			fail_msg("%s", err.text);
		assert_int_equal(plain.len, strlen(secret));
		assert_memory_equal(plain.data, secret, plain.len);
		assert_int_equal(sealed_parse(der.data, der.len, &fields, &err),
		    0);
		assert_int_equal(fields.key_id_len,
		    cert_info(recipients[i].cert)->key_id_len);
		assert_memory_equal(fields.key_id,
		    cert_info(recipients[i].cert)->key_id, fields.key_id_len);
		bytes_free(&der);
		bytes_free(&plain);
	}
}

static void
nobody_else_opens_it(void **state)
{
	struct pki_holder thief =
	    pki_issue(&pki, ISSUE_SEAL, CERT_KEY_P256, "thief");
	struct bytes der = made_for(&recipients[1]);
	struct bytes plain = { 0 };
	struct error err = { 0 };

	(void)state;
	assert_int_equal(open_all(thief.key, der.data, der.len, &plain, &err),
	    -1);
	assert_string_equal(err.id, "E3022");
	assert_int_equal(open_all(recipients[0].key, der.data, der.len, &plain,
			     &err),
	    -1);
	assert_string_equal(err.id, "E3022");
	bytes_free(&der);
	pki_holder_free(&thief);
}

static void
no_byte_can_be_flipped_t_cry_01(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct bytes der = made_for(&recipients[i]);
		struct sealed_fields fields;
		struct error err = { 0 };
		size_t id_at = 0;

		assert_int_equal(sealed_parse(der.data, der.len, &fields, &err),
		    0);
		while (memcmp(der.data + id_at, fields.key_id,
			   fields.key_id_len) != 0)
			id_at++;
		for (size_t at = 0; at < der.len; at++) {
			struct bytes plain = { 0 };

			/* The name of the key only says whose it is; nothing
			 * is decided by it. */
			if (at >= id_at && at < id_at + fields.key_id_len)
				continue;
			der.data[at] ^= 0x01;
			assert_int_equal(open_all(recipients[i].key, der.data,
					     der.len, &plain, &err),
			    -1);
			der.data[at] ^= 0x01;
			bytes_free(&plain);
		}
		bytes_free(&der);
	}
}

static void
no_byte_can_be_cut_or_added(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct bytes der = made_for(&recipients[i]);
		struct sealed_fields fields;
		struct error err = { 0 };

		for (size_t len = 0; len < der.len; len++)
			assert_int_equal(sealed_parse(der.data, len, &fields,
					     &err),
			    -1);
		bytes_put_u8(&der, 0);
		assert_int_equal(sealed_parse(der.data, der.len, &fields, &err),
		    -1);
		bytes_free(&der);
	}
}

static void
keys_and_nonces_are_fresh_t_cry_09(void **state)
{
	enum { COUNT = 1000 };
	static struct sealed_fields all[COUNT];

	(void)state;
	for (size_t i = 0; i < COUNT; i++) {
		struct bytes der = made_for(&recipients[1]);
		struct error err = { 0 };

		assert_int_equal(sealed_parse(der.data, der.len, &all[i], &err),
		    0);
		bytes_free(&der);
		for (size_t j = 0; j < i; j++) {
			assert_true(memcmp(all[i].nonce, all[j].nonce,
					SEALED_NONCE_LEN) != 0);
			assert_true(memcmp(all[i].point, all[j].point,
					all[i].point_len) != 0);
			assert_true(memcmp(all[i].wrapped, all[j].wrapped,
					all[i].wrapped_len) != 0);
		}
	}
}

/* What the library makes for recipient `to`, with parameters of choice. */
static struct bytes
made_by_library(size_t to, const EVP_CIPHER *cipher, unsigned flags,
    int padding, const EVP_MD *md, bool twice)
{
	CMS_ContentInfo *info;
	CMS_RecipientInfo *recipient;
	EVP_PKEY_CTX *ctx;
	BIO *in = BIO_new_mem_buf(secret, (int)strlen(secret));
	unsigned char *der = NULL;
	struct bytes out = { 0 };
	int len;

	info = EVP_CIPHER_get_flags(cipher) & EVP_CIPH_FLAG_AEAD_CIPHER
	    ? CMS_AuthEnvelopedData_create(cipher)
	    : CMS_EnvelopedData_create(cipher);
	CMS_set_detached(info, 0);
	for (int i = 0; i < (twice ? 2 : 1); i++) {
		recipient = CMS_add1_recipient_cert(info,
		    cert_x509(recipients[to].cert), flags | CMS_KEY_PARAM);
		assert_non_null(recipient);
		ctx = CMS_RecipientInfo_get0_pkey_ctx(recipient);
		if (to == 0) {
			EVP_PKEY_CTX_set_rsa_padding(ctx, padding);
			if (padding == RSA_PKCS1_OAEP_PADDING)
				EVP_PKEY_CTX_set_rsa_oaep_md(ctx, md);
		} else {
			EVP_PKEY_CTX_set_ecdh_kdf_md(ctx, md);
		}
	}
	assert_int_equal(CMS_final(info, in, NULL, CMS_BINARY), 1);
	len = i2d_CMS_ContentInfo(info, &der);
	assert_true(len > 0);
	bytes_put(&out, der, (size_t)len);
	OPENSSL_free(der);
	CMS_ContentInfo_free(info);
	BIO_free(in);
	return out;
}

static void
refused(struct bytes der, const char *id)
{
	struct sealed_fields fields;
	struct error err = { 0 };

	assert_int_equal(sealed_parse(der.data, der.len, &fields, &err), -1);
	if (strcmp(err.id, id) != 0)
		fail_msg("%s %s, expected %s", err.id, err.text, id);
	bytes_free(&der);
}

static void
what_stock_tools_make_in_the_profile_is_opened(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(recipients); i++) {
		struct bytes plain = { 0 };
		struct error err = { 0 };
		struct bytes der = made_by_library(i, EVP_aes_256_gcm(),
		    CMS_USE_KEYID, RSA_PKCS1_OAEP_PADDING, EVP_sha256(), false);

		if (open_all(recipients[i].key, der.data, der.len, &plain,
			&err) < 0)
			fail_msg("%zu: %s", i, err.text);
		assert_memory_equal(plain.data, secret, strlen(secret));
		bytes_free(&der);
		bytes_free(&plain);
	}
}

static void
enveloped_data_is_refused_t_cry_02(void **state)
{
	(void)state;
	refused(made_by_library(0, EVP_aes_256_cbc(), CMS_USE_KEYID,
		    RSA_PKCS1_OAEP_PADDING, EVP_sha256(), false),
	    "E3021");
	refused(made_by_library(1, EVP_aes_256_cbc(), CMS_USE_KEYID, 0,
		    EVP_sha256(), false),
	    "E3021");
}

static void
pkcs1_key_transport_is_refused_t_cry_03(void **state)
{
	(void)state;
	refused(made_by_library(0, EVP_aes_256_gcm(), CMS_USE_KEYID,
		    RSA_PKCS1_PADDING, NULL, false),
	    "E3021");
}

static void
sha1_is_refused_in_oaep_and_in_key_derivation_t_cry_06(void **state)
{
	(void)state;
	refused(made_by_library(0, EVP_aes_256_gcm(), CMS_USE_KEYID,
		    RSA_PKCS1_OAEP_PADDING, EVP_sha1(), false),
	    "E3021");
	refused(made_by_library(1, EVP_aes_256_gcm(), CMS_USE_KEYID, 0,
		    EVP_sha1(), false),
	    "E3021");
}

static void
short_content_keys_are_refused_t_cry_02(void **state)
{
	(void)state;
	refused(made_by_library(0, EVP_aes_128_gcm(), CMS_USE_KEYID,
		    RSA_PKCS1_OAEP_PADDING, EVP_sha256(), false),
	    "E3021");
}

static void
several_recipients_and_other_names_are_refused(void **state)
{
	(void)state;
	refused(made_by_library(0, EVP_aes_256_gcm(), CMS_USE_KEYID,
		    RSA_PKCS1_OAEP_PADDING, EVP_sha256(), true),
	    "E3021");
	refused(made_by_library(1, EVP_aes_256_gcm(), CMS_USE_KEYID, 0,
		    EVP_sha256(), true),
	    "E3021");
	refused(made_by_library(0, EVP_aes_256_gcm(), 0, RSA_PKCS1_OAEP_PADDING,
		    EVP_sha256(), false),
	    "E3021");
	refused(made_by_library(1, EVP_aes_256_gcm(), 0, 0, EVP_sha256(),
		    false),
	    "E3021");
}

static void
password_recipients_are_refused(void **state)
{
	BIO *in = BIO_new_mem_buf(secret, (int)strlen(secret));
	CMS_ContentInfo *info = CMS_AuthEnvelopedData_create(EVP_aes_256_gcm());
	unsigned char *der = NULL;
	unsigned char *password = (unsigned char *)OPENSSL_strdup("password");
	struct bytes out = { 0 };
	int len;

	(void)state;
	assert_non_null(CMS_add0_recipient_password(info, -1, NID_undef,
	    NID_undef, password, 8, EVP_aes_256_cbc()));
	assert_int_equal(CMS_final(info, in, NULL, CMS_BINARY), 1);
	len = i2d_CMS_ContentInfo(info, &der);
	bytes_put(&out, der, (size_t)len);
	refused(out, "E3021");
	OPENSSL_free(der);
	CMS_ContentInfo_free(info);
	BIO_free(in);
}

static void
certificates_that_cannot_receive_get_nothing(void **state)
{
	struct issue_request request = pki_request(ISSUE_SEAL, "weak");
	struct pki_holder bad[] = {
		pki_issue(&pki, ISSUE_SIGN, CERT_KEY_P256, "signer"),
		pki_issue(&pki, ISSUE_SIGN, CERT_KEY_ED25519, "ed25519"),
		pki_issue_rsa(&pki.sub, &request, 1024, 65537),
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct bytes der = { 0 };
		struct error err = { 0 };

		assert_int_equal(sealed_make(bad[i].cert, "x", 1, &der, &err),
		    -1);
		assert_string_equal(err.id, i == 0 ? "E3711" : "E3002");
		bytes_free(&der);
		pki_holder_free(&bad[i]);
	}
}

static void
a_point_off_the_curve_is_refused(void **state)
{
	struct bytes der = made_for(&recipients[1]);
	struct sealed_fields fields;
	struct secret_key cek;
	struct error err = { 0 };

	(void)state;
	assert_int_equal(sealed_parse(der.data, der.len, &fields, &err), 0);
	memset(fields.point + 1, 1, fields.point_len - 1);
	assert_int_equal(sealed_unwrap(recipients[1].key, &fields, &cek, &err),
	    -1);
	assert_string_equal(err.id, "E3022");
	bytes_free(&der);
}

static void
fields_with_wild_lengths_are_refused(void **state)
{
	struct bytes der = made_for(&recipients[0]);
	struct sealed_fields fields;
	struct secret_key cek;
	struct error err = { 0 };

	(void)state;
	assert_int_equal(sealed_parse(der.data, der.len, &fields, &err), 0);
	fields.wrapped_len = SIZE_MAX;
	assert_int_equal(sealed_unwrap(recipients[0].key, &fields, &cek, &err),
	    -1);
	bytes_free(&der);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_recipient_opens_its_key_part),
		cmocka_unit_test(nobody_else_opens_it),
		cmocka_unit_test(no_byte_can_be_flipped_t_cry_01),
		cmocka_unit_test(no_byte_can_be_cut_or_added),
		cmocka_unit_test(keys_and_nonces_are_fresh_t_cry_09),
		cmocka_unit_test(
		    what_stock_tools_make_in_the_profile_is_opened),
		cmocka_unit_test(enveloped_data_is_refused_t_cry_02),
		cmocka_unit_test(pkcs1_key_transport_is_refused_t_cry_03),
		cmocka_unit_test(
		    sha1_is_refused_in_oaep_and_in_key_derivation_t_cry_06),
		cmocka_unit_test(short_content_keys_are_refused_t_cry_02),
		cmocka_unit_test(
		    several_recipients_and_other_names_are_refused),
		cmocka_unit_test(password_recipients_are_refused),
		cmocka_unit_test(certificates_that_cannot_receive_get_nothing),
		cmocka_unit_test(a_point_off_the_curve_is_refused),
		cmocka_unit_test(fields_with_wild_lengths_are_refused),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
