#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "crypto/sha256.h"

static void
check_text(const struct digest *digest, const char *expected)
{
	char text[DIGEST_TEXT_SIZE];

	digest_format(digest, text);
	assert_string_equal(text, expected);
}

static void
the_published_vectors_hold(void **state)
{
	struct digest digest;

	(void)state;
	sha256("", 0, &digest);
	check_text(&digest,
	    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934c"
	    "a495991b7852b855");
	sha256("abc", 3, &digest);
	check_text(&digest,
	    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9c"
	    "b410ff61f20015ad");
}

static void
parts_and_pieces_are_one_message(void **state)
{
	struct sha256_part parts[] = { { "a", 1 }, { "", 0 }, { "bc", 2 } };
	struct digest whole, joined, pieces;
	struct error err = { 0 };
	struct sha256 *sha = NULL;

	(void)state;
	sha256("abc", 3, &whole);
	sha256_parts(parts, 3, &joined);
	assert_true(digest_equal(&whole, &joined));

	assert_int_equal(sha256_new(&sha, &err), 0);
	for (int round = 0; round < 2; round++) {
		sha256_update(sha, "ab", 2);
		sha256_update(sha, "c", 1);
		sha256_final(sha, &pieces);
		assert_true(digest_equal(&whole, &pieces));
	}
	sha256_free(sha);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_published_vectors_hold),
		cmocka_unit_test(parts_and_pieces_are_one_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
