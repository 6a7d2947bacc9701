/*
 * SQLite's files on the simulated disks: locks and shared memory between the
 * connections of one process, which stand for the processes of a host.
 */
#include "simulate/sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "simulate/sim_disk.h"

enum { REGIONS_MAX = 64, MMAP_REGION = 32768 };

struct handle;

/* What the connections to one database share. */
struct shared {
	struct shared *next;
	char path[SIM_PATH_SIZE];
	const struct sim_host *host;
	int readers;
	const struct handle *reserved;
	const struct handle *pending;
	const struct handle *exclusive;
	void *regions[REGIONS_MAX];
	int shm_shared[SQLITE_SHM_NLOCK];
	const struct handle *shm_exclusive[SQLITE_SHM_NLOCK];
};

struct handle {
	sqlite3_file base;
	struct sim_file *file;
	struct shared *shared; /* of the main database only */
	int lock;              /* SQLITE_LOCK_... */
	unsigned shm_held;     /* bits of shared locks held */
	char path[SIM_PATH_SIZE];
	bool is_temporary;
};

static struct shared *all;
static sqlite3_vfs vfs;
static unsigned temporary;

static struct shared *
shared_of(const char *path)
{
	struct shared *shared = all;

	while (shared != NULL && strcmp(shared->path, path) != 0)
		shared = shared->next;
	if (shared != NULL)
		return shared;
	shared = calloc(1, sizeof(*shared));
	if (shared == NULL)
		abort();
	snprintf(shared->path, sizeof(shared->path), "%s", path);
	shared->host = sim_disk_host(path);
	shared->next = all;
	all = shared;
	return shared;
}

void
sim_vfs_forget(const struct sim_host *host)
{
	for (struct shared *shared = all; shared != NULL;
	     shared = shared->next) {
		struct shared *next = shared->next;
		char path[SIM_PATH_SIZE];

		if (shared->host != host)
			continue;
		for (size_t i = 0; i < REGIONS_MAX; i++)
			free(shared->regions[i]);
		memcpy(path, shared->path, sizeof(path));
		memset(shared, 0, sizeof(*shared));
		memcpy(shared->path, path, sizeof(path));
		shared->host = host;
		shared->next = next;
	}
}

/* The header of SQLite's index of its log, in the first shared region. */
uint64_t
sim_vfs_committed(const char *path)
{
	enum { FRAMES_AT = 16, HEAD = 32, FRAME = 24 + SIM_PAGE };
	const struct shared *shared = shared_of(path);
	uint32_t frames = 0;

	if (shared->regions[0] != NULL)
		memcpy(&frames, (const uint8_t *)shared->regions[0] + FRAMES_AT,
		    sizeof(frames));
	return frames == 0 ? 0 : HEAD + (uint64_t)frames * FRAME;
}

static int
code_of(enum sim_disk_result result, int broken)
{
	if (result == SIM_DISK_OK)
		return SQLITE_OK;
	return result == SIM_DISK_FULL ? SQLITE_FULL : broken;
}

/* ---- bytes -------------------------------------------------------------- */

static int
do_close(sqlite3_file *file)
{
	struct handle *handle = (struct handle *)(void *)file;

	if (handle->is_temporary)
		sim_disk_remove(handle->path);
	return SQLITE_OK;
}

static int
do_read(sqlite3_file *file, void *to, int len, sqlite3_int64 offset)
{
	struct handle *handle = (struct handle *)(void *)file;
	size_t got =
	    sim_disk_read(handle->file, to, (size_t)len, (uint64_t)offset);

	if (got == (size_t)len)
		return SQLITE_OK;
	memset((uint8_t *)to + got, 0, (size_t)len - got);
	return SQLITE_IOERR_SHORT_READ;
}

static int
do_write(sqlite3_file *file, const void *data, int len, sqlite3_int64 offset)
{
	struct handle *handle = (struct handle *)(void *)file;

	return code_of(sim_disk_write(handle->file, data, (size_t)len,
			   (uint64_t)offset),
	    SQLITE_IOERR_WRITE);
}

static int
do_truncate(sqlite3_file *file, sqlite3_int64 len)
{
	struct handle *handle = (struct handle *)(void *)file;

	return code_of(sim_disk_resize(handle->file, (uint64_t)len),
	    SQLITE_IOERR_TRUNCATE);
}

static int
do_sync(sqlite3_file *file, int flags)
{
	struct handle *handle = (struct handle *)(void *)file;

	(void)flags;
	return code_of(sim_disk_sync(handle->file), SQLITE_IOERR_FSYNC);
}

