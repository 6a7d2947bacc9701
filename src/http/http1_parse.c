#include "http/http1_parse.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"

enum { METHOD_MAX = 16, HOST_MAX = 255, LENGTH_DIGITS_MAX = 18 };

static int
refuse(struct error *err, const char *why)
{
	return error_set_id(err, "E6401", ERROR_MALFORMED, "HTTP/1.1: %s", why);
}

static int
too_large(struct error *err, const char *why)
{
	return error_set_id(err, "E6102", ERROR_MALFORMED, "HTTP/1.1: %s", why);
}

/* ---- up to the end of the head ------------------------------------------ */

/* Line ends are CR LF and nothing else; of controls only HTAB may stand. */
static int
check_byte(const struct http1_reader *reader, uint8_t c, struct error *err)
{
	const struct bytes *text = &reader->text;
	bool after_cr = text->len > 0 && text->data[text->len - 1] == '\r';

	if (after_cr != (c == '\n'))
		return refuse(err,
		    after_cr ? "CR without LF" : "LF without CR");
	if ((c < 0x20 && c != '\r' && c != '\n' && c != '\t') || c >= 0x7f)
		return refuse(err, "a byte that is not visible ASCII");
	if (text->len == HTTP1_HEAD_MAX)
		return too_large(err, "the head is too long");
	return 0;
}

/* A line has ended: 1 when it was the empty one that ends the head. */
static int
end_line(struct http1_reader *reader, struct error *err)
{
	size_t len = reader->line_len;

	reader->line_len = 0;
	if (len == 0 && reader->lines == 0)
		return refuse(err, "an empty line before the request");
	if (len == 0)
		return 1;
	if (++reader->lines > 1 + HTTP1_FIELDS_MAX)
		return too_large(err, "too many fields");
	return 0;
}

int
http1_read(struct http1_reader *reader, const uint8_t *data, size_t len,
    size_t *ret_used, struct error *err)
{
	for (size_t i = 0; i < len; i++) {
		int ended = 0;

		if (check_byte(reader, data[i], err) < 0)
			return -1;
		bytes_put_u8(&reader->text, data[i]);
		if (data[i] == '\n')
			ended = end_line(reader, err);
		else if (data[i] != '\r')
			reader->line_len++;
		if (ended < 0)
			return -1;
		*ret_used = i + 1;
		if (ended > 0)
			return bytes_failed(&reader->text, err) < 0 ? -1 : 1;
	}
	*ret_used = len;
	return bytes_failed(&reader->text, err);
}

/* ---- its parts ---------------------------------------------------------- */

