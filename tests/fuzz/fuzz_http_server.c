/*
 * Bytes that a client sends after its preface, into a server without TLS: it
 * must stay whole, tell the end of each request exactly once, and end.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/error.h"
#include "http/http_request.h"
#include "http/http_server.h"
#include "sys/loop.h"
#include "sys/net.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { TURNS = 6, INPUT_MAX = 60000 };

/* What clients say first, with empty settings, whose last zero is the NUL. */
static const uint8_t preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
				 "\0\0\0\4\0\0\0\0";

struct tally {
	int begun;
	int closed;
	size_t sent;
};

static void
must(bool truth)
{
	if (!truth)
		abort();
}

static enum http_pull
pull(void *ctx, uint8_t *to, size_t size, size_t *ret_len)
{
	struct tally *tally = ctx;

	memset(to, 'x', size);
	*ret_len = size;
	tally->sent += size;
	return tally->sent < 100000 ? HTTP_PULL_MORE : HTTP_PULL_END;
}

static void
on_body(void *ctx, struct http_request *request, const uint8_t *data,
    size_t len)
{
	(void)ctx;
	(void)data;
	http_request_consume(request, len / 2);
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
	struct http_body body = { .pull = pull, .ctx = tally };
	uint64_t length;

	tally->begun++;
	http_request_handle(request, &request_events, tally);
	must(http_request_method(request) != NULL);
	must(path[0] == '/');
	(void)http_request_length(request, &length);
	if (strcmp(path, "/park") == 0)
		return;
	if (strcmp(path, "/reset") == 0)
		http_request_reset(request);
	else if (http_request_is_bodiless(request))
		http_request_answer(request, 200, NULL, 0, &body);
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

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct tally tally = { 0 };
	struct net_peer peer = { .is_local = true };
	struct http_server_options options = {
		.events = &server_events,
		.ctx = &tally,
	};
	struct http_server *server;
	struct error err = { 0 };
	int fds[2];

	if (len > INPUT_MAX)
		return 0;
	must(loop_new(&options.loop, &err) == 0);
	must(http_server_new(&options, &server, &err) == 0);
	must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) == 0);
	must(http_server_serve(server, fds[1], &peer, &err) == 0);
	must(write(fds[0], preface, sizeof(preface)) == sizeof(preface));
	must(write(fds[0], data, len) == (ssize_t)len);

	exchange(options.loop, fds[0]);
	close(fds[0]);
	exchange(options.loop, -1);

	must(http_server_counts(server).connections == 0);
	must(tally.begun == tally.closed);
	http_server_free(server);
	loop_free(options.loop);
	return 0;
}
