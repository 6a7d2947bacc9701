#include "release/release_tree.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/text.h"
#include "crypto/sha256.h"
#include "release/release.h"
#include "sys/file.h"
#include "sys/file_link.h"

enum { CHUNK = 65536, DEPTH_MAX = 16, NAME_SIZE = 256 };

/* ---- one file ---------------------------------------------------------- */

static int
refuse(const struct release_file *file, const char *name, struct error *err)
{
	char wanted[DIGEST_TEXT_SIZE];

	digest_format(&file->sha256, wanted);
	return error_set_id(err, "E7602", ERROR_UNTRUSTED,
	    "%.120s is not the file of SHA-256 %.16s…", name, wanted);
}

/* Read all of `fd`, at most a byte more than is right, into `to_fd` too. */
static int
copy(int fd, int to_fd, const struct release_file *file,
    struct digest *ret_digest, uint64_t *ret_len, struct error *err)
{
	uint8_t *chunk = malloc(CHUNK);
	struct sha256 *sha = NULL;
	uint64_t at = 0;
	size_t len = 0;
	int rc = -1;

	if (chunk == NULL) {
		error_set_memory(err);
		goto done;
	}
	if (sha256_new(&sha, err) < 0)
		goto done;
	do {
		if (file_read_at(fd, chunk, CHUNK, at, &len, err) < 0 ||
		    (to_fd >= 0 &&
			file_write_at(to_fd, chunk, len, at, err) < 0))
			goto done;
		sha256_update(sha, chunk, len);
		at += len;
	} while (len == CHUNK && at <= file->bytes);
	sha256_final(sha, ret_digest);
	*ret_len = at;
	rc = 0;
done:
	sha256_free(sha);
	free(chunk);
	return rc;
}

int
release_tree_check_file(int fd, const struct release_file *file,
    const char *name, struct error *err)
{
	struct digest digest;
	uint64_t len;

	if (copy(fd, -1, file, &digest, &len, err) < 0)
		return -1;
	return len == file->bytes && digest_equal(&digest, &file->sha256)
	    ? 0
	    : refuse(file, name, err);
}

/* ---- putting ----------------------------------------------------------- */

/* Open the folder of a path, making what is missing; the last part is left. */
static int
open_folder(int dir, const char *path, bool may_make, int *ret_dir,
    char name[NAME_SIZE], struct error *err)
{
	int folder = -1;
	int rc = file_open_dir_at(dir, ".", &folder, err);

	while (rc == 0) {
		size_t len = strcspn(path, "/");
		int below = -1;

		if (!text_copy_len(name, NAME_SIZE, path, len))
			rc = error_set_id(err, "E7601", ERROR_MALFORMED,
			    "a name that is too long");
		if (rc < 0 || path[len] == '\0')
			break;
		if (may_make)
			rc = file_make_dir(folder, name, err);
		if (rc == 0)
			rc = file_open_dir_at(folder, name, &below, err);
		if (rc == 0 && may_make)
			rc = file_open_to_all(below, true, err);
		file_close(folder);
		folder = below;
		path += len + 1;
	}
	if (rc < 0)
		file_close(folder);
	else
		*ret_dir = folder;
	return rc;
}

/* What is written is read again from the file: the disk counts, not memory. */
static int
write_file(int folder, const char *name, const struct release_file *file,
    int from_fd, struct error *err)
{
	struct error ignored = { 0 };
	struct digest digest;
	uint64_t len;
	int fd = -1;
	int rc = -1;

	if (file_open(folder, name, FILE_CREATE, &fd, err) < 0)
		return -1;
	if (copy(from_fd, fd, file, &digest, &len, err) < 0)
		goto done;
	if (len != file->bytes || !digest_equal(&digest, &file->sha256)) {
		refuse(file, file->path, err);
		goto done;
	}
	if (file_open_to_all(fd, release_file_runs(file), err) == 0 &&
	    file_sync(fd, err) == 0 && file_sync(folder, err) == 0)
		rc = release_tree_check_file(fd, file, file->path, err);
done:
	file_close(fd);
	if (rc < 0 && file_remove(folder, name, &ignored) < 0)
		return error_prefix(err, "and it could not be removed");
	return rc;
}

int
release_tree_put(int dir, const struct release_file *file, int from_fd,
    struct error *err)
{
	char name[NAME_SIZE];
	int folder = -1;
	int rc;

	if (open_folder(dir, file->path, true, &folder, name, err) < 0)
		return -1;
	rc = write_file(folder, name, file, from_fd, err);
	file_close(folder);
	return rc;
}

