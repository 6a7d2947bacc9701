#include "http/http_trace.h"

#include <stddef.h>
#include <string.h>

#include "base/text.h"

/* "00-" trace "-" parent "-" flags; a later version may go on after a dash. */
enum {
	TRACE_AT = 3,
	PARENT_AT = TRACE_AT + 2 * HTTP_TRACE_LEN + 1,
	FLAGS_AT = PARENT_AT + 17,
	HEADER_LEN = FLAGS_AT + 2,
};

static bool
is_hex(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!((text[i] >= '0' && text[i] <= '9') ||
			(text[i] >= 'a' && text[i] <= 'f')))
			return false;
	return true;
}

static bool
is_zero(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (text[i] != '0')
			return false;
	return true;
}

bool
http_trace_parse(const char *header, char to[HTTP_TRACE_SIZE])
{
	size_t len = strlen(header);
	bool is_first;

	to[0] = '\0';
	if (len < HEADER_LEN || !is_hex(header, 2) ||
	    strncmp(header, "ff", 2) == 0)
		return false;
	is_first = strncmp(header, "00", 2) == 0;
	if ((is_first ? len != HEADER_LEN
		      : len > HEADER_LEN && header[HEADER_LEN] != '-') ||
	    header[TRACE_AT - 1] != '-' || header[PARENT_AT - 1] != '-' ||
	    header[FLAGS_AT - 1] != '-' ||
	    !is_hex(header + TRACE_AT, 2 * HTTP_TRACE_LEN) ||
	    !is_hex(header + PARENT_AT, 16) || !is_hex(header + FLAGS_AT, 2) ||
	    is_zero(header + TRACE_AT, 2 * HTTP_TRACE_LEN) ||
	    is_zero(header + PARENT_AT, 16))
		return false;
	return text_copy_len(to, HTTP_TRACE_SIZE, header + TRACE_AT,
	    2 * HTTP_TRACE_LEN);
}

void
http_trace_make(const uint8_t random[HTTP_TRACE_LEN], char to[HTTP_TRACE_SIZE])
{
	hex_format(random, HTTP_TRACE_LEN, to);
}
