#include "directory/address_book.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"

static int
read_line(const char *line, size_t len, address_book_fn visit, void *context,
    struct error *err)
{
	const char *tab = memchr(line, '\t', len);
	char text[ORG_TEXT_SIZE];
	struct org_code code;
	size_t name_len;

	if (tab == NULL ||
	    !text_copy_len(text, sizeof(text), line, (size_t)(tab - line)) ||
	    !org_code_parse(text, &code))
		return error_set(err, ERROR_MALFORMED, "no code and tab");
	name_len = len - (size_t)(tab + 1 - line);
	if (name_len == 0 || !text_is_utf8(tab + 1, name_len))
		return error_set(err, ERROR_MALFORMED, "no name in UTF-8");
	return visit(context, &code, tab + 1, name_len, err);
}

int
address_book_read(const char *text, size_t len, address_book_fn visit,
    void *context, struct error *err)
{
	size_t number = 0;

	while (len > 0) {
		const char *end = memchr(text, '\n', len);
		size_t line_len = end != NULL ? (size_t)(end - text) : len;
		size_t whole = end != NULL ? line_len + 1 : len;

		number++;
		if (line_len > 0 && text[line_len - 1] == '\r')
			line_len--;
		if (line_len > 0 &&
		    read_line(text, line_len, visit, context, err) < 0)
			return error_prefix(err, "line %zu", number);
		text += whole;
		len -= whole;
	}
	return 0;
}

enum org_kind
address_book_kind(const struct org_code *code)
{
	if (text_starts(code->text, "EB"))
		return ORG_FIRM;
	if (text_starts(code->text, "XC"))
		return ORG_GROUP;
	return ORG_AGENCY;
}
