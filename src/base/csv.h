/*
 * Tables as text: a line is a row, with commas or tabs between its fields and
 * quotes as in RFC 4180.  Reading takes the text apart in place.  Pure.
 */
#ifndef BASE_CSV_H
#define BASE_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bytes;

enum { CSV_COLUMNS_MAX = 32 };

/* A text that is being read. */
struct csv {
	char *at;
	char *end;
	char separator;
	uint32_t line; /* of the row read last, from 1 */
};

/*
 * Begin with `len` bytes at `text`, behind which there is a NUL: a
 * mark at its beginning is passed over, and the separator is a tab when the
 * first line has one.
 */
struct csv csv_begin(char *text, size_t len);

struct csv_row {
	uint32_t line;
	char *fields[CSV_COLUMNS_MAX];
	size_t count;   /* may be more than there is room for */
	bool is_broken; /* a quote in field `count` + 1 does not end */
};

/* False at the end: then the row is an empty one. */
bool csv_next(struct csv *csv, struct csv_row *row);

/* A line without anything in it. */
bool csv_row_is_empty(const struct csv_row *row);

/*
 * Append a field, and a comma unless it is the first of its line.  One that a
 * sheet would take for a formula gets a quotation mark ' before it.
 */
void csv_put(struct bytes *to, bool is_first, const char *text);
void csv_put_end(struct bytes *to);

/* A field as csv_put() meant it: without that mark. */
const char *csv_text(const char *field);

#endif
