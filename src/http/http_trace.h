/*
 * W3C Trace Context: the id by which a request is found again in the logs of all
 * that it went through.
 */
#ifndef HTTP_HTTP_TRACE_H
#define HTTP_HTTP_TRACE_H

#include <stdbool.h>
#include <stdint.h>

enum { HTTP_TRACE_LEN = 16, HTTP_TRACE_SIZE = 2 * HTTP_TRACE_LEN + 1 };

/*
 * The trace id of a header `traceparent` (version 00 and those after it):
 * false, with "" in `to`, for what is none, or all zeros.
 */
bool http_trace_parse(const char *header, char to[HTTP_TRACE_SIZE]);

/* One of our own, of random bytes. */
void http_trace_make(const uint8_t random[HTTP_TRACE_LEN],
    char to[HTTP_TRACE_SIZE]);

#endif
