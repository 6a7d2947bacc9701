#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/error.h"
#include "token/token_wire.h"

static void
what_is_said_is_understood(void **unused)
{
	const struct token_request request = { 7, TOKEN_SIGN, 3,
		(const uint8_t *)"abc", 3 };
	const struct token_reply reply = { 7, TOKEN_PIN, 0xa0,
		(const uint8_t *)"de", 2 };
	struct token_request request_read;
	struct token_reply reply_read;
	struct bytes message = { 0 };
	struct error err = { 0 };

	(void)unused;
	token_request_put(&request, &message);
	assert_int_equal(token_request_read(message.data, message.len,
			     &request_read, &err),
	    0);
	assert_int_equal(request_read.number, 7);
	assert_int_equal(request_read.op, TOKEN_SIGN);
	assert_int_equal(request_read.key, 3);
	assert_int_equal(request_read.input_len, 3);
	bytes_clear(&message);
	token_reply_put(&reply, &message);
	assert_int_equal(token_reply_read(message.data, message.len,
			     &reply_read, &err),
	    0);
	assert_int_equal(reply_read.number, 7);
	assert_int_equal(reply_read.status, TOKEN_PIN);
	assert_int_equal(reply_read.code, 0xa0);
	assert_memory_equal(reply_read.output, "de", 2);
	bytes_free(&message);
}

/* What comes back is somebody else's code's: every length is looked at. */
static void
what_breaks_its_form_is_refused(void **unused)
{
	static uint8_t data[TOKEN_MESSAGE_MAX];
	struct token_request request;
	struct token_reply reply;
	struct error err = { 0 };

	(void)unused;
	for (size_t len = 0; len < 9; len++)
		assert_int_equal(token_reply_read(data, len, &reply, &err), -1);
	assert_int_equal(token_reply_read(data, 9, &reply, &err), 0);
	assert_int_equal(token_reply_read(data, 9 + TOKEN_OUTPUT_MAX, &reply,
			     &err),
	    0);
	assert_int_equal(token_reply_read(data, 10 + TOKEN_OUTPUT_MAX, &reply,
			     &err),
	    -1);
	data[4] = TOKEN_STATUS_COUNT;
	assert_int_equal(token_reply_read(data, 9, &reply, &err), -1);
	for (size_t len = 0; len < 7; len++)
		assert_int_equal(token_request_read(data, len, &request, &err),
		    -1);
	data[4] = TOKEN_OP_COUNT;
	assert_int_equal(token_request_read(data, 7, &request, &err), -1);
	data[4] = TOKEN_OPEN;
	assert_int_equal(token_request_read(data, 7 + TOKEN_INPUT_MAX, &request,
			     &err),
	    0);
	assert_int_equal(token_request_read(data, 8 + TOKEN_INPUT_MAX, &request,
			     &err),
	    -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_said_is_understood),
		cmocka_unit_test(what_breaks_its_form_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
