/*
 * What a token's process answers: nothing that is read points outside of it.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/error.h"
#include "token/token_wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct token_reply reply;
	struct token_request request;
	struct error err = { 0 };

	if (token_reply_read(data, len, &reply, &err) == 0 &&
	    (reply.output_len > len || reply.output_len > TOKEN_OUTPUT_MAX ||
		reply.status >= TOKEN_STATUS_COUNT))
		abort();
	if (token_request_read(data, len, &request, &err) == 0 &&
	    (request.input_len > len || request.op >= TOKEN_OP_COUNT))
		abort();
	return 0;
}
