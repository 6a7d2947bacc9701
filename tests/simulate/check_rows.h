/*
 * What lies in the rows of the simulated hosts, for check.c: read with SQL from
 * their disks, past the product's code.
 */
#ifndef SIMULATE_CHECK_ROWS_H
#define SIMULATE_CHECK_ROWS_H

#include <stdbool.h>

#include <sqlite3.h>

/* NULL when the host has no rows now. */
sqlite3 *check_rows_open(int host);
void check_rows_close(int host, sqlite3 *db);

/*
 * A question in SQL, which is a constant; NULL when it cannot be asked, which
 * breaks the history.
 */
sqlite3_stmt *check_rows_ask(sqlite3 *db, const char *sql);
bool check_rows_next(sqlite3_stmt *stmt);
/* "" for none. */
const char *check_rows_text(sqlite3_stmt *stmt, int column);
/* NULL does nothing. */
void check_rows_end(sqlite3_stmt *stmt);

#endif
