/*
 * Small texts that a calling host chooses: the serials it has, the language it
 * wants, the path it asks for.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "http/http_trace.h"
#include "role/bulletins/serials.h"
#include "role/listener/listener_route.h"
#include "role/message.h"
#include "role/problem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const struct listener_route routes[] = {
	{ .method = "GET", .pattern = "/v1/feed" },
	{ .method = "POST", .pattern = "/v1/inbox/{}/{}:confirm" },
	{ .method = "GET", .pattern = "/v1/inbox/{}/{}/files/{}" },
	{ .method = NULL },
};

/* What was accepted says the same when it is written again. */
static void
check_serials(const char *text)
{
	struct message_directory serials;
	struct bytes again = { 0 };
	struct error err = { 0 };

	if (serials_parse_have(text, &serials, &err) < 0)
		return;
	if (serials_is_newer(&serials, &serials))
		abort();
	serials_put(&serials, &again);
	bytes_free(&again);
}

static void
check_problem(const char *text)
{
	struct bytes json = { 0 };
	struct error failure = { 0 };
	char trace[HTTP_TRACE_SIZE];

	error_set(&failure, ERROR_MALFORMED, "%s", text);
	if (http_trace_parse(text, trace) !=
	    (strlen(trace) == 2 * HTTP_TRACE_LEN))
		abort();
	if (problem_put(&failure, text, trace, NULL, &json) != 400 ||
	    !text_is_utf8(json.data, json.len))
		abort();
	bytes_free(&json);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const struct listener_route *route = NULL;
	struct http_segments segments;
	struct error err = { 0 };
	char *text;

	if (len > 2048 || memchr(data, '\0', len) != NULL)
		return 0;
	text = text_dup_len((const char *)data, len);
	if (text == NULL)
		return 0;
	check_serials(text);
	check_problem(text);
	if (listener_route_find(routes, "GET", text, &route, &segments, &err) ==
		0 &&
	    route->method == NULL)
		abort();
	free(text);
	return 0;
}
