#include "log/stamp_lines.h"

#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"

static const char prefix[] = "stamp ";

void
stamp_lines_put(const void *token, size_t len, struct bytes *to)
{
	bytes_put_text(to, prefix);
	base64_put(to, token, len);
	bytes_put_u8(to, '\n');
}

void
stamp_lines_end(struct bytes *to)
{
	bytes_put_u8(to, '\n');
}

int
stamp_lines_next(struct cursor *cursor, struct bytes *token)
{
	const size_t prefix_len = sizeof(prefix) - 1;
	const char *line = (const char *)cursor->data;
	const char *end =
	    cursor->left > 0 ? memchr(line, '\n', cursor->left) : NULL;
	struct error ignored = { 0 };
	size_t len;

	if (end == NULL)
		return -1;
	len = (size_t)(end - line);
	if (len == 0) {
		cursor_take(cursor, 1);
		return 0;
	}
	if (len <= prefix_len || memcmp(line, prefix, prefix_len) != 0 ||
	    base64_parse(line + prefix_len, len - prefix_len, token, &ignored) <
		0)
		return -1;
	cursor_take(cursor, len + 1);
	return 1;
}
