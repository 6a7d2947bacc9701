/* The serving side of the simulated connections. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "simulate/sim_http_internal.h"

enum { PIECE_MAX = 8192 };

struct http_request {
	struct http_request *next;
	struct conn *conn;
	uint64_t number;
	const struct http_request_events *events;
	void *ctx;
	struct sim_headers headers;
	struct http_target target;
	struct outbody out;
	struct sim_event *event; /* pump, close, or the body's deadline */
	bool is_bodiless;
	bool is_complete;
	bool is_answered;
	bool is_over;
};

static const struct http_request_events no_events = { 0 };

static void
request_end(struct http_request *request, bool is_answered)
{
	struct http_request **at = &request->conn->requests;

	while (*at != request)
		at = &(*at)->next;
	*at = request->next;
	sim_cancel(request->event);
	request->is_over = true;
	if (request->events->on_close != NULL)
		request->events->on_close(request->ctx, request, is_answered);
	sim_headers_free(&request->headers);
	http_target_free(&request->target);
	bytes_free(&request->out.bytes);
	free(request);
}

/* Its process is gone: nobody is told. */
void
server_forget(struct conn *conn)
{
	conn->requests = NULL;
}

static void
send_plain(struct http_request *request, enum item_kind kind)
{
	item_send(item_new(request->conn, TO_CLIENT, kind, request->number));
}

static void
on_answered(void *arg)
{
	struct http_request *request = arg;

	request->event = NULL;
	request_end(request, true);
}

static void
on_given_up(void *arg)
{
	struct http_request *request = arg;

	request->event = NULL;
	send_plain(request, ITEM_RESET);
	request_end(request, false);
}

static void
again(struct http_request *request, int64_t after, sim_fn fn)
{
	sim_cancel(request->event);
	request->event = sim_at(sim_time() + after, request->conn->server->role,
	    fn, request);
}

/* The peer has to go on with its body. */
static void
await_body(struct http_request *request)
{
	again(request, (int64_t)request->conn->server->limits.body_ms * SIM_MS,
	    on_given_up);
}

static void
pump(void *arg)
{
	struct http_request *request = arg;
	uint8_t piece[PIECE_MAX];
	size_t len = 0;
	enum http_pull pull =
	    outbody_next(&request->out, piece, piece_size(), &len);

	request->event = NULL;
	if (pull == HTTP_PULL_WAIT)
		return;
	if (pull == HTTP_PULL_FAIL) {
		on_given_up(request);
		return;
	}
	if (len > 0) {
		struct item *item = item_new(request->conn, TO_CLIENT,
		    ITEM_DATA, request->number);

		item_data(item, piece, len);
		item_send(item);
	}
	if (pull == HTTP_PULL_MORE) {
		again(request, sim_between(5, 100), pump);
		return;
	}
	send_plain(request, ITEM_END);
	again(request, 0, on_answered);
}

/* ---- what arrives ----------------------------------------------------------- */

static void
refuse(struct http_request *request, int status)
{
	http_request_answer(request, status, NULL, 0, NULL);
}

static void
begin(struct http_server *server, struct item *item)
{
	struct http_request *request = calloc(1, sizeof(*request));
	const char *path = sim_headers_get(&item->headers, ":path");
	struct error err = { 0 };

	if (request == NULL)
		abort();
	request->conn = item->conn;
	request->number = item->stream;
	request->events = &no_events;
	request->headers = item->headers;
	item->headers.count = 0;
	request->is_bodiless = request->is_complete = !item->has_body;
	request->next = item->conn->requests;
	item->conn->requests = request;
	if (!request->is_complete)
		await_body(request);
	if (http_target_parse(path, strlen(path), &request->target, &err) < 0)
		refuse(request, 400);
	else
		server->events->on_request(server->ctx, request);
}

static struct http_request *
find(const struct conn *conn, uint64_t number)
{
	struct http_request *request = conn->requests;

	while (request != NULL && request->number != number)
		request = request->next;
	return request;
}

