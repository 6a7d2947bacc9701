#include "role/keeper/keeper_file.h"

#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"

enum { FORBIDDEN_BITS = S_IWGRP | S_IRWXO };

static int
check_file(int fd, size_t max, size_t *ret_len, struct error *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return error_set_errno(err, "reading");
	if (!S_ISREG(st.st_mode) || st.st_size < 0 || (size_t)st.st_size > max)
		return error_set_id(err, "E3303", ERROR_MALFORMED,
		    "not a file of at most %zu bytes", max);
	if ((st.st_mode & FORBIDDEN_BITS) != 0)
		return error_set_id(err, "E3304", ERROR_DENIED,
		    "mode %04o lets others at the key",
		    (unsigned)(st.st_mode & 07777));
	*ret_len = (size_t)st.st_size;
	return 0;
}

int
keeper_file_read(const char *path, size_t max, struct bytes *to,
    struct error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	size_t len = 0;
	uint8_t *room;
	int rc = -1;

	if (fd < 0)
		return error_set_errno(err, "%s", path);
	if (check_file(fd, max, &len, err) < 0) {
		error_prefix(err, "%s", path);
		goto done;
	}
	room = bytes_extend(to, len);
	if (bytes_failed(to, err) < 0)
		goto done;
	for (size_t at = 0; at < len;) {
		ssize_t count = pread(fd, room + at, len - at, (off_t)at);

		if (count < 0) {
			error_set_errno(err, "%s", path);
			goto done;
		}
		if (count == 0) {
			error_set_id(err, "E3303", ERROR_MALFORMED,
			    "%s became shorter", path);
			goto done;
		}
		at += (size_t)count;
	}
	rc = 0;
done:
	close(fd);
	return rc;
}

/* A new name is durable only when its folder is. */
int
keeper_file_sync_folder(const char *path, struct error *err)
{
	char *copy = text_dup(path);
	int rc = -1;
	int fd;

	if (copy == NULL)
		return error_set_memory(err);
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fsync(fd) < 0)
		error_set_errno(err, "syncing the folder of %s", path);
	else
		rc = 0;
	if (fd >= 0)
		close(fd);
	free(copy);
	return rc;
}

int
keeper_file_create(const char *path, const void *data, size_t len,
    struct error *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	int rc = -1;

	if (fd < 0)
		return error_set_errno(err, "making %s", path);
	if (write(fd, data, len) != (ssize_t)len || fsync(fd) < 0)
		error_set_errno(err, "writing %s", path);
	else
		rc = keeper_file_sync_folder(path, err);
	close(fd);
	if (rc < 0)
		unlink(path);
	return rc;
}
