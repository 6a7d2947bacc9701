/*
 * The target of a request: its path and its query parameters, percent-decoded
 * and checked.  One spelling only is accepted for each path, so that what is
 * admitted and what is served are the same thing.
 */
#ifndef HTTP_HTTP_PATH_H
#define HTTP_HTTP_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/attr.h"

struct bytes;
struct error;

enum {
	HTTP_TARGET_MAX = 4096, /* bytes before decoding */
	HTTP_PARAMS_MAX = 16,
	HTTP_SEGMENTS_MAX = 4,
	HTTP_SEGMENT_SIZE = 128,
};

struct http_param {
	const char *name;
	const char *value; /* "" when there is none */
};

struct http_target {
	const char *path; /* "/v1/feed"; UTF-8 without control characters */
	size_t param_count;
	struct http_param params[HTTP_PARAMS_MAX];
	char *text; /* holds all of the above */
};

/*
 * Parse the `len` bytes of a :path.  Refused with ERROR_MALFORMED (E6101):
 * what does not begin with '/'; segments that are empty, "." or ".." (one '/'
 * at the end is allowed); a decoded '/', '\', '%', NUL or control character in
 * the path; bad percent escapes; text that is not UTF-8; a fragment; a
 * parameter without name or given twice; more than the limits above.
 */
int http_target_parse(const char *data, size_t len,
    struct http_target *ret_target, struct error *err) MUST_CHECK;
void http_target_free(struct http_target *target);

/* The parameter's value; NULL when it was not given. */
const char *http_target_param(const struct http_target *target,
    const char *name);

/* What stood at each {} of a pattern, in order. */
struct http_segments {
	size_t count;
	char text[HTTP_SEGMENTS_MAX][HTTP_SEGMENT_SIZE];
};

/*
 * Compare a decoded path with a pattern such as "/v1/deliveries/{}/{}", where
 * {} stands for any one segment, and before a ':' of the pattern for what is
 * before that of the path; {*} at the end stands for all that follows, at least
 * one byte.  `ret_segments` may be NULL.  False also when a segment does not
 * fit.
 */
bool http_path_match(const char *pattern, const char *path,
    struct http_segments *ret_segments);

/*
 * Decode `len` bytes of percent-encoded text to `to`, which has room for one
 * more: the length, or -1 for bad escapes, control characters, and text that is
 * not UTF-8.
 */
ssize_t http_path_decode(const char *data, size_t len, bool plus_is_blank,
    char *to) MUST_CHECK;

/*
 * Append `text` as one path segment or one query value, percent-encoded where
 * needed: the way to build a target.
 */
void http_path_put(struct bytes *to, const char *text);

#endif
