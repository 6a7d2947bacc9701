/*
 * Looking into an attachment that lies in an open file, alone or as a part of
 * a package.
 */
#ifndef ROLE_READER_INSPECT_H
#define ROLE_READER_INSPECT_H

#include <stdint.h>

#include "base/attr.h"

struct archive_spent;
struct error;
struct findings;

/* `len` bytes of `fd` from `offset` on; as archive_inspect(). */
struct reader_part {
	int fd; /* not ours */
	uint64_t offset;
	uint64_t len;
	const char *name;
};

int reader_inspect_part(const struct reader_part *part, unsigned policy,
    struct archive_spent *spent, struct findings *findings,
    struct error *err) MUST_CHECK;

#endif
