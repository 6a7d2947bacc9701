/*
 * The header fields of a message that is arriving.  Internal to http/.  Names
 * and values stay in nghttp2's own buffers, which are counted, not copied.
 */
#ifndef HTTP_HTTP_FIELDS_H
#define HTTP_HTTP_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nghttp2/nghttp2.h>

struct http_header;

struct http_field {
	nghttp2_rcbuf *name;
	nghttp2_rcbuf *value;
};

/* Start it as `{ 0 }`. */
struct http_fields {
	struct http_field *list;
	uint16_t count;
	uint16_t size;
	uint32_t total; /* bytes as RFC 9113 10.5.1 counts them */
};

/*
 * Keep one more; false when there are too many, they are more than `max` bytes
 * in all, or memory ran out.
 */
bool http_fields_add(struct http_fields *fields, nghttp2_rcbuf *name,
    nghttp2_rcbuf *value, uint32_t max);
void http_fields_free(struct http_fields *fields);

/* The first field of that name, NULL when there is none. */
const char *http_fields_get(const struct http_fields *fields, const char *name);

/* One field to send; nghttp2 copies it when it is submitted. */
nghttp2_nv http_fields_pair(const char *name, const char *value);

#endif
