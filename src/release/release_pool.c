#include "release/release_pool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "model/digest.h"
#include "release/release.h"
#include "release/release_tree.h"
#include "sys/file.h"
#include "sys/file_link.h"

enum { NAME_SIZE = DIGEST_TEXT_SIZE + 8, CHUNK = 65536 };

static const char folder_name[] = "releases";
static const char part_suffix[] = ".part";

static void
part_name(const struct release_file *file, char to[NAME_SIZE])
{
	digest_format(&file->sha256, to);
	memcpy(to + DIGEST_TEXT_SIZE - 1, part_suffix, sizeof(part_suffix));
}

int
release_pool_look(const char *path, int *ret_dir, struct error *err)
{
	struct error why = { 0 };
	int data = -1;
	int rc;

	if (file_open_dir(path, &data, err) < 0)
		return -1;
	rc = file_open_dir_at(data, folder_name, ret_dir, &why) < 0 ? -1 : 1;
	file_close(data);
	if (rc < 0 && why.code == ERROR_NOT_FOUND)
		return 0;
	if (rc < 0)
		*err = why;
	return rc;
}

int
release_pool_open(const char *path, int *ret_dir, struct error *err)
{
	int data = -1, dir = -1;
	int rc = -1;

	if (file_open_dir(path, &data, err) < 0)
		return -1;
	if (file_make_dir(data, folder_name, err) == 0 &&
	    file_open_dir_at(data, folder_name, &dir, err) == 0)
		rc = file_give(dir, data, err);
	file_close(data);
	if (rc == 0)
		*ret_dir = dir;
	else
		file_close(dir);
	return rc;
}

/* 1 and the open file, 0 if there is none, -1. */
static int
open_known(int dir, const char *name, enum file_mode mode, int *ret_fd,
    struct error *err)
{
	struct error why = { 0 };

	if (file_open(dir, name, mode, ret_fd, &why) == 0)
		return 1;
	if (why.code == ERROR_NOT_FOUND)
		return 0;
	*err = why;
	return -1;
}

int
release_pool_has(int dir, const struct release_file *file, struct error *err)
{
	char name[DIGEST_TEXT_SIZE];
	uint64_t len = 0;
	int fd = -1;
	int rc;

	digest_format(&file->sha256, name);
	rc = open_known(dir, name, FILE_READ, &fd, err);
	if (rc > 0 && file_size(fd, &len, err) < 0)
		rc = -1;
	file_close(fd);
	return rc > 0 ? len == file->bytes : rc;
}

int
release_pool_source(void *dir, const struct release_file *file, int *ret_fd,
    struct error *err)
{
	char name[DIGEST_TEXT_SIZE];
	int rc;

	digest_format(&file->sha256, name);
	rc = open_known(*(const int *)dir, name, FILE_READ, ret_fd, err);
	if (rc > 0)
		return 0;
	return rc < 0
	    ? -1
	    : error_set_id(err, "E7603", ERROR_NOT_FOUND, "%.120s", file->path);
}

/* ---- in parts ---------------------------------------------------------- */

int
release_pool_offset(int dir, const struct release_file *file,
    uint64_t *ret_offset, struct error *err)
{
	char name[NAME_SIZE];
	int fd = -1;
	int rc;

	part_name(file, name);
	*ret_offset = 0;
	rc = open_known(dir, name, FILE_READ, &fd, err);
	if (rc > 0)
		rc = file_size(fd, ret_offset, err);
	file_close(fd);
	if (rc == 0 && *ret_offset > file->bytes) {
		*ret_offset = 0;
		rc = file_remove(dir, name, err);
	}
	return rc < 0 ? -1 : 0;
}

static int
finish(int dir, const struct release_file *file, int fd, struct error *err)
{
	char part[NAME_SIZE], name[DIGEST_TEXT_SIZE];
	struct error ignored = { 0 };

	part_name(file, part);
	digest_format(&file->sha256, name);
	if (file_sync(fd, err) < 0)
		return -1;
	if (release_tree_check_file(fd, file, file->path, err) < 0) {
		if (file_remove(dir, part, &ignored) < 0)
			return error_prefix(err, "and it could not be removed");
		return -1;
	}
	return file_rename(dir, part, dir, name, err);
}

