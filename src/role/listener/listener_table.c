#include "role/listener/listener_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "http/http_path.h"
#include "http/http_request.h"
#include "package/zip_stream.h"
#include "role/listener/listener_local.h"
#include "role/listener/listener_request.h"
#include "role/peer.h"

enum { NEXT_SIZE = 80 };

static const char csv_type[] = "text/csv; charset=utf-8";
static const char ods_type[] = "application/vnd.oasis.opendocument.spreadsheet";
static const char manifest[] =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    "<manifest:manifest"
    " xmlns:manifest=\"urn:oasis:names:tc:opendocument:xmlns:manifest:1.0\""
    " manifest:version=\"1.2\">"
    "<manifest:file-entry manifest:full-path=\"/\" manifest:version=\"1.2\""
    " manifest:media-type=\"application/vnd.oasis.opendocument.spreadsheet\"/>"
    "<manifest:file-entry manifest:full-path=\"content.xml\""
    " manifest:media-type=\"text/xml\"/>"
    "</manifest:manifest>\n";

struct table {
	struct listener_request *request;
	struct zip_stream *zip; /* of ODS */
	struct bytes text;      /* that the peer has not taken */
	size_t taken;
	char next[NEXT_SIZE]; /* cursor of the next piece */
	bool is_answered;
	bool is_asking;
	bool is_whole; /* the last piece is in `text` */
};

static int ask_piece(struct table *table, struct error *err);

static void
fail(struct table *table, const struct error *failure)
{
	if (table->is_answered)
		http_request_reset(table->request->http);
	else
		listener_refuse(table->request, failure);
}

static enum http_pull
pull(void *ctx, uint8_t *to, size_t size, size_t *ret_len)
{
	struct table *table = ctx;
	size_t left = table->text.len - table->taken;
	size_t len = left < size ? left : size;
	struct error err = { 0 };

	if (len == 0)
		return table->is_whole ? HTTP_PULL_END : HTTP_PULL_WAIT;
	memcpy(to, table->text.data + table->taken, len);
	table->taken += len;
	*ret_len = len;
	if (table->taken < table->text.len)
		return HTTP_PULL_MORE;
	bytes_clear(&table->text);
	table->taken = 0;
	if (!table->is_whole && !table->is_asking && ask_piece(table, &err) < 0)
		http_request_reset(table->request->http);
	return HTTP_PULL_MORE;
}

/* A file that is cut off would look whole: its reader hears that it is not. */
static void
end_stream(struct listener_request *request)
{
	http_request_reset(request->http);
}

static void
release(struct listener_request *request)
{
	struct table *table = request->ctx;

	zip_stream_free(table->zip);
	bytes_free(&table->text);
	free(table);
}

/* ---- a piece ------------------------------------------------------------ */

static int
pack(struct table *table, struct blob piece, struct error *err)
{
	if (!table->is_answered &&
	    (zip_stream_add(table->zip, "mimetype", ods_type,
		 sizeof(ods_type) - 1, &table->text, err) < 0 ||
		zip_stream_add(table->zip, "META-INF/manifest.xml", manifest,
		    sizeof(manifest) - 1, &table->text, err) < 0 ||
		zip_stream_begin(table->zip, "content.xml", &table->text, err) <
		    0))
		return -1;
	if (zip_stream_put(table->zip, piece.data, piece.len, &table->text,
		err) < 0)
		return -1;
	if (!table->is_whole)
		return 0;
	if (zip_stream_end(table->zip, &table->text, err) < 0)
		return -1;
	return zip_stream_finish(table->zip, &table->text, err);
}

/* The field yizhan-next of the answer; without it this is the last piece. */
static void
take_next(struct table *table, struct blob headers)
{
	static const char name[] = "yizhan-next";

	table->is_whole = headers.len <= sizeof(name) ||
	    headers.len > sizeof(name) + NEXT_SIZE ||
	    memcmp(headers.data, name, sizeof(name)) != 0 ||
	    !text_copy_len(table->next, sizeof(table->next),
		(const char *)headers.data + sizeof(name),
		headers.len - sizeof(name) - 1);
}

static int
take_piece(struct table *table, const struct message_response *response,
    struct error *err)
{
	take_next(table, response->headers);
	if (table->zip != NULL)
		return pack(table, response->body, err);
	bytes_put(&table->text, response->body.data, response->body.len);
	return bytes_failed(&table->text, err);
}

static void
on_response(struct listener_request *request, struct ipc_message *message)
{
	struct table *table = request->ctx;
	struct message_response response;
	struct error err = { 0 };

	table->is_asking = false;
	if (message_read(message, MESSAGE_RESPONSE, &response, &err) < 0 ||
	    take_piece(table, &response, &err) < 0) {
		fail(table, &err);
		return;
	}
	/* A piece may pack into nothing yet. */
	if (table->text.len == 0 && !table->is_whole) {
		if (ask_piece(table, &err) < 0)
			fail(table, &err);
		return;
	}
	if (table->is_answered) {
		http_request_resume(request->http);
		return;
	}
	table->is_answered = true;
	listener_answer_stream(request,
	    table->zip != NULL ? ods_type : csv_type, pull, table, end_stream);
}

/* ---- the request -------------------------------------------------------- */

static void
put_param(const struct listener_request *request, const char *name,
    struct bytes *to)
{
	const char *value = http_request_param(request->http, name);

	if (value == NULL)
		return;
	bytes_put_format(to, "&%s=", name);
	http_path_put(to, value);
}

/* Which rows, for every table that is asked for. */
static const char *const passed_on[] = { "from", "until", "organisation", "q",
	"state", "unit", "speed" };

static int
ask_piece(struct table *table, struct error *err)
{
	struct listener_request *request = table->request;
	struct message_request asked = { 0 };
	struct bytes path = { 0 };
	int rc = -1;

	if (listener_local_fill(request, &asked, err) < 0)
		return -1;
	bytes_put_format(&path, "%s?format=%s&cursor=%s",
	    request->route->pattern, table->zip != NULL ? "ods" : "csv",
	    table->next);
	for (size_t i = 0; i < ARRAY_LEN(passed_on); i++)
		put_param(request, passed_on[i], &path);
	bytes_put_u8(&path, '\0');
	if (bytes_failed(&path, err) == 0 &&
	    !text_copy(asked.path, sizeof(asked.path), (const char *)path.data))
		error_set_id(err, "E6204", ERROR_MALFORMED, "a long query");
	else if (!path.failed)
		rc = listener_ask(request, request->listener->query,
		    MESSAGE_REQUEST, &asked, MESSAGE_NONE, on_response, err);
	table->is_asking = rc == 0;
	bytes_free(&path);
	return rc;
}

static int
begin(struct listener_request *request, bool is_ods, struct error *err)
{
	struct table *table = calloc(1, sizeof(*table));

	if (table == NULL)
		return error_set_memory(err);
	table->request = request;
	request->ctx = table;
	request->release = release;
	if (is_ods && zip_stream_new(&table->zip, err) < 0)
		return -1;
	return ask_piece(table, err);
}

void
listener_table(struct listener_request *request)
{
	const char *format = http_request_param(request->http, "format");
	struct error err = { 0 };
	bool is_ods = format != NULL && text_equal(format, "ods");

	if (!is_ods && (format == NULL || !text_equal(format, "csv")))
		listener_local_handle(request);
	else if (begin(request, is_ods, &err) < 0)
		listener_refuse(request, &err);
}
