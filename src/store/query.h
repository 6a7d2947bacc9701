/*
 * One SQL statement of a connection: bind, step, read columns, end.
 *
 *	if (query_begin(rows, "SELECT a FROM t WHERE b = ?1", &query, err) < 0)
 *		...
 *	query_bind_int(query, 1, b);
 *	while ((more = query_next(query, err)) > 0)
 *		... query_int(query, 0) ...
 *	query_end(query);
 *
 * Statements stay prepared in the connection, found again by their text.
 * Binding and reading carry their failure to the next query_next().
 * Parameters count from 1, columns from 0, as in SQLite.
 */
#ifndef STORE_QUERY_H
#define STORE_QUERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "model/digest.h"
#include "model/id.h"

struct bytes;
struct error;
struct query;
struct rows;

/* `sql` must live as long as the connection: a literal. */
int query_begin(struct rows *rows, const char *sql, struct query **ret_query,
    struct error *err) MUST_CHECK;

/* Give it back; accepts NULL.  What was borrowed from it is gone. */
void query_end(struct query *query);

/* Text and data are borrowed until query_end() or query_again(). */
void query_bind_int(struct query *query, int at, int64_t value);
void query_bind_text(struct query *query, int at, const char *text);
void query_bind_data(struct query *query, int at, const void *data, size_t len);
void query_bind_null(struct query *query, int at);
void query_bind_digest(struct query *query, int at,
    const struct digest *digest);
void query_bind_id(struct query *query, int at, const struct id *id);

/*
 * 1: a row is there to be read; 0: no more rows, the statement is done; -1:
 * ERROR_BUSY, ERROR_EXISTS for a broken UNIQUE rule, ERROR_SYSTEM ....
 */
int query_next(struct query *query, struct error *err) MUST_CHECK;

/* -1 if a column read since the last row was not what it must be. */
int query_failed(const struct query *query, struct error *err) MUST_CHECK;

/* Run a statement that yields no row to its end, and end it, also on failure. */
int query_finish(struct query *query, struct error *err) MUST_CHECK;

/* The same of one that yields a number: 0 when it has no row. */
int query_finish_int(struct query *query, int64_t *ret_number,
    struct error *err) MUST_CHECK;

/*
 * Append the data of its first column to `to`, and end it: 1, or 0 when there is
 * no row.
 */
int query_take(struct query *query, struct bytes *to,
    struct error *err) MUST_CHECK;

/* A statement without values and rows, whole, such as COMMIT. */
int query_run(struct rows *rows, const char *sql, struct error *err) MUST_CHECK;

/* Back to before the first row, with nothing bound: for the next values. */
void query_again(struct query *query);

/*
 * Columns of the present row.  Text and data are borrowed until the next call
 * of query_next(); NULL, "" (for text) and zeros stand for a NULL column.
 * A digest or an id of another length than it must have makes the next
 * query_next() or query_failed() fail with ERROR_MALFORMED (E5006).
 */
int64_t query_int(struct query *query, int column);
const char *query_text(struct query *query, int column);
const void *query_data(struct query *query, int column, size_t *ret_len);
void query_digest(struct query *query, int column, struct digest *ret_digest);
void query_id(struct query *query, int column, struct id *ret_id);
bool query_is_null(struct query *query, int column);

#endif
