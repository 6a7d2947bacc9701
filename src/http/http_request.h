/*
 * A request as a server's handler sees it, and the ways to answer it.
 *
 * It lives from the server's on_request until its on_close returns.  It may be
 * answered inside any callback or at any time between them: a long poll keeps
 * the pointer and answers when there is news.
 */
#ifndef HTTP_HTTP_REQUEST_H
#define HTTP_HTTP_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "http/http_message.h"
#include "http/http_path.h"
#include "model/digest.h"
#include "sys/net.h"

struct http_request;

/* Who asks: the same for all requests of a connection. */
struct http_peer {
	struct net_peer net;
	bool has_cert;
	struct digest fingerprint; /* SHA-256 of the certificate */
};

/* What a handler wants to know of one request; any may be NULL. */
struct http_request_events {
	/*
	 * The next bytes of the body.  The peer may run ahead by the stream
	 * window and no more: http_request_consume() opens it again.
	 */
	void (*on_body)(void *ctx, struct http_request *request,
	    const uint8_t *data, size_t len);
	/* The body was complete. */
	void (*on_body_end)(void *ctx, struct http_request *request);
	/*
	 * Last call: the whole answer was handed to the system, or else the
	 * peer reset the stream, is gone, or was too slow.
	 */
	void (*on_close)(void *ctx, struct http_request *request,
	    bool is_answered);
};

/*
 * Send what happens to this request to `events` (must outlive it) with `ctx`.
 * To be called in on_request; without it, or without on_body, the body is
 * thrown away.
 */
void http_request_handle(struct http_request *request,
    const struct http_request_events *events, void *ctx);

/* Upper case letters such as "POST". */
const char *http_request_method(const struct http_request *request);
/* The host that was asked, with its port if it was named; NULL: not said. */
const char *http_request_authority(const struct http_request *request);
const struct http_target *http_request_target(
    const struct http_request *request);
const char *http_request_param(const struct http_request *request,
    const char *name);

/* The field's value, NULL when absent; the first one when repeated. */
const char *http_request_header(const struct http_request *request,
    const char *name);

/* `*ret_len` bytes of a cookie; NULL when it is not there or stands twice. */
const char *http_request_cookie(const struct http_request *request,
    const char *name, size_t *ret_len);

/* Length of the body as announced; false when it was not. */
bool http_request_length(const struct http_request *request,
    uint64_t *ret_length);

/* True if the request came without a body. */
bool http_request_is_bodiless(const struct http_request *request);

const struct http_peer *http_request_peer(const struct http_request *request);

/*
 * `len` bytes given to on_body are dealt with: the peer may send as many.
 * Does nothing once the request is answered.
 */
void http_request_consume(struct http_request *request, size_t len);

/*
 * Answer, once.  `headers` are copied.  `body` may be NULL.  A body still
 * arriving is not needed any more then: the peer is told to stop.  If memory
 * runs out the stream is reset, and on_close tells.
 */
void http_request_answer(struct http_request *request, int status,
    const struct http_header *headers, size_t header_count,
    const struct http_body *body);
bool http_request_is_answered(const struct http_request *request);

/* The body's source, which said HTTP_PULL_WAIT, has something again. */
void http_request_resume(struct http_request *request);

/*
 * The peer has shown who it is, though not by its certificate: its connection
 * stays when there are too many (http_server.h, is_known).
 */
void http_request_keep(struct http_request *request);

/* Break off, without or within an answer; only on_close follows. */
void http_request_reset(struct http_request *request);

#endif
