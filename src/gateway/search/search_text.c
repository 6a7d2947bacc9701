#include "gateway/search/search_text.h"

#include <stdint.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "document/name_fold.h"
#include "document/utf8.h"

/* What the index takes for a part of a word. */
static bool
is_kept(uint32_t point)
{
	return point > 0x7f || (point >= '0' && point <= '9') ||
	    (point >= 'a' && point <= 'z');
}

static uint32_t
next_kept(const char **at)
{
	uint32_t point;

	do
		point = utf8_next(at);
	while (point != 0 && !is_kept(point));
	return point;
}

/* The pairs of a folded text; with its last character alone, or without. */
static size_t
put_pairs(struct bytes *to, const char *folded, bool with_last)
{
	uint32_t left = next_kept(&folded);
	size_t count = 0;
	uint32_t right;

	for (; left != 0; left = right) {
		right = next_kept(&folded);
		if (right == 0 && !with_last && count > 0)
			break;
		if (count++ > 0)
			bytes_put_text(to, " ");
		utf8_put(to, left);
		if (right != 0)
			utf8_put(to, right);
	}
	return count;
}

void
search_put_pairs(struct bytes *to, const char *text)
{
	struct bytes folded = { 0 };

	name_fold_put(&folded, text);
	bytes_put_u8(&folded, '\0');
	/* A single character that nobody writes: no pair goes across it. */
	if (to->len > 0)
		bytes_put_text(to, " · ");
	if (folded.failed)
		to->failed = true;
	else
		put_pairs(to, (const char *)folded.data, true);
	bytes_free(&folded);
}

/* One part, folded; a character alone is the beginning of a pair, or the last one. */
static int
put_phrase(struct bytes *to, const char *folded)
{
	const char *at = folded;
	bool is_empty = next_kept(&at) == 0;
	bool is_alone = next_kept(&at) == 0;

	if (is_empty)
		return 0;
	bytes_put_text(to, to->len > 0 ? " AND \"" : "\"");
	put_pairs(to, folded, false);
	bytes_put_text(to, is_alone ? "\" *" : "\"");
	return 1;
}

/* The next part of the question: whether there was one. */
static int
put_part(struct bytes *to, const char **text)
{
	struct bytes part = { 0 };
	struct bytes folded = { 0 };
	uint32_t point;
	int count = 0;

	while ((point = utf8_next(text)) != 0 && !utf8_is_space(point))
		utf8_put(&part, point);
	bytes_put_u8(&part, '\0');
	if (!part.failed)
		name_fold_put(&folded, (const char *)part.data);
	bytes_put_u8(&folded, '\0');
	if (part.failed || folded.failed)
		to->failed = true;
	else
		count = put_phrase(to, (const char *)folded.data);
	bytes_free(&part);
	bytes_free(&folded);
	return count;
}

int
search_put_question(struct bytes *to, const char *text, struct error *err)
{
	struct bytes made = { 0 };
	int parts = 0;

	if (strlen(text) <= SEARCH_QUESTION_MAX)
		while (*text != '\0' && parts < SEARCH_WORDS_MAX)
			parts += put_part(&made, &text);
	bytes_put(to, made.data, made.len);
	to->failed = to->failed || made.failed;
	bytes_free(&made);
	if (bytes_failed(to, err) < 0)
		return -1;
	if (parts == 0)
		return error_set_id(err, "E6921", ERROR_MALFORMED,
		    "q must have 1 to %d bytes, and something to look for",
		    SEARCH_QUESTION_MAX);
	return 0;
}
