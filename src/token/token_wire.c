#include "token/token_wire.h"

#include "base/bytes.h"
#include "base/error.h"

static int
malformed(struct error *err)
{
	return error_set(err, ERROR_MALFORMED,
	    "what came from the process of the token is no message");
}

void
token_request_put(const struct token_request *request, struct bytes *to)
{
	bytes_put_u32(to, request->number);
	bytes_put_u8(to, (uint8_t)request->op);
	bytes_put_u16(to, request->key);
	bytes_put(to, request->input, request->input_len);
}

void
token_reply_put(const struct token_reply *reply, struct bytes *to)
{
	bytes_put_u32(to, reply->number);
	bytes_put_u8(to, (uint8_t)reply->status);
	bytes_put_u32(to, reply->code);
	bytes_put(to, reply->output, reply->output_len);
}

int
token_request_read(const void *data, size_t len,
    struct token_request *ret_request, struct error *err)
{
	struct cursor cursor = cursor_of(data, len);
	struct token_request request = { .number = cursor_u32(&cursor) };
	uint8_t op = cursor_u8(&cursor);

	request.key = cursor_u16(&cursor);
	request.input_len = cursor.left;
	request.input = cursor_take(&cursor, cursor.left);
	if (cursor.failed || op >= TOKEN_OP_COUNT ||
	    request.input_len > TOKEN_INPUT_MAX)
		return malformed(err);
	request.op = (enum token_op)op;
	*ret_request = request;
	return 0;
}

int
token_reply_read(const void *data, size_t len, struct token_reply *ret_reply,
    struct error *err)
{
	struct cursor cursor = cursor_of(data, len);
	struct token_reply reply = { .number = cursor_u32(&cursor) };
	uint8_t status = cursor_u8(&cursor);

	reply.code = cursor_u32(&cursor);
	reply.output_len = cursor.left;
	reply.output = cursor_take(&cursor, cursor.left);
	if (cursor.failed || status >= TOKEN_STATUS_COUNT ||
	    reply.output_len > TOKEN_OUTPUT_MAX)
		return malformed(err);
	reply.status = (enum token_status)status;
	*ret_reply = reply;
	return 0;
}
