#include "role/listener/listener_part.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "http/http_request.h"
#include "role/filler.h"
#include "role/listener/listener_local.h"
#include "role/listener/listener_request.h"

const char listener_part_type[] = "application/partial-upload";

enum { HEADERS_MAX = 4, OFFSET_SIZE = 24 };

struct part {
	struct listener_request *request;
	struct filler_upload *upload; /* once there is a ticket */
	struct bytes early;           /* of the body, before that */
	bool has_ended;               /* the body */
	char offset[OFFSET_SIZE];
};

static void
refuse(struct part *part, struct error *err)
{
	listener_refuse(part->request, err);
}

/* The request as the spooler sees it: the offset is one more parameter. */
static int
fill(const struct part *part, struct message_request *asked, struct error *err)
{
	size_t len;

	if (listener_local_fill(part->request, asked, err) < 0)
		return -1;
	len = strlen(asked->path);
	if (len + OFFSET_SIZE + 9 > sizeof(asked->path))
		return error_set_id(err, "E6204", ERROR_MALFORMED,
		    "the path is too long");
	snprintf(asked->path + len, sizeof(asked->path) - len, "%coffset=%s",
	    strchr(asked->path, '?') != NULL ? '&' : '?', part->offset);
	return 0;
}

static void
ask(struct part *part, struct blob files, listener_answer_fn fn)
{
	struct listener_request *request = part->request;
	struct message_request *asked = calloc(1, sizeof(*asked));
	struct error err = { 0 };

	if (asked == NULL) {
		error_set_memory(&err);
		refuse(part, &err);
		return;
	}
	asked->files = files;
	if (fill(part, asked, &err) < 0 ||
	    listener_ask(request, request->listener->spooler, MESSAGE_REQUEST,
		asked, MESSAGE_CANCEL, fn, &err) < 0)
		refuse(part, &err);
	free(asked);
}

/* ---- the end ------------------------------------------------------------------ */

static void
on_sent(void *ctx)
{
	struct part *part = ctx;
	struct filler_upload *upload = part->upload;
	struct message_file file = { .name = "part",
		.upload = filler_number(upload),
		.len = filler_len(upload) };
	struct bytes list = { 0 };
	struct error err = { 0 };

	message_list_add(&list, MESSAGE_FILE, &file);
	if (bytes_failed(&list, &err) < 0) {
		bytes_free(&list);
		refuse(part, &err);
		return;
	}
	/* It is the spooler's from now on. */
	part->upload = NULL;
	filler_release(upload);
	ask(part, blob_of_bytes(&list), listener_local_on_response);
	bytes_free(&list);
}

static void
on_taken(void *ctx, size_t len)
{
	struct part *part = ctx;

	listener_consume(part->request, len);
}

static const struct filler_events filler_events = { on_taken, on_sent };

/* ---- the beginning --------------------------------------------------------------- */

static int
read_ticket(struct ipc_message *message, uint64_t *ret_ticket,
    struct error *err)
{
	struct http_header headers[HEADERS_MAX];
	struct message_response response;
	size_t count;

	if (message_read(message, MESSAGE_RESPONSE, &response, err) < 0)
		return -1;
	count = message_read_headers(response.headers, headers, HEADERS_MAX);
	for (size_t i = 0; i < count; i++)
		if (text_equal(headers[i].name, "yizhan-ticket") &&
		    text_parse_u64(headers[i].value, UINT64_MAX, ret_ticket))
			return 0;
	return error_set(err, ERROR_SYSTEM, "no ticket came");
}

static void
on_ticket(struct listener_request *request, struct ipc_message *message)
{
	struct part *part = request->ctx;
	uint64_t ticket = 0;
	struct error err = { 0 };

	if (read_ticket(message, &ticket, &err) < 0 ||
	    filler_begin(request->listener->filler, UINT64_MAX, NULL,
		&filler_events, part, &part->upload, &err) < 0) {
		refuse(part, &err);
		return;
	}
	filler_set_ticket(part->upload, ticket);
	if (part->early.len > 0 &&
	    filler_put(part->upload, part->early.data, part->early.len, &err) <
		0) {
		refuse(part, &err);
		return;
	}
	bytes_free(&part->early);
	if (part->has_ended)
		filler_finish(part->upload);
}

static void
on_body(struct listener_request *request, const uint8_t *data, size_t len)
{
	struct part *part = request->ctx;
	struct error err = { 0 };
	int rc;

	if (part->upload != NULL) {
		rc = filler_put(part->upload, data, len, &err);
	} else {
		/* The window bounds it. */
		bytes_put(&part->early, data, len);
		rc = listener_reserve(request, len, &err);
		if (rc == 0)
			rc = bytes_failed(&part->early, &err);
	}
	if (rc < 0)
		refuse(part, &err);
}

static void
on_body_end(struct listener_request *request)
{
	struct part *part = request->ctx;

	part->has_ended = true;
	if (part->upload != NULL)
		filler_finish(part->upload);
}

static const struct listener_stream stream = { on_body, on_body_end };

static void
release(struct listener_request *request)
{
	struct part *part = request->ctx;

	filler_abort(part->upload);
	bytes_free(&part->early);
	free(part);
}

void
listener_part(struct listener_request *request)
{
	const char *offset =
	    http_request_header(request->http, "upload-offset");
	struct part *part = calloc(1, sizeof(*part));
	uint64_t number;
	struct error err = { 0 };

	if (part == NULL) {
		error_set_memory(&err);
		listener_refuse(request, &err);
		return;
	}
	part->request = request;
	request->ctx = part;
	request->release = release;
	request->stream = &stream;
	part->has_ended = http_request_is_bodiless(request->http);
	if (offset == NULL || !text_parse_u64(offset, INT64_MAX, &number)) {
		error_set_id(&err, "E6204", ERROR_MALFORMED,
		    "upload-offset says from which byte on it goes");
		refuse(part, &err);
		return;
	}
	snprintf(part->offset, sizeof(part->offset), "%llu",
	    (unsigned long long)number);
	ask(part, blob_of(NULL, 0), on_ticket);
}
