/*
 * Bundles: waybills, receipts, leaves, key parts and content one behind the
 * other (docs/protocol.md 7).  Written and read in one pass, in pieces of any
 * size and constant memory; a reader knows beforehand which records may follow
 * which.
 */
#ifndef ENVELOPE_BUNDLE_H
#define ENVELOPE_BUNDLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "crypto/merkle.h"

struct bytes;
struct error;

enum {
	BUNDLE_MAGIC_LEN = 8,
	BUNDLE_RECORD_HEAD_LEN = 9,
	BUNDLE_RECORD_MAX = 262144,    /* but for content, files, bulletins */
	BUNDLE_RECORDS_MAX = 16777216, /* of all such together */
	BUNDLE_RECIPIENTS_MAX = 5000,
};

enum bundle_type {
	BUNDLE_SUBMISSION,
	BUNDLE_RELAY,
	BUNDLE_DELIVERY,
	BUNDLE_RECEIPTS,
	BUNDLE_BULLETINS,
	BUNDLE_FILES,
	BUNDLE_MOVE,
	BUNDLE_TYPE_COUNT
};

enum bundle_kind {
	BUNDLE_WAYBILL = 'W',
	BUNDLE_RECEIPT = 'R',
	BUNDLE_LEAF = 'L',
	BUNDLE_KEY_PART = 'K',
	BUNDLE_PATH = 'P',
	BUNDLE_MOVED = 'M',
	BUNDLE_ACT = 'A',
	BUNDLE_BULLETIN = 'B',
	BUNDLE_NAME = 'N',
	BUNDLE_FILE = 'F',
	BUNDLE_CONTENT = 'C',
	BUNDLE_COSIGN = 'V', /* a request to cosign; of management alone */
};

/* Writing: the magic, then records; of long ones the head, then the bytes. */
void bundle_put_magic(struct bytes *to);
void bundle_put_head(struct bytes *to, enum bundle_kind kind, uint64_t len);
void bundle_put(struct bytes *to, enum bundle_kind kind, const void *data,
    size_t len);

/* A record of kind P, and its parts. */
void bundle_put_path(struct bytes *to, uint32_t index,
    const struct digest *path, size_t count);
int bundle_parse_path(const void *data, size_t len, uint32_t *ret_index,
    struct digest path[MERKLE_PATH_MAX], size_t *ret_count,
    struct error *err) MUST_CHECK;

/*
 * What a reader does with records.  `begin` tells kind and length, `data` comes
 * as often as needed (never with nothing), `end` closes the record.  Each can
 * refuse with -1, which ends the reading.
 */
struct bundle_handler {
	int (*begin)(void *context, enum bundle_kind kind, uint64_t len,
	    struct error *err);
	int (*data)(void *context, const uint8_t *data, size_t len,
	    struct error *err);
	int (*end)(void *context, struct error *err);
};

/* Start it with bundle_reader_of(); it owns nothing. */
struct bundle_reader {
	enum bundle_type type;
	const struct bundle_handler *handler; /* not ours */
	void *context;                        /* not ours */
	uint64_t content_max; /* of one content part, file or bulletin */
	uint8_t head[BUNDLE_RECORD_HEAD_LEN];
	size_t head_len;
	bool in_record;
	bool has_magic;
	bool failed;
	uint8_t kind;       /* of the record at hand or the last one; 0: none */
	uint64_t left;      /* of the record at hand */
	uint64_t small_len; /* of all records but content, files, bulletins */
	size_t recipients;
};

struct bundle_reader bundle_reader_of(enum bundle_type type,
    uint64_t content_max, const struct bundle_handler *handler, void *context);

/*
 * More bytes; then the end.  Fails with ERROR_MALFORMED (E3105) for what is no
 * bundle of the type, ERROR_DENIED (E3106) for one beyond the limits, or as
 * the handler did; every call after that fails too.
 */
int bundle_reader_push(struct bundle_reader *reader, const void *data,
    size_t len, struct error *err) MUST_CHECK;
int bundle_reader_finish(struct bundle_reader *reader,
    struct error *err) MUST_CHECK;

#endif
