#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "center/listener/center_listener_internal.h"
#include "envelope/bundle.h"
#include "http/http_request.h"
#include "json/json_decode.h"
#include "role/listener/listener_request.h"
#include "role/query/puller.h"

enum { FEED_ITEMS_MAX = 500 };

struct acknowledge {
	uint64_t through;
	uint64_t epoch;
	bool is_caught_up;
	bool is_restored;
};

static void
on_feed(struct listener_request *request, struct ipc_message *message)
{
	struct message_feed feed;
	struct bytes body = { 0 };
	struct error err = { 0 };

	if (message_read(message, MESSAGE_FEED, &feed, &err) < 0) {
		listener_refuse(request, &err);
		return;
	}
	bytes_put(&body, feed.json.data, feed.json.len);
	if (bytes_failed(&body, &err) < 0)
		listener_refuse(request, &err);
	else
		listener_answer(request, 200, "application/json", &body);
	bytes_free(&body);
}

static void
read_feed(struct listener_request *request)
{
	struct message_feed_read read = { .limit = FEED_ITEMS_MAX };
	struct error err = { 0 };

	/* Whoever watched for us may stop. */
	listener_forget(request);
	memcpy(read.host, request->host, sizeof(read.host));
	if (listener_number(request, "after", INT64_MAX, 0, &read.after, &err) <
		0 ||
	    listener_number(request, "epoch", INT64_MAX, 0, &read.epoch, &err) <
		0 ||
	    listener_ask(request, request->listener->query, MESSAGE_FEED_READ,
		&read, MESSAGE_NONE, on_feed, &err) < 0)
		listener_refuse(request, &err);
}

static void
on_watched(struct listener_request *request, struct ipc_message *message)
{
	struct message_watched watched;
	struct error err = { 0 };

	listener_unpark(request);
	if (message_read(message, MESSAGE_WATCHED, &watched, &err) < 0)
		listener_refuse(request, &err);
	else
		read_feed(request);
}

void
center_get_feed(struct listener_request *request)
{
	struct message_watch watch = { 0 };
	struct error err = { 0 };
	uint64_t wait_s;

	memcpy(watch.host, request->host, sizeof(watch.host));
	if (listener_number(request, "after", INT64_MAX, 0, &watch.after,
		&err) < 0 ||
	    listener_number(request, "wait", LISTENER_WAIT_MAX_S, 0, &wait_s,
		&err) < 0) {
		listener_refuse(request, &err);
		return;
	}
	if (wait_s == 0) {
		read_feed(request);
		return;
	}
	if (listener_park(request, (uint32_t)wait_s * 1000, false, read_feed,
		&err) < 0 ||
	    listener_ask(request, request->listener->spooler, MESSAGE_WATCH,
		&watch, MESSAGE_UNWATCH, on_watched, &err) < 0)
		listener_refuse(request, &err);
}

static void
on_acknowledged(struct listener_request *request, struct ipc_message *message)
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

void
center_post_acknowledge(struct listener_request *request)
{
	static const struct json_field fields[] = {
		{ .name = "through",
		    .kind = JSON_FIELD_INT,
		    .offset = offsetof(struct acknowledge, through),
		    .size = sizeof(uint64_t),
		    .min = 0,
		    .max = INT64_MAX },
		{ .name = "epoch",
		    .kind = JSON_FIELD_INT,
		    .offset = offsetof(struct acknowledge, epoch),
		    .size = sizeof(uint64_t),
		    .min = 0,
		    .max = INT64_MAX,
		    .optional = true },
		{ .name = "caught_up",
		    .kind = JSON_FIELD_BOOL,
		    .offset = offsetof(struct acknowledge, is_caught_up),
		    .optional = true },
		{ .name = "restored",
		    .kind = JSON_FIELD_BOOL,
		    .offset = offsetof(struct acknowledge, is_restored),
		    .optional = true },
	};
	struct message_feed_acknowledge message = { 0 };
	struct acknowledge acknowledge = { 0 };
	struct error err = { 0 };

	if (json_decode(request->body.data, request->body.len,
		CENTER_ACKNOWLEDGE_MAX, fields, ARRAY_LEN(fields), &acknowledge,
		&err) < 0) {
		listener_refuse(request, &err);
		return;
	}
	memcpy(message.host, request->host, sizeof(message.host));
	message.through = acknowledge.through;
	message.epoch = acknowledge.epoch;
	message.is_caught_up = acknowledge.is_caught_up;
	message.is_restored = acknowledge.is_restored;
	if (listener_ask(request, request->listener->spooler,
		MESSAGE_FEED_ACKNOWLEDGE, &message, MESSAGE_NONE,
		on_acknowledged, &err) < 0)
		listener_refuse(request, &err);
}

/*
 * What of the content is wanted: all of it behind `offset`, or, if it has more
 * than `most` bytes, nothing yet.
 */
static int
wanted_range(const struct listener_request *request,
    const struct message_delivery *delivery, struct pull_range *ret_range,
    struct error *err)
{
	struct pull_range range = { .payload = delivery->payload };
	uint64_t most;

	if (listener_number(request, "offset", INT64_MAX, 0, &range.offset,
		err) < 0 ||
	    listener_number(request, "most", INT64_MAX, INT64_MAX, &most, err) <
		0)
		return -1;
	if (range.offset > 0 && range.offset >= delivery->content_len)
		return error_set_id(err, "E6204", ERROR_MALFORMED,
		    "offset is behind the content");
	if (delivery->content_len <= most)
		range.len = delivery->content_len - range.offset;
	*ret_range = range;
	return 0;
}

static void
on_delivery(struct listener_request *request, struct ipc_message *message)
{
	struct message_delivery delivery;
	struct pull_range range;
	struct bytes head = { 0 };
	struct error err = { 0 };

	if (message_read(message, MESSAGE_DELIVERY, &delivery, &err) < 0 ||
	    wanted_range(request, &delivery, &range, &err) < 0) {
		listener_refuse(request, &err);
		return;
	}
	bundle_put_magic(&head);
	bytes_put(&head, delivery.records.data, delivery.records.len);
	if (range.len > 0)
		bundle_put_head(&head, BUNDLE_CONTENT, range.len);
	if (bytes_failed(&head, &err) < 0)
		listener_refuse(request, &err);
	else if (range.len == 0)
		listener_answer(request, 200, "application/vnd.yizhan.bundle",
		    &head);
	else
		listener_answer_payload(request, 200,
		    "application/vnd.yizhan.bundle", &head, &range);
	bytes_free(&head);
}

void
center_get_delivery(struct listener_request *request)
{
	struct message_delivery_read read = { 0 };
	struct org_code code;
	struct error err = { 0 };

	memcpy(read.host, request->host, sizeof(read.host));
	if (!id_parse(request->segments.text[0], &read.waybill_id) ||
	    !org_code_parse(request->segments.text[1], &code)) {
		error_set_id(&err, "E6204", ERROR_MALFORMED,
		    "a delivery is named by a waybill id and a code");
		listener_refuse(request, &err);
		return;
	}
	memcpy(read.recipient, code.text, sizeof(read.recipient));
	if (listener_check_receiver(request, code.text, &err) < 0 ||
	    listener_ask(request, request->listener->query,
		MESSAGE_DELIVERY_READ, &read, MESSAGE_NONE, on_delivery,
		&err) < 0)
		listener_refuse(request, &err);
}
