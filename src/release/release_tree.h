/*
 * Files of a release below one folder, as their paths say: made, read again,
 * removed.  Every file is durable before its name means anything.
 */
#ifndef RELEASE_RELEASE_TREE_H
#define RELEASE_RELEASE_TREE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"

struct digest;
struct error;
struct release;
struct release_file;

/*
 * Compare what `fd` has with length and digest.  ERROR_UNTRUSTED E7602 names
 * `name`.
 */
int release_tree_check_file(int fd, const struct release_file *file,
    const char *name, struct error *err) MUST_CHECK;

/*
 * Copy `from_fd` to the file's path below `dir`, with the folders on the way,
 * durably, and compare what was written.  ERROR_EXISTS; nothing is there under
 * that path after E7602.
 */
int release_tree_put(int dir, const struct release_file *file, int from_fd,
    struct error *err) MUST_CHECK;

/*
 * Compare all of a release with what lies below `dir`.  ERROR_UNTRUSTED E7602:
 * a file is another one; E7603: it is missing; E7604: one that the release does
 * not name.  `also` (NULL: none) are names at the top that may be there too;
 * ends with NULL.
 */
int release_tree_check(int dir, const struct release *release,
    const char *const *also, struct error *err) MUST_CHECK;

/* Remove a folder and all in it; a missing one is success. */
int release_tree_remove(int dir, const char *name,
    struct error *err) MUST_CHECK;

#endif
