#include "role/listener/listener_events.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "http/http_request.h"
#include "role/listener/listener_local.h"
#include "role/listener/listener_request.h"
#include "role/peer.h"

enum {
	WAIT_S = 20, /* then a comment keeps the connection alive */
	PIECE_MAX = 500,
	NUMBER_SIZE = 24,
};

static const char stream_type[] = "text/event-stream";

struct stream {
	struct listener_request *request;
	struct bytes text; /* that the peer has not taken */
	size_t taken;
	char next[NUMBER_SIZE]; /* after which to go on */
	bool is_answered;
	bool is_over;
};

static void ask_more(struct stream *stream);

static enum http_pull
pull(void *ctx, uint8_t *to, size_t size, size_t *ret_len)
{
	struct stream *stream = ctx;
	size_t left = stream->text.len - stream->taken;
	size_t len = left < size ? left : size;

	if (len == 0)
		return stream->is_over ? HTTP_PULL_END : HTTP_PULL_WAIT;
	memcpy(to, stream->text.data + stream->taken, len);
	stream->taken += len;
	*ret_len = len;
	if (stream->taken < stream->text.len)
		return HTTP_PULL_MORE;
	bytes_clear(&stream->text);
	stream->taken = 0;
	/* Only now: what is not read is not asked for. */
	if (!stream->is_over)
		ask_more(stream);
	return HTTP_PULL_MORE;
}

/* The end of the stream: its reader comes again with what it has seen. */
static void
end_stream(struct listener_request *request)
{
	struct stream *stream = request->ctx;

	stream->is_over = true;
	http_request_resume(request->http);
}

static void
release(struct listener_request *request)
{
	struct stream *stream = request->ctx;

	bytes_free(&stream->text);
	free(stream);
}

/* The field yizhan-next of the spooler's answer. */
static void
take_next(struct stream *stream, const struct message_response *response)
{
	static const char name[] = "yizhan-next";
	struct blob headers = response->headers;

	if (headers.len > sizeof(name) &&
	    headers.len <= sizeof(name) + NUMBER_SIZE &&
	    memcmp(headers.data, name, sizeof(name)) == 0)
		(void)text_copy_len(stream->next, sizeof(stream->next),
		    (const char *)headers.data + sizeof(name),
		    headers.len - sizeof(name) - 1);
}

static void
on_response(struct listener_request *request, struct ipc_message *message)
{
	struct stream *stream = request->ctx;
	struct message_response response;
	struct error err = { 0 };

	if (message_read(message, MESSAGE_RESPONSE, &response, &err) < 0) {
		if (stream->is_answered)
			end_stream(request);
		else
			listener_refuse(request, &err);
		return;
	}
	take_next(stream, &response);
	if (response.body.len > 0)
		bytes_put(&stream->text, response.body.data, response.body.len);
	else
		bytes_put_text(&stream->text, ": \n\n");
	if (stream->text.failed) {
		http_request_reset(request->http);
		return;
	}
	if (stream->is_answered) {
		http_request_resume(request->http);
		return;
	}
	stream->is_answered = true;
	listener_answer_stream(request, stream_type, pull, stream, end_stream);
}

/* The first answer comes at once, so that the reader knows that we are here. */
static void
ask_more(struct stream *stream)
{
	struct listener_request *request = stream->request;
	struct message_request asked = { 0 };
	struct error err = { 0 };

	if (listener_local_fill(request, &asked, &err) < 0)
		goto failed;
	snprintf(asked.path, sizeof(asked.path),
	    "/v1/events?as=stream&limit=%d&after=%s&wait=%d", PIECE_MAX,
	    stream->next, stream->is_answered ? WAIT_S : 0);
	if (listener_ask(request, request->listener->spooler, MESSAGE_REQUEST,
		&asked, MESSAGE_CANCEL, on_response, &err) == 0)
		return;
failed:
	if (stream->is_answered)
		stream->is_over = true;
	else
		listener_refuse(request, &err);
}

/* What a browser has seen, or what the query says. */
static const char *
place_of(const struct listener_request *request)
{
	const char *seen = http_request_header(request->http, "last-event-id");
	const char *after = http_request_param(request->http, "after");

	return seen != NULL ? seen : after != NULL ? after : "";
}

void
listener_events(struct listener_request *request)
{
	const char *accept = http_request_header(request->http, "accept");
	const char *place = place_of(request);
	struct stream *stream;
	struct error err = { 0 };
	uint64_t number;

	if (accept == NULL || !text_starts(accept, stream_type)) {
		listener_local_handle(request);
		return;
	}
	if (place[0] != '\0' && !text_parse_u64(place, INT64_MAX, &number)) {
		error_set_id(&err, "E6204", ERROR_MALFORMED,
		    "Last-Event-ID must be a number");
		listener_refuse(request, &err);
		return;
	}
	stream = calloc(1, sizeof(*stream));
	if (stream == NULL) {
		error_set_memory(&err);
		listener_refuse(request, &err);
		return;
	}
	stream->request = request;
	text_copy(stream->next, sizeof(stream->next), place);
	request->ctx = stream;
	request->release = release;
	ask_more(stream);
}