static bool
is_token_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') ||
	    (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* `token` is in lower case. */
static bool
equals_ignoring_case(const char *text, size_t len, const char *token)
{
	if (len != strlen(token))
		return false;
	for (size_t i = 0; i < len; i++)
		if (lower(text[i]) != token[i])
			return false;
	return true;
}

static bool
is_method(const char *text)
{
	size_t len = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");

	return len > 0 && len <= METHOD_MAX && text[len] == '\0';
}

/* Three parts with one blank between them. */
static int
parse_request_line(char *line, struct http1_head *head, struct error *err)
{
	char *target = strchr(line, ' ');
	char *version = target != NULL ? strchr(target + 1, ' ') : NULL;

	if (version == NULL)
		return refuse(err, "the request line has no three parts");
	*target++ = '\0';
	*version++ = '\0';
	if (!is_method(line))
		return refuse(err, "the method is none");
	if (target[0] != '/' || strchr(target, '\t') != NULL)
		return refuse(err, "the target is no path");
	if (!text_equal(version, "HTTP/1.1"))
		return refuse(err, "the version is not HTTP/1.1");
	head->method = line;
	head->target = target;
	return 0;
}

static const char *
find(const struct http1_head *head, const char *name)
{
	for (size_t i = 0; i < head->field_count; i++)
		if (text_equal(head->fields[i].name, name))
			return head->fields[i].value;
	return NULL;
}

static int
parse_field(char *line, struct http1_head *head, struct error *err)
{
	size_t len = 0;
	char *value;
	char *end;

	if (is_blank(line[0]))
		return refuse(err, "a folded line");
	for (; is_token_char(line[len]); len++)
		line[len] = lower(line[len]);
	if (len == 0 || line[len] != ':')
		return refuse(err, "a field name that is no token");
	line[len] = '\0';
	for (value = line + len + 1; is_blank(*value); value++)
		continue;
	for (end = value + strlen(value); end > value && is_blank(end[-1]);)
		*--end = '\0';
	if (find(head, line) != NULL)
		return refuse(err, "a field stands twice");
	if (head->field_count == HTTP1_FIELDS_MAX)
		return too_large(err, "too many fields");
	head->fields[head->field_count++] = (struct http_header){ line, value };
	return 0;
}

/* ---- what fields mean for the framing ----------------------------------- */

static int
check_forbidden(const struct http1_head *head, struct error *err)
{
	static const char *const names[] = { "transfer-encoding", "trailer",
		"upgrade", "http2-settings" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (find(head, names[i]) != NULL)
			return refuse(err, names[i]);
	return 0;
}

static int
take_host(struct http1_head *head, struct error *err)
{
	const char *host = find(head, "host");
	size_t len = host != NULL ? strlen(host) : 0;

	if (len == 0 || len > HOST_MAX ||
	    strspn(host,
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"0123456789-.:[]") != len)
		return refuse(err, "Host");
	head->host = host;
	return 0;
}

static int
take_length(struct http1_head *head, struct error *err)
{
	const char *text = find(head, "content-length");

	if (text == NULL)
		return 0;
	if (strlen(text) > LENGTH_DIGITS_MAX ||
	    (text[0] == '0' && text[1] != '\0') ||
	    !text_parse_u64(text, INT64_MAX, &head->length))
		return refuse(err, "Content-Length");
	return 0;
}

/* It may name no field: what is hidden so is seen by one reader alone. */
static int
take_connection(struct http1_head *head, struct error *err)
{
	const char *at = find(head, "connection");

	while (at != NULL && *at != '\0') {
		size_t len = strcspn(at, ", \t");

		if (equals_ignoring_case(at, len, "close"))
			head->is_last = true;
		else if (!equals_ignoring_case(at, len, "keep-alive") &&
		    !equals_ignoring_case(at, len, "te"))
			return refuse(err, "Connection");
		at += len;
		at += strspn(at, ", \t");
	}
	return 0;
}

static int
take_expect(struct http1_head *head, struct error *err)
{
	const char *text = find(head, "expect");

	if (text == NULL)
		return 0;
	if (!equals_ignoring_case(text, strlen(text), "100-continue"))
		return refuse(err, "Expect");
	head->wants_continue = head->length > 0;
	return 0;
}

/* The next line, its CR LF cut off; NULL at the end of the head. */
static char *
next_line(char **at)
{
	char *line = *at;
	char *end = strchr(line, '\r');

	if (end == NULL || end == line)
		return NULL;
	end[0] = '\0';
	*at = end + 2;
	return line;
}

int
http1_parse(char *text, size_t len, struct http1_head *ret_head,
    struct error *err)
{
	struct http1_head head = { 0 };
	char *at = text;
	char *line;

	/* The LF at the end makes room for the NUL that ends the text. */
	if (len < 4)
		return refuse(err, "no head");
	text[len - 1] = '\0';
	line = next_line(&at);
	if (line == NULL)
		return refuse(err, "no head");
	if (parse_request_line(line, &head, err) < 0)
		return -1;
	while ((line = next_line(&at)) != NULL)
		if (parse_field(line, &head, err) < 0)
			return -1;
	if (check_forbidden(&head, err) < 0 || take_host(&head, err) < 0 ||
	    take_length(&head, err) < 0 || take_connection(&head, err) < 0 ||
	    take_expect(&head, err) < 0)
		return -1;
	*ret_head = head;
	return 0;
}
