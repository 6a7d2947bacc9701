#include "http/http_call.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "sys/loop.h"

/* One call under way. */
struct call {
	struct loop *loop;
	const struct http_call *asked;
	struct http_answer answer;
	uint64_t up_total;
	uint64_t up_done;
	uint64_t down_total;
	uint64_t down_done;
	bool is_over;
	struct error err;      /* of the whole; ERROR_NONE: success */
	struct error file_err; /* of a file: comes before what it led to */
};

static void
finish(struct call *call, const struct error *err)
{
	if (call->is_over)
		return;
	call->is_over = true;
	if (call->file_err.code != ERROR_NONE)
		call->err = call->file_err;
	else if (err != NULL)
		call->err = *err;
	loop_stop(call->loop);
}

static void
report(const struct call *call, uint64_t done, uint64_t total)
{
	if (call->asked->progress != NULL)
		call->asked->progress(call->asked->ctx, done, total);
}

static enum http_pull
pull_file(void *ctx, uint8_t *to, size_t size, size_t *ret_len)
{
	struct call *call = ctx;
	ssize_t count;

	do
		count = read(call->asked->body_fd, to, size);
	while (count < 0 && errno == EINTR);
	if (count < 0) {
		error_set_errno(&call->file_err, "reading what is to be sent");
		return HTTP_PULL_FAIL;
	}
	*ret_len = (size_t)count;
	call->up_done += (uint64_t)count;
	report(call, call->up_done, call->up_total);
	return count == 0 ? HTTP_PULL_END : HTTP_PULL_MORE;
}

static enum http_pull
pull_source(void *ctx, uint8_t *to, size_t size, size_t *ret_len)
{
	struct call *call = ctx;
	enum http_pull state =
	    call->asked->pull(call->asked->ctx, to, size, ret_len);

	if (state == HTTP_PULL_FAIL)
		return state;
	call->up_done += *ret_len;
	report(call, call->up_done, call->up_total);
	return state;
}

static void
take(struct http_stream *stream, const char *name, char *to, size_t size)
{
	const char *value = http_stream_header(stream, name);

	text_copy(to, size, value != NULL ? value : "");
}

static void
got_headers(void *ctx, struct http_stream *stream, int status)
{
	struct call *call = ctx;
	const char *length = http_stream_header(stream, "content-length");

	call->answer.status = status;
	take(stream, "content-type", call->answer.content_type,
	    sizeof(call->answer.content_type));
	take(stream, "yizhan-pages", call->answer.pages,
	    sizeof(call->answer.pages));
	take(stream, "yizhan-missing", call->answer.missing,
	    sizeof(call->answer.missing));
	if (length != NULL)
		text_parse_u64(length, INT64_MAX, &call->down_total);
}

static int
write_all(int fd, const uint8_t *data, size_t len, struct error *err)
{
	while (len > 0) {
		ssize_t count = write(fd, data, len);

		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return error_set_errno(err, "writing the answer");
		data += count;
		len -= (size_t)count;
	}
	return 0;
}

static int
keep(struct call *call, const uint8_t *data, size_t len, struct error *err)
{
	if (call->asked->answer_fd >= 0 && call->answer.status / 100 == 2) {
		call->down_done += len;
		report(call, call->down_done, call->down_total);
		return write_all(call->asked->answer_fd, data, len, err);
	}
	if (len > HTTP_CALL_BODY_MAX - call->answer.body.len)
		return error_set_id(err, "E6103", ERROR_MALFORMED,
		    "the answer is longer than %d bytes", HTTP_CALL_BODY_MAX);
	bytes_put(&call->answer.body, data, len);
	return bytes_failed(&call->answer.body, err);
}

static void
got_body(void *ctx, struct http_stream *stream, const uint8_t *data, size_t len)
{
	struct call *call = ctx;

	http_stream_consume(stream, len);
	if (call->file_err.code != ERROR_NONE)
		return;
	if (keep(call, data, len, &call->file_err) < 0)
		finish(call, NULL);
}

static void
ended(void *ctx, struct http_stream *stream, const struct error *err)
{
	(void)stream;
	finish(ctx, err);
}

static void
closed(void *ctx, const struct error *err)
{
	finish(ctx, err);
}

static const struct http_stream_events stream_events = {
	.on_headers = got_headers,
	.on_body = got_body,
	.on_end = ended,
};

static const struct http_client_events client_events = {
	.on_closed = closed,
};

/* What the file's size is, if it has one. */
static uint64_t
size_of(int fd)
{
	struct stat status;

	if (fd < 0 || fstat(fd, &status) < 0 || !S_ISREG(status.st_mode))
		return 0;
	return (uint64_t)status.st_size;
}

static int
ask(struct call *call, struct http_client *client, struct error *err)
{
	const struct http_call *asked = call->asked;
	struct bytes body = { 0 };
	struct http_outgoing request = {
		.method = asked->method,
		.target = asked->target,
		.headers = asked->headers,
		.header_count = asked->header_count,
		.timeout_ms = asked->timeout_ms,
	};
	struct http_stream *stream;
	int rc = -1;

	if (asked->body != NULL) {
		bytes_put(&body, asked->body, asked->body_len);
		request.body.bytes = &body;
	} else if (asked->body_fd >= 0) {
		call->up_total = size_of(asked->body_fd);
		request.body.pull = pull_file;
		request.body.ctx = call;
	} else if (asked->pull != NULL) {
		call->up_total = asked->pull_len;
		request.body.pull = pull_source;
		request.body.ctx = call;
	}
	if (bytes_failed(&body, err) < 0)
		goto done;
	if (http_client_send(client, &request, &stream_events, call, &stream,
		err) < 0)
		goto done;
	if (loop_run(call->loop, err) < 0)
		goto done;
	if (call->err.code != ERROR_NONE) {
		*err = call->err;
		goto done;
	}
	rc = 0;
done:
	bytes_free(&body);
	return rc;
}

int
http_call(const struct http_client_options *options,
    const struct http_call *asked, struct http_answer *ret_answer,
    struct error *err)
{
	struct call call = { .loop = options->loop, .asked = asked };
	struct http_client_options own = *options;
	struct http_client *client = NULL;
	int rc = -1;

	own.events = &client_events;
	own.ctx = &call;
	if (http_client_new(&own, &client, err) < 0)
		return -1;
	if (ask(&call, client, err) < 0)
		goto done;
	*ret_answer = call.answer;
	memset(&call.answer, 0, sizeof(call.answer));
	rc = 0;
done:
	http_client_free(client);
	http_answer_free(&call.answer);
	return rc;
}

void
http_answer_free(struct http_answer *answer)
{
	bytes_free(&answer->body);
}
