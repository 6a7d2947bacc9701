#include <stdlib.h>
#include <string.h>

#include "crypto/sha256.h"
#include "store/rows_mark.h"
#include "store/rows_vfs_internal.h"

enum { HEADER_LEN = 100 }; /* of page 1 */

size_t
rows_vfs_own_size(void)
{
	return (sizeof(struct vfs_file) + 15) / 16 * 16;
}

sqlite3_file *
rows_vfs_real(struct vfs_file *file)
{
	return (sqlite3_file *)(void *)((uint8_t *)file + rows_vfs_own_size());
}

static struct vfs_file *
own(sqlite3_file *file)
{
	return (struct vfs_file *)(void *)file;
}

static sqlite3_file *
real(sqlite3_file *file)
{
	return rows_vfs_real(own(file));
}

/* ---- pages ------------------------------------------------------------- */

static void
page_sum(uint32_t number, const uint8_t *page, uint8_t to[ROWS_RESERVED])
{
	uint8_t head[4] = { (uint8_t)(number >> 24), (uint8_t)(number >> 16),
		(uint8_t)(number >> 8), (uint8_t)number };
	struct sha256_part parts[] = { { head, sizeof(head) },
		{ page, ROWS_PAGE_DATA } };
	struct digest digest;

	sha256_parts(parts, 2, &digest);
	memcpy(to, digest.bytes, ROWS_RESERVED);
}

static int
read_page(struct vfs_file *file, uint32_t number, uint8_t page[ROWS_PAGE])
{
	sqlite3_file *under = rows_vfs_real(file);
	uint8_t sum[ROWS_RESERVED];
	int code = under->pMethods->xRead(under, page, ROWS_PAGE,
	    (sqlite3_int64)(number - 1) * ROWS_PAGE);

	/* SQLite would take a page that was cut off for zeros. */
	if (code != SQLITE_OK && code != SQLITE_IOERR_SHORT_READ)
		return code;
	page_sum(number, page, sum);
	if (code == SQLITE_OK &&
	    memcmp(sum, page + ROWS_PAGE_DATA, ROWS_RESERVED) == 0)
		return SQLITE_OK;
	file->damage.page = number;
	return SQLITE_IOERR_DATA;
}

/*
 * SQLite reads whole pages, and the head of the first one before it has looked
 * whether an interrupted write must be undone: that is not compared, but a
 * wrong page size in it shows by the next read, all else when the page is read.
 */
static int
read_rows(struct vfs_file *file, void *to, int len, sqlite3_int64 at)
{
	sqlite3_file *under = rows_vfs_real(file);

	if (len == ROWS_PAGE && at % ROWS_PAGE == 0)
		return read_page(file, (uint32_t)(at / ROWS_PAGE) + 1, to);
	if (at + len <= HEADER_LEN)
		return under->pMethods->xRead(under, to, len, at);
	file->damage.page = 1;
	return SQLITE_IOERR_DATA;
}

static int
write_rows(struct vfs_file *file, const void *from, int len, sqlite3_int64 at)
{
	sqlite3_file *under = rows_vfs_real(file);
	uint8_t page[ROWS_PAGE];

	if (len != ROWS_PAGE || at % ROWS_PAGE != 0)
		return SQLITE_IOERR_WRITE;
	memcpy(page, from, ROWS_PAGE_DATA);
	page_sum((uint32_t)(at / ROWS_PAGE) + 1, page, page + ROWS_PAGE_DATA);
	return under->pMethods->xWrite(under, page, ROWS_PAGE, at);
}

/* ---- methods of files ---------------------------------------------------- */

static int
vfs_close(sqlite3_file *file)
{
	rows_mark_close(own(file)->mark);
	own(file)->mark = NULL;
	/* What no commit ended is nothing. */
	free(own(file)->gathered);
	own(file)->gathered = NULL;
	return real(file)->pMethods->xClose(real(file));
}

static int
vfs_read(sqlite3_file *file, void *to, int len, sqlite3_int64 at)
{
	switch (own(file)->kind) {
	case VFS_ROWS:
		return read_rows(own(file), to, len, at);
	case VFS_LOG:
		return rows_vfs_log_read(own(file), to, len, at);
	case VFS_OTHER:
		break;
	}
	return real(file)->pMethods->xRead(real(file), to, len, at);
}

