/*
 * POST /v1/rewraps: an addendum with its key part, of the sender's gateway or
 * passed on by the sender's center.
 */
#include <string.h>

#include "base/error.h"
#include "center/listener/center_listener_internal.h"
#include "envelope/addendum.h"
#include "envelope/keypart.h"
#include "json/json_decode.h"
#include "role/listener/listener_request.h"
#include "sys/ipc.h"

struct rewrap {
	struct bytes addendum;
	struct bytes key_part;
};

static void
on_taken(struct listener_request *request, struct ipc_message *message)
{
	struct bytes body = { 0 };
	struct error err = { 0 };
	char none;

	if (message_read(message, MESSAGE_DONE, &none, &err) < 0) {
		listener_refuse(request, &err);
		return;
	}
	bytes_put_text(&body, "{}");
	listener_answer(request, 200, "application/json", &body);
	bytes_free(&body);
}

static int
read_rewrap(const struct bytes *body, struct rewrap *rewrap, struct error *err)
{
	static const struct json_field fields[] = {
		{ .name = "addendum",
		    .kind = JSON_FIELD_BASE64,
		    .offset = offsetof(struct rewrap, addendum),
		    .max = ADDENDUM_CMS_MAX },
		{ .name = "key_part",
		    .kind = JSON_FIELD_BASE64,
		    .offset = offsetof(struct rewrap, key_part),
		    .max = KEYPART_CMS_MAX },
	};

	return json_decode(body->data, body->len, CENTER_REWRAP_MAX, fields,
	    ARRAY_LEN(fields), rewrap, err);
}

static void
free_rewrap(struct rewrap *rewrap)
{
	bytes_free(&rewrap->addendum);
	bytes_free(&rewrap->key_part);
}

static void
on_verified(struct listener_request *request, struct ipc_message *message)
{
	struct message_addendum addendum;
	struct message_rewrap_submit submit = {
		.fingerprint = request->fingerprint,
		.addendum = blob_of(message->body, message->len),
	};
	struct rewrap rewrap = { 0 };
	struct error err = { 0 };

	memcpy(submit.host, request->host, sizeof(submit.host));
	if (message_read(message, MESSAGE_ADDENDUM, &addendum, &err) < 0 ||
	    read_rewrap(&request->body, &rewrap, &err) < 0) {
		listener_refuse(request, &err);
	} else {
		submit.cms = blob_of_bytes(&rewrap.addendum);
		submit.key_part = blob_of_bytes(&rewrap.key_part);
		if (listener_ask(request, request->listener->spooler,
			MESSAGE_REWRAP_SUBMIT, &submit, MESSAGE_NONE, on_taken,
			&err) < 0)
			listener_refuse(request, &err);
	}
	free_rewrap(&rewrap);
}

void
center_post_rewrap(struct listener_request *request)
{
	struct message_verify_addendum verify;
	struct rewrap rewrap = { 0 };
	struct error err = { 0 };

	if (read_rewrap(&request->body, &rewrap, &err) < 0) {
		listener_refuse(request, &err);
	} else {
		verify.addendum = blob_of_bytes(&rewrap.addendum);
		verify.key_part = blob_of_bytes(&rewrap.key_part);
		if (listener_ask(request, request->listener->verifier,
			MESSAGE_VERIFY_ADDENDUM, &verify, MESSAGE_NONE,
			on_verified, &err) < 0)
			listener_refuse(request, &err);
	}
	free_rewrap(&rewrap);
}
