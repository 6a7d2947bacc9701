#define _GNU_SOURCE
#include "sys/memory_file.h"

#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

int
memory_file_map(int fd, size_t max, struct memory_file *ret_file,
    struct error *err)
{
	const int needed = F_SEAL_SHRINK | F_SEAL_WRITE;
	int seals = fcntl(fd, F_GET_SEALS);
	struct stat st;
	void *data = MAP_FAILED;
	int rc = -1;

	if (seals < 0 || (seals & needed) != needed || fstat(fd, &st) < 0) {
		error_set(err, ERROR_MALFORMED,
		    "descriptor is not a sealed memory file");
		goto done;
	}
	if (st.st_size <= 0 || (uint64_t)st.st_size > max) {
		error_set(err, ERROR_MALFORMED, "memory file of %lld bytes",
		    (long long)st.st_size);
		goto done;
	}
	data = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (data == MAP_FAILED) {
		error_set_errno(err, "mapping a memory file");
		goto done;
	}
	ret_file->data = data;
	ret_file->len = (size_t)st.st_size;
	rc = 0;
done:
	if (fd >= 0)
		close(fd);
	return rc;
}

void
memory_file_unmap(struct memory_file *file)
{
	if (file->data != NULL)
		munmap((void *)(uintptr_t)file->data, file->len);
	*file = (struct memory_file){ 0 };
}
