#include "document/scan.h"

#include <string.h>

#include "document/finding.h"

bool
scan_at(const struct scan *scan, const char *literal)
{
	size_t len = strlen(literal);

	return scan->len - scan->at >= len &&
	    memcmp(scan->data + scan->at, literal, len) == 0;
}

bool
scan_skip(struct scan *scan, const char *literal)
{
	if (!scan_at(scan, literal))
		return false;
	scan->at += strlen(literal);
	return true;
}

bool
scan_skip_past(struct scan *scan, const char *literal)
{
	while (scan->at < scan->len) {
		const uint8_t *found = memchr(scan->data + scan->at, literal[0],
		    scan->len - scan->at);

		if (found == NULL)
			break;
		scan->at = (size_t)(found - scan->data);
		if (scan_skip(scan, literal))
			return true;
		scan->at++;
	}
	scan->at = scan->len;
	return false;
}

bool
scan_skip_space(struct scan *scan)
{
	size_t from = scan->at;

	while (scan->at < scan->len &&
	    (scan->data[scan->at] == ' ' || scan->data[scan->at] == '\t' ||
		scan->data[scan->at] == '\n' || scan->data[scan->at] == '\r'))
		scan->at++;
	return scan->at > from;
}

bool
scan_skip_misc(struct scan *scan)
{
	for (;;) {
		scan_skip_space(scan);
		if (scan_skip(scan, "<!--")) {
			if (!scan_skip_past(scan, "-->"))
				return false;
		} else if (scan_skip(scan, "<?")) {
			if (!scan_skip_past(scan, "?>"))
				return false;
		} else {
			return true;
		}
	}
}

static bool
is_name_start(uint8_t c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
	    c == ':' || c >= 0x80;
}

bool
scan_name(struct scan *scan, struct scan_text *ret_name)
{
	size_t from = scan->at;

	if (from == scan->len || !is_name_start(scan->data[from]))
		return false;
	while (scan->at < scan->len) {
		uint8_t c = scan->data[scan->at];

		if (!is_name_start(c) && !(c >= '0' && c <= '9') && c != '-' &&
		    c != '.')
			break;
		scan->at++;
	}
	ret_name->text = (const char *)scan->data + from;
	ret_name->len = scan->at - from;
	return true;
}

bool
scan_quoted(struct scan *scan, struct scan_text *ret_text)
{
	const uint8_t *end;
	uint8_t quote;
	size_t from = scan->at + 1;

	if (scan->at == scan->len)
		return false;
	quote = scan->data[scan->at];
	if (quote != '"' && quote != '\'')
		return false;
	end = memchr(scan->data + from, quote, scan->len - from);
	if (end == NULL)
		return false;
	ret_text->text = (const char *)scan->data + from;
	ret_text->len = (size_t)(end - scan->data) - from;
	scan->at = from + ret_text->len + 1;
	return true;
}

bool
scan_text_is(const struct scan_text *text, const char *literal)
{
	return text->len == strlen(literal) &&
	    memcmp(text->text, literal, text->len) == 0;
}

void
scan_place(const struct scan *scan, size_t at, unsigned *ret_line,
    unsigned *ret_column)
{
	unsigned line = 1;
	unsigned column = 1;

	for (size_t i = 0; i < at && i < scan->len; i++) {
		if (scan->data[i] == '\n') {
			line++;
			column = 1;
		} else if ((scan->data[i] & 0xc0) != 0x80) {
			column++;
		}
	}
	*ret_line = line;
	*ret_column = column;
}

struct scan_text
scan_text_of(const char *text)
{
	return (struct scan_text){ text, strlen(text) };
}

void
scan_report(const struct scan *scan, size_t at, const char *rule,
    struct scan_text argument)
{
	struct finding_place place = { .file = scan->file };

	if (findings_has_room(scan->findings, rule))
		scan_place(scan, at, &place.line, &place.column);
	findings_add_len(scan->findings, &place, rule, argument.text,
	    argument.len);
}
