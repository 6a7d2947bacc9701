#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "center/listener/center_listener_internal.h"
#include "envelope/bundle.h"
#include "role/listener/listener_request.h"
#include "sys/ipc.h"

/*
 * Receipts of another center.  They are verified one after another; each goes
 * to the spooler at once, so that they share its group commits.
 */
struct receipts {
	struct listener_request *request;
	struct bundle_reader reader;
	struct bytes *list;
	size_t count;
	size_t verified;
	size_t durable;
};

static void
on_durable(struct listener_request *request, struct ipc_message *message)
{
	struct receipts *receipts = request->ctx;
	struct bytes body = { 0 };
	struct error err = { 0 };
	char none;

	if (message_read(message, MESSAGE_DONE, &none, &err) < 0) {
		listener_refuse(request, &err);
		return;
	}
	if (++receipts->durable < receipts->count)
		return;
	bytes_put_format(&body, "{\"receipts\":%zu}", receipts->count);
	listener_answer(request, 200, "application/json", &body);
	bytes_free(&body);
}

static int verify_next(struct receipts *receipts, struct error *err);

static void
on_verified(struct listener_request *request, struct ipc_message *message)
{
	struct receipts *receipts = request->ctx;
	struct message_receipt receipt;
	struct message_receipt_submit submit = {
		.fingerprint = request->fingerprint,
		.receipt = blob_of(message->body, message->len),
		.json = blob_of_bytes(&receipts->list[receipts->verified]),
	};
	struct error err = { 0 };

	memcpy(submit.host, request->host, sizeof(submit.host));
	if (message_read(message, MESSAGE_RECEIPT, &receipt, &err) < 0 ||
	    listener_ask(request, request->listener->spooler,
		MESSAGE_RECEIPT_SUBMIT, &submit, MESSAGE_NONE, on_durable,
		&err) < 0) {
		listener_refuse(request, &err);
		return;
	}
	if (++receipts->verified < receipts->count &&
	    verify_next(receipts, &err) < 0)
		listener_refuse(request, &err);
}

static int
verify_next(struct receipts *receipts, struct error *err)
{
	struct listener_request *request = receipts->request;
	struct message_verify_receipt verify = {
		.receipt = blob_of_bytes(&receipts->list[receipts->verified]),
	};

	return listener_ask(request, request->listener->verifier,
	    MESSAGE_VERIFY_RECEIPT, &verify, MESSAGE_NONE, on_verified, err);
}

static int
on_begin(void *ctx, enum bundle_kind kind, uint64_t len, struct error *err)
{
	struct receipts *receipts = ctx;
	struct bytes *list;

	(void)kind;
	/* In steps of powers of two. */
	if ((receipts->count & (receipts->count + 1)) == 0) {
		list = realloc(receipts->list,
		    (receipts->count + 1) * 2 * sizeof(*list));
		if (list == NULL)
			return error_set_memory(err);
		receipts->list = list;
	}
	receipts->list[receipts->count++] = (struct bytes){ 0 };
	return listener_reserve(receipts->request, (size_t)len + sizeof(*list),
	    err);
}

static int
on_data(void *ctx, const uint8_t *data, size_t len, struct error *err)
{
	struct receipts *receipts = ctx;
	struct bytes *last = &receipts->list[receipts->count - 1];

	bytes_put(last, data, len);
	return bytes_failed(last, err);
}

static int
on_record_end(void *ctx, struct error *err)
{
	(void)ctx;
	(void)err;
	return 0;
}

static const struct bundle_handler bundle_handler = { on_begin, on_data,
	on_record_end };

static void
on_body(struct listener_request *request, const uint8_t *data, size_t len)
{
	struct receipts *receipts = request->ctx;
	struct error err = { 0 };

	if (bundle_reader_push(&receipts->reader, data, len, &err) < 0)
		listener_refuse(request, &err);
	else
		listener_consume(request, len);
}

static void
on_body_end(struct listener_request *request)
{
	struct receipts *receipts = request->ctx;
	struct bytes body = { 0 };
	struct error err = { 0 };

	if (bundle_reader_finish(&receipts->reader, &err) < 0) {
		listener_refuse(request, &err);
		return;
	}
	if (receipts->count == 0) {
		bytes_put_text(&body, "{\"receipts\":0}");
		listener_answer(request, 200, "application/json", &body);
		bytes_free(&body);
		return;
	}
	if (verify_next(receipts, &err) < 0)
		listener_refuse(request, &err);
}

static const struct listener_stream stream = { on_body, on_body_end };

static void
release(struct listener_request *request)
{
	struct receipts *receipts = request->ctx;

	for (size_t i = 0; i < receipts->count; i++)
		bytes_free(&receipts->list[i]);
	free(receipts->list);
	free(receipts);
}

void
center_post_receipts(struct listener_request *request)
{
	struct receipts *receipts = calloc(1, sizeof(*receipts));
	struct error err = { 0 };

	if (receipts == NULL) {
		error_set_memory(&err);
		listener_refuse(request, &err);
		return;
	}
	receipts->request = request;
	receipts->reader =
	    bundle_reader_of(BUNDLE_RECEIPTS, 0, &bundle_handler, receipts);
	request->ctx = receipts;
	request->release = release;
	request->stream = &stream;
}
