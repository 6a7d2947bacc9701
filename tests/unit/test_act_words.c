/*
 * What a person says with an act: which words may be, that only the sender's key
 * opens them, and that they are those of the digest.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "crypto/sealed.h"
#include "crypto/secret.h"
#include "envelope/act_words.h"
#include "harness/pki.h"

static void
words_are_one_line_of_at_most_500_characters(void **state)
{
	char most[ACT_WORDS_SIZE + 4] = "";

	(void)state;
	for (size_t i = 0; i < ACT_WORDS_CHARS_MAX; i++)
		memcpy(most + 3 * i, "\xe5\x85\xac", 4); /* 公 */
	assert_true(act_words_are_good(most));
	memcpy(most + 3 * ACT_WORDS_CHARS_MAX, "x", 2);
	assert_false(act_words_are_good(most));

	assert_true(act_words_are_good("應送人事處，請改送。"));
	assert_false(act_words_are_good(""));
	assert_false(act_words_are_good("two\nlines"));
	assert_false(act_words_are_good("\x1b[31mred"));
	assert_false(act_words_are_good("\xe2\x80\xae"
					"backwards"));
	assert_false(act_words_are_good("\xff"));
}

/* The plain text of what was sealed, as verifier and keeper open it. */
static void
open_sealed(const struct pki_holder *holder, const struct act *act,
    struct bytes *plain)
{
	struct sealed_fields fields;
	struct secret_key key;
	struct bytes cms = { 0 };
	struct error err = { 0 };

	assert_int_equal(base64_parse(act->sealed, strlen(act->sealed), &cms,
			     &err),
	    0);
	if (sealed_parse(cms.data, cms.len, &fields, &err) < 0 ||
	    sealed_unwrap(holder->key, &fields, &key, &err) < 0 ||
	    sealed_open(&key, &fields, plain, &err) < 0)
		fail_msg("%s", err.text);
	bytes_free(&cms);
}

static void
only_what_was_signed_is_read(void **state)
{
	static const char said[] = "本案應送人事處。";
	struct pki pki;
	struct pki_holder seal;
	struct act act = { .event = EVENT_RETURNED };
	uint8_t first[ACT_WORDS_SALT_LEN], salt[ACT_WORDS_SALT_LEN];
	char words[ACT_WORDS_SIZE];
	struct digest digest;
	struct bytes plain = { 0 };
	struct error err = { 0 };

	(void)state;
	pki_new(&pki);
	seal = pki_issue(&pki, ISSUE_SEAL, CERT_KEY_P256, "seal");
	memset(first, 7, sizeof(first));
	assert_int_equal(act_words_seal(seal.cert, first, said, &act, &err), 0);
	assert_null(strstr(act.sealed, said));
	open_sealed(&seal, &act, &plain);
	assert_int_equal(act_words_read(plain.data, plain.len, &act.words, salt,
			     words, &err),
	    0);
	assert_string_equal(words, said);
	assert_memory_equal(salt, first, sizeof(salt));
	assert_int_equal(act_words_digest(salt, words, &digest, &err), 0);
	assert_true(digest_equal(&digest, &act.words));

	plain.data[plain.len - 1] ^= 1;
	assert_int_equal(act_words_read(plain.data, plain.len, &act.words, salt,
			     words, &err),
	    -1);
	assert_int_equal(act_words_read(plain.data, 10, &act.words, salt, words,
			     &err),
	    -1);
	assert_int_equal(act_words_seal(seal.cert, first, "a\nb", &act, &err),
	    -1);
	assert_string_equal(err.id, "E4504");
	bytes_free(&plain);
	pki_holder_free(&seal);
	pki_free(&pki);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(words_are_one_line_of_at_most_500_characters),
	cmocka_unit_test(only_what_was_signed_is_read),
};

int
main(void)
{
	return cmocka_run_group_tests_name("act_words", tests, NULL, NULL);
}
