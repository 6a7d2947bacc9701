/*
 * What a host remembers of its backups: backup.json in its data folder, written
 * by the commands, shown by `yizhan doctor`.
 */
#ifndef CLI_BACKUP_RECORD_H
#define CLI_BACKUP_RECORD_H

#include <stdint.h>

#include "base/attr.h"
#include "model/digest.h"

struct error;

enum { BACKUP_RECORD_PATH_SIZE = 1024 };

struct backup_record {
	int64_t backup_at; /* 0: never */
	char to[BACKUP_RECORD_PATH_SIZE];
	struct digest manifest;
	int64_t drill_at;  /* the last one without findings; 0: never */
	int64_t drill_of;  /* when the backup was made that it proved */
	int64_t failed_at; /* the last one with findings, if later; 0: none */
};

/* All zero when there is none.  ERROR_MALFORMED when it is not ours. */
int backup_record_read(const char *folder, struct backup_record *ret_record,
    struct error *err) MUST_CHECK;
int backup_record_write(const char *folder, const struct backup_record *record,
    struct error *err) MUST_CHECK;

#endif
