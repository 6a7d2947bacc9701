/*
 * What is in a backup: manifest.json of its folder (docs/backup.md).  It is
 * written last, and manifest.sha256 beside it holds its digest, so that no byte
 * of a backup can change unseen.
 */
#ifndef CLI_BACKUP_MANIFEST_H
#define CLI_BACKUP_MANIFEST_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "model/digest.h"
#include "store/store_backup.h"

struct bytes;
struct error;

enum {
	BACKUP_MANIFEST_MAX = 64 * 1024 * 1024,
	BACKUP_FILES_MAX = 400000,
	BACKUP_NAME_SIZE = 41,
	BACKUP_VERSION_SIZE = 32,
	BACKUP_ORIGIN_SIZE = 256,
};

extern const char backup_manifest_name[];
extern const char backup_digest_name[];

/* The log of a center as the copied rows have it; all empty without one. */
struct backup_log {
	char origin[BACKUP_ORIGIN_SIZE];
	uint64_t size;
	struct digest root;
	char *checkpoint; /* the newest, with no cosignatures */
	char *cosigned;   /* the newest that a quorum cosigned; "" for none */
};

/* Start it as `{ 0 }`, release it with backup_manifest_free(). */
struct backup_manifest {
	char environment[BACKUP_NAME_SIZE];
	char host[BACKUP_NAME_SIZE];
	char kind[BACKUP_NAME_SIZE]; /* "center" */
	char version[BACKUP_VERSION_SIZE];
	int64_t made_at;
	struct backup_log log;
	struct store_file *files; /* in the order of their names */
	size_t file_count;
	struct digest digest; /* of the JSON; set by reading and writing */
};

void backup_manifest_free(struct backup_manifest *manifest);

int backup_manifest_add(struct backup_manifest *manifest,
    const struct store_file *file, struct error *err) MUST_CHECK;

/* Append the JSON, and set `digest`. */
int backup_manifest_encode(struct backup_manifest *manifest, struct bytes *to,
    struct error *err) MUST_CHECK;

/*
 * Strict: ERROR_MALFORMED (E5040) for a file name that a store cannot have, a
 * file twice, or none that has the rows.
 */
int backup_manifest_decode(const void *json, size_t len,
    struct backup_manifest *manifest, struct error *err) MUST_CHECK;

#endif
