#include "simulate/clerk.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "http/http_client.h"
#include "simulate/sim.h"

enum { ANSWER_MS = 90 * 1000 };

struct asking {
	struct http_client *client;
	clerk_fn fn;
	void *ctx;
	int status;
	struct bytes body;
};

static void
on_headers(void *ctx, struct http_stream *stream, int status)
{
	struct asking *asking = ctx;

	(void)stream;
	asking->status = status;
}

static void
on_body(void *ctx, struct http_stream *stream, const uint8_t *data, size_t len)
{
	struct asking *asking = ctx;

	bytes_put(&asking->body, data, len);
	http_stream_consume(stream, len);
}

static void
finish(void *arg)
{
	struct asking *asking = arg;

	http_client_free(asking->client);
	bytes_put_u8(&asking->body, '\0');
	asking->fn(asking->ctx, asking->status, (const char *)asking->body.data,
	    asking->body.len - 1);
	bytes_free(&asking->body);
	free(asking);
}

static void
on_end(void *ctx, struct http_stream *stream, const struct error *err)
{
	struct asking *asking = ctx;

	(void)stream;
	if (err != NULL)
		asking->status = 0;
	/* Not here: the stream is still its client's. */
	sim_at(sim_time(), &sim.clerks, finish, asking);
}

static const struct http_stream_events events = {
	.on_headers = on_headers,
	.on_body = on_body,
	.on_end = on_end,
};

void
clerk_ask(const struct clerk_request *request, clerk_fn fn, void *ctx)
{
	struct asking *asking = calloc(1, sizeof(*asking));
	struct http_client_options options = {
		.unix_path = sim.hosts[request->host].name,
		.fd = -1,
		.authority = "local",
	};
	struct http_header headers[2];
	struct http_outgoing outgoing = { .method = request->method,
		.target = request->target,
		.headers = headers,
		.body.bytes = request->body,
		.timeout_ms = ANSWER_MS };
	struct http_stream *stream = NULL;
	struct error err = { 0 };

	if (asking == NULL)
		abort();
	asking->fn = fn;
	asking->ctx = ctx;
	if (request->type != NULL)
		headers[outgoing.header_count++] =
		    (struct http_header){ "content-type", request->type };
	if (request->key != NULL)
		headers[outgoing.header_count++] =
		    (struct http_header){ "idempotency-key", request->key };
	if (http_client_new(&options, &asking->client, &err) < 0 ||
	    http_client_send(asking->client, &outgoing, &events, asking,
		&stream, &err) < 0)
		abort();
}
