/*
 * Keys in a token (SoftHSM), used through a copy of this process.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/error.h"
#include "crypto/cert.h"
#include "crypto/key.h"
#include "crypto/sealed.h"
#include "crypto/secret.h"
#include "harness/pki.h"
#include "harness/token.h"
#include "token/token_keys.h"
#include "token/token_library.h"

enum { KEYS = 6, SIGN = 0, SEAL, LOG, OAEP, OTHER, BARE };

static const struct {
	const char *name;
	const char *id;
	enum issue_kind kind;
	enum cert_key key;
} wanted[KEYS] = {
	[SIGN] = { "sign", "01", ISSUE_SIGN, CERT_KEY_RSA },
	[SEAL] = { "seal", "02", ISSUE_SEAL, CERT_KEY_P256 },
	[LOG] = { "log", "03", ISSUE_SIGN, CERT_KEY_ED25519 },
	[OAEP] = { "oaep", "04", ISSUE_SEAL, CERT_KEY_RSA },
	[OTHER] = { "other", "05", ISSUE_SIGN, CERT_KEY_P256 },
	[BARE] = { "bare", "06", ISSUE_SIGN, CERT_KEY_P256 },
};

static struct pki pki;
static struct pki_holder holders[KEYS];
static struct token_folder folder;

static int
set_up(void **state)
{
	(void)state;
	pki_new(&pki);
	token_folder_make(&folder);
	for (size_t i = 0; i < KEYS; i++) {
		holders[i] = pki_issue(&pki, wanted[i].kind, wanted[i].key,
		    wanted[i].name);
		token_folder_add_key(&folder, wanted[i].name, wanted[i].id,
		    holders[i].key);
	}
	for (size_t i = 0; i < OTHER; i++)
		token_folder_add_cert(&folder, wanted[i].name, wanted[i].id,
		    holders[i].cert);
	/* Beside this key lies a certificate of another one. */
	token_folder_add_cert(&folder, "other", "05", holders[BARE].cert);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	for (size_t i = 0; i < KEYS; i++)
		pki_holder_free(&holders[i]);
	pki_free(&pki);
	token_folder_remove(&folder);
	return 0;
}

/* Keys by their URIs. */
static struct token_keys *
start(const char *const *names, size_t count)
{
	struct token_place places[KEYS];
	struct token_keys *keys = NULL;
	struct error err = { 0 };

	for (size_t i = 0; i < count; i++)
		assert_int_equal(token_place_read(token_folder_uri(&folder,
						      names[i]),
				     &places[i], &err),
		    0);
	assert_string_equal(places[0].pin, "123456");
	if (token_keys_start(places, count, "", &keys, &err) < 0)
		fail_msg("%s", err.text);
	/* It is in the copy alone. */
	for (size_t i = 0; i < sizeof(places[0].pin); i++)
		assert_int_equal(places[0].pin[i], 0);
	return keys;
}

static void
open_one(struct token_keys *keys, size_t at, struct key **key,
    struct cert **cert)
{
	struct error err = { 0 };

	if (token_keys_open(keys, at, key, cert, &err) < 0)
		fail_msg("%s %s", err.id, err.text);
}

static void
assert_signs(const struct key *key, const struct cert *cert)
{
	struct bytes signature = { 0 };
	struct error err = { 0 };

	if (key_sign(key, "letter", 6, &signature, &err) < 0)
		fail_msg("%s %s", err.id, err.text);
	assert_int_equal(key_verify(cert, KEY_SCHEME_PLAIN, "letter", 6,
			     signature.data, signature.len, &err),
	    0);
	assert_int_equal(key_verify(cert, KEY_SCHEME_PLAIN, "Letter", 6,
			     signature.data, signature.len, &err),
	    -1);
	bytes_free(&signature);
}

