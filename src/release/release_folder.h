/*
 * The folder into which releases are installed ([release] folder):
 *
 *	0.1.0/ 0.2.0/   the files of a version; complete or not
 *	0.1.0.cms ...   the bulletin by which it was laid down
 *	current         link to the version that is started
 *	previous        link to the one before it, for going back
 *
 * A version is laid down beside the others, and counts for nothing until
 * `current` leads to it; that is one rename.  So a power cut leaves the old
 * version or the new one, never half of one (T-REL-09).  Nothing of a release
 * is run before all of it was compared with its bulletin (R5.3.2).
 */
#ifndef RELEASE_RELEASE_FOLDER_H
#define RELEASE_RELEASE_FOLDER_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "model/version.h"

struct bytes;
struct error;
struct release;
struct release_file;

/* Open the file of that digest for reading. */
typedef int (*release_source_fn)(void *context, const struct release_file *file,
    int *ret_fd, struct error *err);

struct release_laid {
	const struct release *release;
	const void *cms; /* its bulletin, as it came */
	size_t cms_len;
	release_source_fn source;
	void *context;
};

/*
 * Remove what is neither current nor previous, and lay the release down beside
 * those, durably, and compare it.  A version that is current is only compared.
 * Failures: release_tree_put(); E7608: not enough room.
 */
int release_folder_stage(int dir, const struct release_laid *laid,
    struct error *err) MUST_CHECK;

/* Compare a version that was laid down: release_tree_check(). */
int release_folder_check(int dir, const struct release *release,
    struct error *err) MUST_CHECK;

/*
 * Start this version from now on, and keep the one of before as `previous`.
 * The caller has compared it just before.
 */
int release_folder_switch(int dir, const char *version,
    struct error *err) MUST_CHECK;

/* Where the links lead; "" when there is none. */
struct release_links {
	char current[VERSION_SIZE];
	char previous[VERSION_SIZE];
};
int release_folder_links(int dir, struct release_links *ret_links,
    struct error *err) MUST_CHECK;

/* The bulletin of a version that was laid down; ERROR_NOT_FOUND. */
int release_folder_bulletin(int dir, const char *version, struct bytes *to,
    struct error *err) MUST_CHECK;

#endif
