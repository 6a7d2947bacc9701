/*
 * The proof that a backup can be restored: it is put into a scratch folder,
 * opened as its host would open it, and everything in it is read and checked -
 * digests of files and payloads, the rows, every record of the log with its
 * checkpoint, every bulletin, waybill, act and receipt with its signatures
 * (R5.1.4 30; T-BAK-02).
 */
#ifndef CLI_BACKUP_DRILL_H
#define CLI_BACKUP_DRILL_H

#include <stdint.h>

#include "base/attr.h"
#include "cli/backup/backup_manifest.h"

struct backup_key;
struct error;

struct drill_terms {
	const char *backup;           /* the folder */
	const struct backup_key *key; /* when it is encrypted, else NULL */
	const char *scratch; /* an empty folder; the caller removes it */
	const char *root;    /* digest of the first root, 64 hex digits */
	int64_t now;
	/* What is wrong: with which file or thing, and how. */
	void (*tell)(void *ctx, const char *what, const char *why);
	void *ctx;
};

struct drill_counts {
	uint64_t files;
	uint64_t bytes;    /* of files */
	uint64_t payloads; /* read, with their digests */
	uint64_t bulletins;
	uint64_t documents; /* waybills of a center, letters of a gateway */
	uint64_t deliveries;
	uint64_t records;     /* of the log */
	uint64_t checkpoints; /* that fit */
	uint64_t receipts;    /* verified, with the acts in them */
	uint64_t findings;
};

/*
 * 0 also when there are findings; -1 when it could not be held.  Findings of
 * the files end it: what was damaged is not opened.
 */
int backup_drill(const struct drill_terms *terms,
    const struct backup_manifest *manifest, struct drill_counts *ret_counts,
    struct error *err) MUST_CHECK;

#endif
