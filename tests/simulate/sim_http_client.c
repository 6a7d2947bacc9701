/* The asking side of the simulated connections. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "simulate/sim_http_internal.h"
#include "simulate/sim_net.h"

enum { PIECE_MAX = 8192 };

struct http_stream {
	struct http_stream *next;
	struct http_client *client;
	uint64_t number;
	const struct http_stream_events *events;
	void *ctx;
	struct item *start; /* until the connection is open */
	struct outbody out;
	bool has_body;
	bool is_sent;
	int status;
	struct sim_headers headers; /* of the answer */
	uint32_t timeout_ms;
	struct sim_event *pump;
	struct sim_event *timeout;
	bool comes_twice;
	struct item *copy; /* of the headers, for its second coming */
	struct bytes copied;
};

/* ---- streams -------------------------------------------------------------- */

static struct http_stream *
find(const struct http_client *client, uint64_t number)
{
	struct http_stream *stream = client->streams;

	while (stream != NULL && stream->number != number)
		stream = stream->next;
	return stream;
}

static void
unhang(struct http_stream *stream)
{
	struct http_stream **at = &stream->client->streams;

	while (*at != stream)
		at = &(*at)->next;
	*at = stream->next;
	sim_cancel(stream->pump);
	sim_cancel(stream->timeout);
	stream->pump = stream->timeout = NULL;
}

static void
stream_free(struct http_stream *stream)
{
	sim_headers_free(&stream->headers);
	bytes_free(&stream->out.bytes);
	bytes_free(&stream->copied);
	free(stream);
}

static void
stream_end(struct http_stream *stream, const struct error *err)
{
	unhang(stream);
	stream->events->on_end(stream->ctx, stream, err);
	stream_free(stream);
}

static void
on_timeout(void *arg)
{
	struct http_stream *stream = arg;
	struct error err = { 0 };

	stream->timeout = NULL;
	error_set_id(&err, "E6006", ERROR_BUSY, "no progress in time");
	item_send(item_new(stream->client->conn, TO_SERVER, ITEM_RESET,
	    stream->number));
	stream_end(stream, &err);
}

static void
progress(struct http_stream *stream)
{
	sim_cancel(stream->timeout);
	stream->timeout =
	    sim_at(sim_time() + (int64_t)stream->timeout_ms * SIM_MS,
		stream->client->role, on_timeout, stream);
}

/* The whole request once more, with nobody to hear its answer. */
static void
come_again(struct http_stream *stream)
{
	struct conn *conn = stream->client->conn;
	uint64_t number = stream->number + (1u << 30);
	struct item *data;
	int64_t after = sim_between(SIM_MS, 2 * SIM_S);

	sim_note("a request of %d to %d comes twice", conn->client_host,
	    conn->server_host);
	stream->copy->stream = number;
	conn->last_at[TO_SERVER] += after;
	item_send(stream->copy);
	stream->copy = NULL;
	if (stream->copied.len > 0) {
		data = item_new(conn, TO_SERVER, ITEM_DATA, number);
		item_data(data, stream->copied.data, stream->copied.len);
		item_send(data);
	}
	if (stream->has_body)
		item_send(item_new(conn, TO_SERVER, ITEM_END, number));
}

static void
sent_all(struct http_stream *stream)
{
	stream->is_sent = true;
	if (stream->has_body)
		item_send(item_new(stream->client->conn, TO_SERVER, ITEM_END,
		    stream->number));
	if (stream->comes_twice)
		come_again(stream);
}

static void
pump(void *arg)
{
	struct http_stream *stream = arg;
	uint8_t piece[PIECE_MAX];
	size_t len = 0;
	enum http_pull pull =
	    outbody_next(&stream->out, piece, piece_size(), &len);
	struct error err = { 0 };

	stream->pump = NULL;
	if (pull == HTTP_PULL_WAIT)
		return;
	if (pull == HTTP_PULL_FAIL) {
		error_set_id(&err, "E6005", ERROR_BUSY, "the body failed");
		item_send(item_new(stream->client->conn, TO_SERVER, ITEM_RESET,
		    stream->number));
		stream_end(stream, &err);
		return;
	}
	progress(stream);
	if (len > 0) {
		struct item *item = item_new(stream->client->conn, TO_SERVER,
		    ITEM_DATA, stream->number);

		item_data(item, piece, len);
		if (stream->comes_twice)
			bytes_put(&stream->copied, piece, len);
		item_send(item);
	}
	if (pull == HTTP_PULL_END)
		sent_all(stream);
	else
		stream->pump = sim_at(sim_time() + sim_between(5, 100),
		    stream->client->role, pump, stream);
}

