#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "crypto/ed25519.h"
#include "log/note.h"

static const char origin[] = "yizhan/demo/center-a/1";
static const uint8_t seed[ED25519_SEED_LEN] = { 1, 2, 3 };
static const uint8_t other_seed[ED25519_SEED_LEN] = { 9 };

/* A note of size 5, signed by the key of `from`, with that key. */
static void
make_note(const uint8_t from[ED25519_SEED_LEN], uint8_t public_key[32],
    struct bytes *note)
{
	struct note_checkpoint checkpoint = { .size = 5, .root = { { 7, 8 } } };
	uint8_t signature[ED25519_SIGNATURE_LEN];
	struct ed25519_key *key = NULL;
	struct bytes text = { 0 };
	struct error err = { 0 };

	text_copy(checkpoint.origin, sizeof(checkpoint.origin), origin);
	assert_int_equal(ed25519_key_new(from, &key, &err), 0);
	assert_int_equal(ed25519_key_public(key, public_key, &err), 0);
	assert_int_equal(note_put_text(&checkpoint, &text, &err), 0);
	assert_int_equal(ed25519_sign(key, text.data, text.len, signature,
			     &err),
	    0);
	assert_int_equal(note_put(&checkpoint, public_key, signature, note,
			     &err),
	    0);
	ed25519_key_free(key);
	bytes_free(&text);
}

static void
a_signed_checkpoint_verifies(void **state)
{
	struct bytes bytes = { 0 };
	struct error err = { 0 };
	uint8_t public_key[32];
	struct note note;

	(void)state;
	make_note(seed, public_key, &bytes);

	assert_int_equal(note_verify(bytes.data, bytes.len, origin, public_key,
			     &note, &err),
	    0);

	assert_string_equal(note.checkpoint.origin, origin);
	assert_int_equal(note.checkpoint.size, 5);
	assert_int_equal(note.checkpoint.root.bytes[1], 8);
	assert_int_equal(note.signature_count, 1);
	bytes_free(&bytes);
}

/* A verifier key in public use: name, key id, type and public key. */
static void
the_key_id_of_a_foreign_log_is_its_own(void **state)
{
	static const char encoded[] =
	    "Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8";
	static const uint8_t wanted[] = { 0x03, 0x3d, 0xe0, 0xae };
	uint8_t id[NOTE_KEY_ID_LEN];
	struct bytes key = { 0 };
	struct error err = { 0 };

	(void)state;
	assert_int_equal(base64_parse(encoded, strlen(encoded), &key, &err), 0);
	assert_int_equal(key.len, 1 + NOTE_PUBLIC_LEN);

	note_key_id("sum.golang.org", key.data + 1, id);

	assert_memory_equal(id, wanted, sizeof(wanted));
	bytes_free(&key);
}

static void
the_form_is_that_of_signed_notes(void **state)
{
	static const char wanted[] =
	    "yizhan/demo/center-a/1\n5\n"
	    "BwgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n"
	    "\xe2\x80\x94 yizhan/demo/center-a/1 ";
	struct bytes bytes = { 0 };
	uint8_t key[32];

	(void)state;
	make_note(seed, key, &bytes);
	assert_memory_equal(bytes.data, wanted, sizeof(wanted) - 1);
	bytes_free(&bytes);
}

static void
another_key_is_untrusted(void **state)
{
	struct bytes bytes = { 0 };
	struct error err = { 0 };
	uint8_t public_key[32], other_key[32];
	struct bytes other = { 0 };
	struct note note;

	(void)state;
	make_note(seed, public_key, &bytes);
	make_note(other_seed, other_key, &other);

	assert_int_equal(note_verify(bytes.data, bytes.len, origin, other_key,
			     &note, &err),
	    -1);
	assert_int_equal(err.code, ERROR_UNTRUSTED);
	assert_string_equal(err.id, "E5021");
	assert_int_equal(note_verify(bytes.data, bytes.len, "yizhan/x/y/1",
			     public_key, &note, &err),
	    -1);
	bytes_free(&bytes);
	bytes_free(&other);
}

