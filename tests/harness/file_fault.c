#define _GNU_SOURCE

/* The real functions under other names; the rest of the file as it is. */
#define file_open_direct real_file_open_direct
#define file_read_at real_file_read_at
#define file_write_at real_file_write_at
#define file_sync real_file_sync
#define file_sync_data real_file_sync_data
#define file_allocate real_file_allocate
#define file_rename real_file_rename
#include "sys/file.c"
#undef file_open_direct
#undef file_read_at
#undef file_write_at
#undef file_sync
#undef file_sync_data
#undef file_allocate
#undef file_rename

#include <assert.h>
#include <stdlib.h>

#include "harness/file_fault.h"

enum { SECTOR = 512, RECORDS_MAX = 4096 };

/* A write that was not synced, and what was there before. */
struct record {
	dev_t device;
	ino_t inode;
	int fd; /* ours, not direct */
	uint64_t offset;
	size_t len;
	uint8_t *old;
};

static struct {
	unsigned count[FILE_FAULT_CALLS];
	unsigned fail_from[FILE_FAULT_CALLS];
	unsigned fail_times[FILE_FAULT_CALLS];
	int number[FILE_FAULT_CALLS];
	bool is_recording;
	size_t records;
	struct record record[RECORDS_MAX];
} faults;

int file_open_direct(int dir, const char *name, enum file_mode mode,
    int *ret_fd, struct error *err);
int file_read_at(int fd, void *data, size_t len, uint64_t offset,
    size_t *ret_len, struct error *err);
int file_write_at(int fd, const void *data, size_t len, uint64_t offset,
    struct error *err);
int file_sync(int fd, struct error *err);
int file_sync_data(int fd, struct error *err);
int file_allocate(int fd, uint64_t len, struct error *err);
int file_rename(int from_dir, const char *from, int to_dir, const char *to,
    struct error *err);

static void
drop_record(struct record *record)
{
	close(record->fd);
	free(record->old);
}

void
file_fault_set(enum file_fault_call call, unsigned after, unsigned times,
    int number)
{
	faults.fail_from[call] = faults.count[call] + after;
	faults.fail_times[call] = times;
	faults.number[call] = number;
}

void
file_fault_clear(void)
{
	for (size_t i = 0; i < faults.records; i++)
		drop_record(&faults.record[i]);
	memset(&faults, 0, sizeof(faults));
}

unsigned
file_fault_count(enum file_fault_call call)
{
	return faults.count[call];
}

void
file_fault_record(void)
{
	faults.is_recording = true;
}

/* True, with errno set, if this call has to fail. */
static bool
fails(enum file_fault_call call)
{
	unsigned at = faults.count[call]++;

	if (faults.fail_times[call] == 0 || at < faults.fail_from[call])
		return false;
	faults.fail_times[call]--;
	errno = faults.number[call];
	return true;
}

static void
record_write(int fd, size_t len, uint64_t offset)
{
	struct record *record = &faults.record[faults.records];
	struct stat st;
	char path[64];

	if (!faults.is_recording)
		return;
	assert(faults.records < RECORDS_MAX);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	*record = (struct record){ .fd = open(path, O_RDWR | O_CLOEXEC),
		.offset = offset,
		.len = len,
		.old = calloc(1, len) };
	assert(record->fd >= 0 && record->old != NULL);
	assert(fstat(record->fd, &st) == 0);
	record->device = st.st_dev;
	record->inode = st.st_ino;
	assert(pread(record->fd, record->old, len, (off_t)offset) >= 0);
	faults.records++;
}

static void
forget_writes(int fd)
{
	struct stat st;
	size_t kept = 0;

	assert(fstat(fd, &st) == 0);
	for (size_t i = 0; i < faults.records; i++) {
		struct record *record = &faults.record[i];

		if (record->device == st.st_dev && record->inode == st.st_ino)
			drop_record(record);
		else
			faults.record[kept++] = *record;
	}
	faults.records = kept;
}

unsigned
file_fault_power_cut(uint64_t seed)
{
	unsigned count = (unsigned)faults.records;

	while (faults.records > 0) {
		struct record *record = &faults.record[--faults.records];

		for (size_t at = 0; at < record->len; at += SECTOR) {
			size_t len = record->len - at < SECTOR
			    ? record->len - at
			    : SECTOR;

			seed =
			    seed * 6364136223846793005U + 1442695040888963407U;
			if (seed >> 63 == 0)
				continue;
			assert(
			    pwrite(record->fd, record->old + at, len,
				(off_t)(record->offset + at)) == (ssize_t)len);
		}
		drop_record(record);
	}
	return count;
}

int
file_open_direct(int dir, const char *name, enum file_mode mode, int *ret_fd,
    struct error *err)
{
	if (fails(FILE_FAULT_DIRECT))
		return error_set(err, ERROR_DENIED, "no direct writes");
	return real_file_open_direct(dir, name, mode, ret_fd, err);
}

int
file_read_at(int fd, void *data, size_t len, uint64_t offset, size_t *ret_len,
    struct error *err)
{
	if (fails(FILE_FAULT_READ))
		return error_set_errno(err, "reading");
	return real_file_read_at(fd, data, len, offset, ret_len, err);
}

int
file_write_at(int fd, const void *data, size_t len, uint64_t offset,
    struct error *err)
{
	if (fails(FILE_FAULT_WRITE))
		return error_set_errno(err, "writing");
	record_write(fd, len, offset);
	return real_file_write_at(fd, data, len, offset, err);
}

int
file_sync(int fd, struct error *err)
{
	if (fails(FILE_FAULT_SYNC))
		return error_set_errno(err, "fsync");
	forget_writes(fd);
	return real_file_sync(fd, err);
}

int
file_sync_data(int fd, struct error *err)
{
	if (fails(FILE_FAULT_SYNC))
		return error_set_errno(err, "fdatasync");
	forget_writes(fd);
	return real_file_sync_data(fd, err);
}

int
file_allocate(int fd, uint64_t len, struct error *err)
{
	if (fails(FILE_FAULT_ALLOCATE))
		return error_set_errno(err, "reserving");
	return real_file_allocate(fd, len, err);
}

int
file_rename(int from_dir, const char *from, int to_dir, const char *to,
    struct error *err)
{
	if (fails(FILE_FAULT_RENAME))
		return error_set_errno(err, "renaming");
	return real_file_rename(from_dir, from, to_dir, to, err);
}
