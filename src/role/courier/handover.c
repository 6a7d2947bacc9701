#include "role/courier/handover.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "json/json_decode.h"
#include "sys/ipc.h"

enum { ASK_TIMEOUT_MS = 60000, ANSWER_MAX = 256 };

struct answer {
	uint64_t offset;
	bool is_accepted;
};

int
handover_ask(struct peer *courier, const char *center, const char *resource,
    const struct digest *waybill, peer_answer_fn answer, void *ctx,
    struct error *err)
{
	struct message_call call = { .method = "GET",
		.timeout_ms = ASK_TIMEOUT_MS };
	char digest[DIGEST_TEXT_SIZE];

	digest_format(waybill, digest);
	snprintf(call.path, sizeof(call.path), "/v1/%s/%s/offset", resource,
	    digest);
	text_copy(call.peer, sizeof(call.peer), center);
	return peer_ask(courier, MESSAGE_CALL, &call, -1, answer, ctx, NULL,
	    err);
}

int
handover_read(struct ipc_message *message, uint64_t len, uint64_t *ret_offset,
    struct error *err)
{
	static const struct json_field fields[] = {
		{ .name = "offset",
		    .kind = JSON_FIELD_INT,
		    .offset = offsetof(struct answer, offset),
		    .size = sizeof(uint64_t),
		    .min = 0,
		    .max = INT64_MAX },
		{ .name = "accepted",
		    .kind = JSON_FIELD_BOOL,
		    .offset = offsetof(struct answer, is_accepted),
		    .size = sizeof(bool) },
	};
	struct message_called called;
	struct answer answer = { 0 };

	if (message_read(message, MESSAGE_CALLED, &called, err) < 0)
		return -1;
	if (called.status != 200)
		return error_set(err, ERROR_BUSY,
		    "asked for an offset, the center answered %u",
		    called.status);
	if (json_decode(called.body.data, called.body.len, ANSWER_MAX, fields,
		ARRAY_LEN(fields), &answer, err) < 0)
		return -1;
	if (answer.offset > len || answer.is_accepted != (answer.offset == len))
		return error_set(err, ERROR_BUSY,
		    "the center holds %" PRIu64 " of %" PRIu64 " bytes",
		    answer.offset, len);
	*ret_offset = answer.offset;
	return 0;
}

void
handover_put(struct message_call *call, const char *resource, uint64_t payload,
    uint64_t len, uint64_t offset, struct bytes *body)
{
	text_copy(call->method, sizeof(call->method), "POST");
	text_copy(call->type, sizeof(call->type),
	    "application/vnd.yizhan.bundle");
	if (offset > 0)
		snprintf(call->path, sizeof(call->path),
		    "/v1/%s%coffset=%" PRIu64, resource,
		    strchr(resource, '?') != NULL ? '&' : '?', offset);
	else
		snprintf(call->path, sizeof(call->path), "/v1/%s", resource);
	call->payload = payload;
	call->payload_offset = offset;
	call->payload_len = len - offset;
	bundle_put_head(body, BUNDLE_CONTENT, len - offset);
}
