#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "http/http_client.h"
#include "model/times.h"
#include "role/courier/courier_internal.h"
#include "role/env.h"
#include "role/filler.h"
#include "role/peer.h"
#include "role/query/puller.h"
#include "sys/ipc.h"
#include "sys/loop.h"

static void
unhang(struct courier_call *call)
{
	if (call->previous != NULL)
		call->previous->next = call->next;
	else
		call->queue->first = call->next;
	if (call->next != NULL)
		call->next->previous = call->previous;
	else
		call->queue->last = call->previous;
}

void
courier_call_move(struct courier_call *call, struct courier_queue *queue)
{
	if (call->queue != NULL)
		unhang(call);
	call->queue = queue;
	call->next = NULL;
	call->previous = queue != NULL ? queue->last : NULL;
	if (queue == NULL)
		return;
	if (queue->last != NULL)
		queue->last->next = call;
	else
		queue->first = call;
	queue->last = call;
}

void
courier_call_leave(struct courier_call *call)
{
	struct courier_link *link = call->link;

	courier_call_move(call, NULL);
	call->link = NULL;
	if (link != NULL)
		link->call_count--;
}

void
courier_call_drop(struct courier_call *call)
{
	struct filler_upload *upload = call->upload;

	courier_call_leave(call);
	if (call->stream != NULL)
		http_stream_cancel(call->stream);
	pull_free(call->pull);
	loop_timer_free(call->timer);
	bytes_free(&call->body);
	bytes_free(&call->answer);
	free(call);
	filler_abort(upload);
}

/* The place on the connection is free for one that waits. */
static void
drop_and_go(struct courier_call *call)
{
	struct courier_peer *peer = call->link != NULL ? call->peer : NULL;

	courier_call_drop(call);
	if (peer != NULL)
		courier_peer_next(peer);
}

void
courier_call_fail(struct courier_call *call, const struct error *failure)
{
	peer_refuse(call->courier->spooler, call->id, failure);
	drop_and_go(call);
}

void
courier_call_finish(struct courier_call *call)
{
	struct message_called *called = &call->called;
	struct filler_upload *upload = call->upload;

	called->body = blob_of_bytes(&call->answer);
	if (upload != NULL) {
		called->upload = filler_number(upload);
		called->upload_len = filler_len(upload);
	}
	peer_tell(call->courier->spooler, MESSAGE_CALLED, call->id, called, -1);
	/* The answer names the upload, so it is the spooler's now. */
	call->upload = NULL;
	filler_release(upload);
	drop_and_go(call);
}

static void
on_waited(void *ctx)
{
	struct courier_call *call = ctx;
	struct error err = { 0 };

	error_set_id(&err, "E6301", ERROR_BUSY,
	    "%s was not connected within %d ms", call->peer->name,
	    COURIER_WAIT_MS);
	courier_call_fail(call, &err);
}

static int
fill_in(struct courier_call *call, struct ipc_message *message,
    struct error *err)
{
	struct message_call *spec = &call->spec;

	if (message_read(message, MESSAGE_CALL, spec, err) < 0)
		return -1;
	bytes_put(&call->body, spec->body.data, spec->body.len);
	spec->body = blob_of(NULL, 0);
	if (bytes_failed(&call->body, err) < 0 ||
	    loop_timer_new(call->courier->env->loop, on_waited, call,
		&call->timer, err) < 0)
		return -1;
	loop_timer_start(call->timer, COURIER_WAIT_MS);
	return 0;
}

void
courier_call_begin(struct courier *courier, struct ipc_message *message)
{
	struct courier_call *call = calloc(1, sizeof(*call));
	struct courier_peer *peer;
	struct error err = { 0 };

	if (call == NULL) {
		error_set_memory(&err);
		peer_refuse(courier->spooler, message->id, &err);
		return;
	}
	call->courier = courier;
	call->id = message->id;
	if (fill_in(call, message, &err) < 0 ||
	    courier_peer_get(courier, call->spec.peer, &peer, &err) < 0)
		courier_call_fail(call, &err);
	else
		courier_peer_add(peer, call);
}

static void
on_ready(void *ctx)
{
	struct courier_call *call = ctx;

	if (call->stream != NULL)
		http_stream_resume(call->stream);
}

int
courier_call_send(struct courier_call *call, struct http_client *client,
    struct error *err)
{
	const struct message_call *spec = &call->spec;
	char time[TIMES_RFC3339_SIZE];
	char length[24];
	struct http_header headers[4];
	struct http_outgoing request = { .method = spec->method,
		.target = spec->path,
		.headers = headers,
		.timeout_ms = spec->timeout_ms };

	times_format(role_env_now(call->courier->env), time);
	headers[request.header_count++] =
	    (struct http_header){ "yizhan-time", time };
	if (spec->type[0] != '\0')
		headers[request.header_count++] =
		    (struct http_header){ "content-type", spec->type };
	if (spec->payload != 0) {
		struct pull_range range = { .payload = spec->payload,
			.offset = spec->payload_offset,
			.len = spec->payload_len };

		if (pull_new(call->courier->puller, &call->body, &range,
			on_ready, call, &call->pull, err) < 0)
			return -1;
		snprintf(length, sizeof(length), "%" PRIu64,
		    pull_len(call->pull));
		headers[request.header_count++] =
		    (struct http_header){ "content-length", length };
		request.body.pull = pull_read;
		request.body.ctx = call->pull;
	} else if (call->body.len > 0) {
		request.body.bytes = &call->body;
	}
	return http_client_send(client, &request, &courier_answer_events, call,
	    &call->stream, err);
}
