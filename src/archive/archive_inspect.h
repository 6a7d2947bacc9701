/*
 * Look inside attachments that are archives, or documents built like one,
 * before they leave and before anybody opens them: programs, names that lead
 * elsewhere, bombs, contradictions between the two lists of a ZIP, what cannot
 * be scanned, and macros.
 *
 * Reads bytes that anybody may have written: for a process that can do nothing
 * else.  Memory is bounded by archive_limits.h, whatever the attachment's
 * length; nothing is unpacked to a disk.
 */
#ifndef ARCHIVE_ARCHIVE_INSPECT_H
#define ARCHIVE_ARCHIVE_INSPECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "document/file_type.h"

struct error;
struct findings;

/* What an operator lets through, or does not; bits. */
enum archive_policy {
	ARCHIVE_ALLOW_ENCRYPTED = 1, /* E2188 warns instead of E2187 */
	ARCHIVE_ALLOW_UNSCANNED = 2, /* E2192 warns instead of E2191 */
	ARCHIVE_REFUSE_MACROS = 4,   /* E2190 instead of the warning E2189 */
};

/* Read up to `size` bytes at `offset`; fewer only at the end. */
typedef int (*archive_read_fn)(void *ctx, uint64_t offset, void *to,
    size_t size, size_t *ret_len, struct error *err);

struct archive_source {
	archive_read_fn read_at;
	void *ctx;
	uint64_t len;
};

/*
 * Before the sandbox, once: what reading names needs of the system.  Names
 * that are no ASCII are unsafe where it has not been called.
 */
void archive_prepare(void);

/* Whether a file of that content and name is to be looked into. */
bool archive_is_inspected(enum file_type type, const char *name);

/* What the attachments of one letter took so far; start it as `{ 0 }`. */
struct archive_spent {
	uint64_t bytes; /* unpacked */
	uint64_t files;
};

/*
 * Look into the attachment `name`.  Findings E2180 to E2193 are about it, with
 * the way to the inner file as argument ("inner.zip > folder/run.exe").  Adds
 * to `spent`.  Fails only if the source fails or memory ran out.
 */
int archive_inspect(const struct archive_source *source, const char *name,
    unsigned policy, struct archive_spent *spent, struct findings *findings,
    struct error *err) MUST_CHECK;

#endif
