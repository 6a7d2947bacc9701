/*
 * What http_server.c (connections), http_request.c (requests), and the two
 * ways to speak share: http_session.c (HTTP/2) and http1_session.c.
 */
#ifndef HTTP_HTTP_SERVER_INTERNAL_H
#define HTTP_HTTP_SERVER_INTERNAL_H

#include "http/http_conn.h"
#include "http/http_fields.h"
#include "http/http_order.h"
#include "http/http_path.h"
#include "http/http_request.h"
#include "http/http_server.h"
#include "http/http_sources.h"

struct http1;        /* http1_session.c */
struct http_session; /* one connection of a server */

/* How requests of a connection reach it, and answers leave it. */
struct http_way {
	/* The peer may send `len` bytes more. */
	void (*give_back)(struct http_request *request, size_t len);
	/* Whether the peer could send something of the body now. */
	bool (*has_room)(const struct http_request *request);
	/* -1 when memory ran out. */
	int (*answer)(struct http_request *request, int status,
	    const struct http_header *headers, size_t header_count,
	    bool has_body);
	void (*resume)(struct http_request *request);
	void (*reset)(struct http_request *request);
	/* The request ends; `len` bytes were not given back. */
	void (*end)(struct http_request *request, size_t len);
	/* Go on with our goodbye (session->drain). */
	void (*leave)(struct http_session *session, uint64_t now_ms);
};

extern const struct http_way http2_way, http1_way;

/* A request that crossed our notice is on the wire no longer. */
enum { HTTP_NOTICE_MS = 250 };

struct http_server {
	struct loop *loop; /* not ours */
	const struct tls *tls;
	struct http_limits limits;
	const struct http_server_events *events;
	void *ctx;
	nghttp2_session_callbacks *callbacks;
	nghttp2_option *option;
	struct http_buffers buffers;
	int listen_fd; /* not ours; -1: none */
	struct loop_watch *watch;
	struct loop_timer *sweep;
	struct http_session *sessions; /* newest first */
	struct http_order order;       /* of all of them */
	struct http_sources *sources;
	struct http_server_counts counts;
	bool is_http1;     /* of links without TLS */
	bool is_accepting; /* the watch is not paused */
	bool is_draining;
	bool is_drained;
};

enum http_session_drain {
	HTTP_SESSION_SERVES,
	HTTP_SESSION_LEAVES_SOON, /* at leave_at_ms: tell the peer */
	HTTP_SESSION_LEAVING,     /* told; what was under way still comes */
	HTTP_SESSION_LEFT,        /* no new streams any more */
};

struct http_session {
	struct http_server *server;
	struct http_session *next;
	struct http_session *previous;
	struct http_conn *conn;
	struct http_peer peer;
	struct http_order_entry place;     /* among all */
	struct http_order_entry own_place; /* among those of its address */
	struct http_source *source;        /* NULL: local */
	const struct http_way *way;        /* NULL: not begun */
	struct http1 *http1;               /* NULL: HTTP/2 */
	struct http_request *requests;     /* newest first */
	uint64_t idle_at_ms;               /* since when without request */
	uint64_t leave_at_ms;
	uint64_t headers_at_ms; /* a header block is arriving since; 0: none */
	int32_t headers_stream_id; /* its stream */
	enum http_session_drain drain;
	bool has_asked; /* a request was seen */
	bool is_known;  /* a registered peer */
};

struct http_request {
	struct http_session *session;
	struct http_request *next;
	struct http_request *previous;
	int32_t stream_id;
	const struct http_request_events *events;
	void *ctx;
	struct http_fields fields;
	struct http_target target;
	struct http_outbody body;
	uint64_t progress_at_ms; /* the peer last did its part */
	uint64_t progress_total; /* bytes at that time */
	uint64_t received;       /* bytes of body */
	size_t unconsumed;       /* given to on_body, not consumed */
	bool is_too_large;       /* the header fields */
	bool is_dispatched;      /* the handler knows it */
	bool is_bodiless;
	bool is_body_complete;
	bool is_answered;
	bool is_reset; /* by us */
	bool is_over;  /* on_close is running */
	bool is_sent;  /* the answer's last byte was handed over */
};

/* It moved on: a request came, went, or made progress. */
void http_session_touch(struct http_session *session);

/* A header block begins: a request comes into being; NULL without memory. */
struct http_request *http_request_new(struct http_session *session,
    int32_t stream_id);

/* The stream is over: tell the handler and free it. */
void http_request_end(struct http_request *request);

/* The headers are complete: refuse, or hand to the handler. */
void http_request_dispatch(struct http_request *request, bool is_bodiless);
void http_request_receive(struct http_request *request, const uint8_t *data,
    size_t len);
void http_request_body_end(struct http_request *request);

/* True if the peer is too slow with its part of this stream. */
bool http_request_is_stalled(struct http_request *request, uint64_t now_ms);

/* Begin to speak: sets `way`.  -1 when memory ran out. */
int http_session_begin(struct http_session *session);
int http1_session_begin(struct http_session *session);
void http1_free(struct http1 *http1);

/* nghttp2's callbacks for a server; NULL when memory ran out. */
nghttp2_session_callbacks *http_session_callbacks_new(void);

#endif
