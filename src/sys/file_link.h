/*
 * What laying programs down needs beyond sys/file.h, under the same rules:
 * links, modes, owners, and removing directories.
 */
#ifndef SYS_FILE_LINK_H
#define SYS_FILE_LINK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

struct error;

/* Remove an empty directory durably; one that is missing is success. */
int file_remove_dir(int dir, const char *name, struct error *err) MUST_CHECK;

/*
 * Make `name` a symbolic link to `target`, durably and in one step: a crash
 * leaves what was there or the new link.  Uses `name`.tmp beside it.
 */
int file_link(int dir, const char *name, const char *target,
    struct error *err) MUST_CHECK;

/* Where a symbolic link leads; ERROR_NOT_FOUND when there is none. */
int file_read_link(int dir, const char *name, char *to, size_t size,
    struct error *err) MUST_CHECK;

/* Let others read, and run, a file or enter a directory: modes 0644 and 0755. */
int file_open_to_all(int fd, bool may_run, struct error *err) MUST_CHECK;

/* When root made it: give it to the owner of the directory. */
int file_give(int fd, int dir, struct error *err) MUST_CHECK;

#endif
