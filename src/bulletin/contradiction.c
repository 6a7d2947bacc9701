#include "bulletin/contradiction.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"

const char contradiction_mark[] = "yizhan-bulletin-conflict-1";

void
contradiction_put(const void *first, size_t first_len, const void *second,
    size_t second_len, struct bytes *to)
{
	bytes_put_format(to, "%s\n", contradiction_mark);
	base64_put(to, first, first_len);
	bytes_put_text(to, "\n");
	base64_put(to, second, second_len);
	bytes_put_text(to, "\n");
}

void
contradiction_free(struct contradiction *contradiction)
{
	bytes_free(&contradiction->first);
	bytes_free(&contradiction->second);
}

/* Take a line without its end; NULL without one. */
static const char *
take_line(struct cursor *cursor, size_t *ret_len)
{
	const char *text = (const char *)cursor->data;
	const char *end =
	    cursor->left > 0 ? memchr(text, '\n', cursor->left) : NULL;

	if (end == NULL)
		return NULL;
	*ret_len = (size_t)(end - text);
	return cursor_take(cursor, *ret_len + 1) != NULL ? text : NULL;
}

static int
parse(struct cursor *cursor, struct contradiction *contradiction,
    struct error *err)
{
	const char *line;
	size_t len;

	line = take_line(cursor, &len);
	if (line == NULL || len != strlen(contradiction_mark) ||
	    memcmp(line, contradiction_mark, len) != 0)
		return error_set(err, ERROR_MALFORMED, "it begins otherwise");
	line = take_line(cursor, &len);
	if (line == NULL ||
	    base64_parse(line, len, &contradiction->first, err) < 0)
		return error_set(err, ERROR_MALFORMED, "the first timestamp");
	line = take_line(cursor, &len);
	if (line == NULL ||
	    base64_parse(line, len, &contradiction->second, err) < 0)
		return error_set(err, ERROR_MALFORMED, "the second timestamp");
	if (cursor->left > 0)
		return error_set(err, ERROR_MALFORMED, "something follows");
	return 0;
}

int
contradiction_parse(const void *data, size_t len,
    struct contradiction *ret_contradiction, struct error *err)
{
	struct contradiction contradiction = { { 0 }, { 0 } };
	struct cursor cursor = cursor_of(data, len);
	struct error why = { 0 };

	if (len <= CONTRADICTION_MAX &&
	    parse(&cursor, &contradiction, &why) == 0) {
		*ret_contradiction = contradiction;
		return 0;
	}
	contradiction_free(&contradiction);
	return error_set_id(err, "E3617", ERROR_MALFORMED,
	    "no proof against management: %s",
	    why.code != ERROR_NONE ? why.text : "too long");
}

int
contradiction_check(const struct contradiction *contradiction,
    struct cert_cache *cache, const struct bulletin_role *role,
    enum timestamp_order *ret_order, struct error *err)
{
	struct bulletin first = { .serial = 0 };
	struct bulletin second = { .serial = 0 };
	int rc = -1;

	if (bulletin_verify(cache, contradiction->first.data,
		contradiction->first.len, role, &first, err) < 0 ||
	    bulletin_verify(cache, contradiction->second.data,
		contradiction->second.len, role, &second, err) < 0 ||
	    timestamp_compare(&first, &second, ret_order, err) < 0)
		goto done;
	if (!text_equal(first.environment, second.environment) ||
	    *ret_order == TIMESTAMP_GOES_ON ||
	    (*ret_order == TIMESTAMP_GOES_BACK &&
		second.serial <= first.serial))
		error_set_id(err, "E3618", ERROR_UNTRUSTED,
		    "timestamps %llu and %llu may both be",
		    (unsigned long long)first.serial,
		    (unsigned long long)second.serial);
	else
		rc = 0;
done:
	bulletin_free(&first);
	bulletin_free(&second);
	return rc;
}
