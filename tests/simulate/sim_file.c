/*
 * Stands in for sys/file.c: files of sim_disk.h.  Descriptors are numbers of a
 * table, far from those of the system.
 */
#include "simulate/sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/error.h"
#include "simulate/sim_disk.h"
#include "sys/file.h"

enum { FD_FIRST = 1 << 20, HANDLES = 1 << 14 };

struct handle {
	bool is_open;
	bool is_dir;
	bool has_lock;
	const struct sim_host *host;
	struct sim_file *file;
	char path[SIM_PATH_SIZE];
};

static struct handle *handles;
static int next_handle;

static struct handle *
handle_of(int fd)
{
	if (handles == NULL || fd < FD_FIRST || fd >= FD_FIRST + HANDLES ||
	    !handles[fd - FD_FIRST].is_open)
		abort();
	return &handles[fd - FD_FIRST];
}

static struct handle *
open_handle(const char *path, int *ret_fd)
{
	if (handles == NULL)
		handles = calloc(HANDLES, sizeof(*handles));
	if (handles == NULL)
		abort();
	for (int i = 0; i < HANDLES; i++) {
		int at = (next_handle + i) % HANDLES;

		if (handles[at].is_open)
			continue;
		next_handle = at + 1;
		memset(&handles[at], 0, sizeof(handles[at]));
		handles[at].is_open = true;
		handles[at].host = sim_host_of(sim.role);
		snprintf(handles[at].path, sizeof(handles[at].path), "%s",
		    path);
		*ret_fd = FD_FIRST + at;
		return &handles[at];
	}
	abort();
}

static void
join(int dir, const char *name, char path[SIM_PATH_SIZE])
{
	const char *folder = handle_of(dir)->path;
	size_t len = strlen(folder);

	/* One way to write it: SQLite's files are found by their paths. */
	while (len > 1 && folder[len - 1] == '/')
		len--;
	if (snprintf(path, SIM_PATH_SIZE, "%.*s/%s", (int)len, folder, name) >=
	    SIM_PATH_SIZE)
		abort();
}

void
sim_file_forget(const struct sim_host *host)
{
	for (int i = 0; handles != NULL && i < HANDLES; i++)
		if (handles[i].is_open && handles[i].host == host)
			handles[i].is_open = false;
}

static int
check(enum sim_disk_result result, const char *what, struct error *err)
{
	if (result == SIM_DISK_OK)
		return 0;
	if (result == SIM_DISK_FULL)
		return error_set(err, ERROR_BUSY, "%s: no space left on device",
		    what);
	return error_set(err, ERROR_SYSTEM, "%s: input/output error", what);
}

int
file_open_dir(const char *path, int *ret_dir, struct error *err)
{
	(void)err;
	open_handle(path, ret_dir)->is_dir = true;
	return 0;
}

int
file_open_dir_at(int dir, const char *name, int *ret_dir, struct error *err)
{
	char path[SIM_PATH_SIZE];

	join(dir, name, path);
	return file_open_dir(path, ret_dir, err);
}

int
file_make_dir(int dir, const char *name, struct error *err)
{
	(void)dir;
	(void)name;
	(void)err;
	return 0;
}

int
file_open(int dir, const char *name, enum file_mode mode, int *ret_fd,
    struct error *err)
{
	char path[SIM_PATH_SIZE];
	struct sim_file *file;

	join(dir, name, path);
	file = sim_disk_find(path);
	if (file != NULL && mode == FILE_CREATE)
		return error_set(err, ERROR_EXISTS, "opening %s", name);
	if (file == NULL && mode != FILE_CREATE && mode != FILE_APPEND)
		return error_set(err, ERROR_NOT_FOUND, "opening %s", name);
	if (file == NULL)
		file = sim_disk_create(path);
	open_handle(path, ret_fd)->file = file;
	return 0;
}

int
file_open_direct(int dir, const char *name, enum file_mode mode, int *ret_fd,
    struct error *err)
{
	return file_open(dir, name, mode, ret_fd, err);
}

void
file_close(int fd)
{
	if (fd >= FD_FIRST)
		handle_of(fd)->is_open = false;
	else if (fd >= 0)
		close(fd);
}

int
file_read_at(int fd, void *data, size_t len, uint64_t offset, size_t *ret_len,
    struct error *err)
{
	(void)err;
	*ret_len = sim_disk_read(handle_of(fd)->file, data, len, offset);
	return 0;
}

