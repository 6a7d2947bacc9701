#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "store/rows_mark.h"
#include "store/rows_vfs_internal.h"

/* Never from memory: another process may have begun the log anew. */
static int
read_head(struct vfs_file *file)
{
	sqlite3_file *under = rows_vfs_real(file);
	uint8_t head[ROWS_LOG_HEAD];
	int code = under->pMethods->xRead(under, head, ROWS_LOG_HEAD, 0);

	if (code != SQLITE_OK)
		return code;
	return rows_log_head_read(head, &file->head) ? SQLITE_OK
						     : SQLITE_IOERR_DATA;
}

/*
 * Read the page of a frame and compare it with what stands in front of it: the
 * frame's head, and before that the frame whose sum it continues, or the head
 * of the log.  All of it lies in one piece.
 */
static int
read_frame(struct vfs_file *file, uint32_t number, void *to)
{
	enum { BEFORE = ROWS_LOG_FRAME, ALL = BEFORE + ROWS_LOG_FRAME };
	sqlite3_file *under = rows_vfs_real(file);
	uint8_t data[ALL];
	int before = number > 1 ? BEFORE : 0;
	const uint8_t *frame = data + before;
	int code = read_head(file);

	if (code == SQLITE_OK)
		code =
		    under->pMethods->xRead(under, data, before + ROWS_LOG_FRAME,
			(sqlite3_int64)rows_log_frame_at(number) - before);
	if (code != SQLITE_OK)
		return code;
	memcpy(to, frame + ROWS_LOG_FRAME_HEAD, ROWS_PAGE);
	return rows_log_frame_is_whole(&file->head,
		   number > 1 ? rows_log_frame_sum(data) : file->head.sum,
		   frame, frame + ROWS_LOG_FRAME_HEAD)
	    ? SQLITE_OK
	    : SQLITE_IOERR_DATA;
}

int
rows_vfs_log_read(struct vfs_file *file, void *to, int len, sqlite3_int64 at)
{
	sqlite3_file *under = rows_vfs_real(file);
	uint32_t number = rows_log_frame_of((uint64_t)at);
	int code = rows_vfs_log_flush(file);

	if (code != SQLITE_OK)
		return code;
	/* A page of a frame; recovery reads whole frames, and sums them. */
	if (len != ROWS_PAGE || number == 0 || number > file->committed ||
	    (uint64_t)at != rows_log_frame_at(number) + ROWS_LOG_FRAME_HEAD)
		return under->pMethods->xRead(under, to, len, at);
	code = read_frame(file, number, to);
	if (code == SQLITE_IOERR_DATA)
		file->rows->damage.frame = number;
	return code;
}

/* The log begins anew: what was known of it is taken back first. */
int
rows_vfs_log_forget(struct vfs_file *file)
{
	struct error err = { 0 };

	file->committed = file->written = 0;
	if (file->rows->mark != NULL &&
	    rows_mark_clear(file->rows->mark, &err) < 0)
		return error_is_temporary(&err) ? SQLITE_FULL
						: SQLITE_IOERR_FSYNC;
	return SQLITE_OK;
}

/*
 * A frame that was durable is written again only when SQLite gave up a commit
 * after its sync; then the mark may not speak of it any more.
 */
static int
before_frame(struct vfs_file *file, uint32_t number)
{
	struct error err = { 0 };

	/* The first one written here: all before it were there at the start. */
	if (file->committed == UINT32_MAX)
		file->committed = number - 1;
	if (number > file->committed)
		return SQLITE_OK;
	file->committed = number - 1;
	if (file->rows->mark != NULL &&
	    rows_mark_clear(file->rows->mark, &err) < 0)
		return SQLITE_IOERR_WRITE;
	return SQLITE_OK;
}

static bool
is_frame_head(uint32_t number, int len, sqlite3_int64 at)
{
	return len == ROWS_LOG_FRAME_HEAD && number > 0 &&
	    (uint64_t)at == rows_log_frame_at(number);
}

int
rows_vfs_log_flush(struct vfs_file *file)
{
	sqlite3_file *under = rows_vfs_real(file);
	int len = file->gathered_len;
	int code;

	if (len == 0)
		return SQLITE_OK;
	file->gathered_len = 0;
	code = under->pMethods->xWrite(under, file->gathered, len,
	    file->gathered_at);
	if (code != SQLITE_OK)
		file->written = 0; /* whatever was being committed is not */
	return code;
}

/*
 * SQLite writes each frame in two calls, and all of a transaction one behind
 * the other: they become one.  Nobody reads them before the sync, or through
 * this file.
 */
static int
gather(struct vfs_file *file, const void *from, int len, sqlite3_int64 at)
{
	sqlite3_file *under = rows_vfs_real(file);
	int code = SQLITE_OK;

	if (at != file->gathered_at + file->gathered_len ||
	    file->gathered_len + len > ROWS_VFS_GATHERED)
		code = rows_vfs_log_flush(file);
	if (file->gathered == NULL)
		file->gathered = malloc(ROWS_VFS_GATHERED);
	if (code != SQLITE_OK)
		return code;
	if (file->gathered == NULL || len > ROWS_VFS_GATHERED)
		return under->pMethods->xWrite(under, from, len, at);
	if (file->gathered_len == 0)
		file->gathered_at = at;
	memcpy(file->gathered + file->gathered_len, from, (size_t)len);
	file->gathered_len += len;
	return SQLITE_OK;
}

int
rows_vfs_log_write(struct vfs_file *file, const void *from, int len,
    sqlite3_int64 at)
{
	uint32_t number = rows_log_frame_of((uint64_t)at);
	bool is_head = is_frame_head(number, len, at);
	int code = SQLITE_OK;

	if (at == 0)
		code = rows_vfs_log_forget(file);
	else if (is_head)
		code = before_frame(file, number);
	if (code == SQLITE_OK)
		code = gather(file, from, len, at);
	if (code != SQLITE_OK) {
		/* Whatever was being committed is not. */
		file->written = 0;
		return code;
	}
	if (is_head && rows_log_frame_commits(from))
		file->written = number;
	return SQLITE_OK;
}

int
rows_vfs_log_sync(struct vfs_file *file, int flags)
{
	sqlite3_file *under = rows_vfs_real(file);
	int code = rows_vfs_log_flush(file);

	if (code == SQLITE_OK)
		code = under->pMethods->xSync(under, flags);
	if (code == SQLITE_OK && file->written > 0) {
		file->committed = file->written;
		if (file->rows->mark != NULL && read_head(file) == SQLITE_OK)
			rows_mark_set(file->rows->mark, file->head.salt,
			    file->written);
	}
	file->written = 0;
	return code;
}
