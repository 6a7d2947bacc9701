/*
 * A sealed memory file that another role made (process_seal()), mapped to be
 * read.  What is mapped can neither change nor shrink under its reader.
 */
#ifndef SYS_MEMORY_FILE_H
#define SYS_MEMORY_FILE_H

#include <stddef.h>

#include "base/attr.h"

struct error;

struct memory_file {
	const void *data; /* page-aligned */
	size_t len;
};

/*
 * Map `fd`, which is closed, also on failure.  Fails with ERROR_MALFORMED when
 * it is empty, longer than `max`, or not sealed.
 */
int memory_file_map(int fd, size_t max, struct memory_file *ret_file,
    struct error *err) MUST_CHECK;

/* Also for one that was never mapped, `{ 0 }`. */
void memory_file_unmap(struct memory_file *file);

#endif
