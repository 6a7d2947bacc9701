/*
 * A table as it is handed out: objects of JSON, lines of CSV, or rows of an
 * OpenDocument spreadsheet (the text of its content.xml; the listener packs
 * it).  Written row by row, so it may have any length.
 */
#ifndef GATEWAY_REGISTER_TABLE_H
#define GATEWAY_REGISTER_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

struct bytes;
struct json_writer;

enum register_format {
	REGISTER_JSON,
	REGISTER_CSV, /* UTF-8 with a byte order mark, RFC 4180 */
	REGISTER_ODS,
	REGISTER_FORMAT_COUNT
};

/* "json", "csv", "ods". */
bool register_format_parse(const char *name, enum register_format *ret_format);

/* So many rows of one sheet; then another one begins. */
enum { REGISTER_SHEET_ROWS = 1000000 };

struct register_column {
	const char *key;   /* of JSON */
	const char *title; /* in Chinese */
};

struct register_table {
	enum register_format format;
	const char *name; /* of the sheet */
	const struct register_column *columns;
	size_t count;
	struct bytes *to;           /* of CSV and ODS */
	struct json_writer *writer; /* of JSON */
	size_t column;              /* the next one of the row */
	int64_t rows;               /* written before this piece, and in it */
};

/* What stands before the first row, and after the last one. */
void register_table_head(struct register_table *table);
void register_table_tail(struct register_table *table);

/*
 * A row: as many cells as there are columns, between these.  Texts are others'
 * words: in CSV none of them is taken for a formula (a quotation mark goes
 * before one that would be), and in ODS none can be.
 */
void register_table_begin_row(struct register_table *table);
void register_table_text(struct register_table *table, const char *text);
/* What has a code, which JSON has, and a word, which the others have. */
void register_table_word(struct register_table *table, const char *code,
    const char *word);
void register_table_number(struct register_table *table, int64_t number);
void register_table_end_row(struct register_table *table);

#endif
