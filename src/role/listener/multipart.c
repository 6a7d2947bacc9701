#include "role/listener/multipart.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"

enum state {
	STATE_FIRST,  /* the first delimiter, without its CR LF */
	STATE_AFTER,  /* a delimiter came: CR LF, or -- */
	STATE_LF,     /* ... its CR */
	STATE_DASH,   /* ... its first - */
	STATE_HEAD,   /* of a part */
	STATE_BODY,   /* of a part */
	STATE_OVER,   /* the last delimiter came */
	STATE_OVER_LF /* ... and the CR after it */
};

static const char type_name[] = "multipart/form-data";

static int
malformed(struct error *err, const char *why)
{
	return error_set_id(err, "E6211", ERROR_MALFORMED, "%s: %s", type_name,
	    why);
}

bool
multipart_is_type(const char *type)
{
	size_t len = sizeof(type_name) - 1;

	return type != NULL && strncmp(type, type_name, len) == 0 &&
	    (type[len] == ';' || type[len] == ' ');
}

/* RFC 2046 5.1.1, without the blank. */
static bool
is_boundary(const char *text, size_t len)
{
	static const char others[] = "'()+_,-./:=?";

	for (size_t i = 0; i < len; i++)
		if (!((text[i] >= 'a' && text[i] <= 'z') ||
			(text[i] >= 'A' && text[i] <= 'Z') ||
			(text[i] >= '0' && text[i] <= '9') ||
			(text[i] != '\0' && strchr(others, text[i]) != NULL)))
			return false;
	return len > 0 && len <= MULTIPART_BOUNDARY_MAX;
}

int
multipart_begin(struct multipart *reader, const char *type, uint64_t len_max,
    const struct bundle_handler *handler, void *ctx, struct error *err)
{
	const char *boundary =
	    multipart_is_type(type) ? strstr(type, "boundary=") : NULL;
	size_t len;

	memset(reader, 0, sizeof(*reader));
	if (boundary == NULL)
		return malformed(err, "no boundary");
	boundary += strlen("boundary=");
	if (*boundary == '"') {
		boundary++;
		len = strcspn(boundary, "\"");
	} else {
		len = strcspn(boundary, "; ");
	}
	if (!is_boundary(boundary, len))
		return malformed(err, "a boundary that is none");
	memcpy(reader->delimiter, "\r\n--", 4);
	memcpy(reader->delimiter + 4, boundary, len);
	reader->delimiter_len = len + 4;
	reader->matched = 2; /* before the first one there is no line */
	reader->state = STATE_FIRST;
	reader->len_max = len_max;
	reader->handler = handler;
	reader->ctx = ctx;
	return 0;
}

/* ---- the head of a part ----------------------------------------------------- */

/*
 * The quoted value of `filename` in a Content-Disposition; `*ret_len` bytes.
 * `\"` is left as it is: such a name is refused later.
 */
static const char *
find_name(const char *line, size_t *ret_len)
{
	const char *at = strstr(line, "; filename=\"");
	const char *end;

	if (at == NULL)
		return NULL;
	at += strlen("; filename=\"");
	end = strchr(at, '"');
	if (end == NULL)
		return NULL;
	*ret_len = (size_t)(end - at);
	return at;
}

static bool
is_disposition(const char *line)
{
	static const char name[] = "content-disposition:";

	for (size_t i = 0; name[i] != '\0'; i++)
		if ((line[i] >= 'A' && line[i] <= 'Z' ? line[i] | 0x20
						      : line[i]) != name[i])
			return false;
	return true;
}

/* `head` ends with the empty line.  The name of the file in it. */
static int
name_of(struct bytes *head, const char **ret_name, size_t *ret_len,
    struct error *err)
{
	char *line = (char *)head->data;

	*ret_name = NULL;
	if (memchr(head->data, '\0', head->len) != NULL)
		return malformed(err, "a NUL in the head of a part");
	bytes_put_u8(head, '\0');
	if (bytes_failed(head, err) < 0)
		return -1;
	line = (char *)head->data;
	while (line[0] != '\r') {
		char *end = strstr(line, "\r\n");

		if (end == NULL || line[0] == ' ' || line[0] == '\t')
			return malformed(err, "a line of a head that is none");
		*end = '\0';
		if (is_disposition(line) && *ret_name == NULL)
			*ret_name = find_name(line, ret_len);
		else if (is_disposition(line))
			return malformed(err, "two dispositions of a part");
		line = end + 2;
	}
	if (*ret_name == NULL)
		return malformed(err,
		    "a part that is no file with a name: "
		    "curl -F file=@letter.di, with the @");
	return 0;
}