int
file_write_at(int fd, const void *data, size_t len, uint64_t offset,
    struct error *err)
{
	/* A scratch file in memory (sys/scratch_file.c) is the system's. */
	if (fd < FD_FIRST)
		return pwrite(fd, data, len, (off_t)offset) == (ssize_t)len
		    ? 0
		    : error_set_errno(err, "writing");
	return check(sim_disk_write(handle_of(fd)->file, data, len, offset),
	    "writing", err);
}

int
file_sync(int fd, struct error *err)
{
	struct handle *handle = handle_of(fd);

	if (handle->is_dir)
		return 0;
	return check(sim_disk_sync(handle->file), "fsync", err);
}

int
file_sync_data(int fd, struct error *err)
{
	return file_sync(fd, err);
}

int
file_allocate(int fd, uint64_t len, struct error *err)
{
	struct sim_file *file = handle_of(fd)->file;

	if (len <= sim_disk_size(file))
		return 0;
	return check(sim_disk_resize(file, len), "reserving", err);
}

int
file_size(int fd, uint64_t *ret_len, struct error *err)
{
	(void)err;
	*ret_len = sim_disk_size(handle_of(fd)->file);
	return 0;
}

int
file_rename(int from_dir, const char *from, int to_dir, const char *to,
    struct error *err)
{
	char source[SIM_PATH_SIZE];
	char target[SIM_PATH_SIZE];

	join(from_dir, from, source);
	join(to_dir, to, target);
	if (!sim_disk_rename(source, target))
		return error_set(err, ERROR_NOT_FOUND, "renaming %s", from);
	return 0;
}

int
file_remove(int dir, const char *name, struct error *err)
{
	char path[SIM_PATH_SIZE];

	(void)err;
	join(dir, name, path);
	sim_disk_remove(path);
	return 0;
}

int
file_replace(int dir, const char *name, const void *data, size_t len,
    struct error *err)
{
	char temporary[SIM_PATH_SIZE];
	int fd = -1;
	int rc = -1;

	snprintf(temporary, sizeof(temporary), "%s.tmp", name);
	if (file_remove(dir, temporary, err) < 0 ||
	    file_open(dir, temporary, FILE_CREATE, &fd, err) < 0)
		return -1;
	if (file_write_at(fd, data, len, 0, err) == 0 &&
	    file_sync(fd, err) == 0)
		rc = file_rename(dir, temporary, dir, name, err);
	file_close(fd);
	return rc;
}

int
file_read_all(int dir, const char *name, size_t max, struct bytes *to,
    struct error *err)
{
	uint64_t len = 0;
	size_t got = 0;
	int fd = -1;
	int rc = -1;

	if (file_open(dir, name, FILE_READ, &fd, err) < 0)
		return -1;
	if (file_size(fd, &len, err) == 0 && len > max) {
		error_set(err, ERROR_MALFORMED, "larger than %zu bytes", max);
	} else {
		uint8_t *room = bytes_extend(to, (size_t)len);

		if (bytes_failed(to, err) == 0)
			rc = file_read_at(fd, room, (size_t)len, 0, &got, err);
	}
	file_close(fd);
	return rc;
}

struct listing {
	file_visit_fn visit;
	void *context;
	struct error *err;
};

static int
visit_name(void *ctx, const char *name)
{
	struct listing *listing = ctx;

	return listing->visit(listing->context, name, listing->err);
}

int
file_list(int dir, file_visit_fn visit, void *context, struct error *err)
{
	struct listing listing = { visit, context, err };

	return sim_disk_list(handle_of(dir)->path, visit_name, &listing);
}

int
file_lock(int fd, struct error *err)
{
	struct handle *handle = handle_of(fd);

	for (int i = 0; i < HANDLES; i++)
		if (handles[i].is_open && handles[i].has_lock &&
		    strcmp(handles[i].path, handle->path) == 0)
			return error_set(err, ERROR_BUSY,
			    "locked by another process");
	handle->has_lock = true;
	return 0;
}

int
file_system_of(int fd, enum file_system *ret_kind, uint64_t *ret_free,
    struct error *err)
{
	(void)fd;
	(void)err;
	*ret_kind = FILE_SYSTEM_LOCAL;
	*ret_free = (uint64_t)1 << 40;
	return 0;
}

const char *
file_system_name(enum file_system kind)
{
	(void)kind;
	return "simulated";
}
