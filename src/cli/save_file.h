/*
 * Writing what came from others into a folder of the user's: under its own
 * name if that is harmless, never over something, never outside.
 */
#ifndef CLI_SAVE_FILE_H
#define CLI_SAVE_FILE_H

#include <stdbool.h>

#include "base/attr.h"

struct error;

/*
 * One path component that steers neither the file system nor a terminal: no
 * slash, no leading dot, no control or bidirectional characters, UTF-8, at most
 * 255 bytes.
 */
bool save_name_is_good(const char *name);

/*
 * Create `name` in the open folder `dir`.  ERROR_DENIED for a bad name,
 * ERROR_EXISTS when something is there already.
 */
int save_create(int dir, const char *name, int *ret_fd,
    struct error *err) MUST_CHECK;

/*
 * Read `name` again: its SHA-256 must be `wanted`, 64 hex digits of the list
 * that was signed.  ERROR_UNTRUSTED if it is not; the file is still there.
 */
int save_check_digest(int dir, const char *name, const char *wanted,
    struct error *err) MUST_CHECK;

/* Open the folder, making it if it is missing. */
int save_open_folder(const char *path, int *ret_dir,
    struct error *err) MUST_CHECK;

#endif
