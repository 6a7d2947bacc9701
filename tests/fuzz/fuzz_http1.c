/*
 * The head of an HTTP/1.1 request, and a whole server behind it: cut anywhere,
 * the same bytes are the same head, and the server ends every request that
 * began exactly once.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/error.h"
#include "http/http1_parse.h"
#include "http/http_request.h"
#include "http/http_server.h"
#include "sys/loop.h"
#include "sys/net.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { TURNS = 6, INPUT_MAX = 60000 };

struct tally {
	int begun;
	int closed;
};

static void
must(bool truth)
{
	if (!truth)
		abort();
}

/* ---- the parser ------------------------------------------------------------ */

static void
check_head(struct http1_reader *reader)
{
	struct http1_head head;
	struct error err = { 0 };

	if (http1_parse((char *)reader->text.data, reader->text.len, &head,
		&err) < 0) {
		must(err.code == ERROR_MALFORMED);
		return;
	}
	must(head.target[0] == '/' && head.host[0] != '\0');
	must(head.field_count <= HTTP1_FIELDS_MAX);
	for (size_t i = 0; i < head.field_count; i++) {
		must(strpbrk(head.fields[i].name, ": \t\r\n") == NULL);
		must(strpbrk(head.fields[i].value, "\r\n") == NULL);
		must(strcmp(head.fields[i].name, "transfer-encoding") != 0);
	}
}

static void
parse(const uint8_t *data, size_t len)
{
	struct http1_reader whole = { 0 };
	struct http1_reader cut = { 0 };
	struct error err = { 0 };
	struct error cut_err = { 0 };
	size_t used = 0;
	size_t at = 0;
	int rc = http1_read(&whole, data, len, &used, &err);
	int cut_rc = 0;

	for (; cut_rc == 0 && at < len; at++) {
		size_t one;

		cut_rc = http1_read(&cut, data + at, 1, &one, &cut_err);
	}
	must(rc == cut_rc);
	must(whole.text.len <= HTTP1_HEAD_MAX);
	if (rc > 0) {
		must(used == at);
		check_head(&whole);
	}
	bytes_free(&whole.text);
	bytes_free(&cut.text);
}

/* ---- the server -------------------------------------------------------------- */

static void
on_body(void *ctx, struct http_request *request, const uint8_t *data,
    size_t len)
{
	(void)ctx;
	(void)data;
	http_request_consume(request, len);
}

static void
on_body_end(void *ctx, struct http_request *request)
{
	(void)ctx;
	http_request_answer(request, 204, NULL, 0, NULL);
}

static void
on_close(void *ctx, struct http_request *request, bool is_answered)
{
	struct tally *tally = ctx;

	(void)request;
	(void)is_answered;
	tally->closed++;
}

static const struct http_request_events request_events = {
	.on_body = on_body,
	.on_body_end = on_body_end,
	.on_close = on_close,
};

static void
on_request(void *ctx, struct http_request *request)
{
	struct tally *tally = ctx;
	const char *path = http_request_target(request)->path;
	struct bytes text = { 0 };
	struct http_body body = { .bytes = &text };
	size_t len;

	tally->begun++;
	http_request_handle(request, &request_events, tally);
	(void)http_request_cookie(request, "__Host-yizhan", &len);
	if (strcmp(path, "/park") == 0)
		return;
	if (strcmp(path, "/reset") == 0)
		http_request_reset(request);
	else if (http_request_is_bodiless(request)) {
		bytes_put_text(&text, path);
		http_request_answer(request, 200, NULL, 0, &body);
		bytes_free(&text);
	}
}

static const struct http_server_events server_events = {
	.on_request = on_request,
};

static void
exchange(struct loop *loop, int fd)
{
	struct error err = { 0 };
	uint8_t drain[8192];

	for (int i = 0; i < TURNS; i++) {
		must(loop_run_once(loop, &err) == 0);
		while (read(fd, drain, sizeof(drain)) > 0)
			continue;
	}
}

static void
serve(const uint8_t *data, size_t len)
{
	struct tally tally = { 0 };
	struct net_peer peer = { .is_local = true };
	struct http_server_options options = {
		.is_http1 = true,
		.events = &server_events,
		.ctx = &tally,
	};
	struct http_server *server;
	struct error err = { 0 };
	int fds[2];

	must(loop_new(&options.loop, &err) == 0);
	must(http_server_new(&options, &server, &err) == 0);
	must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) == 0);
	must(http_server_serve(server, fds[1], &peer, &err) == 0);
	must(write(fds[0], data, len) == (ssize_t)len);
	exchange(options.loop, fds[0]);
	close(fds[0]);
	exchange(options.loop, -1);
	must(http_server_counts(server).connections == 0);
	must(tally.begun == tally.closed);
	http_server_free(server);
	loop_free(options.loop);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	if (len == 0 || len > INPUT_MAX)
		return 0;
	parse(data, len);
	serve(data, len);
	return 0;
}
