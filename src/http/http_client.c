#include "http/http_client.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "http/http_client_internal.h"
#include "http/http_memory.h"
#include "sys/loop.h"
#include "sys/net.h"

enum { SWEEP_MS_MIN = 10, SWEEP_MS_MAX = 1000, PING_LEN = 8 };

static void
client_opened(void *ctx)
{
	struct http_client *client = ctx;

	if (client->events->on_open != NULL)
		client->events->on_open(client->ctx);
}

/* True if the client lives on: a callback of its streams may have freed it. */
static bool
end_streams(struct http_client *client, const struct error *err)
{
	struct http_conn *conn = client->conn;

	while (client->streams != NULL) {
		http_stream_end(client->streams, err);
		if (conn->ctx == NULL)
			return false;
	}
	return true;
}

static void
client_closed(void *ctx, const struct error *err)
{
	struct http_client *client = ctx;
	struct http_conn *conn = client->conn;
	struct error why = *err;

	client->is_closed = true;
	loop_timer_cancel(client->sweep);
	/* Keeps the connection in memory while callbacks may free the client. */
	conn->depth++;
	if (end_streams(client, &why) && client->events->on_closed != NULL)
		client->events->on_closed(client->ctx, &why);
	http_conn_leave(conn);
}

static const struct http_conn_events conn_events = {
	.on_open = client_opened,
	.on_closed = client_closed,
};

static bool
is_expected(void *ctx, const struct digest *fingerprint, const uint8_t *der,
    size_t der_len)
{
	const struct http_client *client = ctx;

	(void)der;
	(void)der_len;
	for (size_t i = 0; i < client->expected_count; i++)
		if (digest_equal(&client->expected[i], fingerprint))
			return true;
	return false;
}

/* A peer that vanished without a word is found by asking. */
static void
check_silence(struct http_client *client, uint64_t now_ms)
{
	static const uint8_t payload[PING_LEN] = { 0 };
	struct error err = { 0 };
	uint64_t silent_ms = now_ms - client->conn->read_at_ms;

	if (client->conn->state != HTTP_CONN_OPEN)
		return;
	if (silent_ms <= client->limits.ping_ms) {
		client->pinged_at_ms = 0;
	} else if (client->pinged_at_ms == 0) {
		client->pinged_at_ms = now_ms;
		(void)nghttp2_submit_ping(client->conn->session,
		    NGHTTP2_FLAG_NONE, payload);
		http_conn_wake(client->conn);
	} else if (now_ms - client->pinged_at_ms > client->limits.ping_ms) {
		error_set_id(&err, "E6006", ERROR_BUSY, "the peer is silent");
		http_conn_fail(client->conn, &err);
	}
}

static void
sweep(void *ctx)
{
	struct http_client *client = ctx;
	uint64_t now_ms = loop_now_ms(client->loop);

	http_conn_check_time(client->conn, &client->limits, now_ms);
	check_silence(client, now_ms);
	for (struct http_stream *stream = client->streams; stream != NULL;
	     stream = stream->next)
		http_stream_check_time(stream, now_ms);
}

static uint64_t
sweep_interval(const struct http_limits *limits)
{
	const uint32_t spans[] = { limits->handshake_ms, limits->write_ms,
		limits->ping_ms, limits->request_ms };
	uint32_t least = SWEEP_MS_MAX * 4;

	for (size_t i = 0; i < ARRAY_LEN(spans); i++)
		if (spans[i] < least)
			least = spans[i];
	return least / 4 < SWEEP_MS_MIN ? SWEEP_MS_MIN : least / 4;
}

/* A descriptor that is connected or about to be. */
static int
begin_connect(const struct http_client_options *options, int *ret_fd,
    struct error *err)
{
	int rc = 0;

	if (options->tls == NULL && options->unix_path == NULL) {
		*ret_fd = options->fd;
		return net_set_nonblocking(options->fd, err);
	}
	if (options->tls == NULL)
		rc = net_connect_unix(options->unix_path, ret_fd, err);
	else
		rc = net_connect(options->host, options->port, options->source,
		    ret_fd, err);
	if (rc < 0 && err->code == ERROR_BUSY)
		text_copy(err->id, sizeof(err->id), "E6004");
	return rc;
}

static int
start_conn(struct http_client *client,
    const struct http_client_options *options, int fd, struct error *err)
{
	struct http_conn_options conn_options = {
		.loop = client->loop,
		.buffers = &client->buffers,
		.fd = fd,
		.is_connecting = options->tls != NULL,
		.tls = options->tls,
		.judge = is_expected,
		.events = &conn_events,
		.ctx = client,
	};
	nghttp2_session_callbacks *callbacks = NULL;
	nghttp2_option *option = NULL;
	nghttp2_session *ng = NULL;
	int rc = -1;

	if (http_conn_new(&conn_options, &client->conn, err) < 0)
		return -1;
	callbacks = http_stream_callbacks_new();
	option = http_conn_option_new();
	if (callbacks == NULL || option == NULL ||
	    nghttp2_session_client_new3(&ng, callbacks, client->conn, option,
		&http_memory) != 0) {
		error_set_memory(err);
		goto done;
	}
	if (http_conn_start(client->conn, ng, err) < 0)
		goto done;
	if (http_conn_submit_settings(ng, &client->limits, false) < 0) {
		error_set_memory(err);
		goto done;
	}
	rc = 0;
done:
	nghttp2_session_callbacks_del(callbacks);
	nghttp2_option_del(option);
	return rc;
}

static int
client_init(struct http_client *client,
    const struct http_client_options *options, struct error *err)
{
	client->loop = options->loop;
	client->limits = http_limits_of(&options->limits);
	client->events = options->events;
	client->ctx = options->ctx;
	client->is_tls = options->tls != NULL;
	client->expected_count = options->expected_count;
	memcpy(client->expected, options->expected, sizeof(client->expected));
	client->authority = text_dup(options->authority);
	if (client->authority == NULL)
		return error_set_memory(err);
	if (loop_timer_new(client->loop, sweep, client, &client->sweep, err) <
	    0)
		return -1;
	loop_timer_repeat(client->sweep, sweep_interval(&client->limits));
	return 0;
}

int
http_client_new(const struct http_client_options *options,
    struct http_client **ret_client, struct error *err)
{
	struct http_client *client = calloc(1, sizeof(*client));
	int fd = options->fd;

	assert(options->expected_count <= HTTP_EXPECTED_MAX);
	if (client == NULL) {
		error_set_memory(err);
		goto failed;
	}
	if (client_init(client, options, err) < 0 ||
	    begin_connect(options, &fd, err) < 0)
		goto failed;
	/* From here on the connection closes it. */
	if (start_conn(client, options, fd, err) < 0) {
		http_client_free(client);
		return -1;
	}
	*ret_client = client;
	return 0;
failed:
	if (options->fd >= 0)
		close(options->fd);
	http_client_free(client);
	return -1;
}

void
http_client_free(struct http_client *client)
{
	if (client == NULL)
		return;
	while (client->streams != NULL) {
		client->streams->is_cancelled = true;
		http_stream_end(client->streams, NULL);
	}
	http_conn_free(client->conn);
	loop_timer_free(client->sweep);
	http_buffers_free(&client->buffers);
	free(client->authority);
	free(client);
}

bool
http_client_is_usable(const struct http_client *client)
{
	return !client->is_closed && !client->is_leaving &&
	    client->conn->state <= HTTP_CONN_OPEN;
}

size_t
http_client_stream_count(const struct http_client *client)
{
	return client->stream_count;
}
