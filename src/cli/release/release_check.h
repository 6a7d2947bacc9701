/*
 * A release compared with its bulletin and with this host, before anything of
 * it is run (R5.3.2): every file, the libraries that its programs need against
 * its list of packages, and that list against what is installed (T-REL-04,
 * T-REL-07).
 */
#ifndef CLI_RELEASE_RELEASE_CHECK_H
#define CLI_RELEASE_RELEASE_CHECK_H

#include <stdbool.h>

#include "base/attr.h"

struct bytes;
struct error;
struct release;

/*
 * The files of the folder `files`, by their paths.  ERROR_UNTRUSTED E7602 to
 * E7604, E7607.
 */
int release_check_folder(int files, const struct release *release,
    struct error *err) MUST_CHECK;

/* The same of a pool, where each stands under its digest. */
int release_check_pool(int pool, const struct release *release,
    struct error *err) MUST_CHECK;

/*
 * The packages of this host, by dpkg's file `status`, against the list, which stands in the file `fd`.
 * Appends what differs, as "libssl3 3.0.15-1 (3.0.17-1)" with commas: newer
 * ones are told, and refused if `is_exact`; ERROR_DENIED E7613 for those
 * that are missing, or older than the release was built with.
 */
int release_check_packages(const char *status, bool is_exact, int fd,
    struct bytes *to, struct error *err) MUST_CHECK;

#endif