static int
end_head(struct multipart *reader, struct error *err)
{
	const struct bundle_handler *handler = reader->handler;
	const char *name;
	size_t len = 0;
	int rc = -1;

	if (name_of(&reader->head, &name, &len, err) == 0 &&
	    handler->begin(reader->ctx, BUNDLE_NAME, len, err) == 0 &&
	    (len == 0 ||
		handler->data(reader->ctx, (const uint8_t *)name, len, err) ==
		    0) &&
	    handler->end(reader->ctx, err) == 0)
		rc = handler->begin(reader->ctx, BUNDLE_FILE, UINT64_MAX, err);
	bytes_clear(&reader->head);
	reader->state = STATE_BODY;
	return rc;
}

static int
take_head(struct multipart *reader, uint8_t c, struct error *err)
{
	struct bytes *head = &reader->head;
	size_t len;

	if (head->len == MULTIPART_HEAD_MAX)
		return malformed(err, "the head of a part is too long");
	bytes_put_u8(head, c);
	if (bytes_failed(head, err) < 0)
		return -1;
	len = head->len;
	if (len >= 4 && memcmp(head->data + len - 4, "\r\n\r\n", 4) == 0)
		return end_head(reader, err);
	if (len == 2 && memcmp(head->data, "\r\n", 2) == 0)
		return malformed(err, "a part without head");
	return 0;
}

/* ---- its bytes ------------------------------------------------------------------ */

static int
put(struct multipart *reader, const void *data, size_t len, struct error *err)
{
	if (len == 0)
		return 0;
	reader->len += len;
	if (reader->len > reader->len_max)
		return error_set_id(err, "E6203", ERROR_DENIED,
		    "more than %llu bytes of files",
		    (unsigned long long)reader->len_max);
	return reader->handler->data(reader->ctx, data, len, err);
}

/*
 * As many as are of the part for sure.  CR stands at the beginning of a
 * delimiter and nowhere else in it, so what began one and was none is the
 * part's, up to where it stopped being one.
 */
static int
take_body(struct multipart *reader, const uint8_t *data, size_t len,
    size_t *ret_used, struct error *err)
{
	const uint8_t *cr;

	if (reader->matched == 0) {
		cr = memchr(data, '\r', len);
		*ret_used = cr != NULL ? (size_t)(cr - data) : len;
		if (*ret_used > 0)
			return put(reader, data, *ret_used, err);
		reader->matched = 1;
		*ret_used = 1;
		return 0;
	}
	if (data[0] != (uint8_t)reader->delimiter[reader->matched]) {
		size_t matched = reader->matched;

		reader->matched = 0;
		*ret_used = 0;
		return put(reader, reader->delimiter, matched, err);
	}
	*ret_used = 1;
	if (++reader->matched < reader->delimiter_len)
		return 0;
	reader->state = STATE_AFTER;
	return reader->handler->end(reader->ctx, err);
}

/* ---- around the parts --------------------------------------------------------- */

static int
take_other(struct multipart *reader, uint8_t c, struct error *err)
{
	switch ((enum state)reader->state) {
	case STATE_FIRST:
		if (c != (uint8_t)reader->delimiter[reader->matched])
			return malformed(err,
			    "something before the first part");
		if (++reader->matched == reader->delimiter_len)
			reader->state = STATE_AFTER;
		return 0;
	case STATE_AFTER:
		reader->matched = 0;
		reader->state = c == '\r' ? STATE_LF : STATE_DASH;
		return c == '\r' || c == '-'
		    ? 0
		    : malformed(err, "no line end after a boundary");
	case STATE_LF:
		reader->state = STATE_HEAD;
		return c == '\n' ? 0 : malformed(err, "CR without LF");
	case STATE_DASH:
		reader->state = STATE_OVER;
		return c == '-' ? 0 : malformed(err, "no end after a boundary");
	case STATE_OVER:
		reader->state = STATE_OVER_LF;
		return c == '\r' ? 0
				 : malformed(err, "something after the end");
	case STATE_OVER_LF:
		reader->state = -1;
		return c == '\n' ? 0 : malformed(err, "CR without LF");
	case STATE_HEAD:
		return take_head(reader, c, err);
	case STATE_BODY:
		break;
	}
	return malformed(err, "something after the end");
}

int
multipart_push(struct multipart *reader, const uint8_t *data, size_t len,
    struct error *err)
{
	while (len > 0) {
		size_t used = 1;

		if (reader->state == STATE_BODY
			? take_body(reader, data, len, &used, err) < 0
			: take_other(reader, *data, err) < 0)
			return -1;
		data += used;
		len -= used;
	}
	return 0;
}

size_t
multipart_held(const struct multipart *reader)
{
	return reader->state == STATE_BODY ? reader->matched : 0;
}

int
multipart_finish(struct multipart *reader, struct error *err)
{
	if (reader->state == STATE_OVER || reader->state == -1)
		return 0;
	return malformed(err, "it ends in the middle");
}
