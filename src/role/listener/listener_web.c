#include "role/listener/listener_web.h"

#include <stdio.h>

#include "base/error.h"
#include "base/text.h"
#include "http/http_request.h"
#include "role/listener/listener_request.h"
#include "role/listener/web_files.h"

enum { TAG_SIZE = 64 };

void
listener_web_alive(struct listener_request *request)
{
	struct bytes body = { 0 };

	bytes_put_text(&body, "ok\n");
	listener_answer(request, 200, "text/plain; charset=utf-8", &body);
	bytes_free(&body);
}

static void
answer_file(struct listener_request *request, const struct web_file *file)
{
	const char *coding;
	const struct web_bytes *variant = web_file_variant(file,
	    http_request_header(request->http, "accept-encoding"), &coding);
	char tag[TAG_SIZE];
	struct http_header headers[4];
	struct bytes body = { 0 };
	size_t count = 0;

	/* A strong tag is for these very bytes. */
	snprintf(tag, sizeof(tag), "\"%s%s%s\"", file->tag,
	    coding[0] != '\0' ? "-" : "", coding);
	headers[count++] = (struct http_header){ "etag", tag };
	headers[count++] = (struct http_header){ "vary", "accept-encoding" };
	headers[count++] = (struct http_header){ "cache-control",
		file->is_lasting ? "public, max-age=31536000, immutable"
				 : "no-cache" };
	if (coding[0] != '\0')
		headers[count++] =
		    (struct http_header){ "content-encoding", coding };
	if (web_matches(http_request_header(request->http, "if-none-match"),
		tag)) {
		listener_answer_with(request, 304, file->type, NULL, headers,
		    count);
		return;
	}
	bytes_put(&body, variant->data, variant->len);
	listener_answer_with(request, 200, file->type, &body, headers, count);
	bytes_free(&body);
}

void
listener_web_file(struct listener_request *request)
{
	listener_web_serve(request, http_request_target(request->http)->path);
}

void
listener_web_serve(struct listener_request *request, const char *path)
{
	/* Templates are no pages yet (role/listener/web_template.h). */
	const struct web_file *file =
	    text_starts(path, "/templates/") ? NULL : web_file_find(path);
	struct error err = { 0 };

	if (file != NULL) {
		answer_file(request, file);
		return;
	}
	error_set_id(&err, "E6201", ERROR_NOT_FOUND, "there is nothing at %s",
	    path);
	listener_refuse(request, &err);
}