static void
start(struct http_stream *stream)
{
	struct item *item = stream->start;

	stream->start = NULL;
	item_send(item);
	if (stream->has_body)
		stream->pump =
		    sim_at(sim_time(), stream->client->role, pump, stream);
	else
		sent_all(stream);
}

static struct item *
headers_of(struct http_stream *stream, const struct http_outgoing *request)
{
	struct item *item = item_new(stream->client->conn, TO_SERVER,
	    ITEM_HEADERS, stream->number);

	sim_headers_add(&item->headers, ":method", request->method);
	sim_headers_add(&item->headers, ":path", request->target);
	for (size_t i = 0; i < request->header_count; i++)
		sim_headers_add(&item->headers, request->headers[i].name,
		    request->headers[i].value);
	item->has_body = stream->has_body;
	return item;
}

int
http_client_send(struct http_client *client,
    const struct http_outgoing *request,
    const struct http_stream_events *events, void *ctx,
    struct http_stream **ret_stream, struct error *err)
{
	struct http_stream *stream;

	if (client->is_closed)
		return error_set_id(err, "E6005", ERROR_BUSY,
		    "the connection is over");
	stream = calloc(1, sizeof(*stream));
	if (stream == NULL)
		return error_set_memory(err);
	stream->client = client;
	stream->number = ++client->next_stream;
	stream->events = events;
	stream->ctx = ctx;
	stream->has_body =
	    request->body.bytes != NULL || request->body.pull != NULL;
	outbody_init(&stream->out, &request->body);
	stream->timeout_ms = request->timeout_ms != 0
	    ? request->timeout_ms
	    : client->limits.request_ms;
	stream->start = headers_of(stream, request);
	if (client->tls != NULL && sim_net_twice_in > 0 &&
	    text_equal(request->method, "POST") &&
	    sim_chance(sim_net_twice_in)) {
		stream->comes_twice = true;
		stream->copy = headers_of(stream, request);
	}
	stream->next = client->streams;
	client->streams = stream;
	progress(stream);
	if (client->is_open)
		start(stream);
	*ret_stream = stream;
	return 0;
}

void
http_stream_cancel(struct http_stream *stream)
{
	if (stream->start == NULL)
		item_send(item_new(stream->client->conn, TO_SERVER, ITEM_RESET,
		    stream->number));
	unhang(stream);
	stream_free(stream);
}

void
http_stream_resume(struct http_stream *stream)
{
	if (!stream->out.is_waiting || stream->pump != NULL)
		return;
	stream->out.is_waiting = false;
	stream->pump = sim_at(sim_time(), stream->client->role, pump, stream);
}

/* Bodies here are smaller than the window of a stream. */
void
http_stream_consume(struct http_stream *stream, size_t len)
{
	(void)stream;
	(void)len;
}

int
http_stream_status(const struct http_stream *stream)
{
	return stream->status;
}

const char *
http_stream_header(const struct http_stream *stream, const char *name)
{
	return sim_headers_get(&stream->headers, name);
}

/* ---- the connection --------------------------------------------------------- */

static void
client_closed(struct http_client *client, const struct error *err)
{
	struct conn *conn = client->conn;
	struct error why = *err;

	client->is_closed = true;
	sim_cancel(client->watch);
	client->watch = NULL;
	while (client->streams != NULL) {
		stream_end(client->streams, &why);
		if (conn->client != client)
			return; /* a callback freed it */
	}
	if (client->events != NULL && client->events->on_closed != NULL)
		client->events->on_closed(client->ctx, &why);
}

/* A peer that says nothing for so long is given up. */
static void
on_silence(void *arg)
{
	struct http_client *client = arg;
	struct conn *conn = client->conn;
	struct error err = { 0 };

	client->watch = NULL;
	if (client->is_open &&
	    (conn->client_host < 0 ||
		(!sim_net_is_clogged(conn->client_host, conn->server_host) &&
		    !sim_net_is_clogged(conn->server_host,
			conn->client_host)))) {
		client->watch = sim_at(sim_time() +
			2 * (int64_t)client->limits.ping_ms * SIM_MS,
		    client->role, on_silence, client);
		return;
	}
	error_set_id(&err, client->is_open ? "E6006" : "E6004", ERROR_BUSY,
	    "the peer is silent");
	item_send(item_new(conn, TO_SERVER, ITEM_CLOSE, 0));
	client_closed(client, &err);
}

static bool
is_expected(const struct http_client *client)
{
	struct digest fingerprint;
	const struct conn *conn = client->conn;

	if (client->tls == NULL)
		return true;
	if (conn->server == NULL ||
	    !tls_fingerprint(conn->server->tls, &fingerprint))
		return false;
	for (size_t i = 0; i < client->expected_count; i++)
		if (digest_equal(&client->expected[i], &fingerprint))
			return true;
	return false;
}

