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

static const char *
text_of(nghttp2_rcbuf *buffer)
{
	/* nghttp2 ends each with a NUL, and refuses values that contain one. */
	return (const char *)nghttp2_rcbuf_get_buf(buffer).base;
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
	fields->list[fields->count++] =
	    (struct http_field){ text_of(name), text_of(value), name, value };
	return true;
}

bool
http_fields_add_text(struct http_fields *fields, const char *name,
    const char *value)
{
	if (!make_room(fields))
		return false;
	fields->list[fields->count++] =
	    (struct http_field){ name, value, NULL, NULL };
	return true;
}

void
http_fields_free(struct http_fields *fields)
{
	for (size_t i = 0; i < fields->count; i++) {
		if (fields->list[i].name_buffer == NULL)
			continue;
		nghttp2_rcbuf_decref(fields->list[i].name_buffer);
		nghttp2_rcbuf_decref(fields->list[i].value_buffer);
	}
	free(fields->list);
	free(fields->text);
	memset(fields, 0, sizeof(*fields));
}

const char *
http_fields_get(const struct http_fields *fields, const char *name)
{
	for (size_t i = 0; i < fields->count; i++)
		if (strcmp(fields->list[i].name, name) == 0)
			return fields->list[i].value;
	return NULL;
}

/* The cookie in one field; counts how often it stands there. */
static const char *
cookie_in(const char *at, const char *name, size_t *ret_len, size_t *count)
{
	size_t name_len = strlen(name);
	const char *found = NULL;

	while (*at != '\0') {
		size_t len;

		at += strspn(at, " \t;");
		len = strcspn(at, ";");
		if (strncmp(at, name, name_len) == 0 && at[name_len] == '=') {
			found = at + name_len + 1;
			*ret_len = len - name_len - 1;
			(*count)++;
		}
		at += len;
	}
	return found;
}

const char *
http_fields_cookie(const struct http_fields *fields, const char *name,
    size_t *ret_len)
{
	const char *found = NULL;
	size_t count = 0;

	for (size_t i = 0; i < fields->count; i++) {
		const char *value = NULL;

		if (strcmp(fields->list[i].name, "cookie") == 0)
			value = cookie_in(fields->list[i].value, name, ret_len,
			    &count);
		if (value != NULL)
			found = value;
	}
	return count == 1 ? found : NULL;
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