static int
do_size(sqlite3_file *file, sqlite3_int64 *ret_len)
{
	struct handle *handle = (struct handle *)(void *)file;

	*ret_len = (sqlite3_int64)sim_disk_size(handle->file);
	return SQLITE_OK;
}

/* ---- locks -------------------------------------------------------------- */

static bool
is_anothers(const struct handle *holder, const struct handle *handle)
{
	return holder != NULL && holder != handle;
}

static int
do_lock(sqlite3_file *file, int level)
{
	struct handle *handle = (struct handle *)(void *)file;
	struct shared *shared = handle->shared;

	if (shared == NULL || handle->lock >= level)
		return SQLITE_OK;
	if (is_anothers(shared->exclusive, handle) ||
	    (is_anothers(shared->pending, handle) &&
		level == SQLITE_LOCK_SHARED))
		return SQLITE_BUSY;
	if (level == SQLITE_LOCK_SHARED) {
		shared->readers++;
		handle->lock = level;
		return SQLITE_OK;
	}
	if (is_anothers(shared->reserved, handle))
		return SQLITE_BUSY;
	shared->reserved = handle;
	handle->lock = SQLITE_LOCK_RESERVED;
	if (level == SQLITE_LOCK_RESERVED)
		return SQLITE_OK;
	shared->pending = handle;
	handle->lock = SQLITE_LOCK_PENDING;
	if (shared->readers > 1)
		return SQLITE_BUSY;
	shared->exclusive = handle;
	handle->lock = SQLITE_LOCK_EXCLUSIVE;
	return SQLITE_OK;
}

static int
do_unlock(sqlite3_file *file, int level)
{
	struct handle *handle = (struct handle *)(void *)file;
	struct shared *shared = handle->shared;

	if (shared == NULL || handle->lock <= level)
		return SQLITE_OK;
	if (shared->reserved == handle)
		shared->reserved = NULL;
	if (shared->pending == handle)
		shared->pending = NULL;
	if (shared->exclusive == handle)
		shared->exclusive = NULL;
	if (level == SQLITE_LOCK_NONE)
		shared->readers--;
	handle->lock = level;
	return SQLITE_OK;
}

static int
check_reserved(sqlite3_file *file, int *ret_is_reserved)
{
	const struct handle *handle = (struct handle *)(void *)file;

	*ret_is_reserved =
	    handle->shared != NULL && handle->shared->reserved != NULL;
	return SQLITE_OK;
}

static int
control(sqlite3_file *file, int op, void *arg)
{
	(void)file;
	(void)op;
	(void)arg;
	return SQLITE_NOTFOUND;
}

static int
sector_size(sqlite3_file *file)
{
	(void)file;
	return SIM_PAGE;
}

