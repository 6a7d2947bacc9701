#include "store/store_schema.h"

#include <stdlib.h>

#include "base/error.h"

/*
 * One migration only, ever: what a later version of the store needs goes into
 * the daemons' own lists, since their numbers follow on this one.
 */
static const char schema[] =
    /* How often the store was opened: the upper half of generations. */
    "CREATE TABLE store_run (run INTEGER NOT NULL);"
    "INSERT INTO store_run VALUES (0);"
    /* Blocks are in use because a row here names them. */
    "CREATE TABLE payload ("
    "  number INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  label BLOB NOT NULL CHECK (length(label) = 16),"
    "  length INTEGER NOT NULL,"
    "  digest BLOB NOT NULL CHECK (length(digest) = 32),"
    "  extents BLOB NOT NULL);"
    /* The same, of content that is not complete: whole frames, no digest. */
    "CREATE TABLE partial ("
    "  number INTEGER PRIMARY KEY,"
    "  label BLOB NOT NULL CHECK (length(label) = 16),"
    "  length INTEGER NOT NULL,"
    "  extents BLOB NOT NULL,"
    "  host TEXT NOT NULL,"
    "  name BLOB NOT NULL CHECK (length(name) = 32),"
    "  total INTEGER NOT NULL,"
    "  moved_at INTEGER NOT NULL,"
    "  ends_at INTEGER NOT NULL);"
    "CREATE TABLE leaf ("
    "  position INTEGER PRIMARY KEY,"
    "  hash BLOB NOT NULL,"
    "  salt BLOB NOT NULL,"
    "  statement BLOB NOT NULL);"
    /* Hashes of perfect subtrees of height 8 * level, one behind another. */
    "CREATE TABLE tile ("
    "  level INTEGER NOT NULL,"
    "  position INTEGER NOT NULL,"
    "  hashes BLOB NOT NULL,"
    "  PRIMARY KEY (level, position)) WITHOUT ROWID;"
    "CREATE TABLE checkpoint ("
    "  size INTEGER PRIMARY KEY,"
    "  note BLOB NOT NULL);"
    /* That a backup was put back, until the daemon has dealt with it. */
    "CREATE TABLE store_restored ("
    "  one INTEGER PRIMARY KEY CHECK (one = 1),"
    "  at INTEGER NOT NULL,"
    "  backup_at INTEGER NOT NULL);";

int
store_schema_join(const char *const *migrations, size_t count,
    const char *const **ret_list, size_t *ret_count, struct error *err)
{
	const char **list = calloc(count + 1, sizeof(*list));

	if (list == NULL)
		return error_set_memory(err);
	list[0] = schema;
	for (size_t i = 0; i < count; i++)
		list[i + 1] = migrations[i];
	*ret_list = list;
	*ret_count = count + 1;
	return 0;
}
