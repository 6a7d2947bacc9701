/*
 * A ZIP of few stored entries in memory, written and read in one form only, so
 * that no two readers can see different parts.
 */
#ifndef EVIDENCE_EVIDENCE_ZIP_H
#define EVIDENCE_EVIDENCE_ZIP_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/bytes.h"

struct error;

enum {
	EVIDENCE_NAME_SIZE = 128,
	EVIDENCE_PARTS_MAX = 1024,
	EVIDENCE_BYTES_MAX = 32 * 1024 * 1024, /* of the whole file */
};

struct evidence_part {
	char name[EVIDENCE_NAME_SIZE];
	const uint8_t *data; /* borrowed */
	size_t len;
};

/* What was read.  Start it as `{ 0 }`. */
struct evidence_zip {
	struct evidence_part *parts;
	size_t count;
};

/* ERROR_MALFORMED (E3501). */
int evidence_zip_read(const void *data, size_t len,
    struct evidence_zip *ret_zip, struct error *err) MUST_CHECK;
void evidence_zip_free(struct evidence_zip *zip);

/* NULL if there is none. */
const struct evidence_part *evidence_zip_find(const struct evidence_zip *zip,
    const char *name);

/* Writing.  Start it as `{ 0 }`; the file is `out` once it was finished. */
struct evidence_zip_writer {
	struct bytes out;
	struct bytes directory;
	size_t count;
};

/* ERROR_DENIED (E3508) beyond the limits above. */
int evidence_zip_add(struct evidence_zip_writer *writer, const char *name,
    const void *data, size_t len, struct error *err) MUST_CHECK;
int evidence_zip_finish(struct evidence_zip_writer *writer,
    struct error *err) MUST_CHECK;
void evidence_zip_writer_free(struct evidence_zip_writer *writer);

#endif
