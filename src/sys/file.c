#define _GNU_SOURCE

#include "sys/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/error.h"

enum { NEW_FILE_MODE = 0600, NEW_DIR_MODE = 0700, NAME_SIZE = 256 };

int
file_open_dir(const char *path, int *ret_dir, struct error *err)
{
	return file_open_dir_at(AT_FDCWD, path, ret_dir, err);
}

int
file_open_dir_at(int dir, const char *name, int *ret_dir, struct error *err)
{
	int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return error_set_errno(err, "opening directory %s", name);
	*ret_dir = fd;
	return 0;
}

int
file_make_dir(int dir, const char *name, struct error *err)
{
	if (mkdirat(dir, name, NEW_DIR_MODE) < 0) {
		if (errno == EEXIST)
			return 0;
		return error_set_errno(err, "making directory %s", name);
	}
	return file_sync(dir, err);
}

static int
flags_of(enum file_mode mode)
{
	switch (mode) {
	case FILE_READ:
		return O_RDONLY;
	case FILE_WRITE:
		return O_RDWR;
	case FILE_CREATE:
		return O_RDWR | O_CREAT | O_EXCL;
	case FILE_APPEND:
		return O_WRONLY | O_CREAT | O_APPEND;
	}
	return O_RDONLY;
}

int
file_open(int dir, const char *name, enum file_mode mode, int *ret_fd,
    struct error *err)
{
	int fd = openat(dir, name, flags_of(mode) | O_CLOEXEC | O_NOFOLLOW,
	    NEW_FILE_MODE);

	if (fd < 0)
		return error_set_errno(err, "opening %s", name);
	*ret_fd = fd;
	return 0;
}

int
file_open_direct(int dir, const char *name, enum file_mode mode, int *ret_fd,
    struct error *err)
{
	int fd = openat(dir, name,
	    flags_of(mode) | O_DIRECT | O_CLOEXEC | O_NOFOLLOW, NEW_FILE_MODE);

	if (fd < 0 && (errno == EINVAL || errno == EOPNOTSUPP))
		return error_set(err, ERROR_DENIED,
		    "%s: no direct writes on this file system", name);
	if (fd < 0)
		return error_set_errno(err, "opening %s", name);
	*ret_fd = fd;
	return 0;
}

void
file_close(int fd)
{
	if (fd >= 0)
		close(fd);
}

int
file_read_at(int fd, void *data, size_t len, uint64_t offset, size_t *ret_len,
    struct error *err)
{
	uint8_t *to = data;
	size_t done = 0;

