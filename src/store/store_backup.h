/*
 * A consistent copy of a store while its owner goes on writing: rows first,
 * then the blocks that these rows name (docs/store.md, Backup).
 *
 * The caller keeps blocks from being used again, from before the call until
 * after it: by a lease of the owner (role/spool/leases.h), or by holding the lock of
 * a store that nobody has open.  Without that, or in the other order, the copy
 * may have rows whose payload was overwritten.
 */
#ifndef STORE_STORE_BACKUP_H
#define STORE_STORE_BACKUP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "model/digest.h"

struct error;
struct rows;

enum { STORE_FILE_NAME_SIZE = 24 };

/* One file of the copy; written completely and synced. */
struct store_file {
	char
	    name[STORE_FILE_NAME_SIZE]; /* "rows.db", "segments/00000001.seg" */
	uint64_t length;
	struct digest digest; /* SHA-256 of all its bytes */
};

/* A database beside the store's, which has no payload. */
struct store_beside {
	const char *name;  /* one that store_file_name_is_good() knows */
	struct rows *rows; /* NULL: there is none */
};

extern const char store_beside_casework[]; /* "casework.db" */

struct store_backup_options {
	struct rows *rows; /* of store_open_reader() */
	/*
	 * Copied before the store, so that what it says of the store's log is
	 * in the copy of that.
	 */
	struct store_beside beside;
	const char *from; /* the data folder */
	const char *to;   /* an empty folder */
	/* Look at the rows as they are copied; or NULL. */
	int (*look)(void *ctx, struct rows *rows, struct error *err);
	/* Every mebibyte or so: stops the copy by failing. */
	int (*step)(void *ctx, uint64_t bytes, struct error *err);
	int (
	    *tell)(void *ctx, const struct store_file *file, struct error *err);
	void *ctx;
};

/*
 * Copy as of now, with what is kept of releases.  Blocks that no row names read as zeros in the copy, so
 * nothing of what was removed goes along.  The memory it takes is two mebibytes,
 * the page cache of the copy, and a bit for each block of the store.
 */
int store_backup(const struct store_backup_options *options,
    struct error *err) MUST_CHECK;

/*
 * Where a file of the copy stands in a data folder: "releases.history" is
 * releases/history there, all others stand under their names.
 */
const char *store_file_place(const char *name);
extern const char store_beside_folder[]; /* "releases" */

/* True for the names that such a copy can have. */
bool store_file_name_is_good(const char *name);

#endif
