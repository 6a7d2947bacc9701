#include "http/http_path.h"

#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"

static int
malformed(struct error *err, const char *why)
{
	return error_set_id(err, "E6101", ERROR_MALFORMED, "request target: %s",
	    why);
}

/* -1 for what is not a hexadecimal digit. */
static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static bool
is_control(char c)
{
	return (unsigned char)c < 0x20 || c == 0x7f;
}

/* What may stand in a target as it is; RFC 3986 2 has the rest escaped. */
static bool
is_plain(char c)
{
	return c > 0x20 && c < 0x7f && strchr("\"#<>\\^`{|}", c) == NULL;
}

/* The byte of the escape at `data`, which has `len` bytes; -1 if broken. */
static int
escaped_byte(const char *data, size_t len)
{
	int high;
	int low;

	if (len < 3)
		return -1;
	high = hex_value(data[1]);
	low = hex_value(data[2]);
	return high < 0 || low < 0 ? -1 : high * 16 + low;
}

ssize_t
http_path_decode(const char *data, size_t len, bool plus_is_blank, char *to)
{
	size_t out = 0;

	for (size_t i = 0; i < len; i++) {
		char c = data[i];

		if (!is_plain(c))
			return -1;
		if (c == '+' && plus_is_blank) {
			c = ' ';
		} else if (c == '%') {
			int byte = escaped_byte(data + i, len - i);

			if (byte < 0)
				return -1;
			c = (char)byte;
			i += 2;
		}
		if (is_control(c))
			return -1;
		to[out++] = c;
	}
	to[out] = '\0';
	return text_is_utf8(to, out) ? (ssize_t)out : -1;
}

/* The segment is neither empty nor a way to name another folder. */
static bool
is_segment(const char *segment, size_t len)
{
	if (len == 0 || (len == 1 && segment[0] == '.') ||
	    (len == 2 && memcmp(segment, "..", 2) == 0))
		return false;
	for (size_t i = 0; i < len; i++)
		if (segment[i] == '\\' || segment[i] == '%')
			return false;
	return true;
}

/*
 * Segments are decoded one by one, so that an escaped '/' is seen as what it
 * is: an attempt to have two readings of one path.
 */
static int
parse_path(const char *data, size_t len, char *to, size_t *ret_used,
    struct error *err)
{
	size_t from = 1;
	size_t out = 1;

	if (len == 0 || data[0] != '/')
		return malformed(err, "does not begin with '/'");
	to[0] = '/';
	while (from < len) {
		const char *slash = memchr(data + from, '/', len - from);
		size_t raw_len =
		    slash != NULL ? (size_t)(slash - data) - from : len - from;
		ssize_t segment_len =
		    http_path_decode(data + from, raw_len, false, to + out);

		if (segment_len < 0)
			return malformed(err, "bad characters in the path");
		if (!is_segment(to + out, (size_t)segment_len) ||
		    memchr(to + out, '/', (size_t)segment_len) != NULL)
			return malformed(err, "bad segment in the path");
		out += (size_t)segment_len;
		from += raw_len;
		if (slash != NULL) {
			to[out++] = '/';
			from++;
		}
	}
	to[out] = '\0';
	*ret_used = out + 1;
	return 0;
}

static int
add_param(struct http_target *target, const char *data, size_t len, char *to,
    size_t *ret_used, struct error *err)
{
	const char *equals = memchr(data, '=', len);
	size_t name_len = equals != NULL ? (size_t)(equals - data) : len;
	size_t value_len = equals != NULL ? len - name_len - 1 : 0;
	ssize_t decoded = http_path_decode(data, name_len, true, to);
	char *value;

	if (decoded <= 0)
		return malformed(err, "bad name in the query");
	if (http_target_param(target, to) != NULL)
		return malformed(err, "a parameter is given twice");
	if (target->param_count == HTTP_PARAMS_MAX)
		return malformed(err, "too many parameters");
	value = to + decoded + 1;
	*ret_used = (size_t)decoded + 1;
	decoded = 0;
	*value = '\0';
	if (equals != NULL)
		decoded = http_path_decode(equals + 1, value_len, true, value);
	if (decoded < 0)
		return malformed(err, "bad value in the query");
	*ret_used += (size_t)decoded + 1;
	target->params[target->param_count].name = to;
	target->params[target->param_count].value = value;
	target->param_count++;
	return 0;
}