static int
characteristics(sqlite3_file *file)
{
	(void)file;
	return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

/* ---- shared memory ------------------------------------------------------- */

static int
shm_map(sqlite3_file *file, int region, int size, int wants_more,
    void volatile **ret_memory)
{
	struct handle *handle = (struct handle *)(void *)file;
	void **at;

	if (region >= REGIONS_MAX || size > MMAP_REGION)
		abort();
	at = &handle->shared->regions[region];
	if (*at == NULL && wants_more) {
		*at = calloc(1, MMAP_REGION);
		if (*at == NULL)
			abort();
	}
	*ret_memory = *at;
	return SQLITE_OK;
}

static bool
is_free(const struct handle *handle, int slot, bool for_exclusive)
{
	const struct shared *shared = handle->shared;
	int own = (handle->shm_held >> slot) & 1u ? 1 : 0;

	if (is_anothers(shared->shm_exclusive[slot], handle))
		return false;
	return !for_exclusive || shared->shm_shared[slot] <= own;
}

static void
shm_take(struct handle *handle, int slot, bool exclusive)
{
	if (exclusive) {
		handle->shared->shm_exclusive[slot] = handle;
	} else if (((handle->shm_held >> slot) & 1u) == 0) {
		handle->shared->shm_shared[slot]++;
		handle->shm_held |= 1u << slot;
	}
}

static void
shm_release(struct handle *handle, int slot, bool exclusive)
{
	if (exclusive) {
		if (handle->shared->shm_exclusive[slot] == handle)
			handle->shared->shm_exclusive[slot] = NULL;
	} else if ((handle->shm_held >> slot) & 1u) {
		handle->shared->shm_shared[slot]--;
		handle->shm_held &= ~(1u << slot);
	}
}

static int
shm_lock(sqlite3_file *file, int first, int count, int flags)
{
	struct handle *handle = (struct handle *)(void *)file;
	bool exclusive = (flags & SQLITE_SHM_EXCLUSIVE) != 0;

	for (int i = first; i < first + count; i++) {
		if ((flags & SQLITE_SHM_UNLOCK) != 0)
			shm_release(handle, i, exclusive);
		else if (!is_free(handle, i, exclusive))
			return SQLITE_BUSY;
	}
	for (int i = first; (flags & SQLITE_SHM_LOCK) != 0 && i < first + count;
	     i++)
		shm_take(handle, i, exclusive);
	return SQLITE_OK;
}

static void
shm_barrier(sqlite3_file *file)
{
	(void)file;
}

static int
shm_unmap(sqlite3_file *file, int is_last)
{
	(void)file;
	(void)is_last;
	return SQLITE_OK;
}

static const sqlite3_io_methods methods = {
	.iVersion = 2,
	.xClose = do_close,
	.xRead = do_read,
	.xWrite = do_write,
	.xTruncate = do_truncate,
	.xSync = do_sync,
	.xFileSize = do_size,
	.xLock = do_lock,
	.xUnlock = do_unlock,
	.xCheckReservedLock = check_reserved,
	.xFileControl = control,
	.xSectorSize = sector_size,
	.xDeviceCharacteristics = characteristics,
	.xShmMap = shm_map,
	.xShmLock = shm_lock,
	.xShmBarrier = shm_barrier,
	.xShmUnmap = shm_unmap,
};

/* ---- the file system ------------------------------------------------------ */

static int
do_open(sqlite3_vfs *self, const char *name, sqlite3_file *file, int flags,
    int *ret_flags)
{
	struct handle *handle = (struct handle *)(void *)file;

	(void)self;
	memset(handle, 0, sizeof(*handle));
	if (name == NULL) {
		snprintf(handle->path, sizeof(handle->path), "temporary-%u",
		    ++temporary);
		handle->is_temporary = true;
	} else {
		snprintf(handle->path, sizeof(handle->path), "%s", name);
	}
	handle->file = sim_disk_find(handle->path);
	if (handle->file == NULL && (flags & SQLITE_OPEN_CREATE) == 0)
		return SQLITE_CANTOPEN;
	if (handle->file == NULL)
		handle->file = sim_disk_create(handle->path);
	if ((flags & SQLITE_OPEN_MAIN_DB) != 0)
		handle->shared = shared_of(handle->path);
	handle->base.pMethods = &methods;
	if (ret_flags != NULL)
		*ret_flags = flags;
	return SQLITE_OK;
}

static int
do_delete(sqlite3_vfs *self, const char *name, int sync_dir)
{
	(void)self;
	(void)sync_dir;
	return sim_disk_remove(name) ? SQLITE_OK : SQLITE_IOERR_DELETE_NOENT;
}

static int
do_access(sqlite3_vfs *self, const char *name, int flags, int *ret_may)
{
	const struct sim_file *file = sim_disk_find(name);

	(void)self;
	*ret_may = file != NULL &&
	    (flags != SQLITE_ACCESS_EXISTS || sim_disk_size(file) > 0);
	return SQLITE_OK;
}

static int
full_path(sqlite3_vfs *self, const char *name, int size, char *to)
{
	(void)self;
	snprintf(to, (size_t)size, "%s", name);
	return SQLITE_OK;
}

static int
randomness(sqlite3_vfs *self, int len, char *to)
{
	(void)self;
	for (int i = 0; i < len; i++)
		to[i] = (char)(i * 7 + 1);
	return len;
}

static int
do_sleep(sqlite3_vfs *self, int us)
{
	(void)self;
	sim_spend(us);
	return us;
}

static int
current_time(sqlite3_vfs *self, sqlite3_int64 *ret_ms)
{
	(void)self;
	*ret_ms = sim_day_ms() + (sqlite3_int64)(24405875.0 * 8640000.0);
	return SQLITE_OK;
}

static int
last_error(sqlite3_vfs *self, int size, char *to)
{
	(void)self;
	(void)size;
	(void)to;
	return 0;
}

void
sim_vfs_register(void)
{
	vfs = (sqlite3_vfs){
		.iVersion = 2,
		.szOsFile = (int)sizeof(struct handle),
		.mxPathname = SIM_PATH_SIZE - 16,
		.zName = "simulate",
		.xOpen = do_open,
		.xDelete = do_delete,
		.xAccess = do_access,
		.xFullPathname = full_path,
		.xRandomness = randomness,
		.xSleep = do_sleep,
		.xCurrentTimeInt64 = current_time,
		.xGetLastError = last_error,
	};
	if (sqlite3_config(SQLITE_CONFIG_SINGLETHREAD) != SQLITE_OK ||
	    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0) != SQLITE_OK ||
	    sqlite3_initialize() != SQLITE_OK ||
	    sqlite3_vfs_register(&vfs, 1) != SQLITE_OK)
		abort();
}