static void
request_take(struct http_request *request, const struct item *item)
{
	if (item->kind == ITEM_RESET) {
		request_end(request, false);
	} else if (item->kind == ITEM_DATA && !request->is_answered) {
		await_body(request);
		if (request->events->on_body != NULL)
			request->events->on_body(request->ctx, request,
			    item->data, item->len);
	} else if (item->kind == ITEM_END && !request->is_answered) {
		sim_cancel(request->event);
		request->event = NULL;
		request->is_complete = true;
		if (request->events->on_body_end != NULL)
			request->events->on_body_end(request->ctx, request);
	}
}

void
server_take(struct http_server *server, struct item *item)
{
	struct conn *conn = item->conn;
	struct http_request *request;

	switch (item->kind) {
	case ITEM_HEADERS:
		begin(server, item);
		return;
	case ITEM_CLOSE:
		while (conn->requests != NULL)
			request_end(conn->requests, false);
		conn->server = NULL;
		return;
	case ITEM_DATA:
	case ITEM_END:
	case ITEM_RESET:
		request = find(conn, item->stream);
		if (request != NULL)
			request_take(request, item);
		return;
	case ITEM_OPEN:
	case ITEM_OPENED:
		break;
	}
	abort();
}

/* ---- http/http_request.h ------------------------------------------------------ */

void
http_request_handle(struct http_request *request,
    const struct http_request_events *events, void *ctx)
{
	request->events = events;
	request->ctx = ctx;
}

const char *
http_request_method(const struct http_request *request)
{
	return sim_headers_get(&request->headers, ":method");
}

const char *
http_request_authority(const struct http_request *request)
{
	return sim_headers_get(&request->headers, ":authority");
}

const char *
http_request_cookie(const struct http_request *request, const char *name,
    size_t *ret_len)
{
	(void)request;
	(void)name;
	(void)ret_len;
	return NULL;
}

void
http_request_keep(struct http_request *request)
{
	(void)request;
}

const struct http_target *
http_request_target(const struct http_request *request)
{
	return &request->target;
}

const char *
http_request_param(const struct http_request *request, const char *name)
{
	return http_target_param(&request->target, name);
}

const char *
http_request_header(const struct http_request *request, const char *name)
{
	return sim_headers_get(&request->headers, name);
}

bool
http_request_length(const struct http_request *request, uint64_t *ret_length)
{
	const char *text = sim_headers_get(&request->headers, "content-length");

	return text != NULL && text_parse_u64(text, INT64_MAX, ret_length);
}

bool
http_request_is_bodiless(const struct http_request *request)
{
	return request->is_bodiless;
}

const struct http_peer *
http_request_peer(const struct http_request *request)
{
	return &request->conn->peer;
}

void
http_request_consume(struct http_request *request, size_t len)
{
	(void)request;
	(void)len;
}

void
http_request_answer(struct http_request *request, int status,
    const struct http_header *headers, size_t header_count,
    const struct http_body *body)
{
	struct item *item;

	assert(!request->is_answered);
	assert(status >= 200 && status <= 599);
	request->is_answered = true;
	outbody_init(&request->out, body);
	if (request->is_over || request->conn->server == NULL)
		return;
	item =
	    item_new(request->conn, TO_CLIENT, ITEM_HEADERS, request->number);
	item->status = status;
	for (size_t i = 0; i < header_count; i++)
		sim_headers_add(&item->headers, headers[i].name,
		    headers[i].value);
	item_send(item);
	again(request, 0, pump);
}

bool
http_request_is_answered(const struct http_request *request)
{
	return request->is_answered;
}

void
http_request_resume(struct http_request *request)
{
	if (request->is_over || !request->out.is_waiting ||
	    request->event != NULL)
		return;
	request->out.is_waiting = false;
	again(request, 0, pump);
}

void
http_request_reset(struct http_request *request)
{
	if (!request->is_over)
		again(request, 0, on_given_up);
}