static int
vfs_write(sqlite3_file *file, const void *from, int len, sqlite3_int64 at)
{
	switch (own(file)->kind) {
	case VFS_ROWS:
		return write_rows(own(file), from, len, at);
	case VFS_LOG:
		return rows_vfs_log_write(own(file), from, len, at);
	case VFS_OTHER:
		break;
	}
	return real(file)->pMethods->xWrite(real(file), from, len, at);
}

static int
vfs_truncate(sqlite3_file *file, sqlite3_int64 len)
{
	int code = rows_vfs_log_flush(own(file));

	/* Only what lies behind the frames in use is ever cut off, or all. */
	if (code == SQLITE_OK && own(file)->kind == VFS_LOG && len == 0)
		code = rows_vfs_log_forget(own(file));
	if (code != SQLITE_OK)
		return code;
	return real(file)->pMethods->xTruncate(real(file), len);
}

static int
vfs_sync(sqlite3_file *file, int flags)
{
	if (own(file)->kind == VFS_LOG)
		return rows_vfs_log_sync(own(file), flags);
	return real(file)->pMethods->xSync(real(file), flags);
}

static int
vfs_file_size(sqlite3_file *file, sqlite3_int64 *ret_len)
{
	int code = rows_vfs_log_flush(own(file));

	return code != SQLITE_OK
	    ? code
	    : real(file)->pMethods->xFileSize(real(file), ret_len);
}

static int
vfs_lock(sqlite3_file *file, int level)
{
	return real(file)->pMethods->xLock(real(file), level);
}

static int
vfs_unlock(sqlite3_file *file, int level)
{
	return real(file)->pMethods->xUnlock(real(file), level);
}

static int
vfs_check_lock(sqlite3_file *file, int *ret_is_locked)
{
	return real(file)->pMethods->xCheckReservedLock(real(file),
	    ret_is_locked);
}

static int
vfs_control(sqlite3_file *file, int opcode, void *argument)
{
	if (opcode == ROWS_VFS_DAMAGE) {
		*(struct rows_damage *)argument = own(file)->damage;
		return SQLITE_OK;
	}
	return real(file)->pMethods->xFileControl(real(file), opcode, argument);
}

static int
vfs_sector_size(sqlite3_file *file)
{
	return real(file)->pMethods->xSectorSize(real(file));
}

static int
vfs_characteristics(sqlite3_file *file)
{
	return real(file)->pMethods->xDeviceCharacteristics(real(file));
}

static int
vfs_shm_map(sqlite3_file *file, int page, int size, int extend,
    void volatile **ret_map)
{
	return real(file)->pMethods->xShmMap(real(file), page, size, extend,
	    ret_map);
}

static int
vfs_shm_lock(sqlite3_file *file, int offset, int count, int flags)
{
	return real(file)->pMethods->xShmLock(real(file), offset, count, flags);
}

static void
vfs_shm_barrier(sqlite3_file *file)
{
	real(file)->pMethods->xShmBarrier(real(file));
}

static int
vfs_shm_unmap(sqlite3_file *file, int remove)
{
	return real(file)->pMethods->xShmUnmap(real(file), remove);
}

/* Version 2: shared memory, but no mapped pages, which nobody would compare. */
const sqlite3_io_methods rows_vfs_methods = {
	.iVersion = 2,
	.xClose = vfs_close,
	.xRead = vfs_read,
	.xWrite = vfs_write,
	.xTruncate = vfs_truncate,
	.xSync = vfs_sync,
	.xFileSize = vfs_file_size,
	.xLock = vfs_lock,
	.xUnlock = vfs_unlock,
	.xCheckReservedLock = vfs_check_lock,
	.xFileControl = vfs_control,
	.xSectorSize = vfs_sector_size,
	.xDeviceCharacteristics = vfs_characteristics,
	.xShmMap = vfs_shm_map,
	.xShmLock = vfs_shm_lock,
	.xShmBarrier = vfs_shm_barrier,
	.xShmUnmap = vfs_shm_unmap,
};
