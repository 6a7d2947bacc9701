/*
 * HTTP/1.1 at a server: one request at a time on a connection, with the same
 * requests and answers as HTTP/2.
 *
 * What the peer sends before it has its answer is no second request: the
 * connection ends with the answer at hand, and nothing of the rest is read as
 * anything (security.md 3.5, T-WEB-01).  An answer of unknown length ends with
 * the connection.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "http/http1_parse.h"
#include "http/http_conn_internal.h"
#include "http/http_server_internal.h"
#include "sys/loop.h"

enum http1_state {
	HTTP1_HEAD,   /* a request may come */
	HTTP1_BODY,   /* it came; its body is on its way */
	HTTP1_ANSWER, /* all of it came */
	HTTP1_OVER,   /* nothing more is heard */
};

struct http1 {
	enum http1_state state;
	struct http1_reader reader;
	struct http_request *request; /* NULL: none */
	uint64_t body_left;
	struct bytes out; /* heads of answers, before the body at hand */
	size_t out_sent;
	uint64_t announced; /* length of the answer's body */
	bool has_length;    /* it was */
	bool is_last;       /* the connection ends with this answer */
	int32_t stream_id;
	struct error why; /* a refusal of what was no request */
};

void
http1_free(struct http1 *http1)
{
	if (http1 == NULL)
		return;
	bytes_free(&http1->reader.text);
	bytes_free(&http1->out);
	free(http1);
}

static struct http1 *
http1_of(const struct http_conn *conn)
{
	const struct http_session *session = conn->ctx;

	return session->http1;
}

/* ---- what comes ----------------------------------------------------------- */

/* Before there is a request: a short problem, and the end. */
static void
refuse_head(struct http1 *http1, const struct error *err)
{
	int status = text_equal(err->id, "E6102") ? 431 : 400;
	char problem[96];
	int len = snprintf(problem, sizeof(problem),
	    "{\"status\":%d,\"code\":\"%s\",\"next\":\"yizhan explain %s\"}\n",
	    status, err->id, err->id);

	bytes_put_format(&http1->out,
	    "HTTP/1.1 %d Refused\r\n"
	    "content-type: application/problem+json\r\n"
	    "content-length: %d\r\n"
	    "x-content-type-options: nosniff\r\n"
	    "connection: close\r\n\r\n%s",
	    status, len, problem);
	http1->why = *err;
	http1->state = HTTP1_OVER;
}

/* The text of the head becomes the request's. */
static bool
take_fields(struct http_request *request, struct http1 *http1,
    const struct http1_head *head)
{
	struct http_fields *fields = &request->fields;

	fields->text = http1->reader.text.data;
	memset(&http1->reader, 0, sizeof(http1->reader));
	if (!http_fields_add_text(fields, ":method", head->method) ||
	    !http_fields_add_text(fields, ":path", head->target) ||
	    !http_fields_add_text(fields, ":authority", head->host))
		return false;
	for (size_t i = 0; i < head->field_count; i++)
		if (!http_fields_add_text(fields, head->fields[i].name,
			head->fields[i].value))
			return false;
	return true;
}

static int
begin_request(struct http_session *session, const struct http1_head *head,
    struct error *err)
{
	struct http1 *http1 = session->http1;
	struct http_request *request;

	http1->stream_id += 2;
	session->headers_at_ms = 0;
	request = http_request_new(session, http1->stream_id);
	if (request == NULL)
		return error_set_memory(err);
	http1->request = request;
	http1->is_last = http1->is_last || head->is_last;
	http1->body_left = head->length;
	http1->state = head->length > 0 ? HTTP1_BODY : HTTP1_ANSWER;
	if (!take_fields(request, http1, head))
		return error_set_memory(err);
	http_request_dispatch(request, head->length == 0);
	/* Whoever was answered already will not send the body. */
	if (session->conn->ctx != NULL && head->wants_continue &&
	    !request->is_answered)
		bytes_put_text(&http1->out, "HTTP/1.1 100 Continue\r\n\r\n");
	return 0;
}