static void
any_flipped_bit_is_refused(void **state)
{
	struct bytes bytes = { 0 };
	uint8_t public_key[32];
	struct note note;

	(void)state;
	make_note(seed, public_key, &bytes);
	for (size_t bit = 0; bit < 8 * bytes.len; bit++) {
		struct error err = { 0 };

		bytes.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_equal(note_verify(bytes.data, bytes.len, origin,
				     public_key, &note, &err),
		    -1);
		bytes.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	bytes_free(&bytes);
}

static void
a_cut_note_is_malformed(void **state)
{
	struct bytes bytes = { 0 };
	uint8_t public_key[32];
	struct note note;

	(void)state;
	make_note(seed, public_key, &bytes);
	for (size_t len = 0; len < bytes.len; len++) {
		struct error err = { 0 };

		assert_int_equal(note_parse(bytes.data, len, &note, &err), -1);
		assert_int_equal(err.code, ERROR_MALFORMED);
	}
	bytes_free(&bytes);
}

static void
other_forms_are_malformed(void **state)
{
	static const char *const texts[] = {
		/* no leading zeros, no signs, no extension lines */
		"a\n05\nBwgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n",
		"a\n+5\nBwgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n",
		"a\n5\nBwgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\nmore\n\n",
		"a\n5\nBwgA\n\n",
		"a b\n5\nBwgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n",
		"a+b\n5\nBwgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n",
		"\n5\nBwgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n",
		"a\r\n5\nBwgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n",
	};
	static const char signature[] = "\xe2\x80\x94 a AAAAAAAA\n";
	static const char good[] =
	    "a\n5\nBwgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n"
	    "\xe2\x80\x94 a AAAAAAAA\n";
	struct error err = { 0 };
	struct note note;

	(void)state;
	assert_int_equal(note_parse(good, strlen(good), &note, &err), 0);
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct bytes bytes = { 0 };

		bytes_put_text(&bytes, texts[i]);
		bytes_put_text(&bytes, signature);
		assert_int_equal(note_parse(bytes.data, bytes.len, &note, &err),
		    -1);
		assert_int_equal(err.code, ERROR_MALFORMED);
		bytes_free(&bytes);
	}
}

static void
a_witness_adds_a_line(void **state)
{
	static const uint8_t signature[NOTE_SIGNATURE_LEN] = { 4 };
	struct bytes bytes = { 0 };
	struct error err = { 0 };
	uint8_t public_key[32];
	struct note note;

	(void)state;
	make_note(seed, public_key, &bytes);

	assert_int_equal(note_put_signature("witness.example", public_key,
			     signature, &bytes, &err),
	    0);

	assert_int_equal(note_verify(bytes.data, bytes.len, origin, public_key,
			     &note, &err),
	    0);
	assert_int_equal(note.signature_count, 2);
	assert_int_equal(note_verify(bytes.data, bytes.len, "witness.example",
			     public_key, &note, &err),
	    -1);
	bytes_free(&bytes);
}

/* cosignature/v1: what is signed says when. */
static void
a_cosignature_says_when(void **state)
{
	static const char name[] = "yizhan/demo/witness/center-b";
	uint8_t public_key[32], witness_key[32];
	uint8_t signature[ED25519_SIGNATURE_LEN];
	struct ed25519_key *key = NULL;
	struct bytes bytes = { 0 };
	struct bytes text = { 0 };
	struct error err = { 0 };
	struct note note;
	int64_t time_s = 0;
	size_t len;

	(void)state;
	make_note(seed, public_key, &bytes);
	assert_int_equal(note_parse(bytes.data, bytes.len, &note, &err), 0);
	assert_int_equal(ed25519_key_new(other_seed, &key, &err), 0);
	assert_int_equal(ed25519_key_public(key, witness_key, &err), 0);
	assert_int_equal(note_put_cosigned_text(bytes.data, note.text_len,
			     1764150000, &text, &err),
	    0);
	assert_memory_equal(text.data,
	    "cosignature/v1\ntime 1764150000\nyizhan/demo/center-a/1\n5\n", 55);
	assert_int_equal(ed25519_sign(key, text.data, text.len, signature,
			     &err),
	    0);
	assert_int_equal(note_verify_cosignature(bytes.data, bytes.len, name,
			     witness_key, &time_s, &err),
	    -1);
	assert_int_equal(err.code, ERROR_NOT_FOUND);
	len = bytes.len;
	assert_int_equal(note_put_cosignature(name, witness_key, 1764150000,
			     signature, &bytes, &err),
	    0);
	assert_int_equal(note_verify_cosignature(bytes.data, bytes.len, name,
			     witness_key, &time_s, &err),
	    0);
	assert_int_equal(time_s, 1764150000);
	/* The log's own signature is no cosignature, and still holds. */
	assert_int_equal(note_verify_cosignature(bytes.data, bytes.len, origin,
			     public_key, &time_s, &err),
	    -1);
	assert_int_equal(note_verify(bytes.data, bytes.len, origin, public_key,
			     &note, &err),
	    0);
	/* Another time was not signed. */
	bytes.len = len;
	assert_int_equal(note_put_cosignature(name, witness_key, 1764150001,
			     signature, &bytes, &err),
	    0);
	assert_int_equal(note_verify_cosignature(bytes.data, bytes.len, name,
			     witness_key, &time_s, &err),
	    -1);
	assert_string_equal(err.id, "E5021");
	ed25519_key_free(key);
	bytes_free(&bytes);
	bytes_free(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cosignature_says_when),
		cmocka_unit_test(a_signed_checkpoint_verifies),
		cmocka_unit_test(the_key_id_of_a_foreign_log_is_its_own),
		cmocka_unit_test(the_form_is_that_of_signed_notes),
		cmocka_unit_test(another_key_is_untrusted),
		cmocka_unit_test(any_flipped_bit_is_refused),
		cmocka_unit_test(a_cut_note_is_malformed),
		cmocka_unit_test(other_forms_are_malformed),
		cmocka_unit_test(a_witness_adds_a_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
