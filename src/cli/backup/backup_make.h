/*
 * One backup of a host: under a lease of its spooler while it runs, under the
 * lock of its store while it does not.
 */
#ifndef CLI_BACKUP_MAKE_H
#define CLI_BACKUP_MAKE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "cli/backup/backup_manifest.h"
#include "cli/local.h"

struct backup_key;
struct config;
struct error;

struct backup_terms {
	const struct config *config;
	struct local local;
	const char *to;               /* the folder that becomes the backup */
	const struct backup_key *key; /* to encrypt it with, or NULL */
	uint64_t bytes_per_s;         /* 0: as fast as it goes */
	int64_t now;
};

/*
 * Make it.  ERROR_EXISTS (E5042) when `to` is there already; ERROR_BUSY (E5041)
 * when the host ended or started anew meanwhile, so that the copy is worth
 * nothing.  After a failure nothing is left that looks like a backup.
 *
 * With a key nothing of it lies unencrypted in `to`: each file is copied into
 * the data folder first, where it is as safe as the data, and goes when it is
 * encrypted.
 */
int backup_make(const struct backup_terms *terms,
    struct backup_manifest *manifest, bool *ret_was_running,
    struct error *err) MUST_CHECK;

#endif
