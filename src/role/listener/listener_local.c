#include "role/listener/listener_local.h"

#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "http/http_request.h"
#include "role/listener/listener_local_files.h"
#include "role/listener/listener_request.h"
#include "role/listener/web_files.h"
#include "role/query/puller.h"

enum { HEADERS_MAX = 8 };

/* A read that succeeded, of which a tag says whether it is known already. */
static bool
has_tag(const struct listener_request *request,
    const struct message_response *response)
{
	return response->status == 200 &&
	    text_equal(request->route->method, "GET") &&
	    text_equal(response->type, "application/json");
}

/* With the further fields that whoever answered wants, and a tag. */
static void
answer_with(struct listener_request *request,
    const struct message_response *response, struct bytes *body)
{
	struct http_header headers[HEADERS_MAX + 1];
	const char *known = http_request_header(request->http, "if-none-match");
	size_t count =
	    message_read_headers(response->headers, headers, HEADERS_MAX);
	char tag[WEB_TAG_SIZE];

	if (has_tag(request, response)) {
		web_tag(body->data, body->len, tag);
		headers[count++] = (struct http_header){ "etag", tag };
		if (web_matches(known, tag)) {
			listener_answer_with(request, 304, response->type, NULL,
			    headers, count);
			return;
		}
	}
	listener_answer_with(request, response->status, response->type, body,
	    headers, count);
}

void
listener_local_on_response(struct listener_request *request,
    struct ipc_message *message)
{
	struct message_response response;
	struct pull_range range;
	struct bytes body = { 0 };
	struct error err = { 0 };

	if (message_read(message, MESSAGE_RESPONSE, &response, &err) < 0) {
		listener_refuse(request, &err);
		return;
	}
	range = (struct pull_range){ response.payload, response.payload_offset,
		response.payload_len };
	bytes_put(&body, response.body.data, response.body.len);
	if (response.status < 200 || response.status > 599)
		error_set(&err, ERROR_SYSTEM, "answer with status %u",
		    response.status);
	if (err.code != ERROR_NONE || bytes_failed(&body, &err) < 0)
		listener_refuse(request, &err);
	else if (response.payload != 0)
		listener_answer_payload(request, response.status, response.type,
		    &body, &range);
	else if (response.pages > 0 || text_starts(response.type, "text/html"))
		listener_answer_page(request, response.status, response.type,
		    &body, response.pages, response.missing);
	else
		answer_with(request, &response, &body);
	bytes_free(&body);
}

/* Copy a header field, which may be missing. */
static int
copy_header(const struct listener_request *request, const char *name, char *to,
    size_t size, struct error *err)
{
	const char *value = http_request_header(request->http, name);

	if (text_copy(to, size, value != NULL ? value : ""))
		return 0;
	return error_set_id(err, "E6204", ERROR_MALFORMED,
	    "%s is longer than %zu characters", name, size - 1);
}

/* Without parameters, such as the boundary of a form. */
static int
copy_type(const struct listener_request *request, struct message_request *to,
    struct error *err)
{
	const char *type = http_request_header(request->http, "content-type");

	if (type == NULL)
		type = "";
	if (text_copy_len(to->type, sizeof(to->type), type,
		strcspn(type, "; ")))
		return 0;
	return error_set_id(err, "E6204", ERROR_MALFORMED,
	    "content-type is longer than %zu characters", sizeof(to->type) - 1);
}

int
listener_local_fill(const struct listener_request *request,
    struct message_request *to, struct error *err)
{
	const struct http_peer *peer = http_request_peer(request->http);

	to->uid = request->uid;
	to->fingerprint = request->fingerprint;
	to->door = (uint8_t)request->door->callers;
	to->session = request->session;
	to->token = request->token;
	text_copy(to->address, sizeof(to->address), peer->net.host);
	text_copy(to->method, sizeof(to->method), request->route->method);
	text_copy(to->trace, sizeof(to->trace), request->trace);
	/* A list of languages too long to keep is as good as none. */
	if (copy_header(request, "accept-language", to->language,
		sizeof(to->language), err) < 0)
		*err = (struct error){ 0 };
	/* An office is what only this machine's users are believed to have. */
	if (request->door->callers == LISTENER_LOCAL &&
	    (copy_header(request, "yizhan-office", to->office,
		 sizeof(to->office), err) < 0 ||
		copy_header(request, "yizhan-organisation", to->organisation,
		    sizeof(to->organisation), err) < 0))
		return -1;
	if (copy_header(request, ":path", to->path, sizeof(to->path), err) <
		0 ||
	    copy_type(request, to, err) < 0 ||
	    copy_header(request, "if-match", to->match, sizeof(to->match),
		err) < 0)
		return -1;
	return copy_header(request, "idempotency-key", to->key, sizeof(to->key),
	    err);
}

static struct peer *
answerer_of(const struct listener_request *request)
{
	bool may_wait = http_request_param(request->http, "wait") != NULL ||
	    http_request_param(request->http, "for") != NULL;

	/* What lies here is for hosts below; at the socket the one above is asked. */
	if (text_starts(request->route->pattern, "/v1/releases/"))
		return request->door->callers == LISTENER_HOSTS
		    ? request->listener->query
		    : request->listener->spooler;
	/* Keeper, other hosts, uploads, and what is held, only the spooler can ask. */
	return text_equal(request->route->method, "GET") && !may_wait &&
		!text_equal(request->route->pattern, "/v1/module") &&
		!text_equal(request->route->pattern, "/v1/measures") &&
		!text_equal(request->route->pattern,
		    "/v1/drafts/{}/uploads/{}") &&
		!text_starts(request->route->pattern, "/v1/logs/")
	    ? request->listener->query
	    : request->listener->spooler;
}

void
listener_local_ask(struct listener_request *request, struct blob files)
{
	struct message_request asked = { .files = files };
	struct peer *answerer = answerer_of(request);
	/* Query answers at once: there is nothing to cancel. */
	enum message_type cancel = answerer == request->listener->spooler
	    ? MESSAGE_CANCEL
	    : MESSAGE_NONE;
	struct error err = { 0 };

	asked.body = blob_of_bytes(&request->body);
	if (listener_local_fill(request, &asked, &err) < 0 ||
	    listener_ask(request, answerer, MESSAGE_REQUEST, &asked, cancel,
		listener_local_on_response, &err) < 0)
		listener_refuse(request, &err);
}

void
listener_local_handle(struct listener_request *request)
{
	if (listener_route_is_stream(request->route))
		listener_local_files(request);
	else
		listener_local_ask(request, blob_of(NULL, 0));
}
