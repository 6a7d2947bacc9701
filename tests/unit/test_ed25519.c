#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/text.h"
#include "crypto/ed25519.h"

/* RFC 8032 section 7.1, tests 1 and 2. */
static const struct {
	const char *seed, *public_key, *message, *signature;
} vectors[] = {
	{ "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
	    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
	    "",
	    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
	    "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b" },
	{ "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
	    "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
	    "\x72",
	    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
	    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00" },
};

static void
the_published_vectors_hold(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(vectors); i++) {
		uint8_t seed[ED25519_SEED_LEN], public_key[ED25519_PUBLIC_LEN];
		uint8_t wanted[ED25519_SIGNATURE_LEN];
		uint8_t got_public[ED25519_PUBLIC_LEN];
		uint8_t got[ED25519_SIGNATURE_LEN];
		size_t len = strlen(vectors[i].message);
		struct ed25519_key *key = NULL;
		struct error err = { 0 };

		assert_true(hex_parse(vectors[i].seed, seed, sizeof(seed)));
		assert_true(hex_parse(vectors[i].public_key, public_key, 32));
		assert_true(hex_parse(vectors[i].signature, wanted, 64));

		assert_int_equal(ed25519_key_new(seed, &key, &err), 0);
		assert_int_equal(ed25519_key_public(key, got_public, &err), 0);
		assert_int_equal(ed25519_sign(key, vectors[i].message, len, got,
				     &err),
		    0);

		assert_memory_equal(got_public, public_key, sizeof(public_key));
		assert_memory_equal(got, wanted, sizeof(wanted));
		assert_int_equal(ed25519_verify(public_key, vectors[i].message,
				     len, got, &err),
		    0);
		ed25519_key_free(key);
	}
}

static void
any_flipped_bit_is_untrusted(void **state)
{
	uint8_t public_key[ED25519_PUBLIC_LEN], signature[64];
	uint8_t message[1] = { 0x72 };

	(void)state;
	assert_true(hex_parse(vectors[1].public_key, public_key, 32));
	assert_true(hex_parse(vectors[1].signature, signature, 64));
	for (size_t bit = 0; bit < 8 * 64; bit++) {
		struct error err = { 0 };

		signature[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_equal(ed25519_verify(public_key, message, 1,
				     signature, &err),
		    -1);
		assert_int_equal(err.code, ERROR_UNTRUSTED);
		signature[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	for (int bit = 0; bit < 8; bit++) {
		struct error err = { 0 };

		message[0] ^= (uint8_t)(1 << bit);
		assert_int_equal(ed25519_verify(public_key, message, 1,
				     signature, &err),
		    -1);
		message[0] ^= (uint8_t)(1 << bit);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_published_vectors_hold),
		cmocka_unit_test(any_flipped_bit_is_untrusted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
