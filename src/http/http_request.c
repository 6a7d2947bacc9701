#include "http/http_request.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "http/http_server_internal.h"
#include "sys/loop.h"

/* A slow body must move on by so much in limits.body_ms. */
enum { PROGRESS_LEN = 4096 };

static const struct http_request_events no_events = { 0 };

static const struct http_way *
way_of(const struct http_request *request)
{
	return request->session->way;
}

static uint64_t
now_of(const struct http_request *request)
{
	return loop_now_ms(request->session->server->loop);
}

struct http_request *
http_request_new(struct http_session *session, int32_t stream_id)
{
	struct http_request *request = calloc(1, sizeof(*request));

	if (request == NULL)
		return NULL;
	request->session = session;
	request->stream_id = stream_id;
	request->events = &no_events;
	request->next = session->requests;
	if (request->next != NULL)
		request->next->previous = request;
	session->requests = request;
	session->server->counts.streams++;
	return request;
}

static void
unlink_request(struct http_request *request)
{
	struct http_session *session = request->session;

	if (request->previous != NULL)
		request->previous->next = request->next;
	else
		session->requests = request->next;
	if (request->next != NULL)
		request->next->previous = request->previous;
	session->server->counts.streams--;
	if (session->requests == NULL)
		session->idle_at_ms = loop_now_ms(session->server->loop);
	http_session_touch(session);
}

void
http_request_end(struct http_request *request)
{
	struct http_session *session = request->session;

	unlink_request(request);
	request->is_over = true;
	if (session->headers_stream_id == request->stream_id)
		session->headers_at_ms = 0;
	if (session->conn->state == HTTP_CONN_OPEN)
		session->way->end(request, request->unconsumed);
	http_conn_wake(session->conn);
	if (request->events->on_close != NULL)
		request->events->on_close(request->ctx, request,
		    request->is_sent);
	http_fields_free(&request->fields);
	http_target_free(&request->target);
	http_outbody_free(&request->body);
	free(request);
}

/* What breaks the rules of HTTP is answered here, with a short problem. */
static void
refuse(struct http_request *request, int status, const char *id)
{
	static const struct http_header headers[] = {
		{ "content-type", "application/problem+json" },
	};
	struct bytes problem = { 0 };
	struct http_body body = { .bytes = &problem };

	bytes_put_format(&problem,
	    "{\"status\":%d,\"code\":\"%s\",\"next\":\"yizhan explain %s\"}\n",
	    status, id, id);
	http_request_answer(request, status, headers, 1, &body);
	bytes_free(&problem);
}

void
http_request_dispatch(struct http_request *request, bool is_bodiless)
{
	struct http_server *server = request->session->server;
	const char *path = http_fields_get(&request->fields, ":path");
	struct error err = { 0 };

	request->session->has_asked = true;
	http_session_touch(request->session);
	request->is_bodiless = is_bodiless;
	request->is_body_complete = is_bodiless;
	request->progress_at_ms = now_of(request);
	server->counts.requests++;
	if (request->is_too_large) {
		refuse(request, 431, "E6102");
		return;
	}
	if (path == NULL ||
	    http_target_parse(path, strlen(path), &request->target, &err) < 0) {
		refuse(request, error_is_temporary(&err) ? 503 : 400, "E6101");
		return;
	}
	request->is_dispatched = true;
	server->events->on_request(server->ctx, request);
}

/* Let the peer send as many bytes again. */
static void
give_back(struct http_request *request, size_t len)
{
	assert(len <= request->unconsumed);
	request->unconsumed -= len;
	if (len == 0 || request->session->conn->state != HTTP_CONN_OPEN)
		return;
	way_of(request)->give_back(request, len);
	http_conn_wake(request->session->conn);
}

void
http_request_receive(struct http_request *request, const uint8_t *data,
    size_t len)
{
	request->received += len;
	request->unconsumed += len;
	if (request->events->on_body == NULL || request->is_answered ||
	    request->is_reset)
		give_back(request, len);
	else
		request->events->on_body(request->ctx, request, data, len);
}

void
http_request_body_end(struct http_request *request)
{
	request->is_body_complete = true;
	request->progress_at_ms = now_of(request);
	if (request->events->on_body_end != NULL && !request->is_answered &&
	    !request->is_reset)
		request->events->on_body_end(request->ctx, request);
}

