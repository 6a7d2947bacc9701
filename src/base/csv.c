#include "base/csv.h"

#include <string.h>

#include "base/bytes.h"

struct csv
csv_begin(char *text, size_t len)
{
	struct csv csv = { .at = text, .end = text + len, .separator = ',' };
	const char *line_end;

	if (len >= 3 && memcmp(csv.at, "\xef\xbb\xbf", 3) == 0)
		csv.at += 3;
	line_end = memchr(csv.at, '\n', (size_t)(csv.end - csv.at));
	if (line_end == NULL)
		line_end = csv.end;
	if (memchr(csv.at, '\t', (size_t)(line_end - csv.at)) != NULL)
		csv.separator = '\t';
	return csv;
}

/* Does the quote that begins here end?  Looked at before anything is moved. */
static bool
has_end(const struct csv *csv)
{
	const char *at = csv->at + 1;

	while (at < csv->end) {
		if (*at != '"')
			at++;
		else if (at + 1 < csv->end && at[1] == '"')
			at += 2;
		else
			return true;
	}
	return false;
}

/*
 * A field that begins here, without its quotes; `at` is left on what ends it.
 * False when a quote does not end: then the line was passed over.
 */
static bool
take_field(struct csv *csv, char **ret_field)
{
	bool is_quoted = csv->at < csv->end && *csv->at == '"';
	char *from = csv->at + is_quoted;
	char *to = from;

	*ret_field = from;
	if (is_quoted && !has_end(csv)) {
		csv->at = memchr(csv->at, '\n', (size_t)(csv->end - csv->at));
		if (csv->at == NULL)
			csv->at = csv->end;
		return false;
	}
	for (; from < csv->end; from++) {
		csv->line += is_quoted && *from == '\n';
		if (is_quoted && *from == '"') {
			if (from + 1 < csv->end && from[1] == '"') {
				from++;
			} else {
				is_quoted = false;
				continue;
			}
		} else if (!is_quoted &&
		    (*from == csv->separator || *from == '\n')) {
			break;
		}
		*to++ = *from;
	}
	csv->at = from;
	if (to > *ret_field && to[-1] == '\r' &&
	    (from == csv->end || *from == '\n'))
		to--;
	/* What ends the field is looked at before it is overwritten. */
	if (to < from)
		*to = '\0';
	return true;
}

bool
csv_next(struct csv *csv, struct csv_row *row)
{
	char *ends[CSV_COLUMNS_MAX];
	bool is_last = false;

	row->line = ++csv->line;
	row->count = 0;
	row->is_broken = false;
	if (csv->at >= csv->end) {
		row->fields[row->count++] = csv->end;
		return false;
	}
	while (!is_last) {
		char *field;

		if (!take_field(csv, &field)) {
			row->is_broken = is_last = true;
		} else if (row->count < CSV_COLUMNS_MAX) {
			ends[row->count] = csv->at;
			row->fields[row->count] = field;
		}
		if (!row->is_broken)
			row->count++;
		is_last = is_last || csv->at == csv->end || *csv->at == '\n';
		if (!is_last)
			csv->at++;
	}
	if (csv->at < csv->end)
		csv->at++;
	for (size_t i = 0; i < row->count && i < CSV_COLUMNS_MAX; i++)
		*ends[i] = '\0';
	return true;
}

bool
csv_row_is_empty(const struct csv_row *row)
{
	return row->count == 1 && row->fields[0][0] == '\0';
}

/* ---- writing --------------------------------------------------------- */

static bool
is_formula(const char *text)
{
	return text[0] != '\0' && strchr("=+-@\t\r", text[0]) != NULL;
}

void
csv_put(struct bytes *to, bool is_first, const char *text)
{
	bool quotes = is_formula(text) || strpbrk(text, ",\"\t\r\n") != NULL;

	if (!is_first)
		bytes_put_u8(to, ',');
	if (quotes)
		bytes_put_u8(to, '"');
	if (is_formula(text))
		bytes_put_u8(to, '\'');
	for (; *text != '\0'; text++) {
		if (*text == '"')
			bytes_put_u8(to, '"');
		bytes_put_u8(to, (uint8_t)*text);
	}
	if (quotes)
		bytes_put_u8(to, '"');
}

void
csv_put_end(struct bytes *to)
{
	bytes_put_text(to, "\r\n");
}

const char *
csv_text(const char *field)
{
	return field[0] == '\'' && is_formula(field + 1) ? field + 1 : field;
}
