#include "store/rows_mark.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "crypto/sha256.h"
#include "store/rows_log.h"
#include "sys/file.h"

/*
 * The note stands twice, each in a sector of its own, so that one of them is
 * whole whatever becomes of the other: {magic, sequence, salts, frames}, then
 * the first 16 bytes of their SHA-256, then zeros.
 */
enum {
	SECTOR = 512,
	COPIES = 2,
	FIELDS_LEN = 8 + 8 + 4 + 4 + 4,
	DIGEST_PART = 16,
	NAME_SIZE = 256,
};

static const uint8_t magic[8] = "YZMARK01";

struct rows_mark {
	int dir;
	char name[NAME_SIZE];
	int fd; /* -1: there is no file yet */
	uint64_t sequence;
};

struct note {
	uint64_t sequence; /* 0: none */
	uint32_t salt[2];
	uint32_t frames;
};

/* ---- the file --------------------------------------------------------- */

/* The directory of `path`, and the name of a file beside it. */
static int
open_beside(const char *path, const char *suffix, int *ret_dir,
    char name[NAME_SIZE], struct error *err)
{
	const char *slash = strrchr(path, '/');
	char dir[PATH_MAX] = ".";

	if ((slash != NULL &&
		!text_copy_len(dir, sizeof(dir), path,
		    (size_t)(slash - path) + 1)) ||
	    snprintf(name, NAME_SIZE, "%s%s", slash == NULL ? path : slash + 1,
		suffix) >= NAME_SIZE)
		return error_set(err, ERROR_MALFORMED, "path too long");
	return file_open_dir(dir, ret_dir, err);
}

static struct note
parse(const uint8_t *sector)
{
	struct cursor cursor =
	    cursor_of(sector + sizeof(magic), FIELDS_LEN - sizeof(magic));
	struct note note = { 0 };
	struct digest digest;

	sha256(sector, FIELDS_LEN, &digest);
	if (memcmp(sector, magic, sizeof(magic)) != 0 ||
	    memcmp(sector + FIELDS_LEN, digest.bytes, DIGEST_PART) != 0)
		return note;
	note.sequence = cursor_u64(&cursor);
	note.salt[0] = cursor_u32(&cursor);
	note.salt[1] = cursor_u32(&cursor);
	note.frames = cursor_u32(&cursor);
	return note;
}

/* The newest whole copy; a file that nothing was written to has none. */
static int
read_note(int fd, struct note *ret_note, struct error *err)
{
	uint8_t data[COPIES * SECTOR] = { 0 };
	static const uint8_t zeros[COPIES * SECTOR];
	struct note newest = { 0 };
	size_t got = 0;

	if (file_read_at(fd, data, sizeof(data), 0, &got, err) < 0)
		return -1;
	for (size_t i = 0; i < COPIES; i++) {
		struct note note = parse(data + i * SECTOR);

		if (note.sequence > newest.sequence)
			newest = note;
	}
	if (newest.sequence == 0 && memcmp(data, zeros, sizeof(data)) != 0)
		return error_set_id(err, "E5006", ERROR_MALFORMED,
		    "the mark of the rows is damaged");
	*ret_note = newest;
	return 0;
}

int
rows_mark_open(const char *path, struct rows_mark **ret_mark, struct error *err)
{
	struct rows_mark *mark = calloc(1, sizeof(*mark));
	struct error why = { 0 };
	struct note note = { 0 };

	if (mark == NULL)
		return error_set_memory(err);
	mark->dir = mark->fd = -1;
	if (open_beside(path, "-mark", &mark->dir, mark->name, err) < 0)
		goto failed;
	if (file_open(mark->dir, mark->name, FILE_WRITE, &mark->fd, &why) < 0) {
		mark->fd = -1;
		if (why.code != ERROR_NOT_FOUND) {
			*err = why;
			goto failed;
		}
	} else if (read_note(mark->fd, &note, err) < 0) {
		goto failed;
	}
	mark->sequence = note.sequence;
	*ret_mark = mark;
	return 0;
failed:
	rows_mark_close(mark);
	return -1;
}

void
rows_mark_close(struct rows_mark *mark)
{
	if (mark == NULL)
		return;
	file_close(mark->fd);
	file_close(mark->dir);
	free(mark);
}

static int
make_file(struct rows_mark *mark, struct error *err)
{
	if (mark->fd >= 0)
		return 0;
	if (file_open(mark->dir, mark->name, FILE_CREATE, &mark->fd, err) < 0)
		return -1;
	return file_sync(mark->dir, err);
}

