#include "gateway/register/register_table.h"

#include <inttypes.h>
#include <string.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "base/text.h"
#include "json/json_write.h"

static const char *const format_names[REGISTER_FORMAT_COUNT] = { "json", "csv",
	"ods" };

/* Spreadsheet programs take what begins so for a formula, wide forms too. */
static const char *const formula_beginnings[] = { "=", "+", "-", "@", "\t",
	"\r", "\n", "＝", "＋", "－", "＠" };

bool
register_format_parse(const char *name, enum register_format *ret_format)
{
	int found = text_find(format_names, REGISTER_FORMAT_COUNT, name);

	if (found >= 0)
		*ret_format = (enum register_format)found;
	return found >= 0;
}

/* ---- CSV ---------------------------------------------------------------- */

static bool
could_be_formula(const char *text)
{
	for (size_t i = 0; i < ARRAY_LEN(formula_beginnings); i++)
		if (text_starts(text, formula_beginnings[i]))
			return true;
	return false;
}

static void
put_csv(struct register_table *table, const char *text)
{
	if (table->column > 0)
		bytes_put_u8(table->to, ',');
	bytes_put_u8(table->to, '"');
	if (could_be_formula(text))
		bytes_put_u8(table->to, '\'');
	for (; *text != '\0'; text++) {
		if (*text == '"')
			bytes_put_u8(table->to, '"');
		/* One line is one row, whatever a subject holds. */
		bytes_put_u8(table->to,
		    *text == '\n' || *text == '\r' ? ' ' : (uint8_t)*text);
	}
	bytes_put_u8(table->to, '"');
}

/* ---- ODS ---------------------------------------------------------------- */

static const char ods_head[] =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    "<office:document-content"
    " xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\""
    " xmlns:table=\"urn:oasis:names:tc:opendocument:xmlns:table:1.0\""
    " xmlns:text=\"urn:oasis:names:tc:opendocument:xmlns:text:1.0\""
    " office:version=\"1.2\"><office:body><office:spreadsheet>";
static const char ods_tail[] =
    "</office:spreadsheet></office:body></office:document-content>\n";

/* What XML cannot carry is left out. */
static void
put_xml(struct bytes *to, const char *text)
{
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '&')
			bytes_put_text(to, "&amp;");
		else if (c == '<')
			bytes_put_text(to, "&lt;");
		else if (c == '>')
			bytes_put_text(to, "&gt;");
		else if (c == '"')
			bytes_put_text(to, "&quot;");
		else if (c >= ' ' && c != 0x7f &&
		    !text_starts(text, "\xef\xbf\xbe") &&
		    !text_starts(text, "\xef\xbf\xbf"))
			bytes_put_u8(to, c);
		else
			bytes_put_u8(to, ' ');
	}
}

static void
put_ods_text(struct bytes *to, const char *text)
{
	bytes_put_text(to,
	    "<table:table-cell office:value-type=\"string\"><text:p>");
	put_xml(to, text);
	bytes_put_text(to, "</text:p></table:table-cell>");
}

/* A sheet begins with the titles. */
static void
begin_sheet(struct register_table *table)
{
	bytes_put_text(table->to, "<table:table table:name=\"");
	put_xml(table->to, table->name);
	if (table->rows > 0)
		bytes_put_format(table->to, "-%" PRId64,
		    table->rows / REGISTER_SHEET_ROWS + 1);
	bytes_put_format(table->to,
	    "\"><table:table-column table:number-columns-repeated=\"%zu\"/>"
	    "<table:table-header-rows><table:table-row>",
	    table->count);
	for (size_t i = 0; i < table->count; i++)
		put_ods_text(table->to, table->columns[i].title);
	bytes_put_text(table->to,
	    "</table:table-row></table:table-header-rows>");
}

/* ---- the table ---------------------------------------------------------- */

void
register_table_head(struct register_table *table)
{
	if (table->format == REGISTER_ODS) {
		bytes_put_text(table->to, ods_head);
		begin_sheet(table);
	}
	if (table->format != REGISTER_CSV)
		return;
	bytes_put_text(table->to, "\xef\xbb\xbf");
	for (table->column = 0; table->column < table->count; table->column++)
		put_csv(table, table->columns[table->column].title);
	bytes_put_text(table->to, "\r\n");
}

void
register_table_tail(struct register_table *table)
{
	if (table->format != REGISTER_ODS)
		return;
	bytes_put_text(table->to, "</table:table>");
	bytes_put_text(table->to, ods_tail);
}

void
register_table_begin_row(struct register_table *table)
{
	table->column = 0;
	if (table->format == REGISTER_JSON)
		json_write_begin_object(table->writer, NULL);
	if (table->format != REGISTER_ODS)
		return;
	if (table->rows > 0 && table->rows % REGISTER_SHEET_ROWS == 0) {
		bytes_put_text(table->to, "</table:table>");
		begin_sheet(table);
	}
	bytes_put_text(table->to, "<table:table-row>");
}

void
register_table_text(struct register_table *table, const char *text)
{
	const char *key = table->columns[table->column].key;

	switch (table->format) {
	case REGISTER_JSON:
		json_write_text(table->writer, key, text);
		break;
	case REGISTER_CSV:
		put_csv(table, text);
		break;
	case REGISTER_ODS:
		put_ods_text(table->to, text);
		break;
	case REGISTER_FORMAT_COUNT:
		break;
	}
	table->column++;
}

void
register_table_word(struct register_table *table, const char *code,
    const char *word)
{
	register_table_text(table,
	    table->format == REGISTER_JSON ? code : word);
}

void
register_table_number(struct register_table *table, int64_t number)
{
	const char *key = table->columns[table->column].key;

	switch (table->format) {
	case REGISTER_JSON:
		json_write_int(table->writer, key, number);
		break;
	case REGISTER_CSV:
		bytes_put_format(table->to, "%s%" PRId64,
		    table->column > 0 ? "," : "", number);
		break;
	case REGISTER_ODS:
		bytes_put_format(table->to,
		    "<table:table-cell office:value-type=\"float\""
		    " office:value=\"%" PRId64 "\"><text:p>%" PRId64
		    "</text:p></table:table-cell>",
		    number, number);
		break;
	case REGISTER_FORMAT_COUNT:
		break;
	}
	table->column++;
}

void
register_table_end_row(struct register_table *table)
{
	table->rows++;
	if (table->format == REGISTER_JSON)
		json_write_end(table->writer);
	else
		bytes_put_text(table->to,
		    table->format == REGISTER_CSV ? "\r\n"
						  : "</table:table-row>");
}
