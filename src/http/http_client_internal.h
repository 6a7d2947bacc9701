/*
 * What http_client.c (the connection) and http_stream.c (streams) share.
 */
#ifndef HTTP_HTTP_CLIENT_INTERNAL_H
#define HTTP_HTTP_CLIENT_INTERNAL_H

#include "http/http_client.h"
#include "http/http_conn.h"
#include "http/http_fields.h"

struct http_client {
	struct loop *loop; /* not ours */
	struct http_limits limits;
	const struct http_client_events *events;
	void *ctx;
	struct http_buffers buffers;
	struct http_conn *conn;
	struct loop_timer *sweep;
	struct http_stream *streams; /* newest first */
	size_t stream_count;         /* of those not cancelled */
	char *authority;
	bool is_tls;
	bool is_leaving; /* the peer sent GOAWAY */
	bool is_closed;
	uint64_t pinged_at_ms; /* 0: no answer is awaited */
	struct digest expected[HTTP_EXPECTED_MAX];
	size_t expected_count;
};

struct http_stream {
	struct http_client *client;
	struct http_stream *next;
	struct http_stream *previous;
	int32_t id;
	const struct http_stream_events *events;
	void *ctx;
	struct http_outbody body;
	struct http_fields fields;
	int status;
	uint32_t timeout_ms;
	uint64_t progress_at_ms;
	uint64_t progress_total;
	uint64_t received;
	size_t unconsumed;
	bool is_complete;  /* the answer is */
	bool is_cancelled; /* its owner is gone */
	bool is_too_slow;  /* reset by us for that */
	bool is_broken;    /* reset by us for breaking rules */
};

/* Take it out of the client, tell its owner unless cancelled, free it. */
void http_stream_end(struct http_stream *stream, const struct error *err);

/* Reset the stream when it made no progress for too long. */
void http_stream_check_time(struct http_stream *stream, uint64_t now_ms);

/* nghttp2's callbacks for a client; NULL when memory ran out. */
nghttp2_session_callbacks *http_stream_callbacks_new(void);

#endif
