#define _GNU_SOURCE
#include "sys/scratch_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/error.h"
#include "sys/file.h"

static const char name[] = "scratch.tmp";

struct scratch_file
scratch_file_none(void)
{
	return (struct scratch_file){ -1, -1, 0 };
}

void
scratch_file_close(struct scratch_file *scratch)
{
	if (scratch->write_fd >= 0)
		close(scratch->write_fd);
	if (scratch->read_fd >= 0)
		close(scratch->read_fd);
	*scratch = scratch_file_none();
}

/*
 * Opened for reading while it still has its name, since what has none cannot
 * be opened again without /proc, which the sandbox hides.
 */
static int
open_on_disk(int dir, struct scratch_file *scratch, struct error *err)
{
	scratch->write_fd = openat(dir, name,
	    O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (scratch->write_fd < 0)
		return error_set_errno(err, "creating %s", name);
	scratch->read_fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (scratch->read_fd < 0)
		error_set_errno(err, "opening %s", name);
	if (unlinkat(dir, name, 0) < 0)
		error_set_errno(err, "removing the name %s", name);
	else if (scratch->read_fd >= 0)
		return 0;
	return -1;
}

int
scratch_file_open(int dir, uint64_t len_max, struct scratch_file *ret_scratch,
    struct error *err)
{
	struct scratch_file scratch = scratch_file_none();

	if (len_max > SCRATCH_FILE_MEMORY_MAX) {
		if (open_on_disk(dir, &scratch, err) < 0) {
			scratch_file_close(&scratch);
			return -1;
		}
		*ret_scratch = scratch;
		return 0;
	}
	scratch.write_fd =
	    memfd_create("scratch", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (scratch.write_fd < 0)
		return error_set_errno(err, "creating a memory file");
	*ret_scratch = scratch;
	return 0;
}

int
scratch_file_put(struct scratch_file *scratch, const void *data, size_t len,
    struct error *err)
{
	if (file_write_at(scratch->write_fd, data, len, scratch->len, err) < 0)
		return -1;
	scratch->len += len;
	return 0;
}

int
scratch_file_finish(struct scratch_file *scratch, struct error *err)
{
	if (scratch->read_fd >= 0) {
		close(scratch->write_fd);
	} else {
		if (fcntl(scratch->write_fd, F_ADD_SEALS,
			F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE |
			    F_SEAL_SEAL) < 0)
			return error_set_errno(err, "sealing a memory file");
		scratch->read_fd = scratch->write_fd;
	}
	scratch->write_fd = -1;
	return 0;
}
