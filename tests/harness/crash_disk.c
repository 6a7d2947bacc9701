#define _GNU_SOURCE
/* Both names of each call are defined here, and neither may be the other. */
#undef _FILE_OFFSET_BITS
#undef _FORTIFY_SOURCE

#include "harness/crash_disk.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { FDS_MAX = 1024, NAMES_MAX = 64, OPS_MAX = 1 << 19, PAGE = 4096 };

#define BYTES_MAX ((uint64_t)1 << 30)

/* What a descriptor is: a file, or the directory of that number. */
enum fd_kind { FD_OTHER, FD_FILE, FD_DIR };

struct fd {
	enum fd_kind kind;
	uint32_t number;
};

static struct {
	struct crash_history *history; /* NULL: nothing is recorded */
	char root[CRASH_PATH_SIZE];
	struct fd fds[FDS_MAX];
	/* The names as they are now. */
	struct {
		char name[CRASH_NAME_SIZE];
		uint32_t inode;
	} names[NAMES_MAX];
	size_t name_count;
	/* Directories by number; a name keeps its number when it goes. */
	char dirs[CRASH_DIRS_MAX][CRASH_NAME_SIZE];
	size_t dir_count;

	unsigned calls[CRASH_CALLS + 1];
	enum crash_call failing;
	unsigned fail_from;
	bool fails, fails_for_ever;
	int fail_number;
	unsigned failed;
} disk;

/* ---- histories -------------------------------------------------------- */

