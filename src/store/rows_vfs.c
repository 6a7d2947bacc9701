#include <limits.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "store/rows_mark.h"
#include "store/rows_vfs_internal.h"

static const char vfs_name[] = "yizhan-rows";
static const char log_suffix[] = "-wal";

/* The system's own layer. */
static sqlite3_vfs *
under(sqlite3_vfs *vfs)
{
	return vfs->pAppData;
}

static int
vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *base, int flags,
    int *ret_flags)
{
	struct vfs_file *file = (struct vfs_file *)(void *)base;
	sqlite3_file *behind = rows_vfs_real(file);
	struct error err = { 0 };
	int code;

	memset(file, 0, rows_vfs_own_size());
	if ((flags & SQLITE_OPEN_MAIN_DB) != 0)
		file->kind = VFS_ROWS;
	if ((flags & SQLITE_OPEN_WAL) != 0) {
		file->kind = VFS_LOG;
		file->rows =
		    (struct vfs_file *)(void *)sqlite3_database_file_object(
			name);
		file->committed = UINT32_MAX;
	}
	code = under(vfs)->xOpen(under(vfs), name, behind, flags, ret_flags);
	if (behind->pMethods != NULL)
		base->pMethods = &rows_vfs_methods;
	if (code != SQLITE_OK || file->kind != VFS_ROWS ||
	    (flags & SQLITE_OPEN_READWRITE) == 0)
		return code;
	/* SQLite closes the file, since it has methods. */
	return rows_mark_open(name, &file->mark, &err) < 0 ? SQLITE_CANTOPEN
							   : SQLITE_OK;
}

/* Nothing is known of a log that goes, and that durably before it goes. */
static int
forget_log_of(const char *name)
{
	struct rows_mark *mark = NULL;
	struct error err = { 0 };
	char path[PATH_MAX];
	int rc;

	if (!text_copy_len(path, sizeof(path), name,
		strlen(name) - strlen(log_suffix)))
		return -1;
	rc = rows_mark_open(path, &mark, &err);
	if (rc == 0)
		rc = rows_mark_clear(mark, &err);
	rows_mark_close(mark);
	return rc;
}

static int
vfs_delete(sqlite3_vfs *vfs, const char *name, int sync_dir)
{
	if (text_ends(name, log_suffix) && forget_log_of(name) < 0)
		return SQLITE_IOERR_DELETE;
	return under(vfs)->xDelete(under(vfs), name, sync_dir);
}

static int
vfs_access(sqlite3_vfs *vfs, const char *name, int flags, int *ret_may)
{
	return under(vfs)->xAccess(under(vfs), name, flags, ret_may);
}

static int
vfs_full_path(sqlite3_vfs *vfs, const char *name, int size, char *to)
{
	return under(vfs)->xFullPathname(under(vfs), name, size, to);
}

static int
vfs_randomness(sqlite3_vfs *vfs, int len, char *to)
{
	return under(vfs)->xRandomness(under(vfs), len, to);
}

static int
vfs_sleep(sqlite3_vfs *vfs, int us)
{
	return under(vfs)->xSleep(under(vfs), us);
}

static int
vfs_time(sqlite3_vfs *vfs, double *ret_day)
{
	return under(vfs)->xCurrentTime(under(vfs), ret_day);
}

static int
vfs_time_ms(sqlite3_vfs *vfs, sqlite3_int64 *ret_ms)
{
	return under(vfs)->xCurrentTimeInt64(under(vfs), ret_ms);
}

static int
vfs_last_error(sqlite3_vfs *vfs, int size, char *to)
{
	return under(vfs)->xGetLastError(under(vfs), size, to);
}

int
rows_vfs_register(const char **ret_name, struct error *err)
{
	/* SQLite keeps a pointer to it, for all connections of the process. */
	static sqlite3_vfs vfs;
	sqlite3_vfs *system;

	*ret_name = vfs_name;
	/*
	 * Nobody asks how much memory it has, and counting that takes a lock
	 * at each piece.  Before its first use, so it is refused later.
	 */
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	system = sqlite3_vfs_find(NULL);
	if (sqlite3_vfs_find(vfs_name) != NULL)
		return 0;
	if (system == NULL || system->iVersion < 2)
		return error_set(err, ERROR_SYSTEM, "SQLite has no file layer");
	vfs = (sqlite3_vfs){
		.iVersion = 2,
		.szOsFile = (int)rows_vfs_own_size() + system->szOsFile,
		.mxPathname = system->mxPathname,
		.zName = vfs_name,
		.pAppData = system,
		.xOpen = vfs_open,
		.xDelete = vfs_delete,
		.xAccess = vfs_access,
		.xFullPathname = vfs_full_path,
		.xRandomness = vfs_randomness,
		.xSleep = vfs_sleep,
		.xCurrentTime = vfs_time,
		.xCurrentTimeInt64 = vfs_time_ms,
		.xGetLastError = vfs_last_error,
	};
	if (sqlite3_vfs_register(&vfs, 0) != SQLITE_OK)
		return error_set_memory(err);
	return 0;
}

void
rows_vfs_damage(sqlite3 *db, struct rows_damage *ret_damage)
{
	*ret_damage = (struct rows_damage){ 0 };
	sqlite3_file_control(db, "main", ROWS_VFS_DAMAGE, ret_damage);
}
