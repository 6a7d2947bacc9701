/*
 * The log for other hosts: all of it is query's answer, but what another center
 * has to be asked for.
 */
#include "base/error.h"
#include "base/text.h"
#include "center/listener/center_listener_internal.h"
#include "http/http_request.h"
#include "role/listener/listener_local.h"
#include "role/listener/listener_request.h"

static void
ask(struct listener_request *request, struct peer *answerer)
{
	const char *path = http_request_header(request->http, ":path");
	struct message_request asked = { .method = "GET" };
	struct error err = { 0 };

	if (path == NULL || !text_copy(asked.path, sizeof(asked.path), path))
		error_set_id(&err, "E6204", ERROR_MALFORMED,
		    "the path is too long");
	else if (listener_ask(request, answerer, MESSAGE_REQUEST, &asked,
		     MESSAGE_NONE, listener_local_on_response, &err) == 0)
		return;
	listener_refuse(request, &err);
}

void
center_get_log(struct listener_request *request)
{
	ask(request, request->listener->query);
}

void
center_get_other_log(struct listener_request *request)
{
	ask(request, request->listener->spooler);
}
