/*
 * What http_conn.c (the life of a connection), http_conn_io.c (its bytes) and
 * http_outbody.c (its bodies) share.
 */
#ifndef HTTP_HTTP_CONN_INTERNAL_H
#define HTTP_HTTP_CONN_INTERNAL_H

#include "http/http_conn.h"

enum {
	HTTP_FRAME_HEADER_LEN = 9,
	HTTP_FRAME_LEN_MAX = 16384,
	/* What nghttp2 hands over at once fits into this. */
	HTTP_FRAME_ROOM = HTTP_FRAME_LEN_MAX + 2 * HTTP_FRAME_HEADER_LEN,
};

void http_conn_enter(struct http_conn *conn, enum http_conn_state state);
void http_conn_watch(struct http_conn *conn, unsigned events);

/* Read what has come, as much as one turn allows. */
void http_conn_receive(struct http_conn *conn);

/* Write what the session has to say, as much as one turn allows. */
void http_conn_flush(struct http_conn *conn);

/* Throw away input until the peer has closed its side. */
void http_conn_linger(struct http_conn *conn);

void http_conn_give_buffer(struct http_buffers *buffers, uint8_t *buffer);

#endif
