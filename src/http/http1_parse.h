/*
 * The head of an HTTP/1.1 request, as a small strict subset of RFC 9112 for
 * older clients of people's ports.  Pure: bytes in, a head or a refusal out.
 *
 * Everything that two readers could understand differently is refused with
 * E6401, never mended (security.md 3.5, T-WEB-01): bare CR or LF, an empty line
 * in front, a target that is no path, another version, folded lines, blanks
 * before a colon, characters that are no token or not visible ASCII, a field
 * that stands twice, Transfer-Encoding of any kind, a Content-Length that is
 * not plain digits, and Upgrade.  A body has a Content-Length or there is none.
 */
#ifndef HTTP_HTTP1_PARSE_H
#define HTTP_HTTP1_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "http/http_message.h"

struct error;

enum {
	HTTP1_HEAD_MAX = 16 * 1024, /* bytes, with both line ends */
	HTTP1_FIELDS_MAX = HTTP_HEADERS_MAX - 3,
};

/* What has come of a head.  Start it as `{ 0 }`; free `text`. */
struct http1_reader {
	struct bytes text;
	size_t line_len; /* of the line at hand, without its end */
	size_t lines;    /* complete ones */
};

/*
 * Take the next bytes, up to the end of the head: `*ret_used` of them.  1 when
 * the head is complete, 0 when more must come, -1 as soon as it cannot become
 * one any more: ERROR_MALFORMED with E6401, or E6102 for one that is too large.
 */
int http1_read(struct http1_reader *reader, const uint8_t *data, size_t len,
    size_t *ret_used, struct error *err) MUST_CHECK;

/* All of it points into the text that was parsed. */
struct http1_head {
	const char *method;
	const char *target; /* begins with '/' */
	const char *host;
	struct http_header fields[HTTP1_FIELDS_MAX]; /* names in lower case */
	size_t field_count;
	uint64_t length;     /* of the body; 0: there is none */
	bool is_last;        /* the peer wants the connection to end with it */
	bool wants_continue; /* it waits for 100 (RFC 9110 10.1.1) */
};

/*
 * Take a complete head apart, in place: `text` of `len` bytes, as http1_read()
 * left it.  ERROR_MALFORMED: E6401, or E6102 for too many fields.
 */
int http1_parse(char *text, size_t len, struct http1_head *ret_head,
    struct error *err) MUST_CHECK;

#endif
