/*
 * A file without a name for one writer and one reader: small ones in memory,
 * sealed before they are passed on, others in a directory.  Gone when the last
 * descriptor is closed.
 */
#ifndef SYS_SCRATCH_FILE_H
#define SYS_SCRATCH_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

struct error;

enum { SCRATCH_FILE_MEMORY_MAX = 1024 * 1024 };

/* Start it as scratch_file_none(); release it with scratch_file_close(). */
struct scratch_file {
	int write_fd; /* -1 once it is finished */
	int read_fd;  /* of one in memory: set when it is finished */
	uint64_t len;
};

struct scratch_file scratch_file_none(void);

/*
 * `len_max`: more will not come.  One that is longer than
 * SCRATCH_FILE_MEMORY_MAX lies in directory `dir`.
 */
int scratch_file_open(int dir, uint64_t len_max,
    struct scratch_file *ret_scratch, struct error *err) MUST_CHECK;
void scratch_file_close(struct scratch_file *scratch);

/* Append; ERROR_BUSY when the disk is full. */
int scratch_file_put(struct scratch_file *scratch, const void *data, size_t len,
    struct error *err) MUST_CHECK;

/* No more is written; `read_fd` can be passed on, and only reads. */
int scratch_file_finish(struct scratch_file *scratch,
    struct error *err) MUST_CHECK;

#endif
