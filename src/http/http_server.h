/*
 * The serving side of HTTP/2, and of HTTP/1.1 where the TLS identity lets it in
 * (tls_allow_http1()): takes connections from one port, with TLS or, on
 * a local socket, without; enforces the limits, closing first whoever has not
 * moved on for longest (http_order.h); hands out requests
 * (http/http_request.h).  One server, one trust policy.
 *
 * Requests that break the rules never reach the handler.  Who may ask for
 * what is the handler's business.
 */
#ifndef HTTP_HTTP_SERVER_H
#define HTTP_HTTP_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "http/http_message.h"
#include "http/tls.h"

struct error;
struct http_peer;
struct http_request;
struct loop;
struct net_peer;

struct http_server;

struct http_server_events {
	/*
	 * The headers of a request are complete: call http_request_handle(),
	 * http_request_answer(), or both, now or later.
	 */
	void (*on_request)(void *ctx, struct http_request *request);
	/* Before the handshake: may this address talk to us?  May be NULL. */
	bool (*may_connect)(void *ctx, const struct net_peer *peer);
	/* During the handshake, to refuse a certificate.  May be NULL. */
	bool (*may_trust)(void *ctx, const struct digest *fingerprint,
	    const uint8_t *der, size_t der_len);
	/*
	 * After the handshake: is it a registered peer, whose connection is to
	 * stay when there are too many?  NULL: all are.  Local ones always are.
	 */
	bool (*is_known)(void *ctx, const struct http_peer *peer);
	/* A connection failed before its first request.  May be NULL. */
	void (*on_refused)(void *ctx, const struct http_peer *peer,
	    const struct error *err);
	/* Nothing runs any more after http_server_drain().  May be NULL. */
	void (*on_drained)(void *ctx);
};

struct http_server_options {
	struct loop *loop;     /* not ours; must outlive the server */
	const struct tls *tls; /* not ours; NULL for a local socket */
	bool is_http1;         /* without TLS: HTTP/1.1 alone (tests) */
	struct http_limits limits;
	const struct http_server_events *events; /* must outlive the server */
	void *ctx;
};

struct http_server_counts {
	uint64_t connections; /* open now */
	uint64_t streams;     /* requests that live now */
	uint64_t accepted;    /* connections since the start */
	uint64_t refused;     /* of them, before their first request */
	uint64_t requests;    /* since the start */
	uint64_t closed;      /* connections, to make room for others */
};

int http_server_new(const struct http_server_options *options,
    struct http_server **ret_server, struct error *err) MUST_CHECK;

/*
 * Closes every connection; each living request gets its on_close.  Not to be
 * called inside a callback of this server.
 */
void http_server_free(struct http_server *server);

/*
 * Take connections from a listening socket, which stays the caller's and must
 * be open until http_server_drain() or http_server_free().  Call once.
 */
int http_server_listen(struct http_server *server, int listen_fd,
    struct error *err) MUST_CHECK;

/* Serve one connection that is there already.  Closes `fd`, also on failure. */
int http_server_serve(struct http_server *server, int fd,
    const struct net_peer *peer, struct error *err) MUST_CHECK;

/*
 * End gently: take no more connections, send GOAWAY to the present ones
 * evenly over `spread_ms`, finish the requests that run, then on_drained.
 * Parked requests are the handler's to answer.  Who has not finished its
 * handshake, or does not close its side, is not waited for longer than a
 * moment.
 */
void http_server_drain(struct http_server *server, uint32_t spread_ms);

struct http_server_counts http_server_counts(const struct http_server *server);

#endif