static int
parse_query(struct http_target *target, const char *data, size_t len, char *to,
    struct error *err)
{
	size_t from = 0;

	while (from < len) {
		const char *end = memchr(data + from, '&', len - from);
		size_t part_len =
		    end != NULL ? (size_t)(end - data) - from : len - from;
		size_t used = 0;

		if (add_param(target, data + from, part_len, to, &used, err) <
		    0)
			return -1;
		to += used;
		from += part_len + 1;
	}
	return 0;
}

int
http_target_parse(const char *data, size_t len, struct http_target *ret_target,
    struct error *err)
{
	struct http_target target = { 0 };
	const char *query;
	size_t path_len;
	size_t used = 0;

	if (len > HTTP_TARGET_MAX)
		return malformed(err, "too long");
	query = memchr(data, '?', len);
	path_len = query != NULL ? (size_t)(query - data) : len;

	/* Beside what was escaped, text grows by two NULs per parameter. */
	target.text = malloc(len + 2 + (size_t)2 * HTTP_PARAMS_MAX);
	if (target.text == NULL)
		return error_set_memory(err);
	if (parse_path(data, path_len, target.text, &used, err) < 0 ||
	    (query != NULL &&
		parse_query(&target, query + 1, len - path_len - 1,
		    target.text + used, err) < 0)) {
		free(target.text);
		return -1;
	}
	target.path = target.text;
	*ret_target = target;
	return 0;
}

void
http_target_free(struct http_target *target)
{
	free(target->text);
	target->text = NULL;
	target->path = NULL;
	target->param_count = 0;
}

const char *
http_target_param(const struct http_target *target, const char *name)
{
	for (size_t i = 0; i < target->param_count; i++)
		if (strcmp(target->params[i].name, name) == 0)
			return target->params[i].value;
	return NULL;
}

static bool
keep_segment(struct http_segments *segments, const char *text, size_t len)
{
	if (segments == NULL)
		return true;
	if (segments->count == HTTP_SEGMENTS_MAX ||
	    !text_copy_len(segments->text[segments->count], HTTP_SEGMENT_SIZE,
		text, len))
		return false;
	segments->count++;
	return true;
}

bool
http_path_match(const char *pattern, const char *path,
    struct http_segments *ret_segments)
{
	if (ret_segments != NULL)
		ret_segments->count = 0;
	while (*pattern != '\0') {
		if (strcmp(pattern, "{*}") == 0)
			return *path != '\0' &&
			    keep_segment(ret_segments, path, strlen(path));
		if (text_starts(pattern, "{}")) {
			/* A verb behind the segment, as in {}:confirm. */
			size_t len =
			    strcspn(path, pattern[2] == ':' ? "/:" : "/");

			if (len == 0 || !keep_segment(ret_segments, path, len))
				return false;
			pattern += 2;
			path += len;
		} else if (*pattern++ != *path++) {
			return false;
		}
	}
	return *path == '\0';
}

void
http_path_put(struct bytes *to, const char *text)
{
	static const char digits[] = "0123456789ABCDEF";

	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    (c >= '0' && c <= '9') || strchr("-._~", c) != NULL) {
			bytes_put_u8(to, c);
		} else {
			bytes_put_u8(to, '%');
			bytes_put_u8(to, (uint8_t)digits[c >> 4]);
			bytes_put_u8(to, (uint8_t)digits[c & 15]);
		}
	}
}