/* Anew, or what is there; given to whom the folder belongs. */
static int
open_part(int dir, const struct release_file *file, uint64_t offset,
    int *ret_fd, struct error *err)
{
	char name[NAME_SIZE];

	part_name(file, name);
	if (offset > 0)
		return file_open(dir, name, FILE_WRITE, ret_fd, err);
	if (file_remove(dir, name, err) < 0 ||
	    file_open(dir, name, FILE_CREATE, ret_fd, err) < 0)
		return -1;
	if (file_give(*ret_fd, dir, err) == 0)
		return 0;
	file_close(*ret_fd);
	return -1;
}

int
release_pool_add(int dir, const struct release_file *file, uint64_t offset,
    const void *data, size_t len, struct error *err)
{
	char name[NAME_SIZE];
	struct error ignored = { 0 };
	int fd = -1;
	int rc = -1;

	part_name(file, name);
	if (offset > file->bytes || len > file->bytes - offset) {
		(void)!file_remove(dir, name, &ignored);
		return error_set_id(err, "E7602", ERROR_UNTRUSTED,
		    "more of %.120s came than the bulletin names", file->path);
	}
	if (open_part(dir, file, offset, &fd, err) < 0)
		return -1;
	if (file_write_at(fd, data, len, offset, err) == 0)
		rc =
		    offset + len < file->bytes ? 0 : finish(dir, file, fd, err);
	file_close(fd);
	return rc;
}

int
release_pool_take(int dir, const struct release_file *file, int from_fd,
    struct error *err)
{
	uint64_t at = 0, size = 0;
	uint8_t *chunk;
	size_t len = 0;
	int rc = 0;

	if (file_size(from_fd, &size, err) < 0)
		return -1;
	if (size != file->bytes)
		return error_set_id(err, "E7602", ERROR_UNTRUSTED,
		    "%.120s has %llu bytes, the bulletin names %llu",
		    file->path, (unsigned long long)size,
		    (unsigned long long)file->bytes);
	chunk = malloc(CHUNK);
	if (chunk == NULL)
		return error_set_memory(err);
	do {
		rc = file_read_at(from_fd, chunk, CHUNK, at, &len, err);
		if (rc == 0)
			rc = release_pool_add(dir, file, at, chunk, len, err);
		at += len;
	} while (rc == 0 && len == CHUNK && at < file->bytes);
	free(chunk);
	return rc;
}

/* ---- what is not wanted ------------------------------------------------ */

struct sweep {
	int dir;
	const struct release *release;
};

static int
sweep_one(void *context, const char *name, struct error *err)
{
	const struct sweep *sweep = context;
	char text[DIGEST_TEXT_SIZE];
	struct digest digest;

	if (!text_copy_len(text, sizeof(text), name, strcspn(name, ".")) ||
	    !digest_parse(text, &digest))
		return 0;
	for (size_t i = 0; i < sweep->release->count; i++)
		if (digest_equal(&sweep->release->files[i].sha256, &digest))
			return 0;
	return file_remove(sweep->dir, name, err);
}

int
release_pool_sweep(int dir, const struct release *release, struct error *err)
{
	struct sweep sweep = { dir, release };

	return file_list(dir, sweep_one, &sweep, err);
}

/* ---- handing out ------------------------------------------------------- */

static int
read_piece(int dir, const char *name, uint64_t offset, struct bytes *to,
    struct error *err)
{
	size_t len = 0;
	uint8_t *room;
	int fd = -1;
	int rc = open_known(dir, name, FILE_READ, &fd, err);

	if (rc == 0)
		return error_set_id(err, "E7603", ERROR_NOT_FOUND,
		    "no file %.16s…", strrchr(name, '/') + 1);
	if (rc < 0)
		return -1;
	rc = -1;
	room = bytes_extend(to, RELEASE_PIECE_MAX);
	if (room == NULL)
		error_set_memory(err);
	else if (file_read_at(fd, room, RELEASE_PIECE_MAX, offset, &len, err) ==
	    0)
		rc = 0;
	to->len -= room == NULL ? 0 : RELEASE_PIECE_MAX - len;
	file_close(fd);
	return rc;
}

int
release_pool_read(const char *path, const struct digest *digest,
    uint64_t offset, struct bytes *to, struct error *err)
{
	char name[DIGEST_TEXT_SIZE], below[NAME_SIZE + sizeof(folder_name)];
	int dir = -1;
	int rc;

	digest_format(digest, name);
	snprintf(below, sizeof(below), "%s/%s", folder_name, name);
	if (offset > RELEASE_BYTES_MAX)
		return error_set_id(err, "E7603", ERROR_NOT_FOUND,
		    "no file is that long");
	if (file_open_dir(path, &dir, err) < 0)
		return -1;
	rc = read_piece(dir, below, offset, to, err);
	file_close(dir);
	return rc;
}