/* R5.1.6: every kind of signature that a host makes, with its certificate. */
static void
a_key_in_a_token_signs(void **unused)
{
	static const char *const names[] = { "sign", "seal", "log" };
	struct token_keys *keys = start(names, 3);

	(void)unused;
	for (size_t i = 0; i < 3; i++) {
		struct key *key = NULL;
		struct cert *cert = NULL;

		open_one(keys, i, &key, &cert);
		assert_true(digest_equal(cert_fingerprint(cert),
		    cert_fingerprint(holders[i].cert)));
		assert_true(key_matches(key, cert));
		for (int again = 0; again < 3; again++)
			assert_signs(key, cert);
		key_free(key);
		cert_free(cert);
	}
	token_keys_stop(keys);
}

static int
unwrap(const struct key *key, const struct cert *cert, struct bytes *plain,
    struct error *err)
{
	struct sealed_fields fields;
	struct secret_key secret = { { 0 } };
	struct bytes sealed = { 0 };
	int rc = -1;

	assert_int_equal(sealed_make(cert, "for you", 7, &sealed, err), 0);
	assert_int_equal(sealed_parse(sealed.data, sealed.len, &fields, err),
	    0);
	if (sealed_unwrap(key, &fields, &secret, err) == 0)
		rc = sealed_open(&secret, &fields, plain, err);
	/* A key part for nobody is not opened. */
	if (rc == 0) {
		fields.wrapped[0] ^= 1;
		assert_int_equal(sealed_unwrap(key, &fields, &secret, err), -1);
	}
	bytes_free(&sealed);
	return rc;
}

static void
a_key_in_a_token_opens_what_was_sealed_for_it(void **unused)
{
	static const char *const names[] = { "seal", "oaep" };
	struct token_keys *keys = start(names, 2);
	struct bytes plain = { 0 };
	struct error err = { 0 };

	(void)unused;
	for (size_t i = 0; i < 2; i++) {
		struct key *key = NULL;
		struct cert *cert = NULL;

		open_one(keys, i, &key, &cert);
		bytes_clear(&plain);
		if (unwrap(key, cert, &plain, &err) == 0) {
			assert_int_equal(plain.len, 7);
			assert_memory_equal(plain.data, "for you", 7);
		} else {
			/* SoftHSM 2.6 knows OAEP with SHA-1 alone. */
			assert_int_equal(i, 1);
			assert_string_equal(err.id, "E3734");
		}
		key_free(key);
		cert_free(cert);
	}
	bytes_free(&plain);
	token_keys_stop(keys);
}

/* For who only looks: what a wrong PIN would cost is not risked. */
static void
a_certificate_is_seen_without_the_pin(void **unused)
{
	struct cert *cert = NULL;
	struct error err = { 0 };
	char uri[1024];

	(void)unused;
	snprintf(uri, sizeof(uri),
	    "pkcs11:token=yizhan;object=seal?module-path=%s&pin-source=/nowhere",
	    token_library_path);
	if (token_look(uri, &cert, &err) < 0)
		fail_msg("%s %s", err.id, err.text);
	assert_true(digest_equal(cert_fingerprint(cert),
	    cert_fingerprint(holders[SEAL].cert)));
	cert_free(cert);
	assert_int_equal(token_look(token_folder_uri(&folder, "bare"), &cert,
			     &err),
	    -1);
	assert_string_equal(err.id, "E3733");
}

static void
assert_refused(const char *uri, const char *id)
{
	struct token_place place;
	struct token_keys *keys = NULL;
	struct key *key = NULL;
	struct cert *cert = NULL;
	struct error err = { 0 };

	assert_int_equal(token_place_read(uri, &place, &err), 0);
	assert_int_equal(token_keys_start(&place, 1, "", &keys, &err), 0);
	assert_int_equal(token_keys_open(keys, 0, &key, &cert, &err), -1);
	assert_string_equal(err.id, id);
	token_keys_stop(keys);
}

static void
what_is_not_there_is_told_apart(void **unused)
{
	char uri[1024];

	(void)unused;
	assert_refused(token_folder_uri(&folder, "nobody"), "E3733");
	/* No certificate stands beside it. */
	assert_refused(token_folder_uri(&folder, "bare"), "E3733");
	snprintf(uri, sizeof(uri),
	    "pkcs11:token=elsewhere;object=sign?module-path=%s&pin-source=%s",
	    token_library_path, folder.pin_path);
	assert_refused(uri, "E3731");
	snprintf(uri, sizeof(uri),
	    "pkcs11:token=yizhan;object=sign?module-path=/bin/true"
	    "&pin-source=%s",
	    folder.pin_path);
	assert_refused(uri, "E3733");
}

