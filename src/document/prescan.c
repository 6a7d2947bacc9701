#include "document/prescan.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "document/finding.h"
#include "document/prolog.h"
#include "document/scan.h"

/* UTF-16 and UTF-32, with or without a mark, hold NUL in their first bytes. */
static bool
is_wide(const struct prescan_input *input)
{
	const uint8_t *data = input->data;

	return input->len >= 2 &&
	    ((data[0] == 0xfe && data[1] == 0xff) ||
		(data[0] == 0xff && data[1] == 0xfe) ||
		(data[0] == 0 && data[1] == '<') ||
		(data[0] == '<' && data[1] == 0));
}

static bool
is_forbidden(uint8_t c)
{
	return c < 0x20 && c != '\t' && c != '\n' && c != '\r';
}

static void
report_character(const struct scan *scan, size_t at)
{
	char name[sizeof("U+00XX")];

	snprintf(name, sizeof(name), "U+%04X", (unsigned)scan->data[at]);
	scan_report(scan, at, "E2004", scan_text_of(name));
}

/* Look line by line, so that a finding has its place. */
static bool
check_characters(const struct scan *scan)
{
	size_t from = 0;

	while (from < scan->len) {
		const uint8_t *line = scan->data + from;
		const uint8_t *end = memchr(line, '\n', scan->len - from);
		size_t len =
		    end == NULL ? scan->len - from : (size_t)(end - line);

		for (size_t i = 0; i < len; i++)
			if (is_forbidden(line[i])) {
				report_character(scan, from + i);
				return false;
			}
		if (!text_is_utf8(line, len)) {
			scan_report(scan, from, "E2004", scan_text_of(""));
			return false;
		}
		from += len + 1;
	}
	return true;
}

/* At "&": a character reference or one of the five that XML knows. */
static void
check_reference(struct scan *scan)
{
	static const char *const known[] = { "&amp;", "&lt;", "&gt;", "&quot;",
		"&apos;", "&#" };
	size_t from = scan->at;
	struct scan_text name;

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (scan_skip(scan, known[i]))
			return;
	scan->at++;
	if (!scan_name(scan, &name))
		name = scan_text_of("&");
	scan_report(scan, from, "E2009", name);
}

static void
check_value(struct scan *scan, size_t from, size_t to)
{
	struct scan value = *scan;

	value.at = from;
	value.len = to;
	if (to - from > PRESCAN_ATTRIBUTE_MAX)
		scan_report(scan, from, "E2011", scan_text_of(""));
	while (value.at < value.len) {
		if (value.data[value.at] == '&')
			check_reference(&value);
		else
			value.at++;
	}
}

/* Behind "<": true if it was an element that stays open. */
static bool
check_start_tag(struct scan *scan)
{
	size_t begin = scan->at;
	size_t count = 0;
	struct scan_text value;

	while (scan->at < scan->len) {
		uint8_t c = scan->data[scan->at];
		size_t from = scan->at + 1;

		if (c != '"' && c != '\'') {
			scan->at++;
			if (c == '>')
				return scan->data[scan->at - 2] != '/';
			continue;
		}
		if (!scan_quoted(scan, &value))
			break;
		check_value(scan, from, from + value.len);
		if (++count > PRESCAN_ATTRIBUTES_MAX) {
			scan_report(scan, begin, "E2011", scan_text_of(""));
			break;
		}
	}
	scan->at = scan->len;
	return false;
}

/* At "<": move behind the markup; false if the rest need not be read. */
static bool
check_markup(struct scan *scan, size_t *depth)
{
	size_t from = scan->at;

	if (scan_skip(scan, "<!--"))
		return scan_skip_past(scan, "-->");
	if (scan_skip(scan, "<![CDATA["))
		return scan_skip_past(scan, "]]>");
	if (scan_skip(scan, "<?"))
		return scan_skip_past(scan, "?>");
	if (scan_skip(scan, "</")) {
		*depth -= *depth > 0;
		return scan_skip_past(scan, ">");
	}
	if (scan_skip(scan, "<!")) {
		scan_report(scan, from, "E2008", scan_text_of("<!"));
		return false;
	}
	scan->at++;
	if (check_start_tag(scan) && ++*depth > PRESCAN_DEPTH_MAX) {
		scan_report(scan, from, "E2010", scan_text_of(""));
		return false;
	}
	return true;
}

static void
check_body(struct scan *scan)
{
	size_t depth = 0;

	while (scan->at < scan->len) {
		uint8_t c = scan->data[scan->at];

		if (c == '&')
			check_reference(scan);
		else if (c != '<')
			scan->at++;
		else if (!check_markup(scan, &depth))
			return;
	}
}

bool
prescan(const struct prescan_input *input, struct pool *pool,
    struct findings *findings, struct prolog *ret_prolog)
{
	struct scan scan = { .file = input->file,
		.data = input->data,
		.len = input->len,
		.findings = findings };
	size_t errors = findings->error_total;

	*ret_prolog = (struct prolog){ .root = "", .system_id = "" };
	if (is_wide(input)) {
		scan_report(&scan, 0, "E2003", scan_text_of("UTF-16"));
		return false;
	}
	/*
	 * What a file in another encoding says of itself is more useful than
	 * its first byte that is no UTF-8, so the declaration comes first.
	 */
	if (!prolog_read_declaration(&scan) || !check_characters(&scan))
		return false;
	if (prolog_read(&scan, input->may_lack_doctype, pool, ret_prolog))
		check_body(&scan);
	return findings->error_total == errors;
}