static void
opened(struct http_client *client)
{
	struct conn *conn = client->conn;
	struct error err = { 0 };
	uint64_t known = client->next_stream;

	if (!is_expected(client)) {
		error_set_id(&err, "E6001", ERROR_UNTRUSTED,
		    "another certificate");
		item_send(item_new(conn, TO_SERVER, ITEM_CLOSE, 0));
		client_closed(client, &err);
		return;
	}
	client->is_open = true;
	/* From the oldest on. */
	for (uint64_t number = 1; number <= known; number++) {
		struct http_stream *stream = find(client, number);

		if (stream != NULL && stream->start != NULL)
			start(stream);
	}
	if (client->events != NULL && client->events->on_open != NULL)
		client->events->on_open(client->ctx);
}

static void
stream_take(struct http_stream *stream, struct item *item)
{
	struct error err = { 0 };

	progress(stream);
	switch (item->kind) {
	case ITEM_HEADERS:
		stream->status = item->status;
		stream->headers = item->headers;
		item->headers.count = 0;
		if (stream->events->on_headers != NULL)
			stream->events->on_headers(stream->ctx, stream,
			    item->status);
		return;
	case ITEM_DATA:
		if (stream->events->on_body != NULL)
			stream->events->on_body(stream->ctx, stream, item->data,
			    item->len);
		return;
	case ITEM_END:
		stream_end(stream, NULL);
		return;
	case ITEM_RESET:
		error_set_id(&err, "E6005", ERROR_BUSY, "the peer gave up");
		stream_end(stream, &err);
		return;
	case ITEM_OPEN:
	case ITEM_OPENED:
	case ITEM_CLOSE:
		break;
	}
	abort();
}

void
client_take(struct http_client *client, struct item *item)
{
	struct http_stream *stream;
	struct error err = item->error;

	if (client->is_closed)
		return;
	if (item->kind == ITEM_OPENED) {
		opened(client);
	} else if (item->kind == ITEM_CLOSE) {
		if (err.code == ERROR_NONE)
			error_set_id(&err, "E6005", ERROR_BUSY,
			    "the connection broke");
		client_closed(client, &err);
	} else {
		stream = find(client, item->stream);
		if (stream != NULL)
			stream_take(stream, item);
	}
}

/* Paths and addresses name hosts. */
static int
host_of(const struct http_client_options *options)
{
	for (int i = 0; i < SIM_HOSTS; i++)
		if (text_equal(options->tls != NULL ? sim.hosts[i].address
						    : sim.hosts[i].name,
			options->tls != NULL ? options->host
					     : options->unix_path))
			return i;
	return -1;
}

static void
describe_peer(struct conn *conn, const struct http_client_options *options)
{
	conn->peer.net.is_local = options->tls == NULL;
	conn->peer.net.uid = geteuid();
	if (options->tls == NULL)
		return;
	text_copy(conn->peer.net.host, sizeof(conn->peer.net.host),
	    options->source != NULL ? options->source : "");
	conn->peer.has_cert =
	    tls_fingerprint(options->tls, &conn->peer.fingerprint);
}

int
http_client_new(const struct http_client_options *options,
    struct http_client **ret_client, struct error *err)
{
	int host = host_of(options);
	struct http_client *client;

	if (host < 0)
		return error_set_id(err, "E6004", ERROR_BUSY, "no such host");
	client = calloc(1, sizeof(*client));
	if (client == NULL)
		return error_set_memory(err);
	client->role = sim.role;
	client->tls = options->tls;
	memcpy(client->expected, options->expected, sizeof(client->expected));
	client->expected_count = options->expected_count;
	client->limits = http_limits_of(&options->limits);
	client->events = options->events;
	client->ctx = options->ctx;
	client->conn = conn_new(client, host);
	describe_peer(client->conn, options);
	client->watch =
	    sim_at(sim_time() + (int64_t)client->limits.handshake_ms * SIM_MS,
		client->role, on_silence, client);
	item_send(item_new(client->conn, TO_SERVER, ITEM_OPEN, 0));
	*ret_client = client;
	return 0;
}

void
http_client_free(struct http_client *client)
{
	if (client == NULL)
		return;
	while (client->streams != NULL) {
		struct http_stream *stream = client->streams;

		unhang(stream);
		stream_free(stream);
	}
	sim_cancel(client->watch);
	item_send(item_new(client->conn, TO_SERVER, ITEM_CLOSE, 0));
	client->conn->client = NULL;
	free(client);
}

bool
http_client_is_usable(const struct http_client *client)
{
	return !client->is_closed;
}

size_t
http_client_stream_count(const struct http_client *client)
{
	size_t count = 0;

	for (const struct http_stream *stream = client->streams; stream != NULL;
	     stream = stream->next)
		count++;
	return count;
}