/* Whether the peer could have moved on and did not. */
static bool
is_waiting_for_peer(const struct http_request *request)
{
	const struct http_limits *limits = &request->session->server->limits;

	if (request->is_answered)
		return !request->is_sent && !request->body.is_waiting;
	return !request->is_body_complete &&
	    request->unconsumed <= limits->stream_window / 2 &&
	    way_of(request)->has_room(request);
}

bool
http_request_is_stalled(struct http_request *request, uint64_t now_ms)
{
	const struct http_limits *limits = &request->session->server->limits;
	uint64_t total = request->received + request->body.total;
	uint32_t allowed_ms =
	    request->is_answered ? limits->write_ms : limits->body_ms;

	if (!request->is_dispatched || request->is_reset)
		return false;
	if (!is_waiting_for_peer(request) ||
	    total - request->progress_total >= PROGRESS_LEN) {
		request->progress_total = total;
		request->progress_at_ms = now_ms;
		http_session_touch(request->session);
		return false;
	}
	return now_ms - request->progress_at_ms > allowed_ms;
}

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
	/* No request comes through without it. */
	return http_fields_get(&request->fields, ":method");
}

const char *
http_request_authority(const struct http_request *request)
{
	const char *authority = http_fields_get(&request->fields, ":authority");

	return authority != NULL ? authority
				 : http_fields_get(&request->fields, "host");
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
	return http_fields_get(&request->fields, name);
}

const char *
http_request_cookie(const struct http_request *request, const char *name,
    size_t *ret_len)
{
	return http_fields_cookie(&request->fields, name, ret_len);
}

bool
http_request_length(const struct http_request *request, uint64_t *ret_length)
{
	const char *text = http_fields_get(&request->fields, "content-length");

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
	return &request->session->peer;
}

void
http_request_consume(struct http_request *request, size_t len)
{
	/* An answer has given back everything already. */
	if (request->is_answered || request->is_over)
		return;
	give_back(request, len);
}

/* The peer's turn begins, with a full span of time. */
static void
mark_answered(struct http_request *request)
{
	request->is_answered = true;
	request->progress_total = request->received + request->body.total;
	request->progress_at_ms = now_of(request);
	give_back(request, request->unconsumed);
}

/* With its length, where that is known; HEAD gets no more than that. */
static int
submit(struct http_request *request, int status,
    const struct http_header *headers, size_t header_count, bool has_body)
{
	struct http_header list[HTTP_HEADERS_MAX + 1];
	char length_text[24];
	bool is_head = text_equal(http_request_method(request), "HEAD");

	if (header_count > 0)
		memcpy(list, headers, header_count * sizeof(list[0]));
	if (has_body && request->body.pull == NULL) {
		snprintf(length_text, sizeof(length_text), "%zu",
		    request->body.bytes.len);
		list[header_count++] =
		    (struct http_header){ "content-length", length_text };
	}
	if (is_head)
		request->body.is_done = true;
	return way_of(request)->answer(request, status, list, header_count,
	    has_body && !is_head);
}

void
http_request_answer(struct http_request *request, int status,
    const struct http_header *headers, size_t header_count,
    const struct http_body *body)
{
	bool has_body;

	assert(!request->is_answered);
	assert(status >= 200 && status <= 599);
	assert(header_count <= HTTP_HEADERS_MAX);
	has_body = http_outbody_init(&request->body, body);
	mark_answered(request);
	if (request->is_over || request->session->conn->state != HTTP_CONN_OPEN)
		return;
	if (submit(request, status, headers, header_count, has_body) < 0)
		http_request_reset(request);
	http_conn_wake(request->session->conn);
}

bool
http_request_is_answered(const struct http_request *request)
{
	return request->is_answered;
}

void
http_request_resume(struct http_request *request)
{
	if (request->is_over || request->session->conn->state != HTTP_CONN_OPEN)
		return;
	request->body.is_waiting = false;
	request->progress_at_ms = now_of(request);
	way_of(request)->resume(request);
	http_conn_wake(request->session->conn);
}

void
http_request_keep(struct http_request *request)
{
	request->session->is_known = true;
	http_session_touch(request->session);
}

void
http_request_reset(struct http_request *request)
{
	if (request->is_over || request->is_reset)
		return;
	request->is_reset = true;
	way_of(request)->reset(request);
	http_conn_wake(request->session->conn);
}
