/*
 * Time stamps of RFC 3161.  Tokens of an authority, good and forged ones, are
 * in tests/scenario/39-evidence-others.py and in the corpus of
 * tests/fuzz/fuzz_time_token.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/ts.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "crypto/sha256.h"
#include "crypto/time_token.h"

static void
the_library_reads_a_request(void **state)
{
	static const uint64_t nonces[] = { 1, 0x7f, 0x80, 0xff, 0x100,
		0x8000000000000001, UINT64_MAX };
	struct digest digest;

	(void)state;
	sha256("abc", 3, &digest);
	for (size_t i = 0; i < ARRAY_LEN(nonces); i++) {
		struct bytes request = { 0 };
		struct error err = { 0 };
		const unsigned char *at;
		uint64_t nonce = 0;
		TS_REQ *read;

		assert_int_equal(time_token_request(&digest, nonces[i],
				     &request, &err),
		    0);
		at = request.data;
		read = d2i_TS_REQ(NULL, &at, (long)request.len);
		assert_non_null(read);
		assert_ptr_equal(at, request.data + request.len);
		assert_int_equal(ASN1_INTEGER_get_uint64(&nonce,
				     TS_REQ_get_nonce(read)),
		    1);
		assert_true(nonce == nonces[i]);
		assert_true(TS_REQ_get_cert_req(read));
		assert_memory_equal(ASN1_STRING_get0_data(
					TS_MSG_IMPRINT_get_msg(
					    TS_REQ_get_msg_imprint(read))),
		    digest.bytes, DIGEST_LEN);
		TS_REQ_free(read);
		bytes_free(&request);
	}
}

static void
an_answer_without_a_token_is_refused(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
	} cases[] = {
		{ "", 0 },
		{ "no time stamp", 13 },
		{ "\x30\x00", 2 },
		/* Rejected, with and without a token. */
		{ "\x30\x05\x30\x03\x02\x01\x02", 7 },
		{ "\x30\x07\x30\x03\x02\x01\x02\x30\x00", 9 },
		/* Granted, but nothing there, or something behind. */
		{ "\x30\x05\x30\x03\x02\x01\x00", 7 },
		{ "\x30\x07\x30\x03\x02\x01\x00\x30\x00\x00", 10 },
		{ "\x30\x09\x30\x03\x02\x01\x00\x30\x00\x30\x00", 11 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct error err = { 0 };
		const uint8_t *token;
		size_t len;

		assert_int_equal(time_token_take(cases[i].bytes, cases[i].len,
				     &token, &len, &err),
		    -1);
		assert_int_equal(err.code, ERROR_MALFORMED);
		assert_string_equal(err.id, "E3601");
	}
}

static void
the_token_of_an_answer_is_found(void **state)
{
	static const uint8_t response[] = "\x30\x07\x30\x03\x02\x01\x01\x30";
	struct error err = { 0 };
	const uint8_t *token;
	size_t len;

	(void)state;
	/* The string's NUL is the length of the empty token. */
	assert_int_equal(time_token_take(response, sizeof(response), &token,
			     &len, &err),
	    0);
	assert_ptr_equal(token, response + 7);
	assert_int_equal(len, 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_library_reads_a_request),
		cmocka_unit_test(an_answer_without_a_token_is_refused),
		cmocka_unit_test(the_token_of_an_answer_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
