/*
 * How many connections come from each address.  Internal to http/.
 */
#ifndef HTTP_HTTP_SOURCES_H
#define HTTP_HTTP_SOURCES_H

#include <stddef.h>

#include "http/http_order.h"
#include "sys/net.h"

struct http_sources;

/* One address, while it has connections. */
struct http_source {
	struct http_source *next;
	char host[NET_HOST_SIZE];
	size_t count;
	struct http_order order; /* of its connections */
};

/* NULL when memory ran out. */
struct http_sources *http_sources_new(void);
void http_sources_free(struct http_sources *sources);

/* The address has one connection more; NULL when memory ran out. */
struct http_source *http_source_enter(struct http_sources *sources,
    const char *host);

/* One less: the last one takes the entry with it. */
void http_source_leave(struct http_sources *sources,
    struct http_source *source);

#endif
