/*
 * Changes to the directory as a table: one line an organisation, as people keep
 * them in a spreadsheet.  Pure.
 */
#ifndef CLI_TRUST_CSV_H
#define CLI_TRUST_CSV_H

#include <stddef.h>

#include "base/attr.h"

struct bytes;
struct error;
struct json_value;

enum {
	TRUST_CSV_MAX = 64 << 20, /* bytes */
	TRUST_CSV_COLUMNS_MAX = 16,
	TRUST_CSV_FIELD_SIZE = 1025,
};

/*
 * Append a directory's body: that of `body` with the table laid over it.  CSV
 * of RFC 4180 in UTF-8; the first line names the columns, `code` among them.
 * A column is a text member of an organisation, or `letter_bytes`.  A code that
 * is known gets the members of its line, its keys and all others stay; another
 * one is added at the end, with no keys.  Nothing is removed.
 *
 * ERROR_MALFORMED names the line: wrong number of fields, a code twice, a column
 * twice or without name, a quote that does not end, not UTF-8.
 */
int trust_csv_apply(const struct json_value *body, const void *csv, size_t len,
    struct bytes *to, struct error *err) MUST_CHECK;

#endif