/* ---- comparing --------------------------------------------------------- */

static int
check_one(int dir, const struct release_file *file, struct error *err)
{
	char name[NAME_SIZE];
	int folder = -1, fd = -1;
	int rc = -1;

	if (open_folder(dir, file->path, false, &folder, name, err) == 0 &&
	    file_open(folder, name, FILE_READ, &fd, err) == 0)
		rc = release_tree_check_file(fd, file, file->path, err);
	else if (err->code == ERROR_NOT_FOUND)
		error_set_id(err, "E7603", ERROR_NOT_FOUND, "%.120s",
		    file->path);
	file_close(fd);
	file_close(folder);
	return rc;
}

/* A walk through a folder that looks for what should not be there. */
struct walk {
	const struct release *release;
	const char *const *also;
	int dir;
	char path[TEXTS_PATH_SIZE]; /* of the folder, with a slash; "" at top */
	unsigned depth;
};

static bool
is_also(const struct walk *walk, const char *name)
{
	for (const char *const *also = walk->also;
	     walk->depth == 0 && also != NULL && *also != NULL; also++)
		if (text_equal(*also, name))
			return true;
	return false;
}

static int
stranger(const char *path, struct error *err)
{
	struct error named = { 0 };

	(void)error_set(&named, ERROR_DENIED, "%.150s", path);
	return error_set_id(err, "E7604", ERROR_UNTRUSTED, "%s", named.text);
}

static int look(void *context, const char *name, struct error *err);

static int
look_below(const struct walk *walk, const char *name, const char *path,
    struct error *err)
{
	struct walk below = { .release = walk->release,
		.depth = walk->depth + 1 };
	size_t len = strlen(path);
	int rc;

	if (below.depth > DEPTH_MAX || len + 2 > sizeof(below.path))
		return stranger(path, err);
	memcpy(below.path, path, len);
	memcpy(below.path + len, "/", 2);
	if (file_open_dir_at(walk->dir, name, &below.dir, err) < 0)
		return -1;
	rc = file_list(below.dir, look, &below, err);
	file_close(below.dir);
	return rc;
}

static int
look(void *context, const char *name, struct error *err)
{
	const struct walk *walk = context;
	char path[TEXTS_PATH_SIZE];
	struct stat st;
	size_t len = strlen(walk->path);

	if (is_also(walk, name))
		return 0;
	memcpy(path, walk->path, len);
	if (!text_copy(path + len, sizeof(path) - len, name))
		return stranger(name, err);
	if (fstatat(walk->dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return error_set_errno(err, "%s", path);
	if (S_ISDIR(st.st_mode))
		return look_below(walk, name, path, err);
	return S_ISREG(st.st_mode) && release_find(walk->release, path) != NULL
	    ? 0
	    : stranger(path, err);
}

int
release_tree_check(int dir, const struct release *release,
    const char *const *also, struct error *err)
{
	struct walk walk = { .release = release, .also = also, .dir = dir };

	for (size_t i = 0; i < release->count; i++)
		if (check_one(dir, &release->files[i], err) < 0)
			return -1;
	return file_list(dir, look, &walk, err);
}

/* ---- removing ---------------------------------------------------------- */

struct removal {
	int dir;
	unsigned depth;
};

static int remove_below(const struct removal *removal, const char *name,
    struct error *err);

static int
remove_one(void *context, const char *name, struct error *err)
{
	const struct removal *removal = context;
	struct stat st;

	if (fstatat(removal->dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return error_set_errno(err, "%s", name);
	return S_ISDIR(st.st_mode) ? remove_below(removal, name, err)
				   : file_remove(removal->dir, name, err);
}

static int
remove_below(const struct removal *removal, const char *name, struct error *err)
{
	struct removal below = { .depth = removal->depth + 1 };
	int rc;

	if (below.depth > DEPTH_MAX)
		return error_set(err, ERROR_DENIED, "folders too deep");
	if (file_open_dir_at(removal->dir, name, &below.dir, err) < 0)
		return -1;
	rc = file_list(below.dir, remove_one, &below, err);
	file_close(below.dir);
	return rc < 0 ? -1 : file_remove_dir(removal->dir, name, err);
}

int
release_tree_remove(int dir, const char *name, struct error *err)
{
	const struct removal removal = { .dir = dir };
	struct error why = { 0 };

	if (remove_below(&removal, name, &why) == 0 ||
	    why.code == ERROR_NOT_FOUND)
		return 0;
	*err = why;
	return -1;
}
