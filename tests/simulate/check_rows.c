#include "simulate/check_rows.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "simulate/sim.h"
#include "simulate/sim_disk.h"
#include "store/rows_vfs.h"

enum { ASKED_MAX = 24 };

/*
 * A connection to a host's rows stays until the host ends, and so do its
 * questions: to open one means to read the whole schema, and most of what a look
 * takes is to compile what it asks.  What was connected before a crash is left
 * alone.
 */
static struct connection {
	sqlite3 *db;
	uint64_t starts;
	struct {
		const char *sql;
		sqlite3_stmt *stmt;
	} asked[ASKED_MAX];
} connections[SIM_HOSTS];

sqlite3 *
check_rows_open(int host)
{
	struct connection *kept = &connections[host];
	const char *vfs = NULL;
	struct error err = { 0 };
	char path[SIM_PATH_SIZE];
	sqlite3 *db = NULL;

	if (kept->db != NULL && kept->starts == sim.hosts[host].starts)
		return kept->db;
	*kept = (struct connection){ .db = NULL };
	snprintf(path, sizeof(path), "%s/%s/rows.db", sim.folder,
	    sim.hosts[host].name);
	/* As a role reads: to SQLite alone the log would be its to tidy up. */
	if (rows_vfs_register(&vfs, &err) == 0 &&
	    sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, vfs) ==
		SQLITE_OK) {
		if (sim.hosts[host].is_up)
			*kept = (struct connection){ .db = db,
				.starts = sim.hosts[host].starts };
		return db;
	}
	sqlite3_close(db);
	return NULL;
}

void
check_rows_close(int host, sqlite3 *db)
{
	if (db != connections[host].db)
		sqlite3_close(db);
}

static struct connection *
connection_of(const sqlite3 *db)
{
	for (int i = 0; i < SIM_HOSTS; i++)
		if (connections[i].db == db)
			return &connections[i];
	return NULL;
}

static sqlite3_stmt *
compile(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *stmt = NULL;

	if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) == SQLITE_OK)
		return stmt;
	sim_broken("check", "%s: %s", sql, sqlite3_errmsg(db));
	return NULL;
}

sqlite3_stmt *
check_rows_ask(sqlite3 *db, const char *sql)
{
	struct connection *kept = connection_of(db);

	for (int i = 0; kept != NULL && i < ASKED_MAX; i++) {
		if (kept->asked[i].sql == NULL) {
			kept->asked[i].sql = sql;
			kept->asked[i].stmt = compile(db, sql);
		}
		if (kept->asked[i].sql == sql)
			return kept->asked[i].stmt;
	}
	if (kept != NULL)
		abort();
	return compile(db, sql);
}

bool
check_rows_next(sqlite3_stmt *stmt)
{
	return stmt != NULL && sqlite3_step(stmt) == SQLITE_ROW;
}

const char *
check_rows_text(sqlite3_stmt *stmt, int column)
{
	const unsigned char *text = sqlite3_column_text(stmt, column);

	return text != NULL ? (const char *)text : "";
}

void
check_rows_end(sqlite3_stmt *stmt)
{
	if (stmt == NULL)
		return;
	if (connection_of(sqlite3_db_handle(stmt)) != NULL)
		sqlite3_reset(stmt);
	else
		sqlite3_finalize(stmt);
}
