/*
 * Memory for nghttp2.  A session has a buffer of 16 KiB for frames, of which a
 * connection that is parked has written to the first bytes alone: in pages of
 * its own the rest takes no memory, which among others' heap blocks it would.
 */
#ifndef HTTP_HTTP_MEMORY_H
#define HTTP_HTTP_MEMORY_H

#include <nghttp2/nghttp2.h>

/* For nghttp2_session_server_new3() and _client_new3(), which copy it. */
extern nghttp2_mem http_memory;

#endif