	while (done < len) {
		ssize_t n =
		    pread(fd, to + done, len - done, (off_t)(offset + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_set_errno(err, "reading");
		if (n == 0)
			break;
		done += (size_t)n;
	}
	*ret_len = done;
	return 0;
}

int
file_write_at(int fd, const void *data, size_t len, uint64_t offset,
    struct error *err)
{
	const uint8_t *from = data;
	size_t done = 0;

	while (done < len) {
		ssize_t n =
		    pwrite(fd, from + done, len - done, (off_t)(offset + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_set_errno(err, "writing");
		if (n == 0)
			return error_set(err, ERROR_SYSTEM,
			    "writing: no progress");
		done += (size_t)n;
	}
	return 0;
}

int
file_sync(int fd, struct error *err)
{
	if (fsync(fd) < 0)
		return error_set_errno(err, "fsync");
	return 0;
}

int
file_sync_data(int fd, struct error *err)
{
	if (fdatasync(fd) < 0)
		return error_set_errno(err, "fdatasync");
	return 0;
}

int
file_allocate(int fd, uint64_t len, struct error *err)
{
	int number;

	/* Returns the error instead of setting errno. */
	do {
		number = posix_fallocate(fd, 0, (off_t)len);
	} while (number == EINTR);
	if (number != 0) {
		errno = number;
		return error_set_errno(err, "reserving %llu bytes",
		    (unsigned long long)len);
	}
	return 0;
}

int
file_size(int fd, uint64_t *ret_len, struct error *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return error_set_errno(err, "fstat");
	*ret_len = (uint64_t)st.st_size;
	return 0;
}

int
file_rename(int from_dir, const char *from, int to_dir, const char *to,
    struct error *err)
{
	if (renameat(from_dir, from, to_dir, to) < 0)
		return error_set_errno(err, "renaming %s to %s", from, to);
	if (file_sync(to_dir, err) < 0)
		return -1;
	return from_dir == to_dir ? 0 : file_sync(from_dir, err);
}

int
file_remove(int dir, const char *name, struct error *err)
{
	if (unlinkat(dir, name, 0) < 0) {
		if (errno == ENOENT)
			return 0;
		return error_set_errno(err, "removing %s", name);
	}
	return file_sync(dir, err);
}

int
file_replace(int dir, const char *name, const void *data, size_t len,
    struct error *err)
{
	char draft[NAME_SIZE];
	int fd = -1;
	int rc = -1;

	if (snprintf(draft, sizeof(draft), "%s.tmp", name) >=
	    (int)sizeof(draft))
		return error_set(err, ERROR_MALFORMED, "name too long: %s",
		    name);
	if (file_remove(dir, draft, err) < 0)
		goto done;
	if (file_open(dir, draft, FILE_CREATE, &fd, err) < 0)
		goto done;
	if (file_write_at(fd, data, len, 0, err) < 0)
		goto done;
	if (file_sync(fd, err) < 0)
		goto done;
	rc = file_rename(dir, draft, dir, name, err);
done:
	file_close(fd);
	if (rc < 0)
		unlinkat(dir, draft, 0);
	return rc;
}

int
file_read_all(int dir, const char *name, size_t max, struct bytes *to,
    struct error *err)
{
	size_t start = to->len, got = 0;
	uint64_t len = 0;
	uint8_t *data;
	int fd = -1;
	int rc = -1;

	if (file_open(dir, name, FILE_READ, &fd, err) < 0)
		return -1;
	if (file_size(fd, &len, err) < 0)
		goto done;
	if (len > max) {
		error_set(err, ERROR_MALFORMED, "larger than %zu bytes", max);
		goto done;
	}
	data = bytes_extend(to, (size_t)len);
	if (data == NULL) {
		error_set_memory(err);
		goto done;
	}
	if (file_read_at(fd, data, (size_t)len, 0, &got, err) < 0)
		goto done;
	to->len = start + got;
	rc = 0;
done:
	file_close(fd);
	if (rc < 0) {
		to->len = to->len > start ? start : to->len;
		error_prefix(err, "%s", name);
	}
	return rc;
}

int
file_list(int dir, file_visit_fn visit, void *context, struct error *err)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct dirent *entry;
	DIR *list = NULL;
	int rc = -1;

	if (fd < 0 || (list = fdopendir(fd)) == NULL) {
		error_set_errno(err, "listing a directory");
		file_close(fd);
		return -1;
	}
	for (;;) {
		errno = 0;
		entry = readdir(list);
		if (entry == NULL)
			break;
		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0)
			continue;
		if (visit(context, entry->d_name, err) < 0)
			goto done;
	}
	rc = errno == 0 ? 0 : error_set_errno(err, "listing a directory");
done:
	closedir(list);
	return rc;
}

int
file_lock(int fd, struct error *err)
{
	/* Of the descriptor, not the process: no other close() drops it. */
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	if (fcntl(fd, F_OFD_SETLK, &lock) < 0) {
		if (errno == EAGAIN || errno == EACCES)
			return error_set(err, ERROR_BUSY,
			    "another process holds the lock");
		return error_set_errno(err, "locking");
	}
	return 0;
}

static enum file_system
kind_of_magic(unsigned long magic)
{
	switch (magic & 0xffffffff) {
	case TMPFS_MAGIC:
	case RAMFS_MAGIC:
		return FILE_SYSTEM_MEMORY;
	case OVERLAYFS_SUPER_MAGIC:
		return FILE_SYSTEM_OVERLAY;
	case NFS_SUPER_MAGIC:
	case SMB_SUPER_MAGIC:
	case AFS_SUPER_MAGIC:
	case CODA_SUPER_MAGIC:
	case CIFS_SUPER_MAGIC:
	case SMB2_SUPER_MAGIC:
	case CEPH_SUPER_MAGIC:
	case FUSE_SUPER_MAGIC:
	case V9FS_MAGIC:
		return FILE_SYSTEM_NETWORK;
	default:
		return FILE_SYSTEM_LOCAL;
	}
}

int
file_system_of(int fd, enum file_system *ret_kind, uint64_t *ret_free,
    struct error *err)
{
	struct statfs fs;

	if (fstatfs(fd, &fs) < 0)
		return error_set_errno(err, "fstatfs");
	*ret_kind = kind_of_magic((unsigned long)fs.f_type);
	*ret_free = (uint64_t)fs.f_bavail * (uint64_t)fs.f_bsize;
	return 0;
}

const char *
file_system_name(enum file_system kind)
{
	static const char *const names[] = {
		[FILE_SYSTEM_LOCAL] = "local",
		[FILE_SYSTEM_MEMORY] = "memory",
		[FILE_SYSTEM_OVERLAY] = "overlay",
		[FILE_SYSTEM_NETWORK] = "network",
	};

	return names[kind];
}