static int
write_note(struct rows_mark *mark, const uint32_t salt[2], uint32_t frames,
    struct error *err)
{
	uint8_t data[COPIES * SECTOR] = { 0 };
	struct bytes fields = { 0 };
	struct digest digest;
	int rc = -1;

	bytes_put(&fields, magic, sizeof(magic));
	bytes_put_u64(&fields, ++mark->sequence);
	bytes_put_u32(&fields, salt[0]);
	bytes_put_u32(&fields, salt[1]);
	bytes_put_u32(&fields, frames);
	if (bytes_failed(&fields, err) == 0 && make_file(mark, err) == 0) {
		sha256(fields.data, fields.len, &digest);
		for (size_t i = 0; i < COPIES; i++) {
			memcpy(data + i * SECTOR, fields.data, fields.len);
			memcpy(data + i * SECTOR + fields.len, digest.bytes,
			    DIGEST_PART);
		}
		rc = file_write_at(mark->fd, data, sizeof(data), 0, err);
	}
	bytes_free(&fields);
	return rc;
}

void
rows_mark_set(struct rows_mark *mark, const uint32_t salt[2], uint32_t frames)
{
	struct error ignored = { 0 };

	/* What it speaks of is durable already; the older note stays true. */
	if (write_note(mark, salt, frames, &ignored) < 0)
		return;
}

int
rows_mark_clear(struct rows_mark *mark, struct error *err)
{
	const uint32_t none[2] = { 0, 0 };

	if (write_note(mark, none, 0, err) < 0)
		return -1;
	return file_sync_data(mark->fd, err);
}

/* ---- looking at the log ------------------------------------------------ */

struct scan {
	int fd;
	struct rows_log_head log;
	uint64_t len;
};

static bool
read_frame(const struct scan *scan, uint32_t number,
    uint8_t frame[ROWS_LOG_FRAME], int *rc, struct error *err)
{
	size_t got = 0;

	if (rows_log_frame_at(number) + ROWS_LOG_FRAME > scan->len)
		return false;
	if (file_read_at(scan->fd, frame, ROWS_LOG_FRAME,
		rows_log_frame_at(number), &got, err) < 0)
		*rc = -1;
	return *rc == 0 && got == ROWS_LOG_FRAME;
}

/*
 * A transaction is synced before the next one writes its first frame.  So when
 * behind a frame that is not whole a transaction follows another, the frame was
 * durable once, and it is damage and no interrupted write.
 */
static int
look_behind(const struct scan *scan, uint32_t bad, uint8_t *frame,
    struct error *err)
{
	struct rows_log_sum before = rows_log_frame_sum(frame);
	bool is_commit = rows_log_frame_commits(frame);
	int rc = 0;

	for (uint32_t number = bad + 1;
	     read_frame(scan, number, frame, &rc, err); number++) {
		if (is_commit &&
		    rows_log_frame_is_whole(&scan->log, before, frame,
			frame + ROWS_LOG_FRAME_HEAD))
			return error_set_id(err, "E5006", ERROR_MALFORMED,
			    "the log of the rows is damaged at frame %u, "
			    "before frame %u",
			    bad, number);
		before = rows_log_frame_sum(frame);
		is_commit = rows_log_frame_commits(frame);
	}
	return rc;
}

static int
check_frames(const struct scan *scan, uint32_t durable, uint32_t *ret_frames,
    uint32_t *ret_cut, uint8_t *frame, struct error *err)
{
	struct rows_log_sum before = scan->log.sum;
	uint32_t committed = 0, number = 1;
	int rc = 0;

	for (; read_frame(scan, number, frame, &rc, err); number++) {
		if (!rows_log_frame_is_whole(&scan->log, before, frame,
			frame + ROWS_LOG_FRAME_HEAD))
			break;
		before = rows_log_frame_sum(frame);
		if (rows_log_frame_commits(frame))
			committed = number;
	}
	if (rc < 0)
		return -1;
	if (committed < durable)
		return error_set_id(err, "E5006", ERROR_MALFORMED,
		    "the log of the rows is damaged at frame %u of %u", number,
		    durable);
	*ret_frames = committed;
	*ret_cut = number - 1 - committed;
	if (rows_log_frame_at(number) + ROWS_LOG_FRAME > scan->len)
		return 0;
	return look_behind(scan, number, frame, err);
}

/*
 * With nothing in the log the database must have all pages that its head, which
 * SQLite writes first, speaks of.
 */
