#include "http/http_fields.h"

#include <stdlib.h>
#include <string.h>

#include "http/http_message.h"

/* What RFC 9113 10.5.1 adds for each field. */
enum { FIELD_OVERHEAD = 32, FIRST_SIZE = 8 };

static bool
make_room(struct http_fields *fields)
{
	uint16_t size =
	    fields->size == 0 ? FIRST_SIZE : (uint16_t)(fields->size * 2);
	struct http_field *list;

	if (fields->count < fields->size)
		return true;
	if (fields->count >= HTTP_HEADERS_MAX)
		return false;
	list = realloc(fields->list, size * sizeof(*list));
	if (list == NULL)
		return false;
	fields->list = list;
	fields->size = size;
	return true;
}

bool
http_fields_add(struct http_fields *fields, nghttp2_rcbuf *name,
    nghttp2_rcbuf *value, uint32_t max)
{
	size_t len = nghttp2_rcbuf_get_buf(name).len +
	    nghttp2_rcbuf_get_buf(value).len + FIELD_OVERHEAD;

	if (len > max - fields->total || !make_room(fields))
		return false;
	fields->total += (uint32_t)len;
	nghttp2_rcbuf_incref(name);
	nghttp2_rcbuf_incref(value);
	fields->list[fields->count].name = name;
	fields->list[fields->count].value = value;
	fields->count++;
	return true;
}

void
http_fields_free(struct http_fields *fields)
{
	for (size_t i = 0; i < fields->count; i++) {
		nghttp2_rcbuf_decref(fields->list[i].name);
		nghttp2_rcbuf_decref(fields->list[i].value);
	}
	free(fields->list);
	memset(fields, 0, sizeof(*fields));
}

static const char *
text_of(nghttp2_rcbuf *buffer)
{
	/* nghttp2 ends each with a NUL, and refuses values that contain one. */
	return (const char *)nghttp2_rcbuf_get_buf(buffer).base;
}

const char *
http_fields_get(const struct http_fields *fields, const char *name)
{
	for (size_t i = 0; i < fields->count; i++)
		if (strcmp(text_of(fields->list[i].name), name) == 0)
			return text_of(fields->list[i].value);
	return NULL;
}

static uint8_t *
unconst(const char *text)
{
	union {
		const char *from;
		uint8_t *to;
	} pointer = { .from = text };

	return pointer.to;
}

nghttp2_nv
http_fields_pair(const char *name, const char *value)
{
	nghttp2_nv pair = {
		/* nghttp2 only reads and copies them. */
		.name = unconst(name),
		.namelen = strlen(name),
		.value = unconst(value),
		.valuelen = strlen(value),
		.flags = NGHTTP2_NV_FLAG_NONE,
	};

	return pair;
}
