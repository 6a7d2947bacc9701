/*
 * The first record of a log's own in a new epoch (docs/protocol.md 5): which
 * epoch it follows, how much of that was restored, and what was signed of it
 * before.
 */
#ifndef ENVELOPE_EPOCH_RECORD_H
#define ENVELOPE_EPOCH_RECORD_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "envelope/statement.h"
#include "model/digest.h"

struct bytes;
struct error;

enum {
	EPOCH_RECORD_MAX = 32768,
	EPOCH_NOTE_MAX = 8192,
	EPOCH_ORIGIN_SIZE = 256,
};

/* Start it as `{ 0 }`; release it with epoch_record_free(). */
struct epoch_record {
	char environment[STATEMENT_NAME_SIZE];
	char center[STATEMENT_NAME_SIZE];
	char origin[EPOCH_ORIGIN_SIZE];   /* of the new epoch */
	char previous[EPOCH_ORIGIN_SIZE]; /* of the one before */
	uint64_t records;                 /* restored, and so before this one */
	struct digest root;               /* over them */
	char *checkpoint;  /* the newest that was restored; "" for none */
	char *cosigned;    /* the newest cosigned that was; "" for none */
	int64_t backup_at; /* when the backup was made; 0: there was none */
	int64_t time_ms;
	struct statement_serials serials;
};

void epoch_record_free(struct epoch_record *record);

int epoch_record_encode(const struct epoch_record *record, struct bytes *to,
    struct error *err) MUST_CHECK;

/* ERROR_MALFORMED (E3112); also when the one does not follow the other. */
int epoch_record_decode(const void *json, size_t len,
    struct epoch_record *record, struct error *err) MUST_CHECK;

#endif