static int
check_len(int rows_fd, uint64_t len, struct error *err)
{
	enum { CHANGES = 24, PAGES = 28, CHANGES_OF_PAGES = 92, HEAD = 100 };
	uint8_t head[HEAD] = { 0 };
	struct cursor cursor = cursor_of(head + PAGES, sizeof(uint32_t));
	uint32_t pages;
	size_t got = 0;

	if (file_read_at(rows_fd, head, sizeof(head), 0, &got, err) < 0)
		return -1;
	pages = cursor_u32(&cursor);
	if (memcmp(head + CHANGES, head + CHANGES_OF_PAGES, 4) == 0 &&
	    len < (uint64_t)pages * ROWS_PAGE)
		return error_set_id(err, "E5006", ERROR_MALFORMED,
		    "the rows are cut off at page %llu of %u",
		    (unsigned long long)(len / ROWS_PAGE) + 1, pages);
	return 0;
}

/* `*ret_frames`: whole ones. */
static int
check_log(int fd, const struct note *note, uint32_t *ret_frames,
    uint32_t *ret_cut, struct error *err)
{
	uint8_t head[ROWS_LOG_HEAD] = { 0 };
	struct scan scan = { .fd = fd };
	uint8_t *frame;
	size_t got = 0;
	int rc;

	if (file_size(fd, &scan.len, err) < 0 ||
	    file_read_at(fd, head, sizeof(head), 0, &got, err) < 0)
		return -1;
	if (got != sizeof(head) || !rows_log_head_read(head, &scan.log)) {
		/* Torn while it was begun anew, if nothing was in it. */
		if (note->frames == 0)
			return 0;
		return error_set_id(err, "E5006", ERROR_MALFORMED,
		    "the head of the log of the rows is damaged");
	}
	if (note->frames > 0 &&
	    (note->salt[0] != scan.log.salt[0] ||
		note->salt[1] != scan.log.salt[1]))
		return error_set_id(err, "E5006", ERROR_MALFORMED,
		    "the log of the rows is another one");
	frame = malloc(ROWS_LOG_FRAME);
	if (frame == NULL)
		return error_set_memory(err);
	rc = check_frames(&scan, note->frames, ret_frames, ret_cut, frame, err);
	free(frame);
	return rc;
}

static int
check_beside(int dir, const char *name, const struct note *note,
    uint32_t *ret_frames, uint32_t *ret_cut, struct error *err)
{
	char log[NAME_SIZE + 8];
	struct error why = { 0 };
	int fd = -1;
	int rc = -1;

	snprintf(log, sizeof(log), "%s-wal", name);
	if (file_open(dir, log, FILE_READ, &fd, &why) == 0)
		rc = check_log(fd, note, ret_frames, ret_cut, err);
	else if (why.code != ERROR_NOT_FOUND)
		*err = why;
	else if (note->frames > 0)
		error_set_id(err, "E5006", ERROR_MALFORMED,
		    "the log of the rows is missing: it had %u frames",
		    note->frames);
	else
		rc = 0;
	file_close(fd);
	return rc;
}

static int
check_files(int dir, const char *name, const struct note *note,
    uint32_t *ret_cut, struct error *err)
{
	struct error why = { 0 };
	uint64_t len = 0;
	uint32_t frames = 0;
	int fd = -1;
	int rc;

	if (file_open(dir, name, FILE_READ, &fd, &why) < 0 ||
	    file_size(fd, &len, &why) < 0 || len < ROWS_PAGE)
		rc = note->sequence == 0
		    ? 0
		    : error_set_id(err, "E5006", ERROR_MALFORMED,
			  "the rows are missing, but they were there");
	else
		rc = check_beside(dir, name, note, &frames, ret_cut, err);
	if (rc == 0 && note->sequence > 0 && frames == 0)
		rc = check_len(fd, len, err);
	file_close(fd);
	return rc;
}

int
rows_mark_check(const char *path, uint32_t *ret_cut, struct error *err)
{
	char mark_name[NAME_SIZE], name[NAME_SIZE];
	struct note note = { 0 };
	struct error why = { 0 };
	int dir = -1, other = -1, fd = -1;
	int rc = -1;

	*ret_cut = 0;
	if (open_beside(path, "-mark", &dir, mark_name, err) < 0 ||
	    open_beside(path, "", &other, name, err) < 0)
		goto done;
	if (file_open(dir, mark_name, FILE_READ, &fd, &why) < 0) {
		if (why.code != ERROR_NOT_FOUND) {
			*err = why;
			goto done;
		}
	} else if (read_note(fd, &note, err) < 0) {
		goto done;
	}
	rc = check_files(dir, name, &note, ret_cut, err);
done:
	file_close(dir);
	file_close(other);
	file_close(fd);
	return rc;
}