/* -1 ends the connection without a word. */
static int
take_head(struct http_session *session, const uint8_t *data, size_t len,
    size_t *ret_used, struct error *err)
{
	struct http1 *http1 = session->http1;
	struct error refusal = { 0 };
	struct http1_head head;
	int rc;

	if (session->headers_at_ms == 0)
		session->headers_at_ms = loop_now_ms(session->server->loop);
	session->headers_stream_id = http1->stream_id + 2;
	rc = http1_read(&http1->reader, data, len, ret_used, &refusal);
	if (rc == 0)
		return 0;
	if (rc > 0)
		rc = http1_parse((char *)http1->reader.text.data,
		    http1->reader.text.len, &head, &refusal);
	if (rc == 0 && len - *ret_used > head.length)
		rc = error_set_id(&refusal, "E6401", ERROR_MALFORMED,
		    "HTTP/1.1: more than one request");
	if (rc == 0)
		return begin_request(session, &head, err);
	if (error_is_temporary(&refusal)) {
		*err = refusal;
		return -1;
	}
	session->headers_at_ms = 0;
	refuse_head(http1, &refusal);
	return 0;
}

/* No more than the window in the hands of the handler. */
static void
pause_if_full(struct http_request *request)
{
	const struct http_session *session = request->session;

	if (request->unconsumed + HTTP_INPUT_SIZE >
	    session->server->limits.stream_window)
		http_conn_pause(session->conn, true);
}

static void
take_body(struct http_session *session, const uint8_t *data, size_t len,
    size_t *ret_used)
{
	struct http1 *http1 = session->http1;
	struct http_request *request = http1->request;

	if (len > http1->body_left) {
		http1->is_last = true;
		len = (size_t)http1->body_left;
	}
	*ret_used = len;
	http1->body_left -= len;
	http_request_receive(request, data, len);
	if (session->conn->ctx == NULL ||
	    session->conn->state != HTTP_CONN_OPEN)
		return;
	if (http1->body_left > 0) {
		pause_if_full(request);
		return;
	}
	http1->state = HTTP1_ANSWER;
	http_request_body_end(request);
}

static int
take(struct http_conn *conn, const uint8_t *data, size_t len, struct error *err)
{
	struct http_session *session = conn->ctx;
	struct http1 *http1 = session->http1;

	while (len > 0) {
		size_t used = len;

		if (http1->state == HTTP1_HEAD) {
			if (take_head(session, data, len, &used, err) < 0)
				return -1;
		} else if (http1->state == HTTP1_BODY) {
			take_body(session, data, len, &used);
		} else {
			/* Before its answer: no request of its own. */
			http1->is_last = true;
		}
		if (conn->ctx == NULL || conn->state != HTTP_CONN_OPEN)
			return 0;
		data += used;
		len -= used;
	}
	return 0;
}

/* ---- what leaves ----------------------------------------------------------- */

static bool
has_output(const struct http_conn *conn)
{
	const struct http1 *http1 = http1_of(conn);

	return http1->out_sent < http1->out.len ||
	    (http1->request != NULL && http1->request->is_answered &&
		!http1->request->body.is_waiting);
}

static void
put_head(struct http_conn *conn, struct http1 *http1)
{
	size_t room = HTTP_OUTPUT_SIZE - conn->out_len;
	size_t left = http1->out.len - http1->out_sent;
	size_t len = left < room ? left : room;

	memcpy(conn->out + conn->out_len, http1->out.data + http1->out_sent,
	    len);
	conn->out_len += len;
	http1->out_sent += len;
	if (http1->out_sent < http1->out.len)
		return;
	bytes_clear(&http1->out);
	http1->out_sent = 0;
}

/* The answer is complete: the next request may come, or none any more. */
static void
finish(struct http_session *session)
{
	struct http1 *http1 = session->http1;
	struct http_request *request = http1->request;
	bool is_whole = http1->state == HTTP1_ANSWER;

	http1->request = NULL;
	http1->state = is_whole && !http1->is_last ? HTTP1_HEAD : HTTP1_OVER;
	http_conn_pause(session->conn, false);
	request->is_sent = true;
	http_request_end(request);
}

/* 1: there is more; 0: not now. */
static int
put_body(struct http_conn *conn, struct http1 *http1, struct error *err)
{
	struct http_outbody *body = &http1->request->body;
	enum http_pull pull;
	size_t len;

	pull = http_outbody_pull(body, conn->out + conn->out_len,
	    HTTP_FRAME_LEN_MAX, &len);
	if (pull == HTTP_PULL_WAIT)
		return 0;
	if (pull == HTTP_PULL_FAIL ||
	    (http1->has_length &&
		(body->total > http1->announced ||
		    (body->is_done && body->total < http1->announced))))
		return error_set_id(err, "E6005", ERROR_BUSY,
		    "the source of an answer failed");
	conn->out_len += len;
	return 1;
}