static void *
shared(size_t len)
{
	void *memory = mmap(NULL, len, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (memory == MAP_FAILED) {
		perror("mmap");
		abort();
	}
	return memory;
}

struct crash_history *
crash_history_new(void)
{
	struct crash_history *history = shared(sizeof(*history));

	history->ops = shared(OPS_MAX * sizeof(*history->ops));
	history->bytes = shared(BYTES_MAX);
	return history;
}

void
crash_history_free(struct crash_history *history)
{
	munmap(history->ops, OPS_MAX * sizeof(*history->ops));
	munmap(history->bytes, BYTES_MAX);
	munmap(history, sizeof(*history));
}

static struct crash_op *
add(enum crash_op_type type)
{
	struct crash_history *history = disk.history;
	struct crash_op *op;

	assert(history->count < OPS_MAX);
	op = &history->ops[history->count++];
	memset(op, 0, sizeof(*op));
	op->type = type;
	return op;
}

static bool
is_zero(const uint8_t *data, size_t len)
{
	return len == 0 ||
	    (data[0] == 0 && memcmp(data, data + 1, len - 1) == 0);
}

static void
set_data(struct crash_op *op, const void *data, size_t len)
{
	struct crash_history *history = disk.history;

	op->len = (uint32_t)len;
	if (is_zero(data, len))
		return;
	/* 0 stands for zeros, so nothing begins there. */
	history->used = history->used == 0 ? 1 : history->used;
	assert(history->used + len < BYTES_MAX);
	op->data = history->used;
	memcpy(history->bytes + op->data, data, len);
	history->used += len;
}

void
crash_disk_say(uint32_t kind, uint32_t number, const void *data, size_t len)
{
	struct crash_said said = { .kind = kind, .number = number };
	struct crash_op *op;

	if (disk.history == NULL)
		return;
	assert(len <= sizeof(said.data));
	if (len > 0)
		memcpy(said.data, data, len);
	op = add(CRASH_SAID);
	set_data(op, &said, sizeof(said));
}

/* ---- names ------------------------------------------------------------ */

/* The number of a directory by its path below the root. */
static uint32_t
dir_number(const char *path)
{
	size_t i = 0;

	while (i < disk.dir_count && strcmp(disk.dirs[i], path) != 0)
		i++;
	if (i == disk.dir_count) {
		assert(disk.dir_count < CRASH_DIRS_MAX);
		snprintf(disk.dirs[disk.dir_count++], CRASH_NAME_SIZE, "%s",
		    path);
	}
	return (uint32_t)i;
}

/* Of the directory that has this name. */
static uint32_t
dir_of(const char *name)
{
	const char *slash = strrchr(name, '/');
	char path[CRASH_NAME_SIZE];

	snprintf(path, sizeof(path), "%.*s",
	    slash == NULL ? 0 : (int)(slash - name), name);
	return dir_number(path);
}

static uint32_t *
find_name(const char *name)
{
	for (size_t i = 0; i < disk.name_count; i++)
		if (strcmp(disk.names[i].name, name) == 0)
			return &disk.names[i].inode;
	return NULL;
}

static void
set_name(const char *name, uint32_t inode)
{
	uint32_t *known = find_name(name);

	if (known != NULL) {
		*known = inode;
		return;
	}
	assert(disk.name_count < NAMES_MAX);
	snprintf(disk.names[disk.name_count].name, CRASH_NAME_SIZE, "%s", name);
	disk.names[disk.name_count++].inode = inode;
}

static void
drop_name(const char *name)
{
	for (size_t i = 0; i < disk.name_count; i++)
		if (strcmp(disk.names[i].name, name) == 0) {
			disk.names[i] = disk.names[--disk.name_count];
			return;
		}
}

/*
 * The name below the root, "" for the root itself; false for another place.
 * The index beside the log is in memory in effect, and made anew.
 */
static bool
resolve(int dir, const char *path, char name[CRASH_NAME_SIZE])
{
	size_t len = strlen(disk.root);

	if (disk.history == NULL)
		return false;
	if (path[0] != '/') {
		const char *below;

		if (dir < 0 || dir >= FDS_MAX || disk.fds[dir].kind != FD_DIR)
			return false;
		below = disk.dirs[disk.fds[dir].number];
		snprintf(name, CRASH_NAME_SIZE, "%s%s%s", below,
		    below[0] == '\0' ? "" : "/", path);
	} else {
		if (strncmp(path, disk.root, len) != 0 ||
		    (path[len] != '/' && path[len] != '\0'))
			return false;
		snprintf(name, CRASH_NAME_SIZE, "%s",
		    path[len] == '\0' ? "" : path + len + 1);
	}
	len = strlen(name);
	if (len > 0 && name[len - 1] == '/')
		name[--len] = '\0';
	/* A directory names itself so. */
	if (strcmp(name, ".") == 0)
		name[0] = '\0';
	else if (len > 2 && strcmp(name + len - 2, "/.") == 0)
		name[len - 2] = '\0';
	len = strlen(name);
	return len < 4 || strcmp(name + len - 4, "-shm") != 0;
}

static struct fd
fd_of(int fd)
{
	if (disk.history == NULL || fd < 0 || fd >= FDS_MAX)
		return (struct fd){ FD_OTHER, 0 };
	return disk.fds[fd];
}

/* ---- faults ------------------------------------------------------------ */

void
crash_disk_fail(enum crash_call call, unsigned nth, bool for_ever, int number)
{
	disk.failing = call;
	disk.fail_from = disk.calls[call] + nth;
	disk.fails = true;
	disk.fails_for_ever = for_ever;
	disk.fail_number = number;
	disk.failed = 0;
}

unsigned
crash_disk_calls(enum crash_call call)
{
	return disk.calls[call];
}

unsigned
crash_disk_failed(void)
{
	return disk.failed;
}

/* The number to fail this call with, 0 for none. */
static int
fault_of(enum crash_call call)
{
	unsigned at = disk.calls[call]++;
	unsigned any = disk.calls[CRASH_CALL_ANY]++;

	if (!disk.fails)
		return 0;
	if (disk.failing == CRASH_CALL_ANY)
		at = any;
	else if (disk.failing != call)
		return 0;
	if (at < disk.fail_from ||
	    (at > disk.fail_from && !disk.fails_for_ever))
		return 0;
	disk.failed++;
	/* Only writing can be short. */
	return disk.fail_number == CRASH_SHORT && call != CRASH_CALL_WRITE
	    ? 0
	    : disk.fail_number;
}

static bool
fails(enum crash_call call)
{
	int number = fault_of(call);

	if (number != 0)
		errno = number;
	return number != 0;
}

/* ---- the calls ----------------------------------------------------------- */

static bool
is_dir(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISDIR(st.st_mode);
}

static int
note_open(int fd, const char *name, int flags, bool was_there)
{
	struct crash_op *op;
	uint32_t *known;

	if (fd < 0 || fd >= FDS_MAX)
		return fd;
	if (is_dir(fd)) {
		disk.fds[fd] = (struct fd){ FD_DIR, dir_number(name) };
		return fd;
	}
	known = find_name(name);
	if (!was_there || known == NULL) {
		op = add(CRASH_CREATE);
		op->inode = disk.history->inodes++;
		op->dir = dir_of(name);
		snprintf(op->name, sizeof(op->name), "%s", name);
		set_name(name, op->inode);
		disk.fds[fd] = (struct fd){ FD_FILE, op->inode };
		return fd;
	}
	if ((flags & O_TRUNC) != 0) {
		op = add(CRASH_RESIZE);
		op->inode = *known;
	}
	disk.fds[fd] = (struct fd){ FD_FILE, *known };
	return fd;
}

static int
do_open(int dir, const char *path, int flags, mode_t mode)
{
	char name[CRASH_NAME_SIZE];
	bool was_there;
	int fd;

	if (!resolve(dir, path, name)) {
		fd = (int)syscall(SYS_openat, dir, path, flags, mode);
		/* A stream may have closed it behind our back. */
		if (fd >= 0 && fd < FDS_MAX)
			disk.fds[fd].kind = FD_OTHER;
		return fd;
	}
	if (fails(CRASH_CALL_OPEN))
		return -1;
	was_there = syscall(SYS_faccessat, dir, path, F_OK) == 0;
	fd = (int)syscall(SYS_openat, dir, path, flags, mode);
	return note_open(fd, name, flags, was_there);
}

#define MODE_OF(flags)                                \
	mode_t mode = 0;                              \
	if (((flags) & (O_CREAT | O_TMPFILE)) != 0) { \
		va_list list;                         \
		va_start(list, flags);                \
		mode = va_arg(list, mode_t);          \
		va_end(list);                         \
	}

int
open(const char *path, int flags, ...)
{
	MODE_OF(flags)
	return do_open(AT_FDCWD, path, flags, mode);
}

int
open64(const char *path, int flags, ...)
{
	MODE_OF(flags)
	return do_open(AT_FDCWD, path, flags, mode);
}

int
openat(int dir, const char *path, int flags, ...)
{
	MODE_OF(flags)
	return do_open(dir, path, flags, mode);
}

int
openat64(int dir, const char *path, int flags, ...)
{
	MODE_OF(flags)
	return do_open(dir, path, flags, mode);
}

int
close(int fd)
{
	if (fd >= 0 && fd < FDS_MAX)
		disk.fds[fd].kind = FD_OTHER;
	return (int)syscall(SYS_close, fd);
}

static ssize_t
do_write(int fd, const void *data, size_t len, off_t at)
{
	struct fd file = fd_of(fd);
	struct crash_op *op;
	ssize_t done;
	int fault;

	if (file.kind != FD_FILE)
		return syscall(SYS_pwrite64, fd, data, len, at);
	fault = fault_of(CRASH_CALL_WRITE);
	if (fault == CRASH_SHORT)
		len = len > 1 ? len / 2 : len;
	else if (fault != 0) {
		errno = fault;
		return -1;
	}
	done = syscall(SYS_pwrite64, fd, data, len, at);
	if (done > 0) {
		op = add(CRASH_WRITE);
		op->inode = file.number;
		op->at = (uint64_t)at;
		set_data(op, data, (size_t)done);
	}
	return done;
}

ssize_t
pwrite(int fd, const void *data, size_t len, off_t at)
{
	return do_write(fd, data, len, at);
}

ssize_t
pwrite64(int fd, const void *data, size_t len, off64_t at)
{
	return do_write(fd, data, len, at);
}

ssize_t
write(int fd, const void *data, size_t len)
{
	ssize_t done;
	off_t at;

	if (fd_of(fd).kind != FD_FILE)
		return syscall(SYS_write, fd, data, len);
	at = lseek(fd, 0, SEEK_CUR);
	done = do_write(fd, data, len, at);
	if (done > 0)
		lseek(fd, at + done, SEEK_SET);
	return done;
}

static ssize_t
do_read(int fd, void *data, size_t len, off_t at)
{
	int fault;

	if (fd_of(fd).kind != FD_FILE)
		return syscall(SYS_pread64, fd, data, len, at);
	fault = fault_of(CRASH_CALL_READ);
	if (fault > 0) {
		errno = fault;
		return -1;
	}
	return syscall(SYS_pread64, fd, data, len, at);
}

ssize_t
pread(int fd, void *data, size_t len, off_t at)
{
	return do_read(fd, data, len, at);
}

ssize_t
pread64(int fd, void *data, size_t len, off64_t at)
{
	return do_read(fd, data, len, at);
}

static int
note_resize(int fd, uint64_t len)
{
	struct crash_op *op = add(CRASH_RESIZE);

	op->inode = fd_of(fd).number;
	op->at = len;
	return 0;
}

static int
do_truncate(int fd, off_t len)
{
	if (fd_of(fd).kind != FD_FILE)
		return (int)syscall(SYS_ftruncate, fd, len);
	if (fails(CRASH_CALL_RESIZE) || syscall(SYS_ftruncate, fd, len) < 0)
		return -1;
	return note_resize(fd, (uint64_t)len);
}

int
ftruncate(int fd, off_t len)
{
	return do_truncate(fd, len);
}

int
ftruncate64(int fd, off64_t len)
{
	return do_truncate(fd, len);
}

static int
do_reserve(int fd, off_t at, off_t len)
{
	int fault;

	if (fd_of(fd).kind != FD_FILE)
		return syscall(SYS_fallocate, fd, 0, at, len) < 0 ? errno : 0;
	fault = fault_of(CRASH_CALL_RESIZE);
	if (fault != 0)
		return fault;
	if (syscall(SYS_fallocate, fd, 0, at, len) < 0)
		return errno;
	return note_resize(fd, (uint64_t)(at + len));
}

int
posix_fallocate(int fd, off_t at, off_t len)
{
	return do_reserve(fd, at, len);
}

int
posix_fallocate64(int fd, off64_t at, off64_t len)
{
	return do_reserve(fd, at, len);
}

static int
do_sync(int fd, long number)
{
	struct fd file = fd_of(fd);
	struct crash_op *op;

	if (file.kind == FD_OTHER)
		return (int)syscall(number, fd);
	if (fails(CRASH_CALL_SYNC)) {
		/* The kernel forgets such pages: a later success means nothing. */
		if (file.kind == FD_FILE)
			add(CRASH_SYNC_FAILED)->inode = file.number;
		return -1;
	}
	op = add(file.kind == FD_DIR ? CRASH_SYNC_DIR : CRASH_SYNC);
	if (file.kind == FD_DIR)
		op->dir = file.number;
	else
		op->inode = file.number;
	return 0;
}

int
fsync(int fd)
{
	return do_sync(fd, SYS_fsync);
}

int
fdatasync(int fd)
{
	return do_sync(fd, SYS_fdatasync);
}

static int
do_unlink(int dir, const char *path, int flags)
{
	char name[CRASH_NAME_SIZE];
	struct crash_op *op;

	if (!resolve(dir, path, name))
		return (int)syscall(SYS_unlinkat, dir, path, flags);
	if (fails(CRASH_CALL_NAME) ||
	    syscall(SYS_unlinkat, dir, path, flags) < 0)
		return -1;
	op = add((flags & AT_REMOVEDIR) != 0 ? CRASH_RMDIR : CRASH_UNLINK);
	op->dir = dir_of(name);
	snprintf(op->name, sizeof(op->name), "%s", name);
	drop_name(name);
	return 0;
}

int
unlink(const char *path)
{
	return do_unlink(AT_FDCWD, path, 0);
}

int
unlinkat(int dir, const char *path, int flags)
{
	return do_unlink(dir, path, flags);
}

int
renameat(int from_dir, const char *from, int to_dir, const char *to)
{
	char name[CRASH_NAME_SIZE], other[CRASH_NAME_SIZE];
	struct crash_op *op;
	uint32_t *known;

	if (!resolve(from_dir, from, name) || !resolve(to_dir, to, other))
		return (int)syscall(SYS_renameat, from_dir, from, to_dir, to);
	if (fails(CRASH_CALL_NAME) ||
	    syscall(SYS_renameat, from_dir, from, to_dir, to) < 0)
		return -1;
	known = find_name(name);
	assert(known != NULL && dir_of(name) == dir_of(other));
	op = add(CRASH_RENAME);
	op->dir = dir_of(name);
	op->inode = *known;
	snprintf(op->name, sizeof(op->name), "%s", name);
	snprintf(op->to, sizeof(op->to), "%s", other);
	set_name(other, op->inode);
	drop_name(name);
	return 0;
}

int
rename(const char *from, const char *to)
{
	return renameat(AT_FDCWD, from, AT_FDCWD, to);
}

int
mkdirat(int dir, const char *path, mode_t mode)
{
	char name[CRASH_NAME_SIZE];
	struct crash_op *op;

	if (!resolve(dir, path, name))
		return (int)syscall(SYS_mkdirat, dir, path, mode);
	if (fails(CRASH_CALL_NAME) || syscall(SYS_mkdirat, dir, path, mode) < 0)
		return -1;
	op = add(CRASH_MKDIR);
	op->dir = dir_of(name);
	snprintf(op->name, sizeof(op->name), "%s", name);
	return 0;
}

/* A link is there whole or not at all. */
static void
note_symlink(const char *name, const char *target)
{
	struct crash_op *op = add(CRASH_SYMLINK);

	op->inode = disk.history->inodes++;
	op->dir = dir_of(name);
	snprintf(op->name, sizeof(op->name), "%s", name);
	set_data(op, target, strlen(target) + 1);
	set_name(name, op->inode);
}

int
symlinkat(const char *target, int dir, const char *path)
{
	char name[CRASH_NAME_SIZE];

	if (!resolve(dir, path, name))
		return (int)syscall(SYS_symlinkat, target, dir, path);
	if (fails(CRASH_CALL_NAME) ||
	    syscall(SYS_symlinkat, target, dir, path) < 0)
		return -1;
	note_symlink(name, target);
	return 0;
}

/* ---- beginning ------------------------------------------------------------ */

/* What is there already becomes the first part of the history. */
static void
take_file(const char *name)
{
	static uint8_t page[PAGE];
	char path[CRASH_PATH_SIZE + CRASH_NAME_SIZE];
	struct crash_op *op;
	struct stat st;
	uint32_t inode;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", disk.root, name);
	fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY);
	assert(fd >= 0 && fstat(fd, &st) == 0);
	inode = disk.history->inodes++;
	op = add(CRASH_CREATE);
	op->inode = inode;
	op->dir = dir_of(name);
	snprintf(op->name, sizeof(op->name), "%s", name);
	set_name(name, inode);
	op = add(CRASH_RESIZE);
	op->inode = inode;
	op->at = (uint64_t)st.st_size;
	for (off_t at = 0; at < st.st_size; at += PAGE) {
		ssize_t len = syscall(SYS_pread64, fd, page, PAGE, at);

		assert(len > 0);
		if (is_zero(page, (size_t)len))
			continue;
		op = add(CRASH_WRITE);
		op->inode = inode;
		op->at = (uint64_t)at;
		set_data(op, page, (size_t)len);
	}
	add(CRASH_SYNC)->inode = inode;
	syscall(SYS_close, fd);
}

