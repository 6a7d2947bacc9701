/*
 * What rows.c and query.c share.
 */
#ifndef STORE_ROWS_INTERNAL_H
#define STORE_ROWS_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include <sqlite3.h>

#include "store/query.h"
#include "store/rows.h"

enum { ROWS_QUERY_SLOTS = 256, ROWS_NEAR_SLOTS = 128 };

struct query {
	struct rows *rows; /* not ours */
	sqlite3_stmt *stmt;
	const char *sql; /* not ours */
	bool is_open;
	bool is_single_use; /* the cached one was in use: finalize at the end */
	int failed;         /* the first failure of binding, an SQLite code */
	bool is_damaged;    /* a column was not what it must be */
};

struct rows {
	sqlite3 *db;
	bool in_transaction; /* between rows_begin() and its end */
	uint32_t log_pages;  /* set by the hook after each commit */
	uint32_t cut_frames; /* dropped by the opening */
	struct query *queries[ROWS_QUERY_SLOTS]; /* open addressing by text */
	size_t query_count;
	/* Kept ones by the address of their text, as somebody gave it. */
	struct {
		const char *sql;
		struct query *query;
	} near[ROWS_NEAR_SLOTS];
};

/* Record what SQLite returned as `code`; returns -1. */
int rows_fail(struct rows *rows, int code, const char *what, struct error *err);

/* query.c: finalize what is cached. */
void rows_drop_queries(struct rows *rows);

#endif