static int
fill(struct http_conn *conn, struct error *err)
{
	struct http_session *session = conn->ctx;
	struct http1 *http1 = session->http1;

	while (HTTP_OUTPUT_SIZE - conn->out_len >= HTTP_FRAME_ROOM) {
		const struct http_request *request = http1->request;
		int more = 1;

		if (bytes_failed(&http1->out, err) < 0)
			return -1;
		if (http1->out_sent < http1->out.len) {
			put_head(conn, http1);
			continue;
		}
		if (request == NULL || !request->is_answered)
			return 0;
		if (request->body.is_done) {
			finish(session);
			return 0;
		}
		more = put_body(conn, http1, err);
		if (more <= 0)
			return more;
	}
	return 0;
}

static bool
is_over(const struct http_conn *conn, struct error *ret_why)
{
	const struct http1 *http1 = http1_of(conn);

	if (http1->state != HTTP1_OVER || has_output(conn))
		return false;
	*ret_why = http1->why;
	if (ret_why->code == ERROR_NONE)
		error_set_id(ret_why, "E6005", ERROR_BUSY,
		    "the connection was ended");
	return true;
}

static const struct http_talk talk = { take, has_output, fill, is_over };

/* ---- the way of answers ------------------------------------------------------ */

static void
give_back(struct http_request *request, size_t len)
{
	const struct http_session *session = request->session;

	(void)len;
	if (request->unconsumed + HTTP_INPUT_SIZE <=
	    session->server->limits.stream_window)
		http_conn_pause(session->conn, false);
}

static bool
has_room(const struct http_request *request)
{
	return !request->session->conn->is_paused;
}

/* Nothing that we say may look like another line. */
static bool
is_line(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			return false;
	return true;
}

static void
note_length(struct http1 *http1, const struct http_header *header)
{
	if (text_equal(header->name, "content-length"))
		http1->has_length =
		    text_parse_u64(header->value, INT64_MAX, &http1->announced);
}

static int
answer(struct http_request *request, int status,
    const struct http_header *headers, size_t header_count, bool has_body)
{
	struct http1 *http1 = request->session->http1;
	struct bytes *out = &http1->out;

	http1->has_length = false;
	bytes_put_format(out, "HTTP/1.1 %d %s\r\n", status,
	    status < 400 ? "OK" : "Refused");
	for (size_t i = 0; i < header_count; i++) {
		if (!is_line(headers[i].name) || !is_line(headers[i].value))
			return -1;
		note_length(http1, &headers[i]);
		bytes_put_format(out, "%s: %s\r\n", headers[i].name,
		    headers[i].value);
	}
	if (!has_body && !http1->has_length && status != 204 && status != 304)
		bytes_put_text(out, "content-length: 0\r\n");
	/* The end of a body without length, or of what was not read. */
	if ((has_body && !http1->has_length) || http1->state == HTTP1_BODY)
		http1->is_last = true;
	if (http1->is_last)
		bytes_put_text(out, "connection: close\r\n");
	bytes_put_text(out, "\r\n");
	return out->failed ? -1 : 0;
}

/* fill() asks the body again. */
static void
resume(struct http_request *request)
{
	(void)request;
}

static void
reset(struct http_request *request)
{
	struct error err = { 0 };

	error_set_id(&err, "E6005", ERROR_BUSY, "broken off");
	http_conn_fail(request->session->conn, &err);
}

static void
end(struct http_request *request, size_t len)
{
	(void)request;
	(void)len;
}

/* No goodbye is known here but that after an answer. */
static void
leave(struct http_session *session, uint64_t now_ms)
{
	struct http1 *http1 = session->http1;
	struct error err = { 0 };

	(void)now_ms;
	http1->is_last = true;
	if (http1->request != NULL || http1->reader.text.len > 0 ||
	    http1->state != HTTP1_HEAD)
		return;
	http1->state = HTTP1_OVER;
	session->drain = HTTP_SESSION_LEFT;
	error_set_id(&err, "E6005", ERROR_BUSY, "the connection was ended");
	if (!has_output(session->conn))
		http_conn_end_gently(session->conn, &err);
}

const struct http_way http1_way = { give_back, has_room, answer, resume, reset,
	end, leave };

int
http1_session_begin(struct http_session *session)
{
	session->http1 = calloc(1, sizeof(*session->http1));
	if (session->http1 == NULL)
		return -1;
	session->http1->stream_id = -1;
	session->way = &http1_way;
	session->conn->talk = &talk;
	return 0;
}