static void
take_link(const char *name)
{
	char path[CRASH_PATH_SIZE + CRASH_NAME_SIZE];
	char target[CRASH_NAME_SIZE] = "";

	snprintf(path, sizeof(path), "%s/%s", disk.root, name);
	assert(readlink(path, target, sizeof(target) - 1) > 0);
	note_symlink(name, target);
}

static void take_dir(const char *below);

static void
take_name(const char *name)
{
	char path[CRASH_PATH_SIZE + CRASH_NAME_SIZE];
	struct crash_op *op;
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", disk.root, name);
	assert(lstat(path, &st) == 0);
	if (S_ISLNK(st.st_mode)) {
		take_link(name);
	} else if (S_ISDIR(st.st_mode)) {
		op = add(CRASH_MKDIR);
		op->dir = dir_of(name);
		snprintf(op->name, CRASH_NAME_SIZE, "%s", name);
		take_dir(name);
	} else {
		take_file(name);
	}
}

static void
take_dir(const char *below)
{
	char path[CRASH_PATH_SIZE + CRASH_NAME_SIZE];
	size_t place = below[0] == '\0' ? 0 : strlen(below) + 1;
	struct dirent *entry;
	DIR *list;

	snprintf(path, sizeof(path), "%s/%s", disk.root, below);
	list = opendir(path);
	assert(list != NULL);
	while ((entry = readdir(list)) != NULL) {
		char name[CRASH_NAME_SIZE];
		size_t len = strlen(entry->d_name);

		if (entry->d_name[0] == '.' ||
		    (len > 4 && strcmp(entry->d_name + len - 4, "-shm") == 0))
			continue;
		assert(place + len < sizeof(name));
		memcpy(name, below, place);
		if (place > 0)
			name[place - 1] = '/';
		memcpy(name + place, entry->d_name, len + 1);
		take_name(name);
	}
	closedir(list);
	add(CRASH_SYNC_DIR)->dir = dir_number(below);
}

void
crash_disk_begin(struct crash_history *history, const char *root)
{
	memset(&disk, 0, sizeof(disk));
	snprintf(disk.root, sizeof(disk.root), "%s", root);
	history->count = history->first = 0;
	history->used = 0;
	history->inodes = 0;
	disk.history = history;
	(void)dir_number("");
	take_dir("");
	history->first = history->count;
}

void
crash_disk_end(void)
{
	disk.history = NULL;
}
