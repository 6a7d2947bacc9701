#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "center/listener/center_listener_internal.h"
#include "envelope/act.h"
#include "http/http_request.h"
#include "json/json_write.h"
#include "role/listener/listener_request.h"
#include "sys/ipc.h"

/* 202: passed on to the center that decides, so there is no receipt yet. */
static int
status_of(const struct message_acted *acted)
{
	if (acted->receipt.len == 0 && acted->answer.len == 0)
		return 202;
	return acted->is_repeat ? 200 : 201;
}

static void
on_acted(struct listener_request *request, struct ipc_message *message)
{
	struct message_acted acted;
	struct bytes body = { 0 };
	struct json_writer writer = json_writer_to(&body);
	struct error err = { 0 };

	if (message_read(message, MESSAGE_ACTED, &acted, &err) < 0) {
		listener_refuse(request, &err);
		return;
	}
	if (acted.answer.len > 0) {
		bytes_put(&body, acted.answer.data, acted.answer.len);
		if (bytes_failed(&body, &err) < 0)
			listener_refuse(request, &err);
		else
			listener_answer(request, status_of(&acted),
			    "application/json", &body);
		bytes_free(&body);
		return;
	}
	json_write_begin_object(&writer, NULL);
	if (acted.receipt.len > 0)
		json_write_raw(&writer, "receipt", acted.receipt.data,
		    acted.receipt.len);
	if (acted.key_part.len > 0)
		json_write_base64(&writer, "key_part", acted.key_part.data,
		    acted.key_part.len);
	if (acted.addendum.len > 0)
		json_write_base64(&writer, "addendum", acted.addendum.data,
		    acted.addendum.len);
	json_write_end(&writer);
	if (json_write_done(&writer, &err) < 0)
		listener_refuse(request, &err);
	else
		listener_answer(request, status_of(&acted), "application/json",
		    &body);
	bytes_free(&body);
}

/*
 * What the recipient states is asked about here already.  Whose waybill is to
 * be withdrawn, and what center may pass acts on, the spooler knows.
 */
static int
check_code(const struct listener_request *request,
    const struct message_act *act, struct error *err)
{
	if (act_is_of_sender((enum event)act->event) ||
	    request->kind == HOST_CENTER)
		return 0;
	return listener_check_receiver(request, act->recipient, err);
}

static void
on_verified(struct listener_request *request, struct ipc_message *message)
{
	struct message_act act;
	struct message_act_submit submit = {
		.fingerprint = request->fingerprint,
		.act = blob_of(message->body, message->len),
		.cms = blob_of_bytes(&request->body),
	};
	struct error err = { 0 };

	const char *center = http_request_param(request->http, "center");

	memcpy(submit.host, request->host, sizeof(submit.host));
	/* Which center had it: only a gateway that came from there tells. */
	if (center != NULL && request->kind == HOST_GATEWAY)
		text_copy(submit.center, sizeof(submit.center), center);
	submit.is_again = http_request_param(request->http, "again") != NULL;
	if (listener_number(request, "epoch", INT64_MAX, 0, &submit.epoch,
		&err) < 0 ||
	    message_read(message, MESSAGE_ACT, &act, &err) < 0 ||
	    check_code(request, &act, &err) < 0 ||
	    listener_ask(request, request->listener->spooler,
		MESSAGE_ACT_SUBMIT, &submit, MESSAGE_NONE, on_acted, &err) < 0)
		listener_refuse(request, &err);
}

void
center_post_act(struct listener_request *request)
{
	struct message_verify_act verify = {
		.act = blob_of_bytes(&request->body),
	};
	struct error err = { 0 };

	if (listener_ask(request, request->listener->verifier,
		MESSAGE_VERIFY_ACT, &verify, MESSAGE_NONE, on_verified,
		&err) < 0)
		listener_refuse(request, &err);
}
