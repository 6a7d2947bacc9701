/*
 * The folder of a backup: made as NAME.partial and renamed when it is whole;
 * read by its manifest, every file compared with that on the way out.
 */
#ifndef CLI_BACKUP_FOLDER_H
#define CLI_BACKUP_FOLDER_H

#include "base/attr.h"
#include "base/bytes.h"
#include "cli/backup/backup_manifest.h"

struct backup_key;
struct error;

enum { BACKUP_PATH_SIZE = 4096 };

/* A folder that is being filled, and the one that it becomes. */
struct backup_folder {
	char parent[BACKUP_PATH_SIZE];
	char name[256];
	char path[BACKUP_PATH_SIZE]; /* where it is filled */
};

/*
 * Make an empty folder that will be `path`.  ERROR_EXISTS (E5042) when something
 * is there, unless that is an empty folder; what an interrupted run left is
 * removed first.
 */
int backup_folder_begin(const char *path, struct backup_folder *folder,
    struct error *err) MUST_CHECK;

/* Give it its name, durably. */
int backup_folder_finish(const struct backup_folder *folder,
    struct error *err) MUST_CHECK;

/* Remove what is there; for failures. */
void backup_folder_abandon(const struct backup_folder *folder);

/*
 * Write the manifest and its digest into the folder, synced; encrypted with
 * `key`, unless that is NULL.  `digest` is then of what lies there.
 */
int backup_folder_write_manifest(const struct backup_folder *folder,
    const struct backup_key *key, struct backup_manifest *manifest,
    struct error *err) MUST_CHECK;

/*
 * Read the manifest of the backup at `path`, with its key when it is encrypted.
 * ERROR_NOT_FOUND or ERROR_MALFORMED (E5040) when it is missing, or not what was
 * written; ERROR_DENIED (E4601) for an encrypted one without a key.
 */
int backup_folder_read_manifest(const char *path, const struct backup_key *key,
    struct backup_manifest *manifest, struct error *err) MUST_CHECK;

/*
 * Copy all files of the backup `from` into the folder `to`, decrypted if there is
 * a `key`, each compared with the manifest.  `tell` hears of each that is missing, has another length or
 * other bytes, and of each that does not belong there; -1 only when copying
 * itself fails.
 */
typedef void (*backup_fault_fn)(void *ctx, const char *what, const char *why);
int backup_folder_copy(const char *from, const char *to,
    const struct backup_manifest *manifest, const struct backup_key *key,
    backup_fault_fn tell, void *ctx, struct error *err) MUST_CHECK;

/* Remove a folder that has a store in it, with that. */
void backup_folder_remove(const char *path);

#endif
