/*
 * Files that hold keys: read with a look at who else may, and made durable.
 */
#ifndef ROLE_KEEPER_FILE_H
#define ROLE_KEEPER_FILE_H

#include <stddef.h>

#include "base/attr.h"

struct bytes;
struct error;

/*
 * Append the file, at most `max` bytes; wipe with bytes_wipe().  ERROR_DENIED
 * E3304 when others than owner and (reading) group have access,
 * ERROR_NOT_FOUND, ERROR_MALFORMED E3303 when it is longer or no file.
 */
int keeper_file_read(const char *path, size_t max, struct bytes *to,
    struct error *err) MUST_CHECK;

/*
 * Make the file for its owner alone, durable when this returns.  ERROR_EXISTS
 * if it is there.
 */
int keeper_file_create(const char *path, const void *data, size_t len,
    struct error *err) MUST_CHECK;

/* Make the names in the folder of this file durable. */
int keeper_file_sync_folder(const char *path, struct error *err) MUST_CHECK;

#endif
