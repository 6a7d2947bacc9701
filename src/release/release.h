/*
 * A release of the program, as its bulletin names it: version, and of each file
 * path, length and digest (docs/protocol.md 6.1, R5.2.3).  The body of that
 * bulletin without white space is the file release.json of a bundle, and its
 * SHA-256 the check code (程式檢核碼) that people compare.
 */
#ifndef RELEASE_RELEASE_H
#define RELEASE_RELEASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "bulletin/texts.h"
#include "model/digest.h"
#include "model/version.h"

struct error;
struct json_value;

/* What one release may take of a disk. */
#define RELEASE_BYTES_MAX (UINT64_C(4) << 30)

enum { RELEASE_JSON_MAX = 4 << 20 };

/* Of a bundle, beside the files that are named: the manifest and its digest. */
extern const char release_manifest_name[];
extern const char release_digest_name[];
/* Where the list of packages stands in a release. */
extern const char release_sbom_path[];

struct release_file {
	char path[TEXTS_PATH_SIZE];
	uint64_t bytes;
	struct digest sha256;
};

/* Start it as `{ 0 }`; release it with release_free(). */
struct release {
	char version[VERSION_SIZE];
	char least[VERSION_SIZE]; /* lowest that may run, or "" */
	char *summary;
	struct release_file *files; /* by path */
	size_t count;
	uint64_t bytes; /* of all files */
	struct digest code;
};

void release_free(struct release *release);

/*
 * Read the body of a bulletin, or release.json.  ERROR_MALFORMED E7601: also a
 * path twice or not below a folder, a file where another one has its folder, a
 * version that is none, more than RELEASE_BYTES_MAX bytes in all.
 */
int release_read(const struct json_value *body, struct release *ret_release,
    struct error *err) MUST_CHECK;
int release_parse(const void *json, size_t len, struct release *ret_release,
    struct error *err) MUST_CHECK;

/* The file of that path; NULL if there is none. */
const struct release_file *release_find(const struct release *release,
    const char *path);

/* True for what is run: the files of bin. */
bool release_file_runs(const struct release_file *file);

/*
 * May `release` be installed where `installed` ("" for nothing) is?
 * ERROR_DENIED E7605 for a lower version; but `is_disowned` says that a root
 * took the keys from who signed what is installed (T-REL-02, T-REL-02b).
 */
int release_may_follow(const struct release *release, const char *installed,
    bool is_disowned, struct error *err) MUST_CHECK;

/*
 * May a host go back to `version`?  ERROR_DENIED E7605 when the release in
 * force says that it may no longer run.
 */
int release_may_return(const struct release *in_force, const char *version,
    struct error *err) MUST_CHECK;

#endif
