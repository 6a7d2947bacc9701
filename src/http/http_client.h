/*
 * The asking side of HTTP/2: one long-lived connection to one peer, many
 * streams on it.  It does not connect again by itself: when it is closed, the
 * owner frees it and opens another when it sees fit.
 *
 * Errors name the reaction: ERROR_BUSY (E6004: could not connect, E6005: the
 * connection broke or was ended by the peer, E6006: no progress in time)
 * means try again later; ERROR_UNTRUSTED (E6001, E6002) means the wrong peer;
 * ERROR_MALFORMED (E6007) means that the peer does not speak HTTP/2 as agreed.
 */
#ifndef HTTP_HTTP_CLIENT_H
#define HTTP_HTTP_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "http/http_message.h"
#include "http/tls.h"

struct error;
struct loop;

struct http_client;
struct http_stream; /* one request and its answer */

enum { HTTP_EXPECTED_MAX = 4 };

struct http_client_events {
	/* The peer is who we expect: requests flow now.  May be NULL. */
	void (*on_open)(void *ctx);
	/*
	 * The connection is over, after on_end of every stream.  Called once,
	 * never after http_client_free(), which it may call.
	 */
	void (*on_closed)(void *ctx, const struct error *err);
};

struct http_client_options {
	struct loop *loop; /* not ours; must outlive the client */

	/* Either a host, over TLS: */
	const struct tls *tls; /* not ours */
	const char *host;      /* numeric address */
	uint16_t port;
	const char *source; /* numeric address to come from, or NULL */
	struct digest
	    expected[HTTP_EXPECTED_MAX]; /* any of these certificates */
	size_t expected_count;

	/* or a local socket, without TLS: a path, or a connected descriptor. */
	const char *unix_path;
	int fd; /* -1 for none; closed with the client, also when this fails */

	const char *authority; /* for :authority; copied */
	struct http_limits limits;
	const struct http_client_events *events; /* must outlive the client */
	void *ctx;
};

/* Begin to connect.  Requests may be sent at once; they wait inside. */
int http_client_new(const struct http_client_options *options,
    struct http_client **ret_client, struct error *err) MUST_CHECK;

/* Cancels every stream: no callback of theirs is called any more. */
void http_client_free(struct http_client *client);

/* True if new requests can be sent: not closed, not asked to go away. */
bool http_client_is_usable(const struct http_client *client);
size_t http_client_stream_count(const struct http_client *client);

struct http_stream_events {
	/* Status and headers are there.  May be NULL. */
	void (*on_headers)(void *ctx, struct http_stream *stream, int status);
	/* Bytes of the body; http_stream_consume() lets more come. */
	void (*on_body)(void *ctx, struct http_stream *stream,
	    const uint8_t *data, size_t len);
	/*
	 * Last call: `err` is NULL when the answer is complete.  A request
	 * that was sent and failed may have been acted upon or not.
	 */
	void (*on_end)(void *ctx, struct http_stream *stream,
	    const struct error *err);
};

struct http_outgoing {
	const char *method;
	const char *target; /* path and query, encoded (http_path_put()) */
	const struct http_header *headers; /* copied */
	size_t header_count;
	struct http_body body;
	uint32_t timeout_ms; /* without progress; 0: limits.request_ms */
};

/*
 * Ask.  The stream lives until its on_end returns or it is cancelled.
 * Without on_body the body of the answer is thrown away.  Fails with
 * ERROR_BUSY when the client is not usable.
 */
int http_client_send(struct http_client *client,
    const struct http_outgoing *request,
    const struct http_stream_events *events, void *ctx,
    struct http_stream **ret_stream, struct error *err) MUST_CHECK;

/* Reset it; none of its callbacks is called any more, nor its pull. */
void http_stream_cancel(struct http_stream *stream);

/* The request's source, which said HTTP_PULL_WAIT, has something again. */
void http_stream_resume(struct http_stream *stream);
void http_stream_consume(struct http_stream *stream, size_t len);

/* Of the answer; 0 and NULL until on_headers. */
int http_stream_status(const struct http_stream *stream);
const char *http_stream_header(const struct http_stream *stream,
    const char *name);

#endif
