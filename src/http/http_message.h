/*
 * What requests and answers have in common: header fields, bodies that are
 * pulled out of their source as the peer makes room, and limits.
 */
#ifndef HTTP_HTTP_MESSAGE_H
#define HTTP_HTTP_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

struct bytes;

/* A field to send; the name in lower case, without control characters. */
struct http_header {
	const char *name;
	const char *value;
};

enum { HTTP_HEADERS_MAX = 48 }; /* fields in a message, either way */

enum http_pull {
	HTTP_PULL_MORE, /* `*ret_len` > 0 bytes, and there is more */
	HTTP_PULL_END,  /* `*ret_len` bytes, perhaps 0, were the last */
	HTTP_PULL_WAIT, /* nothing now: someone will call ..._resume() */
	HTTP_PULL_FAIL, /* nothing ever: break off, so that the peer notices */
};

/*
 * Fill `to` with at most `size` bytes (up to 16 KiB) of the body.  Called only
 * when the peer's flow control has room and our socket too, so bytes handed
 * out leave at once.  Must not close the connection.
 */
typedef enum http_pull (
    *http_pull_fn)(void *ctx, uint8_t *to, size_t size, size_t *ret_len);

/*
 * A body to send: `pull` with its `ctx` (must live until the stream is over),
 * or else `bytes`, whose contents are taken over, or neither: no body.
 */
struct http_body {
	struct bytes *bytes;
	http_pull_fn pull;
	void *ctx;
};

/* Limits of one side of a connection; 0 everywhere means the default. */
struct http_limits {
	uint32_t streams_max;     /* at once on a connection; 128 */
	uint32_t header_list_max; /* bytes, counted as RFC 9113 does; 16 KiB */
	uint32_t stream_window;   /* bytes that one body runs ahead; 256 KiB */
	uint32_t connection_window; /* ... and all bodies together; 4 MiB */
	uint32_t connections_max;   /* of a server; 16,384 */
	uint32_t source_max;        /* ... from one address; all of them */
	uint32_t unproven_max;      /* ... in a handshake; as strangers; 512 */
	uint32_t handshake_ms;      /* connect and TLS; 10 s */
	uint32_t first_ms;          /* a stranger's connection idle; 10 s */
	uint32_t headers_ms;        /* from first to last byte of them; 10 s */
	uint32_t body_ms;    /* in which 4 KiB or the end must come; 30 s */
	uint32_t write_ms;   /* in which the peer takes some bytes; 60 s */
	uint32_t idle_ms;    /* a server's connection without stream; 10 min */
	uint32_t ping_ms;    /* a client asks after silence of; 30 s */
	uint32_t request_ms; /* a client's stream without progress; 120 s */
};

/* The limits with every 0 replaced. */
struct http_limits http_limits_of(const struct http_limits *limits);

#endif