/* A token locks itself after a few: of two keys only the first one is tried. */
static void
a_wrong_pin_is_tried_once(void **unused)
{
	static const char *const names[] = { "sign", "seal" };
	struct token_place places[2];
	struct token_keys *keys = NULL;
	struct key *key = NULL;
	struct cert *cert = NULL;
	struct error err = { 0 };

	(void)unused;
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(token_place_read(token_folder_uri(&folder,
						      names[i]),
				     &places[i], &err),
		    0);
		snprintf(places[i].pin, sizeof(places[i].pin),
		    i == 0 ? "654321" : "123456");
	}
	assert_int_equal(token_keys_start(places, 2, "", &keys, &err), 0);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(token_keys_open(keys, i % 2, &key, &cert,
				     &err),
		    -1);
		assert_string_equal(err.id, "E3732");
	}
	token_keys_stop(keys);
}

/* A token that lies, or fails: its signature never leaves the module. */
static void
a_signature_that_does_not_hold_is_not_given(void **unused)
{
	static const char *const names[] = { "other" };
	struct token_keys *keys = start(names, 1);
	struct key *key = NULL;
	struct cert *cert = NULL;
	struct bytes signature = { 0 };
	struct error err = { 0 };

	(void)unused;
	open_one(keys, 0, &key, &cert);
	assert_int_equal(key_sign(key, "letter", 6, &signature, &err), -1);
	assert_string_equal(err.id, "E3734");
	assert_int_equal(signature.len, 0);
	key_free(key);
	cert_free(cert);
	token_keys_stop(keys);
}

static void
a_token_that_was_pulled_out_works_again_when_it_is_back(void **unused)
{
	static const char *const names[] = { "sign" };
	static const struct timespec moment = { .tv_nsec = 10 * 1000 * 1000 };
	struct token_keys *keys = start(names, 1);
	struct key *key = NULL;
	struct cert *cert = NULL;
	struct bytes signature = { 0 };
	struct error err = { 0 };
	int tries = 0;

	(void)unused;
	open_one(keys, 0, &key, &cert);
	assert_signs(key, cert);
	token_folder_pull(&folder);
	assert_int_equal(key_sign(key, "letter", 6, &signature, &err), -1);
	assert_string_equal(err.id, "E3731");
	assert_int_equal(err.code, ERROR_BUSY);
	token_folder_put_back(&folder);
	while (key_sign(key, "letter", 6, &signature, &err) < 0) {
		assert_string_equal(err.id, "E3731");
		assert_true(tries++ < 500);
		nanosleep(&moment, NULL);
	}
	assert_signs(key, cert);
	bytes_free(&signature);
	key_free(key);
	cert_free(cert);
	token_keys_stop(keys);
}

static void
a_pin_that_others_may_read_is_refused(void **unused)
{
	struct token_place place;
	struct error err = { 0 };
	const char *uri = token_folder_uri(&folder, "sign");

	(void)unused;
	assert_int_equal(chmod(folder.pin_path, 0644), 0);
	assert_int_equal(token_place_read(uri, &place, &err), -1);
	assert_string_equal(err.id, "E3304");
	assert_int_equal(chmod(folder.pin_path, 0600), 0);
	assert_int_equal(truncate(folder.pin_path, 0), 0);
	assert_int_equal(token_place_read(uri, &place, &err), -1);
	assert_string_equal(err.id, "E3730");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_in_a_token_signs),
		cmocka_unit_test(a_key_in_a_token_opens_what_was_sealed_for_it),
		cmocka_unit_test(a_certificate_is_seen_without_the_pin),
		cmocka_unit_test(what_is_not_there_is_told_apart),
		cmocka_unit_test(a_wrong_pin_is_tried_once),
		cmocka_unit_test(a_signature_that_does_not_hold_is_not_given),
		cmocka_unit_test(
		    a_token_that_was_pulled_out_works_again_when_it_is_back),
		cmocka_unit_test(a_pin_that_others_may_read_is_refused),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
