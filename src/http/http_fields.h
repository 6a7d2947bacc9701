/*
 * The header fields of a message that is arriving.  Internal to http/.  Names
 * and values of HTTP/2 stay in nghttp2's own buffers, which are counted, not
 * copied; those of HTTP/1.1 in one text that the fields own.
 */
#ifndef HTTP_HTTP_FIELDS_H
#define HTTP_HTTP_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nghttp2/nghttp2.h>

struct http_header;

struct http_field {
	const char *name;
	const char *value;
	nghttp2_rcbuf *name_buffer; /* that holds it; NULL: `text` does */
	nghttp2_rcbuf *value_buffer;
};

/* Start it as `{ 0 }`. */
struct http_fields {
	struct http_field *list;
	uint16_t count;
	uint16_t size;
	uint32_t total; /* bytes as RFC 9113 10.5.1 counts them */
	uint8_t *text;  /* of HTTP/1.1; freed with the fields */
};

/*
 * Keep one more; false when there are too many, they are more than `max` bytes
 * in all, or memory ran out.
 */
bool http_fields_add(struct http_fields *fields, nghttp2_rcbuf *name,
    nghttp2_rcbuf *value, uint32_t max);

/* The same for texts that live as long as the fields; false without memory. */
bool http_fields_add_text(struct http_fields *fields, const char *name,
    const char *value);
void http_fields_free(struct http_fields *fields);

/* The first field of that name, NULL when there is none. */
const char *http_fields_get(const struct http_fields *fields, const char *name);

/*
 * The value of one cookie (RFC 6265 5.4), whose name may stand in any of the
 * fields: RFC 9113 8.2.3.  NULL when it is not there or stands twice; else
 * `*ret_len` bytes of it.
 */
const char *http_fields_cookie(const struct http_fields *fields,
    const char *name, size_t *ret_len);

/* One field to send; nghttp2 copies it when it is submitted. */
nghttp2_nv http_fields_pair(const char *name, const char *value);

#endif
