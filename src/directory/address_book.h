/*
 * Tables of the directory as people keep them, read into changes: the published
 * address book (地址簿) with its daily additions and successions, or a sheet of
 * one's own.  Pure; docs/directory.md lists columns and values.
 *
 * Every row that cannot be taken becomes a problem with its line and column, and
 * reading goes on: who mends a table wants all of them at once.
 */
#ifndef DIRECTORY_ADDRESS_BOOK_H
#define DIRECTORY_ADDRESS_BOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/error.h"
#include "directory/directory_edit.h"
#include "model/org.h"
#include "model/standing.h"

enum {
	ADDRESS_BOOK_MAX = 64 << 20,      /* bytes */
	ADDRESS_BOOK_COLUMNS_MAX = 32,    /* as of base/csv.h */
	ADDRESS_BOOK_PROBLEMS_MAX = 1000, /* beyond it they are only counted */
	ADDRESS_PROBLEM_SIZE = 160,
};

struct address_problem {
	uint32_t line;   /* from 1 */
	uint32_t column; /* of the table, from 1; 0: of the whole line */
	char id[ERROR_ID_SIZE];
	char text[ADDRESS_PROBLEM_SIZE];
};

/* Start it as `{ 0 }`; release it with address_book_free(). */
struct address_book {
	struct directory_edit *edits; /* in the order of the table */
	size_t count, size;
	struct address_problem *problems;
	size_t problem_count;                    /* of all */
	uint32_t columns[DIRECTORY_FIELD_COUNT]; /* where a field is, or 0 */
	char *text;                              /* what the edits borrow */
};

void address_book_free(struct address_book *book);

/*
 * Read a table: comma or tab between fields, quotes as in RFC 4180, UTF-8 with
 * or without a mark at its beginning, lines that end with LF or CR LF, empty ones
 * passed over.  The first line names the columns; without, code, name, status
 * and time stand there.  An empty field says nothing: it stays as it was; "-" in
 * center, supervisor, successor or host says that there is none.  Fails only for want of memory, or with ERROR_MALFORMED
 * beyond ADDRESS_BOOK_MAX.
 *
 * Problems: E3907 another number of fields than columns, E3908 not UTF-8, E3909
 * a quote that does not end, E3910 not a code, or not a value of its column,
 * E3912 a column that is not known or twice, or none of codes, E3913 a code that
 * an earlier line has.
 */
int address_book_read(const void *text, size_t len,
    struct address_book *ret_book, struct error *err) MUST_CHECK;

/* Add a problem of `line`; for who judges the changes afterwards, too. */
int address_book_add_problem(struct address_book *book, uint32_t line,
    uint32_t column, const char *id, const char *text,
    struct error *err) MUST_CHECK;

/*
 * What the shape of a code says, and of a public code the end of its name:
 * firms EB, groups, private schools and hospitals XC, councillors XD, public
 * schools, the rest agencies.
 */
enum org_kind address_book_kind(const struct org_code *code, const char *name);

#endif
