/*
 * Is the log what was signed?  Recomputes it from its records, one after the
 * other in constant memory, and names every record, hash and checkpoint that
 * does not fit, where leaves_check() stops at the first (T-LOG-06).
 *
 * Whoever can write the database can make records, hashes and tiles agree
 * again, but cannot sign: each stored checkpoint must be that of the records.
 * What came after the newest checkpoint is under nobody's signature, and a
 * log that was put back as a whole is found only by a checkpoint that somebody
 * else kept: give it.
 */
#ifndef STORE_LEAVES_AUDIT_H
#define STORE_LEAVES_AUDIT_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "log/note.h"
#include "model/digest.h"

struct error;
struct rows;

enum leaves_fault {
	LEAVES_MISSING, /* records are not there */
	LEAVES_CHANGED, /* a record is not the one of its hash */
	LEAVES_HASHES, /* stored hashes of a tile are not those of the records */
	LEAVES_REWRITTEN, /* records and hashes agree, the checkpoint does not */
	LEAVES_SHORT,     /* a checkpoint knows more records than there are */
	LEAVES_UNSIGNED,  /* a checkpoint is malformed or not the log's */
	LEAVES_LOOSE,     /* records under no checkpoint */
	LEAVES_STRANGE,   /* a record says what no record of this log says */
	LEAVES_FAULT_COUNT
};

/* "changed". */
const char *leaves_fault_name(enum leaves_fault fault);

struct leaves_finding {
	enum leaves_fault fault;
	/* Records from here to there; of a checkpoint its size, twice. */
	uint64_t first, last;
	const char *why; /* borrowed during the call */
};

/* A key that signed the log at some time. */
struct leaves_log_key {
	char origin[NOTE_NAME_SIZE];
	uint8_t public_key[NOTE_PUBLIC_LEN];
};

struct leaves_audit_options {
	const struct leaves_log_key *keys;
	size_t key_count;
	/* Checkpoints that others kept, verified, in order of their sizes. */
	const struct note_checkpoint *kept;
	size_t kept_count;
	/* NULL, or what is wrong with a statement, else NULL. */
	const char *(*judge)(void *ctx, const void *statement, size_t len);
	void (*tell)(void *ctx, const struct leaves_finding *finding);
	void *ctx;
};

struct leaves_summary {
	uint64_t records;
	uint64_t attested; /* of them, under a good checkpoint */
	uint64_t checkpoints;
	uint64_t findings;
	struct digest root; /* over all records */
};

/*
 * Audit as of now, in one snapshot; the writer may go on meanwhile.  0 also when
 * there are findings; -1 when the database cannot be read.
 */
int leaves_audit(struct rows *rows, const struct leaves_audit_options *options,
    struct leaves_summary *ret_summary, struct error *err) MUST_CHECK;

#endif
