/*
 * What people look for (src/gateway/search/search_text.c): whatever they type is
 * phrases, and no other word of the index's language.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "gateway/search/search_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Letters, digits and blanks in quotation marks; " *" and " AND " between. */
static void
look(const char *text, size_t len)
{
	size_t at = 0;

	while (at < len) {
		size_t end;

		if (text[at++] != '"')
			abort();
		for (end = at; end < len && text[end] != '"'; end++)
			if (text[end] > 0 && text[end] != ' ' &&
			    !(text[end] >= '0' && text[end] <= '9') &&
			    !(text[end] >= 'a' && text[end] <= 'z'))
				abort();
		if (end == at || end == len)
			abort();
		at = end + 1;
		if (len - at >= 2 && memcmp(text + at, " *", 2) == 0)
			at += 2;
		if (at < len) {
			if (len - at < 6 ||
			    memcmp(text + at, " AND \"", 6) != 0)
				abort();
			at += 5;
		}
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[SEARCH_QUESTION_MAX + 20];
	size_t len = size < sizeof(text) - 1 ? size : sizeof(text) - 1;
	struct bytes question = { 0 };
	struct bytes pairs = { 0 };
	struct error err = { 0 };

	memcpy(text, data, len);
	text[len] = '\0';
	if (search_put_question(&question, text, &err) == 0)
		look((const char *)question.data, question.len);
	else if (err.code == ERROR_NONE || question.len != 0)
		abort();
	search_put_pairs(&pairs, text);
	bytes_free(&question);
	bytes_free(&pairs);
	return 0;
}
